"""Numbers and times as people read them. ``Decimal`` to text without a float in between.

Texts from outside go through ``plain`` before they are drawn anywhere.
"""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal

MISSING = "–"
MAX_TEXT = 500
NS_PER_S = 1_000_000_000

_BIDI = {chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C)}


def fixed(value: Decimal | None, digits: int, *, sign: bool = False) -> str:
    """Return ``value`` with exactly ``digits`` decimals and thousands commas; a dash when there is none."""
    if value is None:
        return MISSING
    rounded = value.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_EVEN)
    return f"{rounded:+,f}" if sign else f"{rounded:,f}"


def qty(value: Decimal | None, digits: int) -> str:
    """Return a quantity at most ``digits`` decimals long, never rounded up, without trailing zeros."""
    if value is None:
        return MISSING
    text = f"{value.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_DOWN):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def compact(value: Decimal | None) -> str:
    """Return a size in three to four significant digits with K, M or B: for volumes, not for orders."""
    if value is None:
        return MISSING
    size = abs(value)
    for limit, letter in ((10**9, "B"), (10**6, "M"), (10**3, "K")):
        if size >= limit:
            return f"{value / limit:.2f}{letter}" if size < 100 * limit else f"{value / limit:.0f}{letter}"
    return f"{value:.2f}" if size >= 1 else f"{value:.4f}"


def percent(value: Decimal | None) -> str:
    """Return a percentage with its sign and two decimals."""
    return MISSING if value is None else f"{value:+.2f}%"


def bps(value: Decimal | None) -> str:
    """Return hundredths of a percent with one decimal."""
    return MISSING if value is None else f"{value:.1f}"


def clock_time(ns: int, *, millis: bool = False) -> str:
    """Return local time of day of a moment in ns UTC."""
    if not ns:
        return MISSING
    moment = datetime.fromtimestamp(ns // NS_PER_S, UTC).astimezone()
    text = moment.strftime("%H:%M:%S")
    return f"{text}.{ns % NS_PER_S // 1_000_000:03d}" if millis else text


def duration(ns: int) -> str:
    """Return a span in its two largest useful units: ``320 ms``, ``4.1 s``, ``3m 05s``, ``2h 10m``."""
    if ns < NS_PER_S:
        return f"{max(0, ns) // 1_000_000} ms"
    seconds = ns / NS_PER_S
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, seconds_left = divmod(int(seconds), 60)
    if minutes < 60:
        return f"{minutes}m {seconds_left:02d}s"
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
    kept = (
        " " if char in "\r\n\t" else char
        for char in text[: 4 * MAX_TEXT]
        if char in "\r\n\t" or (char not in _BIDI and unicodedata.category(char)[0] != "C")
    )
    return "".join(kept)[:MAX_TEXT]
