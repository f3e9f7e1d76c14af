"""One engine for everything that should be heard: trouble, prices, fills. Decides; delivering is the window's.

A rule is told when it has held long enough, once; it is over when it has been gone long enough, so that flapping is
one alert. Fills within 300 ms of each other make one sound. Every alert names what to do.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from core.app.alert_rules import RULES, Rule, Severity
from core.domain.orders import Fill
from core.processing.store import Store
from core.processing.stores import Stores
from core.runtime.clock import NS_PER_MS, NS_PER_S, Clock

log = logging.getLogger(__name__)

LOOK_S = 0.1
FILLS_ARE_ONE_NS = 300 * NS_PER_MS
LOG_KEPT = 1_000
FILL_KEY, PRICE_KEY = "fill", "price"


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """Something to be told now. ``at`` wall ns UTC; ``sound`` names a file of ``resources/sounds``."""

    key: str
    at: int
    severity: Severity
    title: str
    text: str
    action: str
    sound: str
    is_test: bool = False

    @property
    def words(self) -> str:
        """All of it in one line."""
        return f"{self.title}: {self.text}. {self.action}".replace("..", ".")


class Delivery(msgspec.Struct, frozen=True):
    """What became of an alert: ``how`` it reached the user, or why not. ``number`` counts."""

    number: int
    alert: Alert
    how: str


@dataclass
class RuleState:
    """One rule now. Times monotonic ns; 0: not."""

    rule: Rule
    text: str = ""
    true_since: int = 0
    false_since: int = 0
    is_raised: bool = False
    raised_at: int = 0
    told_at: int = 0
    is_escalated: bool = False
    muted_until: int = 0


Deliver = Callable[[Alert], str]
"""Brings an alert to the user and returns how, in words."""


def nobody(alert: Alert) -> str:
    """Deliver nothing: there is no window."""
    return "nobody to tell"


class AlertEngine(Store[str]):
    """Looks at the stores ten times a second. Observers are told keys of rules, and ``log`` for deliveries."""

    def __init__(self, stores: Stores, clock: Clock, rules: Sequence[Rule] = RULES) -> None:
        super().__init__()
        self._stores = stores
        self._clock = clock
        self._states = {rule.key: RuleState(rule) for rule in rules}
        self._fills_known: int | None = None
        self._last_fill = 0
        self._was_verified = False
        self._count = 0
        self.log: deque[Delivery] = deque(maxlen=LOG_KEPT)
        self.deliver: Deliver = nobody

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            self.look()
            self.flush()
            await asyncio.sleep(LOOK_S)

    def states(self) -> list[RuleState]:
        """Every rule, most urgent first."""
        return list(self._states.values())

    def state(self, key: str) -> RuleState | None:
        """Return one rule."""
        return self._states.get(key)

    def delivery(self, number: int) -> Delivery | None:
        """Return an entry of the log, while it is kept."""
        if not self.log or not self.log[0].number <= number <= self.log[-1].number:
            return None
        return self.log[number - self.log[0].number]

    def look(self) -> None:
        """Judge every rule now, and tell of fills that came."""
        now = self._clock.mono_ns()
        for state in self._states.values():
            self._judge(state, state.rule.check(self._stores), now)
        self._look_for_fills(now)

    def tell_price(self, text: str) -> None:
        """A price alert came true."""
        action = "Decide: the alert has done its work and is gone."
        self._tell(PRICE_KEY, Severity.WARNING, "Price", text, action, Severity.WARNING.word)

    def test(self, key: str) -> None:
        """Deliver what this rule would, marked as a test, muted or not."""
        rule = self._states[key].rule
        self._hand_over(self._alert(rule, rule.severity, "this is only a test", is_test=True))

    def mute(self, key: str, seconds: float) -> None:
        """Tell nothing of this rule for so long; 0 ends it."""
        now = self._clock.mono_ns()
        self._states[key].muted_until = now + round(seconds * NS_PER_S) if seconds else 0
        self.touch(key)

    def is_muted(self, key: str) -> bool:
        """Whether a rule is not told of now."""
        state = self._states.get(key)
        return state is not None and self._clock.mono_ns() < state.muted_until

    def _judge(self, state: RuleState, text: str, now: int) -> None:
        rule = state.rule
        if text:
            state.false_since = 0
            state.true_since = state.true_since or now
            if text != state.text:
                state.text = text
                self.touch(rule.key)
            if not state.is_raised and now - state.true_since >= rule.hold_s * NS_PER_S:
                self._raise(state, now)
            elif state.is_raised:
                self._escalate(state, now)
            return
        state.true_since = 0
        if state.is_raised:
            state.false_since = state.false_since or now
            if now - state.false_since >= rule.clear_s * NS_PER_S:
                state.is_raised, state.text, state.false_since = False, "", 0
                self.touch(rule.key)

    def _raise(self, state: RuleState, now: int) -> None:
        state.is_raised, state.raised_at, state.is_escalated = True, now, False
        self.touch(state.rule.key)
        if state.told_at and now - state.told_at < state.rule.cooldown_s * NS_PER_S:
            self._log(self._alert(state.rule, state.rule.severity, state.text), "not told again so soon")
            return
        self._tell_rule(state, state.rule.severity, now)

    def _escalate(self, state: RuleState, now: int) -> None:
        after = state.rule.escalate_s
        if after is None or state.is_escalated or now - state.raised_at < after * NS_PER_S:
            return
        state.is_escalated = True
        self._tell_rule(state, Severity(min(Severity.ALARM, state.rule.severity + 1)), now)

    def _tell_rule(self, state: RuleState, severity: Severity, now: int) -> None:
        alert = self._alert(state.rule, severity, state.text)
        if now < state.muted_until:
            self._log(alert, "muted")
            return
        state.told_at = now
        self._hand_over(alert)

    def _look_for_fills(self, now: int) -> None:
        count = self._stores.fills.count
        known, self._fills_known = self._fills_known, count
        if not self._was_verified:
            self._was_verified = not self._stores.health.account_doubt
            return  # what an earlier run left, and what the first comparison finds, is no news
        if known is None or count == known:
            return
        is_one = self._last_fill and now - self._last_fill < FILLS_ARE_ONE_NS
        self._last_fill = now
        text = "; ".join(_fill_words(fill) for fill in self._stores.fills.all()[: count - known][:3])
        if is_one:
            alert = self._made(FILL_KEY, Severity.NOTICE, "Fill", text, "Nothing.", "fill")
            self._log(alert, "part of the one before")
        else:
            self._tell(FILL_KEY, Severity.NOTICE, "Fill", text, "Nothing.", "fill")

    def _tell(self, key: str, severity: Severity, title: str, text: str, action: str, sound: str) -> None:
        self._hand_over(self._made(key, severity, title, text, action, sound))

    def _alert(self, rule: Rule, severity: Severity, text: str, *, is_test: bool = False) -> Alert:
        alert = self._made(rule.key, severity, rule.title, text, rule.action, severity.word)
        return msgspec.structs.replace(alert, is_test=is_test)

    def _made(self, key: str, severity: Severity, title: str, text: str, action: str, sound: str) -> Alert:
        return Alert(
            key=key,
            at=self._clock.wall_ns(),
            severity=severity,
            title=title,
            text=text,
            action=action,
            sound=sound,
        )

    def _hand_over(self, alert: Alert) -> None:
        self._log(alert, self.deliver(alert))

    def _log(self, alert: Alert, how: str) -> None:
        log.info("alert key=%s severity=%s how=%s text=%s", alert.key, alert.severity.word, how, alert.text)
        self.log.append(Delivery(self._count, alert, how))
        self._count += 1
        self.touch("log")


def _fill_words(fill: Fill) -> str:
    return f"{fill.side.value} {fill.qty:f} {fill.symbol} at {fill.price:f}"
