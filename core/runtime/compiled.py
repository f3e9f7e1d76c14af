"""Compiled stand-ins for single modules: built by the set-up where there is a C compiler, used when they are there.

Nothing depends on them: each has a twin in Python that does the same. The file's name carries the digest of the source
it was built from, so one that does not fit the source at hand is never loaded.
"""

from __future__ import annotations

import hashlib
import importlib.machinery
import importlib.util
import logging
import os
from pathlib import Path
from types import ModuleType

log = logging.getLogger(__name__)

FOLDER = Path(__file__).resolve().parents[2] / "build" / "compiled"
SWITCH = "TIDEWIRE_COMPILED"
"""Environment variable; ``0`` leaves all compiled modules aside."""


def place_of(source: Path, folder: Path = FOLDER) -> Path:
    """Return where the module built from a C source is expected. Raises OSError when there is no such source."""
    digest = hashlib.sha256(source.read_bytes()).hexdigest()[:16]
    return folder / f"{source.stem}-{digest}{importlib.machinery.EXTENSION_SUFFIXES[0]}"


def load(source: Path, folder: Path = FOLDER) -> ModuleType | None:
    """Return the module built from this C source, or ``None`` when there is none that can be used."""
    if os.environ.get(SWITCH) == "0" or not source.exists():
        return None
    try:
        place = place_of(source, folder)
        spec = importlib.util.spec_from_file_location(source.stem, place) if place.exists() else None
        if spec is None or spec.loader is None:
            return None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    except (OSError, ImportError) as error:
        log.warning("compiled module not used source=%s reason=%s", source.name, error)
        return None
    return module
