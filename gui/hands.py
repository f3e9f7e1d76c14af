"""What single keys do with orders: sizes, joining and taking the touch, nudging, flattening."""

from __future__ import annotations

from decimal import Decimal
from functools import partial

from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

from core.app.preview import preview
from core.app.session import TradingSession
from core.app.ticket import TicketError, TicketFields, build
from core.domain.errors import RiskRejected
from core.domain.ids import OrderId, Symbol, new_cl_ord_id
from core.domain.instrument import Instrument, Side
from core.domain.limits import NO_CONSENT, Consent, Severity
from core.domain.orders import AmendRequest, Order, OrderRequest, OrderType, RequestFlag, TimeInForce
from core.processing.book_store import BookView
from gui import formats
from gui.arming import Arming
from gui.choices import Choices
from gui.commands import Commands
from gui.forms.order_form import OrderForm
from gui.forms.ticket_words import describe, share_of_available
from gui.symbol_link import SymbolLink
from gui.widgets.consent_bar import SIGNS
from gui.widgets.hold_overlay import HoldOverlay


class Hands(QObject):
    """Every order it makes goes through ``commands.submit``, as one from the ticket does. ``refused`` says why none."""

    refused = Signal(str)
    chosen = Signal()

    def __init__(
        self,
        session: TradingSession,
        link: SymbolLink,
        commands: Commands,
        ticket: OrderForm,
        arming: Arming,
        choices: Choices,
        hold: HoldOverlay,
    ) -> None:
        super().__init__(ticket)
        self._session = session
        self._link = link
        self._commands = commands
        self._ticket = ticket
        self._arming = arming
        self._choices = choices
        self._hold = hold
        self._since_ns: int | None = None
        self._target: tuple[OrderId, Decimal] | None = None
        self._selected: str | None = None
        link.changed.connect(self._pair_changed)

    def select(self, key: str | None) -> None:
        """Let the keys for the selected order mean this one."""
        self._selected = key
        self.chosen.emit()

    @property
    def selected(self) -> Order | None:
        """The open order the keys mean."""
        order = self._session.stores.orders.by_key(self._selected) if self._selected is not None else None
        return order if order is not None and order.status.counts_as_open else None

    def size(self, number: int) -> None:
        """Put size preset 1 to 5 into the ticket."""
        text = self._choices.settings.size_presets[number - 1]
        instrument = self._instrument()
        qty = self._preset(text, instrument) if instrument is not None else None
        if instrument is None or qty is None:
            self.refused.emit(self.tr("The size %1 cannot be reckoned now.").replace("%1", text))
            return
        self._ticket.take_qty(instrument.quantize_qty(qty).normalize())

    def join(self, side: Side) -> None:
        """Rest at the best price of one's own side, post-only."""
        touch = self._touch(side)
        if touch is not None and self._is_armed():
            self._send(TicketFields(side=side, limit_price=f"{touch:f}", post_only=True))

    def take(self, side: Side) -> None:
        """Take what stands at the best price of the other side, once the key was held."""
        touch = self._touch(side.opposite)
        if touch is None or not self._is_armed():
            return
        fields = TicketFields(side=side, limit_price=f"{touch:f}", time_in_force=TimeInForce.IOC)
        request = self._request(fields)
        if request is not None:
            self._hold_to_send(request)

    def flatten(self) -> None:
        """Bring the pair back to the inventory to keep, once the key was held: cancels first, then bounded IOCs."""
        symbol = self._link.symbol
        try:
            request = self.flattening(symbol)
        except RiskRejected as failure:
            self.refused.emit(failure.detail)
            return
        text = self.tr("HOLD · flatten %1: cancel its orders, then %2")
        text = text.replace("%1", symbol).replace("%2", self._words(request))
        agreed, unusual = self._unusual(request)
        done = partial(self.flatten_now, symbol, agreed)
        self._hold.begin(text + unusual, _surface(request.side), done)

    def flatten_now(self, symbol: Symbol, agreed: Consent = NO_CONSENT) -> None:
        """Flatten; ``agreed`` is what was shown while the key was held."""
        self._commands.flatten(symbol, self._kept(symbol), self._choices.settings.flatten_bps, agreed)

    def flattening(self, symbol: Symbol) -> OrderRequest:
        """Return the order that would flatten a pair now. Raises RiskRejected with the reason why there is none."""
        plan = self._session.flattener.plan(symbol, self._kept(symbol), self._choices.settings.flatten_bps)
        if plan.problem:
            raise RiskRejected(f"{plan.problem}.")
        if plan.side is None:
            held = f"{plan.owned.normalize():f} owned, {plan.baseline.normalize():f} to keep"
            raise RiskRejected(f"{symbol} is flat: {held}.")
        return OrderRequest(
            cl_ord_id=new_cl_ord_id(),
            symbol=symbol,
            side=plan.side,
            order_type=OrderType.LIMIT,
            qty=plan.qty,
            limit_price=plan.bound,
            time_in_force=TimeInForce.IOC,
        )

    def _kept(self, symbol: Symbol) -> Decimal:
        base = symbol.partition("/")[0]
        keep = self._choices.settings.keep.get(base)
        if keep is None:
            raise RiskRejected(f"Choose in the preferences how much {base} to keep when flattening.")
        return Decimal(keep)

    def nudge(self, order: Order | None, ticks: int) -> None:
        """Move an open order's limit by ticks. Presses while the last amend is under way add up."""
        instrument = self._session.stores.instruments.get(order.symbol) if order is not None else None
        if order is None or instrument is None or order.order_id is None or order.limit_price is None:
            self.refused.emit(self.tr("Select one open order with a limit price first."))
            return
        price = order.limit_price
        if self._target is not None and self._target[0] == order.order_id and _under_way(order):
            price = self._target[1]
        price = instrument.show_price(price + ticks * instrument.price_increment)
        if price <= 0:
            return
        self._target = (order.order_id, price)
        self._commands.amend(
            AmendRequest(order_id=order.order_id, limit_price=price, post_only=order.post_only)
        )

    # Building.

    def _send(self, fields: TicketFields) -> None:
        request = self._request(fields)
        if request is not None:
            self._arming.used()
            self._commands.submit(request, Consent({}, self._since_ns))

    def _request(self, fields: TicketFields) -> OrderRequest | None:
        instrument = self._instrument()
        if instrument is None:
            return None
        fields = replace(fields, order_type=OrderType.LIMIT, qty=self._ticket.qty.text())
        try:
            return build(fields, instrument, self._session.exchange_ns())
        except TicketError as wrong:
            self.refused.emit(self.tr("Not sent: %1").replace("%1", str(wrong)))
            return None

    def _hold_to_send(self, request: OrderRequest) -> None:
        agreed, unusual = self._unusual(request)

        def send() -> None:
            self._arming.used()
            self._commands.submit(request, Consent(agreed.given, self._since_ns))

        text = self.tr("HOLD · %1 %2").replace("%1", self._session.mode.word)
        self._hold.begin(text.replace("%2", self._words(request)) + unusual, _surface(request.side), send)

    def _unusual(self, request: OrderRequest) -> tuple[Consent, str]:
        """What holding the key agrees to, and the words that say so. What must be typed is still asked for."""
        found = [one for one in self._session.risk.assess(request) if one.severity is Severity.HOLD]
        words = "".join(f"\n{SIGNS[one.severity]} {one.text}" for one in found)
        return Consent({one.reason: one.severity for one in found}), words

    def _words(self, request: OrderRequest) -> str:
        instrument = self._session.stores.instruments.get(request.symbol)
        assert instrument is not None, "the order was built for a pair that is described"
        view, fees = self._view(request.symbol), self._session.stores.balances.fee_rate(request.symbol)
        told = preview(request, instrument, view, fees)
        about = f" ≈ {formats.qty(told.notional, 2)} {instrument.quote}" if told.notional else ""
        return f"{request.side.value.upper()} {describe(request, instrument)}{about}"

    def _preset(self, text: str, instrument: Instrument) -> Decimal | None:
        side = self._ticket.side
        # A size is bought at the price it will be sent at, else at the touch.
        price = self._ticket.limit.value or self._session.stores.references.touch(instrument.symbol, side)
        if text.endswith("%"):
            share = Decimal(text.rstrip("% "))
            return share_of_available(self._session.stores, instrument, side, price, share)
        if text.endswith("quote"):
            return Decimal(text.removesuffix("quote").strip()) / price if price else None
        return Decimal(text)

    def _is_armed(self) -> bool:
        if not self._arming.is_armed:
            self.refused.emit(self.tr("One-click orders are locked. L arms them."))
        return self._arming.is_armed

    def _touch(self, side: Side) -> Decimal | None:
        view = self._view(self._link.symbol)
        best = None if view is None else view.best_bid if side is Side.BUY else view.best_ask
        if best is None:
            self.refused.emit(self.tr("The book has no price there."))
        return best[0] if best is not None else None

    def _view(self, symbol: Symbol) -> BookView | None:
        return self._session.stores.books.view(symbol)

    def _instrument(self) -> Instrument | None:
        return self._session.stores.instruments.get(self._link.symbol)

    def _pair_changed(self) -> None:
        self._since_ns = self._session.clock.mono_ns()
        self._hold.cancel()


def _under_way(order: Order) -> bool:
    return order.amend is RequestFlag.ASKED


def _surface(side: Side) -> str:
    return "buy_fill" if side is Side.BUY else "sell_fill"
