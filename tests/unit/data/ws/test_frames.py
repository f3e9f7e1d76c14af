"""Cutting messages out of a stream, against the library's own reader of frames."""

import struct
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode
from websockets.protocol import Protocol, Side, State

from core.data.ws.frames import FrameCutter

LIMIT = 100_000


def frame(first: int, payload: bytes, *, masked: bool = False) -> bytes:
    mask = 0x80 if masked else 0
    if len(payload) <= 125:
        length = struct.pack("!B", mask | len(payload))
    elif len(payload) <= 0xFFFF:
        length = struct.pack("!BH", mask | 126, len(payload))
    else:
        length = struct.pack("!BQ", mask | 127, len(payload))
    return bytes([first]) + length + (b"\0\0\0\0" if masked else b"") + payload


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    places = [0, *sorted({cut % (len(data) + 1) for cut in cuts}), len(data)]
    return [data[start:stop] for start, stop in pairwise(places)]


def everything_cut(parts: list[bytes], limit: int = LIMIT) -> tuple[list[bytes], bytes]:
    cutter = FrameCutter(limit)
    messages, others = [], b""
    for part in parts:
        cut, rest = cutter.cut(part)
        messages += cut
        others += rest
    return messages, others


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 128, 255, 256, 65_535, 65_536, LIMIT])
@pytest.mark.parametrize("first", [0x81, 0x82])
def test_a_message_of_any_length_comes_out_whole(first, size):
    payload = bytes(n % 251 for n in range(size))
    assert everything_cut([frame(first, payload)]) == ([payload], b"")


@pytest.mark.parametrize("size", [0, 125, 126, 300, 70_000])
def test_it_comes_out_when_its_last_byte_is_there_and_not_before(size):
    data = frame(0x81, b"x" * size)
    for place in {*range(1, min(len(data), 16)), len(data) - 1}:
        cutter = FrameCutter(LIMIT)
        assert cutter.cut(data[:place]) == ([], b"")
        assert cutter.cut(data[place:]) == ([b"x" * size], b"")


def test_pings_and_pongs_between_messages_are_the_librarys_and_no_message_is_lost():
    ping, pong = frame(0x89, b"are you there"), frame(0x8A, b"")
    data = frame(0x81, b"one") + ping + frame(0x81, b"two") + pong + frame(0x81, b"three")
    assert everything_cut([data]) == ([b"one", b"two", b"three"], ping + pong)


@pytest.mark.parametrize(
    "unusual",
    [
        frame(0x88, b"\x03\xe8"),
        frame(0x01, b"the beginning"),
        frame(0x80, b"the end of nothing"),
        frame(0xC1, b"compressed"),
        frame(0x83, b"unknown"),
        frame(0xC9, b"a ping with a reserved bit"),
        frame(0x81, b"masked", masked=True),
        frame(0x81, b"m" * 200, masked=True),
        frame(0x89, b"p" * 126),
        b"\x81\x7f" + struct.pack("!Q", LIMIT + 1),
        b"\x81\x7f" + b"\xff" * 8,
    ],
)
def test_from_an_unusual_frame_on_all_bytes_are_the_librarys(unusual):
    after = frame(0x81, b"after")
    messages, others = everything_cut([frame(0x81, b"before") + unusual[:3], unusual[3:], after])
    assert messages == [b"before"]
    assert others == unusual + after


def test_once_handed_over_nothing_is_cut():
    cutter = FrameCutter(LIMIT)
    cutter.hand_over()
    assert cutter.cut(frame(0x81, b"text")) == ([], frame(0x81, b"text"))


PLAIN = st.builds(frame, st.sampled_from([0x81, 0x82, 0x89, 0x8A]), st.binary(max_size=125)) | st.builds(
    frame, st.sampled_from([0x81, 0x82]), st.integers(0, 70_000).map(lambda n: b"y" * n)
)
UNUSUAL = st.builds(frame, st.integers(0, 255), st.binary(max_size=200), masked=st.booleans())
CUTS = st.lists(st.integers(0, 10**6), max_size=30)


class Reader:
    """The library's protocol of a client whose connection stands."""

    def __init__(self) -> None:
        self._protocol = Protocol(Side.CLIENT, state=State.OPEN, max_size=LIMIT)
        self.messages: list[bytes] = []
        self.said: list[bytes] = []
        self._fragments = b""

    def feed(self, data: bytes) -> None:
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            assert isinstance(event, Frame)
            if event.opcode in (Opcode.CONT, Opcode.TEXT, Opcode.BINARY):
                self._fragments += bytes(event.data)
                if event.fin:
                    self.messages.append(self._fragments)
                    self._fragments = b""
        self._protocol.data_to_send()

    @property
    def end(self) -> tuple[object, ...]:
        protocol = self._protocol
        return protocol.state, protocol.close_rcvd, protocol.close_sent, str(protocol.parser_exc)


@given(st.lists(PLAIN | UNUSUAL, max_size=12), CUTS)
def test_with_the_cutter_in_front_the_library_ends_as_without(frames, cuts):
    parts = pieces(b"".join(frames), cuts)
    alone = Reader()
    for part in parts:
        alone.feed(part)
    cutter, behind = FrameCutter(LIMIT), Reader()
    for part in parts:
        messages, others = cutter.cut(part)
        behind.messages += messages
        if others:
            behind.feed(others)

    assert behind.messages == alone.messages
    assert behind.end == alone.end


@given(st.lists(PLAIN, max_size=12), CUTS)
def test_how_the_stream_is_cut_into_reads_changes_nothing(frames, cuts):
    data = b"".join(frames)
    assert everything_cut(pieces(data, cuts)) == everything_cut([data])
