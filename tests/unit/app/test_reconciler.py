"""How doubt ends: by proof alone (faults, section 4), and how the account becomes verified (section 5)."""

import asyncio
from decimal import Decimal

import pytest
from msgspec.structs import replace

from core.app.reconciler import AUDIT_NS, FULL_NS, QUERY_LOT, Reconciler
from core.domain.errors import Refused, TerminalError
from core.domain.ids import Asset, ExecId, OrderId
from core.domain.instrument import Side
from core.domain.orders import Fill, OrderStatus, RequestFlag, order_from_request
from core.runtime.clock import ManualClock
from tests.faults.virtual_loop import VirtualLoop
from tests.helpers.account import PAIR, FakeExchange, accepted, good_stores, resting
from tests.helpers.records import buy
from tests.helpers.reports import THEIRS, traded
from tests.helpers.waiting import eventually

DEADLINE_S = 5 + 3 + 2
"""Five seconds to live, stamped up to three seconds after the click, and two to be sure."""

BTC = Asset("BTC")


class Desk:
    def __init__(self):
        self.clock = ManualClock()
        self.stores = good_stores()
        self.orders = self.stores.orders
        self.exchange = FakeExchange()
        self.cancels_repeated = self.totals_renewed = 0
        self.reconciler = Reconciler(
            self.exchange, self.stores, self.clock, self.repeat_cancels, self.renew_totals
        )
        self.orders.begin_stretch()

    async def repeat_cancels(self):
        self.cancels_repeated += 1

    def renew_totals(self):
        self.totals_renewed += 1

    def cut_off(self):
        """The stream began anew after the click: what it says proves nothing of the time before."""
        self.orders.doubt()
        self.orders.begin_stretch()

    def doubt(self, *, watched=False):
        """An order without an answer. ``watched``: the stream has shown everything since before the click."""
        request = buy()
        if watched:
            self.orders.begin_stretch()
        self.orders.add(order_from_request(request, self.clock.wall_ns()))
        self.orders.infer(request.cl_ord_id, OrderStatus.IN_DOUBT, "no answer")
        if not watched:
            self.cut_off()
        return request

    async def look(self, after_s=0):
        self.clock.advance(s=after_s)
        await self.reconciler.compare("test")

    def status(self, request):
        return self.orders.get(request.cl_ord_id).status


@pytest.fixture
def desk():
    return Desk()


def fill(order_id, number=1, qty="1"):
    return Fill(
        exec_id=ExecId(f"T{number}"),
        order_id=OrderId(order_id),
        symbol=PAIR,
        side=Side.BUY,
        qty=Decimal(qty),
        price=Decimal(90),
        cost=Decimal(90) * Decimal(qty),
        ts=2 * 10**18,
    )


def filled(order_id="O1"):
    return replace(resting(1), order_id=OrderId(order_id), status=OrderStatus.FILLED, exec_type="filled")


async def test_before_the_deadline_nobody_looks_for_an_order_in_doubt(desk):
    desk.doubt()
    await desk.look(after_s=DEADLINE_S - 1)

    assert desk.exchange.questions("closed") == []


async def test_with_an_unbroken_stream_one_look_past_the_deadline_proves_absence(desk):
    request = desk.doubt(watched=True)
    await desk.look(after_s=DEADLINE_S)

    assert desk.status(request) is OrderStatus.NOT_FOUND


async def test_after_a_cut_absence_takes_three_looks_the_last_a_minute_past_the_deadline(desk):
    request = desk.doubt()
    for pause in (DEADLINE_S, 2, 5, 10, 20):
        await desk.look(after_s=pause)
        assert desk.status(request) is OrderStatus.IN_DOUBT

    await desk.look(after_s=30)

    assert desk.status(request) is OrderStatus.NOT_FOUND


async def test_looks_are_counted_only_of_orders_in_doubt(desk):
    request = desk.doubt()
    await desk.look(after_s=DEADLINE_S)
    assert list(desk.reconciler._looked) == [request.cl_ord_id]

    desk.stores.orders.infer(request.cl_ord_id, OrderStatus.REJECTED)
    await desk.look(after_s=60)

    assert desk.reconciler._looked == {}


async def test_two_looks_are_not_enough_however_late(desk):
    request = desk.doubt()
    await desk.look(after_s=3600)
    await desk.look(after_s=60)
    assert desk.status(request) is OrderStatus.IN_DOUBT

    await desk.look(after_s=60)

    assert desk.status(request) is OrderStatus.NOT_FOUND


async def test_without_a_verified_stream_absence_is_never_concluded(desk):
    request = desk.doubt()
    desk.orders.doubt()
    for _ in range(10):
        await desk.look(after_s=60)

    assert desk.status(request) is OrderStatus.IN_DOUBT


async def test_a_stream_lost_during_the_look_proves_nothing(desk):
    request = desk.doubt(watched=True)
    answer = desk.exchange.closed_orders

    async def cut_meanwhile(*asked):
        desk.orders.doubt()
        return await answer(*asked)

    desk.exchange.closed_orders = cut_meanwhile
    await desk.look(after_s=DEADLINE_S)

    assert desk.status(request) is OrderStatus.IN_DOUBT


@pytest.mark.parametrize("hours", [-1, 1])
async def test_h4_a_wall_clock_that_is_set_meanwhile_proves_no_absence(desk, hours):
    request = desk.doubt()
    await desk.look()
    desk.clock.set_wall_ns(desk.clock.wall_ns() + hours * 3600 * 10**9)
    desk.cut_off()
    for pause in (DEADLINE_S - 1, 1, 2, 5, 10, 20):
        await desk.look(after_s=pause)
        assert desk.status(request) is OrderStatus.IN_DOUBT

    await desk.look(after_s=30)

    assert desk.status(request) is OrderStatus.NOT_FOUND


async def test_an_order_found_open_is_adopted(desk):
    request = desk.doubt()
    desk.exchange.open = [replace(accepted(request), status=OrderStatus.NEW)]
    await desk.look()

    order = desk.orders.get(request.cl_ord_id)
    assert (order.status, order.order_id, order.foreign) == (OrderStatus.NEW, "OAAAAA-BBBBB-CCCCCC", False)


async def test_an_order_found_closed_ends_as_it_really_ended(desk):
    request = desk.doubt()
    desk.exchange.closed = [replace(accepted(request), status=OrderStatus.CANCELED, exec_type="canceled")]
    await desk.look(after_s=DEADLINE_S)

    assert desk.status(request) is OrderStatus.CANCELED


async def test_an_unreachable_exchange_leaves_every_doubt_as_it_is(desk):
    request = desk.doubt(watched=True)
    desk.exchange.reachable = False
    with pytest.raises(TerminalError):
        await desk.look(after_s=3600)

    assert desk.status(request) is OrderStatus.IN_DOUBT


async def test_an_order_held_open_that_is_not_listed_is_asked_for_and_not_guessed(desk):
    desk.orders.report(resting(1))
    await desk.look()
    assert desk.exchange.questions("query") == [((OrderId("O1"),),)]
    assert desk.orders.by_order_id(OrderId("O1")).status is OrderStatus.NEW

    desk.exchange.closed = [replace(resting(1), status=OrderStatus.EXPIRED, exec_type="expired")]
    await desk.look()

    assert desk.orders.by_order_id(OrderId("O1")).status is OrderStatus.EXPIRED


async def test_orders_are_asked_for_in_lots_of_fifty(desk):
    for number in range(120):
        desk.orders.report(resting(number))
    await desk.look()

    lots = [len(ids) for (ids,) in desk.exchange.questions("query")]
    assert lots == [QUERY_LOT, QUERY_LOT, 20]


async def test_an_open_order_of_another_program_is_taken_in_as_foreign(desk):
    desk.exchange.open = [resting(7)]
    await desk.look()

    assert desk.orders.by_order_id(OrderId("O7")).foreign


async def test_missing_fills_are_fetched_once_and_complete_the_order(desk):
    desk.orders.report(replace(filled(), cum_qty=Decimal(1)))
    desk.exchange.fills = [fill("O1")]
    await desk.look()
    await desk.look()

    order = desk.orders.by_order_id(OrderId("O1"))
    assert (order.missing_qty, list(order.fills)) == (0, ["T1"])
    assert len(desk.exchange.questions("fills")) == 1


async def test_without_missing_fills_no_history_is_asked(desk):
    desk.orders.report(resting(1))
    await desk.look()

    assert desk.exchange.questions("fills") == []


async def test_fills_of_orders_not_known_here_are_described_by_a_query(desk):
    desk.exchange.fills = [fill("O5")]
    desk.exchange.closed = [filled("O5")]
    desk.reconciler.ask("more fills than the snapshot holds", fills=True)
    await desk.look()

    assert desk.orders.by_order_id(OrderId("O5")).status is OrderStatus.FILLED
    assert [row.exec_id for row in desk.stores.fills.all()] == ["T1"]


async def test_an_amend_in_doubt_is_settled_by_the_exchanges_terms(desk):
    desk.orders.report(resting(1))
    order = desk.orders.by_order_id(OrderId("O1"))
    desk.orders.flag(order, amend=RequestFlag.DOUBT)
    desk.exchange.open = [replace(resting(1), limit_price=Decimal(91), ts=99)]
    await desk.look()

    order = desk.orders.by_order_id(OrderId("O1"))
    assert (order.amend, order.limit_price) == (RequestFlag.NONE, Decimal(91))


async def test_open_cancel_wishes_are_repeated_at_each_comparison(desk):
    await desk.look()

    assert desk.cancels_repeated == 1


async def test_equal_balances_end_the_doubt_of_the_account(desk):
    desk.stores.health.doubt_account("the account line was lost")
    await desk.look()

    assert desk.stores.health.account_doubt == ""
    assert desk.stores.health.alarms == []


async def test_without_both_snapshots_the_account_stays_in_doubt(desk):
    desk.stores.health.doubt_account("why")
    desk.stores.balances.doubt()
    await desk.look()

    assert desk.stores.health.account_doubt == "why"


async def test_a_doubt_that_comes_during_the_comparison_is_not_ended_by_it(desk):
    desk.stores.health.doubt_account("first")
    answer = desk.exchange.balances

    async def doubted_meanwhile():
        desk.stores.health.doubt_account("second")
        return await answer()

    desk.exchange.balances = doubted_meanwhile
    await desk.look()

    assert desk.stores.health.account_doubt == "second"


async def test_balances_are_compared_every_five_minutes(desk):
    desk.clock.advance(ns=FULL_NS)
    await desk.look()
    assert len(desk.exchange.questions("balances")) == 1

    await desk.look(after_s=299)
    assert len(desk.exchange.questions("balances")) == 1

    await desk.look(after_s=1)
    assert len(desk.exchange.questions("balances")) == 2


def test_totals_that_differ_are_asked_for_anew_ever_more_seldom(desk):
    async def eight_times():
        for _ in range(8):
            await desk.look(after_s=300)

    desk.exchange.owned[BTC] += 1
    in_virtual_time(eight_times)

    assert desk.totals_renewed == 4


def test_the_count_of_differences_begins_anew_once_they_are_gone(desk):
    async def three_times():
        for extra in (1, -1, 1):
            desk.exchange.owned[BTC] += extra
            await desk.look(after_s=300)

    in_virtual_time(three_times)

    assert desk.totals_renewed == 2


async def running(desk):
    task = asyncio.create_task(desk.reconciler.run(), name="reconciler")
    await eventually(lambda: desk.exchange.questions("open"))
    return task


async def stopped(task):
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_wish_is_served_soon_and_wishes_meanwhile_together(desk):
    desk.clock.advance(ns=AUDIT_NS)
    task = await running(desk)
    before = len(desk.exchange.questions("open"))
    for number in range(5):
        desk.reconciler.ask(f"wish {number}")
    await eventually(lambda: len(desk.exchange.questions("open")) > before)
    await stopped(task)

    assert len(desk.exchange.questions("open")) == before + 1


async def test_the_account_is_looked_at_every_minute_although_nothing_seems_wrong(desk):
    desk.clock.advance(ns=AUDIT_NS)
    task = await running(desk)
    desk.clock.advance(ns=AUDIT_NS)
    await eventually(lambda: len(desk.exchange.questions("open")) == 2)
    await stopped(task)


async def test_a_failed_comparison_is_logged_shown_and_tried_again(desk, expect_logs):
    expect_logs("core.app.reconciler", "reconcile failed reason=start failure=cut")
    desk.exchange.reachable = False
    task = asyncio.create_task(desk.reconciler.run(), name="reconciler")
    desk.reconciler.ask("start")
    await eventually(lambda: not desk.orders.reachable)
    desk.exchange.reachable = True
    desk.reconciler.ask("again")
    await eventually(lambda: desk.orders.reachable)
    await stopped(task)


async def test_a_question_refused_for_its_pace_is_asked_again_not_taken_for_an_answer(desk):
    """An id the exchange does not know is an answer; a refusal of the question is none."""
    answer = desk.exchange.query_orders

    async def too_fast(order_ids):
        raise Refused("EAPI:Rate limit exceeded")

    desk.orders.report(traded(1, "0.25", cl_ord_id=None))
    desk.exchange.query_orders = too_fast
    with pytest.raises(Refused):
        await desk.look()
    desk.exchange.query_orders = answer
    desk.exchange.closed.append(replace(filled(THEIRS), cum_qty=Decimal("0.25")))

    await desk.look()

    assert desk.orders.undescribed() == []
    assert desk.orders.by_order_id(THEIRS).cum_qty == Decimal("0.25")


async def test_what_nobody_describes_is_asked_for_soon_again(desk):
    desk.orders.report(traded(1, "0.25", cl_ord_id=None))
    desk.clock.advance(ns=AUDIT_NS)
    task = await running(desk)
    await eventually(lambda: desk.exchange.questions("query"))
    asked = len(desk.exchange.questions("query"))
    desk.clock.advance(s=6)
    await eventually(lambda: len(desk.exchange.questions("query")) > asked)
    await stopped(task)


def in_virtual_time(work):
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(seed=1)) as runner:
        return runner.run(work())


def test_balances_that_differ_twice_alarm_once(desk):
    async def compare_twice():
        for _ in range(2):
            desk.stores.health.doubt_account("why")
            await desk.look()

    desk.exchange.owned[BTC] += 1
    in_virtual_time(compare_twice)

    assert [alarm.kind for alarm in desk.stores.health.alarms] == ["balance drift"]
    assert "BTC -1" in desk.stores.health.alarms[0].text


def test_a_difference_that_passes_is_no_alarm(desk):
    """The stream may be ahead of REST for a moment."""
    answer, asked = desk.exchange.balances, []

    async def late_at_first():
        asked.append(True)
        desk.exchange.owned[BTC] = Decimal(9 if len(asked) == 1 else 10)
        return await answer()

    desk.exchange.balances = late_at_first
    desk.stores.health.doubt_account("why")
    in_virtual_time(desk.look)

    assert (len(asked), desk.stores.health.alarms) == (2, [])
    assert desk.stores.health.account_doubt == ""
