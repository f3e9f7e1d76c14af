"""Depth: how much lies in the book up to a price, and what a size of one's own would pay on either side."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from core.app.session import TradingSession
from core.app.ticket import parse_decimal
from core.domain.health import BookState
from core.domain.ids import Symbol
from core.domain.instrument import Instrument, Side
from core.domain.subscription import book
from core.processing.book_store import BookView, Walk
from gui import formats
from gui.symbol_link import SymbolLink
from gui.theme import figure_font
from gui.views.depth_canvas import DepthCanvas
from gui.widgets.decimal_edit import DecimalEdit
from gui.widgets.figure_strip import Figure, FigureStrip
from gui.widgets.live_text import LiveText
from gui.widgets.panel import Attach, Panel
from gui.widgets.stale import channel_problem, heard_at

DEPTHS = (100, 500, 1000)
"""The first is the ladder's: deeper ones make the book be sent anew."""

BPS = Decimal(10_000)
MARGIN = 6


class DepthView(Panel):
    """Curves, the read-out under the pointer, and the slippage of a typed size."""

    def __init__(self, session: TradingSession, link: SymbolLink, parent: QWidget | None = None) -> None:
        super().__init__("Depth", parent)
        self._session = session
        self._link = link
        self._price: float | None = None
        self.canvas = DepthCanvas(self)
        self.readout = FigureStrip(self.tr("Book up to the pointer"), self, margin=MARGIN)
        self.tried = DecimalEdit(self.tr("Size to try"), self)
        self.tried.setPlaceholderText(self.tr("size"))
        self.tried.setMaximumWidth(96)
        self.costs = LiveText(figure_font(0.92), parent=self)
        self.costs.setAccessibleName(self.tr("Cost of the size"))
        self.depths = QComboBox(self)
        self.depths.setAccessibleName(self.tr("Levels a side"))
        for depth in DEPTHS:
            self.depths.addItem(str(depth), depth)
        self._lay_out()
        self.canvas.pointed.connect(self._pointed)
        self.tried.edited.connect(self._size_changed)
        self.depths.activated.connect(lambda _: self.restart())
        link.changed.connect(lambda _: self._symbol_changed())

    def attachments(self) -> list[Attach]:
        symbol, depth = self._link.symbol, self.depths.currentData()
        return [
            lambda: self._session.market_data.watch(book(symbol, depth)),
            lambda: self._session.stores.books.observe(self._changed),
        ]

    def refresh(self) -> None:
        view = self._view
        self.canvas.show_book(view)
        self._show_costs(view)
        self._show_pointed(view)

    def problem(self) -> str:
        view = self._session.stores.books.view(self._link.symbol)
        if view is None:
            return "no book is subscribed"
        return "" if view.state is BookState.LIVE else f"book {view.reason}"

    def stale_reason(self, now: int) -> str:
        return channel_problem(self._session.stores, now, "book", self._link.symbol) or self.problem()

    def received(self) -> int | None:
        return heard_at(self._session.stores, "book", self._link.symbol)

    @property
    def _view(self) -> BookView | None:
        view = self._session.stores.books.view(self._link.symbol)
        return view if view is not None and view.state is BookState.LIVE else None

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.setContentsMargins(MARGIN, 2, 2, 2)
        bar.setSpacing(8)
        bar.addWidget(self.tried)
        bar.addWidget(self.costs, 1)
        bar.addWidget(self.age)
        bar.addWidget(self.depths)
        self.age.show()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(bar)
        layout.addWidget(self.readout)
        layout.addWidget(self.canvas, 1)

    def _changed(self, symbols: frozenset[Symbol]) -> None:
        if self._link.symbol in symbols:
            self.refresh()

    def _symbol_changed(self) -> None:
        self.tried.clear()  # a size of one coin means nothing in another
        self.canvas.share = 1.0
        self.restart()

    def _pointed(self, price: float | None) -> None:
        self._price = price
        self._show_pointed(self._view)

    def _size_changed(self) -> None:
        text = self.tried.text()
        self.tried.show_invalid(bool(text) and not self._wanted)
        self._show_costs(self._view)

    @property
    def _wanted(self) -> Decimal | None:
        size = parse_decimal(self.tried.text())
        return size if size is not None and size > 0 else None

    def _show_costs(self, view: BookView | None) -> None:
        wanted = self._wanted
        if view is None or wanted is None:
            self.canvas.marks = ()
            hint = self.tr("Type a size: average price and slippage of taking it") if view else ""
            self.costs.show_text(hint, self.tr("Type a size: price and slippage") if view else "")
        else:
            texts, marks = [], []
            for side in Side:
                walk = view.walk(side, wanted)
                text = _cost_text(view, side, walk, wanted)
                texts.append(text)
                if walk.worst is not None:
                    arrow = "▲" if side is Side.BUY else "▼"
                    marks.append((side, walk.worst, f"{arrow} {_slippage_text(view, side, walk)}"))
            self.canvas.marks = tuple(marks)
            self.costs.show_text("   ".join(texts))
        self.canvas.update()

    def _show_pointed(self, view: BookView | None) -> None:
        if view is None or view.mid is None:
            self.readout.show_figures(())
            return
        price = self._price
        if price is None:
            self.readout.show_figures(_whole_book(view))
        else:
            shown = view.instrument.quantize_price(Decimal(repr(price)))
            self.readout.show_figures(_up_to(view, shown, view.mid))


def _cost_text(view: BookView, side: Side, walk: Walk, wanted: Decimal) -> str:
    name = f"{'▲ BUY' if side is Side.BUY else '▼ SELL'}"
    if walk.avg is None:
        return f"{name} {formats.MISSING}"
    text = f"{name} {formats.fixed(walk.avg, view.instrument.price_precision)}"
    if walk.filled < wanted:
        return f"{text} only {formats.qty(walk.filled, view.instrument.qty_precision)} in the book"
    return f"{text} {_slippage_text(view, side, walk)}"


def _slippage_text(view: BookView, side: Side, walk: Walk) -> str:
    touch = view.best_ask if side is Side.BUY else view.best_bid
    assert touch is not None, "a walk that filled something began at the touch"
    assert walk.avg is not None
    return f"{formats.bps(abs(walk.avg - touch[0]) / touch[0] * BPS)} bps"


def _whole_book(view: BookView) -> list[Figure]:
    instrument = view.instrument
    bids, asks = (view.cumulative(side, view.depth) for side in Side)
    return [
        Figure("Bids", _size(bids[-1], instrument), "1,234.5678", "buy", "Base units on the bid side"),
        Figure("Asks", _size(asks[-1], instrument), "1,234.5678", "sell", "Base units on the ask side"),
        Figure("Levels", f"{len(bids)}/{len(asks)}", "1000/1000"),
    ]


def _up_to(view: BookView, price: Decimal, mid: Decimal) -> list[Figure]:
    """What lies between the mid and a price."""
    instrument = view.instrument
    is_ask = price > mid
    levels = view.asks(view.depth) if is_ask else view.bids(view.depth)
    within = [(p, qty) for p, qty in levels if (p <= price if is_ask else p >= price)]
    total = sum((qty for _, qty in within), Decimal(0))
    money = sum((p * qty for p, qty in within), Decimal(0))
    away = (price - mid) / mid * BPS
    return [
        Figure("", formats.fixed(price, instrument.price_precision), "0,000,000.0"),
        Figure("", f"{'+' if away > 0 else ''}{formats.bps(away)} bps", "-1234.5 bps", "muted"),
        Figure(
            "Asks" if is_ask else "Bids",
            f"{_size(total, instrument)} {instrument.base}",
            "1,234.5678 ETH",
            "sell" if is_ask else "buy",
        ),
        Figure("", f"{formats.compact(money)} {instrument.quote}", "123.45M USD"),
        Figure("Levels", str(len(within)), "1000"),
    ]


def _size(qty: Decimal, instrument: Instrument) -> str:
    digits = 2 if qty >= 100 else 4
    return formats.fixed(qty, min(digits, instrument.qty_precision))
