"""What the ticket says of an order before it is sent, and why it cannot be sent now. No widgets."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from PySide6.QtCore import QCoreApplication

from core.app.preview import Preview
from core.app.ticket import FieldError
from core.domain.ids import Asset, Symbol
from core.domain.instrument import Instrument, Side
from core.domain.orders import OrderRequest, OrderType
from core.processing.stores import Stores
from gui import formats
from gui.theme import active


def lock_reason(stores: Stores, symbol: Symbol) -> str:
    """Return why no new order may leave on a pair, empty when one may. The risk check says the same, and more."""
    if stores.distrust_of(symbol):
        return _tr("book is not live")
    health = stores.health
    if health.stopped:
        return _tr("kill switch")
    if health.alarms:
        return _tr("an alarm waits")
    if health.journal_failure:
        return _tr("journal unavailable")
    return _tr("account is being checked") if health.account_doubt else ""


def preview_text(told: Preview, instrument: Instrument, side: Side, stores: Stores) -> str:
    """Return the preview as lines of name and figure, figures aligned on the right."""
    if told.missing:
        return told.missing
    price, quote = instrument.price_precision, instrument.quote
    money = min(instrument.cost_precision, 8)
    rows = []
    if told.takes:
        rows.append(("Avg", formats.fixed(told.avg, price)))
        rows.append(("Worst", f"{formats.fixed(told.worst, price)} · {told.levels} lvl"))
        rows.append(("Slippage", f"{formats.bps(told.slippage_bps)} bps"))
        if told.unfilled > 0:
            left = formats.qty(told.unfilled, instrument.qty_precision)
            rows.append(("Not taken", f"{left} {instrument.base}"))
    sums = {"Value": told.notional, "Fee": told.fee, "Pay" if side is Side.BUY else "Get": told.total}
    if side is Side.BUY:
        sums["Available"] = _available(instrument.quote, stores)
    texts = formats.column(list(sums.values()), money)
    rows += [(name, f"{text} {quote}") for name, text in zip(sums, texts, strict=True)]
    if side is Side.SELL:
        left = formats.qty(_available(instrument.base, stores), 8)
        rows.append(("Available", f"{left} {instrument.base}"))
    return "\n".join(f"{name:<10}{value:>22}" for name, value in rows)


def errors_markup(errors: Sequence[FieldError]) -> str:
    """Return what is wrong with the fields, one line each, with a link that mends it where that is known."""
    lines = []
    for error in errors:
        line = formats.plain(error.message).replace("&", "&amp;").replace("<", "&lt;")
        if error.nearest:
            link = f"{error.field}={error.nearest}"
            line += f' <a style="color:{active().focus}" href="{link}">use {error.nearest}</a>'
        lines.append(line)
    return "<br>".join(lines)


def share_of_available(
    stores: Stores, instrument: Instrument, side: Side, price: Decimal | None, share: Decimal | int
) -> Decimal | None:
    """Return the quantity (base) that so many percent of the funds buy at a price with the fee, or sell."""
    balance = stores.balances.get(instrument.quote if side is Side.BUY else instrument.base)
    if balance is None:
        return None
    part = balance.available * share / 100
    if side is Side.SELL:
        return part
    fee = stores.balances.fee_rate(instrument.symbol).taker
    return part / (price * (1 + fee)) if price else None


def describe(request: OrderRequest, instrument: Instrument) -> str:
    """Return quantity, unit, price and type, as they stand on the button that sends."""
    amount = request.qty if request.qty is not None else request.cash_qty
    unit = instrument.base if request.qty is not None else instrument.quote
    price = request.limit_price
    at = f" @ {formats.fixed(price, instrument.price_precision)}" if price else ""
    kind = "" if request.order_type is OrderType.LIMIT else f" {request.order_type.value}"
    return f"{formats.qty(amount, 8)} {unit}{at}{kind}"


def ask_text(request: OrderRequest, told: Preview | None, stores: Stores) -> str:
    """Return what is about to be sent where it must be confirmed: side, pair, worst price, share of what is there."""
    parts = [f"{request.side.value.upper()} {formats.plain(request.symbol)}"]
    price = request.limit_price or (told.worst if told is not None else None)
    if price is not None:
        parts.append(_tr("worst %1").replace("%1", formats.qty(price, 10)))
    share = _share_of_funds(request, told, stores)
    if share is not None:
        parts.append(_tr("%1 % of available").replace("%1", f"{share:.0f}"))
    return " · ".join(parts)


def _share_of_funds(request: OrderRequest, told: Preview | None, stores: Stores) -> Decimal | None:
    instrument = stores.instruments.get(request.symbol)
    if instrument is None or told is None:
        return None
    is_buy = request.side is Side.BUY
    balance = stores.balances.get(instrument.quote if is_buy else instrument.base)
    needed = told.total if is_buy else request.qty
    if balance is None or not balance.available or needed is None:
        return None
    return needed / balance.available * 100


def _available(asset: Asset, stores: Stores) -> Decimal:
    balance = stores.balances.get(asset)
    return balance.available if balance else Decimal(0)


def _tr(text: str) -> str:
    return QCoreApplication.translate("OrderForm", text)
