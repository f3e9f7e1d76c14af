"""The recorder's thread: bounded in every way, and never in the way."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from core.data import recorder as module
from core.data.recorder import Recorder
from core.data.recording import MAGIC, Asked, Frame, Head, RecordingError, State, open_recording
from core.domain.events import TradeEvent
from core.domain.health import Line
from core.runtime.redaction import Redactor

DAY_S = 86_400


def head(number: int = 1, wall: int | None = None) -> Head:
    return Head("run", number, "demo", "0", number * 1000, wall or time.time_ns())


def checkpoint() -> State:
    return State(0, 0, [], is_checkpoint=True)


@pytest.fixture
def make(tmp_path: Path):
    made: list[Recorder] = []

    def one(name: str = "run", *, most_bytes: int = 1_000_000, **other) -> Recorder:
        folder = tmp_path / "recordings" / name
        made.append(Recorder(folder, most_bytes=most_bytes, most_days=7, redact=Redactor().clean, **other))
        return made[-1]

    yield one
    for recorder in made:
        recorder.stop()


def records(recorder: Recorder) -> list:
    return [record for segment in open_recording(recorder.folder) for record in segment.records()]


def test_what_was_taken_is_read_again_in_order(make):
    recorder = make()
    recorder.start()
    recorder.begin_segment(head(), checkpoint())
    event = TradeEvent(False, [])

    recorder.took(Line.PUBLIC, 3, 10, 20, b'{"channel":"trade"}', [event])
    recorder.applied(Line.PUBLIC, 3, [event], 10, 20)
    recorder.stop()

    _, _, frame, batch = records(recorder)
    assert frame == Frame("public", 3, 10, 20, b'{"channel":"trade"}')
    assert batch.events == [1024]


def test_a_token_learned_from_a_frame_we_send_is_masked_wherever_it_comes_back(make):
    recorder = make(secrets=["sEcReT"])
    recorder.start()
    recorder.begin_segment(head(), checkpoint())

    recorder.sent(Line.PRIVATE, 1, 1, 1, b'{"params":{"token":"tok/en+1"}}')
    recorder.took(Line.PRIVATE, 1, 2, 2, b'{"error":"bad tok/en+1, sEcReT"}', [])
    recorder.note(Asked(3, 3, "sEcReT tok/en+1"))
    recorder.stop()

    text = repr(records(recorder))
    assert "tok/en+1" not in text
    assert "sEcReT" not in text


def test_what_finds_no_room_is_counted_and_nothing_waits(make, monkeypatch):
    recorder = make()
    recorder.is_on = True  # the thread was not started: nothing is taken from the queue

    for _ in range(module.QUEUED_ITEMS + 7):
        recorder.took(Line.PUBLIC, 1, 1, 1, b"{}", [])

    assert recorder.lost == 7


def test_a_frame_too_large_for_the_queue_is_counted(make):
    recorder = make()
    recorder.is_on = True

    recorder.took(Line.PUBLIC, 1, 1, 1, b"x" * (module.QUEUED_BYTES + 1), [])

    assert recorder.lost == 1


def test_the_oldest_segments_of_all_runs_go_when_there_are_too_many_bytes(make, tmp_path):
    older = tmp_path / "recordings" / "older"
    older.mkdir(parents=True)
    for number in range(4):
        file = older / f"{number:05d}.twr"
        file.write_bytes(bytes(400_000))
        os.utime(file, (time.time() - 100 + number,) * 2)
    recorder = make(most_bytes=1_000_000)
    recorder.start()

    recorder.begin_segment(head(), checkpoint())
    recorder.stop()

    assert [file.name for file in sorted(older.iterdir())] == ["00002.twr", "00003.twr"]


def test_segments_older_than_the_bound_go_and_their_empty_folder_with_them(make, tmp_path):
    older = tmp_path / "recordings" / "older"
    older.mkdir(parents=True)
    (older / "00001.twr").write_bytes(b"x")
    os.utime(older / "00001.twr", (time.time() - 8 * DAY_S,) * 2)
    recorder = make()
    recorder.start()

    recorder.begin_segment(head(), checkpoint())
    recorder.stop()

    assert not older.exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_ends_the_recording_and_says_so(make, expect_logs, monkeypatch):
    expect_logs("core.data.recorder", "recording stopped reason=No space left on device")
    recorder = make()
    real_open = os.open
    monkeypatch.setattr(module.os, "open", lambda path, flags, mode: real_open("/dev/full", os.O_WRONLY))
    recorder.start()
    recorder.begin_segment(head(), checkpoint())
    recorder.note(Asked(1, 1, "x" * 100_000))
    deadline = time.monotonic() + 5
    while not recorder.failure and time.monotonic() < deadline:
        time.sleep(0.01)

    recorder.took(Line.PUBLIC, 1, 1, 1, b"{}", [])

    assert recorder.failure == "No space left on device"
    assert not recorder.is_on
    assert recorder.lost == 0
    recorder.stop()


def test_a_recording_cut_off_anywhere_is_read_as_far_as_it_goes(make):
    recorder = make()
    recorder.start()
    recorder.begin_segment(head(), checkpoint())
    for at in range(500):
        recorder.note(Asked(at, at, f"order {at} " + os.urandom(20).hex()))
    recorder.stop()
    (file,) = recorder.folder.iterdir()
    whole = file.read_bytes()

    for length in range(len(MAGIC) + 200, len(whole), 997):
        file.write_bytes(whole[:length])
        (segment,) = open_recording(file)
        read = [record for record in segment.records() if isinstance(record, Asked)]
        assert [record.mono for record in read] == list(range(len(read)))


@pytest.mark.parametrize("content", [b"", b"hello", MAGIC, MAGIC + b"no zlib stream at all", b"PK\x03\x04"])
def test_what_is_no_recording_is_refused_in_words(tmp_path, content):
    file = tmp_path / "x.twr"
    file.write_bytes(content)

    with pytest.raises(RecordingError) as refusal:
        open_recording(file)

    assert refusal.value.user_message


def test_files_are_private(make):
    recorder = make()
    recorder.start()
    recorder.begin_segment(head(), checkpoint())
    recorder.stop()

    (file,) = recorder.folder.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert recorder.folder.stat().st_mode & 0o777 == 0o700


def test_a_spoiled_byte_anywhere_is_a_recording_error_or_an_earlier_end(make):
    recorder = make()
    recorder.start()
    recorder.begin_segment(head(), checkpoint())
    for at in range(300):
        recorder.note(Asked(at, at, f"order {at} " + os.urandom(20).hex()))
    recorder.stop()
    (file,) = recorder.folder.iterdir()
    whole = file.read_bytes()
    damaged = 0

    for at in range(len(MAGIC), len(whole), 37):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
        try:
            for segment in open_recording(file):
                list(segment.records())
        except RecordingError:
            damaged += 1

    assert damaged > 100
