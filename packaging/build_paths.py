"""Names and places every step of packaging agrees on. Standard library only."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "build" / "package"
WORK = Path(os.environ.get("TIDEWIRE_PACKAGE_WORK", OUT / "work"))
"""Where one build keeps what lies between source and package; another for each of two builds to be compared."""

APP_ID = "io.github.tidewire.Tidewire"
"""The name under which desktops know the program: desktop entry, AppStream, icon, bundle."""

EARLIEST_EPOCH = 315_532_800
"""1980-01-01: the first moment a zip archive can hold; used where neither git nor the caller names a date."""

HARMLESS_PREFIXES = ("/usr", "/usr/local")
NEUTRAL_PREFIX = "/usr/lib/tidewire"
"""Ours alone: a library looked for below it is never found in a strange version."""


def version() -> str:
    """Return the program's version from the one place that knows it."""
    text = (ROOT / "core" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "(.+)"$', text, re.MULTILINE)
    assert found, "core/__init__.py holds the version"
    return found[1]


def epoch() -> int:
    """Return the date of everything in a package, seconds UTC: SOURCE_DATE_EPOCH, else the last commit's."""
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        return int(given)
    command = ["git", "-C", str(ROOT), "log", "-1", "--format=%ct"]
    try:
        told = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return EARLIEST_EPOCH
    return int(told.stdout) if told.returncode == 0 and told.stdout.strip() else EARLIEST_EPOCH


def neutral_text(text: str) -> str:
    """Return a text without the folder this Python was installed in."""
    prefix = sys.base_prefix
    return text if prefix in HARMLESS_PREFIXES else text.replace(prefix, NEUTRAL_PREFIX)


def neutral_bytes(data: bytes) -> bytes:
    """The same for a library: the new folder has the same length, filled up with slashes, which paths ignore."""
    if sys.base_prefix in HARMLESS_PREFIXES:
        return data
    prefix = sys.base_prefix.encode()
    # Linkers let texts share their ends: the last part of the folder may be where Python's own version stands.
    kept = prefix[prefix.rindex(b"/") :]
    room = len(prefix) - len(kept)
    neutral = NEUTRAL_PREFIX.encode() if len(NEUTRAL_PREFIX) <= room else b"/"
    return data.replace(prefix, neutral.ljust(room, b"/") + kept)
