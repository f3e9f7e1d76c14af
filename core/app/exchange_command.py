"""``tidewire exchange``: the embedded exchange alone, for other programs to connect to."""

from __future__ import annotations

import asyncio
from pathlib import Path


def run_exchange(seed: int, speed: float, port_file: Path | None) -> int:
    """Serve on loopback until interrupted; prints one JSON line with endpoints and key. Returns the exit code."""
    from core.sim.serve import serve

    return asyncio.run(serve(seed=seed, speed=speed, port_file=port_file))
