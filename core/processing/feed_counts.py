"""Where answers came from: the proof that REST is used for what streams cannot give, and for nothing else."""

from __future__ import annotations

import msgspec


class FeedCounts(msgspec.Struct):
    """Requests for data since the start, by what answered them. ``failovers`` counts channels that changed lines."""

    stream: int = 0
    cache: int = 0
    rest: int = 0
    failed: int = 0
    failovers: int = 0
    dropped_by_source: int = 0

    @property
    def hit_rate(self) -> float | None:
        """Share served by stream or cache, 0 to 1; ``None`` before the first request."""
        asked = self.stream + self.cache + self.rest + self.failed
        return (self.stream + self.cache) / asked if asked else None
