"""What faults do to one message: the fate of a request, and the treatment of what goes out.

Several faults may strike the same message; each adds to its fate or treatment, in the order they were made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from core.sim.fault_matching import Fault

if TYPE_CHECKING:
    from core.sim.connection import Connection

T = TypeVar("T")

ENDINGS = ("timeout", "5xx", "html", "close")
HTML = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n"
    "<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n"
)
UNAVAILABLE = "EService:Unavailable"


@dataclass(frozen=True, slots=True)
class HttpReply:
    """An answer of HTTP that is not the API's."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that befalls lines or the whole exchange.

    ``act`` gets the connections concerned and returns how many it befell. ``cuts``: the message that set it off is
    lost. ``ending`` is what it means for a REST request. ``is_wide`` events change the engine, not a line.
    """

    act: Callable[[list[Connection]], int]
    cuts: bool = False
    ending: str = ""
    is_wide: bool = False


@dataclass(slots=True)
class Fate:
    """What becomes of one request.

    ``wait_s`` before the engine sees it; ``error`` takes the place of the answer, and of the request unless
    ``is_accepted``; ``ending`` is one of `ENDINGS` or ``reset``.
    """

    is_lost: bool = False
    wait_s: float = 0.0
    error: str | None = None
    is_accepted: bool = True
    ending: str = ""
    events: list[Event] = field(default_factory=list)

    def befall(self, event: Event) -> None:
        """Let an event happen before the request is looked at."""
        self.events.append(event)
        if event.cuts:
            self.is_lost, self.ending = True, event.ending


@dataclass(slots=True)
class Treatment:
    """What goes out in place of one frame, and when. ``after`` counts frames that overtake it."""

    frames: list[str]
    delay_s: float = 0.0
    after: int = 0
    bytes_per_s: float | None = None
    events: list[Event] = field(default_factory=list)

    def befall(self, event: Event) -> None:
        """Let an event happen before the frame goes out."""
        self.events.append(event)
        if event.cuts:
            self.frames.clear()


@dataclass(frozen=True, slots=True, eq=False)
class Rule(Generic[T]):
    """A fault and what it does. ``change`` makes another text of a frame, None where it cannot."""

    fault: Fault
    effect: Callable[[T], None]
    change: Callable[[str], str | None] | None = None


def lose(fate: Fate) -> None:
    """The request never arrives."""
    fate.is_lost = True


def queue(fate: Fate, wait_s: float) -> None:
    """The engine sees the request later."""
    fate.wait_s += wait_s


def finish(fate: Fate, ending: str) -> None:
    """The request is carried out, its answer ends in another way."""
    fate.ending = ending


def refuse(fate: Fate, text: str, is_accepted: bool) -> None:
    """The answer is this error."""
    fate.error, fate.is_accepted = text, is_accepted


def delay(treatment: Treatment, delay_s: float) -> None:
    """The frame is late; others overtake it."""
    treatment.delay_s += delay_s


def double(treatment: Treatment) -> None:
    """The frame goes out twice."""
    treatment.frames *= 2


def hold_back(treatment: Treatment, count: int) -> None:
    """So many frames overtake this one."""
    treatment.after += count


def drop(treatment: Treatment) -> None:
    """The frame does not go out."""
    treatment.frames.clear()


def throttle(treatment: Treatment, bytes_per_s: float) -> None:
    """The line carries so much and no more."""
    slowest = treatment.bytes_per_s
    treatment.bytes_per_s = bytes_per_s if slowest is None else min(slowest, bytes_per_s)


def keep(treatment: Treatment) -> None:
    """Nothing beyond the changed text."""
