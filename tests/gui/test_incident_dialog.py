"""Saving an incident from the menu."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QDialogButtonBox

from gui.forms.incident_dialog import IncidentDialog
from tests.helpers.waiting import eventually


class RememberingSaver:
    """Writes nothing; remembers what was asked."""

    words = "recording, 1.2 MB"

    def __init__(self) -> None:
        self.saved: list[tuple[Path, int, bool]] = []

    def suggested_name(self) -> str:
        return "incident.zip"

    async def save(self, out: Path, minutes: int, *, mask_ids: bool) -> int:
        self.saved.append((out, minutes, mask_ids))
        return 1_200_000


async def test_the_menu_saves_the_chosen_minutes_to_the_chosen_file_and_says_so(window, tmp_path):
    saver = window.incidents = RememberingSaver()
    window.save_incident()
    dialog = window.findChild(IncidentDialog)
    dialog.minutes.setCurrentIndex(2)
    dialog.file.setText(str(tmp_path / "mine.zip"))

    dialog.buttons.button(QDialogButtonBox.StandardButton.Save).click()

    await eventually(lambda: saver.saved == [(tmp_path / "mine.zip", 60, False)])
    await eventually(lambda: "mine.zip (1.2 MB)" in window.toast.text())


async def test_ids_are_masked_when_asked_for(window, tmp_path):
    saver = window.incidents = RememberingSaver()
    window.save_incident()
    dialog = window.findChild(IncidentDialog)
    dialog.file.setText(str(tmp_path / "mine.zip"))

    dialog.mask_ids.click()
    dialog.accept()

    await eventually(lambda: [masked for _, _, masked in saver.saved] == [True])


async def test_without_a_file_name_nothing_can_be_saved(window):
    window.incidents = RememberingSaver()
    window.save_incident()
    dialog = window.findChild(IncidentDialog)

    dialog.file.setText("  ")

    assert not dialog.buttons.button(QDialogButtonBox.StandardButton.Save).isEnabled()
    dialog.reject()


async def test_a_window_without_a_recorder_says_that_there_is_nothing_to_save(window):
    window.save_incident()

    assert window.findChild(IncidentDialog) is None
    assert "nothing to save" in window.toast.text()
