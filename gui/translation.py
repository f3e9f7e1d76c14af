"""The language of the screen: a translation shipped with the program, chosen by setting or by the system's locale.

Orders, symbols and numbers are never translated. ``resources/translations/update.py`` makes the files.
"""

from __future__ import annotations

import logging
from pathlib import Path

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

log = logging.getLogger(__name__)

FOLDER = Path(__file__).resolve().parent.parent / "resources" / "translations"
SHIPPED = ("de",)
ENGLISH = "en"


def language_of(setting: str, wished: list[str] | None = None) -> str:
    """Return the language to use: the setting's, or the first of the system's that is shipped, else English."""
    if setting != "system":
        return setting if setting in SHIPPED else ENGLISH
    for name in wished if wished is not None else QLocale.system().uiLanguages():
        short = name.replace("_", "-").split("-")[0].lower()
        if short in (*SHIPPED, ENGLISH):
            return short
    return ENGLISH


def install(app: QApplication, setting: str) -> list[QTranslator]:
    """Translate what is built from now on. Returns what was installed, to be removed by tests."""
    language = language_of(setting)
    if language == ENGLISH:
        return []
    own = QTranslator(app)
    if not own.load(str(FOLDER / f"tidewire_{language}.qm")):
        log.warning("translation missing language=%s", language)
        return []
    installed = [own]
    qt = QTranslator(app)
    if qt.load(f"qtbase_{language}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        installed.insert(0, qt)
    for translator in installed:
        app.installTranslator(translator)
    return installed
