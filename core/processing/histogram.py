"""Latency histogram with logarithmic buckets: constant memory, no allocation a sample.

Buckets are an eighth of a power of two wide: a percentile is never too low and at most an eighth too high.
"""

from __future__ import annotations

from collections.abc import Sequence

SUB = 8
BUCKETS = 64 * SUB


class Histogram:
    """Counts of samples in ns. Percentiles are upper bucket bounds; all figures are 0 while empty."""

    __slots__ = ("_counts", "count", "maximum", "total")

    def __init__(self) -> None:
        self._counts = [0] * BUCKETS
        self.count = 0
        self.total = 0
        self.maximum = 0

    def add(self, ns: int) -> None:
        """Count one sample; negative ones count as zero."""
        if ns < 0:
            ns = 0
        self._counts[_bucket(ns)] += 1
        self.count += 1
        self.total += ns
        if ns > self.maximum:
            self.maximum = ns

    @property
    def mean(self) -> float:
        """Mean in ns."""
        return self.total / self.count if self.count else 0.0

    def percentile(self, percent: float) -> int:
        """Return the value below which ``percent`` of the samples lie, ns."""
        return min(_percentile(self._counts, self.count, percent), self.maximum)

    def mark(self) -> list[int]:
        """Return where the counts stand now, for ``percentiles_since``."""
        return self._counts.copy()

    def count_since(self, mark: list[int]) -> int:
        """Return how many samples came since a mark."""
        return self.count - sum(mark)

    def percentiles_since(self, mark: list[int], percents: Sequence[float]) -> list[int]:
        """Return percentiles of the samples since a mark, ns; 0 where there were none."""
        counts = [now - then for now, then in zip(self._counts, mark, strict=True)]
        count = sum(counts)
        return [min(_percentile(counts, count, percent), self.maximum) for percent in percents]

    def buckets(self) -> list[tuple[int, int]]:
        """Return (upper bound ns, count) of every bucket that has samples."""
        return [(_upper(bucket), count) for bucket, count in enumerate(self._counts) if count]

    def reset(self) -> None:
        """Begin anew."""
        self._counts = [0] * BUCKETS
        self.count = self.total = self.maximum = 0


def _percentile(counts: Sequence[int], total: int, percent: float) -> int:
    if not total:
        return 0
    wanted = max(1, -(-total * percent // 100))
    seen = 0
    for bucket, count in enumerate(counts):
        seen += count
        if seen >= wanted:
            return _upper(bucket)
    return _upper(len(counts) - 1)


def _bucket(ns: int) -> int:
    if ns < SUB:
        return ns
    power = ns.bit_length() - 4
    return min(BUCKETS - 1, power * SUB + (ns >> power))


def _upper(bucket: int) -> int:
    if bucket < 2 * SUB:
        return bucket
    power = bucket // SUB - 1
    return (((bucket % SUB) + SUB + 1) << power) - 1
