"""``tidewire export`` and ``tidewire journal check``: the journal without a window. Neither changes the journal."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec

from core.data.journal import reader
from core.data.journal.audit import doubled_intents, ended_orders
from core.data.journal.export import FOREVER_NS, Span, What, export
from core.data.journal.export_formats import Form
from core.data.journal.schema import describe, integrity_problem, open_existing, version_of
from core.domain.errors import StartError
from core.domain.times import format_ns
from core.runtime.clock import Clock, SystemClock
from core.runtime.paths import find_paths
from core.runtime.settings import load_settings

SHOWN = 20
"""Orders named one by one when something does not add up."""

Line = tuple[str, str, str]
"""Mark, name and text of one line of the report; the mark FAIL makes the exit code 1."""


def run_export(
    profile: str,
    mode: str | None,
    what: str,
    span: tuple[int | None, int | None],
    form: str,
    out: Path | None,
    clock: Clock | None = None,
) -> int:
    """Write one table and say where. Without ``out`` it gets a name in the current folder.

    ``span``: from a moment on and before another, ns UTC, ``None`` for no bound.
    StartError when there is no journal, it cannot be read, or the file cannot be written.
    """
    table, (since, until) = What(what), span
    if since is not None and until is not None and since >= until:
        raise StartError(user_message="There is no time between --since and --until. Nothing was exported.")
    path = _journal(profile, mode)
    target = out or Path(_file_name(table, form, profile, clock or SystemClock()))
    within = Span(since or 0, FOREVER_NS if until is None else until)
    try:
        with closing(open_existing(path)) as connection:
            count = export(connection, table, within, target, Form(form))
    except (sqlite3.Error, msgspec.MsgspecError) as error:
        raise StartError(
            user_message=f"The journal {path} cannot be read: {_words(error)}. Nothing was exported."
        ) from error
    except OSError as error:
        raise StartError(
            user_message=f"The file {target} cannot be written: {error.strerror}. Nothing was exported."
        ) from error
    sys.stdout.write(f"{table.value}: {count:,} written to {target}\n")
    return 0


def run_journal_check(profile: str, mode: str | None) -> int:
    """Print what the journal holds and whether it adds up; return 0 when it does, else 1. StartError as above."""
    path = _journal(profile, mode)
    failed = False
    with closing(open_existing(path)) as connection:
        for mark, name, text in _findings(path, connection):
            failed = failed or mark == "FAIL"
            sys.stdout.write(f"{mark:<5}{name:<13}{text}\n")
    return 1 if failed else 0


def _journal(profile: str, mode: str | None) -> Path:
    paths = find_paths(profile)
    return paths.journal_file(mode or load_settings(paths.settings_file).mode)


def _file_name(what: What, form: str, profile: str, clock: Clock) -> str:
    moment = format_ns(clock.wall_ns(), 0).replace("-", "").replace(":", "")
    return f"tidewire-{profile}-{what.value}-{moment}.{form}"


def _findings(path: Path, connection: sqlite3.Connection) -> Iterator[Line]:
    yield "ok", "file", f"{path}, version {version_of(connection)}, {path.stat().st_size / 2**20:.1f} MiB"
    if problem := integrity_problem(connection):
        yield "FAIL", "integrity", f"{problem}; the file was left as it is"
    else:
        yield "ok", "integrity", "every page and index is sound"
    try:
        for table, count in reader.counts(connection).items():
            yield "", table, f"{count:,}"
        yield "", "unresolved", _unresolved(connection)
        yield from _sums(connection)
        yield from _doubles(connection)
    except (sqlite3.Error, msgspec.MsgspecError) as error:
        yield "FAIL", "reading", _words(error)


def _words(error: Exception) -> str:
    return (
        describe(error) if isinstance(error, sqlite3.Error) else f"it holds what is not understood: {error}"
    )


def _unresolved(connection: sqlite3.Connection) -> str:
    count = len(reader.pending_intents(connection, 0))
    return f"{count:,} orders without a final outcome; the next start asks the exchange about them"


def _sums(connection: sqlite3.Connection) -> Iterator[Line]:
    checked, wrong = 0, 0
    for order in ended_orders(connection):
        checked += 1
        if order.told != order.kept:
            wrong += 1
            if wrong <= SHOWN:
                text = f"{order.order_id}: the exchange said {order.told:f}, the fills sum to {order.kept:f}"
                yield "FAIL", "fills", text
    if wrong > SHOWN:
        yield "FAIL", "fills", f"and {wrong - SHOWN:,} more"
    if not wrong:
        yield "ok", "fills", f"add up to what the exchange said, in {checked:,} ended orders"


def _doubles(connection: sqlite3.Connection) -> Iterator[Line]:
    doubled = doubled_intents(connection)
    for cl_ord_id, order_ids in doubled[:SHOWN]:
        yield "FAIL", "doubled", f"{cl_ord_id} became {' and '.join(order_ids)}"
    if not doubled:
        yield "ok", "doubled", "no intent became two orders"
