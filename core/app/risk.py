"""The gate every order and amend passes, whoever asks. Decisions come from ``processing``; cancels never come here."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from core.app.engine_budget import WARN_SHARE, EngineBudget
from core.app.risk_cases import amended, need_of, situation
from core.domain.errors import RiskRejected
from core.domain.ids import Asset, ClOrdId, Symbol
from core.domain.instrument import Instrument, Side
from core.domain.limits import NO_CONSENT, Consent, Finding, Reason, RiskLimits, Severity
from core.domain.orders import AmendRequest, Order, OrderRequest, OrderType, TimeInForce
from core.processing import risk_rules
from core.processing.habits import Habits
from core.processing.own_orders import OwnOrdersReader
from core.processing.risk_checks import Situation, examine
from core.processing.risk_rules import block
from core.processing.risk_store import Denial, LossState
from core.processing.stores import Stores
from core.runtime.clock import NS_PER_MS, NS_PER_S, Clock

ZERO = Decimal(0)

DOUBTS_MAX = 3
"""With more orders of unknown state nobody knows what he owns (faults, section 7)."""

RATE_WINDOW_NS = 10 * NS_PER_S
DUPLICATE_NS = 2 * NS_PER_S
PAIR_CHANGE_NS = 500 * NS_PER_MS
"""An order this soon after the pair on screen changed was meant for the pair before."""

Note = Callable[[str, str], None]
"""Write an event into the log and the journal: its source, its text."""

DayPnl = Callable[[], tuple[int, Decimal | None]]
"""Which day it is (since 1970, UTC, by the exchange's clock), and its profit in dollars, ``None`` while unknown."""

KeepLoss = Callable[[str], None]
"""Write down the worst of the day, so that a restart does not unlock."""


class _Terms(NamedTuple):
    symbol: Symbol
    side: Side
    order_type: OrderType
    qty: Decimal | None
    cash_qty: Decimal | None
    limit_price: Decimal | None


class RiskManager:
    """Says what is against an order and lets it pass, or not. ``stores.risk`` holds limits, switch and denials."""

    def __init__(
        self,
        stores: Stores,
        clock: Clock,
        note: Note = lambda source, text: None,
        day_pnl: DayPnl = lambda: (0, None),
        keep_loss: KeepLoss = lambda text: None,
    ) -> None:
        self._stores = stores
        self._risk = stores.risk
        self._clock = clock
        self._note = note
        self.day_pnl = day_pnl
        self._keep_loss = keep_loss
        self.budget = EngineBudget(stores.orders, clock)
        self.habits = Habits()
        self._own = OwnOrdersReader(stores.orders)
        self._submits: deque[int] = deque()
        self._recent: deque[tuple[int, ClOrdId, _Terms]] = deque()
        self._pending: dict[ClOrdId, OrderRequest] = {}
        self._warned: set[Symbol] = set()
        self._learned = False

    # Orders.

    def assess(self, request: OrderRequest, consent: Consent = NO_CONSENT) -> list[Finding]:
        """Return everything against an order that ``consent`` does not cover; changes nothing."""
        findings = [*risk_rules.shape(request)]
        instrument = self._stores.instruments.get(request.symbol)
        if instrument is None:
            return [block(Reason.SYMBOL, f"{request.symbol} is not traded here.", "symbol")]
        if findings:
            return findings
        self._learn_once()
        case = self._case(request, instrument)
        findings += self._rules(request, case)
        if not any(finding.reason is Reason.GRID for finding in findings):
            findings += self._funds(need_of(case, self._fee(request.symbol)), instrument)
            findings += examine(case)
        findings += self._manner(request, consent)
        return [finding for finding in findings if not consent.covers(finding)]

    def check(self, request: OrderRequest, consent: Consent = NO_CONSENT) -> None:
        """Raise RiskRejected when anything is against the order; a denial is written down."""
        findings = self.assess(request, consent)
        if findings:
            raise self._denied(request.symbol, findings)

    def admit(self, requests: Sequence[OrderRequest], consent: Consent = NO_CONSENT) -> None:
        """Check orders that leave together and count them as sent. RiskRejected stops all of them.

        Until ``settle`` they hold their funds here; then the order store does.
        """
        self._stop_flood(requests[0].symbol)
        passed: list[ClOrdId] = []
        try:
            for request in requests:
                self.check(request, consent)
                self._pending[request.cl_ord_id] = request
                passed.append(request.cl_ord_id)
        except RiskRejected:
            self.settle(passed)
            raise
        self._count(requests)
        self._note_consent(requests[0], consent)

    def settle(self, ids: Iterable[ClOrdId]) -> None:
        """These orders are in the order store now, or will never leave."""
        for id_ in ids:
            self._pending.pop(id_, None)

    def withdraw(self, ids: Collection[ClOrdId]) -> None:
        """These orders were admitted and did not leave after all."""
        self.settle(ids)
        self._recent = deque(entry for entry in self._recent if entry[1] not in ids)

    # Amends.

    def assess_amend(self, request: AmendRequest, consent: Consent = NO_CONSENT) -> list[Finding]:
        """Return everything against an amend that ``consent`` does not cover; changes nothing."""
        order = self._stores.orders.by_order_id(request.order_id)
        if order is None or order.status.is_final:
            return [block(Reason.SHAPE, "The order is not open any more.", "order_id")]
        instrument = self._stores.instruments.get(order.symbol)
        if instrument is None:
            return [block(Reason.SYMBOL, f"{order.symbol} is not traded here.", "symbol")]
        findings = [*risk_rules.clock(self._stores)]
        if request.limit_price is not None and order.order_type is not OrderType.TRAILING_STOP_LIMIT:
            findings += risk_rules.price_grid(request.limit_price, instrument, order.side)
        if request.qty is not None:
            findings += risk_rules.qty_grid(request.qty, instrument)
        findings += self._switches(order.symbol, self.budget.amend_cost(order))
        if not any(finding.reason is Reason.GRID for finding in findings):
            findings += self._amended(request, order, instrument)
        return [finding for finding in findings if not consent.covers(finding)]

    def check_amend(self, request: AmendRequest, consent: Consent = NO_CONSENT) -> None:
        """Raise RiskRejected when anything is against the new terms; a denial is written down."""
        findings = self.assess_amend(request, consent)
        order = self._stores.orders.by_order_id(request.order_id)
        if findings:
            raise self._denied(order.symbol if order is not None else Symbol(""), findings)
        assert order is not None, "an amend without an order is denied"
        self.budget.take(order.symbol, self.budget.amend_cost(order))

    def _amended(self, request: AmendRequest, order: Order, instrument: Instrument) -> list[Finding]:
        case = amended(request, order, instrument, self._stores, self.habits)
        grows = request.qty is not None and request.qty > order.qty
        found = examine(case)
        if not grows:
            # What stands at the exchange was agreed to when it was sent.
            found = [f for f in found if f.reason not in (Reason.SIZE, Reason.NOTIONAL, Reason.POSITION)]
        if grows and order.side is Side.BUY:
            found += self._loss(reduces=False)
        elif self._risk.loss_state is LossState.HALTED:
            found += self._loss(reduces=True)
        asset, need = need_of(case, self._fee(order.symbol))
        _, held = self._stores.balances.hold(order, instrument)
        return found + self._funds((asset, need - held), instrument)

    # The switch.

    def kill(self, reason: str) -> None:
        """Stop new orders and amends until the user acknowledges. Cancels pass."""
        if not self._risk.killed:
            self._risk.kill(reason, self._clock.wall_ns())
            self._stores.health.told_of_stop(reason)
            self._note("risk", f"kill switch: {reason}")

    def remain_killed(self, reason: str) -> None:
        """The switch was on when the program ended, so it is on again; empty when it was not."""
        if reason:
            self._risk.kill(reason, self._clock.wall_ns())
            self._stores.health.told_of_stop(reason)

    def remember_loss(self, text: str) -> None:
        """Take over the worst of the day from an earlier run, as it was kept; empty when nothing was."""
        day, _, worst = text.partition(" ")
        if worst:
            self._risk.told_pnl(Decimal(worst), int(day))

    def acknowledge(self) -> None:
        """The user has seen why: let orders pass again."""
        if self._risk.killed:
            self._note("risk", f"kill switch released: {self._risk.killed}")
            self._risk.acknowledge()
            self._stores.health.told_of_stop("")
            self._submits.clear()
            self._recent.clear()

    def set_limits(self, limits: RiskLimits) -> None:
        """Let other limits be in force and write it down."""
        if limits != self._risk.limits:
            self._risk.set_limits(limits)
            self._note("risk", "limits changed")

    def look(self) -> None:
        """What must be noticed without an order: loss, doubts and full counters. Once a second."""
        before = self._risk.loss_state
        day, pnl = self.day_pnl()
        if self._risk.told_pnl(pnl, day):
            self._keep_loss(f"{day} {self._risk.worst_pnl}")
        if self._risk.loss_state is not before:
            self._note("risk", f"daily loss {-self._risk.worst_pnl:,.0f} USD: {self._risk.loss_state}")
        if (doubts := self.doubts()) > DOUBTS_MAX:
            self.kill(f"{doubts} orders are in doubt")
        for symbol in self.budget.symbols():
            self._warn(symbol)
        self._risk.touch("use")

    def doubts(self) -> int:
        """Return how many orders are of unknown state."""
        return self._stores.orders.doubts

    def submits(self) -> int:
        """Return how many times orders left in the last ten seconds."""
        self._forget()
        return len(self._submits)

    # What is against an order.

    def _rules(self, request: OrderRequest, case: Situation) -> list[Finding]:
        stores = self._stores
        findings = self._switches(request.symbol, 1.0)
        findings += risk_rules.account(stores)
        if (doubts := self.doubts()) > DOUBTS_MAX:
            text = f"{doubts} orders are in doubt: no new orders until their state is known."
            findings.append(block(Reason.DOUBT, text))
        findings += risk_rules.venue(request, case.instrument, stores)
        findings += risk_rules.clock(stores)
        findings += risk_rules.grid(request, case.instrument, case.cost)
        findings += risk_rules.book(stores, request)
        return findings + self._loss(reduces=request.side is Side.SELL)

    def _switches(self, symbol: Symbol, cost: float) -> list[Finding]:
        findings = []
        if self._risk.killed:
            text = f"The kill switch is on ({self._risk.killed}): only cancels until you acknowledge."
            findings.append(block(Reason.KILLED, text))
        if wait := self.budget.wait_ns(symbol, cost):
            text = f"The rate budget of {symbol} is kept for cancels: {wait / NS_PER_S:.1f} s to wait."
            findings.append(block(Reason.BUDGET, text))
        return findings

    def _loss(self, *, reduces: bool) -> list[Finding]:
        state, lost = self._risk.loss_state, -self._risk.worst_pnl
        if state is LossState.HALTED:
            return [block(Reason.LOSS, f"Daily loss {lost:,.0f} USD: trading is halted, cancels pass.")]
        if state is LossState.REDUCING and not reduces:
            return [block(Reason.LOSS, f"Daily loss {lost:,.0f} USD: only orders that reduce, no buys.")]
        return []

    def _case(self, request: OrderRequest, instrument: Instrument) -> Situation:
        own, most = self._own.of(request.symbol), self.budget.open_orders_max
        return situation(request, instrument, self._stores, self.habits, own, most)

    def _funds(self, need: tuple[Asset, Decimal], instrument: Instrument) -> list[Finding]:
        asset, qty = need
        if qty <= 0:
            return []
        balance = self._stores.balances.get(asset)
        have = balance.available if balance is not None else ZERO
        have = max(ZERO, have - self._held_by_pending(asset))
        if qty <= have:
            return []
        needed = f"{qty.normalize():f} needed" + (" with fees" if asset == instrument.quote else "")
        text = f"Not enough {asset}: {needed}, {have.normalize():f} available."
        return [block(Reason.FUNDS, text, "qty")]

    def _held_by_pending(self, asset: Asset) -> Decimal:
        held = ZERO
        for request in self._pending.values():
            instrument = self._stores.instruments.get(request.symbol)
            if instrument is not None and asset in (instrument.base, instrument.quote):
                case = self._case(request, instrument)
                needs, qty = need_of(case, self._fee(request.symbol))
                held += qty if needs == asset else ZERO
        return held

    def _manner(self, request: OrderRequest, consent: Consent) -> list[Finding]:
        """How the order comes: too often, twice, or meant for another pair."""
        self._forget()
        findings, now = [], self._clock.mono_ns()
        if len(self._submits) >= self._risk.limits.submits:
            text = f"{len(self._submits)} orders left within 10 s; one more pulls the kill switch."
            findings.append(block(Reason.RATE, text))
        since = consent.pair_since_ns
        if since is not None and now - since < PAIR_CHANGE_NS:
            text = f"The pair changed to {request.symbol} {(now - since) / NS_PER_S:.1f} s ago: look again."
            findings.append(block(Reason.WRONG_PAIR, text, "symbol"))
        terms = _terms(request)
        if any(other == terms and id_ != request.cl_ord_id for _, id_, other in self._recent):
            text = "the same order left less than 2 s ago"
            findings.append(Finding(Reason.DUPLICATE, Severity.HOLD, text))
        return findings

    # Keeping count.

    def _stop_flood(self, symbol: Symbol) -> None:
        self._forget()
        most = self._risk.limits.submits
        if len(self._submits) >= most and not self._risk.killed:
            self.kill(f"more than {most} orders in 10 s, the last on {symbol}")

    def _count(self, requests: Sequence[OrderRequest]) -> None:
        now = self._clock.mono_ns()
        self._submits.append(now)
        cost = 1.0 if len(requests) == 1 else len(requests) / 2
        self.budget.take(requests[0].symbol, cost)
        for request in requests:
            self._recent.append((now, request.cl_ord_id, _terms(request)))
            self.habits.learn(request.symbol, request.qty, self._meant_to_rest(request))

    def _meant_to_rest(self, request: OrderRequest) -> bool | None:
        waits = request.time_in_force in (TimeInForce.GTC, TimeInForce.GTD)
        if request.order_type not in (OrderType.LIMIT, OrderType.ICEBERG) or not waits:
            return None
        touch = self._stores.references.touch(request.symbol, request.side)
        price = request.limit_price
        if touch is None or price is None:
            return None
        return request.post_only or (price - touch) * request.side.sign < 0

    def _learn_once(self) -> None:
        if not self._learned:
            self._learned = True
            self.habits.learn_fills(reversed(self._stores.fills.all()))

    def _forget(self) -> None:
        now = self._clock.mono_ns()
        while self._submits and now - self._submits[0] >= RATE_WINDOW_NS:
            self._submits.popleft()
        while self._recent and now - self._recent[0][0] >= DUPLICATE_NS:
            self._recent.popleft()

    def _fee(self, symbol: Symbol) -> Decimal:
        return self._stores.balances.fee_rate(symbol).taker

    def _warn(self, symbol: Symbol) -> None:
        share = self.budget.share(symbol)
        if share < WARN_SHARE:
            self._warned.discard(symbol)
        elif symbol not in self._warned:
            self._warned.add(symbol)
            self._note("risk", f"rate budget of {symbol} {share:.0%} used; from 85 % on only cancels")

    # Telling.

    def _denied(self, symbol: Symbol, findings: list[Finding]) -> RiskRejected:
        blocks = [finding for finding in findings if finding.severity is Severity.BLOCK]
        first = (blocks or findings)[0]
        text = first.text if blocks else f"To be confirmed: {'; '.join(f.text for f in findings)}."
        denial = Denial(self._clock.wall_ns(), symbol, first.reason, text)
        if self._risk.deny(denial):
            self._note("risk", f"denied {symbol} ({first.reason}): {text}")
        return RiskRejected(text, field=first.field, nearest=first.nearest, findings=findings)

    def _note_consent(self, request: OrderRequest, consent: Consent) -> None:
        if consent.given and not consent.standing:
            given = ", ".join(f"{reason} by {level.name.lower()}" for reason, level in consent.given.items())
            self._note("risk", f"confirmed {request.side} {request.symbol}: {given}")


def _terms(request: OrderRequest) -> _Terms:
    return _Terms(
        request.symbol,
        request.side,
        request.order_type,
        request.qty,
        request.cash_qty,
        request.limit_price,
    )
