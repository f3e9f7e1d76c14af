"""The order book as a static price ladder, with its head: spread, imbalance and grouping."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from core.app.risk import PAIR_CHANGE_NS
from core.app.session import TradingSession
from core.domain.health import BookState
from core.domain.ids import Symbol
from core.domain.subscription import book, trades
from gui import formats
from gui.symbol_link import SymbolLink
from gui.theme import figure_font
from gui.views.ladder_canvas import LadderCanvas
from gui.views.ladder_meaning import LadderMeaning
from gui.views.ladder_rows import GROUPS
from gui.widgets.live_text import LiveText
from gui.widgets.panel import Attach, Panel
from gui.widgets.plain_text import tip
from gui.widgets.stale import channel_problem

DEPTH = 100


class OrderBookView(Panel):
    """Ladder with its head: spread, imbalance, age and grouping."""

    price_clicked = Signal(object, object)
    order_dragged = Signal(object, object)
    first_live_paint = Signal()

    def __init__(self, session: TradingSession, link: SymbolLink, parent: QWidget | None = None) -> None:
        super().__init__("Order book", parent)
        self._session = session
        self._link = link
        self._meaning = LadderMeaning()
        self._pair_since_ns: int | None = None
        self.canvas = LadderCanvas(session, link, self)
        self.canvas.price_clicked.connect(self.price_clicked)
        self.canvas.order_dragged.connect(self.order_dragged)
        self.canvas.first_live_paint.connect(self.first_live_paint)
        self.canvas.painted.connect(self._painted)
        self.head = LiveText(figure_font(0.92), parent=self)
        self.head.setToolTip(self.tr("Spread, spread in basis points, share of bids in the size on show"))
        self.groups = QComboBox(self)
        self.groups.setAccessibleName(self.tr("Ticks a row"))
        self.groups.addItem(self.tr("auto"), 0)
        for group in GROUPS:
            self.groups.addItem(f"×{group}", group)
        self.groups.activated.connect(self._group_chosen)
        centre = QPushButton("◉", self)
        centre.setProperty("flat", True)
        centre.setToolTip(self.tr("Recentre (Space)"))
        centre.setAccessibleName(self.tr("Recentre"))
        centre.clicked.connect(self.canvas.recentre)
        self.arm = QPushButton(self)
        self.arm.setAutoRepeat(False)
        self.show_armed(False, "")
        bar = QHBoxLayout()
        bar.setContentsMargins(6, 2, 2, 2)
        bar.addWidget(self.head, 1)
        bar.addWidget(self.arm)
        bar.addWidget(self.groups)
        bar.addWidget(centre)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(bar)
        layout.addWidget(self.canvas, 1)
        link.changed.connect(self._symbol_changed)

    def attachments(self) -> list[Attach]:
        stores, symbol = self._session.stores, self._link.symbol
        return [
            lambda: self._session.market_data.watch(book(symbol, DEPTH), trades(symbol)),
            lambda: stores.books.observe(self._changed),
            lambda: stores.depths.observe(self._changed),
            lambda: stores.trades.observe(self._traded),
            lambda: stores.orders.observe(lambda _: self.canvas.changed()),
        ]

    def refresh(self) -> None:
        self._show_head()
        self.canvas.changed()

    def problem(self) -> str:
        view = self.canvas.view
        if view is None:
            return "no book is subscribed"
        return "" if view.state is BookState.LIVE else f"book {view.reason}"

    def stale_reason(self, now: int) -> str:
        # A book that is not live says so by itself.
        return "" if self.problem() else channel_problem(self._session.stores, now, "book", self._link.symbol)

    @property
    def symbol(self) -> Symbol:
        """The pair on show."""
        return self._link.symbol

    def show_armed(self, armed: bool, reason: str) -> None:
        """Say whether a click sends, and why it no longer does."""
        self.arm.setText(self.tr("● ARMED") if armed else self.tr("○ L"))
        self.arm.setProperty("arm", "on" if armed else "off")
        self.arm.style().polish(self.arm)
        text = self.tr("A click sends the ticket's quantity (L locks)")
        if not armed:
            text = self.tr("A click fills the ticket; L arms one-click orders")
            text += f" ({formats.plain(reason)})" if reason else ""
        self.arm.setToolTip(tip(text))
        self.arm.setAccessibleName(text)

    def is_settled(self, price: Decimal) -> bool:
        """Whether a price has stood on its row and its side of the market long enough to be clicked on purpose."""
        now = self._session.clock.mono_ns()
        if self._pair_since_ns is not None and now - self._pair_since_ns < PAIR_CHANGE_NS:
            return False  # the click may have been meant for the pair before
        self._note_touch()  # what arrived and is not painted yet counts, too
        return self._meaning.is_settled(price, now)

    def _changed(self, symbols: frozenset[Symbol]) -> None:
        if self._link.symbol in symbols:
            self._note_touch()
            self.refresh()

    def _traded(self, symbols: frozenset[Symbol]) -> None:
        if self._link.symbol in symbols:
            self.canvas.printed()

    def _painted(self, moved: bool) -> None:
        self._note_touch()
        if moved:
            self._meaning.moved(self._session.clock.mono_ns())

    def _note_touch(self) -> None:
        view = self.canvas.view
        bid, ask = (view.best_bid, view.best_ask) if view is not None else (None, None)
        if bid is not None and ask is not None:
            self._meaning.note(bid[0], ask[0], self._session.clock.mono_ns())

    def _symbol_changed(self) -> None:
        self._pair_since_ns = self._session.clock.mono_ns()
        self.canvas.forget()
        self._meaning.clear()
        self.groups.setCurrentIndex(0)
        self.restart()

    def _group_chosen(self) -> None:
        group = self.groups.currentData()
        if group:
            self.canvas.set_group(group)
        else:
            self.canvas.forget()

    def _show_head(self) -> None:
        view = self.canvas.view
        if view is None or view.spread is None:
            self.head.show_text(self._link.symbol)
            return
        imbalance = view.imbalance()
        share = formats.MISSING if imbalance is None else f"{imbalance * 100:.0f}% bid"
        spread = formats.fixed(view.spread, view.instrument.price_precision)
        narrow = f"{spread} · {formats.bps(view.spread_bps)} bps"
        self.head.show_text(f"{narrow} · {share}", narrow)
