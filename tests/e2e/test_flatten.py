"""Flattening a pair on the embedded exchange: cancel first, then take within the bound, never past the baseline."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.app.flatten import Flattener, FlattenRefused
from core.domain.instrument import Side
from core.domain.limits import Consent, Reason, Severity
from core.domain.orders import OrderStatus, OrderType
from tests.helpers.terminal import BTC, sim_exchange, terminal_on
from tests.helpers.waiting import eventually

D = Decimal
AGREED = Consent(dict.fromkeys(Reason, Severity.TYPE))


@pytest.fixture
async def terminal(tmp_path):
    async with sim_exchange() as exchange, terminal_on(exchange, tmp_path) as terminal:
        yield terminal


def owned(terminal):
    return terminal.session.stores.balances.get("BTC").spot


@pytest.mark.parametrize("off", ["0.35", "-0.2"])
async def test_a_pair_comes_back_to_its_baseline_from_either_side(terminal, off):
    baseline = owned(terminal) - D(off)
    resting = [
        await terminal.rest_order(side, qty) for side, qty in ((Side.BUY, "0.02"), (Side.SELL, "0.03"))
    ]
    plan = terminal.session.flattener.plan(BTC, baseline, 200)

    done = await terminal.session.flattener.flatten(BTC, baseline, 200, AGREED)

    orders = terminal.session.stores.orders
    assert {orders.get(order.cl_ord_id).status for order in resting} == {OrderStatus.CANCELED}
    assert plan.cancels == done.cancelled == 2
    assert plan.side is (Side.SELL if D(off) > 0 else Side.BUY)
    assert plan.qty == abs(D(off)) == done.traded
    assert done.left == 0
    assert owned(terminal) == baseline
    ours = [order for order in orders.all() if order not in resting and order.order_type is OrderType.LIMIT]
    assert all((order.avg_price - plan.bound) * order.side.sign <= 0 for order in ours if order.cum_qty)
    (holding,) = [h for h in await terminal.session.rest.balances() if h.asset == "BTC"]
    assert holding.total == baseline


async def test_more_than_the_bound_allows_is_left_and_said(terminal):
    before = owned(terminal)

    done = await terminal.session.flattener.flatten(BTC, before - D("0.9"), 0, AGREED)

    assert done.left == done.owned - (before - D("0.9"))
    assert done.traded + done.left == D("0.9")
    assert owned(terminal) == done.owned
    notes = [event.text for event in terminal.session.stores.health.events if event.source == "flatten"]
    assert any("owned" in text for text in notes)


async def test_nothing_is_traded_while_a_cancel_is_not_proven(terminal):
    order = await terminal.rest_order()
    await eventually(lambda: terminal.session.stores.orders.get(order.cl_ord_id).status is OrderStatus.NEW)
    terminal.exchange.faults.silent("executions")
    session, before = terminal.session, owned(terminal)
    quick = Flattener(
        session.stores,
        session.executor,
        session.rest,
        session.clock,
        lambda *_: None,
        session.strategies.quiet,
        0.3,
    )

    with pytest.raises(FlattenRefused, match="may still trade; nothing was traded"):
        await quick.flatten(BTC, before - D("0.1"), 50, AGREED)

    assert owned(terminal) == before
    assert [o.cl_ord_id for o in session.stores.orders.all()] == [order.cl_ord_id]


async def test_a_flat_pair_needs_nothing(terminal):
    done = await terminal.session.flattener.flatten(BTC, owned(terminal), 10)

    assert (done.traded, done.cancelled, done.left) == (0, 0, 0)
    assert terminal.session.stores.orders.all() == []
