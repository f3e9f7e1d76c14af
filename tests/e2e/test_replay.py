"""A recorded run of the terminal, lived through again: the same state at the same moments."""

from __future__ import annotations

import asyncio
from decimal import Decimal

from core.app.replay_session import ReplaySession
from core.app.store_rows import digest
from core.data import recorder
from core.data.recording import Sent, open_recording
from core.domain.health import BookState, Line
from core.domain.instrument import Side
from core.domain.orders import CancelRequest, OrderStatus
from tests.helpers.recorded import BTC, recorded_terminal
from tests.helpers.waiting import eventually


async def replayed_to(session: ReplaySession, moment: int) -> str:
    session.player.prepare(moment)
    await eventually(lambda: session.player.advance(moment, 500), timeout_s=20)
    return digest(session.stores)


async def test_a_replay_has_the_state_of_the_live_run_at_every_marked_moment(tmp_path):
    marks: list[tuple[int, str]] = []
    async with recorded_terminal(tmp_path) as live:
        await live.ready()
        session = live.session

        def mark() -> None:
            marks.append((session.flight_recorder.mark(), digest(session.stores)))

        mark()
        bid = session.stores.books.view(BTC).best_bid[0]
        await live.order(Side.BUY, "0.05")
        resting = await live.order(Side.BUY, "0.01", bid - Decimal(500))
        mark()
        session.lines.reconnect(Line.PUBLIC)
        await asyncio.sleep(1.2)
        mark()
        session.flight_recorder.split()
        await session.executor.cancel(CancelRequest(cl_ord_id=resting))
        await eventually(lambda: session.stores.orders.get(resting).status is OrderStatus.CANCELED)
        session.lines.reconnect(Line.PRIVATE)
        await asyncio.sleep(1.2)
        await eventually(lambda: session.stores.books.view(BTC).state is BookState.LIVE)
        mark()

    replay = ReplaySession(live.folder)
    try:
        again = [(moment, await replayed_to(replay, moment)) for moment, _ in marks]
        assert again == marks
        assert len({state for _, state in marks}) == len(marks), "nothing happened between the marks"
        assert replay.stores.fills.all()
        assert {order.status for order in replay.stores.orders.all()} >= {
            OrderStatus.FILLED,
            OrderStatus.CANCELED,
        }
        # Back and forth: from the checkpoint of the second segment, and from the very beginning.
        assert await replayed_to(replay, marks[0][0]) == marks[0][1]
        assert await replayed_to(replay, marks[-1][0]) == marks[-1][1]
    finally:
        await replay.stop()


def levels(session) -> dict:
    views = {symbol: session.stores.books.view(symbol) for symbol in session.stores.books.symbols()}
    return {symbol: (view.state, view.bids(25), view.asks(25)) for symbol, view in views.items()}


def account(session) -> tuple:
    stores = session.stores
    orders = sorted(stores.orders.rows().items())
    return orders, stores.fills.all(), stores.balances.told_all(), stores.health.account_doubt


async def test_a_jump_to_a_later_checkpoint_shows_the_books_and_the_account_of_that_moment(tmp_path):
    async with recorded_terminal(tmp_path) as live:
        await live.ready()
        session, flight = live.session, live.session.flight_recorder
        bid = session.stores.books.view(BTC).best_bid[0]
        await live.order(Side.BUY, "0.01", bid - Decimal(500))
        for _ in range(3):
            await asyncio.sleep(0.3)
            flight.split()
        await asyncio.sleep(0.3)
        await live.order(Side.SELL, "0.02")  # its reports come after the checkpoint, on both private lines
        await eventually(lambda: len(session.stores.fills.all()) > 0)
        moment, books, money = flight.mark(), levels(session), account(session)

    replay = ReplaySession(live.folder)
    try:
        await replayed_to(replay, moment)

        assert replay.player._at == 3, "the segments before were skipped"
        assert levels(replay) == books
        assert all(state is BookState.LIVE for state, *_ in books.values())
        assert account(replay) == money
        assert replay.stores.tickers.get(BTC) == session.stores.tickers.get(BTC)
    finally:
        await replay.stop()


async def test_no_secret_is_in_a_recording(tmp_path):
    async with recorded_terminal(tmp_path) as live:
        await live.ready()
        await live.order(Side.BUY, "0.01")
        live.session.lines.connection(Line.PRIVATE).session._broken = f"token refused: {live.secrets[2]}"
        await asyncio.sleep(0.8)
        secrets = live.secrets

    records = [record for segment in open_recording(live.folder) for record in segment.records()]
    unpacked = repr(records)
    assert len(secrets) == 4, "the key, its secret and the tokens of two private lines"
    assert [secret for secret in secrets if secret in unpacked] == []
    sent = b"".join(record.data for record in records if isinstance(record, Sent))
    assert b"add_order" in sent
    assert b'"token"' in sent


async def test_after_a_loss_the_recording_begins_anew_and_shows_the_truth_again(tmp_path, monkeypatch):
    async with recorded_terminal(tmp_path) as live:
        await live.ready()
        session, flight = live.session, live.session.flight_recorder
        with monkeypatch.context() as patch:
            patch.setattr(recorder, "QUEUED_ITEMS", 0)
            await live.order(Side.BUY, "0.02")
            await eventually(lambda: session.stores.fills.all() and live.recorder.lost > 10)
        flight.look()
        await asyncio.sleep(0.5)
        moment, books, money = flight.mark(), levels(session), account(session)

    replay = ReplaySession(live.folder)
    try:
        await replayed_to(replay, replay.player.start_ns)  # through the hole, not by a jump
        await eventually(lambda: replay.player.advance(moment, 500), timeout_s=20)

        assert levels(replay) == books
        assert account(replay) == money
        assert any("found no room" in note.text for note in session.stores.health.events)
    finally:
        await replay.stop()
