"""What an entry of the event log is about, and how bad it is: told from its source and words.

Entries are kept and recorded as source and text alone, so that an old recording can be filtered like the present.
"""

from __future__ import annotations

import re
from enum import IntEnum, StrEnum

from core.processing.health_store import HealthEvent

LINE = " line"
OWN_ORDER = "own order"
"""Source of the entries that stand for orders of ours."""


class EventKind(StrEnum):
    """Groups of sources."""

    LINES = "lines"
    CHANNELS = "channels"
    ORDERS = "orders"
    ACCOUNT = "account"
    PROGRAM = "program"


class Grade(IntEnum):
    """How bad it is. ``ERROR``: something does not work now."""

    INFO = 0
    WARNING = 1
    ERROR = 2


ORDERS = frozenset({OWN_ORDER, "risk", "strategy", "bracket", "flatten", "dead-man", "price alert"})
ACCOUNT = frozenset({"balances", "profit", "key", "reconciliation", "import"})

ERRORS = re.compile(
    r"^backoff\b|\bcannot\b|\bfailed\b|\blost\b|^kill switch:|checksum|\bout of sync\b|\bmaintenance\b|^unknown\b",
    re.IGNORECASE,
)
WARNINGS = re.compile(
    r"^stale\b|^closed\b|^rejected\b|\bdenied\b|\brefused\b|\bcould not\b|\bnot confirmed\b|\basked anew\b"
    r"|\bdiffer|\bset aside\b|\bunknown\b|\bno room\b|\bheld the loop\b|\bdaily loss\b|\brate budget\b|\bleft out\b"
    r"|\bcancel_only\b|\bpost_only\b|\blimit_only\b|\bmoved while\b|\bnever\b",
    re.IGNORECASE,
)


def kind_of(event: HealthEvent) -> EventKind:
    """Return what an entry is about."""
    if event.source.endswith(LINE):
        return EventKind.LINES
    if "/" in event.source:
        return EventKind.CHANNELS
    if event.source in ORDERS:
        return EventKind.ORDERS
    return EventKind.ACCOUNT if event.source in ACCOUNT else EventKind.PROGRAM


def grade_of(event: HealthEvent) -> Grade:
    """Return how bad an entry is."""
    if ERRORS.search(event.text):
        return Grade.ERROR
    return Grade.WARNING if WARNINGS.search(event.text) else Grade.INFO
