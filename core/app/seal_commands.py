"""``tidewire journal seal`` and ``verify``: a day of the journal that nobody can change unseen (product A6)."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import NamedTuple

from core import __version__
from core.data.journal.schema import describe, open_existing
from core.data.journal.seal import DAY_NS, BrokenSeal, Sealed, day_start_ns, seal, verify
from core.domain.errors import StartError
from core.domain.times import format_ns
from core.runtime.clock import Clock, SystemClock
from core.runtime.paths import find_paths
from core.runtime.settings import load_settings


def default_name(profile: str, mode: str, day: date) -> str:
    """Return the name a sealed day gets when nobody chose one."""
    return f"tidewire-{profile}-{mode}-{day.isoformat()}.sealed"


def seal_day(journal: Path, day: date, out: Path, now_ns: int, about: tuple[str, str]) -> Sealed:
    """Seal one day (UTC). ``about``: mode and profile. StartError, in a trader's words,
    when the day is still to come, the journal cannot be read or the file not written."""
    if day_start_ns(day) >= now_ns:
        raise StartError(user_message=f"The day {day} has not begun yet (UTC). Nothing was sealed.")
    mode, profile = about
    head = {"program": __version__, "mode": mode, "profile": profile}
    try:
        with closing(open_existing(journal)) as connection:
            return seal(connection, day, out, now_ns, head)
    except sqlite3.Error as error:
        text = f"The journal {journal} cannot be read: {describe(error)}. Nothing was sealed."
        raise StartError(user_message=text) from error
    except OSError as error:
        raise StartError(
            user_message=f"The file {out} cannot be written: {error.strerror}. Nothing was sealed."
        ) from error


def sealed_words(sealed: Sealed, out: Path) -> str:
    """Return what a sealed file holds, with the hash to keep elsewhere."""
    header = sealed.header
    text = f"{header.day} ({header.mode}, {header.profile}): {sealed.count:,} records in {out}\n"
    if header.until < day_start_ns(date.fromisoformat(header.day)) + DAY_NS:
        text += f"the day was not over: what came after {format_ns(header.until, 0)} is not in it\n"
    return f"{text}final hash {sealed.final}\n"


def run_seal(profile: str, mode: str | None, day: date, out: Path | None, clock: Clock | None = None) -> int:
    """Seal a day of the profile's journal and print the final hash. StartError as ``seal_day``."""
    paths = find_paths(profile)
    mode = mode or load_settings(paths.settings_file).mode
    target = out or Path(default_name(profile, mode, day))
    now_ns = (clock or SystemClock()).wall_ns()
    sealed = seal_day(paths.journal_file(mode), day, target, now_ns, (mode, profile))
    sys.stdout.write(f"sealed {sealed_words(sealed, target)}")
    return 0


class Checked(NamedTuple):
    """What a sealed file turned out to be; ``wrong_line`` is 0 when all of it is as it was written."""

    wrong_line: int
    reason: str
    records: int
    final: str


def check_file(file: Path) -> Checked:
    """Verify a sealed file. StartError when it cannot be read."""
    try:
        sealed = verify(file)
    except BrokenSeal as broken:
        return Checked(broken.line, broken.reason, 0, "")
    except OSError as error:
        raise StartError(user_message=f"The file {file} cannot be read: {error.strerror}.") from error
    return Checked(0, "", sealed.count, sealed.final)


def run_verify(file: Path) -> int:
    """Print whether a sealed file is as it was written, or its first wrong line; return 0 or 1.

    StartError when it cannot be read.
    """
    try:
        sealed = verify(file)
    except BrokenSeal as broken:
        sys.stdout.write(f"FAIL {file}: line {broken.line:,}: {broken.reason}\n")
        return 1
    except OSError as error:
        raise StartError(user_message=f"The file {file} cannot be read: {error.strerror}.") from error
    sys.stdout.write(f"ok   {sealed_words(sealed, file)}")
    return 0
