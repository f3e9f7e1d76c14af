"""Rows H1 and H2 of the fault catalogue on one order: a killed program, a journal that cannot be written."""

import asyncio

from core.domain.errors import JournalUnavailable, RiskRejected
from core.domain.orders import OrderStatus as S
from tests.faults.scene import play
from tests.faults.user import AGREED


def test_h1_killed_with_the_order_on_its_way_the_next_start_finds_it_once():
    async def story(scene):
        scene.plan.queue(2, method="add_order")
        order = scene.submit(scene.market())
        await asyncio.sleep(0.1)

        await scene.terminal.kill()
        await asyncio.sleep(1)
        await scene.start()
        await scene.sees(order, S.FILLED, within_s=90)

        assert scene.accepted(order) == scene.received() == 1

    play(story)


def test_h1_killed_before_the_order_was_written_down_it_never_existed():
    async def story(scene):
        request = scene.request()
        scene.submit(request)

        scene.terminal.die()
        await scene.terminal.bury()
        await scene.start()
        await scene.ready()

        assert scene.stores.orders.get(request.cl_ord_id) is None
        assert scene.received() == 0

    play(story)


def test_h2_with_the_disk_full_no_order_leaves_and_cancels_work():
    async def story(scene):
        resting = await scene.place()
        scene.disk.full = True
        refused = scene.request()
        scene.do(scene.terminal.session.executor.submit, refused, AGREED)
        await scene.until(lambda: scene.errors, 2)
        scene.do(scene.terminal.session.executor.submit, scene.request(), AGREED)
        scene.cancel(resting)
        await scene.sees(resting.cl_ord_id, S.CANCELED, within_s=5)

        assert [type(error) for error in scene.errors] == [JournalUnavailable, RiskRejected]
        assert scene.received() == 1
        assert scene.stores.orders.get(refused.cl_ord_id) is None
        assert "the disk is full" in scene.stores.health.journal_failure
        scene.disk.full = False

    play(story)


def test_h2_with_room_again_orders_leave_again():
    async def story(scene):
        scene.disk.full = True
        scene.terminal.journal.look()
        assert not scene.terminal.can_trade

        scene.disk.full = False
        scene.terminal.journal.look()
        await scene.place()

        assert scene.stores.health.journal_failure == ""

    play(story)
