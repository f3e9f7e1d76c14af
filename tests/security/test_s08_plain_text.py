"""S8: text from outside is shown, never obeyed: no markup, no pictures, no links."""

import ast
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QLabel, QMenu, QMessageBox, QTextBrowser, QTextEdit, QWidget

import dev
from core.app.ticket import FieldError
from gui.forms.live_dialog import LiveDialog
from gui.forms.quit_dialog import QuitDialog
from gui.menus import show_about, show_keys
from gui.widgets.plain_text import PlainLabel, tip
from tests.helpers.desk import open_desk
from tests.helpers.waiting import eventually

pytestmark = pytest.mark.qt

MARKUP = '<a href="https://evil.example">free money</a><img src="file:///etc/hostname"><b>x'
# The form's links fill a field with the nearest valid value; what it shows of the texts is escaped.
ITS_PLACE = {Path("gui/widgets/plain_text.py"), Path("gui/forms/order_form.py")}


def form_labels(root: QWidget) -> set[QLabel]:
    """The fixed words beside the fields of a form."""
    found = set()
    for form in root.findChildren(QFormLayout):
        for row in range(form.rowCount()):
            item = form.itemAt(row, QFormLayout.ItemRole.LabelRole)
            if item is not None and isinstance(item.widget(), QLabel):
                found.add(item.widget())
    return found


def obeys_markup(root: QWidget, allowed: set[QLabel]) -> list[str]:
    """Name every widget below that would take a text for markup."""
    fixed = form_labels(root)
    icons = {"qt_msgboxex_icon_label"}
    found = [
        f"{type(label.parent()).__name__} {label.objectName()} {label.text()!r}"
        for label in root.findChildren(QLabel)
        if label.textFormat() is not Qt.TextFormat.PlainText
        and label not in fixed | allowed
        and not isinstance(label.window(), QMenu)  # the fixed words of a library's own menus
        and label.objectName() not in icons
    ]
    found += [
        f"{type(editor).__name__}" for editor in root.findChildren(QTextEdit) if editor.acceptRichText()
    ]
    found += [type(browser).__name__ for browser in root.findChildren(QTextBrowser)]
    found += [
        f"{type(box).__name__} {box.objectName()}"
        for box in root.findChildren(QMessageBox)
        if box.textFormat() is not Qt.TextFormat.PlainText
    ]
    found += [
        f"{type(widget).__name__} tooltip {widget.toolTip()!r}"
        for widget in root.findChildren(QWidget)
        if "<" in widget.toolTip() and not widget.toolTip().startswith("<qt>")
    ]
    return found


async def test_s08_no_widget_of_the_window_and_its_dialogs_obeys_markup(qtbot):
    async with open_desk() as desk:
        await desk.ready()
        window = desk.window
        show_about(window)
        show_keys(window)
        QuitDialog([], lambda: None, lambda: None, window).open()
        LiveDialog(window.live._guard, window).open()

        await eventually(lambda: window.panels_without_data() == [], timeout_s=15)

        assert obeys_markup(window, {window.ticket.errors}) == []
        assert len(window.findChildren(QLabel)) > 20


async def test_s08_a_hostile_reason_is_shown_as_it_is_in_note_and_errors(qtbot):
    async with open_desk() as desk:
        await desk.ready()
        window = desk.window

        window.toast.tell(MARKUP)
        window.ticket._show_errors([FieldError("qty", MARKUP)])

        assert "free money</a>" in window.toast.text()
        assert "<img" not in window.ticket.errors.text()
        assert "&lt;a href" in window.ticket.errors.text()


def test_s08_the_label_of_the_house_does_not_guess(qtbot):
    label = PlainLabel(MARKUP)
    qtbot.addWidget(label)

    assert label.textFormat() is Qt.TextFormat.PlainText
    assert label.text() == MARKUP


def test_s08_a_tooltip_shows_markup_instead_of_obeying_it():
    assert tip("plain & simple") == "plain & simple"
    assert "<img" not in tip(MARKUP)
    assert "&lt;img" in tip(MARKUP)


def test_s08_labels_are_made_in_one_place():
    found = []
    for path in sorted((dev.ROOT / "gui").rglob("*.py")):
        if path.relative_to(dev.ROOT) in ITS_PLACE:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "QLabel":
                found.append(f"{path.relative_to(dev.ROOT)}:{node.lineno}: use PlainLabel")

    assert found == []


def test_s08_the_only_links_that_open_are_folders_of_ours():
    opened = []
    for path in sorted((dev.ROOT / "gui").rglob("*.py")):
        opened += [line.strip() for line in path.read_text().splitlines() if "openUrl(" in line]
        assert "setOpenExternalLinks(True)" not in path.read_text()

    assert all("fromLocalFile" in line for line in opened)
