"""Time and sales: every print with its side, large ones marked, paused while the user reads further down."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import islice
from statistics import median

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import (
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from core.app.session import TradingSession
from core.app.ticket import parse_decimal
from core.domain.ids import Symbol
from core.domain.instrument import Side
from core.domain.market import Trade
from core.domain.subscription import trades
from gui import formats
from gui.symbol_link import SymbolLink
from gui.theme import active, figure_font, ui_font
from gui.views.ladder_painter import size_text
from gui.widgets.decimal_edit import DecimalEdit
from gui.widgets.glyph_atlas import Figure, atlas_of
from gui.widgets.panel import Attach, Panel
from gui.widgets.plain_text import PlainLabel
from gui.widgets.stale import channel_problem, heard_at

ROW_PADDING = 3
LARGE_TIMES = 5
"""A print this many times the median of the tape is large."""

MEDIAN_OF = 200
WHEEL_NOTCH = 120
PRICE_SHARE = 0.70
MARGIN = 6


class Tape(QWidget):
    """Paints prints, newest on top. Scrolled down it stands still and counts what came meanwhile."""

    def __init__(self, session: TradingSession, link: SymbolLink, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._link = link
        self.smallest: Decimal | None = None
        self._offset = 0
        self._held_at: int | None = None
        self._font = figure_font()
        self._row_height = QFontMetrics(self._font).height() + ROW_PADDING
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Time and sales"))
        self.setMinimumSize(180, 4 * self._row_height)

    @property
    def missed(self) -> int:
        """Prints that came since the tape was paused; 0 while it follows."""
        return (
            0
            if self._held_at is None
            else self._session.stores.trades.count(self._link.symbol) - self._held_at
        )

    def follow(self) -> None:
        """Go back to the newest print."""
        self._offset, self._held_at = 0, None
        self.update()

    def scroll(self, rows: int) -> None:  # type: ignore[override]  # QWidget.scroll moves pixels, not rows
        """Move down by ``rows`` prints and pause, or follow again at the top."""
        self._offset = max(0, self._offset + rows)
        if self._offset == 0:
            self.follow()
            return
        if self._held_at is None:
            self._held_at = self._session.stores.trades.count(self._link.symbol)
        self.update()

    def strike(self, struck: bool) -> None:
        """Strike the figures through, or not."""
        self._font.setStrikeOut(struck)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = active()
        painter.fillRect(event.rect(), theme.colour("panel"))
        recent = self._session.stores.trades.recent(self._link.symbol)
        if not recent:
            painter.setPen(theme.colour("muted"))
            painter.setFont(ui_font())
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.tr("no prints yet"))
            return
        self._paint_prints(painter, self._visible(recent), self._large_from(recent))
        if self.missed:
            self._paint_pill(painter)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.scroll(-event.angleDelta().y() // WHEEL_NOTCH * 3)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        page = self.height() // self._row_height - 1
        moves = {
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_PageDown: page,
            Qt.Key.Key_PageUp: -page,
        }
        key = Qt.Key(event.key())
        if key in moves:
            self.scroll(moves[key])
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_Space):
            self.follow()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._held_at is not None and event.position().y() < 2 * self._row_height:
            self.follow()
        super().mousePressEvent(event)

    def _visible(self, recent: Sequence[Trade]) -> list[Trade]:
        smallest = self.smallest
        shown = (trade for trade in reversed(recent) if smallest is None or trade.qty >= smallest)
        start = self._offset + self.missed
        return list(islice(shown, start, start + self.height() // self._row_height + 1))

    @staticmethod
    def _large_from(recent: Sequence[Trade]) -> Decimal:
        last = [trade.qty for trade in islice(reversed(recent), MEDIAN_OF)]
        return median(last) * LARGE_TIMES

    def _paint_prints(self, painter: QPainter, prints: Sequence[Trade], large: Decimal) -> None:
        theme, width, high = active(), self.width(), self._row_height
        instrument = self._session.stores.instruments.get(self._link.symbol)
        digits = (instrument.price_precision, instrument.qty_precision) if instrument else (8, 8)
        atlas = atlas_of(self._font.toString(), painter.device().devicePixelRatio())
        muted, plain, stands_out = theme.colour("muted"), theme.colour("text"), theme.colour("on_fill")
        time_ink, qty_ink, large_ink = (atlas.ink(colour) for colour in (muted, plain, stands_out))
        bold_ink = atlas.ink(stands_out, bold=True)
        figures: list[Figure] = []
        for at, trade in enumerate(prints):
            middle, inks = (at + 0.5) * high, (time_ink, atlas.ink(theme.side(trade.side)), qty_ink)
            if trade.qty >= large:
                fill = "buy_fill" if trade.side is Side.BUY else "sell_fill"
                painter.fillRect(0, at * high, width, high, theme.colour(fill))
                inks = large_ink, bold_ink, bold_ink
            time, price, qty = self._texts(trade, *digits)
            price_left = int(width * PRICE_SHARE) - atlas.width(price)
            lefts = MARGIN, price_left, width - MARGIN - atlas.width(qty)
            if MARGIN + atlas.width(time) > price_left:
                time = ""  # no room for it beside the price
            figures += map(Figure, (time, price, qty), lefts, (middle,) * 3, inks)
        atlas.draw(painter, figures)

    def _texts(self, trade: Trade, price_digits: int, qty_digits: int) -> tuple[str, str, str]:
        mark = "▲" if trade.side is Side.BUY else "▼"
        price = f"{mark} {formats.fixed(trade.price, price_digits)}"
        return formats.clock_time(trade.ts), price, size_text(trade.qty, qty_digits)

    def _paint_pill(self, painter: QPainter) -> None:
        theme = active()
        text = self.tr("▲ %n new", "", self.missed)
        painter.setFont(ui_font(bold=True))
        width = painter.fontMetrics().horizontalAdvance(text) + 20
        box = QRect((self.width() - width) // 2, 3, width, self._row_height + 2)
        painter.fillRect(box, theme.colour("select"))
        painter.setPen(theme.colour("text"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


class TradesView(Panel):
    """The tape with its size filter."""

    def __init__(self, session: TradingSession, link: SymbolLink, parent: QWidget | None = None) -> None:
        super().__init__("Trades", parent)
        self._session = session
        self._link = link
        self.tape = Tape(session, link, self)
        self.filter = DecimalEdit(self.tr("Smallest size shown"), self)
        self.filter.setPlaceholderText(self.tr("min size"))
        self.filter.setMaximumWidth(84)
        self.filter.edited.connect(self._filter_changed)
        name = PlainLabel(self.tr("Time · price · size"), self)
        name.setProperty("role", "muted")
        bar = QHBoxLayout()
        bar.setContentsMargins(6, 2, 4, 2)
        bar.setSpacing(5)
        bar.addWidget(name, 1)
        bar.addWidget(self.age)
        self.age.show()
        bar.addWidget(self.filter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(bar)
        layout.addWidget(self.tape, 1)
        link.changed.connect(self._symbol_changed)

    def attachments(self) -> list[Attach]:
        return [
            lambda: self._session.market_data.watch(trades(self._link.symbol)),
            lambda: self._session.stores.trades.observe(self._changed),
        ]

    def refresh(self) -> None:
        self.tape.update()

    def problem(self) -> str:
        return "" if self._session.stores.trades.recent(self._link.symbol) else "no prints were received"

    def stale_reason(self, now: int) -> str:
        return channel_problem(self._session.stores, now, "trade", self._link.symbol)

    def received(self) -> int | None:
        return heard_at(self._session.stores, "trade", self._link.symbol)

    def _changed(self, symbols: frozenset[Symbol]) -> None:
        if self._link.symbol in symbols:
            self.tape.update()

    def _symbol_changed(self) -> None:
        self.tape.follow()
        self.filter.clear()
        self.restart()

    def _filter_changed(self) -> None:
        text = self.filter.text()
        self.tape.smallest = parse_decimal(text)
        self.filter.show_invalid(bool(text) and self.tape.smallest is None)
        self.tape.update()
