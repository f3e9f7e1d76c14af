"""What one socket should hear and what it was told about that. No I/O, no clock: the caller brings the time.

Classes are asked in the order of their priority, each acknowledged before the next. Answers are matched by request id
and symbol. A subscription is renewed by ending it, waiting for that acknowledgement, and asking again; at most one
such round trip is under way for each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import Enum, auto

import msgspec

from core.data.kraken.answers import Answer, Verdict, verdict
from core.domain.events import SubscriptionEvent
from core.domain.subscription import Priority, Subscription
from core.runtime.clock import NS_PER_S

ACK_TIMEOUT_NS = 5 * NS_PER_S
PACE_PAUSE_NS = 5 * NS_PER_S
SNAPSHOT_TIMEOUT_NS = {
    "executions": 5 * NS_PER_S,
    "balances": 5 * NS_PER_S,
    "instrument": 15 * NS_PER_S,
}
"""Channels whose first data must follow the acknowledgement; books are watched by their store."""

MOST_TRIES = 3
SYMBOLS_A_FRAME = 50
LEVEL3_COST = {10: 5, 100: 25, 1000: 100}
LEVEL3_COST_A_FRAME = 100
"""Kraken counts 200 points a second for level3 (standard accounts)."""

LONGEST_PAUSE_NS = 60 * NS_PER_S
UNABLE = ("EService:", "EGeneral:Internal error")
"""Refusals that say nothing about the request: it is made again, ever more slowly."""

ALREADY = "already subscribed"
"""In lower case; the exact words are not documented."""


_METHODS = {"subscribe": True, "unsubscribe": False}


class Phase(Enum):
    """Where a subscription stands on this socket."""

    WANTED = auto()
    ASKED = auto()
    ACTIVE = auto()
    LEAVING = auto()
    REFUSED = auto()


class _State:
    """Mutable record of one subscription. One that is leaving but wanted is asked for anew once it has ended."""

    __slots__ = ("again", "begun", "due", "not_before", "pause", "phase", "req_id", "tries", "wanted")

    def __init__(self) -> None:
        self.phase = Phase.WANTED
        self.req_id = 0
        self.tries = 0
        self.wanted = True
        self.again = False
        """Whether its data were given up before it was acknowledged: renewed as soon as it is."""
        self.begun = False
        """Whether its data came before the acknowledgement of what was asked last."""
        self.not_before = 0
        self.pause = 0
        """How long it was put off last because the exchange was unable, not unwilling; ns."""
        self.due = 0


class Ask(msgspec.Struct):
    """One request frame: all its subscriptions share channel, depth and interval."""

    req_id: int
    subscribe: bool
    subs: list[Subscription]
    at: int


class Subscriptions:
    """The wishes for one socket and their state."""

    def __init__(self) -> None:
        self._states: dict[Subscription, _State] = {}
        self._asked: dict[int, Ask] = {}
        self._leaving: list[Subscription] = []
        self.dirty = True
        """Whether ``outgoing`` may have something to say."""
        self.token_refused = ""
        self.broken = ""
        """Why the socket is of no use, if it is."""

    def __iter__(self) -> Iterator[Subscription]:
        return (sub for sub, state in self._states.items() if state.wanted)

    @property
    def settled(self) -> bool:
        """Whether everything wanted got its first answer."""
        return not any(
            (state.phase is Phase.WANTED and not state.pause)
            or (state.phase is Phase.ASKED and state.tries <= 1)
            for state in self._states.values()
        )

    @property
    def active(self) -> bool:
        """Whether anything is subscribed: only then the exchange sends heartbeats."""
        return any(state.phase is Phase.ACTIVE for state in self._states.values())

    def want(self, sub: Subscription) -> None:
        """Ask for it, now and after every reconnect. Asking again revives a refused one."""
        state = self._states.setdefault(sub, _State())
        state.wanted = True
        if state.phase is Phase.REFUSED:
            state.phase, state.tries = Phase.WANTED, 0
        self.dirty = True

    def drop(self, sub: Subscription) -> None:
        """Want it no longer."""
        state = self._states.get(sub)
        if state is None:
            return
        state.wanted = False
        if state.phase is Phase.ACTIVE:
            self._leave(sub, state)
        elif state.phase in (Phase.WANTED, Phase.REFUSED):
            del self._states[sub]

    def renew(self, sub: Subscription) -> None:
        """Get a fresh snapshot: end it and ask again; one round trip at a time.

        Data may come before the acknowledgement. If those are given up already, the renewal follows it.
        """
        state = self._states.get(sub)
        if state is None or not state.wanted:
            return
        if state.phase is Phase.ACTIVE:
            state.tries = 0
            self._leave(sub, state)
        elif state.phase is Phase.ASKED:
            state.again = True
        elif state.phase is Phase.REFUSED:
            self.want(sub)

    def reset(self) -> None:
        """The socket is gone: nothing is resumed, everything wanted is to be asked again."""
        self._states = {sub: _State() for sub in self}
        self._asked.clear()
        self._leaving.clear()
        self.dirty = True
        self.token_refused = self.broken = ""

    def outgoing(self, now: int, next_id: Callable[[], int]) -> list[Ask]:
        """Return the requests to write now."""
        if not self.dirty:
            return []
        self.dirty = False
        asks = [
            self._ask(next_id(), False, subs, now)
            for subs in _frames(s for s in self._leaving if s in self._states)
        ]
        self._leaving.clear()
        for priority in Priority:
            ready = [sub for sub in self._states if sub.priority is priority and self._ready(sub, now)]
            asks += [self._ask(next_id(), True, subs, now) for subs in _frames(ready)]
            if self._waits_for(priority):
                break
        return asks

    def acknowledged(self, answer: Answer, now: int) -> list[SubscriptionEvent] | None:
        """Take an answer. Returns what it means, or ``None`` when it belongs to no subscription request."""
        ask = self._asked.get(answer.req_id) if answer.req_id is not None else self._meant(answer)
        if ask is None:
            return None
        if answer.req_id is None:
            answer = msgspec.structs.replace(answer, req_id=ask.req_id)
        subs = [sub for sub in ask.subs if answer.symbol in (None, sub.symbol)]
        if answer.success or len(subs) == 1:
            # A failure that names no symbol may concern one of many: the others' answers must still find the request.
            ask.subs = [sub for sub in ask.subs if sub not in subs]
        if not ask.subs:
            del self._asked[ask.req_id]
        self.dirty = True
        events: list[SubscriptionEvent] = []
        for sub in subs:
            state = self._states.get(sub)
            if state is not None:
                events += (self._begun if ask.subscribe else self._ended)(sub, state, answer, now)
        return events

    def seen_snapshot(self, channel: str) -> None:
        """The data of a channel without symbols have begun, perhaps before they were acknowledged."""
        state = self._states.get(Subscription(channel))
        if state is not None:
            state.due = 0
            state.begun = state.phase is Phase.ASKED

    def expire(self, now: int) -> list[SubscriptionEvent]:
        """Ask again what stayed unanswered, a bounded number of times, and renew what got no snapshot."""
        events: list[SubscriptionEvent] = []
        for ask in [ask for ask in self._asked.values() if now - ask.at >= ACK_TIMEOUT_NS]:
            del self._asked[ask.req_id]
            self.dirty = True
            for sub in ask.subs:
                events += self._unanswered(ask, sub)
        for sub, state in self._states.items():
            if state.due and now >= state.due:
                self._no_snapshot(sub, state)
            self.dirty = self.dirty or bool(state.not_before)
        return events

    def _meant(self, answer: Answer) -> Ask | None:
        """Return the oldest request that an answer without its number is about, as far as it says so itself."""
        if answer.method not in _METHODS or not (answer.channel or answer.symbol):
            return None
        return next(
            (
                ask
                for ask in self._asked.values()
                if ask.subscribe is _METHODS[answer.method]
                and any(_concerns(answer, sub) for sub in ask.subs)
            ),
            None,
        )

    def _leave(self, sub: Subscription, state: _State) -> None:
        state.phase, state.due = Phase.LEAVING, 0
        self._leaving.append(sub)
        self.dirty = True

    def _ready(self, sub: Subscription, now: int) -> bool:
        state = self._states[sub]
        if state.phase is not Phase.WANTED or now < state.not_before:
            return False
        # One depth a symbol: the old one must have ended before the new one is asked for.
        return not sub.depth or not any(
            other.channel == sub.channel and other.symbol == sub.symbol and state.phase is Phase.LEAVING
            for other, state in self._states.items()
        )

    def _waits_for(self, priority: Priority) -> bool:
        return any(
            state.phase is Phase.ASKED and state.tries <= 1 and sub.priority is priority
            for sub, state in self._states.items()
        )

    def _ask(self, req_id: int, subscribe: bool, subs: list[Subscription], now: int) -> Ask:
        for sub in subs:
            state = self._states[sub]
            state.req_id = req_id
            if subscribe:
                state.phase, state.not_before, state.begun = Phase.ASKED, 0, False
                state.tries += 1
        ask = self._asked[req_id] = Ask(req_id, subscribe, list(subs), now)
        return Ask(req_id, subscribe, subs, ask.at)

    def _begun(self, sub: Subscription, state: _State, answer: Answer, now: int) -> list[SubscriptionEvent]:
        if answer.success:
            state.phase, state.pause = Phase.ACTIVE, 0
            waits = sub.channel in SNAPSHOT_TIMEOUT_NS and not state.begun
            state.due = now + SNAPSHOT_TIMEOUT_NS[sub.channel] if waits else 0
            if not state.wanted or state.again:
                self._leave(sub, state)
            state.again = False
            return [SubscriptionEvent(sub, True, max_rate_count=answer.max_rate_count)]
        if state.phase is not Phase.ASKED or state.req_id != answer.req_id:
            return []
        if not state.wanted:
            del self._states[sub]
            return []
        return self._refused(sub, state, answer.error, now)

    def _refused(self, sub: Subscription, state: _State, error: str, now: int) -> list[SubscriptionEvent]:
        if ALREADY in error.lower() and state.tries < MOST_TRIES:
            self._leave(sub, state)
            return []
        meaning = verdict(error)
        if meaning is Verdict.TOKEN:
            self.token_refused = error
            return []
        if meaning is Verdict.PACE:
            state.phase, state.not_before = Phase.WANTED, now + PACE_PAUSE_NS
            return []
        if error.startswith(UNABLE):
            state.pause = min(max(PACE_PAUSE_NS, 2 * state.pause), LONGEST_PAUSE_NS)
            state.phase, state.not_before = Phase.WANTED, now + state.pause
        else:
            state.phase = Phase.REFUSED
        return [SubscriptionEvent(sub, False, error)]

    def _ended(self, sub: Subscription, state: _State, answer: Answer, now: int) -> list[SubscriptionEvent]:
        return self._gone(sub, state)

    def _gone(self, sub: Subscription, state: _State) -> list[SubscriptionEvent]:
        # A refused end means it was not subscribed: gone either way.
        if state.phase is not Phase.LEAVING:
            return []
        if state.wanted:
            state.phase = Phase.WANTED
        else:
            del self._states[sub]
        return [SubscriptionEvent(sub, False)]

    def _unanswered(self, ask: Ask, sub: Subscription) -> list[SubscriptionEvent]:
        state = self._states.get(sub)
        if state is None or state.req_id != ask.req_id:
            return []
        if not ask.subscribe:
            return self._gone(sub, state)
        if state.phase is not Phase.ASKED:
            return []
        if not state.wanted:
            del self._states[sub]
            return []
        if state.tries < MOST_TRIES:
            state.phase = Phase.WANTED
            return []
        if sub.priority is Priority.CRITICAL:
            self.broken = f"no acknowledgement of {sub.channel}"
        state.phase = Phase.REFUSED
        return [SubscriptionEvent(sub, False, "no acknowledgement")]

    def _no_snapshot(self, sub: Subscription, state: _State) -> None:
        state.due = 0
        if state.tries >= MOST_TRIES:
            self.broken = f"no snapshot of {sub.channel}"
        else:
            self._leave(sub, state)


def _concerns(answer: Answer, sub: Subscription) -> bool:
    return answer.channel in ("", sub.channel) and answer.symbol in (None, sub.symbol)


def _frames(subs: Iterable[Subscription]) -> list[list[Subscription]]:
    """Return groups that fit one request each, in the order of the first wish."""
    groups: dict[tuple[str, int, int], list[Subscription]] = {}
    for sub in subs:
        groups.setdefault((sub.channel, sub.depth, sub.interval), []).append(sub)
    return [
        group[start : start + size]
        for (channel, depth, _), group in groups.items()
        for size in [_most_symbols(channel, depth)]
        for start in range(0, len(group), size)
    ]


def _most_symbols(channel: str, depth: int) -> int:
    if channel != "level3":
        return SYMBOLS_A_FRAME
    return max(1, LEVEL3_COST_A_FRAME // LEVEL3_COST.get(depth, LEVEL3_COST_A_FRAME))
