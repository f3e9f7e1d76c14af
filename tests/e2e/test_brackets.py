"""Brackets on the embedded exchange: who guards what, the switch from stop to target, restart, and other hands."""

from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

import pytest

from core.app.strategies.bracket import BracketRefused
from core.domain.ids import new_cl_ord_id
from core.domain.instrument import Side
from core.domain.orders import CancelRequest, OrderRequest, OrderStatus, OrderType
from core.processing.bracket import BracketPlan, Ended
from core.sim.exchange import ACCOUNT
from tests.helpers.terminal import BTC, sim_exchange, terminal_on
from tests.helpers.waiting import eventually

D = Decimal


def bracket(terminal, *, stop="0.95", target="1.05", qty="0.05", entry=None):
    bid, instrument = terminal.bid, terminal.instrument
    return BracketPlan(
        bracket_id=str(uuid4()),
        symbol=BTC,
        side=Side.SELL,
        stop=instrument.quantize_price(bid * D(stop)),
        target=instrument.quantize_price(bid * D(target)),
        qty=D(qty),
        least=instrument.qty_min,
        entry=entry,
    )


def legs(terminal, guarded):
    orders = terminal.session.stores.orders
    found = (orders.get(guarded.plan.leg_id(number)) for number in range(len(guarded.bracket.legs)))
    return [order for order in found if order is not None]


def forget_what_ended(stores):
    """As if thousands of orders had ended since."""
    stores.flush_all()
    for store in (stores.orders, stores.fills):
        store.bound = store._look_at = 0
    stores.flush_all()


async def stop_rests(terminal, guarded):
    await eventually(
        lambda: (own := legs(terminal, guarded)) and own[-1].status is OrderStatus.NEW and own[-1].trigger,
        timeout_s=10,
    )
    await eventually(lambda: guarded.busy is None)
    return legs(terminal, guarded)[-1]


async def test_the_stop_rests_at_the_exchange_and_the_target_is_taken_when_reached(tmp_path):
    async with sim_exchange(speed=3.0) as exchange, terminal_on(exchange, tmp_path) as terminal:
        before = terminal.session.stores.balances.get("BTC").spot
        ask = terminal.session.stores.books.view(BTC).best_ask[0]
        guarded = await terminal.session.brackets.attach(bracket(terminal, target=str(ask / terminal.bid)))
        first = await stop_rests(terminal, guarded)

        assert first.order_type is OrderType.STOP_LOSS
        assert first.qty == D("0.05")
        assert "by the exchange" in guarded.words() or guarded.bracket.touched
        await eventually(lambda: guarded.bracket.ended is Ended.DONE, timeout_s=50)

        assert guarded.bracket.done == D("0.05")
        await eventually(
            lambda: terminal.session.stores.balances.get("BTC").spot == before - D("0.05"), timeout_s=10
        )
        sold = [order for order in legs(terminal, guarded) if order.cum_qty]
        assert all(order.avg_price >= guarded.plan.target for order in sold)
        assert terminal.session.stores.orders.open(BTC) == []
        await eventually_forgotten(terminal)


async def eventually_forgotten(terminal):
    journal = terminal.session.journal
    for _ in range(50):
        if not await journal.kept("bracket:"):
            return
    raise AssertionError("the bracket stays in the journal")


async def test_a_stop_that_is_reached_closes_the_position_alone(tmp_path):
    async with sim_exchange(speed=3.0) as exchange, terminal_on(exchange, tmp_path) as terminal:
        guarded = await terminal.session.brackets.attach(bracket(terminal, stop="0.99999"))

        await eventually(lambda: guarded.bracket.ended is Ended.DONE, timeout_s=50)

        assert [order.order_type for order in legs(terminal, guarded)] == [OrderType.STOP_LOSS]
        assert guarded.bracket.done == D("0.05")


async def test_a_bracket_on_an_entry_guards_what_the_entry_fills(tmp_path):
    async with sim_exchange() as exchange, terminal_on(exchange, tmp_path) as terminal:
        entry = new_cl_ord_id()
        guarded = await terminal.session.brackets.attach(bracket(terminal, entry=entry, qty="0.02"))
        assert "waits for its entry" in guarded.words()

        request = OrderRequest(
            cl_ord_id=entry, symbol=BTC, side=Side.BUY, order_type=OrderType.MARKET, qty=D("0.02")
        )
        await terminal.session.executor.submit(request)

        await stop_rests(terminal, guarded)
        await eventually(lambda: legs(terminal, guarded)[-1].qty == D("0.02"), timeout_s=10)
        stores = terminal.session.stores
        forget_what_ended(stores)
        assert stores.orders.get(entry).status is OrderStatus.FILLED
        assert [fill.cl_ord_id for fill in stores.fills.all()] == [entry]

        await terminal.session.brackets.release(guarded.plan.bracket_id)
        await eventually(lambda: guarded.bracket.ended is Ended.RELEASED, timeout_s=10)
        assert terminal.session.stores.orders.open(BTC) == []
        forget_what_ended(stores)
        assert stores.orders.get(entry) is None


async def test_every_leg_is_found_again_after_a_restart(tmp_path):
    async with sim_exchange() as exchange:
        async with terminal_on(exchange, tmp_path) as terminal:
            guarded = await terminal.session.brackets.attach(bracket(terminal))
            stop = await stop_rests(terminal, guarded)
        async with terminal_on(exchange, tmp_path) as terminal:
            await eventually(lambda: terminal.session.brackets.all(), timeout_s=10)
            (again,) = terminal.session.brackets.all()
            await eventually(lambda: again.bracket.legs[0].placed, timeout_s=10)
            await eventually(lambda: "the stop remains" in again.words(), timeout_s=10)

            assert again.plan == guarded.plan
            (resting,) = terminal.session.stores.orders.open(BTC)
            assert resting.order_id == stop.order_id
            await terminal.session.brackets.release(again.plan.bracket_id)
            await eventually(lambda: again.bracket.ended is Ended.RELEASED, timeout_s=10)
            await eventually_forgotten(terminal)
        async with terminal_on(exchange, tmp_path) as terminal:
            assert terminal.session.brackets.all() == []
            assert terminal.session.stores.orders.open(BTC) == []


async def test_a_stop_that_filled_while_the_program_was_away_is_not_placed_again(tmp_path):
    async with sim_exchange(speed=3.0) as exchange:
        async with terminal_on(exchange, tmp_path) as terminal:
            before = terminal.session.stores.balances.get("BTC").spot
            guarded = await terminal.session.brackets.attach(bracket(terminal, stop="0.99999"))
            await eventually(lambda: legs(terminal, guarded) and guarded.busy is None, timeout_s=10)
        await eventually(lambda: not exchange.engine.open_orders(ACCOUNT), timeout_s=40)
        async with terminal_on(exchange, tmp_path) as terminal:
            await eventually(lambda: terminal.session.brackets.all(), timeout_s=10)
            (again,) = terminal.session.brackets.all()
            await eventually(lambda: again.bracket.ended is Ended.DONE, timeout_s=20)

            assert again.bracket.done == D("0.05")
            assert terminal.session.stores.orders.open(BTC) == []
            assert terminal.session.stores.balances.get("BTC").spot == before - D("0.05")


async def test_a_stop_that_was_cancelled_while_the_program_was_away_is_placed_anew(tmp_path):
    async with sim_exchange() as exchange:
        async with terminal_on(exchange, tmp_path) as terminal:
            guarded = await terminal.session.brackets.attach(bracket(terminal))
            stop = await stop_rests(terminal, guarded)
        cancelled = exchange.faults.act_elsewhere("cancel", order_id=stop.order_id)
        async with terminal_on(exchange, tmp_path) as terminal:
            await eventually(lambda: terminal.session.brackets.all(), timeout_s=10)
            (again,) = terminal.session.brackets.all()
            await eventually(lambda: len(again.bracket.legs) == 2, timeout_s=10)
            rest = await stop_rests(terminal, again)

            assert cancelled.fired == 1
            assert rest.qty == D("0.05")
            assert rest.cl_ord_id == again.plan.leg_id(1)


async def test_a_bracket_grows_with_its_entry_in_place(tmp_path):
    async with sim_exchange() as exchange, terminal_on(exchange, tmp_path) as terminal:
        entry = await terminal.rest_order(qty="0.04")
        guarded = await terminal.session.brackets.attach(bracket(terminal, entry=entry.cl_ord_id, qty="0.04"))
        await eventually(lambda: terminal.session.stores.orders.get(entry.cl_ord_id).order_id)
        order_id = terminal.session.stores.orders.get(entry.cl_ord_id).order_id

        exchange.faults.act_elsewhere("trade", order_id=order_id, qty="0.01")
        first = await stop_rests(terminal, guarded)
        assert first.qty == D("0.01")
        exchange.faults.act_elsewhere("trade", order_id=order_id, qty="0.02")
        await eventually(lambda: legs(terminal, guarded)[-1].qty == D("0.03"), timeout_s=10)

        assert [order.order_id for order in legs(terminal, guarded)] == [first.order_id]
        assert len(guarded.bracket.legs) == 1


async def test_whoever_cancels_the_stop_by_hand_does_not_have_to_fight_for_it(tmp_path):
    async with sim_exchange() as exchange, terminal_on(exchange, tmp_path) as terminal:
        guarded = await terminal.session.brackets.attach(bracket(terminal))
        stop = await stop_rests(terminal, guarded)

        await terminal.session.executor.cancel(CancelRequest(order_id=stop.order_id))
        await eventually(lambda: guarded.bracket.ended is Ended.RELEASED, timeout_s=10)

        assert len(legs(terminal, guarded)) == 1
        notes = [e.text for e in terminal.session.stores.health.events if e.source == "bracket"]
        assert any("NOTHING guards the position" in text for text in notes)


async def test_a_bracket_that_does_not_fit_the_pair_is_refused(tmp_path):
    async with sim_exchange() as exchange, terminal_on(exchange, tmp_path) as terminal:
        with pytest.raises(BracketRefused, match="smallest"):
            await terminal.session.brackets.attach(bracket(terminal, qty="0.00000001"))

        assert terminal.session.brackets.all() == []
