"""An incident in one file to hand on: recording, log, settings and journal of the last minutes, and no secret."""

from __future__ import annotations

import asyncio
import io
import logging
import os
import platform
import secrets
import sqlite3
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import msgspec

from core import __version__
from core.app.flight_recorder import FlightRecorder
from core.app.masking import IdMask
from core.data.journal.export import Span, What, export
from core.data.journal.schema import open_existing
from core.data.recording import SUFFIX, RecordingError, SegmentWriter, open_recording
from core.domain.errors import StartError, TerminalError
from core.domain.times import format_ns
from core.runtime.clock import NS_PER_S, Clock
from core.runtime.settings import Settings

log = logging.getLogger(__name__)

MINUTE_NS = 60 * NS_PER_S
CLOSING_S = 5.0
PRIVATE_FILE = 0o600
LOG_STAMP_DIGITS = 6
TABLES = (What.ORDERS, What.FILLS, What.EVENTS)


class IncidentError(TerminalError):
    """The bundle could not be written; nothing was left behind."""

    user_message = "The incident could not be saved."


class IncidentSaver:
    """Writes bundles. ``redact`` takes secrets out of every text once more; the recording has none."""

    def __init__(
        self,
        flight: FlightRecorder | None,
        log_file: Path,
        journal_file: Path,
        settings: Settings,
        redact: Callable[[str], str],
        clock: Clock,
    ) -> None:
        self._flight = flight
        self._log_file = log_file
        self._journal_file = journal_file
        self._settings = settings
        self._redact = redact
        self._clock = clock

    @property
    def words(self) -> str:
        """What the recorder does, in one line."""
        return (
            self._flight.words
            if self._flight is not None
            else "Nothing is recorded: it is off in the settings."
        )

    def suggested_name(self) -> str:
        """Return a file name with the time in it."""
        stamp = format_ns(self._clock.wall_ns(), 0).replace("-", "").replace(":", "")
        return f"tidewire-incident-{stamp}.zip"

    async def save(self, out: Path, minutes: int, *, mask_ids: bool = False) -> int:
        """Write the last minutes into ``out``, readable by its owner alone; return its size in bytes.

        ``mask_ids`` puts stand-ins where ids of orders, trades, ledger entries and the account were. IncidentError
        when it cannot be written. Trading and recording go on meanwhile.
        """
        await self._close_segment()
        since = self._clock.wall_ns() - minutes * MINUTE_NS
        try:
            return await asyncio.to_thread(self._write, out, since, IdMask() if mask_ids else None)
        except OSError as problem:
            text = f"The incident could not be saved to {out}: {problem.strerror or problem}."
            raise IncidentError(str(problem), user_message=text) from problem

    async def _close_segment(self) -> None:
        """Have what was recorded so far stand in closed files; give up waiting when the disk is slow."""
        if self._flight is None or not self._flight.recorder.is_on:
            return
        recorder = self._flight.recorder
        before = recorder.opened
        self._flight.split()
        try:
            async with asyncio.timeout(CLOSING_S):
                while recorder.opened == before and recorder.is_on:  # noqa: ASYNC110 - told by another thread
                    await asyncio.sleep(0.02)
        except TimeoutError:
            return

    def _write(self, out: Path, since: int, mask: IdMask | None) -> int:
        draft = out.with_name(f".{out.name}.{secrets.token_hex(4)}")
        handle = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
        try:
            with (
                os.fdopen(handle, "w+b") as file,
                zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bundle,
            ):
                for name, content in self._parts(since, mask):
                    bundle.writestr(name, content)
            os.replace(draft, out)
        finally:
            draft.unlink(missing_ok=True)
        return out.stat().st_size

    def _parts(self, since: int, mask: IdMask | None) -> Iterator[tuple[str, bytes]]:
        masked = mask.data if mask is not None else bytes
        yield "about.txt", self._about(since, is_masked=mask is not None).encode()
        yield "settings.json", self._clean(msgspec.json.format(msgspec.json.encode(self._settings)).decode())
        yield "log.txt", masked(self._clean("".join(self._log_lines(since))))
        for name, content in self._tables(since):
            yield name, masked(content)
        for file in self._segments(since):
            content = file.read_bytes() if mask is None else _masked_segment(file, mask)
            yield f"recording/{file.name}", content

    def _about(self, since: int, *, is_masked: bool) -> str:
        return "\n".join(
            (
                f"Tidewire {__version__}, Python {platform.python_version()}, {sys.platform} {platform.machine()}",
                f"from {format_ns(since, 0)} to {format_ns(self._clock.wall_ns(), 0)}",
                self._redact(self.words),
                "Ids of orders, trades, ledger entries and the account are stand-ins." if is_masked else "",
                "Open it with: tidewire replay FILE.zip",
                "",
            )
        )

    def _clean(self, text: str) -> bytes:
        return self._redact(text).encode("utf-8", "backslashreplace")

    def _log_lines(self, since: int) -> Iterator[str]:
        first = format_ns(since, LOG_STAMP_DIGITS)
        older = sorted(self._log_file.parent.glob(f"{self._log_file.name}.*"), reverse=True)
        for file in (*older, self._log_file):
            if file.exists() and file.stat().st_mtime * NS_PER_S >= since:
                with file.open(encoding="utf-8", errors="backslashreplace") as lines:
                    yield from (line for line in lines if line[: len(first)] >= first)

    def _tables(self, since: int) -> Iterator[tuple[str, bytes]]:
        if not self._journal_file.exists():
            return
        with tempfile.TemporaryDirectory() as folder:
            for what in TABLES:
                file = Path(folder) / f"{what.value}.csv"
                try:
                    with closing(open_existing(self._journal_file)) as connection:
                        export(connection, what, Span(since), file)
                    text = file.read_text(encoding="utf-8")
                except (sqlite3.Error, StartError, msgspec.MsgspecError) as failure:
                    text = f"could not be read: {failure}"
                yield f"journal/{what.value}.csv", self._clean(text)

    def _segments(self, since: int) -> list[Path]:
        """Closed segments of this run that reach into the time; each can be played by itself."""
        if self._flight is None:
            return []
        files = sorted(self._flight.folder.glob(f"*{SUFFIX}"))
        closed = files[:-1] if self._flight.recorder.is_on else files
        return [file for file in closed if file.stat().st_mtime * NS_PER_S >= since]


def _masked_segment(file: Path, mask: IdMask) -> bytes:
    """Return a segment with stand-ins for ids; one that is damaged is left out from there on."""
    written = io.BytesIO()
    writer = SegmentWriter(written)
    try:
        for segment in open_recording(file):
            for record in segment.records():
                writer.write(record, mask.data)
    except RecordingError as damaged:
        log.info("segment masked up to its damage file=%s reason=%s", file.name, damaged)
    writer.flush()
    return written.getvalue()
