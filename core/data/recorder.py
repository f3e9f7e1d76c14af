"""FlightRecorder's hands: takes what passes with one append, and writes it from a thread of its own.

Bounded in memory, on disk and in age. Never blocks and never raises: what finds no room is counted, and a disk that
takes nothing more ends the recording, not the trading. Secrets are taken out before anything is written.
"""

from __future__ import annotations

import logging
import os
import threading
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from core.data.recording import (
    PLACES,
    SUFFIX,
    Batch,
    Frame,
    Head,
    Record,
    SegmentWriter,
    Sent,
    State,
    Told,
    told,
)
from core.domain.errors import StartError
from core.domain.events import (
    BalanceEvent,
    BookEvent,
    CandleEvent,
    ExecutionEvent,
    InstrumentEvent,
    QueueEvent,
    SystemStatusEvent,
    TickerEvent,
    TradeEvent,
)
from core.domain.health import Line
from core.runtime.paths import make_private_folder
from core.runtime.redaction import TOKEN_FIELD, mask_shapes, may_hold_secret

log = logging.getLogger(__name__)

QUEUED_ITEMS = 100_000
QUEUED_BYTES = 64 << 20
POLL_S = 0.5
RECENT_FRAMES = 128
"""Frames whose events may still be named by a batch; a batch comes at most 32 frames after its first."""

MOST_SECRETS = 64
PRIVATE_FILE = 0o600
DAY_S = 86_400

DATA_EVENTS = frozenset(
    {
        BalanceEvent,
        BookEvent,
        CandleEvent,
        ExecutionEvent,
        InstrumentEvent,
        QueueEvent,
        SystemStatusEvent,
        TickerEvent,
        TradeEvent,
    }
)
"""Events that the codec makes of a frame alone: they are not written, but made again from the frame."""

_FRAME, _BATCH, _SENT, _READY, _SEGMENT = range(5)


class Recorder:
    """Where the wire and the pipeline tell what passes. ``failure`` says why nothing is recorded any more.

    ``lost`` counts what found no room. Everything but the writing itself is called from the loop.
    """

    def __init__(
        self,
        folder: Path,
        *,
        most_bytes: int,
        most_days: int,
        redact: Callable[[str], str],
        secrets: Sequence[str] = (),
    ) -> None:
        """``folder`` holds the segments of this run; its parent's other runs count towards the bounds.

        ``secrets`` are masked wherever they stand; the tokens of outgoing frames are added to them.
        """
        self.folder = folder
        self.is_on = False
        self.failure = ""
        self.lost = 0
        self.opened = 0
        """Segments begun so far: the one before the last is closed."""
        self._most_bytes = most_bytes
        self._most_days = most_days
        self._redact = redact
        self._secrets = dict.fromkeys(secret.encode() for secret in secrets if secret)
        self._queue: deque[tuple[Any, ...]] = deque()
        self._put_bytes = 0
        self._taken_bytes = 0
        self._stopping = threading.Event()
        self._writer: SegmentWriter | None = None
        self._written = 0
        self._frames = 0
        self._recent: deque[list[Any]] = deque()
        self._places: dict[int, int] = {}
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)

    # Called from the loop. -----------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to take records; the first must be a segment."""
        self.is_on = True
        self._thread.start()

    def stop(self) -> None:
        """Write what is queued and end. Waits for the disk."""
        if self._thread.is_alive():
            self._stopping.set()
            self._thread.join()
        self.is_on = False

    def took(
        self, line: Line, epoch: int, mono: int, wall: int, frame: bytes | bytearray, events: list[Any]
    ) -> None:
        """A frame was decoded into these events."""
        if self._has_room(len(frame)):
            self._queue.append((_FRAME, line, epoch, mono, wall, frame, events))

    def applied(self, line: Line, epoch: int, events: Sequence[Any], mono: int, wall: int) -> None:
        """These events are being applied together."""
        if self._has_room(0):
            self._queue.append((_BATCH, line, epoch, mono, wall, events))

    def sent(self, line: Line, epoch: int, mono: int, wall: int, frame: bytes) -> None:
        """A frame was written to a socket."""
        if self._has_room(len(frame)):
            self._queue.append((_SENT, line, epoch, mono, wall, frame))

    def note(self, record: Record) -> None:
        """Add a record as it is."""
        if self._has_room(0):
            self._queue.append((_READY, record))

    def begin_segment(self, head: Head, checkpoint: State) -> None:
        """Close the segment and begin another."""
        if self.is_on:
            self._queue.append((_SEGMENT, head, checkpoint))

    @property
    def written_bytes(self) -> int:
        """Bytes of this run on disk."""
        return self._written + (self._writer.size if self._writer is not None else 0)

    def _has_room(self, size: int) -> bool:
        if not self.is_on:
            return False
        if len(self._queue) >= QUEUED_ITEMS or self._put_bytes - self._taken_bytes + size > QUEUED_BYTES:
            self.lost += 1
            return False
        self._put_bytes += size
        return True

    # On the thread. ------------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while not self._stopping.wait(POLL_S):
                self._drain()
            self._drain()
            if self._writer is not None:
                self._writer.close()
        except OSError as problem:
            self._fail(problem.strerror or str(problem))
        except StartError as refusal:
            self._fail(refusal.user_message)
        except Exception as error:  # a border: the recording ends, the program does not
            log.exception("recorder failed")
            self._fail(type(error).__name__)

    def _fail(self, reason: str) -> None:
        self.is_on = False
        self.failure = reason
        self._queue.clear()
        self._forget()
        if self._writer is not None:
            self._writer.abandon()
        log.warning("recording stopped reason=%s", reason)

    def _drain(self) -> None:
        take = self._queue.popleft
        for _ in range(len(self._queue)):
            self._take(take())
        if self._writer is not None:
            self._writer.flush()

    def _take(self, item: tuple[Any, ...]) -> None:
        kind = item[0]
        if kind == _SEGMENT:
            self._open(*item[1:])
            return
        if kind in (_FRAME, _SENT):
            self._taken_bytes += len(item[5])
        if self._writer is None:
            return
        if kind == _FRAME:
            self._write(self._frame(*item[1:]))
        elif kind == _BATCH:
            line, epoch, mono, wall, events = item[1:]
            self._write(Batch(line, epoch, mono, wall, [self._named(event) for event in events]))
        elif kind == _SENT:
            line, epoch, mono, wall, frame = item[1:]
            self._learn_tokens(frame)
            clean = self._redact(frame.decode("utf-8", "replace")).encode()
            self._write(Sent(line, epoch, mono, wall, clean))
        else:
            self._write(item[1])

    def _write(self, record: Record) -> None:
        assert self._writer is not None, "only called while a segment is open"
        if isinstance(record, State):
            # Row by row: to look through a whole checkpoint at once would take it apart in memory, many times its size.
            rows = [Told(row.kind, msgspec.Raw(self._masked(bytes(row.data)))) for row in record.rows]
            self._writer.write(msgspec.structs.replace(record, rows=rows))
        else:
            self._writer.write(record, self._masked)

    def _frame(
        self, line: Line, epoch: int, mono: int, wall: int, data: bytes | bytearray, events: list[Any]
    ) -> Frame:
        self._frames += 1
        place = self._frames * PLACES
        for event in events:
            if type(event) in DATA_EVENTS:
                self._places[id(event)] = place
                place += 1
        self._recent.append(events)  # as long as they are held, their ids are theirs alone
        if len(self._recent) > RECENT_FRAMES:
            for event in self._recent.popleft():
                self._places.pop(id(event), None)
        return Frame(line, epoch, mono, wall, bytes(data))

    def _named(self, event: Any) -> int | Told:
        place = self._places.get(id(event))
        return place if place is not None else told(event)

    def _learn_tokens(self, frame: bytes) -> None:
        for token in TOKEN_FIELD.findall(frame):
            self._secrets[token] = None
        while len(self._secrets) > MOST_SECRETS:
            del self._secrets[next(iter(self._secrets))]

    def _masked(self, data: bytes) -> bytes:
        """Return a record as encoded without any secret: known ones, and what has a secret's name or shape."""
        for secret in self._secrets:
            if secret in data:
                data = data.replace(secret, b"*" * len(secret))
        if may_hold_secret(data):
            # Not in the encoded record itself: a text's length stands before it and may look like a part of it.
            data = msgspec.msgpack.encode(_without_shapes(msgspec.msgpack.decode(data)))
        return data

    def _forget(self) -> None:
        self._recent.clear()
        self._places.clear()

    def _open(self, head: Head, checkpoint: State) -> None:
        if self._writer is not None:
            self._writer.close()
            self._written += self._writer.size
            self._writer = None
        self._forget()
        self._frames = 0
        make_private_folder(self.folder.parent)
        make_private_folder(self.folder)
        self._keep_bounds(head.wall)
        path = self.folder / f"{head.number:05d}{SUFFIX}"
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
        self._writer = SegmentWriter(os.fdopen(handle, "wb"))
        self._write(head)
        self._write(checkpoint)
        self.opened += 1

    def _keep_bounds(self, wall: int) -> None:
        """Remove the oldest segments of all runs until what is left is neither too much nor too old."""
        files = [(file.stat(), file) for file in self.folder.parent.glob(f"*/*{SUFFIX}")]
        total = sum(stat.st_size for stat, _ in files)
        oldest_s = wall / 1e9 - self._most_days * DAY_S
        for stat, file in sorted(files, key=lambda one: (one[0].st_mtime, one[1])):
            if total <= self._most_bytes and stat.st_mtime >= oldest_s:
                break
            file.unlink(missing_ok=True)
            total -= stat.st_size
        for folder in self.folder.parent.iterdir():
            if folder.is_dir() and folder != self.folder and not any(folder.iterdir()):
                folder.rmdir()


def _without_shapes(value: Any) -> Any:
    match value:
        case bytes():
            return mask_shapes(value)
        case str():
            return mask_shapes(value.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")
        case list():
            return [_without_shapes(one) for one in value]
        case dict():
            return {key: _without_shapes(one) for key, one in value.items()}
        case _:
            return value
