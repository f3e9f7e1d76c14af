"""What a panel looks like while its numbers may not be trusted: hatched, struck through, with the reason on it."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QBrush, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from core.domain.health import ConnectionState, Freshness
from core.domain.ids import Symbol
from core.processing.channel_store import ChannelState
from core.processing.freshness import line_freshness
from core.processing.stores import Stores
from gui import formats
from gui.theme import active, figure_font, ui_font
from gui.widgets.live_text import LiveText

LEAST_HEIGHT = 80
"""Pixels. In a flatter panel the reason would hide what it is about; line 0 says it."""

MARGIN = 12
AGE_SAMPLE = "59s"


@runtime_checkable
class Struck(Protocol):
    """A widget that can strike its numbers through."""

    def strike(self, struck: bool) -> None:
        """Strike numbers through, or not."""
        ...


class StaleCover(QWidget):
    """Lies over a panel; lets the mouse through, because cancelling and looking must go on."""

    def __init__(self, panel: QWidget) -> None:
        super().__init__(panel)
        self.reason = ""
        self.setObjectName("stale_cover")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def tell(self, reason: str) -> None:
        """Cover the panel and say why, or uncover it when there is no reason."""
        if reason == self.reason:
            return
        before, self.reason = bool(self.reason), reason
        panel = self.parentWidget()
        if panel is None:
            return
        if bool(reason) is not before:
            for child in panel.findChildren(QWidget):
                if isinstance(child, Struck):
                    child.strike(bool(reason))
            # Only while it covers something: every event of a panel would come here.
            (panel.installEventFilter if reason else panel.removeEventFilter)(self)
        self.setAccessibleName(self.tr("Not live: %1").replace("%1", reason) if reason else "")
        self.setGeometry(panel.rect())
        self.setVisible(bool(reason))
        self.raise_()
        self.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        panel = self.parentWidget()
        if event.type() == QEvent.Type.Resize and panel is not None:
            self.setGeometry(panel.rect())
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), active()
        painter.fillRect(self.rect(), QBrush(theme.colour("border"), Qt.BrushStyle.BDiagPattern))
        if self.height() < LEAST_HEIGHT:
            return
        font = ui_font(bold=True)
        text = self.tr("NOT LIVE") + "\n" + formats.plain(self.reason)
        room = QRect(0, 0, self.width() - 4 * MARGIN, self.height())
        flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
        box = QFontMetrics(font).boundingRect(room, flags, text).adjusted(-MARGIN, -6, MARGIN, 6)
        box.moveCenter(self.rect().center())
        painter.fillRect(box, theme.colour("window"))
        painter.setPen(theme.colour("warning"))
        painter.drawRect(box)
        painter.setFont(font)
        painter.drawText(box, flags, text)


class AgeText(LiveText):
    """How long ago a panel's data came."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(figure_font(0.85), AGE_SAMPLE, parent)
        self.setAccessibleName(self.tr("Age of the data"))
        self.setToolTip(self.tr("Time since the data shown here last came"))

    def show_age(self, age_ns: int | None) -> None:
        """Show an age, or that nothing came yet."""
        self.show_text(formats.MISSING if age_ns is None else formats.age(max(0, age_ns)))

    def strike(self, struck: bool) -> None:
        """The age of stale data is true."""


def channel_problem(stores: Stores, now: int, channel: str, symbol: Symbol, interval: int = 0) -> str:
    """Return why what a channel brings may not be true at monotonic ``now``, in words; empty when it may.

    A quiet channel is not a stale one, and a late one only late.
    """
    status = stores.health.market()
    if status is None:
        return "market data not started"
    if status.state is not ConnectionState.LIVE:
        return f"market data {status.state.value}" + (f": {status.reason}" if status.reason else "")
    if line_freshness(status, now) in (Freshness.STALE, Freshness.WAITING):
        return f"market data silent for {formats.duration(now - status.last_frame)}"
    row = stores.channels.get(channel, symbol, interval)
    if row is not None and row.is_doubtful and row.state is not ChannelState.LATE:
        return row.reason or f"{channel} {row.state.value}"
    return ""


def heard_at(stores: Stores, channel: str, symbol: Symbol, interval: int = 0) -> int | None:
    """Return the monotonic time a channel last spoke, ns; ``None`` before it did."""
    row = stores.channels.get(channel, symbol, interval)
    return row.heard or None if row is not None else None
