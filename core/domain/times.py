"""Exchange times: RFC 3339 text to integer nanoseconds UTC and back.

Kraken prints microseconds mostly, nanoseconds in ``level3`` and ``ohlc``, and one documented example has seven
digits and no ``Z``; ``datetime`` would refuse or truncate those, so the digits are read by hand.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

NS = 1_000_000_000
DAY_NS = 24 * 3600 * NS


@lru_cache(maxsize=4096)
def _minute_ns(text: str) -> int:
    # The prefix up to the minute repeats for thousands of messages; the date arithmetic is paid once.
    moment = datetime.strptime(text, "%Y-%m-%dT%H:%M").replace(tzinfo=UTC)
    return int(moment.timestamp()) * NS


def parse_ns(text: str) -> int:
    """Return nanoseconds UTC of an RFC 3339 time such as ``2026-01-05T10:33:05.709993Z``.

    Up to nine fraction digits; a missing ``Z`` means UTC. Raises ValueError on anything else.
    """
    if len(text) < 19 or text[16] != ":":
        raise ValueError(f"not a time: {text[:40]!r}")
    seconds, fraction = text[17:19], text[19:].removesuffix("Z").removesuffix("+00:00")
    if not (seconds.isdecimal() and seconds.isascii()) or int(seconds) > 60:
        raise ValueError(f"not a time: {text[:40]!r}")
    whole = _minute_ns(text[:16]) + int(seconds) * NS
    if not fraction:
        return whole
    digits = fraction[1:]
    if fraction[0] != "." or not digits.isdecimal() or not digits.isascii() or len(digits) > 9:
        raise ValueError(f"not a time: {text[:40]!r}")
    return whole + int(digits.ljust(9, "0"))


def format_ns(ns: int, digits: int = 6) -> str:
    """Return RFC 3339 text with ``Z`` and the given number of fraction digits (0 to 9), cut, not rounded."""
    seconds, rest = divmod(ns, NS)
    text = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{rest:09d}"[: 20 + digits] + "Z" if digits else text + "Z"
