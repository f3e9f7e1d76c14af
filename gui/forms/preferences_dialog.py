"""Preferences: found by typing, checked and applied at once, taken along in a file."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from core.domain.errors import SettingsError
from core.runtime.settings import export_settings, import_settings
from gui import formats
from gui.choices import Choices
from gui.forms.preference_rows import ROWS, Row, keys_of, text_of, without_defaults
from gui.keymap import BY_NAME, COMMANDS, Keymap, problem, title_of
from gui.theme import figure_font
from gui.widgets.plain_text import PlainLabel, tip

FILE_NAME = "tidewire-settings.json"


class PreferencesDialog(QDialog):
    """Shown with ``show()``. A value that does not fit is told beside its field and changes nothing."""

    def __init__(self, choices: Choices, keymap: Keymap, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("preferences")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Preferences"))
        self._choices = choices
        self._keymap = keymap
        self.fields: dict[str, QLineEdit | QComboBox] = {}
        self._lines: list[tuple[str, tuple[QWidget, ...]]] = []
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(self.tr("Find a setting or a key"))
        self.search.setAccessibleName(self.tr("Find a setting or a key"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._narrow)
        self.told = PlainLabel(self)
        self.told.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.addWidget(self.search)
        layout.addWidget(self._build_area(), 1)
        layout.addWidget(self.told)
        layout.addLayout(self._buttons())
        self._show_all()
        choices.chosen.connect(self._show_all)
        self.resize(760, 560)
        self.search.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Enter ends the editing of a field; it must not press a button.
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)

    def export_to(self, file: str) -> None:
        """Write the settings into a file."""
        if file and self._attempt(lambda: export_settings(self._choices.settings, Path(file))):
            self._say(self.tr("Exported to %1").replace("%1", file), wrong=False)

    def import_from(self, file: str) -> None:
        """Take the settings over from a file; one that does not fit changes nothing."""
        if file and self._attempt(lambda: self._choices.set(**import_settings(Path(file)))):
            self._say(self.tr("Imported from %1").replace("%1", file), wrong=False)

    # Building.

    def _build_area(self) -> QScrollArea:
        body = QWidget(self)
        grid = QGridLayout(body)
        grid.setColumnStretch(1, 3)
        grid.setColumnStretch(2, 2)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(3)
        for row in ROWS:
            title, hint = _tr(row.title), _tr(row.hint) if row.hint else ""
            self._add_line(grid, title, self._field(row, title), hint, f"{row.field} {' '.join(row.choices)}")
        for command in COMMANDS:
            field = QLineEdit(body)
            field.setFont(figure_font())
            field.editingFinished.connect(partial(self._take_keys, command.name))
            self.fields[f"keys.{command.name}"] = field
            title = self.tr("Key: %1").replace("%1", title_of(command))
            field.setAccessibleName(title)
            usual = " ".join(command.keys) or self.tr("none")
            self._add_line(grid, title, field, self.tr("usually %1").replace("%1", usual), command.name)
        grid.setRowStretch(len(self._lines), 1)
        area = QScrollArea(self)
        area.setWidget(body)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return area

    def _add_line(self, grid: QGridLayout, title: str, field: QWidget, hint: str, more: str) -> None:
        at, name, words = len(self._lines), PlainLabel(title, self), PlainLabel(hint, self)
        name.setBuddy(field)
        words.setProperty("role", "muted")
        words.setWordWrap(True)
        for column, widget in enumerate((name, field, words)):
            grid.addWidget(widget, at, column)
        self._lines.append((f"{title} {hint} {more}".lower(), (name, field, words)))

    def _field(self, row: Row, title: str) -> QLineEdit | QComboBox:
        field: QLineEdit | QComboBox
        if row.choices:
            field = QComboBox(self)
            field.addItems(row.choices)
            field.activated.connect(partial(self._take, row))
        else:
            field = QLineEdit(self)
            field.editingFinished.connect(partial(self._take, row))
            # A list can be longer than the field: the hint shows the whole.
            field.textChanged.connect(lambda text: field.setToolTip(tip(text)))
        field.setAccessibleName(title)
        self.fields[row.field] = field
        return field

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        acts = (
            (self.tr("&Export…"), self._ask_export),
            (self.tr("&Import…"), self._ask_import),
            (self.tr("&Usual keys"), self._usual_keys),
        )
        for text, act in acts:
            button = QPushButton(text, self)
            button.setAutoDefault(False)
            button.clicked.connect(act)
            row.addWidget(button)
        row.addStretch(1)
        close = QPushButton(self.tr("&Close"), self)
        close.setAutoDefault(False)
        close.clicked.connect(self.accept)
        row.addWidget(close)
        return row

    # Reacting.

    def _narrow(self) -> None:
        wanted = self.search.text().lower().split()
        for text, widgets in self._lines:
            for widget in widgets:
                widget.setVisible(all(word in text for word in wanted))

    def _show_all(self) -> None:
        settings = self._choices.settings
        for row in ROWS:
            self._show(row.field, text_of(row, settings))
        for command in COMMANDS:
            self._show(f"keys.{command.name}", " ".join(self._keymap.keys(command.name)))

    def _show(self, name: str, text: str) -> None:
        field = self.fields[name]
        if isinstance(field, QComboBox):
            field.setCurrentText(text)
        elif not field.hasFocus() or field.property("invalid") is not True:
            field.setText(text)
            field.setCursorPosition(0)

    def _take(self, row: Row, _: int = 0) -> None:
        field = self.fields[row.field]
        text = field.currentText() if isinstance(field, QComboBox) else field.text().strip()
        if text == text_of(row, self._choices.settings):
            self._mark(field, False)
            return
        try:
            value = row.read(text)
        except ValueError:
            self._mark(field, True)
            hint = _tr(row.hint)
            self._say(f"{_tr(row.title)}: {text} · {hint}")
            return
        self._mark(field, not self._attempt(lambda: self._choices.set(**{row.field: value})))

    def _take_keys(self, name: str) -> None:
        field = self.fields[f"keys.{name}"]
        assert isinstance(field, QLineEdit)
        wanted = keys_of(field.text())
        if wanted == self._keymap.keys(name):
            self._mark(field, False)
            return
        bound = self._keymap.bound
        told = next((why for key in wanted if (why := problem(bound, name, key))), "")
        self._mark(field, bool(told))
        if told:
            self._say(told)
            return
        self._bind({**bound, name: wanted})

    def _usual_keys(self) -> None:
        self._bind({})

    def _bind(self, bound: dict[str, tuple[str, ...]]) -> None:
        kept = {name: keys for name, keys in bound.items() if keys != BY_NAME[name].keys}
        self._attempt(lambda: self._choices.set(keys=without_defaults(kept)))
        self._show_all()

    def _ask_export(self) -> None:
        dialog = self._file_dialog(self.tr("Export settings"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile(FILE_NAME)
        dialog.fileSelected.connect(self.export_to)
        dialog.open()

    def _ask_import(self) -> None:
        dialog = self._file_dialog(self.tr("Import settings"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.import_from)
        dialog.open()

    def _file_dialog(self, title: str) -> QFileDialog:
        dialog = QFileDialog(self, title, str(Path.home()), "JSON (*.json)")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return dialog

    def _attempt(self, act: Callable[[], None]) -> bool:
        try:
            act()
        except SettingsError as failure:
            self._say(failure.user_message)
            return False
        self._say("")
        return True

    def _say(self, text: str, *, wrong: bool = True) -> None:
        self.told.setText(formats.plain(text))
        self.told.setProperty("role", "error" if wrong else "muted")
        self.told.style().polish(self.told)

    def _mark(self, field: QWidget, invalid: bool) -> None:
        if bool(field.property("invalid")) != invalid:
            field.setProperty("invalid", invalid)
            field.style().polish(field)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Preferences", text)
