"""The whole window on a recording: read-only, marked as the past, and as good as new after a jump back."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core.app.replay_session import ReplaySession
from core.domain.errors import NotSent
from core.domain.instrument import Side
from core.domain.limits import NO_CONSENT
from core.domain.orders import CancelRequest
from core.runtime.logs import LogRing
from core.runtime.paths import KINDS, Paths
from core.runtime.settings import Settings
from core.runtime.tasks import Supervisor
from gui.bridge import Bridge
from gui.replay_app import open_replay_window, replay_paths
from gui.widgets.replay_bar import ReplayBar
from tests.helpers.recorded import BTC, recorded_terminal
from tests.helpers.waiting import eventually

pytestmark = pytest.mark.qt


async def record_a_trade(home):
    """Record some seconds with one order that is placed late and filled, and return the folder and the moments."""
    async with recorded_terminal(home) as live:
        await live.ready()
        await asyncio.sleep(0.5)
        before = live.session.flight_recorder.mark()
        live.session.note_input("submit buy 0.05 BTC/USD market")
        await live.order(Side.BUY, "0.05")
        await eventually(lambda: live.session.stores.fills.all())
        bid = live.session.stores.books.view(BTC).best_bid[0]
        await live.order(Side.BUY, "0.01", bid - Decimal(500))
        after = live.session.flight_recorder.mark()
    return live.folder, before, after


def orders_shown(window) -> int:
    return window.orders.model.rowCount()


async def test_the_window_lives_through_the_recording_and_goes_back(qtbot, tmp_path):
    folder, before, after = await record_a_trade(tmp_path)
    paths = replay_paths(Paths(*(tmp_path / kind for kind in ("config", "data", "state", "cache"))))
    paths.make()
    session = ReplaySession(folder)
    async with Supervisor("replay") as tasks:
        window = open_replay_window(
            session, Bridge(tasks), Settings(), paths, SimpleNamespace(ring=LogRing())
        )
        window.resize(1366, 768)
        window.show()
        bar = window.findChild(ReplayBar)
        session.playing = False
        await session.start()
        try:
            session.jump(after)
            await eventually(lambda: session.wish is None and not window.ladder.problem(), timeout_s=20)
            assert window._band.text() == "REPLAY"
            assert bar.word.text() == "REPLAY"
            await eventually(lambda: orders_shown(window) == 1 and session.stores.fills.all())
            assert "submit buy" in bar.asked.text()

            session.jump(before)
            await eventually(lambda: session.wish is None and session.player.position_ns == before)
            await eventually(lambda: orders_shown(window) == 0 and session.stores.fills.all() == [])

            assert not window.ticket.isEnabled()
            with pytest.raises(NotSent):
                await session.executor.cancel(CancelRequest(order_id="O"))
            with pytest.raises(NotSent):
                await session.executor.submit(object(), NO_CONSENT)
            session.speed = 100
            QTest.mouseClick(bar.play, Qt.MouseButton.LeftButton)
            await eventually(lambda: session.player.position_ns == session.player.end_ns, timeout_s=20)
            assert not session.playing
        finally:
            window.dispose()
            await session.stop()


def test_a_replay_keeps_out_of_the_profiles_own_folders(tmp_path):
    paths = Paths(*(tmp_path / kind for kind in ("config", "data", "state", "cache")))

    mine = replay_paths(paths)

    for kind in KINDS:
        assert getattr(mine, kind).parent == getattr(paths, kind)
