"""S13: forty secrets through a run full of faults, logged at debug level: not one of them is found anywhere.

Two are the account's own, two its tokens; the others come back from the exchange where it should never say them: in
refusals, bodies, raw frames and reasons, named and unnamed, as they are and as URLs spell them.
"""

import asyncio
import base64
import faulthandler
import logging
import random
import subprocess
import sys
import threading
import urllib.parse
import zipfile
from contextlib import closing
from decimal import Decimal

import msgspec
import pytest
from PySide6.QtGui import QGuiApplication

from core.app.flight_recorder import open_recorder
from core.app.incident import IncidentSaver
from core.app.metrics import MetricsServer
from core.app.record import open_journal
from core.app.session import TradingSession
from core.app.venue import Venue
from core.data.journal.export import Span, What, export
from core.data.journal.schema import open_existing
from core.data.kraken.endpoints import Endpoints
from core.data.recording import open_recording
from core.domain.errors import TerminalError
from core.domain.health import BookState
from core.domain.ids import Symbol, new_cl_ord_id
from core.domain.instrument import Side
from core.domain.mode import Mode
from core.domain.orders import OrderRequest, OrderType
from core.domain.subscription import Subscription
from core.runtime.clock import SystemClock
from core.runtime.logs import Logs
from core.runtime.paths import find_paths
from core.runtime.secrets import KEY_VARIABLE, SECRET_VARIABLE, take_from_environment
from core.runtime.settings import Settings
from core.sim.exchange import SimExchange
from gui.views.log_view import LogView
from tests.faults.terminal import UNHURRIED
from tests.faults.user import AGREED
from tests.helpers.waiting import eventually

BTC = Symbol("BTC/USD")
PLANTED = 36
SIZES = (42, 66, 32)
"""Bytes behind Kraken's API keys (56 signs), private keys (88) and tokens (43)."""

SAYINGS = (
    "EAPI:Invalid key {}",
    "EGeneral:Invalid arguments token={}",
    "EOrder:Rejected api_secret: {}",
    'EGeneral:{{"token":"{}"}}',
    "EService:Unavailable Authorization: Bearer {}",
    "EAPI:Bad request /0/private?API-Key={}&x=1",
)


def canaries():
    chance = random.Random(40)
    return [base64.b64encode(chance.randbytes(SIZES[n % 3])).decode().rstrip("=") for n in range(PLANTED)]


def spellings(secret):
    return {secret, urllib.parse.quote(secret, safe=""), base64.b64encode(secret.encode()).decode()}


class Run:
    """A session on an exchange that talks too much, with everything it wrote."""

    def __init__(self, exchange):
        """The key comes as a live one does: out of the environment."""
        self.exchange = exchange
        keys = take_from_environment()
        assert keys is not None
        self.paths = find_paths()
        self.paths.make()
        clock = SystemClock()
        self.logs = Logs(self.paths.log_file, level="debug")
        where = exchange.endpoints
        endpoints = Endpoints(
            public_ws=where.public_ws,
            private_ws=where.private_ws,
            level3_ws=where.l3_ws,
            public_rest=where.public_rest,
            private_rest=where.private_rest,
        )
        venue = Venue(Mode.DEMO, endpoints, keys, is_new=True)
        journal = open_journal(self.paths, venue, clock)
        self.session = TradingSession(venue, clock, 1, journal, limits=UNHURRIED, redactor=self.logs.redactor)
        recorder = open_recorder(self.paths, venue, Settings(), self.logs.redactor.clean, clock)
        self.session.record_to(recorder)
        self.recording = recorder.folder
        self.metrics = MetricsServer(self.session.stores, self.session.flight_recorder, 0)
        self.incidents = IncidentSaver(
            self.session.flight_recorder,
            self.paths.log_file,
            self.paths.journal_file("demo"),
            Settings(),
            self.logs.redactor.clean,
            clock,
        )
        self.elsewhere = {}
        self.tokens = []
        self._is_stopped = False
        self._orders = 0
        self._token = self.session.rest.websockets_token
        self.session.rest.websockets_token = self._remembering

    async def _remembering(self):
        token = await self._token()
        self.tokens.append(token)
        return token

    async def ready(self):
        stores = self.session.stores

        def is_ready():
            view = stores.books.view(BTC)
            live = view is not None and view.state is BookState.LIVE
            return (
                live
                and not stores.health.account_doubt
                and stores.performance.clock_uncertainty_ns is not None
            )

        await eventually(is_ready, timeout_s=20)

    async def order(self):
        self.session.risk.acknowledge()
        self._orders += 1  # another size each time: the same order twice is refused here
        request = OrderRequest(
            cl_ord_id=new_cl_ord_id(),
            symbol=BTC,
            side=Side.BUY,
            order_type=OrderType.LIMIT,
            qty=Decimal("0.001") + Decimal("0.0001") * self._orders,
            limit_price=Decimal(60_000),
        )
        try:
            order = await self.session.executor.submit(request, AGREED)
        except TerminalError as failure:
            logging.getLogger("canary").info("refused %s %s", failure, failure.detail)
            return ""
        return order.reason

    async def stop(self):
        if not self._is_stopped:
            self._is_stopped = True
            await self.session.stop()
            self.logs.stop()

    async def look_around(self):
        """Collect what is to be seen while it runs: incidents, metrics, names, a crash, children, the clipboard."""
        self.metrics.take()
        names = [task.get_name() for task in asyncio.all_tasks()]
        names += [thread.name for thread in threading.enumerate()]
        self.elsewhere = {
            "metrics": repr(self.metrics.collect()).encode(),
            "names": repr(names).encode(),
            "arguments": repr(sys.argv).encode(),
            "child": await asyncio.to_thread(inherited),
            "clipboard": self._copied(),
        }
        with self.paths.fault_file.open("w") as crash:
            faulthandler.dump_traceback(crash, all_threads=True)
        for name, mask_ids in (("plain", False), ("masked", True)):
            out = self.paths.cache / f"{name}.zip"
            await self.incidents.save(out, 60, mask_ids=mask_ids)
            with zipfile.ZipFile(out) as bundle:
                for part in bundle.namelist():
                    self.elsewhere[f"incident {name} {part}"] = bundle.read(part)
            self.elsewhere[f"incident {name} records"] = recorded(out).encode()

    def _copied(self):
        view = LogView(self.logs.ring)
        try:
            view.refresh()
            view.table.selectAll()
            view.copy()
            return QGuiApplication.clipboard().text().encode()
        finally:
            view.detach()
            view.close()
            view.deleteLater()

    def written(self):
        """Every byte this run left, by place: log, journal, exports, and what was seen while it ran."""
        folders = (self.paths.state, self.paths.data, self.paths.config)
        files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
        found = {str(path): path.read_bytes() for path in files} | self.elsewhere
        with closing(open_existing(self.paths.journal_file("demo"))) as connection:
            for what in What:
                out = self.paths.cache / f"{what.value}.csv"
                export(connection, what, Span(), out)
                found[f"export {what.value}"] = out.read_bytes()
        found["log view"] = "\n".join(line.text for line in self.logs.ring.since()).encode()
        return found


def inherited():
    """What a child of this process is given, and what others see of it."""
    told = "import os, pathlib, sys; print(os.environ, sys.argv, pathlib.Path('/proc/self/environ').read_bytes())"
    return subprocess.run([sys.executable, "-c", told], capture_output=True, check=True).stdout


def recorded(place):
    return repr([record for segment in open_recording(place) for record in segment.records()])


@pytest.fixture
async def run(log_guard, qapp, monkeypatch):
    # A run of faults complains; what it may not do is tell secrets.
    logging.getLogger().removeHandler(log_guard)
    async with SimExchange(seed=3) as exchange:
        monkeypatch.setenv(KEY_VARIABLE, exchange.key)
        monkeypatch.setenv(SECRET_VARIABLE, exchange.secret)
        run = Run(exchange)
        release = run.session.market_data.watch(Subscription("book", BTC, depth=10))
        await run.session.start()
        yield run
        release()
        await run.stop()


async def test_s13_forty_canary_secrets_are_found_nowhere_after_a_run_of_faults(run, own_home):
    secrets = canaries()
    faults, session = run.exchange.faults, run.session
    await run.ready()

    heard = []
    for at, secret in enumerate(secrets[:12]):
        faults.error(SAYINGS[at % len(SAYINGS)].format(secret), method="add_order")
        heard.append(await run.order())
    for at, secret in enumerate(secrets[12:30]):
        faults.raw(
            msgspec.json.encode({"method": "pong", "error": SAYINGS[at % 6].format(secret), "req_id": at})
        )
        faults.raw(f'{{"channel":"status","type":"update","data":[{{"system":"token={secret}"}}]'.encode())
        faults.raw(f"not json {secret}".encode())
        await asyncio.sleep(0)
    for at, secret in enumerate(secrets[30:]):
        faults.error(SAYINGS[at % 6].format(secret), method="GetApiKeyInfo")
        session.rest.transport.unlatch()
        try:
            await session.rest.key_info()
        except TerminalError as failure:
            logging.getLogger("canary").warning("key not told: %s", failure.detail)
            try:
                raise RuntimeError(f"wrapped {secret}") from failure
            except RuntimeError:
                logging.getLogger("canary").exception("with its cause")
    session._record.note("canary", f"somebody said {secrets[1]}")
    run.exchange.faults.close(1001)
    await eventually(lambda: len(run.tokens) >= 2, timeout_s=20)
    await run.ready()
    logging.getLogger("canary").debug("all at once %s", [run.exchange.key, run.exchange.secret, *run.tokens])
    await run.look_around()
    await run.stop()

    everything = [run.exchange.key, run.exchange.secret, *run.tokens[:2], *secrets]
    assert len(set(everything)) == 40
    written = run.written()
    hits = [
        (place, number)
        for number, secret in enumerate(everything)
        for spelling in spellings(secret)
        for place, data in written.items()
        if spelling.encode() in data
    ]
    assert hits == []
    records = recorded(run.recording)
    assert [secret for secret in everything if secret in records] == []
    assert "add_order" in records
    # Every place was really looked into.
    assert b"[redacted]" in written["clipboard"]
    assert b"[redacted]" in written["incident plain log.txt"]
    assert b"tidewire_line_up" in written["metrics"]
    assert b"PATH" in written["child"]
    assert b"most recent call first" in written[str(run.paths.fault_file)]
    # It did pass through: the log holds the marks left in its place, the journal the refusals.
    assert written[str(run.paths.log_file)].count(b"[redacted]") >= 20
    assert any("[redacted]" in row for row in written["export events"].decode().splitlines())
    assert run.exchange.received("add_order") + run.exchange.received("AddOrder") >= 10
    assert any(heard)
