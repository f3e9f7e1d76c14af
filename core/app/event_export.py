"""The event log as a file to hand on: no secret in it, and no id that leads to an account."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.app.masking import IdMask
from core.data.journal.export_formats import Form, appearing
from core.domain.errors import TerminalError
from core.domain.times import format_ns
from core.processing.event_kinds import grade_of, kind_of
from core.processing.health_store import HealthEvent
from core.runtime.redaction import Redactor, one_line

COLUMNS = ("time", "severity", "kind", "source", "text")


class EventExportError(TerminalError):
    """The file could not be written; nothing was left behind."""

    user_message = "The events could not be exported."


def export_events(events: Sequence[HealthEvent], out: Path, redactor: Redactor) -> int:
    """Write entries as CSV, oldest first, times UTC, readable by its owner alone; return how many.

    Secrets go, ids get stand-ins that are the same throughout the file. Blocks on the disk. EventExportError when it
    cannot be written; the file appears as a whole or not at all.
    """
    mask = IdMask()
    try:
        with appearing(out, Form.CSV, COLUMNS, frozenset()) as table:
            for event in sorted(events, key=lambda event: event.at):
                words = (mask.text(redactor.clean(one_line(text))) for text in (event.source, event.text))
                table.add((format_ns(event.at), grade_of(event).name.lower(), kind_of(event).value, *words))
    except OSError as problem:
        text = f"The events could not be exported to {out}: {problem.strerror or problem}."
        raise EventExportError(str(problem), user_message=text) from problem
    return len(events)
