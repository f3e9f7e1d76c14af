"""Candles with volume, averages, own orders and fills; history first, then the stream."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from core.app.session import TradingSession
from core.domain.ids import Symbol
from core.domain.instrument import Side
from core.domain.market import Candle
from core.domain.subscription import candles
from core.domain.times import NS
from gui import formats
from gui.symbol_link import SymbolLink
from gui.theme import active, figure_font
from gui.views.candle_item import CandleItem, VolumeItem, candle_array
from gui.widgets.panel import Attach, Panel

INTERVALS = {
    "1m": 1,
    "5m": 5,
    "15m": 15,
    "30m": 30,
    "1h": 60,
    "4h": 240,
    "1D": 1440,
    "1W": 10080,
    "15D": 21600,
}
FIRST_BARS = 110
FREE_BARS = 6
"""Empty bars kept right of the live edge."""

REDRAW_MS = 100
"""A candle that changes sixty times a second need not be drawn sixty times."""

EMA_SPANS = (20, 50)
PAN_SHARE, ZOOM = 0.15, 1.25
Floats = np.ndarray[Any, np.dtype[np.float64]]


class PriceChartView(Panel):
    """Chart of the linked symbol. Follows the live edge until the user pans away; End follows again."""

    def __init__(self, session: TradingSession, link: SymbolLink, parent: QWidget | None = None) -> None:
        super().__init__("Chart", parent)
        self._session = session
        self._link = link
        self.interval = 1
        self._follows = True
        self._bars: Floats = candle_array(())
        self._orders: list[Any] = []
        self._redraw = QTimer(self)
        self._redraw.setSingleShot(True)
        self._redraw.setInterval(REDRAW_MS)
        self._redraw.timeout.connect(self._draw)
        self._build_plots()
        self._lay_out()
        link.changed.connect(lambda _: self._show_other())

    def attachments(self) -> list[Attach]:
        stores, symbol, interval = self._session.stores, self._link.symbol, self.interval
        return [
            lambda: self._session.market_data.watch(candles(symbol, interval)),
            lambda: stores.candles.observe(self._candles_changed),
            lambda: stores.orders.observe(lambda _: self._draw_orders()),
            lambda: stores.fills.observe(lambda _: self._draw_fills()),
            lambda: stores.instruments.observe(lambda _: self._want_history()),
        ]

    def refresh(self) -> None:
        self._want_history()
        self._draw()
        self._draw_orders()
        self._draw_fills()

    def problem(self) -> str:
        series = self._session.stores.candles.series(self._link.symbol, self.interval)
        return "" if len(series) > 1 else "no candles were received"

    def detach(self) -> None:
        self._redraw.stop()
        super().detach()

    def choose_interval(self, minutes: int) -> None:
        """Show candles of another interval."""
        if minutes != self.interval:
            self.interval = minutes
            self._show_other()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        left, right = self.price.viewRange()[0]
        width = right - left
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            step = width * PAN_SHARE * (1 if key is Qt.Key.Key_Right else -1)
            self._follows = False
            self._show_range(left + step, right + step)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            factor = ZOOM if key is Qt.Key.Key_Minus else 1 / ZOOM
            self._show_range(right - width * factor, right)
        elif key is Qt.Key.Key_Home and len(self._bars):
            self._follows = False
            self._show_range(self._bars[0, 0], self._bars[0, 0] + width)
        elif key is Qt.Key.Key_End:
            self._follow()
        else:
            super().keyPressEvent(event)

    # Building.

    def _build_plots(self) -> None:
        theme = active()
        self.canvas = pg.GraphicsLayoutWidget(self)
        self.canvas.setBackground(theme.panel)
        self.canvas.ci.setContentsMargins(0, 0, 0, 0)
        self.canvas.ci.setSpacing(0)
        self.canvas.setFocusProxy(self)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.price = self._plot(0, bottom=False)
        self.volume = self._plot(1, bottom=True)
        self.canvas.ci.layout.setRowStretchFactor(0, 5)
        self.canvas.ci.layout.setRowStretchFactor(1, 1)
        self.volume.setXLink(self.price)
        self._candles, self._volumes = CandleItem(), VolumeItem()
        self.price.addItem(self._candles)
        self.volume.addItem(self._volumes)
        self.averages = {
            span: self.price.plot(pen=pg.mkPen(colour, width=1), connect="all", skipFiniteCheck=True)
            for span, colour in zip(EMA_SPANS, (theme.warning, theme.muted), strict=True)
        }
        self.fills = pg.ScatterPlotItem(pxMode=True, size=11)
        self.price.addItem(self.fills)
        self._build_lines()
        self.price.getViewBox().sigRangeChangedManually.connect(self._moved_by_hand)
        self.price.getViewBox().sigXRangeChanged.connect(lambda *_: self._fit_heights())

    def _build_lines(self) -> None:
        theme = active()
        self.last = pg.InfiniteLine(
            angle=0,
            pen=pg.mkPen(theme.text, width=1, style=Qt.PenStyle.DotLine),
            label="",
            labelOpts={
                "position": 0.995,
                "anchors": [(1, 0.5), (1, 0.5)],
                "color": theme.on_fill,
                "fill": theme.select,
                "movable": False,
            },
        )
        self.cross = [pg.InfiniteLine(angle=angle, pen=pg.mkPen(theme.muted, width=1)) for angle in (0, 90)]
        for line in (self.last, *self.cross):
            self.price.addItem(line, ignoreBounds=True)
        for line in self.cross:
            line.setVisible(False)
        self.canvas.scene().sigMouseMoved.connect(self._pointer_moved)

    def _plot(self, row: int, *, bottom: bool) -> Any:
        theme = active()
        axes = {"bottom": pg.DateAxisItem()} if bottom else {}
        plot = self.canvas.addPlot(row=row, col=0, axisItems=axes)
        plot.hideButtons()
        plot.setMenuEnabled(False)
        plot.ctrlMenu.setParent(self.canvas, Qt.WindowType.Popup)  # else it is a window that outlives ours
        plot.showAxis("right")
        plot.hideAxis("left")
        plot.showAxis("bottom", bottom)
        plot.showGrid(x=True, y=True, alpha=0.12)
        plot.getViewBox().disableAutoRange()
        plot.getViewBox().setMouseEnabled(x=True, y=False)
        plot.getAxis("right").setWidth(56)
        for name in ("right", "bottom"):
            axis = plot.getAxis(name)
            axis.setPen(theme.border)
            axis.setTextPen(theme.muted)
            axis.setTickFont(figure_font(0.85))
        return plot

    def _lay_out(self) -> None:
        self.readout = QLabel(self)
        self.readout.setFont(figure_font(0.92))
        bar = QHBoxLayout()
        bar.setContentsMargins(4, 1, 6, 1)
        bar.setSpacing(1)
        self._buttons = QButtonGroup(self)
        for word, minutes in INTERVALS.items():
            button = self._toggle(word)
            button.setChecked(minutes == self.interval)
            button.clicked.connect(lambda _=False, minutes=minutes: self.choose_interval(minutes))
            self._buttons.addButton(button)
            bar.addWidget(button)
        self.log = self._toggle(self.tr("log"))
        self.log.toggled.connect(self._log_toggled)
        self.ema = self._toggle(self.tr("EMA"))
        self.ema.setChecked(True)
        self.ema.setToolTip(self.tr("Exponential averages of 20 and 50 closes"))
        self.ema.toggled.connect(lambda _: self._draw())
        bar.addSpacing(8)
        bar.addWidget(self.log)
        bar.addWidget(self.ema)
        bar.addStretch(1)
        bar.addWidget(self.readout)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(bar)
        layout.addWidget(self.canvas, 1)

    def _toggle(self, word: str) -> QPushButton:
        button = QPushButton(word, self)
        button.setCheckable(True)
        button.setProperty("flat", True)
        return button

    # Reacting.

    def _show_other(self) -> None:
        self._follows = True
        self.restart()

    def _want_history(self) -> None:
        if self._session.stores.instruments.get(self._link.symbol) is not None:
            self._session.history.want(self._link.symbol, self.interval)

    def _candles_changed(self, keys: frozenset[tuple[Symbol, int]]) -> None:
        if (self._link.symbol, self.interval) in keys and not self._redraw.isActive():
            self._redraw.start()

    def _moved_by_hand(self, *_: object) -> None:
        left, right = self.price.viewRange()[0]
        live = self._live_edge()
        self._follows = live is not None and left < live <= right

    def _follow(self) -> None:
        self._follows = True
        self._draw()

    def _log_toggled(self, checked: bool) -> None:
        self._candles.logarithmic = checked
        self.price.setLogMode(y=checked)
        self._draw()
        self._draw_orders()
        self._draw_fills()

    def _pointer_moved(self, where: QPointF) -> None:
        inside = self.price.sceneBoundingRect().contains(where)
        for line in self.cross:
            line.setVisible(inside)
        if inside:
            point = self.price.getViewBox().mapSceneToView(where)
            self.cross[0].setPos(point.y())
            self.cross[1].setPos(point.x())
            self._read_out(point.x())
        else:
            self._read_out(None)

    # Drawing.

    def _draw(self) -> None:
        series = self._session.stores.candles.series(self._link.symbol, self.interval)
        self._bars = candle_array(series)
        seconds = self.interval * 60.0
        self._candles.set_bars(self._bars, seconds)
        self._volumes.set_bars(self._bars, seconds)
        for span, curve in self.averages.items():
            shown = self.ema.isChecked() and len(self._bars) > span
            curve.setVisible(shown)
            if shown:
                curve.setData(self._bars[:, 0] + seconds / 2, ema(self._bars[:, 4], span))
        if len(self._bars):
            if self._follows:
                self._keep_live_edge()
            self._fit_heights()
            self._draw_last(series[-1])
        self._read_out(None)

    def _draw_last(self, candle: Candle) -> None:
        theme = active()
        rising = candle.close >= candle.open
        self.last.setPos(self._height(float(candle.close)))
        self.last.label.setText(self._price_text(candle))
        self.last.label.fill = pg.mkBrush(theme.buy_fill if rising else theme.sell_fill)

    def _draw_orders(self) -> None:
        for line in self._orders:
            self.price.removeItem(line)
        theme = active()
        self._orders = []
        for order in self._session.stores.orders.open(self._link.symbol):
            if order.limit_price is None:
                continue
            buy = order.side is Side.BUY
            line = pg.InfiniteLine(
                pos=self._height(float(order.limit_price)),
                angle=0,
                pen=pg.mkPen(theme.buy if buy else theme.sell, width=1, style=Qt.PenStyle.DashLine),
                label=f"{'▲' if buy else '▼'} {formats.qty(order.leaves, 8)}",
                labelOpts={
                    "position": 0.04,
                    "color": theme.on_fill,
                    "fill": theme.buy_fill if buy else theme.sell_fill,
                    "movable": False,
                },
            )
            self.price.addItem(line, ignoreBounds=True)
            self._orders.append(line)

    def _draw_fills(self) -> None:
        theme = active()
        self.fills.setData(
            [
                {
                    "pos": (fill.ts / NS, self._height(float(fill.price))),
                    "symbol": "t1" if fill.side is Side.BUY else "t",
                    "brush": theme.buy if fill.side is Side.BUY else theme.sell,
                    "pen": theme.on_fill,
                }
                for fill in self._session.stores.fills.all()
                if fill.symbol == self._link.symbol
            ]
        )

    def _keep_live_edge(self) -> None:
        left, right = self.price.viewRange()[0]
        seconds, live = self.interval * 60.0, self._live_edge()
        assert live is not None, "only called with bars"
        bars = (right - left) / seconds
        if not 5 <= bars <= 5 * len(self._bars) or not left < live < right + 200 * seconds:
            bars = FIRST_BARS
        right = live + FREE_BARS * seconds
        self._show_range(right - bars * seconds, right)

    def _show_range(self, left: float, right: float) -> None:
        self.price.setXRange(left, right, padding=0)

    def _live_edge(self) -> float | None:
        return float(self._bars[-1, 0]) + self.interval * 60.0 if len(self._bars) else None

    def _fit_heights(self) -> None:
        bars = self._candles.visible()
        if not len(bars):
            return
        low, high = self._height(float(bars[:, 3].min())), self._height(float(bars[:, 2].max()))
        self.price.setYRange(low, high if high > low else low * 1.001 + 1e-9, padding=0.06)
        self.volume.setYRange(0, float(bars[:, 5].max()) or 1.0, padding=0.05)

    def _height(self, price: float) -> float:
        return float(np.log10(price)) if self._candles.logarithmic else price

    def _read_out(self, x: float | None) -> None:
        series = self._session.stores.candles.series(self._link.symbol, self.interval)
        if not series:
            self.readout.setText("")
            return
        at = len(series) - 1
        if x is not None:
            at = max(0, min(at, int(np.searchsorted(self._bars[:, 0], x, side="right")) - 1))
        candle = series[at]
        instrument = self._session.stores.instruments.get(self._link.symbol)
        digits = instrument.price_precision if instrument else 8
        names = zip("OHLC", (candle.open, candle.high, candle.low, candle.close), strict=True)
        prices = "  ".join(f"{name} {formats.fixed(value, digits)}" for name, value in names)
        text = f"{prices}  V {formats.compact(candle.volume)}"
        if x is not None:
            text = f"{formats.clock_time(candle.begin)[:5]}  {text}"
        if self.readout.text() != text:
            self.readout.setText(text)

    def _price_text(self, candle: Candle) -> str:
        instrument = self._session.stores.instruments.get(self._link.symbol)
        return formats.fixed(candle.close, instrument.price_precision if instrument else 8)


def ema(values: Floats, span: int) -> Floats:
    """Return the exponential moving average of ``span``, as long as ``values``, seeded with the first one."""
    smoothing = 2.0 / (span + 1)
    out = np.empty_like(values)
    level = float(values[0])
    for at, value in enumerate(values.tolist()):
        level += (value - level) * smoothing
        out[at] = level
    return out
