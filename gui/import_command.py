"""``tidewire journal import``: Kraken's own exports into the journal and the profit books. No window, no display."""

from __future__ import annotations

import sys
from pathlib import Path

from core.app.import_history import import_history
from core.domain.errors import StartError
from core.runtime.clock import SystemClock
from core.runtime.paths import find_paths
from core.runtime.settings import load_settings
from gui.single_instance import SingleInstance

SHOWN = 20


def run_import(profile: str, mode: str | None, file: Path) -> int:
    """Import a file and say what was new; return 1 when lines are bad, and then nothing was imported.

    StartError while a Tidewire uses the profile, or when something cannot be read or written.
    """
    paths = find_paths(profile)
    paths.make()
    instance = SingleInstance(paths.state)
    if not instance.hold():
        raise StartError(user_message=f"Close the Tidewire that uses the profile {profile} first.")
    try:
        found = import_history(paths, mode or load_settings(paths.settings_file).mode, file, SystemClock())
    finally:
        instance.release()
    for line in found.bad[:SHOWN]:
        sys.stdout.write(f"FAIL {file}: line {line.number:,}: {line.reason}\n")
    if found.bad:
        more = len(found.bad) - SHOWN
        sys.stdout.write(f"and {more:,} more\n" if more > 0 else "")
        sys.stdout.write("Nothing was imported.\n")
        return 1
    sys.stdout.write(
        f"{found.fills:,} trades and {found.changes:,} ledger entries imported, {found.known:,} were known already\n"
    )
    return 0
