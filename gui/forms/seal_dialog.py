"""Seal one day of the journal into a file, or check such a file."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QDate, Qt
from PySide6.QtWidgets import (
    QDateEdit,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gui.widgets.plain_text import PlainLabel

Day = datetime.date


class SealDialog(QDialog):
    """Opened with ``open()``. ``seal`` is handed day and file when accepted, ``check`` a file to look at.

    ``name`` gives the file's name for a day; ``today`` is today in UTC, suggested is the day before.
    """

    def __init__(
        self,
        today: Day,
        name: Callable[[Day], Path],
        seal: Callable[[Day, Path], None],
        check: Callable[[Path], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("seal_dialog")
        self.setWindowTitle(self.tr("Seal a day of the journal"))
        self._name, self._seal, self._check = name, seal, check
        yesterday = today - datetime.timedelta(days=1)
        self.day = QDateEdit(_to_qt(yesterday), self)
        self.day.setMaximumDate(_to_qt(today))
        self.day.setCalendarPopup(True)
        self.day.setDisplayFormat("yyyy-MM-dd")
        self.day.setAccessibleName(self.tr("Day, UTC"))
        self.file = QLineEdit(str(name(yesterday)), self)
        self.file.setAccessibleName(self.tr("File"))
        self.file.setMinimumWidth(420)
        self.day.dateChanged.connect(self._day_changed)
        self.file.textChanged.connect(lambda text: self._ok().setEnabled(bool(text.strip())))
        self.buttons = self._make_buttons()
        self._lay_out()

    def accept(self) -> None:
        self._seal(self._chosen(), Path(self.file.text()).expanduser())
        super().accept()

    def _chosen(self) -> Day:
        chosen = self.day.date()
        return Day(chosen.year(), chosen.month(), chosen.day())

    def _day_changed(self) -> None:
        folder = Path(self.file.text()).parent
        self.file.setText(str(folder / self._name(self._chosen()).name))

    def _make_buttons(self) -> QDialogButtonBox:
        kinds = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(kinds.Save | kinds.Cancel, self)
        self.check = buttons.addButton(self.tr("Check a file…"), QDialogButtonBox.ButtonRole.ActionRole)
        self.check.clicked.connect(self._ask_what_to_check)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        return buttons

    def _lay_out(self) -> None:
        choose = QPushButton(self.tr("Choose…"), self)
        choose.clicked.connect(self._choose)
        row = QHBoxLayout()
        row.addWidget(self.file, 1)
        row.addWidget(choose)
        form = QFormLayout()
        form.addRow(self.tr("Day, UTC"), self.day)
        form.addRow(self.tr("File"), row)
        note = PlainLabel(
            self.tr(
                "Every intent, report, fill, balance change, connection event and denial of the day. Any later "
                "change to the file is found. Keep the final hash somewhere else."
            ),
            self,
        )
        note.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(note)
        layout.addWidget(self.buttons)

    def _ok(self) -> QPushButton:
        return self.buttons.button(QDialogButtonBox.StandardButton.Save)

    def _choose(self) -> None:
        dialog = self._file_dialog(self.tr("Seal a day of the journal"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.fileSelected.connect(self.file.setText)
        dialog.open()

    def _ask_what_to_check(self) -> None:
        dialog = self._file_dialog(self.tr("Check a sealed day"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda file: self._check(Path(file)))
        dialog.open()

    def _file_dialog(self, title: str) -> QFileDialog:
        dialog = QFileDialog(self, title, self.file.text(), self.tr("Sealed days (*.sealed)"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return dialog


def _to_qt(day: Day) -> QDate:
    return QDate(day.year, day.month, day.day)
