"""The window: panels in docks, the pair on top, line 0 below, and the keys that always work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QIcon, QShowEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QMenu, QToolBar

from core.app.alerts import nobody
from core.app.incident import IncidentSaver
from core.app.session import TradingSession
from core.domain.ids import Symbol
from core.domain.instrument import Side
from core.domain.mode import Mode
from core.domain.orders import AmendRequest, Order
from core.runtime.logs import LogRing
from core.runtime.paths import DEFAULT_PROFILE, Paths
from core.runtime.settings import Settings
from gui import ladder_hand, menus
from gui.actions import Actions
from gui.alert_delivery import AlertDelivery
from gui.arming import Arming
from gui.automation import Automation
from gui.bookkeeping import Bookkeeping
from gui.bridge import Bridge
from gui.choices import Choices
from gui.chords import CancelChords
from gui.commands import Commands
from gui.extra_panels import ExtraPanels
from gui.forms.again_dialog import AgainDialog
from gui.forms.amend_dialog import AmendDialog
from gui.forms.incident_dialog import IncidentDialog
from gui.forms.layouts_dialog import LayoutsDialog
from gui.forms.live_dialog import LiveWatch
from gui.forms.order_dialog import OrderDialog
from gui.forms.order_form import OrderForm
from gui.forms.preferences_dialog import PreferencesDialog
from gui.forms.quit_dialog import QuitDialog
from gui.forms.scaled_dialog import ScaledDialog
from gui.frame_clock import FrameClock
from gui.handlers import handlers
from gui.hands import Hands
from gui.keymap import Keymap
from gui.layout import DEFAULT_SIZE, Docks
from gui.layouts import Layouts
from gui.symbol_link import TRADED, LinkGroups, PanelLink
from gui.theme import THEMES, active, apply_theme, ui_font
from gui.views.alerts_view import AlertsView
from gui.views.balances_view import BalancesView
from gui.views.depth_view import DepthView
from gui.views.events_view import EventsView
from gui.views.fills_view import FillsView
from gui.views.health.health_panel import HealthPanel
from gui.views.health_view import HealthBar
from gui.views.limits_view import LimitsView
from gui.views.log_view import LogView
from gui.views.order_book_view import OrderBookView
from gui.views.orders_view import OrdersView
from gui.views.price_chart_view import PriceChartView
from gui.views.profit_view import ProfitView
from gui.views.quote_view import QuoteView
from gui.views.trades_view import TradesView
from gui.views.watchlist_view import WatchlistView
from gui.widgets.alarm_bar import AlarmBar
from gui.widgets.alert_banner import AlertBanner
from gui.widgets.hold_overlay import HoldOverlay
from gui.widgets.keys_overlay import KeysOverlay
from gui.widgets.panel import Panel
from gui.widgets.plain_text import PlainLabel
from gui.widgets.toast import Toast

HEALTH_MS = 250
ICON = Path(__file__).resolve().parent.parent / "resources" / "icons" / "tidewire.svg"
LIVE_FRAME = 3


class MainWindow(QMainWindow):
    """Everything the trader sees. ``close_requested`` asks for the way out; ``dispose`` is called at its end."""

    close_requested = Signal()
    first_live_book = Signal()
    theme_chosen = Signal(str)

    def __init__(
        self,
        session: TradingSession,
        bridge: Bridge,
        frame_clock: FrameClock,
        symbols: Sequence[Symbol],
        paths: Paths,
        log_ring: LogRing | None = None,
        choices: Choices | None = None,
    ) -> None:
        super().__init__()
        self._session = session
        self.choices = choices or Choices(Settings(), self)
        self.keymap = Keymap(self.choices.settings.keys, self)
        self.is_read_only = False
        self._frame_clock = frame_clock
        self._closing = False
        self._arranged = False
        self.paths = paths
        self.trade_menu: QMenu
        self.incidents: IncidentSaver | None = None
        self.ask_mode: Callable[[], None] = lambda: None
        self.setObjectName("main_window")
        self._frame_in_mode()  # while there is nothing in the window that would be styled a second time
        self.setWindowIcon(QIcon(str(ICON)))
        self.groups = LinkGroups(symbols[0], self)
        self.link = self.groups[TRADED]
        self.extras = ExtraPanels(self)
        self.toast = Toast(self)
        self.commands = Commands(session, bridge, self.toast)
        self.automation = Automation(session, bridge, self.commands, self.link, self.choices, self)
        self.bookkeeping = Bookkeeping(session, paths, bridge, self.toast, self)
        self._build_panels(symbols, log_ring or LogRing())
        self.docks = Docks(self, self.panels, self.extras)
        self._build_edges()
        self._build_commands()
        menus.build_menus(self)
        self._band = PlainLabel(self.mode.word, self)
        self._show_mode()
        self.live = LiveWatch(session.live, session.preflight, self)
        self._chords = CancelChords(session.clock, self)
        self._chords.cancel_pair.connect(self.cancel_pair)
        self._chords.cancel_everything.connect(self.cancel_everything)
        self.resize(QSize(*DEFAULT_SIZE).boundedTo(self.screen().availableGeometry().size()))
        self._restored = self.docks.restore(paths.layout_file)
        self.link.changed.connect(self._show_title)
        self._show_title(self.link.symbol)
        session.alerts.keep_in(paths.alerts_file(self.mode.value))
        self._no_alerts = session.alerts.tell(lambda crossing: self.toast.tell(crossing.text, warning=True))
        frame_clock.second.connect(self._every_second)
        self._health = QTimer(self)
        self._health.setInterval(HEALTH_MS)
        self._health.timeout.connect(self.health.refresh)
        self._health.timeout.connect(self._show_trust)
        self._health.timeout.connect(self.automation.refresh)
        self._health.start()
        frame_clock.start()

    # What the program asks of its window.

    @property
    def mode(self) -> Mode:
        """Whose money is at stake."""
        return self._session.mode

    def panels_without_data(self) -> list[str]:
        """Name each visible panel that shows no live data, and why."""
        return [
            f"{panel.title}: {problem}"
            for panel in (self.quote, *self.panels)
            if not panel.visibleRegion().isEmpty() and (problem := panel.problem())
        ]

    def dispose(self) -> None:
        """Remember the layout, end timers and observers and let the window go; the session may still run."""
        if self._arranged:
            self.docks.save(self.paths.layout_file)
        self._closing = True
        self._frame_clock.stop()
        self._health.stop()
        self._chords.stop()
        self.live.stop()
        self.docks.stop()
        self.hold.cancel()
        self.keys_overlay.stop()
        self.alarms.stop()
        self.arming.stop()
        self._session.alerting.deliver = nobody
        self.delivery.stop()
        self.banner.stop()
        self._no_alerts()
        self._no_orders()
        for panel in (self.quote, *self.panels):
            panel.detach()
        self.close()
        self.deleteLater()

    def make_read_only(self) -> None:
        """Let nothing be traded here: what is shown is past."""
        self.is_read_only = True
        self.actions_by_name.forbid_trading()
        self.ticket.setEnabled(False)
        for action in self.trade_menu.actions():
            action.setEnabled(False)

    def open_drill(self) -> None:
        """Open the fire drill; only the demo has an exchange that may be broken."""
        drill = self._session.drill
        if drill is None:
            self.toast.tell(self.tr("The fire drill is for the demo mode."), warning=True)
            return
        from gui.forms.drill_dialog import DrillDialog  # loads the exchange, which only the demo needs

        if self.findChild(DrillDialog) is None:
            DrillDialog(drill, lambda: self.link.symbol, partial(self.commands.drill, drill), self).show()

    def save_incident(self) -> None:
        """Ask where to save what happened lately."""
        saver = self.incidents
        if saver is None:
            self.toast.tell(self.tr("There is nothing to save here."), warning=True)
            return
        save = partial(self.commands.save_incident, saver)
        IncidentDialog(Path.home() / saver.suggested_name(), saver.words, save, self).open()

    def begin_anew(self) -> None:
        """The stores were emptied: read them all again."""
        self._session.profit.begin_anew()
        for panel in (self.quote, *self.panels):
            panel.restart()
        self.alarms.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._arranged:
            self._arranged = True
            if not self._restored:
                self.docks.arrange()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._closing:
            event.accept()
            return
        event.ignore()
        waiting = self._session.stores.orders.open()
        if not waiting or self.mode is Mode.REPLAY:
            self.close_requested.emit()
        elif self.findChild(QuitDialog) is None:
            left = self._session.dead_man.seconds_left()
            QuitDialog(waiting, self.close_requested.emit, self._cancel_all_and_quit, self, left).open()

    # What keys and menus ask.

    def _cancel_all_and_quit(self) -> None:
        self.commands.cancel_all(then=self.close_requested.emit)

    def cancel_pair(self) -> None:
        """Cancel all orders on the pair of the panel with the keyboard."""
        self.commands.cancel_all(self.extras.focused_symbol())

    def cancel_everything(self) -> None:
        """Cancel all orders of the account that are known."""
        self.commands.cancel_all()

    def start_order(self, side: Side) -> None:
        """Put the keyboard into the ticket, with a side chosen."""
        self.docks.show(self.ticket.title)
        self.ticket.set_side(side)
        self.ticket.focus()

    def show_health(self) -> None:
        """Bring the dashboard to the front."""
        self.docks.show(self.dashboard.title)

    def show_limits(self) -> None:
        """Bring limits and kill switch to the front."""
        self.docks.show(self.limits.title)

    def nudge(self, ticks: int) -> None:
        """Move the selected order by ticks."""
        self.hands.nudge(self.hands.selected, ticks)

    def open_scaled(self) -> None:
        """Open the form for scaled orders."""
        if self.findChild(ScaledDialog) is None:
            canvas, send = self.ladder.canvas, self.commands.submit_scaled
            ScaledDialog(self.session, self.link.symbol, send, canvas.show_ghosts, self).show()

    def open_layouts(self) -> None:
        """Choose, name and forget layouts."""
        LayoutsDialog(self.layouts, self).open()

    def open_preferences(self) -> None:
        """Open the preferences."""
        if self.findChild(PreferencesDialog) is None:
            PreferencesDialog(self.choices, self.keymap, self).show()

    def find_symbol(self) -> None:
        """Put the keyboard where symbols are typed."""
        self.docks.show(self.watchlist.title)
        self.watchlist.focus_find()

    def choose_theme(self, name: str) -> None:
        """Draw everything in another theme, at once."""
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        apply_theme(app, THEMES[name])
        self._frame_in_mode()
        self._show_mode()
        self.health.restyle()
        self.choices.set(theme=name)
        self.theme_chosen.emit(name)

    # Building.

    def _build_panels(self, symbols: Sequence[Symbol], log_ring: LogRing) -> None:
        session, link, commands = self._session, self.link, self.commands
        self.watchlist = WatchlistView(session, link, symbols, self)
        chart, tape, depth = (PanelLink(self.groups, TRADED, self) for _ in range(3))
        self.chart = PriceChartView(session, chart, commands.amend, self)
        self.ladder = OrderBookView(session, link, self)
        self.tape = TradesView(session, tape, self)
        self.ticket = OrderForm(session, link, commands.submit, self)
        self.orders = OrdersView(session, commands.cancel, self)
        self.fills = FillsView(session, self)
        self.profit = ProfitView(session, self)
        self.balances = BalancesView(session, self)
        self.events = EventsView(session, commands.export_events, self)
        self.log = LogView(log_ring, self)
        self.alerts_panel = AlertsView(session, self)
        self.dashboard = HealthPanel(session, self)
        self.depth_chart = DepthView(session, depth, self)
        self.limits = LimitsView(session, link, commands.kill, commands.release, self)
        self.chart.linked, self.tape.linked, self.depth_chart.linked = chart, tape, depth
        self.connect_chart(self.chart)
        self.arming = Arming(session, link, self)
        self.arming.changed.connect(self._show_armed)
        ladder_hand.connect(self, self.ladder)
        self.ladder.first_live_paint.connect(self.first_live_book)
        self.orders.amend_wished.connect(self._open_amend)
        self.orders.details_wished.connect(self._open_details)
        self.orders.again_wished.connect(self._ask_again)
        self.orders.group_wished.connect(commands.cancel_group)
        self.orders.group_size = lambda order: len(commands.group(order))

    def _build_commands(self) -> None:
        self.hold = HoldOverlay(self)
        self.layouts = Layouts(self.docks, self.paths.layouts_folder)
        self.hands = Hands(
            self.session, self.link, self.commands, self.ticket, self.arming, self.choices, self.hold
        )
        self.hands.refused.connect(lambda text: self.toast.tell(text, warning=True))
        places = {"ladder": self.ladder.canvas, "orders": self.orders}
        self.actions_by_name = Actions(self, self.keymap, handlers(self), places)
        for place in (self, *self.docks.all().values()):
            self.actions_by_name.watch(place)
        self.keys_overlay = KeysOverlay(self, self.keymap)
        self.orders.selected.connect(lambda: self.hands.select(self.orders.selected_key))
        self.hands.chosen.connect(self._show_selected)
        self._no_orders = self._session.stores.orders.observe(lambda _: self._show_selected())
        self._show_selected()
        self.choices.chosen.connect(self._apply)

    @property
    def session(self) -> TradingSession:
        """What the window shows and trades on."""
        return self._session

    @property
    def panels(self) -> tuple[Panel, ...]:
        """The panels in docks, in the order of their numbers."""
        return (
            self.watchlist,
            self.chart,
            self.ladder,
            self.ticket,
            self.tape,
            self.orders,
            self.fills,
            self.balances,
            self.dashboard,
            self.events,
            self.log,
            self.depth_chart,
            self.limits,
            self.alerts_panel,
            self.profit,
            self.automation.panel,
            self.bookkeeping.panel,
            *self.extras.panels,
        )

    def _build_edges(self) -> None:
        self.quote = QuoteView(self._session, self.link, self)
        bar = QToolBar(self.tr("Pair"), self)
        bar.setObjectName("quote_bar")
        bar.setMovable(False)
        bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        bar.addWidget(self.quote)
        self.addToolBar(bar)
        self.addToolBarBreak()
        self.alarms = AlarmBar(self._session.stores, self.commands.cancel, self.commands.release, self)
        self.addToolBar(self.alarms)
        self.addToolBarBreak()
        self.banner = AlertBanner(self._session.alerting, self)
        self.addToolBar(self.banner)
        self.delivery = AlertDelivery(self.banner, self.toast, self.windowIcon(), self)
        self._session.alerting.deliver = self.delivery.deliver
        self.health = HealthBar(self._session, self)
        self.health.clicked.connect(self.show_health)
        self.statusBar().setSizeGripEnabled(False)
        self.statusBar().addWidget(self.health, 1)
        self.statusBar().addPermanentWidget(self.automation.ring)

    def _show_mode(self) -> None:
        theme, band = active(), self._band
        band.setObjectName("mode_band")
        band.setFont(ui_font(bold=True))
        colour = theme.mode(self.mode).name()
        band.setStyleSheet(f"background: {colour}; color: {theme.on_fill}; padding: 3px 18px;")
        band.setAccessibleName(self.tr("Mode: %1").replace("%1", self.mode.word))
        self.menuBar().setCornerWidget(band, Qt.Corner.TopRightCorner)

    def _frame_in_mode(self) -> None:
        edge = LIVE_FRAME if self.mode is Mode.LIVE else 1
        self.setStyleSheet(f"QToolBar {{ border-top: {edge}px solid {active().mode(self.mode).name()}; }}")
        if self.mode is Mode.LIVE:
            self.setContentsMargins(edge, 0, edge, edge)

    # Reacting.

    def connect_chart(self, chart: PriceChartView) -> None:
        """Let a chart fill the ticket and cancel."""
        chart.price_chosen.connect(
            lambda side, price: ladder_hand.take_price(self, chart.symbol, side, price)
        )
        chart.cancel_wished.connect(self.commands.cancel)
        chart.refused.connect(lambda text: self.toast.tell(text, warning=True))

    def select_order(self, key: str) -> None:
        """Choose the order that keys move."""
        self.hands.select(key)
        self.orders.table.select_key(key)

    def _show_selected(self) -> None:
        order = self.hands.selected
        for ladder in (self.ladder, *self.extras.ladders):
            ladder.canvas.mark(order)
        # Without an order to move the arrows scroll the ladder.
        for name in ("nudge_up", "nudge_down"):
            movable = order is not None and order.symbol == self.link.symbol and not self.is_read_only
            self.actions_by_name[name].setEnabled(movable)

    def _apply(self, fields: dict[str, object]) -> None:
        if "keys" in fields:
            self.keymap.bind_all(self.choices.settings.keys)
        if "limits" in fields:
            self.session.risk.set_limits(self.choices.settings.limits)
        if "theme" in fields and active().name != self.choices.settings.theme:
            self.choose_theme(self.choices.settings.theme)

    def _show_armed(self, armed: bool) -> None:
        for ladder in (self.ladder, *self.extras.ladders):
            ladder.show_armed(armed, self.arming.reason)
        if not armed and self.arming.reason:
            self.toast.tell(self.tr("One-click orders locked: %1").replace("%1", self.arming.reason))

    def amend_to(self, order: Order, price: Decimal) -> None:
        """Move an order to another price."""
        if order.order_id is not None:
            request = AmendRequest(order_id=order.order_id, limit_price=price, post_only=order.post_only)
            self.commands.amend(request)

    def _open_amend(self, order: Order) -> None:
        AmendDialog(self._session.stores, order, self.commands.amend, self).open()

    def _open_details(self, key: str) -> None:
        order = self._session.stores.orders.by_key(key)
        if order is not None:
            OrderDialog(self._session.stores, key, order, self).open()

    def _ask_again(self, order: Order) -> None:
        view = self._session.stores.books.view(order.symbol)
        AgainDialog(order, view, lambda: self.commands.send_again(order), self).open()

    def _show_trust(self) -> None:
        now = self._session.clock.mono_ns()
        for panel in (self.quote, *self.panels):
            panel.show_trust(now)

    def _every_second(self) -> None:
        self.watchlist.every_second()
        self.orders.every_second()
        self.balances.every_second()
        self.profit.every_second()
        self.limits.every_second()
        self.alerts_panel.every_second()
        self.dashboard.every_second()

    def _show_title(self, symbol: str) -> None:
        profile = "" if self.paths.profile == DEFAULT_PROFILE else f" · {self.paths.profile}"
        self.setWindowTitle(f"{symbol} · Tidewire · {self.mode.word}{profile}")
