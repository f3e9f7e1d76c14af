"""A user who trades by hand, fast and without mercy: places, amends, cancels, and asks again where that is allowed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal
from random import Random
from uuid import UUID

from core.domain.errors import TerminalError
from core.domain.ids import ClOrdId
from core.domain.instrument import Side
from core.domain.limits import Consent, Reason, Severity
from core.domain.orders import (
    AmendRequest,
    CancelRequest,
    OrderRequest,
    OrderStatus,
    OrderType,
    TimeInForce,
)
from tests.faults.terminal import SYMBOLS, Terminal

AGREED = Consent(dict.fromkeys(Reason, Severity.TYPE))
"""What somebody agrees to who confirms whatever he is asked."""


class User:
    """Decides by one generator. ``intents`` are the ids of every order the program accepted to send."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self.intents: list[ClOrdId] = []

    def act(self, terminal: Terminal) -> None:
        """Do one thing."""
        chance = self._random.random()
        open_orders = terminal.stores.orders.open()
        if chance < 0.70 or not open_orders:
            if terminal.can_trade:
                self._place(terminal)
        elif chance < 0.85:
            order = self._random.choice(open_orders)
            request = CancelRequest(order_id=order.order_id, cl_ord_id=order.cl_ord_id)
            terminal.act(_quietly(terminal.session.executor.cancel, request))
        elif chance < 0.95:
            self._amend(terminal)
        elif chance < 0.97:
            terminal.act(_quietly(terminal.session.executor.cancel_all))
        else:
            self._send_again(terminal)

    def _place(self, terminal: Terminal) -> None:
        if self._random.random() < 0.1:
            symbol = self._random.choice(SYMBOLS)
            requests = [self._request(terminal, symbol) for _ in range(self._random.randint(2, 5))]
            self.intents += [request.cl_ord_id for request in requests]
            terminal.act(_quietly(terminal.session.executor.submit_batch, requests, AGREED))
            return
        request = self._request(terminal, self._random.choice(SYMBOLS))
        self.intents.append(request.cl_ord_id)
        terminal.act(_quietly(terminal.session.executor.submit, request, AGREED))

    def _request(self, terminal: Terminal, symbol: str) -> OrderRequest:
        random = self._random
        view = terminal.stores.books.view(symbol)
        assert view is not None
        side = random.choice(list(Side))
        kind = random.choice(("market", "cross", "cross", "rest", "rest", "post", "ioc"))
        touch = view.best_ask if side is Side.BUY else view.best_bid
        assert touch is not None
        instrument = terminal.stores.instruments.get(symbol)
        assert instrument is not None
        away = Decimal(1) - side.sign * Decimal(random.choice(("0.002", "0.01", "0.03")))
        price = instrument.quantize_price(touch[0] if kind in ("cross", "ioc") else touch[0] * away)
        size = instrument.qty_min * random.randint(2, 40)
        return OrderRequest(
            cl_ord_id=ClOrdId(str(UUID(int=random.getrandbits(128), version=4))),
            symbol=instrument.symbol,
            side=side,
            order_type=OrderType.MARKET if kind == "market" else OrderType.LIMIT,
            qty=instrument.quantize_qty(max(size, Decimal(12) / touch[0])),
            limit_price=None if kind == "market" else price,
            time_in_force=TimeInForce.IOC if kind == "ioc" else TimeInForce.GTC,
            post_only=kind == "post",
        )

    def _amend(self, terminal: Terminal) -> None:
        known = [o for o in terminal.stores.orders.open() if o.order_id and o.status >= OrderStatus.NEW]
        if not known:
            return
        order = self._random.choice(known)
        instrument = terminal.stores.instruments.get(order.symbol)
        if instrument is None or order.limit_price is None or order.order_id is None:
            return
        price = instrument.quantize_price(
            order.limit_price * Decimal(self._random.choice(("0.999", "1.001")))
        )
        request = AmendRequest(order_id=order.order_id, limit_price=price)
        terminal.act(_quietly(terminal.session.executor.amend, request, AGREED))

    def _send_again(self, terminal: Terminal) -> None:
        absent = [
            order.cl_ord_id
            for order in terminal.stores.orders.all()
            if order.status is OrderStatus.NOT_FOUND and order.cl_ord_id
        ]
        if absent and terminal.can_trade:
            again = self._random.choice(absent)
            terminal.act(_quietly(terminal.session.executor.send_again, again, AGREED))


async def _quietly(ask: Callable[..., Awaitable[object]], *what: object) -> None:
    # The window would show these; what became of the order is in the store either way.
    try:
        await ask(*what)
    except TerminalError:
        return
