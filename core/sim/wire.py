"""How Kraken writes: JSON text, numbers with the pair's decimals, checksums, time stamps.

Numbers are composed as text from ``Decimal``; a binary float is never the source of a digit that counts.
Sources: Kraken "Book checksum (WebSocket v2)", channel pages of WebSocket v2.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache

import msgspec

NS_PER_S = 1_000_000_000
CHECKSUM_LEVELS = 10
# Nothing on this exchange has more digits before or after the point; "1e999999" would print a megabyte.
MAX_MAGNITUDE = 30
MAX_NUMBER_CHARS = 64
MAX_DEPTH = 8

_NANOS = re.compile(r"^(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:[Zz]|\+00:00)$")
_encoder = msgspec.json.Encoder()


class Malformed(Exception):
    """Text that is not one JSON document we are ready to read."""


def encode(value: object) -> str:
    """Return compact JSON. Numbers made by `fixed`, `exact` and `short` appear digit by digit as they are."""
    return _encoder.encode(value).decode()


def fixed(value: Decimal, decimals: int) -> msgspec.Raw:
    """Return a bare JSON number with exactly so many decimals, trailing zeros included."""
    return msgspec.Raw(f"{value:.{decimals}f}".encode())


def exact(value: Decimal, at_least: int) -> msgspec.Raw:
    """Return a bare JSON number with all its digits and not fewer than so many decimals."""
    return msgspec.Raw(exact_text(value, at_least).encode())


def exact_text(value: Decimal, at_least: int) -> str:
    """Return all digits of an amount, zeros appended up to so many decimals; never rounds."""
    exponent = value.normalize().as_tuple().exponent
    assert isinstance(exponent, int), "amounts are finite"
    return f"{value:.{max(at_least, -exponent)}f}"


def short(value: Decimal) -> msgspec.Raw:
    """Return a number as the ``instrument`` channel prints it: shortest form, ``1e-08``, ``4.0``."""
    return msgspec.Raw(repr(float(value)).encode())


def decode(text: str | bytes) -> object:
    """Parse JSON with exact decimals. Raises Malformed for anything broken, too deep or not finite."""
    try:
        value = json.loads(text, parse_float=_number, parse_int=_integer, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise Malformed(str(error)) from error
    _check_depth(value, MAX_DEPTH)
    _check_text(text, value)
    return value


def _check_text(text: str | bytes, value: object) -> None:
    """Half a surrogate pair is legal JSON but no text that could be sent back."""
    escape = "\\ud" if isinstance(text, str) else b"\\ud"
    if escape not in text.lower():  # type: ignore[operator]  # both are of the same kind
        return
    try:
        json.dumps(value, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError as error:
        raise Malformed("text is not Unicode") from error


def _number(text: str) -> Decimal:
    if len(text) > MAX_NUMBER_CHARS:
        raise Malformed("number too long")
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise Malformed("number out of range") from error
    if not value.is_finite() or abs(value.adjusted()) > MAX_MAGNITUDE:
        raise Malformed("number out of range")
    return value


def _integer(text: str) -> int:
    if len(text) > MAX_NUMBER_CHARS:
        raise Malformed("number too long")
    return int(text)


def _refuse(text: str) -> object:
    raise Malformed(f"{text} is not a number")


def _check_depth(value: object, left: int) -> None:
    inner: Iterable[object] = ()
    if isinstance(value, dict):
        inner = value.values()
    elif isinstance(value, list):
        inner = value
    if left == 0 and inner:
        raise Malformed("nested too deeply")
    for item in inner:
        if isinstance(item, (dict, list)):
            _check_depth(item, left - 1)


def stripped(text: str) -> str:
    """Return a number's text without point and leading zeros, the form the checksum is made of."""
    return text.replace(".", "").lstrip("0")


def checksum(asks: Iterable[str], bids: Iterable[str]) -> int:
    """Return the CRC-32 over stripped ``price + qty`` pieces, asks first, best first, at most ten levels each.

    For level 3 a piece holds all orders of one price in queue order.
    """
    return zlib.crc32(("".join(asks) + "".join(bids)).encode())


def rfc3339_us(ns: int) -> str:
    """Return wall nanoseconds as RFC 3339 UTC with microseconds."""
    return f"{_second(ns // NS_PER_S)}.{ns % NS_PER_S // 1000:06d}Z"


def rfc3339_ns(ns: int) -> str:
    """Return wall nanoseconds as RFC 3339 UTC with nanoseconds (``level3``, ``ohlc``)."""
    return f"{_second(ns // NS_PER_S)}.{ns % NS_PER_S:09d}Z"


def rfc3339_s(ns: int) -> str:
    """Return wall nanoseconds as RFC 3339 UTC with whole seconds."""
    return f"{_second(ns // NS_PER_S)}Z"


@lru_cache(maxsize=1024)
def _second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def parse_rfc3339(text: str) -> int:
    """Return wall nanoseconds of an RFC 3339 UTC time with up to nine fraction digits. ValueError if it is none."""
    match = _NANOS.match(text)
    if match is None:
        raise ValueError(f"not an RFC 3339 time in UTC: {text!r}")
    seconds = int(datetime.fromisoformat(match[1] + "+00:00").timestamp())
    return seconds * NS_PER_S + int((match[2] or "0").ljust(9, "0"))


def unix_text(ns: int, decimals: int = 4) -> msgspec.Raw:
    """Return wall nanoseconds as REST's seconds, a bare number with a fraction."""
    return fixed(Decimal(ns) / NS_PER_S, decimals)
