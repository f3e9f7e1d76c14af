"""Own orders and alerts as lines on the chart, and what it means to drag one.

The price sent is the one painted on the ghost, never one reckoned anew from where the hand was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal

from PySide6.QtCore import QCoreApplication

from core.app.price_alerts import PriceAlerts
from core.domain.ids import ClOrdId, OrderId, Symbol
from core.domain.instrument import Instrument, Side
from core.domain.market import Candle
from core.domain.orders import AmendRequest, Order, OrderStatus, OrderType, RequestFlag
from core.processing.stores import Stores
from gui import formats
from gui.views.chart_lines import Ghost, LineKind, PriceLine

Amend = Callable[[AmendRequest], None]
_STOPS = (
    OrderType.STOP_LOSS,
    OrderType.STOP_LOSS_LIMIT,
    OrderType.TRAILING_STOP,
    OrderType.TRAILING_STOP_LIMIT,
)


class ChartOrders:
    """The lines of one pair. ``amend`` is handed what a drag asks for."""

    def __init__(self, stores: Stores, alerts: PriceAlerts, amend: Amend) -> None:
        self._stores = stores
        self._alerts = alerts
        self._amend = amend

    def lines(self, symbol: Symbol, last: Candle | None) -> list[PriceLine]:
        """Everything the chart of a pair has a line for; nothing before the pair is described."""
        instrument = self._stores.instruments.get(symbol)
        if instrument is None:
            return []
        lines = [_last_line(last, instrument)] if last is not None else []
        for order in self._stores.orders.open(symbol):
            lines += _order_lines(order, instrument)
        lines += [
            PriceLine(
                key=f"alert {alert.number}",
                kind=LineKind.ALERT,
                price=alert.price,
                tag=formats.fixed(alert.price, instrument.price_precision),
                words=_tr("alert"),
                colour="warning",
                fill="warning_back",
                movable=True,
            )
            for alert in self._alerts.all(symbol)
        ]
        return lines

    def ghost(self, symbol: Symbol, line: PriceLine, price: float) -> Ghost | None:
        """What is painted while a line is over a price; ``None`` when it cannot be moved (any more)."""
        instrument = self._stores.instruments.get(symbol)
        if instrument is None:
            return None
        tick = instrument.price_increment
        wanted = max(tick, instrument.quantize_price(Decimal(repr(price))))
        tag = formats.fixed(wanted, instrument.price_precision)
        if line.kind is LineKind.ALERT:
            return Ghost(line, wanted, tag, f"{line.words} → {tag}")
        order = self.order_of(line)
        if order is None or not is_movable(order):
            return None
        warning = self._warning(order, line.kind, wanted)
        away = (wanted - line.price) / line.price * 100
        words = f"{line.words}  {line.tag} → {tag}  {formats.percent(away)}"
        return Ghost(line, wanted, tag, f"{words}  {warning}".rstrip(), bool(warning))

    def drop(self, ghost: Ghost) -> None:
        """Do what the ghost said, unless it said that nothing changes or the order cannot be moved any more."""
        line = ghost.line
        if ghost.price == line.price:
            return
        if line.kind is LineKind.ALERT:
            self._alerts.move(alert_number(line), ghost.price)
            return
        order = self.order_of(line)
        if order is None or order.order_id is None or not is_movable(order):
            return
        if line.kind is LineKind.TRIGGER:
            self._amend(AmendRequest(order_id=order.order_id, trigger_price=ghost.price))
        else:
            self._amend(
                AmendRequest(order_id=order.order_id, limit_price=ghost.price, post_only=order.post_only)
            )

    def order_of(self, line: PriceLine) -> Order | None:
        """Return the order behind a line as it stands now."""
        kind, _, key = line.key.partition(" ")
        if kind not in ("order", "trigger"):
            return None
        return self._stores.orders.by_order_id(OrderId(key)) or self._stores.orders.get(ClOrdId(key))

    def _warning(self, order: Order, kind: LineKind, price: Decimal) -> str:
        if kind is LineKind.TRIGGER:
            return self._trigger_warning(order, price)
        if order.order_type.has_trigger and not order.triggered:
            return ""
        view = self._stores.books.view(order.symbol)
        touch = None if view is None else view.best_ask if order.side is Side.BUY else view.best_bid
        if touch is None or (price - touch[0]) * order.side.sign < 0:
            return ""
        return _tr("post-only: would be refused") if order.post_only else _tr("would take")

    def _trigger_warning(self, order: Order, price: Decimal) -> str:
        quote = self._stores.tickers.get(order.symbol)
        if quote is None or quote.last is None:
            return ""
        # A buy stop waits above the market, a sell stop below it; take-profits the other way round.
        waits_above = (order.side is Side.BUY) == (order.order_type in _STOPS)
        waits = price > quote.last if waits_above else price < quote.last
        return "" if waits else _tr("would trigger at once")


def is_movable(order: Order) -> bool:
    """Whether the exchange knows the order and no other wish about it is on its way."""
    return (
        order.order_id is not None
        and order.status >= OrderStatus.NEW
        and not order.status.is_final
        and order.cancel in (RequestFlag.NONE, RequestFlag.DENIED)
        and order.amend is not RequestFlag.ASKED
    )


def alert_number(line: PriceLine) -> int:
    """Return which alert a line stands for."""
    return int(line.key.partition(" ")[2])


def _last_line(last: Candle, instrument: Instrument) -> PriceLine:
    tag = formats.fixed(last.close, instrument.price_precision)
    fill = "buy_fill" if last.close >= last.open else "sell_fill"
    return PriceLine(key="last", kind=LineKind.LAST, price=last.close, tag=tag, fill=fill)


def _order_lines(order: Order, instrument: Instrument) -> Iterable[PriceLine]:
    key = order.order_id or order.cl_ord_id or ""
    if order.limit_price is not None and order.order_type is not OrderType.TRAILING_STOP_LIMIT:
        yield _order_line(f"order {key}", LineKind.ORDER, order, order.limit_price, instrument)
    trigger = order.trigger
    if trigger is not None and trigger.price_type == "static" and not order.triggered:
        price = order.terms.trigger_price.value or trigger.price
        yield _order_line(f"trigger {key}", LineKind.TRIGGER, order, price, instrument)


def _order_line(key: str, kind: LineKind, order: Order, price: Decimal, instrument: Instrument) -> PriceLine:
    buys = order.side is Side.BUY
    words = f"{'▲' if buys else '▼'} {formats.qty(order.leaves, instrument.qty_precision)}"
    if kind is LineKind.TRIGGER:
        words += f" {_tr('trigger')}"
    if order.amend is RequestFlag.ASKED:
        words += f" {_tr('amending')}"
    elif order.cancel is RequestFlag.ASKED:
        words += f" {_tr('cancelling')}"
    elif order.status < OrderStatus.NEW:
        words += f" {_tr('unknown') if order.status is OrderStatus.IN_DOUBT else _tr('sending')}"
    return PriceLine(
        key=key,
        kind=kind,
        price=price,
        tag=formats.fixed(price, instrument.price_precision),
        words=words,
        colour="buy" if buys else "sell",
        fill="buy_fill" if buys else "sell_fill",
        movable=is_movable(order),
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("ChartOrders", text)
