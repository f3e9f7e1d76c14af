"""Times whole frames: from a change on, through everything painted because of it, to the window's own picture."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPoint
from PySide6.QtWidgets import QApplication, QWidget

from tests.bench.measure import ROUNDS

FRAMES = 60


@dataclass(frozen=True, slots=True)
class Scene:
    """A widget on screen. ``prepare`` brings frame n about, untimed; ``show`` tells the widget, timed; ``painted`` is
    the widget that must have painted for each frame.
    """

    widget: QWidget
    painted: QWidget
    prepare: Callable[[int], object]
    show: Callable[[int], object]


class PaintCount(QObject):
    """Counts what reaches a widget's paint event."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.Paint
        return False


def application() -> QApplication:
    """The one application of this process."""
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    return app


def paired_frames(
    ours: Callable[[], Scene],
    reference: Callable[[], Scene],
    size: tuple[int, int],
    rounds: int = ROUNDS,
) -> list[tuple[float, float | None]]:
    """Return (ours, reference) in ms a frame of each round, alternately, on windows of one ``size`` in pixels."""
    scenes = []
    for make in (ours, reference):
        scene = make()
        scene.widget.resize(*size)
        scene.widget.move(QPoint(0, 0))
        scene.widget.show()
        settle()
        scenes.append((scene, PaintCount(scene.painted)))
    pairs: list[tuple[float, float | None]] = []
    for number in range(rounds + 1):
        order = (0, 1) if number % 2 else (1, 0)
        cost = {at: frame_ms(*scenes[at]) for at in order}
        if number:  # the first round warms up
            pairs.append((cost[0], cost[1]))
    for scene, _ in scenes:
        scene.widget.close()
        scene.widget.deleteLater()
    settle()
    return pairs


def frame_ms(scene: Scene, counted: PaintCount) -> float:
    """Return the milliseconds a frame takes; every one must have been painted."""
    spent, before = 0.0, counted.count
    for number in range(FRAMES):
        scene.prepare(number)
        started = time.perf_counter()
        scene.show(number)
        settle()
        spent += time.perf_counter() - started
    if counted.count - before < FRAMES:
        raise AssertionError(f"only {counted.count - before} of {FRAMES} frames were painted")
    return spent / FRAMES * 1000


def settle() -> None:
    """Run until nothing is left to lay out or to paint."""
    QApplication.sendPostedEvents()
    QApplication.processEvents()
