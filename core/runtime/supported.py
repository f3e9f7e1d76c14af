"""Which pairs of Python and Qt this program runs on. Standard library only; imported before Qt."""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, version

OLDEST, BELOW = (3, 11), (3, 14)
SAFE_FROM = (3, 12)
DEADLY_QT, NEXT_QT = (6, 12), (6, 13)
"""PySide6 6.12 loses a reference to None in every overridden method; Python before 3.12 dies of it within seconds."""


def pair_problem(python: tuple[int, ...], qt: str) -> str:
    """Return why this pair cannot run the program, empty when it can. ``qt`` is PySide6's version, empty for none."""
    name = ".".join(map(str, python[:3]))
    if not OLDEST <= python[:2] < BELOW:
        return f"Python 3.{OLDEST[1]} to 3.{BELOW[1] - 1} is needed; this is {name}."
    if not qt:
        return "PySide6 is not installed; `python3 dev.py run` installs what is needed."
    if DEADLY_QT <= tuple(map(int, qt.split(".")[:2])) < NEXT_QT and python[:2] < SAFE_FROM:
        return f"PySide6 {qt} crashes on Python {name}: use PySide6 6.11.3, or Python 3.12."
    return ""


def qt_version() -> str:
    """Return the version of PySide6 that is installed, empty for none. Does not import it."""
    try:
        return version("PySide6-Essentials")
    except PackageNotFoundError:
        return ""


def problem_here() -> str:
    """Return why the program cannot run here, empty when it can."""
    return pair_problem(tuple(sys.version_info[:3]), qt_version())
