import pytest

from core.data.ws.inbox import Inbox, priority_of
from core.domain.health import Line
from core.domain.subscription import Priority


@pytest.mark.parametrize(
    ("frame", "priority"),
    [
        (b'{"channel":"ticker","type":"update","data":[]}', Priority.HIGH),
        (b'{"channel":"instrument","type":"update"}', Priority.HIGH),
        (b'{"channel":"book","type":"update"}', Priority.MEDIUM),
        (b'{"type":"update","data":[{"symbol":"BTC/USD"}],"channel":"book"}', Priority.MEDIUM),
        (b'{ "channel" : "book"}', Priority.MEDIUM),
        (b'{"channel":"level3","type":"update"}', Priority.MEDIUM),
        (b'{"channel":"trade","type":"update"}', Priority.LOW),
        (b'{"channel":"ohlc","type":"update"}', Priority.LOW),
        (b'{"channel":"heartbeat"}', Priority.CRITICAL),
        (b'{"method":"subscribe","result":{"channel":"book"},"success":true}', Priority.CRITICAL),
        (b"<html>", Priority.CRITICAL),
        (b"", Priority.CRITICAL),
    ],
)
def test_a_cheap_look_tells_the_class_of_a_frame(frame, priority):
    assert priority_of(Line.PUBLIC, frame) is priority
    assert priority_of(Line.PUBLIC, bytearray(frame)) is priority


def test_everything_of_the_account_goes_first():
    assert priority_of(Line.PRIVATE, b'{"channel":"book"}') is Priority.CRITICAL


def drained(inbox):
    items = []
    while (item := inbox.take()) is not None:
        items.append(item)
    return items


def test_the_important_goes_first_and_equals_keep_their_order():
    inbox = Inbox(pause=lambda: None, resume=lambda: None)
    for priority, item in [(3, "low"), (2, "book 1"), (0, "fill"), (2, "book 2"), (1, "ticker")]:
        inbox.put(Priority(priority), item)

    assert inbox.size == 5
    assert drained(inbox) == ["fill", "ticker", "book 1", "book 2", "low"]
    assert inbox.size == 0


def test_a_full_inbox_asks_for_a_pause_keeps_everything_and_resumes_at_half():
    told = []
    inbox = Inbox(pause=lambda: told.append("pause"), resume=lambda: told.append("resume"), bound=4)

    for n in range(6):
        inbox.put(Priority.LOW, n)
    assert told == ["pause"]
    assert [inbox.take() for _ in range(4)] == [0, 1, 2, 3]

    assert told == ["pause", "resume"]
    assert drained(inbox) == [4, 5]
    assert inbox.pauses == 1
