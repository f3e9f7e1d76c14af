"""Rows X of the fault catalogue: broken and hostile frames cost a counter, at most a connection, never the program."""

import asyncio

import pytest

from core.domain.health import BookState
from core.processing.health_store import HealthLevel
from tests.faults.scene import BTC, play
from tests.faults.test_line_rows import is_live

DEEP = b"[" * 100_000
BOOK = (
    b'{"channel":"book","type":"update","data":[{"symbol":"BTC/USD",'
    b'"bids":[{"price":%s,"qty":1}],"asks":[],"checksum":1}]}'
)


def bad_frames(scene):
    return scene.stores.health.bad_data.total()


def send(data, is_text=True):
    async def story(scene):
        await asyncio.sleep(1)
        scene.plan.raw(data, is_text=is_text, role="public")
        await asyncio.sleep(3)
        await scene.until(lambda: is_live(scene), 10)

        assert scene.stores.health.shown.level is not HealthLevel.BLIND
        story.bad = bad_frames(scene)

    play(story)
    return story.bad


def test_x1_json_nested_without_end_is_counted_and_the_flow_goes_on():
    assert send(DEEP) > 0


def test_x1_a_frame_beyond_the_limit_is_refused_and_the_flow_goes_on():
    send(b'{"channel":"book","data":"' + b"A" * (3 * 2**20) + b'"}')


@pytest.mark.parametrize("number", [b"1e999999", b"-1", b"9" * 5_000, b"1e-999999", b"NaN"])
def test_x2_a_number_nobody_may_compute_with_never_reaches_a_book(number):
    async def story(scene):
        await asyncio.sleep(1)
        before = scene.stores.books.view(BTC).best_bid
        assert before is not None
        scene.plan.raw(BOOK % number, role="public")
        await scene.until(lambda: bad_frames(scene) > 0 or scene.stores.books.view(BTC).resyncs > 0, 3)

        await scene.until(lambda: is_live(scene), 5)

        assert scene.stores.books.view(BTC).state is BookState.LIVE

    play(story)


@pytest.mark.parametrize(
    "frame",
    [
        b'{"channel":"nonsense","type":"update","data":[]}',
        b'{"channel":"ticker","type":"update","data":[{"symbol":null}]}',
        b'{"channel":"executions","type":"update","data":[{"exec_type":"invented","order_id":7}],"sequence":"x"}',
        b'{"channel":"trade","channel":"book"}',
        b"null",
        b"{}",
    ],
)
def test_x3_unknown_missing_and_repeated_fields_kill_no_reader(frame):
    send(frame)


@pytest.mark.parametrize(("frame", "is_text"), [(b"\xff\xfe\xfd", True), (b"\x00\x01", False), (b"", True)])
def test_x7_bytes_that_are_no_text_cost_a_connection_at_most(frame, is_text):
    send(frame, is_text)
