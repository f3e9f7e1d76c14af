"""The format of a recording: what it holds, how it is written and read. Knows no thread and no session.

A recording is a folder of *segments*. Each is a line of text and then a zlib stream of records, every record a
length and a msgpack array, and begins with a head and a checkpoint: it can be played without the one before.
"""

from __future__ import annotations

import contextlib
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import IO, Any, TypeVar

import msgspec

from core.domain.errors import StartError
from core.domain.events import (
    AnswerEvent,
    BadDataEvent,
    BalanceEvent,
    CarrierEvent,
    ExecutionEvent,
    InstrumentEvent,
    LineEvent,
    PongEvent,
    SubscriptionEvent,
    SystemStatusEvent,
)

MAGIC = b"TIDEWIRE RECORDING 1\n"
SUFFIX = ".twr"
LENGTH_BYTES = 4
CHUNK = 1 << 18
MOST_RECORD_BYTES = 64 << 20
"""No honest record is larger: frames have at most 16 MiB."""

UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What decoding of spoiled bytes may raise."""

PLACES = 1024
"""A data event is named by ``frame number * PLACES + its place among the frame's data events``."""


class Told(msgspec.Struct, array_like=True, frozen=True):
    """A value of a type that is named, to be decoded by whoever knows the name."""

    kind: str
    data: msgspec.Raw


class Head(msgspec.Struct, array_like=True, frozen=True, tag=1):
    """Begins a segment. ``gap``: records before it were lost, so its checkpoint must be taken over."""

    run: str
    number: int
    mode: str
    program: str
    mono: int
    wall: int
    gap: bool = False


class Frame(msgspec.Struct, array_like=True, frozen=True, tag=2):
    """A frame as received, in the order of decoding. Times of the batch it was taken in, ns."""

    line: str
    epoch: int
    mono: int
    wall: int
    data: bytes


class Batch(msgspec.Struct, array_like=True, frozen=True, tag=3):
    """Events as they were applied together: data events by frame and place, all others in full."""

    line: str
    epoch: int
    mono: int
    wall: int
    events: list[int | Told]


class Sent(msgspec.Struct, array_like=True, frozen=True, tag=4):
    """A frame as written, without the token."""

    line: str
    epoch: int
    mono: int
    wall: int
    data: bytes


class State(msgspec.Struct, array_like=True, frozen=True, tag=5):
    """What changed in the stores although no frame brought it, or (``is_checkpoint``) all there is."""

    mono: int
    wall: int
    rows: list[Told]
    is_checkpoint: bool = False


class Asked(msgspec.Struct, array_like=True, frozen=True, tag=6):
    """What the user asked for, in words."""

    mono: int
    wall: int
    text: str


Record = Head | Frame | Batch | Sent | State | Asked

_encode = msgspec.msgpack.Encoder().encode
_RECORDS: msgspec.msgpack.Decoder[Record] = msgspec.msgpack.Decoder(Record)

EVENTS: tuple[type, ...] = (
    AnswerEvent,
    BadDataEvent,
    BalanceEvent,
    CarrierEvent,
    ExecutionEvent,
    InstrumentEvent,
    LineEvent,
    PongEvent,
    SubscriptionEvent,
    SystemStatusEvent,
)
"""Events that may stand in a batch in full."""

_DECODERS: dict[str, msgspec.msgpack.Decoder[Any]] = {
    kind.__name__: msgspec.msgpack.Decoder(kind) for kind in EVENTS
}

T = TypeVar("T")


class RecordingError(StartError):
    """This is no recording, or one that cannot be read."""


def told(value: object) -> Told:
    """Return a value with the name of its type."""
    return Told(type(value).__name__, msgspec.Raw(_encode(value)))


def event_of(one: Told) -> Any:
    """Return the event that stands in a batch. Raises RecordingError for what is none."""
    decoder = _DECODERS.get(one.kind)
    try:
        if decoder is not None:
            return decoder.decode(one.data)
    except UNREADABLE as broken:
        raise RecordingError(f"{one.kind}: {broken}", user_message=_DAMAGED) from broken
    raise RecordingError(f"event {one.kind!r}", user_message=_DAMAGED)


class SegmentWriter:
    """One segment on its way to a file. Every method may raise OSError. ``size`` is what the file holds, bytes."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._pack = zlib.compressobj(level=3)
        self.size = 0
        self._put(MAGIC)

    def write(self, record: Record, masked: Callable[[bytes], bytes] = bytes) -> None:
        """Add a record; it may stay in memory until ``flush``. ``masked`` takes secrets out and keeps the length."""
        data = masked(_encode(record))
        self._put(self._pack.compress(len(data).to_bytes(LENGTH_BYTES) + data))

    def flush(self) -> None:
        """Give everything so far to the system: what is written can be read even if the program dies now."""
        self._put(self._pack.flush(zlib.Z_SYNC_FLUSH))
        self._file.flush()

    def close(self) -> None:
        """Write the end."""
        with self._file:
            self._put(self._pack.flush())

    def abandon(self) -> None:
        """Close the file whatever it holds."""
        with contextlib.suppress(OSError):
            self._file.close()

    def _put(self, data: bytes) -> None:
        self._file.write(data)
        self.size += len(data)


class Segment:
    """One part of a recording that can be read as often as wanted."""

    def __init__(self, name: str, opened: Callable[[], IO[bytes]]) -> None:
        self.name = name
        self._opened = opened
        first = next(iter(self.records()), None)
        if not isinstance(first, Head):
            raise RecordingError(name, user_message=f"{name} holds no recording.")
        self.head = first

    def records(self) -> Iterator[Record]:
        """Yield its records. One that was cut off at its end simply ends earlier.

        RecordingError when it is no recording, or damaged in the middle.
        """
        with self._opened() as file:
            if file.read(len(MAGIC)) != MAGIC:
                raise RecordingError(
                    self.name, user_message=f"{self.name} is not a recording of this version."
                )
            yield from self._unpacked(file)

    def _unpacked(self, file: IO[bytes]) -> Iterator[Record]:
        unpack, buffer = zlib.decompressobj(), bytearray()
        try:
            while chunk := unpack.unconsumed_tail or file.read(CHUNK):
                buffer += unpack.decompress(chunk, CHUNK)
                yield from _whole_records(buffer)
        except (zlib.error, *UNREADABLE) as broken:
            raise RecordingError(f"{self.name}: {broken}", user_message=_DAMAGED) from broken


def _whole_records(buffer: bytearray) -> Iterator[Record]:
    at = 0
    while len(buffer) - at >= LENGTH_BYTES:
        length = int.from_bytes(buffer[at : at + LENGTH_BYTES])
        if length > MOST_RECORD_BYTES:
            raise RecordingError(f"a record of {length} bytes", user_message=_DAMAGED)
        end = at + LENGTH_BYTES + length
        if end > len(buffer):
            break
        yield _RECORDS.decode(bytes(buffer[at + LENGTH_BYTES : end]))  # a copy: raw parts of it live on
        at = end
    del buffer[:at]


def open_recording(path: Path) -> list[Segment]:
    """Return the segments of a recording in order: a folder, one segment, or an incident bundle (zip).

    Of several runs in one place the latest is meant. RecordingError says in words what is wrong.
    """
    try:
        if path.is_dir():
            found = [_in_file(file) for file in sorted(path.rglob(f"*{SUFFIX}"))]
        elif zipfile.is_zipfile(path):
            found = _in_bundle(path)
        else:
            found = [_in_file(path)]
    except OSError as problem:
        text = f"{path} cannot be read: {problem.strerror or problem}."
        raise RecordingError(str(problem), user_message=text) from problem
    if not found:
        raise RecordingError(str(path), user_message=f"{path} holds no recording.")
    latest = max(found, key=lambda segment: segment.head.wall).head.run
    mine = (segment for segment in found if segment.head.run == latest)
    return sorted(mine, key=lambda segment: segment.head.number)


def _in_file(file: Path) -> Segment:
    return Segment(file.name, lambda: file.open("rb"))


def _in_bundle(path: Path) -> list[Segment]:
    with zipfile.ZipFile(path) as bundle:
        names = sorted(name for name in bundle.namelist() if name.endswith(SUFFIX))
    return [Segment(name, partial(_member, path, name)) for name in names]


def _member(path: Path, name: str) -> IO[bytes]:
    bundle = zipfile.ZipFile(path)
    try:
        return bundle.open(name)
    finally:
        bundle.close()  # the member keeps the file open


_DAMAGED = "The recording is damaged or was written by another version."
