"""The whole program on one desk: embedded exchange, session and real window, opened and closed inside a test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from msgspec.structs import replace

from core.app.record import open_journal
from core.app.session import TradingSession
from core.app.venue import Venue, open_venue
from core.domain.health import BookState
from core.domain.ids import Symbol
from core.domain.mode import Mode
from core.runtime.clock import Clock, SystemClock
from core.runtime.paths import find_paths
from core.runtime.tasks import Supervisor
from gui.bridge import Bridge
from gui.frame_clock import FrameClock
from gui.main_window import MainWindow
from tests.helpers.cable import Cable, cable_to
from tests.helpers.waiting import eventually


@dataclass
class Desk:
    """What a test may touch: the window as a user would, the session to look at, the market's cable to harm."""

    window: MainWindow
    session: TradingSession
    venue: Venue
    cable: Cable
    frame_clock: FrameClock

    async def ready(self) -> None:
        """Wait until an order could be placed: books live, account verified, clock known."""
        stores = self.session.stores
        await eventually(
            lambda: (
                (view := stores.books.view(self.window.link.symbol)) is not None
                and view.state is BookState.LIVE
                and not stores.health.account_doubt
                and stores.performance.clock_uncertainty_ns is not None
            ),
            timeout_s=20,
        )


def demo_venue(clock: Clock, seed: int) -> AbstractAsyncContextManager[Venue]:
    """The embedded exchange as the program opens it."""
    return open_venue(Mode.DEMO, clock=clock, seed=seed, speed=1.0, endpoints_file=None, profile="default")


@asynccontextmanager
async def open_desk(
    symbols: tuple[str, ...] = ("BTC/USD", "ETH/USD"),
    *,
    seed: int = 7,
    size: tuple[int, int] = (1366, 768),
    venue_at: AbstractAsyncContextManager[Venue] | None = None,
) -> AsyncIterator[Desk]:
    """Run a terminal on an exchange of its own, or on the one given; all is closed when the context ends."""
    clock = SystemClock()
    paths = find_paths()
    paths.make()
    async with (
        Supervisor("desk", clock=clock) as tasks,
        venue_at or demo_venue(clock, seed) as venue,
        cable_to(venue.endpoints.public_ws) as cable,
    ):
        venue = replace(venue, endpoints=replace(venue.endpoints, public_ws=cable.url))
        session = TradingSession(venue, clock, seed, open_journal(paths, venue, clock))
        bridge = Bridge(tasks)
        frame_clock = FrameClock(session.stores)
        session.show_with(frame_clock.nudge)
        window = MainWindow(
            session=session,
            bridge=bridge,
            frame_clock=frame_clock,
            symbols=[Symbol(symbol) for symbol in symbols],
            paths=paths,
        )
        window.resize(*size)
        window.show()
        window.activateWindow()
        await session.start()
        try:
            yield Desk(window, session, venue, cable, frame_clock)
            await eventually(lambda: not bridge.running, timeout_s=10)
        finally:
            await bridge.stop()
            window.dispose()
            await session.stop()
