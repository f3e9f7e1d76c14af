"""A pointer for tests that run inside a task.

``QTest.mouseMove`` runs a nested event loop, which steps other tasks while ours is running: asyncio forbids that and
leaves them hanging.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

NO_BUTTON, LEFT = Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton


def move(widget: QWidget, where: QPoint, button: Qt.MouseButton = NO_BUTTON) -> None:
    """Move to a place on a widget, with a button held down or none."""
    at, on_screen = QPointF(where), QPointF(widget.mapToGlobal(where))
    modifiers = Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(
        widget, QMouseEvent(QEvent.Type.MouseMove, at, on_screen, NO_BUTTON, button, modifiers)
    )


def drag(widget: QWidget, start: QPoint, end: QPoint, steps: int = 4) -> None:
    """Press and move, without letting go."""
    move(widget, start)
    QTest.mousePress(widget, LEFT, pos=start)
    for part in range(1, steps + 1):
        move(widget, start + (end - start) * part / steps, LEFT)
