"""What is worth an alert: each rule says when, how urgent, and what the user should do about it."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum

import msgspec

from core.domain.health import BookState, ConnectionState, Line
from core.domain.orders import OrderStatus
from core.processing.health_store import HealthLevel
from core.processing.stores import Stores

CLOCK_WARN_NS = 500_000_000
DOUBT_NAMED = 3

Check = Callable[[Stores], str]
"""Returns what is wrong in words, empty when nothing is."""


class Severity(IntEnum):
    """How urgent: its sound, and whether it stays on the screen."""

    NOTICE = 0
    WARNING = 1
    ALARM = 2

    @property
    def word(self) -> str:
        """Its name for the screen, and of its sound."""
        return self.name.lower()


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One condition. It must hold for ``hold_s`` to be told, and be gone for ``clear_s`` to be over.

    Not told again within ``cooldown_s``. Still true after ``escalate_s``, it is told once more, one step more urgent.
    """

    key: str
    title: str
    action: str
    severity: Severity
    check: Check
    hold_s: float = 1.0
    clear_s: float = 3.0
    cooldown_s: float = 30.0
    escalate_s: float | None = None


def _blind(stores: Stores) -> str:
    shown = stores.health.shown
    return shown.cause if shown.level is HealthLevel.BLIND and shown.cause != "starting" else ""


def _account_lost(stores: Stores) -> str:
    health = stores.health
    account = health.account()
    if not health.has_account or account is None or account.state is ConnectionState.LIVE:
        return ""
    return f"account line {account.state.value} {account.reason}".strip()


def _line_lost(stores: Stores) -> str:
    """Lines that are down while the other one of their side goes on; a side lost as a whole has a rule of its own."""
    lines = [status for status in stores.health.lines().values() if status.line is not Line.LEVEL3]
    carried = {status.line.is_private for status in lines if status.state is ConnectionState.LIVE}
    down = [
        status.line.value
        for status in lines
        if status.state in (ConnectionState.BACKOFF, ConnectionState.STALE)
        and status.line.is_private in carried
    ]
    return f"{', '.join(down)} down" if down else ""


def _in_doubt(stores: Stores) -> str:
    orders = [order for order in stores.orders.open() if order.status is OrderStatus.IN_DOUBT]
    names = [f"{order.side.value} {order.symbol}" for order in orders[:DOUBT_NAMED]]
    more = f" and {len(orders) - DOUBT_NAMED} more" if len(orders) > DOUBT_NAMED else ""
    return ", ".join(names) + more


def _book_lost(stores: Stores) -> str:
    market = stores.health.market()
    if market is None or market.state is not ConnectionState.LIVE:
        return ""  # told by another rule
    doubtful = []
    for symbol in stores.books.symbols():
        view, row = stores.books.view(symbol), stores.channels.get("book", symbol)
        # One that still waits for its first snapshot is not lost.
        lost = view is not None and view.state is BookState.OUT_OF_SYNC
        if lost or (row is not None and row.is_doubtful):
            doubtful.append(str(symbol))
    return ", ".join(doubtful[:5])


def _mode(stores: Stores) -> str:
    system = stores.health.system
    return "" if system in ("online", "unknown") else f"the exchange is in {system} mode"


def _clock(stores: Stores) -> str:
    offset = stores.performance.clock_offset_ns
    if offset is None or abs(offset) <= CLOCK_WARN_NS:
        return ""
    return f"this clock is {-offset / 1e9:+.1f} s off the exchange's"


def _journal(stores: Stores) -> str:
    return stores.health.journal_failure


def _recording(stores: Stores) -> str:
    return stores.health.recording_failure


def _order_alarm(stores: Stores) -> str:
    return stores.health.alarms[0].text if stores.health.alarms else ""


def _rest(stores: Stores) -> str:
    return "REST does not answer" if stores.health.rest == "down" else ""


RULES = (
    Rule(
        key="order-alarm",
        title="Order alarm",
        action="Look at the orders named in the red bar, cancel what should not be.",
        severity=Severity.ALARM,
        check=_order_alarm,
        hold_s=0,
        cooldown_s=0,
    ),
    Rule(
        key="blind",
        title="Market data lost",
        action="Do not trade on this screen. Cancels work.",
        severity=Severity.ALARM,
        check=_blind,
        escalate_s=30,
    ),
    Rule(
        key="account",
        title="Account line lost",
        action="New orders wait. Cancels go by REST.",
        severity=Severity.WARNING,
        check=_account_lost,
        escalate_s=30,
    ),
    Rule(
        key="doubt",
        title="Order in doubt",
        action="Wait. Do not send it again.",
        severity=Severity.WARNING,
        check=_in_doubt,
        hold_s=2,
        escalate_s=60,
    ),
    Rule(
        key="journal",
        title="Journal unavailable",
        action="Free disk space. No new orders until it can be written; cancels work.",
        severity=Severity.ALARM,
        check=_journal,
        hold_s=0,
    ),
    Rule(
        key="mode",
        title="Exchange mode",
        action="Cancel what must not rest; new orders are limited.",
        severity=Severity.WARNING,
        check=_mode,
        hold_s=0,
    ),
    Rule(
        key="book",
        title="Book not to be trusted",
        action="That pair is locked; a fresh snapshot is asked for.",
        severity=Severity.NOTICE,
        check=_book_lost,
        hold_s=2,
        escalate_s=20,
    ),
    Rule(
        key="line",
        title="One line down",
        action="Nothing: the other line carries its channels.",
        severity=Severity.NOTICE,
        check=_line_lost,
        hold_s=3,
        escalate_s=120,
    ),
    Rule(
        key="clock",
        title="Clock off",
        action="Set this computer's clock; deadlines use the exchange's.",
        severity=Severity.NOTICE,
        check=_clock,
        hold_s=5,
        cooldown_s=600,
    ),
    Rule(
        key="recording",
        title="Recording stopped",
        action="Trading goes on. Free disk space and start again to record.",
        severity=Severity.NOTICE,
        check=_recording,
        hold_s=0,
        cooldown_s=600,
    ),
    Rule(
        key="rest",
        title="REST down",
        action="Nothing: streams carry everything. History and stand-in cancels wait.",
        severity=Severity.NOTICE,
        check=_rest,
        hold_s=5,
        escalate_s=120,
    ),
)
"""What every session watches, most urgent first."""
