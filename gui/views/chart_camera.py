"""Which stretch of time the chart shows: the live edge until the user goes elsewhere, by hand or by key."""

from __future__ import annotations

from PySide6.QtCore import Qt

from gui.views.chart_canvas import ChartCanvas
from gui.views.chart_series import BEGIN

FIRST_BARS = 110
FREE_BARS = 6
"""Empty bars kept right of the live edge."""

FEWEST_BARS = 5.0

PAN_SHARE, ZOOM = 0.15, 1.25
_PANS = {
    Qt.Key.Key_Left: -PAN_SHARE,
    Qt.Key.Key_Right: PAN_SHARE,
    Qt.Key.Key_PageUp: -1.0,
    Qt.Key.Key_PageDown: 1.0,
}
_ZOOMS = {Qt.Key.Key_Plus: 1 / ZOOM, Qt.Key.Key_Equal: 1 / ZOOM, Qt.Key.Key_Minus: ZOOM}


class ChartCamera:
    """Moves the span of a canvas. ``keep`` after every change of the bars."""

    def __init__(self, canvas: ChartCanvas) -> None:
        self._canvas = canvas
        self.follows = True
        self._width = float(FIRST_BARS)
        """Bars shown at the live edge: as many as at first, until the user zooms."""
        canvas.moved_by_hand.connect(self._moved)

    def follow(self) -> None:
        """Stay with the live edge from now on."""
        self.follows = True

    def keep(self) -> None:
        """Move along with the live edge, if it is followed."""
        if self.follows and self._live_edge is not None:
            self._show_live_edge(self._live_edge)

    def obey(self, key: Qt.Key) -> bool:
        """Pan, zoom or jump. Returns whether the key means something here."""
        left, right = self._canvas.span
        bars = self._canvas.candles.bars
        if key in _PANS:
            step = (right - left) * _PANS[key]
            self._canvas.show_span(left + step, right + step)
            self._moved()
        elif key in _ZOOMS:
            self._zoom(_ZOOMS[key])
        elif key is Qt.Key.Key_Home:
            if len(bars):
                self.follows = False
                self._canvas.show_span(bars[0, BEGIN], bars[0, BEGIN] + right - left)
        elif key is Qt.Key.Key_End:
            self.follows = True
            self.keep()
        else:
            return False
        return True

    def _zoom(self, factor: float) -> None:
        left, right = self._canvas.span
        anchor = right if self._sees_live_edge else (left + right) / 2
        self._canvas.show_span(anchor - (anchor - left) * factor, anchor + (right - anchor) * factor)
        self._measure()

    def _moved(self) -> None:
        self.follows = self._sees_live_edge
        self._measure()

    def _measure(self) -> None:
        # Only what the user chose counts: while little is loaded, the canvas shows less than it is asked for.
        left, right = self._canvas.span
        self._width = max(FEWEST_BARS, (right - left) / self._canvas.candles.interval_s)

    @property
    def _live_edge(self) -> float | None:
        bars = self._canvas.candles.bars
        return float(bars[-1, BEGIN]) + self._canvas.candles.interval_s if len(bars) else None

    @property
    def _sees_live_edge(self) -> bool:
        left, right = self._canvas.span
        live = self._live_edge
        return live is not None and left < live <= right

    def _show_live_edge(self, live: float) -> None:
        seconds = self._canvas.candles.interval_s
        edge = live + FREE_BARS * seconds
        self._canvas.show_span(edge - self._width * seconds, edge)
