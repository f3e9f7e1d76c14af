"""Latencies on one logarithmic scale: the distribution as a band, percentiles as marks and figures."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.processing.histogram import Histogram
from gui import formats
from gui.theme import active, figure_font, ui_font

PERCENTILES = (50, 90, 99, 99.9)
SHORTEST_NS, LONGEST_NS = 1_000, 10_000_000_000
DECADES = (("1 µs", 1_000), ("1 ms", 1_000_000), ("1 s", 1_000_000_000))
NAME_WIDTH, FIGURE_WIDTH = 150, 66
ROW_PADDING = 6
TENTH_MS_NS = 100_000
ERROR_SAMPLE = "±99.9 ms"
RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft


class Latency(NamedTuple):
    """One row: a name, where its samples are counted, and by how many ns each may be wrong (told beside the name)."""

    name: str
    histogram: Histogram
    error: Callable[[], int] | None = None

    @property
    def error_text(self) -> str:
        """Return the error as a figure, rounded up; empty where there is none or nothing was measured."""
        if self.error is None or not self.histogram.count:
            return ""
        return f"±{math.ceil(self.error() / TENTH_MS_NS) / 10:.1f} ms"


class LatencyBars(QWidget):
    """A row a latency: the band is darker where more samples fell, the tick is the median."""

    def __init__(self, latencies: Sequence[Latency], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._latencies = tuple(latencies)
        self._names = max(NAME_WIDTH, *map(_name_width, self._latencies))
        self.setAccessibleName(self.tr("Latencies"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def refresh(self) -> None:
        """Read the histograms anew."""
        told = (
            f"{row.name} p50 {formats.millis(row.histogram.percentile(50))} {row.error_text}".strip()
            for row in self._latencies
            if row.histogram.count
        )
        self.setAccessibleDescription(", ".join(told))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._names + FIGURE_WIDTH * 4 + 80, (len(self._latencies) + 1) * self._row())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, row = QPainter(self), self._row()
        self._draw_heads(painter, QRect(0, 0, self.width(), row))
        for at, latency in enumerate(self._latencies, 1):
            self._draw(painter, QRect(0, at * row, self.width(), row), latency)

    def _draw_heads(self, painter: QPainter, row: QRect) -> None:
        theme = active()
        painter.setPen(theme.colour("muted"))
        painter.setFont(ui_font(0.86))
        for room, percent in zip(self._figure_rooms(row), PERCENTILES, strict=True):
            painter.drawText(room, RIGHT, f"p{percent:g}")
        scale = self._scale(row)
        for text, ns in DECADES:
            at = scale.left() + round(_place(ns) * scale.width())
            painter.drawText(QRect(at, row.top(), 40, row.height()), LEFT, text)

    def _draw(self, painter: QPainter, row: QRect, latency: Latency) -> None:
        theme, histogram = active(), latency.histogram
        painter.setFont(ui_font())
        painter.setPen(theme.colour("text" if histogram.count else "muted"))
        name = QRect(ROW_PADDING, row.top(), self._names - ROW_PADDING, row.height())
        painter.drawText(name, LEFT, latency.name)
        painter.setFont(figure_font())
        painter.drawText(name, RIGHT, latency.error_text)
        for room, percent in zip(self._figure_rooms(row), PERCENTILES, strict=True):
            text = formats.millis(histogram.percentile(percent)) if histogram.count else formats.MISSING
            painter.drawText(room, RIGHT, text)
        self._draw_band(painter, self._scale(row), histogram)

    def _draw_band(self, painter: QPainter, scale: QRect, histogram: Histogram) -> None:
        theme = active()
        painter.fillRect(scale, theme.colour("grid"))
        buckets = histogram.buckets()
        most = max((count for _, count in buckets), default=0)
        colour = theme.colour("buy")
        for upper, count in buckets:
            shade = type(colour)(colour)
            shade.setAlphaF(0.15 + 0.85 * count / most)
            left = scale.left() + round(_place(upper * 8 // 9) * scale.width())
            right = scale.left() + round(_place(upper) * scale.width())
            painter.fillRect(QRect(left, scale.top(), max(2, right - left), scale.height()), shade)
        if histogram.count:
            at = scale.left() + round(_place(histogram.percentile(99)) * scale.width())
            painter.fillRect(QRect(at, scale.top() - 1, 2, scale.height() + 2), theme.colour("text"))

    def _figure_rooms(self, row: QRect) -> list[QRect]:
        return [
            QRect(self._names + at * FIGURE_WIDTH, row.top(), FIGURE_WIDTH, row.height())
            for at in range(len(PERCENTILES))
        ]

    def _scale(self, row: QRect) -> QRect:
        left = self._names + len(PERCENTILES) * FIGURE_WIDTH + 2 * ROW_PADDING
        return QRect(left, row.top() + 4, max(0, row.width() - left - ROW_PADDING), row.height() - 8)

    def _row(self) -> int:
        return QFontMetrics(figure_font()).height() + ROW_PADDING


def _name_width(latency: Latency) -> int:
    width = QFontMetrics(ui_font()).horizontalAdvance(latency.name) + ROW_PADDING
    if latency.error is not None:
        width += QFontMetrics(figure_font()).horizontalAdvance(ERROR_SAMPLE) + ROW_PADDING
    return width


def _place(ns: int) -> float:
    """Return where a time stands on the scale, 0 to 1."""
    bounded = max(SHORTEST_NS, min(LONGEST_NS, ns))
    return math.log(bounded / SHORTEST_NS) / math.log(LONGEST_NS / SHORTEST_NS)
