"""What the user may ask of the exchange from anywhere in the window, and how the outcome is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from core.app.canceller import CancelTally
from core.app.event_export import export_events
from core.app.incident import IncidentSaver
from core.app.scaled import OrderGroups
from core.app.session import TradingSession
from core.domain.errors import RiskRejected, TerminalError
from core.domain.ids import ClOrdId, Symbol
from core.domain.limits import NO_CONSENT, Consent
from core.domain.orders import AmendRequest, CancelRequest, Order, OrderRequest, OrderStatus
from core.processing.health_store import HealthEvent
from gui import formats
from gui.bridge import Bridge
from gui.forms.consent_dialog import ConsentDialog
from gui.models.orders_model import WORDS
from gui.widgets.toast import Toast

LOUD = (OrderStatus.REJECTED, OrderStatus.IN_DOUBT)


if TYPE_CHECKING:
    from core.app.drill import FireDrill, Scenario


class Commands:
    """Submit, amend, cancel: each starts a task and ends in a note over the window."""

    def __init__(self, session: TradingSession, bridge: Bridge, toast: Toast) -> None:
        self._session = session
        self._bridge = bridge
        self._toast = toast
        self.groups = OrderGroups()
        bridge.report = self.tell_failure

    def submit(self, request: OrderRequest, consent: Consent = NO_CONSENT) -> None:
        """Hand an order to the executor; its state is in the order table from now on."""
        self._session.note_input(f"submit {_words(request)}")
        what = f"{request.side.value.upper()} {formats.plain(request.symbol)}"
        ask = self._asking(what, request.qty or request.cash_qty, partial(self.submit, request))
        self._bridge.spawn(self._submit(request, consent), name=f"submit {request.cl_ord_id}", on_error=ask)

    def cancel(self, order: Order) -> None:
        """Cancel one order."""
        request = CancelRequest(order_id=order.order_id, cl_ord_id=order.cl_ord_id)
        name = f"cancel {order.cl_ord_id or order.order_id}"
        self._session.note_input(f"{name} {order.symbol}")
        self._bridge.spawn(self._session.executor.cancel(request), name=name)

    def send_again(self, order: Order, consent: Consent = NO_CONSENT) -> None:
        """Send an order that was proven absent once more, under its id."""
        if order.cl_ord_id is not None:
            self._session.note_input(f"send again {order.cl_ord_id}")
            what = _tr("Send again %1").replace("%1", formats.plain(order.symbol))
            ask = self._asking(what, order.qty or order.cash_qty, partial(self.send_again, order))
            again = self._send_again(order.cl_ord_id, consent)
            self._bridge.spawn(again, name=f"again {order.cl_ord_id}", on_error=ask)

    def amend(self, request: AmendRequest, consent: Consent = NO_CONSENT) -> None:
        """Change one order in place."""
        price, wished = request.limit_price, request.qty
        self._session.note_input(f"amend {request.order_id} price {price} quantity {wished}")
        order = self._session.stores.orders.by_order_id(request.order_id)
        what = _tr("Amend %1").replace("%1", formats.plain(order.symbol if order is not None else ""))
        qty = request.qty or (order.qty if order is not None else None)
        ask = self._asking(what, qty, partial(self.amend, request))
        work = self._session.executor.amend(request, consent)
        self._bridge.spawn(work, name=f"amend {request.order_id}", on_error=ask)

    def kill(self) -> None:
        """Stop new orders until acknowledged, and cancel what is open everywhere."""
        self._session.risk.kill(_tr("pulled by hand"))
        self.cancel_all()

    def release(self) -> None:
        """Let orders pass again after the kill switch."""
        self._session.risk.acknowledge()

    def cancel_all(self, symbol: Symbol | None = None, *, then: Callable[[], None] | None = None) -> None:
        """Cancel every open order, of one pair if given, and say what became of it.

        ``then`` is called when no order may be open any more; if some still may, the note over the window says so.
        """
        self._session.note_input(f"cancel all on {symbol or 'all pairs'}")
        self._bridge.spawn(self._cancel_all(symbol, then), name="cancel all")

    def flatten(
        self, symbol: Symbol, keep: Decimal, slippage_bps: int, consent: Consent = NO_CONSENT
    ) -> None:
        """Cancel every order of a pair, then bring its base back to what is to be kept, within a bound."""
        self._session.note_input(f"flatten {symbol} to {keep}")
        what = _tr("Flatten %1").replace("%1", symbol)
        qty = self._session.flattener.plan(symbol, keep, slippage_bps).qty
        ask = self._asking(what, qty, partial(self.flatten, symbol, keep, slippage_bps))
        work = self._flatten(symbol, keep, slippage_bps, consent)
        self._bridge.spawn(work, name=f"flatten {symbol}", on_error=ask)

    def submit_scaled(self, batches: Sequence[Sequence[OrderRequest]]) -> None:
        """Send batches of orders one after the other, as one group; the first that is refused ends it."""
        self.groups.add([order for batch in batches for order in batch])
        self._send_batches(list(batches))

    def _send_batches(self, waiting: list[Sequence[OrderRequest]], consent: Consent = NO_CONSENT) -> None:
        first, count = waiting[0][0], sum(len(batch) for batch in waiting)
        self._session.note_input(f"scaled {first.side} {first.symbol} {count} orders")
        what = f"{first.side.value.upper()} {formats.plain(first.symbol)} × {count}"
        total = sum((order.qty or Decimal(0) for batch in waiting for order in batch), Decimal(0))
        ask = self._asking(what, total, partial(self._send_batches, waiting))
        self._bridge.spawn(self._submit_scaled(waiting, consent), name=f"scaled {first.symbol}", on_error=ask)

    def group(self, order: Order) -> list[Order]:
        """Return the open orders that were sent together with this one, itself included."""
        ids = self.groups.of(order.cl_ord_id)
        return [other for other in self._session.stores.orders.open(order.symbol) if other.cl_ord_id in ids]

    def cancel_group(self, order: Order) -> None:
        """Cancel every order that was sent together with this one and is still open."""
        self._session.note_input(f"cancel group of {order.cl_ord_id} {order.symbol}")
        name = f"cancel group of {order.cl_ord_id}"
        self._bridge.spawn(self._cancel_group(order.symbol, self.group(order)), name=name)

    def save_incident(self, saver: IncidentSaver, file: Path, minutes: int, mask_ids: bool) -> None:
        """Write an incident bundle and say where it is."""
        self._bridge.spawn(self._save_incident(saver, file, minutes, mask_ids), name="save incident")

    def export_events(self, events: Sequence[HealthEvent], file: Path) -> None:
        """Write entries of the event log, redacted, and say how many."""
        self._bridge.spawn(self._export_events(events, file), name="export events")

    def drill(self, drill: FireDrill, scenario: Scenario, symbol: Symbol) -> None:
        """Break the demo's exchange in one way and watch."""
        self._bridge.spawn(drill.run(scenario, symbol), name=f"drill {scenario.key}")

    def tell_failure(self, failure: TerminalError) -> None:
        """Show why something was not done."""
        text = failure.user_message
        if failure.detail and failure.detail != text:
            text += f" {failure.detail}"
        self._toast.tell(text, warning=True)

    async def _save_incident(self, saver: IncidentSaver, file: Path, minutes: int, mask_ids: bool) -> None:
        size = await saver.save(file, minutes, mask_ids=mask_ids)
        self._toast.tell(_tr("Incident saved: %1").replace("%1", f"{file} ({size / 1e6:.1f} MB)"))

    async def _export_events(self, events: Sequence[HealthEvent], file: Path) -> None:
        count = await asyncio.to_thread(export_events, events, file, self._session.redactor)
        told = _tr("%1 events exported: %2").replace("%1", str(count))
        self._toast.tell(told.replace("%2", str(file)))

    def _asking(
        self, what: str, qty: Decimal | None, again: Callable[[Consent], None]
    ) -> Callable[[TerminalError], None]:
        """Return what to do when a request fails: ask where a person may agree, else tell."""

        def answer(failure: TerminalError) -> None:
            if isinstance(failure, RiskRejected) and failure.can_be_asked:
                ConsentDialog(what, qty, failure.findings, again, self._toast.parentWidget()).open()
            else:
                self.tell_failure(failure)

        return answer

    async def _submit(self, request: OrderRequest, consent: Consent) -> None:
        self._tell_order(await self._session.executor.submit(request, consent))

    async def _submit_scaled(self, waiting: list[Sequence[OrderRequest]], consent: Consent) -> None:
        orders: list[Order] = []
        while waiting:
            orders += await self._session.executor.submit_batch(waiting[0], consent)
            waiting.pop(0)
        bad = [order for order in orders if order.status in LOUD]
        text = _tr("%1 orders sent, %2 not accepted").replace("%1", str(len(orders)))
        reason = f" · {formats.plain(bad[0].reason)}" if bad and bad[0].reason else ""
        self._toast.tell(text.replace("%2", str(len(bad))) + reason, warning=bool(bad))

    async def _flatten(self, symbol: Symbol, keep: Decimal, slippage_bps: int, consent: Consent) -> None:
        done = await self._session.flattener.flatten(symbol, keep, slippage_bps, consent)
        text = _tr("%1 flattened: %2 cancelled, %3 traded").replace("%1", formats.plain(symbol))
        text = text.replace("%2", str(done.cancelled)).replace("%3", formats.qty(done.traded, 8))
        instrument = self._session.stores.instruments.get(symbol)
        if done.avg is not None and instrument is not None:
            text += _tr(" at %1").replace("%1", f"{instrument.show_price(done.avg)}")
        left = instrument is not None and abs(done.left) >= instrument.qty_min
        if left:
            text += _tr(", still %1 off").replace("%1", formats.qty(done.left, 8))
        self._toast.tell(text, warning=left)

    async def _send_again(self, cl_ord_id: ClOrdId, consent: Consent) -> None:
        self._tell_order(await self._session.executor.send_again(cl_ord_id, consent))

    def _tell_order(self, order: Order) -> None:
        text = f"{order.side.value.upper()} {formats.plain(order.symbol)}: {WORDS[order.status][2:]}"
        if order.reason:
            text += f" · {formats.plain(order.reason)}"
        self._toast.tell(text, warning=order.status in LOUD)

    async def _cancel_all(self, symbol: Symbol | None, then: Callable[[], None] | None) -> None:
        tally = await self._session.executor.cancel_all(symbol)
        if then is not None and not tally.failed:
            then()
        self._tell_tally(tally, symbol or _tr("all pairs"))

    async def _cancel_group(self, symbol: Symbol, orders: list[Order]) -> None:
        self._tell_tally(await self._session.executor.cancel_many(orders), symbol)

    def _tell_tally(self, tally: CancelTally, where: str) -> None:
        if not tally.asked:
            self._toast.tell(_tr("No open orders on %1").replace("%1", where))
            return
        text = f"Cancel {where}: {tally.asked} asked, {tally.confirmed} confirmed, {tally.failed} failed"
        self._toast.tell(text, warning=tally.failed > 0)


def _words(request: OrderRequest) -> str:
    price = f" at {request.limit_price:f}" if request.limit_price is not None else ""
    size = request.qty if request.qty is not None else request.cash_qty
    return f"{request.side} {size} {request.symbol} {request.order_type}{price}"


def _tr(text: str) -> str:
    return QCoreApplication.translate("Commands", text)
