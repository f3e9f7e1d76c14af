"""The dashboard: figures, channels, latencies, clock, budgets, the program itself, the lanes, and orders at risk."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QScrollArea, QVBoxLayout, QWidget

from core.app.budgets import FULL_SHARE, WARNING_SHARE, Budget
from core.app.session import TradingSession
from core.domain.orders import Order, OrderStatus
from gui import formats
from gui.models.channels_model import ChannelsModel
from gui.theme import ui_font
from gui.views.health.indicators import clock_figures, indicators, self_figures
from gui.views.health.latency_bars import Latency, LatencyBars
from gui.views.health.latency_strips import LatencyStrips
from gui.views.health.timeline import Timeline
from gui.widgets.figure_grid import FigureGrid
from gui.widgets.gauges import Gauge, Gauges
from gui.widgets.panel import Attach, Panel
from gui.widgets.plain_text import PlainLabel
from gui.widgets.table import Table

ROWS_SHOWN = 10
ECHO_NS = 2_000_000_000
"""An order without any word of the exchange for this long is at risk."""


class HealthPanel(Panel):
    """Everything is read from the stores once a second, and only while the panel can be seen."""

    def __init__(self, session: TradingSession, parent: QWidget | None = None) -> None:
        super().__init__("Health", parent)
        self._session = session
        performance = session.stores.performance
        self.verdict = PlainLabel(self)
        self.verdict.setWordWrap(True)
        self.verdict.setFont(ui_font(1.1, bold=True))
        self.indicators = FigureGrid(self.tr("Indicators"), self)
        self.channels = ChannelsModel(session.stores, session.clock, self)
        self.matrix = Table(self.channels, "Channels", self)
        self.matrix.empty_text = self.tr("No channel was asked for yet.")
        self.latencies = LatencyBars(
            [
                Latency(self.tr("exchange → here"), performance.exchange_to_recv),
                Latency(self.tr("inbox → stores"), performance.recv_to_apply),
                Latency(self.tr("ping round trip"), performance.ws_rtt),
                Latency(self.tr("order → answer"), performance.order_to_ack),
                Latency(self.tr("  up the line"), performance.uplink, lambda: performance.split_error_ns),
                Latency(self.tr("  in the engine"), performance.engine),
                Latency(self.tr("  down the line"), performance.downlink, lambda: performance.split_error_ns),
                Latency(self.tr("REST round trip"), performance.rest_rtt),
                Latency(self.tr("durable commit"), performance.commit),
                Latency(self.tr("loop lag"), performance.loop_lag),
                Latency(self.tr("frame"), performance.frame_cost),
            ],
            self,
        )
        self.strips = LatencyStrips(
            performance.recent,
            {
                "feed": self.tr("exchange → here"),
                "answer": self.tr("order → answer"),
                "rest": self.tr("REST round trip"),
            },
            self,
        )
        self.clock = FigureGrid(self.tr("Clock"), self)
        self.budgets = Gauges(self.tr("Budgets"), self)
        self.own = FigureGrid(self.tr("The program itself"), self)
        self.timeline = Timeline(session.stores, self)
        self.risk = PlainLabel(self)
        self.risk.setWordWrap(True)
        self._build()

    def attachments(self) -> list[Attach]:
        return []

    def refresh(self) -> None:
        session, vitals = self._session, self._session.vitals()
        self._show_verdict()
        self.indicators.show_figures(indicators(session, vitals))
        self.channels.reload()
        self.latencies.refresh()
        self.strips.refresh()
        self.clock.show_figures(clock_figures(session, vitals))
        self.budgets.show_gauges([_gauge(budget) for budget in vitals.budgets])
        self.own.show_figures(self_figures(session))
        self.timeline.refresh(session.clock.wall_ns())
        self._show_risk()

    def every_second(self) -> None:
        """Read everything anew while somebody looks."""
        if self.isVisible() and not self.visibleRegion().isEmpty():
            self.refresh()

    def problem(self) -> str:
        return "" if self.channels.rowCount() else "no channel was asked for yet"

    def at_risk(self) -> list[tuple[Order, str]]:
        """Orders whose state is not certain, and why."""
        now = self._session.clock.wall_ns()
        found = []
        for order in self._session.stores.orders.open():
            age = formats.duration(max(0, now - order.created_ns))
            if order.status is OrderStatus.IN_DOUBT:
                found.append((order, self.tr("unknown for %1, being looked for").replace("%1", age)))
            elif order.status is OrderStatus.SENT and now - order.created_ns > ECHO_NS:
                found.append((order, self.tr("no word for %1").replace("%1", age)))
        return found

    def _build(self) -> None:
        inside = QWidget(self)
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(6, 4, 6, 6)
        layout.setSpacing(3)
        layout.addWidget(self.verdict)
        for title, widget in (
            ("", self.indicators),
            (self.tr("Orders at risk"), self.risk),
            (self.tr("Timeline"), self.timeline),
            (self.tr("Channels"), self.matrix),
            (self.tr("Latency"), self.latencies),
            (self.tr("Latency of the last 15 minutes, p50 to p99"), self.strips),
            (self.tr("Budgets"), self.budgets),
            (self.tr("Clock"), self.clock),
            (self.tr("The program itself"), self.own),
        ):
            if title:
                layout.addWidget(_heading(title, inside))
            layout.addWidget(widget)
        layout.addStretch(1)
        rows = self.matrix.verticalHeader().defaultSectionSize()
        self.matrix.setFixedHeight(rows * ROWS_SHOWN + self.matrix.horizontalHeader().sizeHint().height())
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        area.setAccessibleName(self.title)
        area.setWidget(inside)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)

    def _show_verdict(self) -> None:
        shown = self._session.stores.health.shown
        age = formats.duration(self._session.clock.mono_ns() - shown.since)
        parts = [f"{shown.level.value}: {shown.cause}", self.tr("for %1").replace("%1", age), shown.action]
        self.verdict.setText(" · ".join(formats.plain(part) for part in parts if part))

    def _show_risk(self) -> None:
        told = [f"{formats.plain(order.symbol)} {order.side.value}: {why}" for order, why in self.at_risk()]
        self.risk.setText("\n".join(told) or self.tr("None: the state of every order is known."))
        self.risk.setProperty("role", "warning" if told else "muted")
        self.risk.style().polish(self.risk)


def _heading(text: str, parent: QWidget) -> QLabel:
    label = PlainLabel(text, parent)
    label.setFont(ui_font(0.92, bold=True))
    label.setProperty("role", "muted")
    label.setContentsMargins(0, 6, 0, 0)
    return label


def _gauge(budget: Budget) -> Gauge:
    share = budget.share
    colour = "danger" if share >= FULL_SHARE else "warning" if share >= WARNING_SHARE else "good"
    return Gauge(budget.name, share, f"{budget.used:.0f} / {budget.limit:.0f}", budget.next_cost, colour)
