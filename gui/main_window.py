"""The window: panels in docks, one line of health, and the shortcuts that always work."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSettings, QSize, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QCloseEvent, QDesktopServices, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QDockWidget, QLabel, QMainWindow, QMessageBox

from core.app.session import TradingSession
from core.domain.errors import TerminalError
from core.domain.ids import Symbol
from core.domain.instrument import Side
from core.domain.mode import Mode
from core.domain.orders import AmendRequest, CancelRequest, Order, OrderRequest, OrderStatus
from core.runtime.paths import Paths
from gui import formats
from gui.bridge import Bridge
from gui.forms.amend_dialog import AmendDialog
from gui.forms.order_form import OrderForm
from gui.frame_clock import FrameClock
from gui.layout import DEFAULT_SIZE, LAYOUT_VERSION, arrange
from gui.models.orders_model import WORDS
from gui.symbol_link import SymbolLink
from gui.theme import DARK, ui_font
from gui.views.balances_view import BalancesView
from gui.views.events_view import EventsView
from gui.views.fills_view import FillsView
from gui.views.health_view import HealthBar
from gui.views.order_book_view import OrderBookView
from gui.views.orders_view import OrdersView
from gui.views.price_chart_view import PriceChartView
from gui.views.trades_view import TradesView
from gui.views.watchlist_view import WatchlistView
from gui.widgets.panel import Panel
from gui.widgets.toast import Toast

HEALTH_MS = 250
CHORD_MS = 600
"""Two presses of the cancel key within this time make the chord."""


class MainWindow(QMainWindow):
    """Everything the trader sees. ``close_requested`` asks for the way out; ``dispose`` is called at its end."""

    close_requested = Signal()
    first_live_book = Signal()

    def __init__(
        self,
        session: TradingSession,
        bridge: Bridge,
        frame_clock: FrameClock,
        symbols: Sequence[Symbol],
        paths: Paths,
    ) -> None:
        super().__init__()
        self._session = session
        self._bridge = bridge
        self._frame_clock = frame_clock
        self._paths = paths
        self._closing = False
        self._last_escape = 0
        self.setObjectName("main_window")
        self.setWindowTitle(f"Tidewire · {session.mode.word}")
        self.setDockNestingEnabled(True)
        self.setDockOptions(
            QMainWindow.DockOption.AllowNestedDocks
            | QMainWindow.DockOption.AllowTabbedDocks
            | QMainWindow.DockOption.AnimatedDocks
        )
        self.link = SymbolLink(symbols[0], self)
        self.toast = Toast(self)
        self._build_panels(symbols)
        self._docks = {panel.title: self._dock(panel) for panel in self.panels}
        self._build_status_bar()
        self._build_menus()
        self._build_shortcuts()
        self.resize(self._first_size())
        arrange(self, self._docks)
        self._restore_layout()
        self.link.changed.connect(self._show_title)
        self._show_title(self.link.symbol)
        frame_clock.second.connect(self._every_second)
        self._health = QTimer(self)
        self._health.setInterval(HEALTH_MS)
        self._health.timeout.connect(self.health.refresh)
        self._health.start()
        frame_clock.start()

    # What the program asks of its window.

    def panels_without_data(self) -> list[str]:
        """Name each visible panel that shows no live data, and why."""
        return [
            f"{panel.title}: {problem}"
            for panel in self.panels
            if panel.isVisible() and (problem := panel.problem())
        ]

    def dispose(self) -> None:
        """End timers and observers and let the window go; the session may still run."""
        self._save_layout()
        self._closing = True
        self._frame_clock.stop()
        self._health.stop()
        for panel in self.panels:
            panel.detach()
        self.close()
        self.deleteLater()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._closing:
            event.accept()
            return
        event.ignore()
        self.close_requested.emit()

    # Trading.

    def submit(self, request: OrderRequest) -> None:
        """Hand an order to the executor; its outcome is shown in the order table and as a note."""
        self._bridge.spawn(
            self._place(request), name=f"submit {request.cl_ord_id}", on_error=self._tell_error
        )

    def cancel(self, order: Order) -> None:
        """Cancel one order."""
        request = CancelRequest(order_id=order.order_id, cl_ord_id=order.cl_ord_id)
        self._bridge.spawn(self._session.executor.cancel(request), name="cancel", on_error=self._tell_error)

    def amend(self, request: AmendRequest) -> None:
        """Change one order in place."""
        self._bridge.spawn(self._session.executor.amend(request), name="amend", on_error=self._tell_error)

    def cancel_all(self, symbol: Symbol | None = None) -> None:
        """Cancel every open order, of one pair if given, and say what became of it."""
        self._bridge.spawn(self._cancel_all(symbol), name="cancel all", on_error=self._tell_error)

    async def _place(self, request: OrderRequest) -> None:
        order = await self._session.executor.submit(request)
        text = f"{request.side.value.upper()} {request.symbol}: {WORDS[order.status][2:]}"
        if order.reason:
            text += f" – {formats.plain(order.reason)}"
        bad = order.status in (OrderStatus.REJECTED, OrderStatus.IN_DOUBT)
        self.toast.tell(text, warning=bad)

    async def _cancel_all(self, symbol: Symbol | None) -> None:
        tally = await self._session.executor.cancel_all(symbol)
        where = symbol or self.tr("all pairs")
        text = f"Cancel {where}: {tally.asked} asked, {tally.confirmed} confirmed, {tally.failed} failed"
        self.toast.tell(text, warning=tally.failed > 0)

    def _tell_error(self, failure: TerminalError) -> None:
        text = failure.user_message
        if failure.detail and failure.detail != text:
            text += f" {formats.plain(failure.detail)}"
        self.toast.tell(text, warning=True)

    # Building.

    def _build_panels(self, symbols: Sequence[Symbol]) -> None:
        session, link = self._session, self.link
        self.watchlist = WatchlistView(session, link, symbols, self)
        self.chart = PriceChartView(session, link, self)
        self.ladder = OrderBookView(session, link, self)
        self.tape = TradesView(session, link, self)
        self.ticket = OrderForm(session, link, self.submit, self)
        self.orders = OrdersView(session, self.cancel, self)
        self.fills = FillsView(session, self)
        self.balances = BalancesView(session, self)
        self.events = EventsView(session, self)
        self.panels: tuple[Panel, ...] = (
            self.watchlist,
            self.chart,
            self.ladder,
            self.tape,
            self.ticket,
            self.orders,
            self.fills,
            self.balances,
            self.events,
        )
        self.ladder.price_clicked.connect(self._take_clicked_price)
        self.ladder.first_live_paint.connect(self.first_live_book)
        self.orders.amend_wished.connect(self._open_amend)

    def _dock(self, panel: Panel) -> QDockWidget:
        dock = QDockWidget(panel.title, self)
        dock.setObjectName(f"{panel.objectName()}_dock")
        dock.setWidget(panel)
        return dock

    def _build_status_bar(self) -> None:
        self.health = HealthBar(self._session, self)
        self.statusBar().setSizeGripEnabled(False)
        self.statusBar().addWidget(self.health, 1)

    def _build_menus(self) -> None:
        bar = self.menuBar()
        file = bar.addMenu(self.tr("&File"))
        file.addAction(self.tr("Open log folder"), lambda: self._open_folder(str(self._paths.state)))
        file.addAction(self.tr("Open settings folder"), lambda: self._open_folder(str(self._paths.config)))
        file.addSeparator()
        file.addAction(self.tr("Quit"), QKeySequence("Ctrl+Q"), self.close)
        trade = bar.addMenu(self.tr("&Trade"))
        trade.addAction(
            self.tr("Cancel all on this pair\tEsc Esc"), lambda: self.cancel_all(self.link.symbol)
        )
        trade.addAction(self.tr("Cancel all everywhere\tCtrl+Esc Ctrl+Esc"), self.cancel_all)
        view = bar.addMenu(self.tr("&View"))
        for dock in self._docks.values():
            view.addAction(dock.toggleViewAction())
        view.addSeparator()
        view.addAction(self.tr("Reset layout"), self._reset_layout)
        help_menu = bar.addMenu(self.tr("&Help"))
        help_menu.addAction(self.tr("Keys\t?"), self._show_keys)
        band = QLabel(f"  {self._session.mode.word}  ", self)
        band.setFont(ui_font(bold=True))
        back = DARK.mode(self._session.mode).name()
        band.setStyleSheet(f"background: {back}; color: {DARK.on_fill}; padding: 3px 14px;")
        band.setAccessibleName(self.tr("Mode: %1").replace("%1", self._session.mode.word))
        bar.setCornerWidget(band, Qt.Corner.TopRightCorner)
        if self._session.mode is Mode.LIVE:
            self.setStyleSheet(f"QMainWindow {{ border: 3px solid {DARK.live}; }}")

    def _build_shortcuts(self) -> None:
        shortcuts = {
            "Escape": lambda: self._escape(self.link.symbol),
            "Ctrl+Escape": lambda: self._escape(None),
            "/": self.watchlist.focus_find,
            "?": self._show_keys,
            "Ctrl+B": lambda: self._start_order(Side.BUY),
            "Ctrl+S": lambda: self._start_order(Side.SELL),
            "F6": lambda: self._next_panel(1),
            "Shift+F6": lambda: self._next_panel(-1),
        }
        for keys, action in shortcuts.items():
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setAutoRepeat(False)
            shortcut.activated.connect(action)

    # Reacting.

    def _take_clicked_price(self, side: Side, price: object) -> None:
        self.ticket.set_side(side)
        self.ticket.set_price(price)  # type: ignore[arg-type]  # Qt carries a Decimal as an object

    def _start_order(self, side: Side) -> None:
        self.ticket.set_side(side)
        self.ticket.focus()

    def _open_amend(self, order: Order) -> None:
        dialog = AmendDialog(self._session.stores, order, self.amend, self)
        dialog.open()

    def _escape(self, symbol: Symbol | None) -> None:
        now = self._session.clock.mono_ns()
        if now - self._last_escape <= CHORD_MS * 1_000_000:
            self._last_escape = 0
            self.cancel_all(symbol)
        else:
            self._last_escape = now

    def _next_panel(self, step: int) -> None:
        visible = [panel for panel in self.panels if panel.isVisible()]
        focused = QApplication.focusWidget()
        at = next((n for n, panel in enumerate(visible) if focused and panel.isAncestorOf(focused)), -step)
        target = visible[(at + step) % len(visible)]
        first = target.nextInFocusChain()
        inside = first is not None and target.isAncestorOf(first)
        (first if first is not None and inside else target).setFocus(Qt.FocusReason.TabFocusReason)

    def _every_second(self) -> None:
        self.watchlist.every_second()
        self.balances.every_second()

    def _show_title(self, symbol: str) -> None:
        self.setWindowTitle(f"{symbol} · Tidewire · {self._session.mode.word}")

    def _show_keys(self) -> None:
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle(self.tr("Keys"))
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(KEYS)
        box.open()

    def _open_folder(self, folder: str) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(folder))

    # Layout.

    def _first_size(self) -> QSize:
        screen = self.screen().availableGeometry().size()
        return QSize(*DEFAULT_SIZE).boundedTo(screen)

    def _layout(self) -> QSettings:
        return QSettings(str(self._paths.layout_file), QSettings.Format.IniFormat)

    def _save_layout(self) -> None:
        layout = self._layout()
        layout.setValue("geometry", self.saveGeometry())
        layout.setValue("state", self.saveState(LAYOUT_VERSION))

    def _restore_layout(self) -> None:
        layout = self._layout()
        geometry, state = layout.value("geometry"), layout.value("state")
        if geometry is not None and state is not None:
            self.restoreGeometry(geometry)
            self.restoreState(state, LAYOUT_VERSION)

    def _reset_layout(self) -> None:
        arrange(self, self._docks)


KEYS = """/            find or add a symbol
Ctrl+B       buy ticket          Ctrl+S       sell ticket
Ctrl+Enter   send the order
Up, Down     price or quantity by one step; Page Up, Page Down by ten
Del          cancel the selected orders
Enter        amend the selected order
Esc Esc      cancel all on the pair
Ctrl+Esc Ctrl+Esc   cancel all everywhere
Space        recentre the ladder
F6           next panel"""
