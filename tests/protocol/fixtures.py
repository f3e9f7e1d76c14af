"""Kraken's documented messages, frame by frame, as the exchange and the client must both read them."""

import json
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "fixtures" / "kraken"


def frames(name: str) -> list[str]:
    """Return the raw frames (or REST bodies) of one fixture file."""
    loaded: list[str] = json.loads((FOLDER / f"{name}.json").read_text())
    return loaded


def names(prefix: str) -> list[str]:
    """Return the fixture files that begin so, without their ending."""
    return sorted(path.stem for path in FOLDER.glob(f"{prefix}*.json"))
