"""A trader with two hands: types orders into the ticket, opens everything there is to open, and closes it again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from random import Random

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog

from core.domain.health import BookState
from core.domain.ids import Symbol
from core.domain.instrument import Side
from core.domain.orders import Order, OrderStatus
from gui.forms.command_palette import CommandPalette
from gui.handlers import open_palette
from gui.main_window import MainWindow
from gui.theme import THEMES
from gui.views.chart_bar import INTERVALS

KEYS = Qt.Key
CONTROL = Qt.KeyboardModifier.ControlModifier
WORTH = Decimal(60)
"""Of an order, in quote units."""

SIZES = ((1366, 768), (1600, 900), (1280, 720))


class Trader:
    """Does one thing at a time. ``done`` counts them by name."""

    def __init__(self, window: MainWindow, symbols: list[Symbol], random: Random) -> None:
        self._window = window
        self._stores = window.session.stores
        self._symbols = symbols
        self._random = random
        self.done: Counter[str] = Counter()
        self._deeds: list[tuple[int, Callable[[], object]]] = [
            (12, self.type_order),
            (4, self.cancel_one),
            (3, self.amend),
            (2, self.look_at_order),
            (3, self.switch_pair),
            (4, self.show_panel),
            (2, self.choose_interval),
            (2, self.float_panel),
            (2, self.use_palette),
            (2, self.open_form),
            (1, self.cancel_all),
            (1, self.flatten),
            (1, self.change_look),
        ]

    def act(self) -> str:
        """Do something, and return what."""
        self.close_dialogs()
        (deed,) = self._random.choices(
            [one for _, one in self._deeds], weights=[weight for weight, _ in self._deeds]
        )
        name = deed.__name__
        self.done[name] += deed() is not False
        return name

    def tour(self) -> Iterator[None]:
        """Do everything there is once, a step at a time: what is made at the first use is there from then on."""
        window = self._window
        steps: list[Callable[[], object]] = [
            partial(window.docks.show, title) for title in window.docks.all()
        ]
        steps += [partial(window.choose_theme, name) for name in THEMES]
        steps += [partial(window.resize, *size) for size in SIZES]
        steps += [*self._forms(), self.use_palette, self.float_panel, self.type_order, self.flatten]
        for symbol in self._symbols:
            steps.append(partial(window.link.show_symbol, symbol))
            steps += [partial(window.chart.choose_interval, minutes) for minutes in INTERVALS.values()]
        for step in steps:
            self.close_dialogs()
            step()
            yield

    def rest(self) -> None:
        """Put the window back to how it began."""
        window = self._window
        self.close_dialogs()
        window.commands.cancel_all()
        window.link.show_symbol(self._symbols[0])
        window.choose_theme("dark")
        window.resize(*SIZES[0])
        window.docks.arrange()
        window.chart.choose_interval(1)
        window.ticket.qty.clear()

    @property
    def is_calm(self) -> bool:
        """Whether nothing is open or in doubt any more."""
        return not self._stores.orders.open() and self.can_trade

    @property
    def can_trade(self) -> bool:
        """Whether an order would pass the state of account and book."""
        view = self._stores.books.view(self._window.link.symbol)
        health = self._stores.health
        return view is not None and view.state is BookState.LIVE and not health.account_doubt

    def close_dialogs(self) -> None:
        """Press Escape wherever something is open, and agree with alarms."""
        for dialog in self._window.findChildren(QDialog):
            if dialog.isVisible():
                dialog.reject()
        if self._stores.health.alarms or self._stores.risk.killed:
            self._stores.health.acknowledge()
            self._window.session.risk.acknowledge()

    def type_order(self) -> bool:
        window, ticket = self._window, self._window.ticket
        view = self._stores.books.view(window.link.symbol)
        if not self.can_trade or view is None or view.best_bid is None or view.best_ask is None:
            return False
        side, kind = self._random.choice(list(Side)), self._random.choice(("limit", "limit", "market"))
        window.start_order(side)
        ticket.kind.setCurrentText(kind)
        touch = view.best_bid if side is Side.BUY else view.best_ask
        away = Decimal(1) - side.sign * Decimal(self._random.choice(("0", "0.002", "0.01")))
        instrument = self._stores.instruments.get(window.link.symbol)
        if instrument is None:
            return False
        if kind == "limit":
            ticket.set_price(instrument.quantize_price(touch[0] * away))
        ticket.qty.clear()
        size = instrument.quantize_qty(max(WORTH / touch[0], instrument.qty_min))
        QTest.keyClicks(ticket.qty, f"{size:f}")
        if not ticket.send.isEnabled() or ticket.send.must_hold:
            return False
        QTest.keyClick(ticket.qty, KEYS.Key_Return, CONTROL)
        return True

    def cancel_one(self) -> bool:
        order = self._an_order()
        if order is not None:
            self._window.commands.cancel(order)
        return order is not None

    def amend(self) -> bool:
        order = self._an_order()
        if order is None or order.limit_price is None:
            return False
        self._window.orders.amend_wished.emit(order)
        for dialog in self._window.findChildren(QDialog):
            if dialog.isVisible() and self._random.random() < 0.7:
                QTest.keyClick(dialog, KEYS.Key_Up)
                dialog.accept()
        return True

    def look_at_order(self) -> bool:
        orders = self._stores.orders.rows()
        if orders:
            self._window.orders.details_wished.emit(self._random.choice(list(orders)))
        return bool(orders)

    def switch_pair(self) -> None:
        self._window.link.show_symbol(self._random.choice(self._symbols))

    def show_panel(self) -> None:
        self._window.docks.show(self._random.choice(list(self._window.docks.all())))

    def choose_interval(self) -> None:
        self._window.chart.choose_interval(self._random.choice(list(INTERVALS.values())))

    def float_panel(self) -> None:
        self._window.docks.float_focused()
        self._window.docks.arrange()

    def use_palette(self) -> None:
        open_palette(self._window)
        palette = self._window.findChild(CommandPalette)
        QTest.keyClicks(palette.line, "buy 0.01 btc/usd limit 1")

    def open_form(self) -> None:
        self._random.choice(self._forms())()

    def _forms(self) -> list[Callable[[], object]]:
        window = self._window
        return [
            window.open_preferences,
            window.open_layouts,
            window.open_scaled,
            window.automation.add_strategy,
            window.automation.flatten_pair,
            window.automation.show_dead_man,
            window.save_incident,
        ]

    def cancel_all(self) -> None:
        target = QApplication.focusWidget() or self._window
        for _ in range(2):
            QTest.keyClick(target, KEYS.Key_Escape)

    def flatten(self) -> bool:
        symbol = self._window.link.symbol
        held = self._stores.balances.get(symbol.split("/")[0])
        if held is None or not self.can_trade:
            return False
        self._window.commands.flatten(symbol, held.total, 30)
        return True

    def change_look(self) -> None:
        self._window.choose_theme(self._random.choice(list(THEMES)))
        self._window.resize(*self._random.choice(SIZES))

    def _an_order(self) -> Order | None:
        known = [one for one in self._stores.orders.open() if one.status >= OrderStatus.NEW and one.order_id]
        return self._random.choice(known) if known else None
