"""Second and further charts, ladders, depth charts and tapes of a window, each in a link group of its own choice."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSettings, Qt
from PySide6.QtWidgets import QApplication

from core.domain.ids import Symbol
from gui import ladder_hand
from gui.symbol_link import ALONE, GROUPS, TRADED, PanelLink, as_pair
from gui.views.depth_view import DepthView
from gui.views.order_book_view import OrderBookView
from gui.views.price_chart_view import PriceChartView
from gui.views.trades_view import TradesView
from gui.widgets.panel import Panel

if TYPE_CHECKING:
    from gui.main_window import MainWindow

KINDS = ("Chart", "Order book", "Depth", "Trades")
MOST = 40
"""More panels of one window than anybody looks at."""


class ExtraPanels(QObject):
    """Opens, closes, remembers and restores them. Their titles are those of the first ones with a number from 2 on."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._by_title: dict[str, Panel] = {}
        window.link.changed.connect(self._show_arms)

    @property
    def panels(self) -> tuple[Panel, ...]:
        """Those that are open."""
        return tuple(self._by_title.values())

    @property
    def ladders(self) -> list[OrderBookView]:
        """Those on which one may click."""
        return [panel for panel in self.panels if isinstance(panel, OrderBookView)]

    def open(self, kind: str) -> Panel | None:
        """Open one more beside the first of its kind. ``None`` when there are enough."""
        if len(self._by_title) >= MOST:
            self._window.toast.tell(self.tr("No more than %1 panels.").replace("%1", str(MOST)), warning=True)
            return None
        number = next(n for n in range(2, MOST + 3) if f"{kind} {n}" not in self._by_title)
        panel = self._make(kind, number)
        dock, first = self._window.docks.all()[panel.title], self._window.docks.all()[kind]
        if first.isFloating() or first.isHidden():
            self._window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
        else:
            self._window.tabifyDockWidget(first, dock)
        self._window.docks.show(panel.title)
        return panel

    def close(self, title: str) -> None:
        """Let a panel go, with all it watches."""
        panel = self._by_title.pop(title)
        panel.detach()
        if panel.linked is not None:
            panel.linked.leave()
        self._window.docks.remove(title)

    def keep_only(self, titles: Iterable[str]) -> None:
        """Let all others go."""
        for title in set(self._by_title) - set(titles):
            self.close(title)

    def open_missing(self, titles: Iterable[str]) -> list[str]:
        """Open what a layout names and is not open; returns the titles. Names of nothing are left out."""
        opened = []
        for title in titles:
            kind, _, number = title.rpartition(" ")
            known = kind in KINDS and number.isascii() and number.isdecimal() and 2 <= int(number) <= MOST + 1
            if known and title not in self._by_title:
                opened.append(self._make(kind, int(number)).title)
        return opened

    def save(self, settings: QSettings) -> None:
        """Remember which are open, in which group each panel is, and what the groups show."""
        window = self._window
        settings.setValue("extras", list(self._by_title))
        settings.setValue("groups", [f"{name} {pair}" for name, pair in window.groups.symbols().items()])
        linked = [(panel, panel.linked) for panel in window.panels if panel.linked is not None]
        settings.setValue("linked", [f"{p.objectName()} {at.group or '-'} {at.symbol}" for p, at in linked])

    def restore(self, settings: QSettings) -> None:
        """Take over groups and symbols that ``save`` wrote. Without them every panel keeps its own."""
        for words in _lines(settings, "groups"):
            if len(words) == 2 and words[0] in GROUPS and words[0] != TRADED and (pair := as_pair(words[1])):
                self._window.groups[words[0]].show_symbol(pair)
        by_name = {panel.objectName(): panel.linked for panel in self._window.panels}
        for words in _lines(settings, "linked"):
            link = by_name.get(words[0]) if len(words) == 3 else None
            if link is not None and words[1] in GROUPS:
                link.join(words[1])
            elif link is not None and words[1] == "-":
                link.join(ALONE)
                link.show_symbol(as_pair(words[2]) or link.symbol)

    def focused_link(self) -> PanelLink | None:
        """Return the place of the panel that has the keyboard, if it is one that can be linked."""
        focused = QApplication.focusWidget()
        found = (panel for panel in self._window.panels if focused and panel.isAncestorOf(focused))
        panel = next(found, None)
        if panel is None:
            return None
        return panel.linked

    def focused_symbol(self) -> Symbol:
        """Return the pair of the panel that has the keyboard; the traded one where a panel has none."""
        link = self.focused_link()
        return self._window.link.symbol if link is None else link.symbol

    def next_group(self) -> None:
        """Put the panel that has the keyboard into the next group."""
        link = self.focused_link()
        if link is None:
            self._window.toast.tell(self.tr("This panel always shows the traded pair."), warning=True)
        else:
            link.join_next()
            self._window.toast.tell(self.tr("Link group: %1").replace("%1", link.group or "–"))

    def _make(self, kind: str, number: int) -> Panel:
        panel = self._build(kind, PanelLink(self._window.groups, TRADED))
        panel.be_number(number)
        self._by_title[panel.title] = panel
        dock = self._window.docks.add(panel)
        dock.closed.connect(partial(self.close, panel.title))
        self._window.actions_by_name.watch(dock)
        return panel

    def _show_arms(self) -> None:
        """Where another pair is on show no click sends: say neither armed nor locked."""
        for ladder in self.ladders:
            ladder.arm.setVisible(ladder.symbol == self._window.link.symbol)

    def _build(self, kind: str, link: PanelLink) -> Panel:
        window = self._window
        session = window.session
        panel: Panel
        if kind == "Chart":
            panel = chart = PriceChartView(session, link, window.commands.amend, window)
            window.connect_chart(chart)
        elif kind == "Order book":
            panel = ladder = OrderBookView(session, link, window)
            ladder_hand.connect(window, ladder)
            window.actions_by_name.join("ladder", ladder.canvas)
            ladder.show_armed(window.arming.is_armed, window.arming.reason)
            link.changed.connect(self._show_arms)
        elif kind == "Depth":
            panel = DepthView(session, link, window)
        else:
            panel = TradesView(session, link, window)
        link.setParent(panel)
        panel.linked = link
        return panel


def _lines(settings: QSettings, key: str) -> list[list[str]]:
    value = settings.value(key)
    lines = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    return [words for line in lines if (words := str(line).split())]
