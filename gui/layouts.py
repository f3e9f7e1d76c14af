"""Layouts the user gave a name: each is a file of its own, written and taken back whole."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote, unquote

from gui.layout import Docks

MAX_NAME = 40
SUFFIX = ".ini"


class Layouts:
    """Named layouts of one window."""

    def __init__(self, docks: Docks, folder: Path) -> None:
        self._docks = docks
        self._folder = folder

    def names(self) -> list[str]:
        """Return the names, sorted as people sort."""
        found = [unquote(file.stem) for file in self._folder.glob(f"*{SUFFIX}")]
        return sorted(found, key=str.casefold)

    def save(self, name: str) -> None:
        """Keep the present layout under a name, in place of one that had it. OSError when it cannot be written."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._docks.save(self._file(name))

    def open(self, name: str) -> bool:
        """Put everything where it was when this name was given. Returns whether such a layout could be read."""
        return self._file(name).exists() and self._docks.restore(self._file(name))

    def remove(self, name: str) -> None:
        """Forget a layout. OSError when its file cannot be removed."""
        self._file(name).unlink(missing_ok=True)

    def _file(self, name: str) -> Path:
        return self._folder / (quote(name.strip()[:MAX_NAME], safe=" ").replace(".", "%2E") + SUFFIX)
