"""How long until the first live book is painted, how much memory the program holds then, and what it costs at rest.

All are new processes, measured from outside; a start lasts until the line that tells of the first paint.
"""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.measure import Goal, Row

STARTS = 5
LONGEST_START_S = 60.0
SETTLE_S = 3.0
CALM_AFTER_S = 8.0
CALM_ROUNDS = 5
CALM_S = 5.0
OUR_LINE = "first live book painted"
BARE_LINE = "painted"
BYTES_PER_MB = 1_000_000
# What the terminal has imported of others by then (the keychain it has not), an empty window, one paint. Whatever
# httpx imports with its first request is named here.
BARE_WINDOW = """
import asyncio, logging.handlers, sqlite3, sys
import anyio._backends._asyncio, certifi, h11, httpcore, httpx
import msgspec, numpy, platformdirs, pyqtgraph, qasync, websockets
import websockets.asyncio.client, websockets.asyncio.server
from PySide6.QtNetwork import QLocalServer
from PySide6.QtWidgets import QApplication, QMainWindow

class Window(QMainWindow):
    def paintEvent(self, event):
        super().paintEvent(event)
        sys.stderr.write("painted\\n")
        sys.stderr.flush()

app = QApplication([])
window = Window()
window.resize(1366, 768)
window.show()
app.exec()
"""


# As large as the bare window: without a screen the terminal would make itself small.
SIZE = ["--size", "1366x768"]
OURS = [sys.executable, "-m", "gui", "--mode", "demo", "--seed", "7", "--log-level", "info", *SIZE]
BARE = [sys.executable, "-c", BARE_WINDOW]


@contextlib.contextmanager
def started(command: list[str], line: str, home: str) -> Iterator[tuple[float, int]]:
    """Start a program, wait for its line, and give (seconds it took, process id); then end it."""
    env = {**os.environ, "TIDEWIRE_HOME": home}
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # nobody compiles the program anew at each start
    began = time.perf_counter()
    process = subprocess.Popen(command, env=env, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    try:
        lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=_pump, args=(process, lines), daemon=True).start()
        heard = []
        while not heard or line not in heard[-1]:
            try:
                heard.append(lines.get(timeout=LONGEST_START_S))
            except queue.Empty:
                raise AssertionError("no start within a minute: " + "".join(heard)) from None
            if not heard[-1]:
                raise AssertionError("the program ended at its start: " + "".join(heard))
        yield time.perf_counter() - began, process.pid
    finally:
        process.terminate()
        process.wait(30)


def _pump(process: subprocess.Popen[str], lines: queue.Queue[str]) -> None:
    assert process.stderr is not None
    for text in process.stderr:
        lines.put(text)
    lines.put("")


def start_to_book() -> list[tuple[float, float | None]]:
    pairs: list[tuple[float, float | None]] = []
    with tempfile.TemporaryDirectory() as home:
        for number in range(STARTS + 1):
            with started(BARE, BARE_LINE, home) as (bare_s, _):
                pass
            with started(OURS, OUR_LINE, home) as (ours_s, _):
                pass
            if number:  # the first start also writes bytecode
                pairs.append((ours_s * 1000, bare_s * 1000))
    return pairs


def rss_start() -> list[tuple[float, float | None]]:
    pairs: list[tuple[float, float | None]] = []
    with tempfile.TemporaryDirectory() as home:
        for number in range(4):
            with started(OURS, OUR_LINE, home) as (_, pid):
                time.sleep(SETTLE_S)
                if number:  # compiling leaves traces in memory
                    pairs.append((resident_bytes(pid) / BYTES_PER_MB, None))
    return pairs


def cpu_idle() -> list[tuple[float, float | None]]:
    """Percent of one core of the whole program, embedded exchange included, while nobody touches it."""
    shares: list[tuple[float, float | None]] = []
    with tempfile.TemporaryDirectory() as home, started(OURS, OUR_LINE, home) as (_, pid):
        time.sleep(CALM_AFTER_S)
        for _ in range(CALM_ROUNDS):
            before, began = processor_s(pid), time.perf_counter()
            time.sleep(CALM_S)
            shares.append(((processor_s(pid) - before) / (time.perf_counter() - began) * 100, None))
    return shares


def processor_s(pid: int) -> float:
    """Return the processor time a process has used. Linux only."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_bytes(pid: int) -> int:
    """Return the physical memory a process holds. Linux only: others have no file that tells it."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


ROWS = [
    Row("start_to_book", "ms", Goal(1.5, at_least=False), start_to_book),
    Row("rss_start", "MB", Goal(200.0, at_least=False), rss_start),
    Row("cpu_idle", "% of a core", Goal(6.0, at_least=False), cpu_idle),
]
