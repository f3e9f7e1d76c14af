"""The pre-flight: what must be right before the first live order of a session (product S6).

Locks new orders through ``stores.health`` until every check has passed once, or until somebody trades anyway and says
why. Later trouble is the interlocks' to see. Does nothing in other modes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from enum import Enum

import msgspec

from core.app.live_guard import LiveGuard
from core.domain.health import Line
from core.processing.stores import Stores
from core.runtime.clock import NS_PER_MS, NS_PER_S

log = logging.getLogger(__name__)

LOCK = "preflight"
WAITING = "the pre-flight checks have not passed yet"
CLOCK_LIMIT_NS = NS_PER_S
"""A clock that is off by more is not a computer to trade on, although every deadline is corrected for it."""

SHORTEST_REASON = 8
"""Letters: enough for a word that means something later."""

LINES = {True: (Line.PUBLIC, Line.PUBLIC_B), False: (Line.PRIVATE, Line.PRIVATE_B)}


class CheckState(Enum):
    """How a check stands."""

    WAITING = "waiting"
    PASSED = "passed"
    FAILED = "failed"


class Check(msgspec.Struct, frozen=True):
    """One check: its name, how it stands, and what was found, in words."""

    name: str
    state: CheckState
    text: str


class Preflight:
    """``note(source, text)`` writes into the event log and the journal. Call ``look`` now and then."""

    def __init__(self, guard: LiveGuard, stores: Stores, note: Callable[[str, str], None]) -> None:
        self._guard = guard
        self._stores = stores
        self._note = note
        self.is_done = not guard.is_live
        """Whether it no longer stands in the way: all passed, overruled, or not live."""

        if not self.is_done:
            stores.health.lock(LOCK, WAITING)

    def checks(self) -> list[Check]:
        """How everything stands at this moment, in the order to be read."""
        return [
            self._key(),
            self._clock(),
            self._lines("market lines", is_public=True),
            self._lines("account lines", is_public=False),
            self._instruments(),
            self._orders(),
            self._balances(),
            self._exchange(),
        ]

    def look(self) -> None:
        """Open the lock when everything has passed."""
        if self.is_done or any(check.state is not CheckState.PASSED for check in self.checks()):
            return
        self._open("all checks passed")

    def trade_anyway(self, reason: str) -> bool:
        """Open the lock although not everything has passed; return whether the reason is one."""
        reason = reason.strip()
        if self.is_done or len(reason) < SHORTEST_REASON:
            return False
        odd = [check.name for check in self.checks() if check.state is not CheckState.PASSED]
        self._open(f"traded anyway, not passed: {', '.join(odd)}; reason: {reason}")
        return True

    def _open(self, text: str) -> None:
        self.is_done = True
        self._stores.health.lock(LOCK, "")
        self._note(LOCK, text)
        log.info("preflight over: %s", text)

    def _key(self) -> Check:
        passport = self._guard.passport
        if passport is None:
            return Check("key", CheckState.WAITING, "asking what the key may do")
        if passport.read_only:
            return Check("key", CheckState.FAILED, f"reads only: {passport.read_only}")
        text = "; ".join(("may trade, cannot withdraw", *passport.warnings))
        return Check("key", CheckState.PASSED, text)

    def _clock(self) -> Check:
        performance = self._stores.performance
        offset, width = performance.clock_offset_ns, performance.clock_uncertainty_ns
        if offset is None or width is None:
            return Check("clock", CheckState.WAITING, "measuring against the exchange")
        text = f"{offset / NS_PER_MS:+.1f} ± {width / NS_PER_MS:.1f} ms from the exchange's"
        state = CheckState.FAILED if abs(offset) > CLOCK_LIMIT_NS else CheckState.PASSED
        return Check("clock", state, text)

    def _lines(self, name: str, *, is_public: bool) -> Check:
        lines = LINES[is_public]
        up = sum(self._stores.health.is_live(line) for line in lines)
        state = CheckState.PASSED if up == len(lines) else CheckState.WAITING
        return Check(name, state, f"{up} of {len(lines)} live")

    def _instruments(self) -> Check:
        count = len(self._stores.instruments.symbols())
        state = CheckState.PASSED if count else CheckState.WAITING
        return Check("instruments", state, f"{count} pairs described" if count else "not described yet")

    def _orders(self) -> Check:
        if self._stores.health.account_doubt:
            return Check("open orders", CheckState.WAITING, self._stores.health.account_doubt)
        orders = self._stores.orders
        if orders.doubts:
            return Check("open orders", CheckState.FAILED, f"{orders.doubts} of unknown outcome")
        count = len(orders.open())
        return Check("open orders", CheckState.PASSED, f"{count} open, adopted" if count else "none open")

    def _balances(self) -> Check:
        health = self._stores.health
        if health.account_doubt:
            return Check("balances", CheckState.WAITING, health.account_doubt)
        count = len(self._stores.balances.all())
        return Check("balances", CheckState.PASSED, f"{count} assets, equal to the exchange's")

    def _exchange(self) -> Check:
        system = self._stores.health.system
        if system == "online":
            return Check("exchange", CheckState.PASSED, "online")
        state = CheckState.WAITING if system == "unknown" else CheckState.FAILED
        return Check("exchange", state, f"in {system} mode" if system != "unknown" else "not told yet")
