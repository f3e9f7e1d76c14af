"""What holds for every test: an off-screen Qt, a home of its own, and nothing left behind.

Async tests in tests/gui, tests that use `qtbot` and tests marked `qt` run on the Qt loop, all others on
the stock one. An unexpected log record of WARNING or above, a Qt warning, a leaked task, timer or window
fails the test that caused it.
"""

import asyncio
import gc
import inspect
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before any Qt import

import pytest
from hypothesis import settings

from tests.helpers import leaks
from tests.helpers.expected_logs import LogGuard

GUI_TESTS = Path(__file__).parent / "gui"
PRIVATE_VARIABLES = ("KRAKEN_API_KEY", "KRAKEN_API_SECRET")

# No deadline: a shared machine is slow at times, and the time limit of a test is pytest's.
settings.register_profile("tidewire", deadline=None)
settings.load_profile("tidewire")


def uses_qt(item: pytest.Item) -> bool:
    return (
        item.path.is_relative_to(GUI_TESTS)
        or "qtbot" in getattr(item, "fixturenames", ())
        or item.get_closest_marker("qt") is not None
    )


def qt_loop() -> asyncio.AbstractEventLoop:
    from PySide6.QtWidgets import QApplication

    from gui.qt_loop import QtLoop

    app = QApplication.instance() or QApplication(["tests"])
    app.setQuitOnLastWindowClosed(False)
    return QtLoop(app)


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"qt": qt_loop} if uses_qt(item) else {"std": asyncio.new_event_loop}


@pytest.fixture(autouse=True)
def own_home(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A home for this test alone; made by whoever first writes into it."""
    home = tmp_path_factory.getbasetemp() / "homes" / f"{abs(hash(request.node.nodeid)):x}"
    monkeypatch.setenv("TIDEWIRE_HOME", str(home))
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / "xdg" / name.lower()))
    for name in PRIVATE_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    return home


@pytest.fixture(autouse=True)
def log_guard() -> Iterator[LogGuard]:
    guard = LogGuard()
    with guard.watching():
        yield guard
        gc.collect(1)  # a forgotten task reports its exception when it is collected
    if complaint := guard.complaint():
        pytest.fail(complaint, pytrace=False)


@pytest.fixture(autouse=True)
def windows_die_here(request: pytest.FixtureRequest) -> Iterator[None]:
    """As in the program: no thread but this one collects garbage while there are windows."""
    if not uses_qt(request.node):
        yield
        return
    gc.disable()
    yield
    gc.collect(1)
    gc.enable()


@pytest.fixture
def expect_logs(log_guard: LogGuard) -> Callable[[str, str], None]:
    """Call with a logger's name and a pattern: such records are allowed now, and must occur."""
    return log_guard.expect


@pytest.fixture(autouse=True)
def nothing_left_behind(request: pytest.FixtureRequest, log_guard: LogGuard) -> Iterator[None]:
    """Set up before and torn down after the test's own fixtures."""
    watches_qt = uses_qt(request.node) and "PySide6.QtWidgets" in sys.modules
    before = leaks.QtObjects.now() if watches_qt else None
    if inspect.iscoroutinefunction(getattr(request.node, "obj", None)):
        request.getfixturevalue("no_task_left")
    yield
    if before and (complaint := before.left_since()):
        pytest.fail(complaint, pytrace=False)


@pytest.fixture
async def no_task_left() -> AsyncIterator[None]:
    yield
    if complaint := await leaks.tasks_left():
        pytest.fail(complaint, pytrace=False)
