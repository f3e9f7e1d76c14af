"""``tidewire exchange``: the embedded exchange alone, for other programs to connect to."""

from __future__ import annotations

import asyncio
from pathlib import Path

from core.domain.errors import StartError


def run_exchange(seed: int, speed: float, port_file: Path | None, open_path: bool) -> int:
    """Serve on loopback until interrupted; prints one JSON line with endpoints and key. Returns the exit code."""
    from core.sim.serve import serve

    try:
        asyncio.run(serve(seed, port_file, speed, open_path=open_path))
    except OSError as failure:
        # What has no file name was about the socket.
        about_file = f"The port file {port_file} cannot be written."
        about_port = "No port of this computer could be opened."
        raise StartError(
            str(failure), user_message=about_file if failure.filename else about_port
        ) from failure
    return 0
