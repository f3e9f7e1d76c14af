"""``tidewire doctor``: is this computer ready? One line a check; works without a display."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from urllib.parse import urlsplit

import msgspec
from websockets.exceptions import WebSocketException

from core.data.kraken.endpoints import LIVE, Endpoints
from core.data.rest.client import RestClient
from core.domain.errors import TerminalError
from core.domain.passport import judge
from core.processing.book_side import COMPILED
from core.runtime.clock import NS_PER_MS, SystemClock
from core.runtime.paths import find_paths
from core.runtime.secrets import KeyPair, SecretsError, open_keychain, take_from_environment
from core.runtime.settings import load_settings
from core.runtime.supported import problem_here, qt_version
from core.runtime.tls import client_context

NETWORK_TIMEOUT_S = 5.0
HTTPS_PORT = 443
CLOCK_WARN_NS = 500 * NS_PER_MS
OTHERS = 0o077
SHOWN = 3

Host = tuple[str, int]


class Finding(msgspec.Struct, frozen=True):
    """What one check found. ``failed`` checks make the exit code 1; a note is for information."""

    name: str
    text: str
    failed: bool = False


def run_doctor(
    libraries: Callable[[], str], profile: str, endpoints: Endpoints = LIVE, *, trades: bool = False
) -> int:
    """Print one line a check and return 0 when all passed, else 1.

    ``libraries`` answers what the screen toolkit lacks on this system, empty for nothing; ``endpoints`` are asked.
    With ``trades`` the checks are the local ones and one order on the embedded exchange: nothing leaves the computer.
    """
    further = asyncio.run(_demo_trade() if trades else _network(profile, endpoints))
    findings = [*_local(libraries, profile), *further]
    for finding in findings:
        mark = "FAIL" if finding.failed else "ok"
        sys.stdout.write(f"{mark:<5}{finding.name:<12}{finding.text}\n")
    return 1 if any(finding.failed for finding in findings) else 0


def _local(libraries: Callable[[], str], profile: str) -> Iterator[Finding]:
    yield _pair()
    lacking = libraries()
    yield Finding("libraries", lacking or "all that Qt needs is there", failed=bool(lacking))
    shown = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY")
    yield Finding("display", shown or "none: the window is drawn off-screen")
    yield _folders(profile)
    yield _settings(profile)
    yield _files(profile)
    yield _keychain(profile)


def _pair() -> Finding:
    python = ".".join(map(str, sys.version_info[:3]))
    problem = problem_here()
    books = "Python" if COMPILED is None else "C"
    found = f"Python {python}, PySide6 {qt_version()}, books kept in {books}"
    return Finding("python/qt", problem or found, failed=bool(problem))


def _folders(profile: str) -> Finding:
    try:
        paths = find_paths(profile)
        paths.make()
    except TerminalError as failure:
        return Finding("folders", failure.user_message, failed=True)
    free = shutil.disk_usage(paths.data).free
    text = f"{paths.config}, {paths.data}; {free // 2**20} MiB free"
    return Finding("folders", text, failed=bool(paths.low_disk()))


def _settings(profile: str) -> Finding:
    try:
        settings = load_settings(find_paths(profile).settings_file)
    except TerminalError as failure:
        return Finding("settings", failure.user_message, failed=True)
    return Finding("settings", f"mode {settings.mode}, {len(settings.symbols)} pairs")


def _files(profile: str) -> Finding:
    """Whether anybody else on this computer may read what the profile keeps."""
    try:
        paths = find_paths(profile)
    except TerminalError as failure:
        return Finding("files", failure.user_message, failed=True)
    if os.name != "posix":
        return Finding("files", "kept in the user's own folders")
    folders = dict.fromkeys((paths.config, paths.data, paths.state))
    kept = [file for folder in folders if folder.is_dir() for file in folder.iterdir() if file.is_file()]
    open_ones = sorted(file.name for file in kept if file.stat().st_mode & OTHERS)
    if open_ones:
        return Finding(
            "files", f"others may read {', '.join(open_ones[:SHOWN])}: chmod 600 them", failed=True
        )
    return Finding("files", f"{len(kept)} kept, readable by their owner alone")


def _keychain(profile: str) -> Finding:
    try:
        stored = open_keychain().load(profile) is not None
    except SecretsError as failure:
        return Finding("keychain", failure.user_message)
    return Finding("keychain", "holds a key of this profile" if stored else "reachable, holds no key")


async def _demo_trade() -> list[Finding]:
    from core.app.demo_trade import trade_once

    try:
        return [Finding("trade", await trade_once())]
    except TerminalError as failure:
        return [Finding("trade", failure.user_message, failed=True)]


async def _network(profile: str, endpoints: Endpoints) -> list[Finding]:
    hosts = _hosts(endpoints)
    findings = [await _guarded("dns", _resolve(hosts)), await _guarded("tls", _handshakes(hosts))]
    rest, problem = _client(profile, endpoints)
    try:
        findings.append(await _guarded("rest", _status(rest)))
        findings.append(await _guarded("clock", _offset(rest)))
        findings.append(await _guarded("websocket", _websockets(endpoints)))
        if problem:
            findings.append(Finding("key", problem, failed=True))
        elif rest.has_keys:
            findings.append(await _guarded("key", _permissions(rest)))
        else:
            findings.append(Finding("key", "none: demo and paper need none, live asks for one"))
    finally:
        await rest.close()
    return findings


def _client(profile: str, endpoints: Endpoints) -> tuple[RestClient, str]:
    """Return a client with the profile's key, or one without and what is wrong with the key."""
    clock = SystemClock()
    try:
        return RestClient(endpoints, take_from_environment() or _stored_keys(profile), clock), ""
    except TerminalError as failure:
        return RestClient(endpoints, None, clock), failure.user_message


def _stored_keys(profile: str) -> KeyPair | None:
    try:
        return open_keychain().load(profile)
    except SecretsError:
        return None  # told by its own line


async def _guarded(name: str, check: Awaitable[Finding]) -> Finding:
    try:
        async with asyncio.timeout(NETWORK_TIMEOUT_S):
            return await check
    except TimeoutError:
        return Finding(name, f"no answer within {NETWORK_TIMEOUT_S:g} s", failed=True)
    except (OSError, TerminalError, WebSocketException) as failure:
        return Finding(name, str(failure) or type(failure).__name__, failed=True)


def _hosts(endpoints: Endpoints) -> list[Host]:
    """Every host of a venue, each once."""
    addresses = [urlsplit(url) for url in msgspec.structs.astuple(endpoints)]
    return list(dict.fromkeys((one.hostname or "", one.port or HTTPS_PORT) for one in addresses))


async def _resolve(hosts: list[Host]) -> Finding:
    loop = asyncio.get_running_loop()
    for host, port in hosts:
        try:
            await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as failure:
            return Finding("dns", f"{host}: {failure.strerror or failure}", failed=True)
    return Finding("dns", f"{_named(hosts)} found")


async def _handshakes(hosts: list[Host]) -> Finding:
    spoken = ""
    for host, port in hosts:
        try:
            spoken = await _handshake(host, port)
        except OSError as failure:
            return Finding("tls", f"{host}: {failure.strerror or failure}", failed=True)
    return Finding("tls", f"{spoken}, {_named(hosts)} verified")


async def _handshake(host: str, port: int) -> str:
    _, writer = await asyncio.open_connection(host, port, ssl=client_context(), server_hostname=host)
    spoken: str = writer.get_extra_info("ssl_object").version()
    writer.close()
    return spoken


def _named(hosts: list[Host]) -> str:
    return ", ".join(host for host, _ in hosts)


async def _status(rest: RestClient) -> Finding:
    return Finding("rest", f"exchange is {await rest.system_status()}")


async def _offset(rest: RestClient) -> Finding:
    clock = SystemClock()
    before = clock.wall_ns()
    theirs = await rest.server_time()
    # The exchange answers in whole seconds: its moment lies half a second later on average.
    offset = theirs + 500 * NS_PER_MS - (before + clock.wall_ns()) // 2
    text = f"offset {offset / 1e9:+.1f} s, known to half a second"
    return Finding("clock", text, failed=abs(offset) > CLOCK_WARN_NS + 1_000 * NS_PER_MS)


async def _websockets(endpoints: Endpoints) -> Finding:
    for name, url in (("public", endpoints.public_ws), ("account", endpoints.private_ws)):
        try:
            await _greeting(url)
        except (OSError, WebSocketException) as failure:
            return Finding("websocket", f"{name} line: {str(failure) or type(failure).__name__}", failed=True)
    return Finding("websocket", "public and account line answer")


async def _greeting(url: str) -> None:
    """Wait for the first word of a line, which needs no key."""
    from websockets.asyncio.client import connect

    tls = client_context() if url.startswith("wss:") else None
    async with connect(url, ssl=tls, compression=None, proxy=None) as line:
        await line.recv()


async def _permissions(rest: RestClient) -> Finding:
    info = await rest.key_info()
    passport = judge(info, int(time.time()))
    may = ", ".join(sorted(info.permissions)) or "no permissions"
    read_only = f"reads only: {passport.read_only}" if passport.read_only else ""
    text = "; ".join(filter(None, [may, passport.refusal, read_only, *passport.warnings]))
    return Finding("key", text, failed=bool(passport.refusal))
