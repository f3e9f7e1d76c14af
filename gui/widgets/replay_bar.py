"""The bar of a replay: where in the recording the window stands, and how it moves."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, QTimer
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QSlider, QToolBar, QWidget

from core.app.replay_session import SPEEDS, ReplaySession
from core.runtime.clock import NS_PER_MS, NS_PER_S
from gui import formats
from gui.theme import active, figure_font, ui_font
from gui.widgets.live_text import LiveText
from gui.widgets.plain_text import PlainLabel

REFRESH_MS = 100
STEP_NS = 10 * NS_PER_S
ASKED_SHOWN_NS = 5 * NS_PER_S
TIME_SAMPLE = "2026-12-31 23:59:59.999 CEST  00:00:00 of 00:00:00"


class ReplayBar(QToolBar):
    """Play, pause, speed, steps and a slider over the whole recording. What the user then asked for stands beside."""

    def __init__(self, session: ReplaySession, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self.setObjectName("replay_bar")
        self.setWindowTitle(self.tr("Replay"))
        self.setMovable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.word = PlainLabel(self.tr("REPLAY"), self)
        self.word.setFont(ui_font(bold=True))
        self.play = QPushButton(self)
        self.play.setMinimumWidth(72)
        self.play.clicked.connect(self._toggle)
        self.speed = QComboBox(self)
        self.speed.setAccessibleName(self.tr("Speed of the replay"))
        for speed in SPEEDS:
            self.speed.addItem(f"{speed}×", speed)
        self.speed.currentIndexChanged.connect(self._choose_speed)
        self.back, self.ahead = QPushButton(self.tr("−10 s"), self), QPushButton(self.tr("+10 s"), self)
        self.back.clicked.connect(lambda: self._step(-STEP_NS))
        self.ahead.clicked.connect(lambda: self._step(STEP_NS))
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setAccessibleName(self.tr("Moment of the recording"))
        player = session.player
        self.slider.setRange(0, max(1, (player.end_ns - player.start_ns) // NS_PER_MS))
        self.slider.setPageStep(STEP_NS // NS_PER_MS)
        self.slider.setSingleStep(NS_PER_S // NS_PER_MS)
        self.slider.valueChanged.connect(self._jump)
        self.time = LiveText(figure_font(), TIME_SAMPLE, self)
        self.asked = LiveText(ui_font(), parent=self)
        self._arrange()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.refresh)
        self._timer.start(REFRESH_MS)
        self.refresh()

    def stop(self) -> None:
        """Refresh no longer."""
        self._timer.stop()

    def refresh(self) -> None:
        """Show where the replay stands."""
        session, player = self._session, self._session.player
        self.play.setText(self.tr("Pause") if session.playing else self.tr("Play"))
        if not self.slider.isSliderDown() and session.wish is None:
            with QSignalBlocker(self.slider):
                self.slider.setValue((player.position_ns - player.start_ns) // NS_PER_MS)
        passed, whole = player.position_ns - player.start_ns, player.end_ns - player.start_ns
        stamp = formats.moment(session.clock.wall_ns())
        self.time.show_text(f"{stamp}  {_clock(passed)} of {_clock(whole)}")
        self.asked.show_text(self._lately_asked())

    def restyle(self) -> None:
        """Take the colours of the theme that is active now."""
        theme = active()
        self.word.setStyleSheet(f"background: {theme.replay}; color: {theme.on_fill}; padding: 3px 12px;")

    def _arrange(self) -> None:
        content = QWidget(self)
        layout = QHBoxLayout(content)
        layout.setContentsMargins(0, 2, 8, 2)
        layout.setSpacing(6)
        for widget in (self.word, self.play, self.speed, self.back, self.ahead):
            layout.addWidget(widget)
        layout.addWidget(self.slider, 3)
        layout.addWidget(self.time)
        layout.addWidget(self.asked, 1)
        self.addWidget(content)
        self.restyle()

    def _toggle(self) -> None:
        session = self._session
        if not session.playing and session.player.position_ns >= session.player.end_ns:
            session.jump(session.player.start_ns)
        session.playing = not session.playing
        self.refresh()

    def _choose_speed(self) -> None:
        self._session.speed = self.speed.currentData()

    def _step(self, step_ns: int) -> None:
        session = self._session
        session.jump((session.wish or session.player.position_ns) + step_ns)

    def _jump(self, value: int) -> None:
        self._session.jump(self._session.player.start_ns + value * NS_PER_MS)

    def _lately_asked(self) -> str:
        session = self._session
        if session.failure:
            return formats.plain(session.failure)
        now = session.player.position_ns
        texts = [one.text for one in session.player.asked if 0 <= now - one.mono <= ASKED_SHOWN_NS]
        return self.tr("user: %1").replace("%1", formats.plain(texts[-1])) if texts else ""


def _clock(ns: int) -> str:
    seconds = max(0, ns) // NS_PER_S
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
