"""A lane for each line over the last quarter of an hour: when it was up, when not, and why; own orders above."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice, pairwise, takewhile

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from core.domain.health import ConnectionState, Line
from core.domain.orders import Order
from core.processing.health_store import LaneStep
from core.processing.stores import Stores
from gui import formats
from gui.models.orders_model import WORDS, side_words
from gui.theme import active, ui_font
from gui.widgets.plain_text import tip

SPAN_NS = 15 * 60 * 1_000_000_000
MINUTES = (15, 10, 5, 0)
PADDING = 6
ORDERS_DRAWN, ORDERS_TOLD = 200, 8
ORDERS_ROW = -1
"""Of the lanes: above the first."""

REACH = 4
"""Pixels beside an order's mark that still tell of it."""

OVERLAY_ALPHA = 0.45
COLOURS = {
    ConnectionState.LIVE: "good",
    ConnectionState.SUBSCRIBING: "warning",
    ConnectionState.CONNECTING: "warning",
    ConnectionState.STALE: "warning",
    ConnectionState.BACKOFF: "danger",
    ConnectionState.CLOSED: "border",
}
THICKNESS = {ConnectionState.LIVE: 0.34, ConnectionState.BACKOFF: 1.0}
"""Part of the lane's height a state fills: trouble is told by shape as well as by colour."""

LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft


class Timeline(QWidget):
    """Painted once a second. The tooltip tells the state and cause under the pointer."""

    def __init__(self, stores: Stores, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stores = stores
        self._now = 0
        metrics = QFontMetrics(ui_font(0.92))
        titles = (self.tr("own orders"), *Line)
        self._names = max(map(metrics.horizontalAdvance, titles)) + 2 * PADDING
        self.setAccessibleName(self.tr("Timeline of the lines"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def refresh(self, wall: int) -> None:
        """Show the quarter of an hour that ends at wall time ``wall``, ns UTC."""
        lanes = len(self._lanes())
        self._now = wall
        if lanes * self._row() + 2 * self._row() != self.height():
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(300, (len(self._lanes()) + 2) * self._row())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(ui_font(0.92))
        self._draw_orders(painter, self._lane_rect(0))
        for at, (line, steps) in enumerate(self._lanes(), 1):
            self._name(painter, self._lane_rect(at), line.value)
            self._draw_lane(painter, self._lane_rect(at), steps)
        self._draw_scale(painter, self._lane_rect(len(self._lanes()) + 1))
        self._overlay_orders(painter)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            told = self._told_at(event.pos().x(), event.pos().y())
            QToolTip.showText(event.globalPos(), tip(told), self)
            return True
        return super().event(event)

    def _lanes(self) -> list[tuple[Line, Sequence[LaneStep]]]:
        lanes = self._stores.health.lanes
        return [(line, lanes[line]) for line in Line if line in lanes]

    def _draw_lane(self, painter: QPainter, lane: QRect, steps: Sequence[LaneStep]) -> None:
        for step, end in _spans(steps, self._now):
            left, right = self._x(lane, step.at), self._x(lane, end)
            height = round(lane.height() * THICKNESS.get(step.state, 0.7)) - 2
            top = lane.top() + (lane.height() - height) // 2
            painter.fillRect(
                QRect(left, top, max(2, right - left), height), active().colour(COLOURS[step.state])
            )

    def _draw_orders(self, painter: QPainter, lane: QRect) -> None:
        self._name(painter, lane, self.tr("own orders"))
        for order, x in self._orders(lane):
            painter.fillRect(QRect(x - 1, lane.top() + 3, 3, lane.height() - 6), active().side(order.side))

    def _overlay_orders(self, painter: QPainter) -> None:
        """A thin line through every lane at each order: what the lines did when it was sent."""
        first, last = self._lane_rect(1), self._lane_rect(len(self._lanes()))
        for order, x in self._orders(first):
            shade = QColor(active().side(order.side))
            shade.setAlphaF(OVERLAY_ALPHA)
            painter.fillRect(QRect(x, first.top(), 1, last.bottom() - first.top()), shade)

    def _orders(self, lane: QRect) -> list[tuple[Order, int]]:
        """Return the orders of the picture, newest first, and where each stands."""
        since = self._now - SPAN_NS
        newest = takewhile(lambda order: order.created_ns >= since, self._stores.orders.all())
        return [(order, self._x(lane, order.created_ns)) for order in islice(newest, ORDERS_DRAWN)]

    def _draw_scale(self, painter: QPainter, lane: QRect) -> None:
        painter.setPen(active().colour("muted"))
        for minutes in MINUTES:
            at = self._x(lane, self._now - minutes * 60 * 1_000_000_000)
            text = self.tr("now") if not minutes else f"-{minutes} min"
            width = painter.fontMetrics().horizontalAdvance(text)
            painter.drawText(
                QRect(min(at, self.width() - width - PADDING), lane.top(), width, lane.height()), LEFT, text
            )

    def _name(self, painter: QPainter, lane: QRect, name: str) -> None:
        painter.setPen(active().colour("text"))
        painter.drawText(QRect(PADDING, lane.top(), self._names - PADDING, lane.height()), LEFT, name)
        painter.fillRect(
            QRect(self._names, lane.center().y(), self.width() - self._names - PADDING, 1),
            active().colour("grid"),
        )

    def _told_at(self, x: int, y: int) -> str:
        row, lanes = y // self._row() - 1, self._lanes()
        if row == ORDERS_ROW:
            return self._orders_told(x)
        if not 0 <= row < len(lanes):
            return ""
        lane = self._lane_rect(row + 1)
        for step, end in _spans(lanes[row][1], self._now):
            if self._x(lane, step.at) <= x <= self._x(lane, end):
                since = formats.clock_time(step.at)
                return formats.plain(f"{lanes[row][0].value}: {step.state.value} since {since} {step.reason}")
        return ""

    def _orders_told(self, x: int) -> str:
        near = [order for order, at in self._orders(self._lane_rect(0)) if abs(at - x) <= REACH]
        return "\n".join(_order_words(order) for order in near[:ORDERS_TOLD])

    def _x(self, lane: QRect, at: int) -> int:
        share = 1 - (self._now - at) / SPAN_NS
        return self._names + round(max(0.0, min(1.0, share)) * (self.width() - self._names - PADDING))

    def _lane_rect(self, at: int) -> QRect:
        return QRect(0, at * self._row(), self.width(), self._row())

    def _row(self) -> int:
        return QFontMetrics(ui_font(0.92)).height() + 4


def _spans(steps: Sequence[LaneStep], now: int) -> list[tuple[LaneStep, int]]:
    """Return each state with its end, those that ended before the picture begins left out."""
    spans = [(step, following.at) for step, following in pairwise(steps)]
    if steps:
        spans.append((steps[-1], now))
    return [(step, end) for step, end in spans if end >= now - SPAN_NS]


def _order_words(order: Order) -> str:
    price = f" @ {formats.qty(order.limit_price, 10)}" if order.limit_price is not None else ""
    what = f"{side_words(order)} {formats.qty(order.qty, 8)} {formats.plain(order.symbol)}{price}"
    return f"{formats.clock_time(order.created_ns, millis=True)} {what}: {WORDS[order.status]}"
