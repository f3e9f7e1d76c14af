"""The rows of the order book: painted, clicked, and dragged. Rows stand still, quantities move through them.

A book that is not live is hatched and has no levels: nothing on it can be mistaken for a price. What REST tells
meanwhile is drawn faint and struck through, and nothing on it can be clicked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import (
    QFont,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QRegion,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from core.app.session import TradingSession
from core.domain.health import BookState
from core.domain.instrument import Side
from core.domain.orders import Order, OrderStatus
from core.processing.book_store import BookView
from core.processing.depth_store import DepthView
from gui import formats
from gui.symbol_link import SymbolLink
from gui.theme import active, figure_font, ui_font
from gui.views.ladder_painter import LadderPainter, size_text
from gui.views.ladder_rows import Rows, fitting_group, gather, row_of, within
from gui.widgets.touched import touched_lines

ROW_PADDING = 4
CALM_SHARE = 0.3
"""The touch may wander over this share of the height around the middle before the ladder recentres."""

FIT_LEVELS = 40
"""Levels a side that the first grouping brings into view."""

WHEEL_NOTCH = 120
NOTE_HEIGHT, TOLD_NOTE_HEIGHT = 56, 88
TOLD_OPACITY = 0.45
Ghost = tuple[Side, Decimal, Decimal]


class LadderCanvas(QWidget):
    """Paints the rows and tells which price was clicked: the one painted, whatever arrived since."""

    price_clicked = Signal(object, object)
    order_dragged = Signal(object, object)
    """An order of ours and the price painted where it was let go."""

    order_clicked = Signal(str)
    """The key of an order of ours that was clicked and not dragged."""

    painted = Signal(bool)
    """The rows were painted; whether other prices stand on them than before."""

    first_live_paint = Signal()

    def __init__(self, session: TradingSession, link: SymbolLink, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._link = link
        self.group = 1
        self.fits = True
        self._top = 0
        self._placed = False
        self._lived = False
        self._painted: tuple[int, Decimal] | None = None
        self._shown: Rows | None = None
        self._drag: tuple[Order, int, int] | None = None
        """The order under the hand, the row it was taken from, and the one it is over."""

        self._ghosts: tuple[Ghost, ...] = ()
        self._marked: Order | None = None
        self._font = figure_font()
        self._bold = figure_font(bold=True)
        self._row_height = QFontMetrics(self._font).height() + ROW_PADDING
        self._painter = LadderPainter(self._font, self._bold, self._row_height)
        self._told_painter = LadderPainter(struck(self._font), struck(self._bold), self._row_height)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Price ladder"))
        self.setMinimumSize(200, 6 * self._row_height)

    @property
    def view(self) -> BookView | None:
        """The book shown."""
        return self._session.stores.books.view(self._link.symbol)

    @property
    def rows(self) -> int:
        """Rows that fit."""
        return max(1, self.height() // self._row_height)

    def forget(self) -> None:
        """Another pair is shown: find grouping and middle anew."""
        self._placed = False
        self.fits = True
        self._painted = self._shown = None
        self.update()

    def recentre(self) -> None:
        """Put the touch into the middle."""
        self._placed = False
        self.update()

    def changed(self) -> None:
        """Something the rows show may be different: repaint those that are."""
        view, before = self.view, self._shown
        if view is None or view.state is not BookState.LIVE or before is None:
            self.update()
            return
        self._place(view)
        now = self._shown = self._gather(view)
        if now.top != before.top or now.step != before.step or now.largest != before.largest:
            self.update()
            return
        self._repaint_rows(now.differing(before))

    def printed(self) -> None:
        """Something was traded: only the mark of the last print moves."""
        before = self._shown
        if before is not None:
            self._shown = before._replace(last=self._last_row(before.step))
            self._repaint_rows(self._shown.differing(before))

    def show_ghosts(self, ghosts: Sequence[Ghost]) -> None:
        """Draw orders that are not sent yet: side, price, quantity (base)."""
        if tuple(ghosts) != self._ghosts:
            self._ghosts = tuple(ghosts)
            self.update()

    def mark(self, order: Order | None) -> None:
        """Frame the order that keys would move."""
        if order != self._marked:
            self._marked = order
            self.update()

    def set_group(self, group: int) -> None:
        """Gather this many ticks on a row, as the user wants it."""
        self.group = group
        self.fits = False
        self.recentre()

    def price_at(self, y: int) -> Decimal | None:
        """Return the price painted at a height, ``None`` where none was."""
        if self._painted is None or not 0 <= y < self.rows * self._row_height:
            return None
        top, step = self._painted
        return (top - y // self._row_height) * step

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = active()
        painter.fillRect(event.rect(), theme.colour("panel"))
        view = self.view
        if view is None or view.state is not BookState.LIVE:
            self._painted = self._shown = None
            self._paint_reason(painter, view.reason if view else self.tr("waiting for the exchange"))
        elif self._shown is None and not self._is_whole(event):
            self.update()
        else:
            if self._is_whole(event):
                # Only now: where some rows are repainted and others are not, none may move.
                self._place(view)
                if self._shown is None or (self._shown.top, self._shown.step) != (
                    self._top,
                    self._step(view),
                ):
                    self._shown = self._gather(view)
            assert self._shown is not None
            self._paint_rows(painter, view, self._shown, event.region())
            if not self._lived:
                self._lived = True
                self.first_live_paint.emit()
        if self.hasFocus():
            painter.setPen(theme.colour("focus"))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        price = self.price_at(int(event.position().y()))
        if price is not None and price > 0 and event.button() is Qt.MouseButton.LeftButton:
            side = Side.BUY if event.position().x() < self.width() / 2 else Side.SELL
            order = self._order_at(int(event.position().y()), side)
            if order is None:
                self.price_clicked.emit(side, price)
            else:
                row = self._row_at(int(event.position().y()))
                self._drag = (order, row, row)
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drag is not None and self._painted is not None:
            order, start, _ = self._drag
            self._drag = (order, start, self._row_at(int(event.position().y())))
        self.update()
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        drag, self._drag = self._drag, None
        price = self.price_at(int(event.position().y()))
        if drag is not None and price is not None and price > 0 and drag[1] != drag[2]:
            self.order_dragged.emit(drag[0], price)
        elif drag is not None:
            self.order_clicked.emit(drag[0].cl_ord_id or drag[0].order_id)
        self.update()
        super().mouseReleaseEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._scroll(event.angleDelta().y() // WHEEL_NOTCH * 3)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        moves = {
            Qt.Key.Key_Up: 1,
            Qt.Key.Key_Down: -1,
            Qt.Key.Key_PageUp: self.rows - 1,
            Qt.Key.Key_PageDown: 1 - self.rows,
        }
        key = Qt.Key(event.key())
        if key in moves:
            self._scroll(moves[key])
        elif key is Qt.Key.Key_Escape and self._drag is not None:
            self._drag = None
            self.update()
        else:
            super().keyPressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.update()

    def resizeEvent(self, event: object) -> None:
        self._placed = False

    def _scroll(self, rows: int) -> None:
        self._top += rows
        self.update()

    def _step(self, view: BookView | DepthView) -> Decimal:
        return view.instrument.price_increment * self.group

    def _is_whole(self, event: QPaintEvent) -> bool:
        """Whether all that anybody sees is painted. In a narrow window a part of the rows lies outside of it."""
        return self.visibleRegion().subtracted(event.region()).isEmpty()

    def _place(self, view: BookView | DepthView) -> None:
        """Choose grouping and top row; while the pointer is on the rows nothing moves."""
        tick = view.instrument.price_increment
        if not self._placed and self.fits:
            wider = max(view.bids(FIT_LEVELS), view.asks(FIT_LEVELS), key=_span)
            self.group = fitting_group(wider, tick, self.rows // 2)
        mid = view.mid
        if mid is None:
            touch = view.best_bid or view.best_ask
            mid = touch[0] if touch else None
        if mid is None:
            return
        middle = row_of(mid, tick * self.group, Side.SELL)
        wandered = abs(self._top - self.rows // 2 - middle) > self.rows * CALM_SHARE
        if not self._placed or (wandered and not self.underMouse() and not self.hasFocus()):
            self._top = middle + self.rows // 2
            self._placed = True

    def _gather(self, view: BookView | DepthView) -> Rows:
        step = self._step(view)
        bottom = self._top - self.rows
        bids = gather(within(view.bids, view.depth, bottom * step, Side.BUY), step, Side.BUY)
        asks = gather(within(view.asks, view.depth, self._top * step, Side.SELL), step, Side.SELL)
        largest = max(
            (qty for rows in (bids, asks) for row, qty in rows.items() if bottom < row <= self._top),
            default=None,
        )
        scale = self._scale(largest)
        return Rows(self._top, step, bids, asks, scale, self._last_row(step), self._own_rows(step))

    def _scale(self, largest: Decimal | None) -> Decimal | None:
        """Return the quantity of the longest bar: bars are not redrawn for every change of the largest order."""
        held = self._shown.largest if self._shown is not None else None
        return held if held and largest and held / 2 <= largest <= held else largest

    def _repaint_rows(self, rows: Iterable[int]) -> None:
        for row in rows:
            at = self._shown.top - row if self._shown is not None else -1
            if 0 <= at < self.rows:
                self.update(0, at * self._row_height, self.width(), self._row_height)

    def _paint_rows(self, painter: QPainter, view: BookView, rows: Rows, dirty: QRegion) -> None:
        before, self._painted = self._painted, (rows.top, rows.step)
        self.painted.emit(before != self._painted)
        high = self._row_height
        lines = touched_lines(dirty, 0, high, self.rows)
        self._painter.paint(painter, rows, lines, self.width(), view.instrument, self._line_under_pointer())
        columns = self._painter.columns(self.width())
        for at in lines:
            row = rows.top - at
            line = QRect(0, at * high, self.width(), high)
            if row in rows.own:
                self._paint_own(painter, rows.own[row], line, columns, view)
            if self._drag is not None and row == self._drag[2] != self._drag[1]:
                order = self._drag[0]
                self._paint_ghost(painter, (order.side, order.leaves), line, columns, view)
        if self._ghosts or self._marked is not None:
            self._paint_plans(painter, rows, columns, view)

    def _paint_plans(
        self, painter: QPainter, rows: Rows, columns: tuple[QRect, QRect, QRect], view: BookView
    ) -> None:
        """What is not sent yet, gathered by row, and the frame of the order that keys would move."""
        ghosts: dict[tuple[int, Side], Decimal] = {}
        for side, price, qty in self._ghosts:
            place = row_of(price, rows.step, side), side
            ghosts[place] = ghosts.get(place, Decimal(0)) + qty
        for (row, side), qty in ghosts.items():
            line = QRect(0, (rows.top - row) * self._row_height, self.width(), self._row_height)
            self._paint_ghost(painter, (side, qty), line, columns, view)
        order = self._marked
        if order is not None and order.symbol == self._link.symbol and order.limit_price is not None:
            at = rows.top - row_of(order.limit_price, rows.step, order.side)
            cell = columns[0 if order.side is Side.BUY else 2].translated(0, at * self._row_height)
            painter.setPen(active().colour("focus"))
            painter.drawRect(cell.adjusted(0, 0, -1, -2))

    def _line_under_pointer(self) -> int | None:
        return self.mapFromGlobal(self.cursor().pos()).y() // self._row_height if self.underMouse() else None

    def _paint_own(
        self,
        painter: QPainter,
        own: tuple[Side, Decimal],
        line: QRect,
        columns: tuple[QRect, QRect, QRect],
        view: BookView,
    ) -> None:
        theme, (side, qty) = active(), own
        cell = columns[0 if side is Side.BUY else 2].translated(0, line.y())
        text = f"{'▲' if side is Side.BUY else '▼'} {formats.qty(qty, view.instrument.qty_precision)}"
        painter.setFont(self._bold)
        width = painter.fontMetrics().horizontalAdvance(text) + 8
        left = cell.left() + 1 if side is Side.BUY else cell.right() - width
        box = QRect(left, cell.y() + 1, width, cell.height() - 3)
        painter.fillRect(box, theme.colour("buy_fill" if side is Side.BUY else "sell_fill"))
        painter.setPen(theme.side(side))
        painter.drawRect(box)
        painter.setPen(theme.colour("on_fill"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_ghost(
        self,
        painter: QPainter,
        ghost: tuple[Side, Decimal],
        line: QRect,
        columns: tuple[QRect, QRect, QRect],
        view: BookView,
    ) -> None:
        """Where an order would go: the one under the hand, or one that is not sent yet."""
        side, qty = ghost
        cell = columns[0 if side is Side.BUY else 2].translated(0, line.y()).adjusted(1, 1, -2, -2)
        painter.fillRect(cell, active().colour("panel"))
        pen = painter.pen()
        pen.setColor(active().side(side))
        pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawRect(cell)
        painter.setFont(self._bold)
        text = size_text(qty, view.instrument.qty_precision)
        painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_reason(self, painter: QPainter, reason: str) -> None:
        theme = active()
        told = self._session.stores.depths.view(self._link.symbol)
        box = QRect(8, (self.height() - NOTE_HEIGHT) // 2, self.width() - 16, NOTE_HEIGHT)
        if told is not None:
            self._place(told)
            rows = self._gather(told)
            painter.setOpacity(TOLD_OPACITY)
            lines = range(self.rows)
            self._told_painter.paint(painter, rows, lines, self.width(), told.instrument, None)
            painter.setOpacity(1)
            age = formats.age(self._session.clock.mono_ns() - told.received)
            reason += "\n" + self.tr("From REST, %1 old: not to be traded on").replace("%1", age)
            box = QRect(8, self.height() - TOLD_NOTE_HEIGHT - 8, self.width() - 16, TOLD_NOTE_HEIGHT)
        painter.setPen(theme.colour("border"))
        for x in range(-self.height(), self.width(), 9):
            painter.drawLine(QPoint(x, self.height()), QPoint(x + self.height(), 0))
        painter.setFont(ui_font(bold=True))
        painter.fillRect(box, theme.colour("window"))
        painter.setPen(theme.colour("warning"))
        painter.drawText(
            box,
            int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap),
            self.tr("NOT LIVE") + "\n" + reason,
        )

    def _last_row(self, step: Decimal) -> tuple[int, Side] | None:
        recent = self._session.stores.trades.recent(self._link.symbol)
        if not recent:
            return None
        trade = recent[-1]
        # A buyer takes from the asks: the print belongs to the row the ask stood on.
        return row_of(trade.price, step, trade.side.opposite), trade.side

    def _row_at(self, y: int) -> int:
        assert self._painted is not None, "asked only where a price is painted"
        return self._painted[0] - y // self._row_height

    def _order_at(self, y: int, side: Side) -> Order | None:
        """Return the order of ours that stands there and can be moved."""
        assert self._painted is not None
        step, row = self._painted[1], self._row_at(y)
        for order in self._session.stores.orders.open(self._link.symbol):
            if order.order_id is None or order.status < OrderStatus.NEW or order.side is not side:
                continue
            if order.limit_price is not None and row_of(order.limit_price, step, side) == row:
                return order
        return None

    def _own_rows(self, step: Decimal) -> dict[int, tuple[Side, Decimal]]:
        rows: dict[int, tuple[Side, Decimal]] = {}
        for order in self._session.stores.orders.open(self._link.symbol):
            if order.limit_price is not None:
                row = row_of(order.limit_price, step, order.side)
                before = rows.get(row, (order.side, Decimal(0)))[1]
                rows[row] = (order.side, before + order.leaves)
        return rows


def struck(font: QFont) -> QFont:
    """Return the font with a line through its figures: they are old."""
    old = QFont(font)
    old.setStrikeOut(True)
    return old


def _span(levels: list[tuple[Decimal, Decimal]]) -> Decimal:
    return abs(levels[-1][0] - levels[0][0]) if levels else Decimal(0)
