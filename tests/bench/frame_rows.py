"""Frames of the painted widgets against what Qt and pyqtgraph offer ready-made, with the same data, on one screen."""

from __future__ import annotations

import math
import random
from decimal import Decimal
from typing import Any

import numpy as np
import pyqtgraph as pg
from msgspec.structs import replace
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPicture
from PySide6.QtWidgets import QHeaderView, QTableView, QVBoxLayout, QWidget

from core.domain.instrument import Side
from core.processing.book_store import BookView
from gui import formats
from gui.symbol_link import SymbolLink
from gui.theme import active, apply_theme, figure_font
from gui.views.chart_canvas import ChartCanvas
from gui.views.chart_series import BEGIN, CLOSE, HIGH, LOW, OPEN, ChartSeries, Floats
from gui.views.depth_canvas import DepthCanvas
from gui.views.ladder_canvas import LadderCanvas
from gui.views.ladder_painter import size_text
from gui.widgets.cell_painter import draw_curve
from tests.bench.frames import Scene, application, paired_frames
from tests.bench.measure import Goal, Row
from tests.helpers.market import BTC, Desk

BARS, DEPTH, LADDER_DEPTH = 5_000, 1_000, 100
CURVES, POINTS = 12, 60
MINUTE_S = 60.0
LADDER_ROWS = 50
# Pixels, as they stand in a window of 1920 by 1080 (the ladder in a taller one, so that all its rows are seen).
CHART_SIZE, LADDER_SIZE, SPARK_SIZE = (760, 620), (316, LADDER_ROWS * 20), (70, CURVES * 20)


# Candles.


class PictureCandles(pg.GraphicsObject):  # type: ignore[misc]  # pyqtgraph is published without types
    """Closed bars recorded once in a QPicture and replayed, the live bar drawn on top."""

    def __init__(self, bars: Floats) -> None:
        super().__init__()
        self.live = bars[-1]
        self._bars = bars
        self._picture = QPicture()
        painter = QPainter(self._picture)
        for bar in bars[:-1]:
            self._draw(painter, bar)
        painter.end()

    def show_live(self, bar: Floats) -> None:
        self.live = bar
        self.update()

    def paint(self, painter: QPainter, *_: object) -> None:
        painter.drawPicture(0, 0, self._picture)
        self._draw(painter, self.live)

    def boundingRect(self) -> QRectF:
        low, high = float(self._bars[:, LOW].min()), float(self._bars[:, HIGH].max())
        return QRectF(self._bars[0, BEGIN], low, BARS * MINUTE_S, high - low)

    @staticmethod
    def _draw(painter: QPainter, bar: Floats) -> None:
        theme = active()
        colour = theme.buy if bar[CLOSE] >= bar[OPEN] else theme.sell
        painter.setPen(pg.mkPen(colour))
        painter.setBrush(pg.mkBrush(colour))
        middle = bar[BEGIN] + MINUTE_S / 2
        painter.drawLine(QPointF(middle, bar[LOW]), QPointF(middle, bar[HIGH]))
        left, width = bar[BEGIN] + MINUTE_S * 0.14, MINUTE_S * 0.72
        painter.drawRect(QRectF(left, bar[OPEN], width, bar[CLOSE] - bar[OPEN]))


def candle_desk() -> Desk:
    desk = Desk()
    desk.describe()
    desk.quote(BTC, Decimal("61234.5"))
    desk.chart(BTC, 1, BARS)
    return desk


def our_chart(pan: bool) -> Scene:
    desk = candle_desk()
    store, series = desk.stores.candles, ChartSeries()
    window = QWidget()
    canvas = ChartCanvas(window)
    QVBoxLayout(window).addWidget(canvas)
    ticks = live_ticks([candle.close for candle in store.series(BTC, 1)[-2:]])

    def prepare(number: int) -> None:
        last = store.series(BTC, 1)[-1]
        close = ticks[number % len(ticks)]
        if not pan:
            # The high and low of the bar stay, so that the frame is about the bar and not about the axis.
            store.apply([replace(last, close=max(last.low, min(last.high, close)), trades=last.trades + 1)])

    def show(number: int) -> None:
        changed = series.read(BTC, 1, store.version(BTC, 1), store.series(BTC, 1))
        canvas.show_bars(series.bars, MINUTE_S, closed_changed=changed)
        if pan or number == 0:
            canvas.show_span(*span(series.bars, number if pan else 0))

    prepare(0)
    show(0)
    return Scene(window, canvas.viewport(), prepare, show)


def picture_chart(pan: bool) -> Scene:
    desk = candle_desk()
    series = ChartSeries()
    series.read(BTC, 1, 0, desk.stores.candles.series(BTC, 1))
    bars = series.bars
    plot = pg.PlotWidget()
    item = PictureCandles(bars)
    plot.addItem(item)
    plot.getViewBox().disableAutoRange()
    plot.setXRange(*span(bars, 0), padding=0)
    plot.setYRange(float(bars[:, LOW].min()), float(bars[:, HIGH].max()), padding=0.06)
    random_close = random.Random(3)

    def show(number: int) -> None:
        bar = bars[-1].copy()
        bar[CLOSE] = random_close.uniform(bar[LOW], bar[HIGH])
        item.show_live(bar)
        if pan:
            plot.setXRange(*span(bars, number), padding=0)

    return Scene(plot, plot.viewport(), lambda _: None, show)


def live_ticks(closes: list[Decimal]) -> list[Decimal]:
    chooser = random.Random(5)
    return [closes[-1] + Decimal(chooser.randint(-400, 400)) / 10 for _ in range(40)]


def span(bars: Floats, number: int) -> tuple[float, float]:
    """All bars, shifted by some of them."""
    shift = (number % 20) * MINUTE_S
    return float(bars[0, BEGIN]) + shift, float(bars[-1, BEGIN]) + MINUTE_S + shift


# Depth.


def our_depth() -> Scene:
    books = depth_books()
    canvas = DepthCanvas()
    return Scene(canvas, canvas, lambda _: None, lambda number: canvas.show_book(books[number % 2]))


def plotted_depth() -> Scene:
    books = depth_books()
    plot = pg.PlotWidget()
    curves = {
        side: plot.plot(pen=active().side(side), fillLevel=0, brush=active().side(side)) for side in Side
    }
    data = [{side: summed(view, side) for side in Side} for view in books]

    def show(number: int) -> None:
        for side, curve in curves.items():
            curve.setData(*data[number % 2][side])

    show(0)
    return Scene(plot, plot.viewport(), lambda _: None, show)


def depth_books() -> list[BookView]:
    views = []
    for seed, last in ((7, "61234.5"), (8, "61240.0")):
        desk = Desk(seed=seed)
        desk.describe()
        desk.quote(BTC, Decimal(last))
        desk.show_book(BTC, DEPTH)
        view = desk.stores.books.view(BTC)
        assert view is not None
        views.append(view)
    return views


def summed(view: BookView, side: Side) -> tuple[Any, Any]:
    prices, qtys = view.floats(side, DEPTH)
    return np.array(prices), np.cumsum(qtys)


# Sparklines.


def trends(number: int) -> list[list[float]]:
    return [
        [math.sin((at + number * 3) / (4 + row)) * 40 + at + 100 for at in range(POINTS)]
        for row in range(CURVES)
    ]


class Curves(QWidget):
    """The watchlist's small curves, one below the other."""

    def __init__(self) -> None:
        super().__init__()
        self.values = trends(0)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def show_values(self, values: list[list[float]]) -> None:
        self.values = values
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), active().colour("panel"))
        height = self.height() // CURVES
        for row, values in enumerate(self.values):
            draw_curve(painter, QRect(0, row * height, self.width(), height), values)


SPARKS = [trends(number) for number in range(10)]


def our_sparklines() -> Scene:
    curves = Curves()
    return Scene(
        curves, curves, lambda _: None, lambda number: curves.show_values(SPARKS[number % len(SPARKS)])
    )


def plotted_sparklines() -> Scene:
    window = QWidget()
    layout = QVBoxLayout(window)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    curves = []
    for _ in range(CURVES):
        plot = pg.PlotWidget()
        plot.hideAxis("left")
        plot.hideAxis("bottom")
        plot.setMinimumHeight(1)
        layout.addWidget(plot)
        curves.append(plot.plot(pen=active().buy))

    def show(number: int) -> None:
        for curve, values in zip(curves, SPARKS[number % len(SPARKS)], strict=True):
            curve.setData(values)

    return Scene(window, plot.viewport(), lambda _: None, show)


# Ladder.


class LadderModel(QAbstractTableModel):
    """The same rows as a table: bid size, price, ask size."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._rows: list[tuple[Decimal | None, Decimal, Decimal | None]] = []
        self.reload()

    def reload(self) -> None:
        view = self._desk.stores.books.view(BTC)
        assert view is not None
        half = LADDER_ROWS // 2
        asks = [(None, price, qty) for price, qty in reversed(view.asks(half))]
        self._rows = [*asks, *((qty, price, None) for price, qty in view.bids(half))]
        if self._rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, 2))

    def rowCount(self, parent: Any = QModelIndex()) -> int:  # noqa: B008
        return len(self._rows)

    def columnCount(self, parent: Any = QModelIndex()) -> int:  # noqa: B008
        return 3

    def data(self, index: Any, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            value = self._rows[index.row()][index.column()]
            if value is None:
                return ""
            return formats.fixed(value, 1) if index.column() == 1 else size_text(value, 8)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None


def ladder_desk() -> Desk:
    desk = Desk()
    desk.describe()
    desk.quote(BTC, Decimal("61234.5"))
    desk.show_book(BTC, LADDER_DEPTH)
    return desk


def our_ladder() -> Scene:
    desk = ladder_desk()
    window = QWidget()
    canvas = LadderCanvas(desk, SymbolLink(BTC, window), window)  # type: ignore[arg-type]
    layout = QVBoxLayout(window)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(canvas)

    def prepare(number: int) -> None:
        desk.show_book(BTC, LADDER_DEPTH)

    return Scene(window, canvas, prepare, lambda _: canvas.changed())


def table_ladder() -> Scene:
    desk = ladder_desk()
    model = LadderModel(desk)
    table = QTableView()
    table.setModel(model)
    table.setFont(figure_font())
    table.setShowGrid(False)
    model.setParent(table)
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
    table.horizontalHeader().hide()
    table.verticalHeader().hide()
    table.verticalHeader().setMinimumSectionSize(1)
    table.verticalHeader().setDefaultSectionSize(20)

    def prepare(number: int) -> None:
        desk.show_book(BTC, LADDER_DEPTH)

    return Scene(table, table.viewport(), prepare, lambda _: model.reload())


def on_screen(ours: Any, reference: Any, size: tuple[int, int]) -> Any:
    def measure() -> list[tuple[float, float | None]]:
        apply_theme(application())
        return paired_frames(ours, reference, size)

    return measure


def at_most(limit: float) -> Goal:
    return Goal(limit, at_least=False)


ROWS = [
    Row("frame_ladder", "ms", at_most(0.25), on_screen(our_ladder, table_ladder, LADDER_SIZE)),
    Row(
        "frame_chart_5000",
        "ms",
        at_most(0.12),
        on_screen(lambda: our_chart(False), lambda: picture_chart(False), CHART_SIZE),
    ),
    # Nothing can be kept when everything moves; ours draws grid and volume too.
    Row(
        "frame_chart_5000_pan",
        "ms",
        at_most(0.5),
        on_screen(lambda: our_chart(True), lambda: picture_chart(True), CHART_SIZE),
    ),
    Row("frame_depth_1000", "ms", at_most(0.5), on_screen(our_depth, plotted_depth, CHART_SIZE)),
    Row("frame_sparklines", "ms", at_most(0.1), on_screen(our_sparklines, plotted_sparklines, SPARK_SIZE)),
]
