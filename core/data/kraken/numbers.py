"""Numbers on the wire: which ones are believed, and how ours are written.

A ``Decimal`` from outside may hold 5,000 digits or an exponent of a million; formatting or converting such a value
takes seconds to minutes. So every number is vetted once, here, before anybody computes with it (faults, I14).
"""

from __future__ import annotations

import decimal
from decimal import Decimal

import msgspec

MAX_DIGITS = 40
MAX_EXPONENT = 30
MAX_ID = 2**63 - 1
"""Largest id stored (the journal keeps 64-bit integers)."""

# Rounding into this context must change nothing; each trap names one way in which it would.
_context = decimal.Context(
    prec=MAX_DIGITS,
    Emin=-MAX_EXPONENT,
    Emax=MAX_EXPONENT,
    traps=[
        decimal.Inexact,
        decimal.Overflow,
        decimal.Underflow,
        decimal.Subnormal,
        decimal.Clamped,
        decimal.InvalidOperation,
    ],
)
_fits = _context.plus
_ZERO, _INFINITY = Decimal(0), Decimal("Infinity")


def vet_signed(*values: Decimal | None) -> None:
    """Accept finite numbers of at most 40 digits, exponent within ±30. Raises ArithmeticError or ValueError else."""
    for value in values:
        if value is not None and not _fits(value).is_finite():
            raise ValueError("not a finite number")


def vet(*values: Decimal) -> None:
    """Accept the same numbers if none is negative. Raises ArithmeticError or ValueError else."""
    for value in values:
        if not _ZERO <= _fits(value) < _INFINITY:
            raise ValueError("negative or not a finite number")


def vet_given(*values: Decimal | None) -> None:
    """``vet`` for values that may be absent."""
    vet(*[value for value in values if value is not None])


def vet_id(value: int) -> None:
    """Accept an id or a count that fits 63 bits. Raises ValueError else."""
    if not 0 <= value <= MAX_ID:
        raise ValueError(f"id out of range: {value.bit_length()} bits")


def plain(value: Decimal) -> str:
    """Return plain notation without exponent, as REST wants it. Raises ValueError outside the limits above."""
    try:
        vet_signed(value)
    except (ArithmeticError, ValueError) as error:
        raise ValueError(f"not a number for the exchange: {value!s:.60}") from error
    return format(value, "f")


def number(value: Decimal) -> msgspec.Raw:
    """Return a JSON number that always has a decimal point: Kraken refuses text, and some fields refuse integers."""
    text = plain(value)
    return msgspec.Raw((text if "." in text else text + ".0").encode())
