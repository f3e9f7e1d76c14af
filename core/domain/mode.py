"""Which money is at stake. A mode is a choice of endpoints and a key, nothing else."""

from __future__ import annotations

from enum import StrEnum


class Mode(StrEnum):
    """Demo is the embedded exchange; live is Kraken and real money; replay is a recording, nobody's money."""

    DEMO = "demo"
    PAPER = "paper"
    LIVE = "live"
    REPLAY = "replay"

    @property
    def word(self) -> str:
        """The word shown on the window and on every send button."""
        return self.value.upper()
