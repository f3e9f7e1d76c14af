"""Line 0 and the lights: whether it is safe to trade, why not, since when, and true figures beside it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from core.app.session import TradingSession
from core.domain.health import ConnectionState, Line
from core.processing.freshness import line_freshness
from core.processing.health_store import HealthLevel
from gui import formats
from gui.theme import active, figure_font, ui_font
from gui.widgets.live_text import LiveText
from gui.widgets.plain_text import PlainLabel, tip
from gui.widgets.status_light import Shade, StatusLight

MIB = 1 << 20
LEVEL_BACKS = {
    HealthLevel.SAFE: "good_back",
    HealthLevel.DEGRADED: "warning_back",
    HealthLevel.REDUCE_ONLY: "warning_back",
    HealthLevel.BLIND: "danger_back",
}
"""Names of the theme's colours behind the word, which is written in ``on_fill``."""

LEVEL_MARKS = {
    HealthLevel.SAFE: "●",
    HealthLevel.DEGRADED: "▲",
    HealthLevel.REDUCE_ONLY: "▽",
    HealthLevel.BLIND: "×",
}


FIGURES_SAMPLE = (
    "12345 msg/s  rtt 123.4 ms  clock +12.3±12.3 ms  frame 12.3 ms  queue 1234/10000  cpu 12%  1234 MB"
)


class HealthBar(QWidget):
    """One line, always on screen. Every figure is read from the stores; none is drawn before it was measured.

    ``clicked`` asks for the dashboard.
    """

    clicked = Signal()

    def __init__(self, session: TradingSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setObjectName("health_bar")
        self.setAccessibleName(self.tr("Health"))
        self.level = PlainLabel(self)
        self.level.setFont(ui_font(bold=True))
        self.cause = LiveText(ui_font(), parent=self)
        self.lights = {
            Line.PUBLIC: StatusLight(self.tr("Market"), self),
            Line.PRIVATE: StatusLight(self.tr("Account"), self),
        }
        self.rest = StatusLight(self.tr("REST"), self)
        self.figures = LiveText(figure_font(0.92), FIGURES_SAMPLE, self)
        self.figures.setAccessibleName(self.tr("Figures"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 8, 0)
        layout.setSpacing(10)
        layout.addWidget(self.level)
        layout.addWidget(self.cause, 1)
        for light in (*self.lights.values(), self.rest):
            layout.addWidget(light)
        layout.addWidget(self.figures)
        self.refresh()  # its height must not change under the panels later

    def refresh(self) -> None:
        """Read everything anew; called four times a second."""
        now = self._session.clock.mono_ns()
        self._show_level(now)
        for line, light in self.lights.items():
            self._show_line(line, light, now)
        self._show_rest()
        self._show_figures()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if event.button() is Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.clicked.emit()

    def restyle(self) -> None:
        """Take the colours of the theme that is active now."""
        for light in (*self.lights.values(), self.rest):
            light.restyle()
        self.refresh()

    def _show_level(self, now: int) -> None:
        shown = self._session.stores.health.shown
        theme = active()
        back = theme.colour(LEVEL_BACKS[shown.level]).name()
        word = f"{LEVEL_MARKS[shown.level]} {shown.level.value}"
        if self.level.text() != word:
            self.level.setText(word)
        style = f"background: {back}; color: {theme.on_fill}; padding: 2px 10px;"
        if self.level.styleSheet() != style:
            self.level.setStyleSheet(style)
        since = self.tr("for %1").replace("%1", formats.duration(now - shown.since))
        text = _joined(shown.cause, shown.action, since)
        # What is wrong and since when come before what is done about it, which the hint tells.
        self.cause.show_text(text, _joined(shown.cause, since), formats.plain(shown.cause))
        self.cause.setToolTip(tip(text))
        self.setAccessibleDescription(f"{shown.level.value}: {shown.cause}")

    def _show_line(self, line: Line, light: StatusLight, now: int) -> None:
        health = self._session.stores.health
        status = health.market() if line.is_public else health.account()
        if status is None:
            light.show_state(Shade.OFF, self.tr("not started"))
            return
        fresh = line_freshness(status, now)
        age = formats.age(now - status.last_frame) if status.last_frame else formats.MISSING
        words = f"{status.state.value}, {fresh.value}, last frame {age}"
        if status.rtt_ns:
            words += f", round trip {formats.millis(status.rtt_ns)}"
        if status.state is ConnectionState.LIVE and fresh == "live":
            light.show_state(Shade.GOOD, words)
        elif status.state in (ConnectionState.BACKOFF, ConnectionState.CLOSED):
            light.show_state(Shade.BAD, f"{words} {status.reason}".strip())
        else:
            light.show_state(Shade.WARN, words)

    def _show_rest(self) -> None:
        word = self._session.stores.health.rest
        shade = {"ok": Shade.GOOD, "down": Shade.BAD, "limited": Shade.WARN}.get(word, Shade.OFF)
        self.rest.show_state(shade, word)

    def _show_figures(self) -> None:
        performance = self._session.stores.performance
        parts = [f"{performance.messages_per_s:5.0f} msg/s"]
        if performance.ws_rtt.count:
            parts.append(f"rtt {formats.millis(performance.ws_rtt.percentile(50))}")
        if performance.clock_offset_ns is not None and performance.clock_uncertainty_ns is not None:
            offset = performance.clock_offset_ns / 1e6
            parts.append(f"clock {offset:+.1f}±{performance.clock_uncertainty_ns / 1e6:.1f} ms")
        if performance.frame_cost.count:
            parts.append(f"frame {formats.millis(performance.frame_cost.percentile(99))}")
        parts.append(f"queue {performance.queue_size}/10000")
        parts.append(f"cpu {performance.cpu_percent:.0f}%")
        parts.append(f"{performance.rss_bytes // MIB} MB")
        self.figures.show_text("  ".join(parts))


def _joined(*parts: str) -> str:
    return "  ·  ".join(formats.plain(part) for part in parts if part)
