"""The other end of `loop_receive` and of the window's rows: sends a trace over loopback. Runs in its own process.

python -m tests.bench.sender COUNT [RATE]   prints its port; each client that says something gets the trace, RATE
                                            messages a second, or as fast as it is taken
"""

from __future__ import annotations

import asyncio
import json
import struct
import sys

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State

from tests.bench.mixed import mixed_trace

CHUNK_BYTES = 1 << 16
QUIET_S = 0.3
PAUSE_S = 0.001
TIME = "2026-01-01T00:00:00.000000Z"


def packed(frames: list[bytes]) -> list[bytes]:
    """Return the frames as WebSocket text frames, joined into chunks worth a system call."""
    chunks, chunk = [], bytearray()
    for raw in frames:
        length = (
            struct.pack("!BB", 0x81, len(raw)) if len(raw) < 126 else struct.pack("!BBH", 0x81, 126, len(raw))
        )
        if len(raw) > 0xFFFF:
            length = struct.pack("!BBQ", 0x81, 127, len(raw))
        chunk += length + raw
        if len(chunk) >= CHUNK_BYTES:
            chunks.append(bytes(chunk))
            chunk = bytearray()
    return [*chunks, bytes(chunk)]


def answers(raw: str | bytes) -> list[str]:
    """Return the acknowledgements of a request, one a symbol."""
    request = json.loads(raw)
    params = request.get("params", {})
    found = []
    for symbol in params.get("symbol", [None]):
        result = {**params, "symbol": symbol} if symbol else dict(params)
        answer = {"method": request["method"], "result": result, "success": True}
        found.append(
            json.dumps({**answer, "req_id": request.get("req_id", 0), "time_in": TIME, "time_out": TIME})
        )
    return found


async def answer_until_quiet(connection: ServerConnection) -> None:
    """Acknowledge requests, at least one, until none comes for a while."""
    patience_s = None
    while True:
        try:
            async with asyncio.timeout(patience_s):
                request = await connection.recv()
        except TimeoutError:
            return
        for text in answers(request):
            await connection.send(text)
        patience_s = QUIET_S


async def pace(connection: ServerConnection, frames: list[bytes], rate: float) -> None:
    """Send what is due by the clock, a frame a message, never more at once than was due."""
    loop = asyncio.get_running_loop()
    began, sent = loop.time(), 0
    while sent < len(frames) and connection.state is State.OPEN:
        due = min(len(frames), int((loop.time() - began) * rate) + 1)
        for chunk in packed(frames[sent:due]):
            connection.transport.write(chunk)
        sent = due
        await connection.drain()
        await asyncio.sleep(PAUSE_S)


async def main() -> None:
    trace = mixed_trace(int(sys.argv[1]))
    # The measured frames alone are packed: the set-up goes the ordinary way.
    chunks = packed(trace.frames)
    rate = float(sys.argv[2]) if len(sys.argv) > 2 else 0.0

    async def stream(connection: ServerConnection) -> None:
        try:
            await answer_until_quiet(connection)
            for raw in trace.setup:
                await connection.send(raw, text=True)
            if rate:
                await pace(connection, trace.frames, rate)
            else:
                for chunk in chunks:
                    connection.transport.write(chunk)
                    await connection.drain()
            await connection.wait_closed()
        except ConnectionClosed:
            return

    async with serve(stream, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
        sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
        sys.stdout.flush()
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
