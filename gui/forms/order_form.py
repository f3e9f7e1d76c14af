"""The order ticket: what is about to be sent, what it will cost, and one button that sends it once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.app.preview import Preview, preview
from core.app.session import TradingSession
from core.app.ticket import FieldError, TicketError, TicketFields, build
from core.domain.ids import Symbol
from core.domain.instrument import Instrument, Side
from core.domain.limits import Consent, Finding, Reason, Severity
from core.domain.orders import OrderRequest, OrderType, TimeInForce
from core.domain.subscription import book
from gui.forms.advanced_terms import AdvancedTerms
from gui.forms.share_buttons import share_buttons
from gui.forms.ticket_words import (
    ask_text,
    describe,
    errors_markup,
    lock_reason,
    preview_text,
    share_of_available,
)
from gui.symbol_link import SymbolLink
from gui.theme import figure_font, ui_font
from gui.widgets.consent_bar import ConsentBar
from gui.widgets.decimal_edit import DecimalEdit
from gui.widgets.field_area import FieldArea
from gui.widgets.hold_button import HoldButton
from gui.widgets.panel import Attach, Panel
from gui.widgets.plain_text import PlainLabel

REARM_MS = 250
"""After a send the button stays locked this long: a double click is one wish."""

RELOOK_MS = 250
"""What only time resolves is looked at this often: a repetition, a full counter, a pair that just changed."""

BOOK_DEPTH = 100
TYPES = tuple(kind for kind in OrderType if kind is not OrderType.SETTLE_POSITION)
TRAILING = (OrderType.TRAILING_STOP, OrderType.TRAILING_STOP_LIMIT)
PASSING = (Reason.WRONG_PAIR, Reason.DUPLICATE, Reason.RATE, Reason.BUDGET)


class OrderForm(Panel):
    """One order at a time for the linked symbol. ``submit`` is handed each finished request."""

    def __init__(
        self,
        session: TradingSession,
        link: SymbolLink,
        submit: Callable[[OrderRequest, Consent], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("Ticket", parent)
        self._session = session
        self._link = link
        self._submit = submit
        self._side = Side.BUY
        self._armed = True
        self._request: OrderRequest | None = None
        self._complete = False
        self._pair_since_ns: int | None = None
        self._touched = False
        self._labels: dict[QWidget, QLabel] = {}
        self._rearm = QTimer(self)
        self._rearm.setSingleShot(True)
        self._rearm.setInterval(REARM_MS)
        self._rearm.timeout.connect(self._arm)
        self._relook = QTimer(self)
        self._relook.setSingleShot(True)
        self._relook.setInterval(RELOOK_MS)
        self._relook.timeout.connect(self._update)
        self._build_fields()
        self._lay_out()
        link.changed.connect(self._symbol_changed)
        self._choose_type()

    # What others may do with the ticket.

    def set_price(self, price: Decimal) -> None:
        """Take over a price, for example one clicked on the ladder."""
        field = self.limit if self.limit.isVisibleTo(self) else self.trigger
        field.set_value(price)

    def set_side(self, side: Side) -> None:
        """Choose buy or sell."""
        self._side = side
        self.sides[side].setChecked(True)
        self._update()

    @property
    def side(self) -> Side:
        """Buy or sell, as chosen."""
        return self._side

    def take_qty(self, qty: Decimal) -> None:
        """Take over a quantity in base."""
        if self._type() is OrderType.MARKET:
            self.unit.setCurrentIndex(0)
        self.qty.set_value(qty)

    def focus(self) -> None:
        """Put the keyboard into the quantity."""
        self.qty.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.qty.selectAll()

    def attachments(self) -> list[Attach]:
        stores = self._session.stores
        return [
            lambda: self._session.market_data.watch(book(self._link.symbol, BOOK_DEPTH)),
            lambda: stores.books.observe(self._book_changed),
            lambda: stores.balances.observe(lambda _: self._update()),
            lambda: stores.instruments.observe(lambda _: self._instrument_changed()),
            lambda: stores.health.observe(lambda _: self._update()),
            lambda: stores.risk.observe(lambda keys: self._update() if keys - {"use"} else None),
        ]

    def refresh(self) -> None:
        self._instrument_changed()

    def problem(self) -> str:
        return "" if self._instrument() is not None else f"{self._link.symbol} is not described yet"

    def keyPressEvent(self, event: QKeyEvent) -> None:
        entered = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if not entered or event.isAutoRepeat():
            super().keyPressEvent(event)
        elif event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.send.begin() if self.send.must_hold else self._send()
        else:
            self.send.setFocus()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if not event.isAutoRepeat():
            self.send.let_go()
        super().keyReleaseEvent(event)

    # Building.

    def _build_fields(self) -> None:
        self.sides = {side: self._side_button(side) for side in Side}
        group = QButtonGroup(self)
        for button in self.sides.values():
            group.addButton(button)
        self.sides[Side.BUY].setChecked(True)
        self.kind = self._combo(self.tr("Order type"), [kind.value for kind in TYPES])
        self.kind.currentIndexChanged.connect(lambda _: self._choose_type())
        self.limit = self._number(self.tr("Limit price"))
        self.trigger = self._number(self.tr("Trigger price"))
        self.distance = self._combo(self.tr("Trigger price in"), ["static", "pct", "quote"])
        self.reference = self._combo(self.tr("Trigger reference"), ["last", "index"])
        self.qty = self._number(self.tr("Quantity"))
        self.unit = self._combo(self.tr("Quantity in"), ["base", "quote"])
        self.display = self._number(self.tr("Displayed quantity"))
        self.tif = self._combo(self.tr("Time in force"), [tif.value.upper() for tif in TimeInForce])
        self.expire = self._number(self.tr("Expires in seconds"))
        self.expire.setText("3600")
        self.post = QCheckBox(self.tr("Post only"), self)
        self.post.toggled.connect(self._update)
        self.more = QPushButton(self.tr("More terms ▸"), self)
        self.more.setProperty("flat", True)
        self.more.setCheckable(True)
        self.more.toggled.connect(self._show_more)
        self.terms = AdvancedTerms(self)
        self.terms.edited.connect(self._typed)
        self.terms.hide()
        self.errors = QLabel(self)
        self.errors.setProperty("role", "error")
        self.errors.setWordWrap(True)
        self.errors.setTextFormat(Qt.TextFormat.RichText)
        self.errors.linkActivated.connect(self._take_nearest)
        self.figures = PlainLabel(self)
        self.figures.setFont(figure_font(0.95))
        self.consent = ConsentBar(self)
        self.consent.changed.connect(self._update)
        self.send = HoldButton(self)
        self.send.setMinimumHeight(34)
        self.send.setAccessibleName(self.tr("Send order"))
        self.send.sent.connect(self._send)

    def _side_button(self, side: Side) -> QPushButton:
        button = QPushButton(self.tr("▲ BUY") if side is Side.BUY else self.tr("▼ SELL"), self)
        button.setCheckable(True)
        button.setProperty("side", side.value)
        button.setFont(ui_font(bold=True))
        button.clicked.connect(lambda: self.set_side(side))
        return button

    def _combo(self, name: str, words: list[str]) -> QComboBox:
        combo = QComboBox(self)
        combo.setAccessibleName(name)
        combo.addItems(words)
        combo.currentIndexChanged.connect(lambda _: self._update())
        return combo

    def _number(self, name: str) -> DecimalEdit:
        field = DecimalEdit(name, self)
        field.edited.connect(self._update)
        field.textEdited.connect(self._typed)
        return field

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        rows: tuple[tuple[str, QWidget, QWidget | None], ...] = (
            (self.tr("Type"), self.kind, None),
            (self.tr("Price"), self.limit, None),
            (self.tr("Trigger"), self.trigger, self.distance),
            (self.tr("Watches"), self.reference, None),
            (self.tr("Quantity"), self.qty, self.unit),
            (self.tr("Displayed"), self.display, None),
            (self.tr("In force"), self.tif, self.post),
            (self.tr("Expires s"), self.expire, None),
        )
        for row, (word, field, beside) in enumerate(rows):
            label = self._labels[field] = PlainLabel(word, self)
            label.setProperty("role", "muted")
            label.setBuddy(field)
            grid.addWidget(label, row, 0)
            grid.addWidget(field, row, 1, 1, 1 if beside else 2)
            if beside is not None:
                grid.addWidget(beside, row, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 8)
        layout.setSpacing(5)
        sides = QHBoxLayout()
        sides.setSpacing(4)
        for button in self.sides.values():
            sides.addWidget(button)
        fields = QWidget(self)
        column = QVBoxLayout(fields)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(5)
        column.addLayout(grid)
        column.addWidget(self.more)
        column.addWidget(self.terms)
        layout.addLayout(sides)
        layout.addWidget(FieldArea(fields, self))
        layout.addLayout(share_buttons(self._take_share, self))
        layout.addWidget(self.errors)
        layout.addWidget(self.figures)
        layout.addWidget(self.consent)
        layout.addWidget(self.send)
        layout.addStretch(1)

    # Reacting.

    def _symbol_changed(self) -> None:
        for field in (self.limit, self.trigger, self.qty, self.display):
            field.clear()
        self.terms.clear()
        self._touched = False
        self._pair_since_ns = self._session.clock.mono_ns()
        self.restart()
        self.refresh()

    def _instrument_changed(self) -> None:
        instrument = self._instrument()
        if instrument is not None:
            for field in (self.limit, self.trigger):
                field.set_step(instrument.price_increment, instrument.price_precision)
            for field in (self.qty, self.display):
                field.set_step(instrument.qty_min, instrument.qty_precision)
            self.qty.setPlaceholderText(f"≥ {instrument.qty_min.normalize():f}")
            self.terms.set_instrument(instrument)
            self.unit.setItemText(0, instrument.base)
            self.unit.setItemText(1, instrument.quote)
        self._fill_price()
        self._update()

    def _book_changed(self, symbols: frozenset[Symbol]) -> None:
        if self._link.symbol in symbols:
            self._fill_price()
            if self._complete:  # what is missing in an order is not missing because of the book
                self._update()

    def _fill_price(self) -> None:
        # A first price saves typing; once it stands there only the user changes it.
        if self.limit.text() or self.limit.hasFocus():
            return
        view = self._session.stores.books.view(self._link.symbol)
        touch = (view.best_bid if self._side is Side.BUY else view.best_ask) if view else None
        if touch is not None:
            self.limit.set_value(touch[0])

    def _typed(self) -> None:
        # Only what the user typed is judged in red; an untouched ticket is not wrong, it is empty.
        self._touched = True
        self._update()

    def _choose_type(self) -> None:
        kind = self._type()
        shown = {
            self.limit: kind.has_limit,
            self.trigger: kind.has_trigger,
            self.distance: kind.has_trigger,
            self.reference: kind.has_trigger,
            self.display: kind is OrderType.ICEBERG,
            self.post: kind.has_limit,
        }
        for field, visible in shown.items():
            field.setVisible(visible)
            if field in self._labels:
                self._labels[field].setVisible(visible)
        self.unit.setEnabled(kind is OrderType.MARKET)
        if not self.unit.isEnabled():
            self.unit.setCurrentIndex(0)
        if kind in TRAILING and self.distance.currentText() == "static":
            self.distance.setCurrentText("pct")
        self._update()

    def _type(self) -> OrderType:
        return TYPES[max(0, self.kind.currentIndex())]

    def _instrument(self) -> Instrument | None:
        return self._session.stores.instruments.get(self._link.symbol)

    def _described(self) -> Instrument:
        instrument = self._instrument()
        assert instrument is not None, "an order is built for a pair that is described"
        return instrument

    def _fields(self) -> TicketFields:
        kind = self._type()
        expire = self.expire.value
        fields = TicketFields(
            side=self._side,
            order_type=kind,
            qty=self.qty.text(),
            qty_in_quote=kind is OrderType.MARKET and self.unit.currentIndex() == 1,
            limit_price=self.limit.text(),
            trigger_price=self.trigger.text(),
            trigger_price_type=self.distance.currentText(),
            trigger_reference=self.reference.currentText(),
            time_in_force=TimeInForce(self.tif.currentText().lower()),
            expire_s=int(expire) if expire is not None else 0,
            post_only=self.post.isChecked() and kind.has_limit,
            display_qty=self.display.text(),
        )
        # Terms out of sight are terms nobody agreed to.
        return self.terms.complete(fields) if self.more.isChecked() else fields

    def _show_more(self, shown: bool) -> None:
        self.more.setText(self.tr("Fewer terms ▾") if shown else self.tr("More terms ▸"))
        self.terms.setVisible(shown)
        self._update()

    def _update(self) -> None:
        if not self._labels:
            return  # still being built
        expires = self.tif.currentText() == TimeInForce.GTD.value.upper()
        self.expire.setVisible(expires)
        self._labels[self.expire].setVisible(expires)
        instrument = self._instrument()
        if instrument is None:
            self._show(None, [], self.tr("waiting for %1").replace("%1", self._link.symbol), None)
            return
        try:
            request = build(self._fields(), instrument, self._session.exchange_ns())
        except TicketError as wrong:
            self._complete = False
            self._show(None, wrong.errors, wrong.errors[0].message, None)
            return
        self._complete = True
        view = self._session.stores.books.view(self._link.symbol)
        fees = self._session.stores.balances.fee_rate(self._link.symbol)
        told = preview(request, instrument, view, fees)
        lock = lock_reason(self._session.stores, self._link.symbol)
        findings = [] if lock else self._session.risk.assess(request, Consent({}, self._pair_since_ns))
        self._show(request, [], lock, told, findings)

    # Showing.

    def _show(
        self,
        request: OrderRequest | None,
        errors: list[FieldError],
        lock: str,
        told: Preview | None,
        findings: Sequence[Finding] = (),
    ) -> None:
        self._show_findings(request, told, findings)
        if self.consent.gravest is Severity.BLOCK:
            lock = self.tr("blocked")
        self._request = request if not lock else None
        wrong = {error.field for error in errors} | {
            f.field for f in findings if f.severity is Severity.BLOCK
        }
        for name, field in self._named_fields().items():
            field.show_invalid(self._touched and name in wrong)
        self._show_errors(errors if self._touched else [])
        self._show_preview(told)
        self._show_send(lock)

    def _named_fields(self) -> dict[str, DecimalEdit]:
        return {
            "limit_price": self.limit,
            "trigger_price": self.trigger,
            "qty": self.qty,
            "display_qty": self.display,
            "start_s": self.terms.start,
            "close_trigger": self.terms.close_trigger,
            "close_limit": self.terms.close_limit,
        }

    def _show_findings(
        self, request: OrderRequest | None, told: Preview | None, findings: Sequence[Finding]
    ) -> None:
        qty = (request.qty or request.cash_qty) if request is not None else None
        lead = ask_text(request, told, self._session.stores) if request is not None and findings else ""
        self.consent.show_findings(findings, qty, lead)
        self.send.require_hold(self.consent.gravest is Severity.HOLD)
        if any(finding.reason in PASSING for finding in findings):
            self._relook.start()

    def _show_errors(self, errors: list[FieldError]) -> None:
        text = errors_markup(errors)
        if self.errors.text() != text:
            self.errors.setText(text)
        self.errors.setVisible(bool(text))

    def _show_preview(self, told: Preview | None) -> None:
        text = ""
        if told is not None:
            text = preview_text(told, self._described(), self._side, self._session.stores)
        if self.figures.text() != text:
            self.figures.setText(text)

    def _show_send(self, lock: str) -> None:
        mode = self._session.mode.word
        if self._request is None or lock:
            text = f"{(lock or self.tr('not ready')).rstrip('.')} · {mode}"
        else:
            text = f"{self._side.value.upper()} {describe(self._request, self._described())} · {mode}"
            if self.send.must_hold:
                text = self.tr("HOLD · %1").replace("%1", text)
        ready = self._request is not None and self._armed and self.consent.may_send
        self.send.setEnabled(ready)
        self.send.show_text(text)
        look = self._side.value if self._request is not None else "none"
        if self.send.property("send") != look:
            self.send.setProperty("send", look)
            self.send.style().polish(self.send)

    # Sending.

    def _take_share(self, share: int) -> None:
        instrument, stores = self._instrument(), self._session.stores
        if instrument is not None:
            touch = stores.references.touch(instrument.symbol, Side.BUY)
            price = self.limit.value if self._type().has_limit else touch
            qty = share_of_available(stores, instrument, self._side, price, share)
            if qty is not None:
                self.take_qty(instrument.quantize_qty(qty).normalize())

    def _take_nearest(self, link: str) -> None:
        field, _, value = link.partition("=")
        target = self._named_fields()
        if field in target:
            target[field].setText(value)
            target[field].setFocus()

    def _send(self) -> None:
        # The request is built anew: what is sent is what stands in the form, under a fresh id.
        self._touched = True
        asked = self.consent.consent(self._pair_since_ns)
        self._update()
        if self._request is None or not self._armed or not self.consent.may_send:
            return
        request = self._request
        if self._session.risk.assess(request, asked):
            return  # the market moved since the button was pressed: what is shown now was not agreed to
        self._armed = False
        self._rearm.start()
        self._show_send("")
        self.consent.typed.clear()
        self._submit(request, asked)

    def _arm(self) -> None:
        self._armed = True
        self._update()
