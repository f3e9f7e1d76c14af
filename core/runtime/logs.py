"""Logging: records leave the calling thread at once; a listener formats, redacts and writes them.

One record is one line, whatever its text. The file rotates, the last records stay in memory for the log
view, and the libraries that would print requests and headers never speak below WARNING.
"""

import contextlib
import datetime
import logging
import logging.handlers
import os
import queue
import sys
import threading
import traceback
from collections import deque
from pathlib import Path
from typing import IO

import msgspec

from core.domain.errors import StartError
from core.runtime.clock import NS_PER_US
from core.runtime.redaction import Redactor, one_line

FILE_BYTES = 10_000_000
FILE_COUNT = 5
RING_LINES = 5_000
QUEUE_RECORDS = 20_000
PRIVATE_FILE = 0o600
# They would log URLs, headers and frames, that is keys and tokens.
QUIET_LOGGERS = ("asyncio", "h2", "hpack", "httpcore", "httpx", "keyring", "qasync", "websockets")


class LogLine(msgspec.Struct, frozen=True, gc=False):
    """One record as written: number since the start, ns UTC, level, logger, text without secrets on one line."""

    number: int
    ts: int
    level: int
    logger: str
    text: str


class LogRing:
    """The last lines, for the log view. Written by the listener thread, read from any."""

    def __init__(self, size: int = RING_LINES) -> None:
        self._lock = threading.Lock()
        self._lines: deque[LogLine] = deque(maxlen=size)
        self._count = 0

    def append(self, ts: int, level: int, logger: str, text: str) -> LogLine:
        with self._lock:
            line = LogLine(self._count, ts, level, logger, text)
            self._lines.append(line)
            self._count += 1
        return line

    def since(self, number: int = 0) -> list[LogLine]:
        """Return the lines from this number on, oldest first; older ones than the ring holds are gone."""
        with self._lock:
            first = self._count - len(self._lines)
            return list(self._lines)[max(0, number - first) :]


class Logs:
    """The running log system. ``redactor`` learns secrets, ``ring`` shows the last lines, ``stop`` writes the rest."""

    def __init__(
        self,
        file: Path,
        *,
        level: str = "info",
        console_level: str | None = None,
        console: IO[str] | None = None,
    ) -> None:
        """Start logging. Levels are names as on the command line. StartError when the file cannot be opened."""
        self.redactor = Redactor()
        self.ring = LogRing()
        self._file = _open_file(file)
        self._sinks: list[logging.Handler] = [self._file]
        self._console_level = console_level
        if console_level is not None:
            shown = logging.StreamHandler(console or sys.stderr)
            shown.setLevel(console_level.upper())
            self._sinks.append(shown)
        self._queue: queue.Queue[logging.LogRecord] = queue.Queue(QUEUE_RECORDS)
        self._intake = _Intake(self._queue)
        writer = _Writer(self.redactor, self.ring, self._sinks, self._intake)
        self._listener = _Listener(self._queue, writer)
        self._before = logging.root.level
        self._install(level)

    def set_level(self, level: str) -> None:
        """Change what the file and the ring record from now on; the quiet libraries stay at WARNING."""
        self._file.setLevel(level.upper())
        wanted = [name.upper() for name in (level, self._console_level) if name]
        logging.root.setLevel(min(logging.getLevelNamesMapping()[name] for name in wanted))

    def stop(self) -> None:
        """Write what is queued and leave the logging system as it was found. May be called twice."""
        if self._intake not in logging.root.handlers:
            return
        logging.root.removeHandler(self._intake)
        logging.root.setLevel(self._before)
        logging.captureWarnings(False)
        self._listener.stop()
        for sink in self._sinks:
            sink.close()

    def _install(self, level: str) -> None:
        for name in QUIET_LOGGERS:
            logging.getLogger(name).setLevel(logging.WARNING)
        self.set_level(level)
        logging.root.addHandler(self._intake)
        logging.captureWarnings(True)
        self._listener.start()


class _Intake(logging.handlers.QueueHandler):
    """Takes a record on the calling thread: fixes its text, never waits, counts what it had to drop."""

    def __init__(self, records: "queue.Queue[logging.LogRecord]") -> None:
        super().__init__(records)
        self._records = records
        self._dropped = 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Refuse the quiet libraries even when one of their loggers was turned up by name."""
        quiet = record.levelno < logging.WARNING and record.name.partition(".")[0] in QUIET_LOGGERS
        return not quiet and bool(super().filter(record))

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        # The text is made here because the arguments may change later; the traceback without values of locals.
        text = record.getMessage()
        if record.exc_info:
            text += "\n" + "".join(traceback.format_exception(*record.exc_info)).rstrip()
        if record.stack_info:
            text += "\n" + record.stack_info
        return logging.makeLogRecord(
            {
                **record.__dict__,
                "msg": text,
                "args": None,
                "exc_info": None,
                "exc_text": None,
                "stack_info": None,
            }
        )

    def enqueue(self, record: logging.LogRecord) -> None:
        try:
            self._records.put_nowait(record)
        except queue.Full:
            self._dropped += 1

    def take_dropped(self) -> int:
        count, self._dropped = self._dropped, 0
        return count


class _Listener(logging.handlers.QueueListener):
    """Carries records from the queue to the writer, on a thread of its own."""

    def enqueue_sentinel(self) -> None:
        # The stock way gives up on a full queue, and with it on everything in it.
        self.queue.put(self._sentinel)  # type: ignore[attr-defined]


class _Writer(logging.Handler):
    """On the listener's thread: record → redacted line → ring, file, console."""

    def __init__(
        self, redactor: Redactor, ring: LogRing, sinks: list[logging.Handler], intake: _Intake
    ) -> None:
        super().__init__()
        self._redactor = redactor
        self._ring = ring
        self._sinks = sinks
        self._intake = intake

    def emit(self, record: logging.LogRecord) -> None:
        self._write(record.created, record.levelno, record.name, record.getMessage())
        if dropped := self._intake.take_dropped():
            self._write(record.created, logging.WARNING, __name__, f"log records dropped count={dropped}")

    def _write(self, created_s: float, level: int, logger: str, message: str) -> None:
        text = one_line(self._redactor.clean(message))
        moment = datetime.datetime.fromtimestamp(created_s, datetime.UTC)
        self._ring.append(int(created_s * 1e6) * NS_PER_US, level, logger, text)
        stamp = moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        line = f"{stamp} {logging.getLevelName(level):<7} {one_line(logger)} {text}"
        written = logging.makeLogRecord({"msg": line, "args": None, "levelno": level})
        for sink in self._sinks:
            if level >= sink.level:
                sink.handle(written)


class _LogFile(logging.handlers.RotatingFileHandler):
    """A rotating file only its owner can read. A full disk is told once on stderr and never stops the program."""

    _has_complained = False

    def _open(self) -> IO[str]:  # type: ignore[override]
        return open(
            self.baseFilename, self.mode, encoding="utf-8", errors="backslashreplace", opener=_private
        )

    def handleError(self, record: logging.LogRecord) -> None:
        if not self._has_complained:
            self._has_complained = True
            with contextlib.suppress(OSError, ValueError):
                sys.stderr.write(
                    f"tidewire: the log {self.baseFilename} cannot be written: {sys.exc_info()[1]}\n"
                )


def _open_file(file: Path) -> _LogFile:
    try:
        return _LogFile(str(file), maxBytes=FILE_BYTES, backupCount=FILE_COUNT - 1)
    except OSError as problem:
        raise StartError(
            f"{file}: {problem}", user_message=f"The log file {file} cannot be written: {problem.strerror}."
        ) from problem


def _private(path: str, flags: int) -> int:
    handle = os.open(path, flags, PRIVATE_FILE)
    if os.name == "posix":
        os.fchmod(handle, PRIVATE_FILE)
    return handle
