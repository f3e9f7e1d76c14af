"""Journal, stream and REST on real sockets and a real file: equal, until somebody changes the file."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from core.domain.audit import BreakKind
from core.domain.instrument import Side
from core.domain.orders import OrderStatus
from tests.helpers.terminal import sim_exchange, terminal_on
from tests.helpers.waiting import eventually


async def test_after_trading_all_three_are_equal_and_a_changed_journal_is_named(tmp_path):
    async with sim_exchange() as exchange, terminal_on(exchange, tmp_path) as terminal:
        await terminal.ready()
        session = terminal.session
        session.audit.pause_s = 1.0  # nothing is far away here
        order = await terminal.rest_order()
        taken = await terminal.rest_order(Side.BUY, away="1.001")
        await eventually(lambda: session.stores.orders.get(taken.cl_ord_id).status is OrderStatus.FILLED)

        result = await session.audit.check()

        assert result.problem == ""
        assert [one.text for one in result.breaks] == []
        assert result.is_equal
        assert order.order_id in result.journal.told.orders
        assert len(result.journal.told.fills) == len(result.stream.fills) == len(result.rest.fills) > 0

        file = next(tmp_path.rglob("journal-demo.sqlite"))
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("DELETE FROM fills")
            connection.execute("UPDATE balances SET wallets = '[]', total = '1' WHERE asset = 'USD'")
            connection.commit()
        await session.audit.check()

        kinds = {one.kind for one in session.audit.result.breaks}
        assert BreakKind.BALANCE_DIFFERS in kinds
        noted = [event.text for event in session.stores.health.events if event.source == "reconciliation"]
        assert any("balance differs" in text for text in noted)
