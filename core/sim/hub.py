"""What all servers of one exchange share."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.runtime.clock import Clock, SystemClock
from core.sim.auth import Keys
from core.sim.fault_rules import Rules
from core.sim.private_feed import PrivateFeed
from core.sim.publisher import Publisher
from core.sim.tokens import Tokens

if TYPE_CHECKING:
    from core.sim.engine import Engine
    from core.sim.lag import Records

COMMAND_EVENTS = 20


@dataclass(slots=True)
class Hub:
    """The engine and everything around it that outlives a connection.

    ``received`` counts requests by name. A copy made for one REST request may carry the moment it was let in
    (``request_ns``, wall) and an earlier state that its queries see (``lagging``).
    """

    engine: Engine
    clock: Clock
    publisher: Publisher
    private: PrivateFeed
    keys: Keys = field(default_factory=Keys)
    tokens: Tokens = field(default_factory=Tokens)
    faults: Rules = field(default_factory=lambda: Rules(0, SystemClock()))
    received: Counter[str] = field(default_factory=Counter)
    lagging: Records | None = None
    request_ns: int | None = None

    @property
    def records(self) -> Records:
        """What queries see of an account."""
        return self.engine if self.lagging is None else self.lagging

    @property
    def asked_ns(self) -> int:
        """When the request at hand came, wall nanoseconds."""
        return self.clock.wall_ns() if self.request_ns is None else self.request_ns

    def catch_up(self) -> None:
        """Bring the engine up to now before it takes a command; what the market owes beyond that comes later."""
        self.engine.advance(max_events=COMMAND_EVENTS)

    def flush(self) -> None:
        """Send what the last request caused: reports to the account, then market data to everybody."""
        self.report()
        self.publisher.flush()

    def report(self) -> None:
        """Send the reports that wait, and those of fills that come after a cancel."""
        self.private.flush()
        if self.faults.settle():
            self.private.flush()

    def close(self) -> None:
        """Detach from the engine."""
        self.private.close()
        self.publisher.close()
