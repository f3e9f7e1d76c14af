"""What the gate keeps count of: floods, repetitions, funds on the way, the kill switch, the day's loss, the budget."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from core.app.risk import RiskManager
from core.domain.errors import RiskRejected
from core.domain.events import ExecutionEvent, SubscriptionEvent
from core.domain.ids import OrderId
from core.domain.instrument import Side
from core.domain.limits import Consent, LossLimits, Reason, RiskLimits, Severity
from core.domain.orders import AmendRequest, OrderStatus, OrderType, order_from_request
from core.domain.subscription import EXECUTIONS, Subscription
from core.domain.times import DAY_NS
from core.processing.risk_store import LossState
from core.runtime.clock import ManualClock
from tests.helpers.account import PAIR, good_stores, resting
from tests.helpers.records import buy

TYPED = Consent(dict.fromkeys(Reason, Severity.TYPE))


class Gate:
    """A gate over a good account; ``notes`` is what it wrote down."""

    def __init__(self):
        self.stores, self.clock, self.notes = good_stores(), ManualClock(), []
        self.pnl = None
        self.kept = []
        self.risk = RiskManager(
            self.stores,
            self.clock,
            lambda source, text: self.notes.append(text),
            lambda: (self.clock.wall_ns() // DAY_NS, self.pnl),
            self.kept.append,
        )

    def reasons(self, request, consent=TYPED):
        return [finding.reason for finding in self.risk.assess(request, consent)]

    def send(self, request, consent=TYPED):
        self.risk.admit([request], consent)
        self.risk.settle([request.cl_ord_id])


@pytest.fixture
def gate():
    return Gate()


def small(number=0):
    return buy(qty=Decimal("0.1"), limit_price=Decimal(90) + number * Decimal("0.1"))


def test_the_eleventh_order_within_ten_seconds_pulls_the_kill_switch_until_it_is_acknowledged(gate):
    for number in range(10):
        gate.send(small(number))
        gate.clock.advance(ms=900)

    with pytest.raises(RiskRejected, match="kill switch"):
        gate.send(small(20))
    gate.clock.advance(s=60)
    assert gate.reasons(small()) == [Reason.KILLED]
    assert any("more than 10 orders in 10 s" in note for note in gate.notes)

    gate.risk.acknowledge()

    gate.send(small())


def test_ten_orders_in_each_ten_seconds_are_no_flood(gate):
    for number in range(40):
        gate.send(small(number))
        gate.clock.advance(s=1)

    assert gate.stores.risk.killed == ""


def test_the_kill_switch_stops_orders_and_amends_and_stands_on_line_0(gate):
    gate.stores.orders.report(resting(1))
    gate.risk.kill("pulled by hand")

    assert gate.reasons(buy()) == [Reason.KILLED]
    with pytest.raises(RiskRejected, match="pulled by hand"):
        gate.risk.check_amend(AmendRequest(order_id=OrderId("O1"), limit_price=Decimal("90.5")))
    assert gate.stores.health.stopped == "pulled by hand"


def test_a_switch_pulled_before_a_restart_is_still_on_and_nothing_is_noted_twice(gate):
    gate.risk.remain_killed("pulled by hand")

    assert gate.reasons(buy()) == [Reason.KILLED]
    assert gate.stores.health.stopped == "pulled by hand"
    assert gate.notes == []
    gate.risk.acknowledge()
    gate.risk.remain_killed("")
    assert gate.reasons(buy()) == []


def test_more_than_three_orders_in_doubt_pull_the_kill_switch(gate):
    for number in range(4):
        request = small(number)
        gate.stores.orders.add(order_from_request(request, number))
        gate.stores.orders.infer(request.cl_ord_id, OrderStatus.IN_DOUBT, "no answer")

    gate.risk.look()

    assert "4 orders are in doubt" in gate.stores.risk.killed


def test_the_same_order_within_two_seconds_is_asked_about(gate):
    gate.send(small())

    assert gate.reasons(small(), Consent()) == [Reason.DUPLICATE]
    assert gate.reasons(small(1), Consent()) == []
    gate.clock.advance(s=2)
    assert gate.reasons(small(), Consent()) == []


def test_an_order_that_did_not_leave_is_no_first_of_two(gate):
    first = small()
    gate.risk.admit([first])
    gate.risk.withdraw([first.cl_ord_id])

    gate.send(small(), Consent())


def test_orders_on_their_way_hold_their_funds(gate):
    gate.risk.admit([buy(qty=Decimal(60))], TYPED)

    assert gate.reasons(buy(qty=Decimal(60), limit_price=Decimal(99))) == [Reason.FUNDS]


def test_a_batch_must_be_paid_as_a_whole(gate):
    legs = [buy(qty=Decimal(40), limit_price=Decimal(90 + number)) for number in range(3)]

    with pytest.raises(RiskRejected, match="Not enough USD"):
        gate.risk.admit(legs, TYPED)
    gate.risk.admit(legs[:2], TYPED)


def test_a_market_buy_in_doubt_holds_what_it_may_still_spend(gate):
    request = buy(order_type=OrderType.MARKET, limit_price=None, qty=Decimal(5))
    gate.stores.orders.add(order_from_request(request, 1))
    gate.stores.orders.infer(request.cl_ord_id, OrderStatus.IN_DOUBT, "no answer")

    held = gate.stores.balances.get("USD").held

    assert held == 5 * 101 * Decimal("1.004")


def test_funds_are_asked_for_with_the_worst_fee(gate):
    assert gate.reasons(buy(qty=Decimal("99.6"))) == []
    assert gate.reasons(buy(qty=Decimal("99.7"))) == [Reason.FUNDS]


def test_a_second_order_beside_one_of_unknown_state_must_be_typed(gate):
    request = buy(limit_price=Decimal(95))
    gate.stores.orders.add(order_from_request(request, 1))
    gate.stores.orders.infer(request.cl_ord_id, OrderStatus.IN_DOUBT, "no answer")

    (finding,) = gate.risk.assess(buy())

    assert (finding.reason, finding.severity) == (Reason.DOUBT, Severity.TYPE)
    assert gate.reasons(replace(buy(limit_price=Decimal(110)), side=Side.SELL), Consent()) == []


def test_g5_a_click_just_after_the_pair_changed_is_meant_for_the_other(gate):
    now = gate.clock.mono_ns()
    gate.clock.advance(ms=499)

    assert gate.reasons(buy(), Consent({}, now)) == [Reason.WRONG_PAIR]
    gate.clock.advance(ms=1)
    assert gate.reasons(buy(), Consent({}, now)) == []


@pytest.mark.parametrize(
    ("pnl", "state", "buys", "sells"),
    [
        (-99, LossState.ACTIVE, [], []),
        (-100, LossState.REDUCING, [Reason.LOSS], []),
        (-200, LossState.HALTED, [Reason.LOSS], [Reason.LOSS]),
    ],
)
def test_the_loss_of_the_day_locks_step_by_step(gate, pnl, state, buys, sells):
    gate.stores.risk.set_limits(RiskLimits(loss=LossLimits(100, 200)))
    gate.pnl = Decimal(pnl)
    gate.risk.look()
    gate.pnl = Decimal(50)
    gate.risk.look()

    assert gate.stores.risk.loss_state is state, "a recovery does not unlock"
    assert gate.reasons(buy()) == buys
    assert gate.reasons(replace(buy(limit_price=Decimal(110)), side=Side.SELL)) == sells
    gate.clock.advance(DAY_NS)
    gate.risk.look()
    assert gate.stores.risk.loss_state is LossState.ACTIVE


def test_the_worst_of_the_day_outlives_the_program_and_not_the_day(gate):
    limits = RiskLimits(loss=LossLimits(100, 200))
    for pnl in (-50, -250, -220):
        gate.pnl = Decimal(pnl)
        gate.risk.look()
    assert len(gate.kept) == 2

    again = Gate()
    again.stores.risk.set_limits(limits)
    again.risk.remember_loss(gate.kept[-1])
    again.risk.look()
    assert again.stores.risk.loss_state is LossState.HALTED
    assert again.stores.risk.worst_pnl == -250

    tomorrow = Gate()
    tomorrow.stores.risk.set_limits(limits)
    tomorrow.clock.advance(DAY_NS)
    tomorrow.pnl = Decimal(0)
    tomorrow.risk.remember_loss(gate.kept[-1])
    tomorrow.risk.look()
    assert tomorrow.stores.risk.loss_state is LossState.ACTIVE


def test_an_unknown_profit_changes_nothing(gate):
    gate.pnl = Decimal(-6_000)
    gate.risk.look()
    gate.pnl = None
    gate.risk.look()

    assert gate.stores.risk.loss_state is LossState.REDUCING


def test_r2_the_counter_of_a_pair_is_kept_for_cancels_from_85_percent(gate):
    gate.risk.budget.take(PAIR, 49)
    assert gate.reasons(buy()) == []
    gate.risk.look()
    assert any("rate budget of BTC/USD 82% used" in note for note in gate.notes)

    gate.risk.budget.take(PAIR, 2)

    assert gate.reasons(buy()) == [Reason.BUDGET]
    gate.clock.advance(s=10)
    assert gate.reasons(buy()) == []


def test_the_streamed_counter_and_the_tier_correct_our_own(gate):
    acknowledged = SubscriptionEvent(Subscription(EXECUTIONS), True, max_rate_count=180)
    gate.risk.budget.listen([acknowledged])
    gate.stores.orders.report(resting(1))
    told = replace(resting(1), rate_count=Decimal(170))
    gate.risk.budget.listen([ExecutionEvent(False, 2, [told])])

    assert gate.reasons(buy()) == [Reason.BUDGET]
    assert gate.risk.budget.open_orders_max == 202


def test_a_refusal_for_the_rate_fills_the_counter(gate):
    gate.risk.budget.refused(PAIR, "EOrder:Rate limit exceeded")

    assert gate.reasons(buy()) == [Reason.BUDGET]


def test_every_denial_is_written_down_once_a_second(gate):
    for _ in range(3):
        with pytest.raises(RiskRejected):
            gate.risk.check(buy(qty=Decimal(1_000)), TYPED)

    assert gate.stores.risk.denied == 3
    assert len(gate.stores.risk.denials) == 1
    assert [note for note in gate.notes if note.startswith("denied BTC/USD (funds)")] == gate.notes


def test_what_was_agreed_to_is_written_down(gate):
    gate.send(small(), Consent({Reason.SIZE: Severity.HOLD}))

    assert gate.notes == ["confirmed buy BTC/USD: size by hold"]


def test_consent_to_less_is_no_consent_to_more(gate):
    gate.stores.risk.set_limits(
        RiskLimits().with_band("notional", replace(RiskLimits().every.notional, hold=10, type=20))
    )

    assert gate.reasons(buy(), Consent({Reason.NOTIONAL: Severity.HOLD})) == [Reason.NOTIONAL]
    assert gate.reasons(buy(), Consent({Reason.NOTIONAL: Severity.TYPE})) == []


def test_an_amend_to_a_wild_price_or_size_is_judged_like_an_order(gate):
    gate.stores.orders.report(resting(1))

    def reasons(**fields):
        return [f.reason for f in gate.risk.assess_amend(AmendRequest(order_id=OrderId("O1"), **fields))]

    assert reasons(limit_price=Decimal("90.5")) == []
    assert reasons(limit_price=Decimal("9.5")) == [Reason.AWAY]
    assert Reason.THROUGH in reasons(limit_price=Decimal(950))
    assert Reason.FUNDS in reasons(qty=Decimal(500))
