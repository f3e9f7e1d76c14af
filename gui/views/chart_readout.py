"""The figures of one bar: prices above the chart, averages in its corner, price and time at the crosshair."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from math import isnan

from PySide6.QtCore import QCoreApplication, QPointF
from PySide6.QtWidgets import QWidget

from core.domain.market import Candle
from core.domain.times import NS
from gui import formats
from gui.views.candle_item import Curve
from gui.views.chart_canvas import ChartCanvas
from gui.views.chart_series import BEGIN
from gui.views.indicators import DAY_MIN, Kind, Study, session_start
from gui.widgets.figure_strip import Figure, FigureStrip

MARGIN = 6


class ChartReadout:
    """``strip`` is the row above the chart; the rest floats over the canvas."""

    def __init__(self, canvas: ChartCanvas, parent: QWidget) -> None:
        self._canvas = canvas
        self.strip = FigureStrip(_tr("Candle"), parent, margin=MARGIN)

    def clear(self) -> None:
        """There is no bar."""
        self.strip.show_figures(())
        self._canvas.legend.show_entries(())
        self._canvas.cross.show_at(None)

    def show_bar(self, candle: Candle, curves: Sequence[tuple[Study, Curve]], at: int, digits: int) -> None:
        """Show a candle and the averages at it; ``at`` is its place among the bars."""
        self.strip.show_figures(_figures(candle, digits))
        self._canvas.legend.show_entries(
            [self._entry(study, curve, at, candle.interval, digits) for study, curve in curves]
        )

    def show_cross(self, where: QPointF | None, price: Decimal | None, candle: Candle, digits: int) -> None:
        """Show the crosshair at a scene position, with the price there and the time of the candle under it."""
        if where is None or price is None:
            self._canvas.cross.show_at(None)
            return
        moment = formats.moment(candle.begin)
        time = moment[5:16] if candle.interval < DAY_MIN else moment[:10]
        self._canvas.cross.show_at(where, formats.fixed(price, digits), time)

    def _entry(self, study: Study, curve: Curve, at: int, interval: int, digits: int) -> tuple[str, str]:
        value = float(curve.prices[at]) if at < len(curve.prices) else float("nan")
        text = formats.MISSING if isnan(value) else formats.fixed(Decimal(repr(value)), digits)
        return f"{self._name(study, interval)} {text}", curve.colour

    def _name(self, study: Study, interval: int) -> str:
        bars = self._canvas.candles.bars
        if study.kind is not Kind.VWAP or session_start(bars, interval) > bars[0, BEGIN]:
            return study.name
        # The session began before the data: say since when it is reckoned.
        begin = int(bars[0, BEGIN]) * NS
        since = formats.clock_time(begin)[:5] if interval < DAY_MIN else formats.moment(begin)[:10]
        return _tr("VWAP since %1").replace("%1", since)


def _figures(candle: Candle, digits: int) -> list[Figure]:
    sample = formats.fixed(candle.close, digits)
    names = zip("OHLC", (candle.open, candle.high, candle.low, candle.close), strict=True)
    figures = [Figure(name, formats.fixed(value, digits), sample) for name, value in names]
    change = (candle.close - candle.open) / candle.open * 100 if candle.open else Decimal(0)
    colour = "buy" if change > 0 else "sell" if change < 0 else "text"
    figures.append(Figure("", formats.percent(change), "+0.00%", colour, _tr("Open to close")))
    figures.append(Figure("V", formats.compact(candle.volume), "123.45", "text", _tr("Volume, base")))
    return figures


def _tr(text: str) -> str:
    return QCoreApplication.translate("ChartReadout", text)
