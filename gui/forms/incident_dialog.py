"""Save what happened lately into one file that can be handed on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
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

MINUTES = (5, 15, 60, 240)


class IncidentDialog(QDialog):
    """Opened with ``open()``. ``save`` is handed file, minutes and whether to mask ids when accepted."""

    def __init__(
        self,
        suggested: Path,
        words: str,
        save: Callable[[Path, int, bool], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("incident_dialog")
        self.setWindowTitle(self.tr("Save incident"))
        self._save = save
        self.minutes = QComboBox(self)
        self.minutes.setAccessibleName(self.tr("How far back"))
        for minutes in MINUTES:
            self.minutes.addItem(self.tr("the last %1 minutes").replace("%1", str(minutes)), minutes)
        self.minutes.setCurrentIndex(1)
        self.file = QLineEdit(str(suggested), self)
        self.file.setAccessibleName(self.tr("File"))
        self.file.setMinimumWidth(420)
        choose = QPushButton(self.tr("Choose…"), self)
        choose.clicked.connect(self._choose)
        row = QHBoxLayout()
        row.addWidget(self.file, 1)
        row.addWidget(choose)
        self.mask_ids = QCheckBox(self.tr("Mask the ids of orders, trades and the account"), self)
        note = PlainLabel(
            self.tr("Recording, log, orders, fills and events. Keys and tokens are not in it."), self
        )
        state = PlainLabel(words, self)
        state.setTextFormat(Qt.TextFormat.PlainText)
        kinds = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(kinds.Save | kinds.Cancel, self)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        form = QFormLayout()
        form.addRow(self.tr("Time"), self.minutes)
        form.addRow(self.tr("File"), row)
        form.addRow("", self.mask_ids)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(note)
        layout.addWidget(state)
        layout.addWidget(self.buttons)
        self.file.textChanged.connect(lambda text: self._ok().setEnabled(bool(text.strip())))

    def accept(self) -> None:
        self._save(Path(self.file.text()).expanduser(), self.minutes.currentData(), self.mask_ids.isChecked())
        super().accept()

    def _ok(self) -> QPushButton:
        return self.buttons.button(QDialogButtonBox.StandardButton.Save)

    def _choose(self) -> None:
        dialog = QFileDialog(self, self.tr("Save incident"), self.file.text(), self.tr("Incidents (*.zip)"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.fileSelected.connect(self.file.setText)
        dialog.open()
