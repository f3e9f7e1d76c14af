"""One quantity spread over many limit orders: the form, every order it makes, and the button that sends them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import accumulate

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QSpinBox,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.app.scaled import (
    LEAST_COUNT,
    MOST_COUNT,
    Distribution,
    Leg,
    ScaledFields,
    lots,
    plan,
    requests,
)
from core.app.session import TradingSession
from core.app.ticket import TicketError
from core.domain.ids import Symbol
from core.domain.instrument import Instrument, Side
from core.domain.orders import OrderRequest
from core.domain.subscription import book
from gui import formats
from gui.forms.ticket_words import lock_reason
from gui.theme import figure_font
from gui.views.ladder_canvas import Ghost
from gui.widgets.decimal_edit import SPIN_MARGINS, DecimalEdit
from gui.widgets.fitting_button import FittingButton
from gui.widgets.plain_text import PlainLabel

Send = Callable[[Sequence[Sequence[OrderRequest]]], None]
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class ScaledDialog(QDialog):
    """Shown with ``show()`` beside the ladder, on which the orders stand as ghosts until they are sent, once."""

    def __init__(
        self,
        session: TradingSession,
        symbol: Symbol,
        send: Send,
        show_ghosts: Callable[[Sequence[Ghost]], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("scaled_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Scaled orders on %1").replace("%1", formats.plain(symbol)))
        self._session = session
        self._symbol = symbol
        self._send_batches = send
        self._show_ghosts = show_ghosts
        self._legs: list[Leg] = []
        self._release: Callable[[], None] | None = None
        self._build()
        self._release = session.market_data.watch(book(symbol, 100))
        self._stop = session.stores.health.observe(lambda _: self._update())
        self._propose()

    def done(self, result: int) -> None:
        self._stop()
        if self._release is not None:
            self._release()
        self._show_ghosts(())
        super().done(result)

    # Building.

    def _build(self) -> None:
        self.side = self._combo(self.tr("Side"), [self.tr("▲ BUY"), self.tr("▼ SELL")])
        self.qty = self._number(self.tr("Total quantity"))
        self.count = QSpinBox(self)
        self.count.lineEdit().setTextMargins(*SPIN_MARGINS)
        self.count.setRange(LEAST_COUNT, MOST_COUNT)
        self.count.setValue(10)
        self.count.setFont(figure_font())
        self.count.setAlignment(RIGHT)
        self.count.setAccessibleName(self.tr("Number of orders"))
        self.count.valueChanged.connect(lambda _: self._update())
        self.first = self._number(self.tr("First price"))
        self.last = self._number(self.tr("Last price"))
        words = [self.tr("flat"), self.tr("linear"), self.tr("geometric")]
        self.distribution = self._combo(self.tr("Distribution"), words)
        self.skew = self._number(self.tr("Last quantity is so many times the first"))
        self.skew.setText("3")
        self.post = QCheckBox(self.tr("Post only"), self)
        self.post.setChecked(True)
        self.post.toggled.connect(lambda _: self._update())
        self.problem = PlainLabel(self)
        self.problem.setProperty("role", "error")
        self.problem.setWordWrap(True)
        self.table = self._build_table()
        self.sums = PlainLabel(self)
        self.sums.setFont(figure_font(0.95))
        self.send = FittingButton(self)
        self.send.setAutoRepeat(False)
        self.send.setAutoDefault(False)
        self.send.setMinimumHeight(34)
        self.send.setAccessibleName(self.tr("Send scaled orders"))
        self.send.clicked.connect(self._send)
        self._lay_out()

    def _lay_out(self) -> None:
        form = QFormLayout()
        rows = (
            (self.tr("Side"), self.side),
            (self.tr("Total"), self.qty),
            (self.tr("Orders"), self.count),
            (self.tr("From"), self.first),
            (self.tr("To"), self.last),
            (self.tr("Sizes"), self.distribution),
            (self.tr("Last ÷ first"), self.skew),
        )
        for word, field in rows:
            form.addRow(word, field)
        form.addRow("", self.post)
        left = QVBoxLayout()
        left.addLayout(form)
        left.addWidget(self.problem)
        left.addStretch(1)
        left.addWidget(self.sums)
        beside = QHBoxLayout()
        beside.addLayout(left, 2)
        beside.addWidget(self.table, 3)
        layout = QVBoxLayout(self)
        layout.addLayout(beside)
        layout.addWidget(self.send)
        self.resize(720, 420)

    def _build_table(self) -> QTableWidget:
        table = QTableWidget(0, 4, self)
        table.setAccessibleName(self.tr("Orders of the scale"))
        table.setHorizontalHeaderLabels(
            [self.tr("Price"), self.tr("Quantity"), self.tr("Value"), self.tr("Sum")]
        )
        table.horizontalHeader().setDefaultAlignment(RIGHT)
        table.setFont(figure_font(0.95))
        table.verticalHeader().setDefaultSectionSize(20)
        table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        table.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
        table.setTabKeyNavigation(False)
        table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        return table

    def _combo(self, name: str, words: list[str]) -> QComboBox:
        combo = QComboBox(self)
        combo.setAccessibleName(name)
        combo.addItems(words)
        combo.currentIndexChanged.connect(lambda _: self._update())
        return combo

    def _number(self, name: str) -> DecimalEdit:
        field = DecimalEdit(name, self)
        field.edited.connect(self._update)
        return field

    # Reacting.

    def _propose(self) -> None:
        """A first range saves typing: from the bid downwards."""
        instrument, view = self._instrument(), self._session.stores.books.view(self._symbol)
        if instrument is not None:
            for field in (self.first, self.last):
                field.set_step(instrument.price_increment, instrument.price_precision)
            self.qty.set_step(instrument.qty_min, instrument.qty_precision)
            if view is not None and view.best_bid is not None:
                bid = view.best_bid[0]
                self.first.set_value(bid)
                self.last.set_value(instrument.quantize_price(bid * 99 / 100, Side.BUY))
        self._update()

    def _instrument(self) -> Instrument | None:
        return self._session.stores.instruments.get(self._symbol)

    def _fields(self) -> ScaledFields:
        return ScaledFields(
            side=tuple(Side)[max(0, self.side.currentIndex())],
            qty=self.qty.text(),
            count=self.count.value(),
            first=self.first.text(),
            last=self.last.text(),
            distribution=tuple(Distribution)[max(0, self.distribution.currentIndex())],
            skew=self.skew.text(),
            post_only=self.post.isChecked(),
        )

    def _update(self) -> None:
        if self._release is None:
            return  # still being built
        fields, instrument = self._fields(), self._instrument()
        self.skew.setEnabled(fields.distribution is not Distribution.FLAT)
        problem, wrong = "", set()
        self._legs = []
        try:
            self._legs = plan(fields, instrument) if instrument is not None else []
        except TicketError as refused:
            wrong = {error.field for error in refused.errors}
            problem = "\n".join(_told(error.message, error.nearest) for error in refused.errors)
        for name, field in (
            ("qty", self.qty),
            ("first", self.first),
            ("last", self.last),
            ("skew", self.skew),
        ):
            field.show_invalid(name in wrong and bool(field.text()))
        # An untouched dialog is not wrong, it is empty: the button says what is missing.
        told = problem if self.qty.text() or wrong - {"qty"} else ""
        self.problem.setText(told)
        self._show_legs(instrument)
        self._show_send(fields, instrument, "" if told else problem)

    def _show_legs(self, instrument: Instrument | None) -> None:
        self.table.setRowCount(len(self._legs))
        if instrument is None or not self._legs:
            self.sums.setText("")
            return
        running = list(accumulate(leg.qty for leg in self._legs))
        total, sums = running[-1], sum((leg.qty * leg.price for leg in self._legs), Decimal(0))
        sizes = formats.column([leg.qty for leg in self._legs], instrument.qty_precision)
        totals = formats.column(running, instrument.qty_precision)
        for row, leg in enumerate(self._legs):
            cells = (
                formats.fixed(leg.price, instrument.price_precision),
                sizes[row],
                formats.fixed(leg.qty * leg.price, 2),
                totals[row],
            )
            for column, text in enumerate(cells):
                item = QTableWidgetItem(text)
                item.setTextAlignment(RIGHT)
                self.table.setItem(row, column, item)
        rows = (
            (
                self.tr("Average"),
                f"{formats.fixed(sums / total, instrument.price_precision)} {instrument.quote}",
            ),
            (self.tr("Value"), f"{formats.fixed(sums, 2)} {instrument.quote}"),
        )
        self.sums.setText("\n".join(f"{name:<9}{value:>20}" for name, value in rows))

    def _show_send(self, fields: ScaledFields, instrument: Instrument | None, missing: str) -> None:
        lock = lock_reason(self._session.stores, self._symbol)
        ready = bool(self._legs) and not lock
        qty = formats.qty(self.qty.value, 8)
        base = instrument.base if instrument is not None else ""
        text = (
            f"{fields.side.value.upper()} {qty} {base} × {len(self._legs)}"
            if ready
            else lock or missing or self.tr("not ready")
        )
        self.send.show_text(f"{text.rstrip('.')} · {self._session.mode.word}")
        self.send.setEnabled(ready)
        self.send.setProperty("send", fields.side.value if ready else "none")
        self.send.style().polish(self.send)
        self._show_ghosts([(fields.side, leg.price, leg.qty) for leg in self._legs])

    def _send(self) -> None:
        instrument = self._instrument()
        if instrument is None or not self._legs or not self.isVisible():
            return  # hidden: it was sent, and waits to be deleted
        orders = requests(self._fields(), self._legs, instrument, self._session.exchange_ns())
        self.accept()
        self._send_batches(lots(orders))


def _told(message: str, nearest: str) -> str:
    return f"{message} ({nearest})" if nearest else message
