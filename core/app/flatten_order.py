"""Flattening: first the pair's orders are cancelled, then one order brings back the inventory chosen to be kept."""

from __future__ import annotations

import asyncio
import logging
from decimal import Decimal

from core.app.executor import Executor
from core.app.ticket import TicketFields
from core.domain.errors import RiskRejected
from core.domain.ids import Symbol
from core.domain.instrument import Instrument, Side
from core.domain.orders import OrderType, TimeInForce
from core.processing.book_store import BookView
from core.processing.order_store import OrderStore

log = logging.getLogger(__name__)

BPS = Decimal(10_000)
CANCELLED_S = 5.0
"""How long the reports of confirmed cancels may take."""


async def cancel_first(executor: Executor, orders: OrderStore, symbol: Symbol) -> None:
    """Cancel every order of a pair and return when none is open any more. RiskRejected when one may be."""
    changed = asyncio.Event()
    stop = orders.observe(lambda _: changed.set())
    try:
        tally = await executor.cancel_all(symbol)
        async with asyncio.timeout(CANCELLED_S):
            while not tally.failed and orders.open(symbol):
                changed.clear()
                await changed.wait()
    except TimeoutError:
        log.warning("orders still open after their cancels symbol=%s", symbol)
    finally:
        stop()
    if left := len(orders.open(symbol)):
        raise RiskRejected(f"{symbol} was not flattened: {left} of its orders may still be open.")


def flatten_fields(
    instrument: Instrument, total: Decimal, keep: Decimal | None, view: BookView | None, slippage_bps: int
) -> TicketFields:
    """Return the limit-IOC order that turns ``total`` (base, held ones included) into ``keep``.

    Its limit lies ``slippage_bps`` through the touch at most: what the market does not give there stays. Raises
    RiskRejected when nothing was chosen to keep, when nothing is left to do, or without a book.
    """
    base = instrument.base
    if keep is None:
        raise RiskRejected(f"Choose in the preferences how much {base} to keep when flattening.")
    side = Side.SELL if total > keep else Side.BUY
    touch = None if view is None else view.best_bid if side is Side.SELL else view.best_ask
    if touch is None:
        raise RiskRejected(f"The {instrument.symbol} book has no price to flatten at.")
    limit = instrument.quantize_price(touch[0] * (1 + side.sign * slippage_bps / BPS), side)
    qty = instrument.quantize_qty(abs(total - keep))
    if qty < instrument.qty_min or qty * limit < instrument.cost_min:
        held = f"{total.normalize():f} {base} held, {keep.normalize():f} to keep"
        raise RiskRejected(f"{instrument.symbol} is flat: {held}.")
    return TicketFields(
        side=side,
        order_type=OrderType.LIMIT,
        qty=f"{qty.normalize():f}",
        limit_price=f"{limit:f}",
        time_in_force=TimeInForce.IOC,
    )
