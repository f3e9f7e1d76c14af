"""The limits in force, the kill switch, the loss of the day and what was denied: written by the risk gate alone."""

from __future__ import annotations

from collections import deque
from decimal import Decimal
from enum import StrEnum

import msgspec

from core.domain.ids import Symbol
from core.domain.limits import Reason, RiskLimits
from core.domain.times import NS
from core.processing.store import Store

DENIALS_KEPT = 500
ZERO = Decimal(0)


class LossState(StrEnum):
    """How far the loss of the day has locked trading."""

    ACTIVE = "active"
    REDUCING = "reducing"
    HALTED = "halted"


class Denial(msgspec.Struct, frozen=True):
    """An order or amend that was not let through. ``at`` is wall time, ns UTC."""

    at: int
    symbol: Symbol
    reason: Reason
    text: str


class RiskStore(Store[str]):
    """Observers are told ``limits``, ``kill``, ``loss``, ``denials`` or ``use``."""

    def __init__(self) -> None:
        super().__init__()
        self.limits = RiskLimits()
        self.killed = ""
        self.killed_at = 0
        self.day_pnl: Decimal | None = None
        self.denials: deque[Denial] = deque(maxlen=DENIALS_KEPT)
        self.denied = 0
        self._worst = ZERO
        self._day = 0

    def set_limits(self, limits: RiskLimits) -> None:
        """Let other limits be in force from now on."""
        self.limits = limits
        self.touch("limits")

    def kill(self, reason: str, at: int) -> None:
        """Stop new orders and amends until acknowledged; the first reason stays. ``at`` wall ns."""
        if not self.killed:
            self.killed, self.killed_at = reason, at
            self.touch("kill")

    def acknowledge(self) -> None:
        """Let orders pass again."""
        self.killed = ""
        self.touch("kill")

    def told_pnl(self, pnl: Decimal | None, day: int) -> bool:
        """Take over the profit of a day (since 1970, UTC) in dollars, ``None`` while unknown.

        Returns whether it is the worst of that day.
        """
        if day > self._day:
            self._day, self._worst = day, ZERO
        is_worst = pnl is not None and pnl < self._worst
        if pnl is not None:
            self._worst = min(self._worst, pnl)
        if pnl != self.day_pnl:
            self.day_pnl = pnl
            self.touch("loss")
        return is_worst

    @property
    def day(self) -> int:
        """Which day the loss is of, since 1970, UTC."""
        return self._day

    @property
    def worst_pnl(self) -> Decimal:
        """The lowest profit of the day so far, dollars; never above zero."""
        return self._worst

    @property
    def loss_state(self) -> LossState:
        """What the lowest point of the day allows: a recovery does not unlock, only another day or other limits."""
        limits = self.limits.loss
        if limits.halt and -self._worst >= limits.halt:
            return LossState.HALTED
        if limits.reduce and -self._worst >= limits.reduce:
            return LossState.REDUCING
        return LossState.ACTIVE

    def deny(self, denial: Denial) -> bool:
        """Keep a denial. Returns whether it differs from the last one, less than a second ago."""
        last = self.denials[-1] if self.denials else None
        self.denied += 1
        self.touch("denials")
        if (
            last is not None
            and denial.at - last.at < NS
            and msgspec.structs.replace(last, at=denial.at) == denial
        ):
            return False
        self.denials.append(denial)
        return True
