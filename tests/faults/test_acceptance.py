"""What the terminal must notice, and how soon it must be well again: the acceptance runs, in virtual time."""

import asyncio

from core.domain.orders import OrderStatus
from core.processing.health_store import HealthLevel
from tests.faults.scene import play
from tests.faults.terminal import SYMBOLS
from tests.faults.test_line_rows import is_live, level, untrusted

CUTS = 30
ACCOUNT = {"executions", "balances"}


def percentile(samples, percent):
    return sorted(samples)[min(len(samples) - 1, int(len(samples) * percent / 100))]


def test_acknowledgements_delayed_by_three_seconds_delay_orders_and_turn_nothing_red():
    async def story(scene):
        await asyncio.sleep(12)
        scene.plan.delay(3, method="add_order", times=None, until_s=scene.now_s + 30)
        clicked = scene.now_s
        order = scene.submit(scene.request())

        await scene.sees(order, OrderStatus.NEW, within_s=6)

        assert scene.now_s - clicked < 6
        assert scene.received() == 1
        assert untrusted(scene) == set()
        await asyncio.sleep(4)
        slowest = scene.stores.performance.order_to_ack.maximum
        assert 2_900_000_000 <= slowest <= 3_500_000_000
        assert level(scene) is HealthLevel.SAFE

    play(story)


def test_a_clock_skewed_by_two_seconds_is_measured_within_the_uncertainty_told():
    async def story(scene):
        scene.plan.skew(2)
        performance = scene.stores.performance
        await scene.until(lambda: (performance.clock_offset_ns or 0) > 10**9, 400)

        assert abs(performance.clock_offset_ns - 2 * 10**9) <= performance.clock_uncertainty_ns
        assert performance.clock_uncertainty_ns < 10**9
        await asyncio.sleep(2)
        assert untrusted(scene) == set()
        assert not scene.stores.health.account_doubt
        order = scene.submit(scene.request())
        await scene.sees(order, OrderStatus.NEW, within_s=3)

    play(story)


def test_an_exchange_frozen_with_its_connections_open_is_found_within_six_seconds_on_every_line():
    async def story(scene):
        await asyncio.sleep(12)
        scene.plan.half_open(role="public")
        scene.plan.half_open(role="private")
        frozen = scene.now_s

        await scene.until(lambda: not any(is_live(scene, symbol) for symbol in SYMBOLS), 3)
        await scene.until(lambda: scene.stores.health.account_doubt, 6 - (scene.now_s - frozen))

        assert level(scene) is HealthLevel.BLIND
        await scene.until(lambda: all(is_live(scene, symbol) for symbol in SYMBOLS), 12)
        await scene.until(lambda: not scene.stores.health.account_doubt, 12)

    play(story)


def test_a_private_line_killed_under_an_order_leaves_the_market_green_and_the_order_known():
    async def story(scene):
        await asyncio.sleep(12)
        scene.plan.accept_then("close", method="add_order")
        order = scene.submit(scene.request())
        red, until = set(), scene.now_s + 15
        while scene.now_s < until:
            red |= {key for key in untrusted(scene) if key[0] not in ACCOUNT}
            red |= {"blind"} if level(scene) is HealthLevel.BLIND else set()
            await asyncio.sleep(0.05)

        assert red == set()
        await scene.sees(order, OrderStatus.NEW, within_s=1)
        assert scene.accepted(order) == scene.received() == 1

    play(story)


def test_after_all_lines_were_cut_books_are_live_and_the_account_verified_within_seconds():
    async def story(scene):
        books, accounts = [], []
        for number in range(CUTS):
            await asyncio.sleep(60)  # stable again, and within the budget of attempts
            scene.plan.close(1006)
            cut = scene.now_s
            await scene.until(lambda: scene.stores.health.account_doubt, 2)
            await scene.until(lambda: all(is_live(scene, symbol) for symbol in SYMBOLS), 20)
            books.append(scene.now_s - cut)
            await scene.until(lambda: not scene.stores.health.account_doubt, 20)
            accounts.append(scene.now_s - cut)
            if number % 10 == 0:
                scene.plan.act_elsewhere("deposit", qty="1")
        assert percentile(books, 99) < 2.5, books
        assert percentile(accounts, 99) < 4, accounts

    play(story)
