"""The dead-man's switch: what it would do, what it did, and the way to arm, pause and disarm it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QDialog, QHBoxLayout, QListWidget, QPushButton, QVBoxLayout, QWidget

from core.app.dead_man import DeadMan, DeadManState
from core.domain.orders import Order, OrderType
from gui import formats
from gui.models.orders_model import side_words
from gui.theme import figure_font, ui_font
from gui.widgets.countdown_ring import CountdownRing
from gui.widgets.plain_text import PlainLabel

REFRESH_MS = 250

Act = Callable[[Callable[[], Coroutine[Any, Any, None]], str], None]
"""Carries out what the user chose; the word is for the record."""


class DeadManDialog(QDialog):
    """Opened with ``open()``; it stays true while it is open."""

    def __init__(self, switch: DeadMan, act: Act, parent: QWidget) -> None:
        super().__init__(parent)
        self._switch = switch
        self.setObjectName("dead_man_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Dead-man's switch"))
        self.setMinimumWidth(460)
        self.state = PlainLabel(self)
        self.state.setFont(ui_font(bold=True))
        self.state.setWordWrap(True)
        about = PlainLabel(self)
        about.setWordWrap(True)
        about.setText(
            self.tr(
                "A timer at the exchange, renewed every 20 seconds while this program is healthy. When it is not "
                "renewed for 60 seconds, EVERY open order of the account is cancelled: those of other programs and "
                "machines too, and the stops that guard your positions."
            )
        )
        self.what = PlainLabel(self)
        self.what.setProperty("role", "muted")
        self.orders = QListWidget(self)
        self.orders.setFont(figure_font())
        self.orders.setAccessibleName(self.tr("Orders"))
        self.arm = self._button(self.tr("Arm for 60 s"), lambda: act(switch.arm, "arm"))
        self.pause = self._button(self.tr("Pause for maintenance"), lambda: act(switch.pause, "pause"))
        self.disarm = self._button(self.tr("Disarm"), lambda: act(switch.disarm, "disarm"))
        close = self._button(self.tr("Close"), self.accept)
        close.setDefault(True)
        row = QHBoxLayout()
        for button in (self.arm, self.pause, self.disarm):
            row.addWidget(button)
        row.addStretch()
        row.addWidget(close)
        layout = QVBoxLayout(self)
        for part in (self.state, about, self.what, self.orders):
            layout.addWidget(part)
        layout.addLayout(row)
        self._timer = QTimer(self)
        self._timer.setInterval(REFRESH_MS)
        self._timer.timeout.connect(self.refresh)
        self._timer.start()
        self.refresh()

    def refresh(self) -> None:
        """Read the switch anew."""
        switch = self._switch
        fired = switch.state is DeadManState.FIRED
        self.state.setText(state_words(switch))
        orders = switch.fired if fired else switch.would_cancel()
        words = (
            self.tr("It cancelled %1 orders known here:") if fired else self.tr("It would cancel %1 orders:")
        )
        self.what.setText(words.replace("%1", str(len(orders))))
        lines = [_line(order) for order in orders]
        if lines != [self.orders.item(at).text() for at in range(self.orders.count())]:
            self.orders.clear()
            self.orders.addItems(lines)
        self.arm.setText(self.tr("Renew") if switch.state is DeadManState.LEFT else self.tr("Arm for 60 s"))
        self.arm.setEnabled(switch.state is not DeadManState.ARMED)
        self.pause.setEnabled(switch.state is DeadManState.ARMED)
        self.disarm.setEnabled(switch.is_running or switch.state is DeadManState.PAUSED)

    def _button(self, text: str, pressed: Callable[[], object]) -> QPushButton:
        button = QPushButton(text, self)
        button.setAutoDefault(False)
        button.clicked.connect(pressed)
        return button


def state_words(switch: DeadMan) -> str:
    """Return what the switch does now, in words."""
    left = switch.seconds_left()
    words = f"Dead-man's switch: {switch.state.value}"
    if left is not None:
        words += f", fires in {left:.0f} s unless renewed"
    return words + (f" ({formats.plain(switch.problem)})" if switch.problem else "")


def show_ring(ring: CountdownRing, switch: DeadMan) -> None:
    """Show the switch on its ring."""
    alarm = switch.state is DeadManState.FIRED
    ring.show_left(switch.seconds_left(), switch.timeout_s, state_words(switch), alarm=alarm)


def _line(order: Order) -> str:
    price = f" @ {formats.qty(order.limit_price, 10)}" if order.limit_price is not None else ""
    if order.order_type is OrderType.MARKET:
        price = " market"
    elif order.trigger is not None and order.trigger.price_type == "static":
        price = f" stop {formats.qty(order.terms.trigger_price.value, 10)}{price}"
    who = "  elsewhere" if order.foreign else ""
    return (
        f"{formats.plain(order.symbol):10} {side_words(order):6} {formats.qty(order.qty, 8):>14}{price}{who}"
    )
