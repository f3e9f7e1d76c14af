"""Layouts with a name: open, save, forget. By keyboard or mouse."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QListWidget, QPushButton, QVBoxLayout, QWidget

from gui import formats
from gui.layouts import MAX_NAME, Layouts
from gui.widgets.plain_text import PlainLabel


class LayoutsDialog(QDialog):
    """Opened with ``open()``. Enter opens the chosen layout, or saves under the name that was typed."""

    def __init__(self, layouts: Layouts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("layouts_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Layouts"))
        self._layouts = layouts
        self.list = QListWidget(self)
        self.list.setAccessibleName(self.tr("Layouts with a name"))
        self.list.itemActivated.connect(lambda _: self.open_chosen())
        self.list.currentRowChanged.connect(lambda _: self._update())
        self.name = QLineEdit(self)
        self.name.setMaxLength(MAX_NAME)
        self.name.setAccessibleName(self.tr("Name of the present layout"))
        self.name.setPlaceholderText(self.tr("name of the present layout"))
        self.name.textChanged.connect(lambda _: self._update())
        self.problem = PlainLabel(self)
        self.problem.setProperty("role", "error")
        self.problem.hide()
        self.take = self._button(self.tr("&Open"), self.open_chosen)
        self.keep = self._button(self.tr("&Save"), self.save)
        self.drop = self._button(self.tr("&Forget"), self.forget)
        buttons = QHBoxLayout()
        for button in (self.take, self.keep, self.drop):
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        for widget in (self.list, self.name, self.problem):
            layout.addWidget(widget)
        layout.addLayout(buttons)
        self._fill()
        (self.list if self.list.count() else self.name).setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        entered = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if entered and not event.isAutoRepeat():
            self.save() if self.name.text().strip() else self.open_chosen()
        elif event.key() == Qt.Key.Key_Delete:
            self.forget()
        elif not entered:
            super().keyPressEvent(event)

    def open_chosen(self) -> None:
        """Put everything where the chosen layout has it."""
        name = self._chosen()
        if not name:
            return
        if self._layouts.open(name):
            self.accept()
        else:
            self._say(self.tr("%1 was made by another version and cannot be opened.").replace("%1", name))

    def save(self) -> None:
        """Keep the present layout under the name typed, else in place of the chosen one."""
        name = self.name.text().strip() or self._chosen()
        if not name:
            return
        try:
            self._layouts.save(name)
        except OSError as problem:
            self._say(self.tr("Not saved: %1").replace("%1", problem.strerror or str(problem)))
            return
        self.accept()

    def forget(self) -> None:
        """Remove the chosen layout."""
        try:
            self._layouts.remove(self._chosen())
        except OSError as problem:
            self._say(self.tr("Not removed: %1").replace("%1", problem.strerror or str(problem)))
        self._fill()

    def _button(self, text: str, act: object) -> QPushButton:
        button = QPushButton(text, self)
        button.setAutoDefault(False)
        button.clicked.connect(act)
        return button

    def _fill(self) -> None:
        self.list.clear()
        self.list.addItems([formats.plain(name) for name in self._layouts.names()])
        self.list.setCurrentRow(0 if self.list.count() else -1)
        self._update()

    def _chosen(self) -> str:
        names, row = self._layouts.names(), self.list.currentRow()
        return names[row] if 0 <= row < len(names) else ""

    def _update(self) -> None:
        chosen = bool(self._chosen())
        self.take.setEnabled(chosen)
        self.drop.setEnabled(chosen)
        self.keep.setEnabled(chosen or bool(self.name.text().strip()))

    def _say(self, text: str) -> None:
        self.problem.setText(formats.plain(text))
        self.problem.show()
