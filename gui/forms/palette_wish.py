"""What the palette says of a typed line before Enter, and whether Enter may act on it. No widgets."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from PySide6.QtCore import QCoreApplication

from core.app.order_grammar import request_of
from core.app.order_wishes import CancelWish, FlattenWish, OrderWish, ShowWish, Wish
from core.app.preview import preview
from core.app.session import TradingSession
from core.app.ticket import TicketError
from core.domain.errors import RiskRejected
from core.domain.instrument import Side
from core.domain.limits import Finding, Severity
from core.domain.orders import OrderRequest
from gui import formats
from gui.forms.ticket_words import describe, lock_reason, preview_text
from gui.hands import Hands
from gui.widgets.consent_bar import SIGNS

Ghost = tuple[Side, Decimal, Decimal]
"""Side, price (quote) and quantity (base) of an order that is not sent yet."""


class Told(NamedTuple):
    """A headline, figures below it, whether Enter may act, the order it would send, and where that would rest."""

    head: str
    figures: str = ""
    ready: bool = True
    request: OrderRequest | None = None
    ghosts: tuple[Ghost, ...] = ()


def tell(wish: Wish, session: TradingSession, hands: Hands) -> Told:
    """Return what Enter would do now."""
    match wish:
        case OrderWish():
            return _tell_order(wish, session)
        case CancelWish(symbol):
            orders = session.stores.orders.open(symbol)
            where = symbol or _tr("all pairs")
            text = _tr("Cancel %1 open orders on %2").replace("%1", str(len(orders))).replace("%2", where)
            return Told(
                text,
                "\n".join(f"{o.side.value:<5}{formats.qty(o.leaves, 8):>16} {o.symbol}" for o in orders[:8]),
            )
        case FlattenWish(symbol):
            return _tell_flatten(wish, session, hands)
        case ShowWish(symbol):
            return Told(_tr("Show %1").replace("%1", symbol))


def _tell_order(wish: OrderWish, session: TradingSession) -> Told:
    stores, symbol = session.stores, wish.symbol
    instrument = stores.instruments.get(symbol)
    if instrument is None:
        return Told(_tr("waiting for %1").replace("%1", symbol), ready=False)
    try:
        request = request_of(wish, instrument, session.exchange_ns())
    except TicketError as wrong:
        near = [f" {_tr('Nearest: %1').replace('%1', e.nearest)}" if e.nearest else "" for e in wrong.errors]
        lines = [error.message + nearest for error, nearest in zip(wrong.errors, near, strict=True)]
        return Told(_tr("Not an order yet"), "\n".join(lines), ready=False)
    told = preview(request, instrument, stores.books.view(symbol), stores.balances.fee_rate(symbol))
    figures = preview_text(told, instrument, request.side, stores)
    if wish.fields.qty_in_quote and request.cash_qty is None:
        bought = f"{formats.qty(request.qty, instrument.qty_precision)} {instrument.base}"
        figures = f"{wish.fields.qty} {instrument.quote} → {bought}\n{figures}"
    head = f"{request.side.value.upper()} {symbol} · {describe(request, instrument)}{_terms(request)}"
    if lock := lock_reason(stores, symbol):
        return Told(head, f"{_tr('Not now: %1').replace('%1', lock)}\n{figures}", False, request)
    findings = session.risk.assess(request)
    warned = _warned(findings)
    blocked = any(found.severity is Severity.BLOCK for found in findings)
    rests = request.limit_price is not None and not told.takes and request.qty is not None
    ghost = ((request.side, request.limit_price, request.qty),) if rests else ()
    return Told(head, "\n".join([*warned, figures]), not blocked, request, ghost)  # type: ignore[arg-type]


def _tell_flatten(wish: FlattenWish, session: TradingSession, hands: Hands) -> Told:
    try:
        request = hands.flattening(wish.symbol)
    except RiskRejected as failure:
        return Told(_tr("Cannot flatten %1").replace("%1", wish.symbol), failure.detail, ready=False)
    instrument = session.stores.instruments.get(wish.symbol)
    assert instrument is not None, "the order was built for it"
    count = len(session.stores.orders.open(wish.symbol))
    what = _tr("Flatten %1").replace("%1", wish.symbol)
    head = f"{what} · {request.side.value.upper()} {describe(request, instrument)}"
    first = _tr("%1 orders are cancelled first").replace("%1", str(count))
    return Told(head, "\n".join([first, *_warned(session.risk.assess(request))]))


def _warned(findings: Sequence[Finding]) -> list[str]:
    return [f"{SIGNS[found.severity]} {formats.plain(found.text)}" for found in findings]


def _terms(request: OrderRequest) -> str:
    parts = [request.time_in_force.value.upper()] if request.time_in_force != "gtc" else []
    parts += [_tr("post only")] if request.post_only else []
    parts += [_tr("reduce only")] if request.reduce_only else []
    if request.trigger is not None:
        unit = {"pct": " %", "quote": _tr(" away")}.get(request.trigger.price_type, "")
        parts.append(_tr("trigger %1").replace("%1", f"{request.trigger.price:f}{unit}"))
    if request.conditional is not None:
        parts.append(_tr("then %1").replace("%1", request.conditional.order_type.value))
    return "".join(f" · {part}" for part in parts)


def _tr(text: str) -> str:
    return QCoreApplication.translate("CommandPalette", text)
