"""Numbers and times as people read them. ``Decimal`` to text without a float in between.

Texts from outside go through ``plain`` before they are drawn anywhere.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Context, Decimal
from functools import lru_cache

MISSING = "–"
MAX_TEXT = 500
NS_PER_S = 1_000_000_000

# The codec lets 40 digits and exponents to ±30 through; the default 28 digits would raise on such a number.
_WIDE = Context(prec=120)
_STEPS = tuple(Decimal(1).scaleb(-digits) for digits in range(31))
_LETTERS = (
    (12, "T", Decimal("0.9995")),
    (9, "B", Decimal("0.9995")),
    (6, "M", Decimal("0.9995")),
    (3, "K", Decimal("0.999995")),
)
"""Power of ten, its letter, and the share of it from which the next smaller unit would round to a thousand."""

_TWO_DIGITS = Decimal("99.995")

_BIDI = {chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C)}


def fixed(value: Decimal | None, digits: int, *, sign: bool = False, group: bool = True) -> str:
    """Return ``value`` with exactly ``digits`` decimals (0 to 30), with commas every three; a dash for ``None``.

    A value that rounds to nothing loses its minus; ``sign`` writes a plus before what is above zero.
    """
    if value is None:
        return MISSING
    rounded = value.quantize(_STEPS[digits], rounding=ROUND_HALF_EVEN, context=_WIDE)
    if not rounded:
        rounded = abs(rounded)
    text = f"{rounded:,f}" if group else f"{rounded:f}"
    return f"+{text}" if sign and rounded > 0 else text


def qty(value: Decimal | None, digits: int) -> str:
    """Return a quantity at most ``digits`` decimals long, never rounded up, without trailing zeros."""
    if value is None:
        return MISSING
    cut = value.quantize(_STEPS[digits], rounding=ROUND_DOWN, context=_WIDE)
    text = f"{cut if cut else abs(cut):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def column(values: Sequence[Decimal | None], digits: int) -> list[str]:
    """Return amounts of one unit as ``qty`` does, all with the decimals of the longest: to stand below each other."""
    texts = [qty(value, digits) for value in values]
    most = max((len(text.partition(".")[2]) for text in texts), default=0)
    return [_padded(text, most) if text != MISSING else text for text in texts]


def _padded(text: str, decimals: int) -> str:
    whole, _, rest = text.partition(".")
    return f"{whole}.{rest:0<{decimals}}" if decimals else whole


def compact(value: Decimal | None) -> str:
    """Return a size in three to four significant digits with K, M, B or T: for volumes, not for orders."""
    if value is None:
        return MISSING
    for power, letter, share in _LETTERS:
        scaled = value.scaleb(-power, context=_WIDE)
        if abs(scaled) >= share:
            return f"{fixed(scaled, 2 if abs(scaled) < _TWO_DIGITS else 0)}{letter}"
    return fixed(value, 2 if abs(value) >= 1 or not value else 4)


def percent(value: Decimal | None) -> str:
    """Return a percentage with its sign and two decimals."""
    return MISSING if value is None else fixed(value, 2, sign=True) + "%"


def bps(value: Decimal | None) -> str:
    """Return hundredths of a percent: one decimal, two below one."""
    return MISSING if value is None else fixed(value, 1 if abs(value) >= 1 else 2)


def clock_time(ns: int, *, millis: bool = False) -> str:
    """Return local time of day of a moment in ns UTC, cut to the second or millisecond."""
    if not ns:
        return MISSING
    second, rest = divmod(ns, NS_PER_S)
    text = _time_of_day(second)
    return f"{text}.{rest // 1_000_000:03d}" if millis else text


@lru_cache(maxsize=4096)
def _time_of_day(second: int) -> str:
    # Tables ask for the same moments at every paint.
    return _local(second).strftime("%H:%M:%S")


def _local(second: int) -> datetime:
    utc = datetime.fromtimestamp(second, UTC)
    try:
        return utc.astimezone()
    except OverflowError:
        return utc  # the first and the last day of the calendar lie beyond it in some zones


def moment(ns: int) -> str:
    """Return local date and time of a moment in ns UTC: for tooltips."""
    if not ns:
        return MISSING
    local = _local(ns // NS_PER_S)
    return f"{local:%Y-%m-%d %H:%M:%S}.{ns % NS_PER_S // 1_000_000:03d} {local:%Z}"


def duration(ns: int) -> str:
    """Return a span in its two largest useful units: ``320 ms``, ``4.1 s``, ``3m 05s``, ``2h 10m``."""
    if ns < NS_PER_S:
        return f"{max(0, ns) // 1_000_000} ms"
    seconds, rest = divmod(ns, NS_PER_S)
    if seconds < 10:
        return f"{seconds}.{rest // 100_000_000} s"
    if seconds < 60:
        return f"{seconds} s"
    minutes, seconds = divmod(seconds, 60)
    if minutes < 60:
        return f"{minutes}m {seconds:02d}s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h {minutes:02d}m"


def millis(ns: float) -> str:
    """Return a latency in milliseconds: two significant digits are enough to judge by."""
    value = ns / 1_000_000
    return f"{value:.0f} ms" if value >= 10 else f"{value:.1f} ms"


def age(ns: int) -> str:
    """Return how long ago, shorter than ``duration``: ``now``, ``4s``, ``3m``, ``2h``."""
    seconds = ns // NS_PER_S
    if seconds < 1:
        return "now"
    if seconds < 60:
        return f"{seconds}s"
    return f"{seconds // 60}m" if seconds < 3600 else f"{seconds // 3600}h"


def plain(text: str) -> str:
    """Return outside text as one harmless line: no control or bidi characters, at most 500 characters."""
    if len(text) <= MAX_TEXT and text.isascii() and text.isprintable():
        return text
    kept = (
        " " if char in "\r\n\t\u2028\u2029" else char
        for char in text[: 4 * MAX_TEXT]
        if char in "\r\n\t\u2028\u2029" or (char not in _BIDI and unicodedata.category(char)[0] != "C")
    )
    return "".join(kept)[:MAX_TEXT]
