"""Checks before an order leaves. Pure decisions with named reasons; cancels never come here."""

from __future__ import annotations

from decimal import Decimal

from core.domain.errors import RiskRejected
from core.domain.ids import Symbol
from core.domain.instrument import Instrument, Side
from core.domain.orders import AmendRequest, OrderRequest, OrderStatus, OrderType
from core.processing.stores import Stores
from core.runtime.clock import NS_PER_S, Clock

MAX_CLOCK_UNCERTAINTY_NS = NS_PER_S
"""Deadlines are written in exchange time; with a worse estimate they bound nothing (faults, section 7)."""


DOUBTS_MAX = 3
"""With more orders of unknown state nobody knows what he owns (faults, section 7)."""


class RiskManager:
    """Every order, whoever asks, passes ``check``. Reads stores, changes nothing."""

    def __init__(self, stores: Stores, clock: Clock) -> None:
        self._stores = stores
        self._clock = clock

    def check(self, request: OrderRequest) -> None:
        """Raise RiskRejected with the first reason against the order; return when there is none."""
        instrument = self._instrument(request.symbol)
        _check_shape(request)
        self._check_account()
        self._check_doubts()
        self._check_venue(request, instrument)
        self._check_clock()
        self._check_grid(request, instrument)
        self._check_book(request)
        self._check_funds(request, instrument)

    def check_amend(self, request: AmendRequest) -> None:
        """Raise RiskRejected when the new terms are off the grid or the order is not open."""
        order = self._stores.orders.by_order_id(request.order_id)
        if order is None or order.status.is_final:
            raise RiskRejected("The order is not open any more.", field="order_id")
        instrument = self._instrument(order.symbol)
        self._check_clock()
        if request.limit_price is not None:
            _check_price(request.limit_price, instrument, order.side)
        if request.qty is not None:
            _check_qty(request.qty, instrument)

    def _instrument(self, symbol: Symbol) -> Instrument:
        instrument = self._stores.instruments.get(symbol)
        if instrument is None:
            raise RiskRejected(f"{symbol} is not traded here.", field="symbol")
        return instrument

    def _check_venue(self, request: OrderRequest, instrument: Instrument) -> None:
        system = self._stores.health.system
        if system in ("maintenance", "cancel_only"):
            raise RiskRejected(f"The exchange is in {system} mode: no new orders.", field="symbol")
        if not instrument.accepts_new_orders():
            raise RiskRejected(f"{request.symbol} is in {instrument.status} mode.", field="symbol")
        only_post = "post_only" in (system, instrument.status)
        if only_post and not request.post_only:
            raise RiskRejected(f"{request.symbol} takes post-only orders now.", field="post_only")
        if instrument.status == "limit_only" and not request.order_type.has_limit:
            raise RiskRejected(f"{request.symbol} takes limit orders only.", field="order_type")

    def _check_doubts(self) -> None:
        doubts = sum(order.status is OrderStatus.IN_DOUBT for order in self._stores.orders.open())
        if doubts > DOUBTS_MAX:
            raise RiskRejected(f"{doubts} orders are in doubt: no new orders until their state is known.")

    def _check_account(self) -> None:
        health = self._stores.health
        if health.alarms:
            raise RiskRejected(f"First look at the alarm: {health.alarms[0].text}.")
        if health.journal_failure:
            raise RiskRejected(f"The journal cannot be written ({health.journal_failure}): no new orders.")
        if health.account_doubt:
            raise RiskRejected(f"The account is being checked ({health.account_doubt}): no new orders.")

    def _check_clock(self) -> None:
        uncertainty = self._stores.performance.clock_uncertainty_ns
        if uncertainty is None or uncertainty > MAX_CLOCK_UNCERTAINTY_NS:
            raise RiskRejected("The exchange's clock is not known yet; an order could not expire in time.")

    def _check_grid(self, request: OrderRequest, instrument: Instrument) -> None:
        if request.qty is not None:
            _check_qty(request.qty, instrument)
        if request.limit_price is not None and request.order_type is not OrderType.TRAILING_STOP_LIMIT:
            _check_price(request.limit_price, instrument, request.side)
        cost = self._cost(request)
        if cost is not None and cost < instrument.cost_min:
            least = f"{instrument.cost_min.normalize():f} {instrument.quote}"
            raise RiskRejected(f"The order is worth less than {least}.", field="qty", nearest=least)

    def _check_book(self, request: OrderRequest) -> None:
        if why := self._stores.distrust_of(request.symbol):
            raise RiskRejected(
                f"The {request.symbol} book is not live ({why}): no new orders.", field="symbol"
            )

    def _check_funds(self, request: OrderRequest, instrument: Instrument) -> None:
        asset = instrument.quote if request.side is Side.BUY else instrument.base
        need = self._cost(request) if request.side is Side.BUY else request.qty
        if need is None:
            return
        balance = self._stores.balances.get(asset)
        have = balance.available if balance is not None else Decimal(0)
        if need > have:
            raise RiskRejected(
                f"Not enough {asset}: {need.normalize():f} needed, {have.normalize():f} available.",
                field="qty",
            )

    def _cost(self, request: OrderRequest) -> Decimal | None:
        if request.cash_qty is not None:
            return request.cash_qty
        price = request.limit_price
        if price is None or request.order_type is OrderType.TRAILING_STOP_LIMIT:
            view = self._stores.books.view(request.symbol)
            touch = (view.best_ask if request.side is Side.BUY else view.best_bid) if view else None
            price = touch[0] if touch else None
        return None if price is None or request.qty is None else price * request.qty


def _check_shape(request: OrderRequest) -> None:
    if (request.qty is None) == (request.cash_qty is None):
        raise RiskRejected("An order has a quantity in base or in quote currency, not both.", field="qty")
    if request.cash_qty is not None and (request.order_type, request.side) != (OrderType.MARKET, Side.BUY):
        raise RiskRejected("A quantity in quote currency works for market buys only.", field="qty")
    if (request.limit_price is None) == request.order_type.has_limit:
        raise RiskRejected("A limit price belongs to limit orders, and to those alone.", field="limit_price")
    if (request.trigger is None) == request.order_type.has_trigger:
        raise RiskRejected(
            "A trigger belongs to stop and target orders, and to those alone.", field="trigger_price"
        )


def _check_qty(qty: Decimal, instrument: Instrument) -> None:
    if qty < instrument.qty_min:
        least = f"{instrument.qty_min.normalize():f}"
        raise RiskRejected(f"The smallest quantity is {least} {instrument.base}.", field="qty", nearest=least)
    if not instrument.on_qty_grid(qty):
        nearest = f"{instrument.quantize_qty(qty):f}"
        raise RiskRejected("The quantity has too many decimals.", field="qty", nearest=nearest)


def _check_price(price: Decimal, instrument: Instrument, side: Side) -> None:
    if price <= 0:
        raise RiskRejected("The price must be above zero.", field="limit_price")
    if not instrument.on_price_grid(price):
        nearest = f"{instrument.quantize_price(price, side):f}"
        step = f"{instrument.price_increment.normalize():f}"
        raise RiskRejected(f"The price is not a multiple of {step}.", field="limit_price", nearest=nearest)
