"""When a fault strikes: what a message is, what a matcher asks of it, and the handle that counts.

Pure: no loop and no sockets; the caller brings the time. Chance comes from one generator for each fault, so that
other faults and other traffic do not change what it does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import TypedDict

ROADS = ("ws", "rest")
ROLES = ("public", "private", "level3")


class Timing(TypedDict, total=False):
    """Keywords every verb takes.

    ``road`` ws or rest; ``role`` of the WebSocket server; ``method`` (WebSocket ``add_order``, REST ``AddOrder``,
    a tuple of both names for both roads); ``line`` the connection's number; ``nth`` match alone; ``times`` it may
    fire (None: for ever); ``probability``; ``from_s`` and ``until_s`` after the start of the plan.
    """

    road: str | None
    role: str | None
    method: str | tuple[str, ...] | None
    line: int | None
    nth: int | None
    times: int | None
    probability: float | None
    from_s: float | None
    until_s: float | None


class Matching(Timing, total=False):
    """`Timing`, and what a message is about: ``channel`` of its data or subscription, ``symbol``."""

    channel: str | None
    symbol: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One message as matchers see it. ``kind`` is ``request``, ``answer`` or ``data``; a REST answer is an answer."""

    road: str
    kind: str
    role: str = ""
    line: int = 0
    method: str = ""
    channel: str = ""
    symbols: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What a fault waits for. ValueError when it asks for what cannot be."""

    road: str | None = None
    role: str | None = None
    method: str | tuple[str, ...] | None = None
    channel: str | None = None
    symbol: str | None = None
    line: int | None = None
    nth: int | None = None
    times: int | None = 1
    probability: float | None = None
    from_s: float | None = None
    until_s: float | None = None

    def __post_init__(self) -> None:
        if self.road not in (None, *ROADS):
            raise ValueError(f"no road {self.road!r}")
        if self.role not in (None, *ROLES):
            raise ValueError(f"no role {self.role!r}")
        for name, least in (("nth", self.nth), ("times", self.times)):
            if least is not None and least < 1:
                raise ValueError(f"{name} counts from 1, not {least}")
        if self.probability is not None and not 0 < self.probability <= 1:
            raise ValueError(f"no probability {self.probability}")
        if self.until_s is not None and self.until_s <= (self.from_s or 0.0):
            raise ValueError(f"the time window ends before it begins: {self.until_s}")

    @property
    def methods(self) -> tuple[str, ...]:
        """The names asked for; none when any will do."""
        if self.method is None:
            return ()
        return (self.method,) if isinstance(self.method, str) else self.method

    @property
    def waits_for_message(self) -> bool:
        """Whether an event needs a message to set it off; else it happens at once, or at ``from_s``."""
        wanted = (self.method, self.channel, self.symbol, self.nth, self.probability)
        return any(one is not None for one in wanted)

    @property
    def hears_data(self) -> bool:
        """Whether an event is set off by data going out, rather than by a request coming in."""
        return self.channel is not None and self.method is None

    def is_open(self, now_s: float) -> bool:
        """Whether this moment (seconds after the start of the plan) lies in the time window."""
        return (self.from_s or 0.0) <= now_s and (self.until_s is None or now_s < self.until_s)

    def reaches(self, role: str, line: int) -> bool:
        """Whether a connection is meant."""
        return self.road != "rest" and self.role in (None, role) and self.line in (None, line)

    def covers(self, subject: Subject) -> bool:
        """Whether a message is meant. A channel without a method means data, and requests for it, not answers."""
        if self.road not in (None, subject.road) or self.role not in (None, subject.role):
            return False
        if self.line not in (None, subject.line) or self.channel not in (None, subject.channel):
            return False
        if self.symbol is not None and self.symbol not in subject.symbols:
            return False
        if self.methods:
            return subject.kind != "data" and subject.method in self.methods
        return self.channel is None or subject.kind != "answer"


@dataclass(slots=True, eq=False)
class Fault:
    """Handle of one fault. ``fired`` counts what it did; `remove` ends it, and undoes what can be undone."""

    match: Match
    random: Random
    fired: int = 0
    leave: list[Callable[[], object]] = field(default_factory=list)
    undo: list[Callable[[], object]] = field(default_factory=list)
    _seen: int = 0

    def concerns(self, subject: Subject, now_s: float) -> bool:
        """Whether the message is one of those to count. ``now_s`` is seconds after the start of the plan."""
        return not self.is_spent and self.match.is_open(now_s) and self.match.covers(subject)

    def takes(self, subject: Subject, now_s: float) -> bool:
        """Whether the fault strikes this message; counts it either way."""
        match = self.match
        if not self.concerns(subject, now_s):
            return False
        self._seen += 1
        if match.nth is not None and self._seen != match.nth:
            return False
        if match.probability is not None and self.random.random() >= match.probability:
            return False
        self.fired += 1
        return True

    @property
    def is_spent(self) -> bool:
        """Whether it will never fire again, whatever comes."""
        if self.match.nth is not None and self._seen >= self.match.nth:
            return True
        return self.match.times is not None and self.fired >= self.match.times

    def forget(self) -> None:
        """Take the fault off every list; what it did stays."""
        leave, self.leave = self.leave, []
        for step in leave:
            step()

    def remove(self) -> None:
        """End the fault and undo what lasts: a hanging line, a mode, a skewed clock. A second time changes nothing."""
        self.forget()
        undo, self.undo = self.undo, []
        for step in undo:
            step()
