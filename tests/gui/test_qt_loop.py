"""The Qt event loop keeps asyncio's promises."""

from __future__ import annotations

import asyncio
import socket
import time

import pytest
from PySide6.QtWidgets import QApplication

from gui.qt_loop import QtLoop


def run(main, app):
    with asyncio.Runner(loop_factory=lambda: QtLoop(app)) as runner:
        return runner.run(main)


@pytest.fixture
def app(qapp) -> QApplication:
    return qapp


def test_callbacks_run_in_the_order_they_were_added(app):
    async def main():
        loop, seen, done = asyncio.get_running_loop(), [], asyncio.Event()
        for number in range(100):
            loop.call_soon(seen.append, number)
        loop.call_later(0, done.set)
        await done.wait()
        return seen

    assert run(main(), app) == list(range(100))


def test_a_callback_added_while_draining_waits_for_the_next_turn(app):
    async def main():
        loop, seen, done = asyncio.get_running_loop(), [], asyncio.Event()

        def first():
            seen.append("first")
            loop.call_soon(third)

        def third():
            seen.append("third")
            done.set()

        loop.call_soon(first)
        loop.call_soon(seen.append, "second")
        await done.wait()
        return seen

    assert run(main(), app) == ["first", "second", "third"]


def test_a_cancelled_callback_does_not_run(app):
    async def main():
        loop, seen = asyncio.get_running_loop(), []
        handle = loop.call_soon(seen.append, "never")
        handle.cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return seen

    assert run(main(), app) == []


def test_an_endless_chain_of_callbacks_does_not_starve_timers(app):
    async def main():
        loop, stop = asyncio.get_running_loop(), False

        def again():
            if not stop:
                loop.call_soon(again)

        loop.call_soon(again)
        started = time.monotonic()
        await asyncio.sleep(0.05)
        stop = True
        return time.monotonic() - started

    assert run(main(), app) < 5


def test_an_exception_in_a_callback_reaches_the_exception_handler_and_the_loop_goes_on(app):
    async def main():
        loop, caught, done = asyncio.get_running_loop(), [], asyncio.Event()
        loop.set_exception_handler(lambda _loop, context: caught.append(context["exception"]))
        loop.call_soon(lambda: 1 / 0)
        loop.call_soon(done.set)
        await done.wait()
        return caught

    (error,) = run(main(), app)
    assert isinstance(error, ZeroDivisionError)


def test_sockets_are_read_and_a_removed_reader_is_silent(app):
    async def main():
        loop = asyncio.get_running_loop()
        left, right = socket.socketpair()
        with left, right:
            left.setblocking(False)
            got = asyncio.Queue()
            loop.add_reader(left, lambda: got.put_nowait(left.recv(100)))
            right.send(b"one")
            first = await got.get()
            removed = loop.remove_reader(left)
            right.send(b"two")
            await asyncio.sleep(0.02)
            return first, removed, got.empty()

    assert run(main(), app) == (b"one", True, True)


def test_streams_carry_a_megabyte_both_ways(app):
    async def main():
        async def echo(reader, writer):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
            writer.close()

        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        async with server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            payload = bytes(range(256)) * 4096
            writer.write(payload)
            writer.write_eof()
            got = await reader.read(-1)
            writer.close()
            await writer.wait_closed()
        return got == payload

    assert run(main(), app)


def test_work_in_another_thread_comes_back(app):
    async def main():
        return await asyncio.to_thread(sum, range(10))

    assert run(main(), app) == 45
