"""What all servers of one exchange share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.runtime.clock import Clock
from core.sim.auth import Keys
from core.sim.private_feed import PrivateFeed
from core.sim.publisher import Publisher
from core.sim.tokens import Tokens

if TYPE_CHECKING:
    from core.sim.engine import Engine

COMMAND_EVENTS = 20


@dataclass(slots=True)
class Hub:
    """The engine and everything around it that outlives a connection."""

    engine: Engine
    clock: Clock
    publisher: Publisher
    private: PrivateFeed
    keys: Keys = field(default_factory=Keys)
    tokens: Tokens = field(default_factory=Tokens)

    def catch_up(self) -> None:
        """Bring the engine up to now before it takes a command; what the market owes beyond that comes later."""
        self.engine.advance(max_events=COMMAND_EVENTS)

    def flush(self) -> None:
        """Send what the last request caused: reports to the account, then market data to everybody."""
        self.private.flush()
        self.publisher.flush()

    def close(self) -> None:
        """Detach from the engine."""
        self.private.close()
        self.publisher.close()
