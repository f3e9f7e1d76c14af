"""Rows O1 to O13 of the fault catalogue (faults, section 6): what the user sees, and what never happens."""

import asyncio
from decimal import Decimal

from core.domain.errors import RiskRejected
from core.domain.orders import OrderStatus as S
from tests.faults.scene import play
from tests.faults.terminal import ONE_A_SIDE
from tests.faults.user import AGREED
from tests.faults.weather import ADD


def test_o1_an_accepted_order_whose_answer_is_lost_is_found_and_never_doubled():
    async def story(scene):
        scene.plan.lose_answer(method="add_order")
        scene.plan.silent("executions", until_s=scene.now_s + 12)
        order = scene.submit(scene.request())

        await scene.sees(order, S.IN_DOUBT, within_s=7)
        await scene.sees(order, S.NEW, within_s=20)

        assert scene.accepted(order) == scene.received() == 1

    play(story, lines=ONE_A_SIDE)


def test_o1_a_report_ends_the_doubt_before_it_begins():
    async def story(scene):
        scene.plan.lose_answer(method="add_order")
        order = scene.submit(scene.request())

        await scene.sees(order, S.NEW, within_s=1)

        assert scene.received() == 1

    play(story)


def test_o2_an_order_lost_on_its_way_is_proven_absent_and_may_be_sent_again():
    async def story(scene):
        scene.plan.lose_request(method="add_order")
        order = scene.submit(scene.request())

        await scene.sees(order, S.IN_DOUBT, within_s=7)
        await scene.sees(order, S.NOT_FOUND, within_s=20)
        assert (scene.received(), scene.accepted(order)) == (1, 0)
        scene.do(scene.terminal.session.executor.send_again, order, AGREED)
        await scene.sees(order, S.NEW, within_s=5)

        assert scene.accepted(order) == 1

    play(story)


def test_o3_an_order_the_engine_takes_late_but_in_time_is_open():
    async def story(scene):
        scene.plan.queue(4.5, method="add_order")
        order = scene.submit(scene.request())

        await scene.sees(order, S.NEW, within_s=8)

        assert scene.accepted(order) == 1

    play(story)


def test_o4_an_order_queued_past_its_deadline_is_refused_there_and_not_placed_here():
    async def story(scene):
        scene.plan.queue(20, method="add_order")
        order = scene.submit(scene.request())

        await scene.sees(order, S.IN_DOUBT, within_s=7)
        await scene.until(lambda: scene.status(order) in (S.NOT_FOUND, S.REJECTED), 60)

        assert (scene.accepted(order), scene.received()) == (0, 1)

    play(story)


def test_o5_an_order_filled_at_once_whose_answer_is_lost_is_found_filled_with_its_fills():
    async def story(scene):
        scene.plan.lose_answer(method="add_order")
        scene.plan.gap(channel="executions", times=None, until_s=scene.now_s + 6)
        order = scene.submit(scene.market())

        await scene.sees(order, S.FILLED, within_s=30)
        await scene.until(lambda: not scene.order(order).missing_qty, 10)

        assert scene.order(order).fills
        assert scene.accepted(order) == scene.received() == 1

    play(story)


def test_o6_a_page_of_a_proxy_after_acceptance_is_no_rejection():
    async def story(scene):
        scene.plan.close(1006, role="private")
        scene.plan.http(503, b"no", method="connect", times=None, until_s=scene.now_s + 10)
        scene.plan.accept_then("html", method="AddOrder")
        await scene.until(lambda: scene.stores.health.account_doubt, 3)
        scene.stores.health.verified_account()  # the click came before the line was seen to be gone
        order = scene.submit(scene.request())

        await scene.sees(order, S.IN_DOUBT, within_s=7)
        await scene.sees(order, S.NEW, within_s=40)

        assert scene.accepted(order) == scene.received() == 1

    play(story)


def test_o7_late_history_is_waited_for_before_anything_is_concluded():
    async def story(scene):
        scene.plan.lag_rest(60, until_s=scene.now_s + 90)
        await asyncio.sleep(1)
        scene.plan.accept_then("close", method="add_order")
        scene.plan.http(503, b"no", method="connect", times=None, until_s=scene.now_s + 15)
        clicked = scene.now_s
        order = scene.submit(scene.market())

        await scene.sees(order, S.IN_DOUBT, within_s=7)
        await scene.sees(order, S.FILLED, within_s=90)

        assert scene.received() == 1
        assert scene.now_s - clicked < 90

    play(story, lines=ONE_A_SIDE)


def test_o8_a_line_closed_between_write_and_answer_never_sends_the_order_by_rest():
    async def story(scene):
        scene.plan.accept_then("close", method="add_order")
        order = scene.submit(scene.request())

        await scene.sees(order, S.NEW, within_s=20)

        assert scene.exchange.received("AddOrder") == 0
        assert scene.accepted(order) == 1

    play(story)


def test_o9_with_the_line_down_before_the_write_the_order_goes_by_rest_once():
    async def story(scene):
        scene.plan.http(503, b"no", method="connect", times=None, until_s=scene.now_s + 5)
        scene.plan.close(1006, role="private")
        await scene.until(lambda: scene.stores.health.account_doubt, 3)
        scene.stores.health.verified_account()  # the click came before the line was seen to be gone
        order = scene.submit(scene.request())

        await scene.until(
            lambda: scene.status(order) is not None and scene.order(order).status >= S.PENDING_NEW, 5
        )

        assert scene.order(order).road == "REST"
        assert (scene.exchange.received("add_order"), scene.exchange.received("AddOrder")) == (0, 1)

    play(story)


def test_o10_an_answer_without_its_request_id_is_understood():
    async def story(scene):
        scene.plan.corrupt("req_id", 987_654, method="add_order")
        order = scene.submit(scene.request())

        await scene.sees(order, S.NEW, within_s=7)

        assert scene.accepted(order) == 1

    play(story)


def test_o11_reports_in_any_sequence_lose_no_fill_and_no_status_falls():
    async def story(scene):
        seen = []
        scene.stores.orders.observe(lambda keys: seen.extend(scene.status(key) for key in keys))
        scene.plan.reorder(3, channel="executions", times=None, until_s=scene.now_s + 5)
        order = scene.submit(scene.market())

        await scene.sees(order, S.FILLED, within_s=30)
        await scene.until(lambda: not scene.order(order).missing_qty, 10)

        assert scene.order(order).fills
        assert seen == sorted(seen)

    play(story)


def test_o12_a_report_told_twice_and_a_replayed_snapshot_count_every_fill_once():
    async def story(scene):
        scene.plan.duplicate(channel="executions", times=None, until_s=scene.now_s + 5)
        order = scene.submit(scene.market())
        await scene.sees(order, S.FILLED, within_s=10)
        known = len(scene.stores.fills.all())

        scene.plan.close(1001, role="private")
        await scene.until(lambda: scene.stores.health.account_doubt, 5)
        await scene.ready()

        assert len(scene.stores.fills.all()) == known == len(scene.truth.fills)

    play(story)


def test_o13_partly_filled_and_cancelled_keeps_its_fills():
    async def story(scene):
        order = await scene.place(qty=Decimal("0.03"))
        scene.plan.act_elsewhere("trade", qty="0.01")
        await scene.sees(order.cl_ord_id, S.PARTIALLY_FILLED, within_s=5)

        scene.cancel(scene.order(order.cl_ord_id))
        found = await scene.sees(order.cl_ord_id, S.CANCELED, within_s=5)

        assert (found.cum_qty, found.qty) == (Decimal("0.01"), Decimal("0.03"))
        assert sum(fill.qty for fill in found.fills.values()) == Decimal("0.01")

    play(story)


def test_o20_one_click_seen_twice_is_one_order():
    async def story(scene):
        request = scene.request()
        for _ in range(20):
            scene.submit(request)

        await scene.sees(request.cl_ord_id, S.NEW, within_s=5)

        assert scene.received() == 1
        assert [type(error) for error in scene.errors] == [RiskRejected] * 19

    play(story)


def test_the_road_without_a_fault_takes_one_request():
    async def story(scene):
        order = scene.submit(scene.request())

        await scene.sees(order, S.NEW, within_s=1)

        assert scene.received() == 1
        assert ADD[0] == "add_order"

    play(story)
