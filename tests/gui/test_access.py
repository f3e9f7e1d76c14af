"""What screen readers need: a name on every control. Contrast is measured with the themes."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QTabBar,
    QWidget,
)

from gui.forms.layouts_dialog import LayoutsDialog
from gui.forms.preferences_dialog import PreferencesDialog
from gui.forms.scaled_dialog import ScaledDialog
from gui.handlers import open_palette

NEVER_SHOWN = ("decimateGroup", "averageGroup")
"""Of the plot library's own menu, which is switched off."""

CONTROLS = (QAbstractButton, QAbstractItemView, QAbstractSpinBox, QComboBox, QLineEdit, QTabBar)


def nameless(root: QWidget) -> list[str]:
    """Controls that can be used and have neither an accessible name nor a text of their own."""
    found = []
    for control in root.findChildren(QWidget):
        inner = is_part(control)
        if not isinstance(control, CONTROLS) or inner or control.focusPolicy() == Qt.FocusPolicy.NoFocus:
            continue
        text = control.text() if isinstance(control, QAbstractButton) else ""
        if not (control.accessibleName() or any(char.isalpha() for char in text)):
            found.append(f"{type(control).__name__} {control.objectName()!r} in {control.parentWidget()}")
    return found


def is_part(control: QWidget) -> bool:
    """Whether Qt made it as a part of another control: the list of a combo box, the field of a spin box."""
    owner = control.parentWidget()
    while owner is not None:
        if isinstance(owner, (QComboBox, QAbstractSpinBox, QAbstractItemView)):
            return True
        if owner.objectName() in NEVER_SHOWN:
            return True
        owner = owner.parentWidget()
    return control.objectName().startswith("qt_")


async def test_every_control_of_the_window_has_a_name(window):
    assert nameless(window) == []


async def test_every_control_of_the_dialogs_has_a_name(window):
    window.open_scaled()
    window.open_preferences()
    window.open_layouts()
    open_palette(window)

    for kind in (ScaledDialog, PreferencesDialog, LayoutsDialog):
        dialog = window.findChild(kind)
        assert nameless(dialog) == []
        dialog.reject()
    window.findChild(QWidget, "palette").reject()


async def test_panels_canvases_and_line_0_are_named_for_screen_readers(window):
    assert all(panel.accessibleName() for panel in window.panels)
    assert window.ladder.canvas.accessibleName()
    assert window.health.accessibleName() or window.health.findChildren(QWidget)[0].accessibleName()
