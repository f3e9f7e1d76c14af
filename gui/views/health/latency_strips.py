"""The last quarter of an hour of a few latencies: a bar from median to p99 for every ten seconds, on one log scale."""

from __future__ import annotations

import math
from collections.abc import Mapping

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.processing.recent_latency import SLOTS, RecentLatency, Slot
from gui import formats
from gui.theme import active, figure_font, ui_font

LEAST_NS, MOST_NS = 100_000, 10_000_000_000
NAME_WIDTH, FIGURE_WIDTH = 150, 66
HEIGHT, PADDING = 40, 6
MINUTES = (15, 10, 5, 0)
RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft


class LatencyStrips(QWidget):
    """A row for each name. The figure at the right end is the p99 of the last slot with samples."""

    def __init__(
        self, recent: RecentLatency, names: Mapping[str, str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._recent = recent
        self._names = names
        widths = map(QFontMetrics(ui_font()).horizontalAdvance, names.values())
        self._name_width = max(NAME_WIDTH, *(width + 2 * PADDING for width in widths))
        self.setAccessibleName(self.tr("Latencies of the last quarter of an hour"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def refresh(self) -> None:
        """Read the slots anew."""
        told = [f"{title} p99 {self._last(name)}" for name, title in self._names.items()]
        self.setAccessibleDescription(", ".join(told))
        self.update()

    def sizeHint(self) -> QSize:
        scale = QFontMetrics(ui_font(0.86)).height()
        return QSize(self._name_width + FIGURE_WIDTH + 200, len(self._names) * HEIGHT + scale + PADDING)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        for at, (name, title) in enumerate(self._names.items()):
            row = QRect(0, at * HEIGHT, self.width(), HEIGHT)
            painter.setPen(active().colour("text" if self._recent.slots[name] else "muted"))
            painter.setFont(ui_font())
            painter.drawText(row.adjusted(PADDING, 0, 0, 0), LEFT, title)
            painter.setFont(figure_font())
            painter.drawText(row.adjusted(0, 0, -PADDING, 0), RIGHT, self._last(name))
            self._draw(painter, self._strip(row), name)
        self._draw_scale(painter, self._strip(QRect(0, len(self._names) * HEIGHT, self.width(), HEIGHT)))

    def _draw(self, painter: QPainter, strip: QRect, name: str) -> None:
        theme = active()
        painter.fillRect(strip, theme.colour("grid"))
        slots = self._recent.slots[name]
        width = strip.width() / SLOTS
        for back, slot in enumerate(reversed(slots), 1):
            if slot.samples:
                left = strip.left() + round(strip.width() - back * width)
                right = strip.left() + round(strip.width() - (back - 1) * width)
                _draw_slot(painter, QRect(left, strip.top(), max(1, right - left - 1), strip.height()), slot)

    def _draw_scale(self, painter: QPainter, strip: QRect) -> None:
        painter.setPen(active().colour("muted"))
        painter.setFont(ui_font(0.86))
        height = painter.fontMetrics().height()
        for minutes in MINUTES:
            text = self.tr("now") if not minutes else self.tr("-%1 min").replace("%1", str(minutes))
            at = strip.left() + round(strip.width() * (1 - minutes / MINUTES[0]))
            room = QRect(at - 30, strip.top() - 2, 60, height)
            side = Qt.AlignmentFlag.AlignHCenter
            if minutes == MINUTES[0]:
                room, side = QRect(at, strip.top() - 2, 60, height), Qt.AlignmentFlag.AlignLeft
            elif not minutes:
                room, side = QRect(at - 60, strip.top() - 2, 60, height), Qt.AlignmentFlag.AlignRight
            painter.drawText(room, side | Qt.AlignmentFlag.AlignVCenter, text)

    def _strip(self, row: QRect) -> QRect:
        width = row.width() - self._name_width - FIGURE_WIDTH - PADDING
        return QRect(self._name_width, row.top() + 3, max(0, width), HEIGHT - 6)

    def _last(self, name: str) -> str:
        slot = next((slot for slot in reversed(self._recent.slots[name]) if slot.samples), None)
        return formats.MISSING if slot is None else formats.millis(slot.p99)


def _draw_slot(painter: QPainter, room: QRect, slot: Slot) -> None:
    theme = active()
    top, bottom = (room.bottom() - round(_height(ns) * room.height()) for ns in (slot.p99, slot.p50))
    shade = type(theme.colour("buy"))(theme.colour("buy"))
    shade.setAlphaF(0.45)
    painter.fillRect(QRect(room.left(), top, room.width(), max(1, bottom - top)), shade)
    painter.fillRect(QRect(room.left(), bottom - 1, room.width(), 2), theme.colour("buy"))


def _height(ns: int) -> float:
    """Return how high a latency stands, 0 to 1."""
    bounded = max(LEAST_NS, min(MOST_NS, ns))
    return math.log(bounded / LEAST_NS) / math.log(MOST_NS / LEAST_NS)
