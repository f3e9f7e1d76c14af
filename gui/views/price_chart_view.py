"""Candles with volume, averages, own orders, fills and alerts; history first, then the stream."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from PySide6.QtCore import QEvent, QPointF, QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QFontMetrics, QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.app.history import HistoryState
from core.app.session import TradingSession
from core.domain.errors import SettingsError
from core.domain.ids import Symbol
from core.domain.instrument import Instrument, Side
from core.domain.orders import AmendRequest
from core.domain.subscription import candles
from core.domain.times import NS
from gui import formats
from gui.symbol_link import SymbolLink
from gui.theme import figure_font
from gui.views.candle_item import Curve, Mark
from gui.views.chart_bar import INTERVALS, ChartBar
from gui.views.chart_camera import ChartCamera
from gui.views.chart_canvas import ChartCanvas
from gui.views.chart_lines import LABEL_SCALE, Ghost, PriceLine
from gui.views.chart_menus import fill_alert_menu, open_price_menu
from gui.views.chart_orders import ChartOrders
from gui.views.chart_readout import ChartReadout
from gui.views.chart_series import ChartSeries, Floats
from gui.views.indicators import Kind, Study, study_named
from gui.widgets.panel import Attach, Panel
from gui.widgets.stale import channel_problem, heard_at

REDRAW_MS = 100
"""A candle that changes sixty times a second need not be drawn sixty times."""

RETRY_MS = 3_000
"""Pause before a history that failed is asked for again."""

MOST_MARKS = 500
AXIS_PADDING = 12
CURVE_COLOURS = ("warning", "muted", "focus", "good", "text")
VWAP_COLOUR = "good"


class PriceChartView(Panel):
    """Chart of the linked symbol. Follows the live edge until the user pans away; End follows again."""

    price_chosen = Signal(object, object)
    """Side and price picked for the ticket."""

    cancel_wished = Signal(object)
    refused = Signal(str)

    def __init__(
        self,
        session: TradingSession,
        link: SymbolLink,
        amend: Callable[[AmendRequest], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("Chart", parent)
        self._session = session
        self._link = link
        self.alerts = session.alerts
        self.interval = 1
        self._series = ChartSeries()
        self._pointer: QPointF | None = None
        self._longest = 0
        self._curves: list[tuple[Study, Curve]] = []
        self.orders = ChartOrders(session.stores, self.alerts, amend)
        self._redraw = self._timer(REDRAW_MS, self._draw)
        self._retry = self._timer(RETRY_MS, self._want_more)
        self.bar = ChartBar(self)
        self.bar.add_age(self.age)
        self.canvas = ChartCanvas(self)
        self.readout = ChartReadout(self.canvas, self)
        self.canvas.setFocusProxy(self)
        self.camera = ChartCamera(self.canvas)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._lay_out()
        self._connect()
        self.bar.show_interval(self.interval)

    def attachments(self) -> list[Attach]:
        stores, symbol, interval = self._session.stores, self._link.symbol, self.interval
        return [
            lambda: self._session.market_data.watch(candles(symbol, interval)),
            lambda: stores.candles.observe(self._candles_changed),
            lambda: stores.orders.observe(lambda _: self._draw_lines()),
            lambda: stores.fills.observe(lambda _: self._draw_marks()),
            lambda: stores.instruments.observe(lambda _: self._described()),
            lambda: self.alerts.observe(self._draw_lines),
        ]

    def refresh(self) -> None:
        self._described()
        self._draw()
        self._draw_marks()

    def problem(self) -> str:
        series = self._session.stores.candles.series(self._link.symbol, self.interval)
        return "" if len(series) > 1 else "no candles were received"

    def stale_reason(self, now: int) -> str:
        return channel_problem(self._session.stores, now, "ohlc", self._link.symbol, self.interval)

    def received(self) -> int | None:
        return heard_at(self._session.stores, "ohlc", self._link.symbol, self.interval)

    def detach(self) -> None:
        self._redraw.stop()
        self._retry.stop()
        self.canvas.let_go()
        super().detach()

    def choose_interval(self, minutes: int) -> None:
        """Show candles of another interval."""
        if minutes != self.interval and minutes in INTERVALS.values():
            self.interval = minutes
            self._show_other()

    def save(self, settings: QSettings) -> None:
        """Remember interval, scale and averages."""
        settings.setValue("chart/interval", self.interval)
        settings.setValue("chart/log", self.bar.log.isChecked())
        settings.setValue("chart/studies", [study.name for study in self.bar.studies])

    def restore(self, settings: QSettings) -> None:
        """Take over what ``save`` wrote; anything unknown is left as it is at first."""
        interval = str(settings.value("chart/interval", ""))
        if interval.isdecimal():
            self.choose_interval(int(interval))
        self.bar.log.setChecked(str(settings.value("chart/log", "false")).lower() == "true")
        names = settings.value("chart/studies")
        if settings.contains("chart/studies"):
            found = (study_named(str(name)) for name in (names if isinstance(names, list) else [names]))
            self.bar.choose_studies(study for study in found if study is not None)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:  # another theme; zoom and place stay
            self.canvas.restyle()
            self._longest = 0
            self._fit_axis()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        where = self.canvas.mapToScene(self.canvas.mapFromGlobal(event.globalPos()))
        if self.instrument is not None and self.canvas.price_rect().contains(where):
            open_price_menu(self, where, event.globalPos())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if not (key is Qt.Key.Key_Escape and self.canvas.let_go()) and not self.camera.obey(key):
            super().keyPressEvent(event)

    # What it shows.

    @property
    def symbol(self) -> Symbol:
        """The pair."""
        return self._link.symbol

    @property
    def bars(self) -> Floats:
        """The bars drawn, as ``candle_array`` gives them."""
        return self._series.bars

    @property
    def instrument(self) -> Instrument | None:
        """The pair's description, once there is one."""
        return self._session.stores.instruments.get(self._link.symbol)

    @property
    def last(self) -> Decimal | None:
        """Close of the running candle."""
        series = self._session.stores.candles.series(self._link.symbol, self.interval)
        return series[-1].close if series else None

    @property
    def digits(self) -> int:
        """Decimals of the pair's prices."""
        return self.instrument.price_precision if self.instrument else 8

    def price_at(self, where: QPointF) -> Decimal | None:
        """Return the price at a scene position, on the pair's grid."""
        instrument = self.instrument
        if instrument is None:
            return None
        price = self.canvas.scale().price_at(where.y() - self.canvas.price_rect().top())
        return max(instrument.price_increment, instrument.quantize_price(Decimal(repr(price))))

    def add_alert(self, price: Decimal) -> None:
        """Wait for a price of the pair shown."""
        try:
            self.alerts.add(self._link.symbol, price)
        except SettingsError as refused:
            self.refused.emit(refused.user_message)

    # Building.

    def _timer(self, milliseconds: int, action: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(action)
        return timer

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.bar)
        layout.addWidget(self.readout.strip)
        layout.addWidget(self.canvas, 1)

    def _connect(self) -> None:
        self._link.changed.connect(lambda _: self._show_other())
        self.bar.interval_chosen.connect(self.choose_interval)
        self.bar.log_toggled.connect(self.canvas.set_logarithmic)
        self.bar.studies_changed.connect(self._draw_again)
        self.bar.alert_menu.aboutToShow.connect(lambda: fill_alert_menu(self, self.alerts))
        canvas = self.canvas
        canvas.pointer_moved.connect(self._pointer_moved)
        canvas.ranged.connect(self._read_out)
        canvas.line_dragged.connect(self._line_dragged)
        canvas.line_dropped.connect(self._line_dropped)
        canvas.line_let_go.connect(lambda: canvas.lines.show_ghost(None))

    # Reacting.

    def _show_other(self) -> None:
        self.camera.follow()
        self.canvas.let_go()
        self.bar.show_interval(self.interval)
        self.restart()

    def _described(self) -> None:
        instrument = self.instrument
        if instrument is not None:
            self._session.history.want(self._link.symbol, self.interval)
            self._fit_axis()

    def _fit_axis(self) -> None:
        """Make the axis as wide as the longest price on it, with room at both sides."""
        instrument = self.instrument
        if instrument is not None:
            price = formats.fixed(self.last or instrument.price_increment, instrument.price_precision)
            longest = max((price, *(line.tag for line in self.canvas.lines.lines)), key=len)
            if len(longest) != self._longest:
                self._longest = len(longest)
                width = QFontMetrics(figure_font(LABEL_SCALE)).horizontalAdvance(longest)
                self.canvas.set_axis_width(max(52, width + AXIS_PADDING))

    def _want_more(self) -> None:
        if self._session.history.state(self._link.symbol, self.interval) is HistoryState.FAILED:
            self._session.history.want(self._link.symbol, self.interval)
            self._tell_end()

    def _candles_changed(self, keys: frozenset[tuple[Symbol, int]]) -> None:
        if (self._link.symbol, self.interval) in keys and not self._redraw.isActive():
            self._redraw.start()

    def _pointer_moved(self, where: QPointF | None) -> None:
        self._pointer = where
        self._read_out()

    def _line_dragged(self, line: PriceLine, price: float) -> None:
        ghost = self.orders.ghost(self._link.symbol, line, price)
        if ghost is None:
            self.canvas.let_go()
        self.canvas.lines.show_ghost(ghost)

    def _line_dropped(self) -> None:
        ghost: Ghost | None = self.canvas.lines.ghost
        self.canvas.lines.show_ghost(None)
        if ghost is not None:
            self.orders.drop(ghost)
        self._draw()

    # Drawing.

    def _draw_again(self) -> None:
        self._draw(closed_changed=True)

    def _draw(self, *, closed_changed: bool = False) -> None:
        store, symbol = self._session.stores.candles, self._link.symbol
        series = store.series(symbol, self.interval)
        closed_changed |= self._series.read(
            symbol, self.interval, store.version(symbol, self.interval), series
        )
        self._draw_curves()
        self.canvas.show_bars(self.bars, self.interval * 60.0, closed_changed=closed_changed)
        if series and not self.canvas.is_dragging:
            self.camera.keep()
            self.canvas.fit_heights()
        self._draw_lines()
        self._tell_end()
        self._read_out()

    def _draw_curves(self) -> None:
        self._curves = []
        for at, study in enumerate(self.bar.studies):
            is_vwap = study.kind is Kind.VWAP
            colour = VWAP_COLOUR if is_vwap else CURVE_COLOURS[at % len(CURVE_COLOURS)]
            dashed = is_vwap or study.kind is Kind.SMA
            prices, groups = study.values(self.bars, self.interval), study.groups(self.bars, self.interval)
            self._curves.append((study, Curve(prices, colour, dashed, groups)))
        self.canvas.candles.curves = [curve for _, curve in self._curves]

    def _draw_lines(self) -> None:
        series = self._session.stores.candles.series(self._link.symbol, self.interval)
        lines = self.canvas.lines
        lines.lines = self.orders.lines(self._link.symbol, series[-1] if series else None)
        self._fit_axis()
        if lines.ghost is not None:
            self._keep_ghost(lines.ghost)
        self.canvas.lay_out()

    def _keep_ghost(self, ghost: Ghost) -> None:
        """The order under the hand changed: show it as it is now, or let go of what cannot be moved any more."""
        now = next((line for line in self.canvas.lines.lines if line.key == ghost.line.key), None)
        if now is None or not now.movable:
            self.canvas.let_go()

    def _draw_marks(self) -> None:
        fills = [f for f in self._session.stores.fills.all() if f.symbol == self._link.symbol][:MOST_MARKS]
        self.canvas.candles.marks = [Mark(f.ts / NS, float(f.price), f.side is Side.BUY) for f in fills]
        self.canvas.candles.forget()

    def _tell_end(self) -> None:
        history, key = self._session.history, (self._link.symbol, self.interval)
        words = {
            HistoryState.UNASKED: self.tr("Older candles are fetched once the pair is described."),
            HistoryState.LOADING: self.tr("Loading older candles …"),
            HistoryState.FAILED: self.tr("Older candles did not come; trying again.")
            + " "
            + history.failure(*key),
            HistoryState.COMPLETE: self.tr(
                "The end of the data: Kraken keeps the newest 720 candles of each interval. "
                "A longer interval reaches further back."
            ),
        }
        state = history.state(*key)
        self.canvas.end_note.show_text(words[state].rstrip())
        if state is HistoryState.FAILED and self.isVisible() and not self._retry.isActive():
            self._retry.start()

    def _read_out(self) -> None:
        series = self._session.stores.candles.series(self._link.symbol, self.interval)
        count, pointer = min(len(series), len(self.bars)), self._pointer
        if not count:
            self.readout.clear()
            return
        at = count - 1 if pointer is None else self.canvas.bar_at(pointer, count)
        price = None if pointer is None else self.price_at(pointer)
        self.readout.show_bar(series[at], self._curves, at, self.digits)
        self.readout.show_cross(pointer, price, series[at], self.digits)
