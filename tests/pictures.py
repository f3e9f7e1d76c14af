"""Pictures of the window, for whoever changes its looks: ``python -m tests.pictures [WHAT]``.

WHAT is sheets, panels, german, readme or health; all of them without it. The first three show a hand-filled desk in
every theme, size and scale, always the same, in build/pictures. The pictures of the README are taken from the real
program on the embedded exchange, the second one after some trading.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from contextlib import nullcontext
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before any Qt import

from PySide6.QtWidgets import QApplication, QPushButton

from core.domain.ids import ClOrdId, Symbol
from core.domain.instrument import Side
from core.domain.mode import Mode
from core.domain.orders import AmendRequest, OrderRequest, OrderType
from core.runtime.settings import FIRST_WATCHLIST
from core.runtime.tasks import Supervisor
from core.sim.exchange import SimExchange
from gui.main_window import MainWindow
from gui.qt_loop import QtLoop
from gui.theme import THEMES, apply_theme
from gui.translation import install
from tests.faults.terminal import venue_of
from tests.helpers import dialogs
from tests.helpers.desk import Desk as LiveDesk
from tests.helpers.desk import open_desk
from tests.helpers.market import full_desk
from tests.helpers.waiting import eventually
from tests.helpers.window import open_window

ROOT = Path(__file__).resolve().parent.parent
SHEETS = ROOT / "build" / "pictures"
README = ROOT / "resources" / "pictures"
SIZES = ((1366, 768), (1920, 1080))
README_SIZE = (1920, 1080)
HEALTH_SIZE = (1600, 1000)
SETTLE_S = 0.4
MARKET_S = 20
"""How long the market moves before a README picture, so that the tape and the last candle have something to show."""


def save(window: MainWindow, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    window.health.refresh()
    assert window.grab().save(str(file), "PNG"), f"{file} cannot be written"
    for problem in window.panels_without_data():
        sys.stderr.write(f"{file.name}: {problem}\n")


async def take_german(app: QApplication) -> None:
    """The smallest window and every panel and dialog in the longer language."""
    apply_theme(app, THEMES["dark"])
    install(app, "de")
    await take_set(SHEETS / "german")


async def take_sheets(app: QApplication) -> None:
    scale = "@2x" if app.devicePixelRatio() > 1 else ""
    for name, theme in THEMES.items():
        apply_theme(app, theme)
        for width, height in SIZES:
            with tempfile.TemporaryDirectory() as home:
                async with Supervisor("pictures") as tasks:
                    window = open_window(full_desk(mode=Mode.DEMO), Path(home), tasks, (width, height))
                    await asyncio.sleep(SETTLE_S)
                    save(window, SHEETS / f"{name.replace(' ', '-')}-{width}x{height}{scale}.png")
                    window.dispose()


async def take_panels(app: QApplication) -> None:
    for name, theme in THEMES.items():
        apply_theme(app, theme)
        await take_set(SHEETS / f"panels-{name.replace(' ', '-')}")


async def take_set(folder: Path) -> None:
    """Every panel, at the size it has in the smallest window, and every dialog."""
    with tempfile.TemporaryDirectory() as home:
        async with Supervisor("pictures") as tasks:
            desk = full_desk(mode=Mode.DEMO)
            window = open_window(desk, Path(home), tasks, SIZES[0])
            await asyncio.sleep(SETTLE_S)
            save(window, folder / "window.png")
            for title, dock in window.docks.all().items():
                window.docks.show(title)
                await asyncio.sleep(SETTLE_S)
                window.health.refresh()
                dock.grab().save(str(folder / f"panel-{_file_name(title)}.png"))
            for name, show in dialogs.ways(window, desk):
                show()
                await asyncio.sleep(SETTLE_S)
                for dialog in dialogs.visible(window):
                    dialog.grab().save(str(folder / f"dialog-{name}.png"))
                    dialog.close()
                await asyncio.sleep(SETTLE_S)
            window.dispose()


def _file_name(title: str) -> str:
    return title.lower().replace(" ", "-").replace("&", "and")


async def take_readme(app: QApplication) -> None:
    apply_theme(app, THEMES["dark"])
    with tempfile.TemporaryDirectory() as home:
        os.environ["TIDEWIRE_HOME"] = home
        async with open_desk(FIRST_WATCHLIST, size=README_SIZE) as desk:
            await desk.ready()
            await eventually(lambda: not desk.window.panels_without_data(), timeout_s=30)
            await asyncio.sleep(MARKET_S)
            save(desk.window, README / "terminal.png")
            await trade(desk)
            await asyncio.sleep(MARKET_S)
            save(desk.window, README / "trading.png")


async def take_health(app: QApplication) -> None:
    """The dashboard with nothing wrong, with one silent book, and with every line lost."""
    apply_theme(app, THEMES["dark"])
    with tempfile.TemporaryDirectory() as home:
        os.environ["TIDEWIRE_HOME"] = home
        async with SimExchange(seed=7) as exchange:
            venue = nullcontext(venue_of(exchange))
            async with open_desk(FIRST_WATCHLIST, size=HEALTH_SIZE, venue_at=venue) as desk:
                await desk.ready()
                desk.window.show_health()
                await asyncio.sleep(2 * MARKET_S)
                save(desk.window, README / "health-safe.png")
                silent = exchange.faults.silent("book", symbol="BTC/USD")
                await eventually(lambda: desk.session.stores.distrust_of(Symbol("BTC/USD")), timeout_s=15)
                await asyncio.sleep(2)
                save(desk.window, README / "health-degraded.png")
                silent.remove()
                await desk.ready()
                exchange.faults.http(503, b"gone", method="connect", times=None)
                exchange.faults.close(1006)
                await asyncio.sleep(8)
                save(desk.window, README / "health-blind.png")


async def trade(desk: LiveDesk) -> None:
    """Take some, rest some, and move one order."""
    window, stores, symbol = desk.window, desk.session.stores, Symbol("ETH/USD")
    window.link.show_symbol(symbol)
    await desk.ready()
    await eventually(lambda: not window.panels_without_data(), timeout_s=30)
    view = stores.books.view(symbol)
    assert view is not None
    assert view.best_bid is not None
    touch = view.best_bid[0]
    for side, qty in ((Side.BUY, "4.2"), (Side.SELL, "1.5"), (Side.BUY, "2.8")):
        window.commands.submit(request(symbol, side, qty, None))
    resting = (
        (symbol, Side.BUY, "5", touch - Decimal("0.38")),
        (symbol, Side.BUY, "8", touch - Decimal("0.92")),
        (symbol, Side.SELL, "6", touch + Decimal("0.84")),
        (symbol, Side.SELL, "4", touch + Decimal("1.47")),
        (symbol, Side.SELL, "2.5", touch + Decimal("0.06")),
    )
    for order in resting:
        window.commands.submit(request(*order))
    await eventually(lambda: len([o for o in stores.orders.open() if o.order_id]) >= 3, timeout_s=10)
    lowest = min(stores.orders.open(symbol), key=lambda order: order.limit_price or touch)
    assert lowest.order_id is not None
    window.commands.amend(
        AmendRequest(order_id=lowest.order_id, limit_price=touch - Decimal("0.7"), qty=Decimal(10))
    )
    ended = next(button for button in window.orders.findChildren(QPushButton) if button.isCheckable())
    ended.click()


def request(symbol: Symbol, side: Side, qty: str, price: Decimal | None) -> OrderRequest:
    return OrderRequest(
        cl_ord_id=ClOrdId(str(uuid4())),
        symbol=symbol,
        side=side,
        order_type=OrderType.MARKET if price is None else OrderType.LIMIT,
        qty=Decimal(qty),
        limit_price=price,
    )


def take(what: str) -> None:
    app = QApplication(["pictures"])
    app.setQuitOnLastWindowClosed(False)
    work = {
        "sheets": take_sheets,
        "panels": take_panels,
        "readme": take_readme,
        "health": take_health,
        "german": take_german,
    }[what]
    with asyncio.Runner(loop_factory=lambda: QtLoop(app)) as runner:
        runner.run(work(app))


def take_all() -> int:
    """Each scale needs a program of its own."""
    failed = 0
    for what, scale in (
        ("sheets", "1"),
        ("sheets", "2"),
        ("panels", "1"),
        ("german", "1"),
        ("readme", "1"),
        ("health", "1"),
    ):
        command = [sys.executable, "-m", "tests.pictures", what]
        environment = {**os.environ, "QT_SCALE_FACTOR": scale}
        failed |= subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
    return failed


if __name__ == "__main__":
    if sys.argv[1:]:
        take(sys.argv[1])
    else:
        raise SystemExit(take_all())
