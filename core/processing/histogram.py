"""Latency histogram with logarithmic buckets: constant memory, no allocation a sample.

Buckets are an eighth of a power of two wide: a percentile is never too low and at most an eighth too high.
"""

from __future__ import annotations

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
        if not self.count:
            return 0
        wanted = max(1, -(-self.count * percent // 100))
        seen = 0
        for bucket, count in enumerate(self._counts):
            seen += count
            if seen >= wanted:
                return min(_upper(bucket), self.maximum)
        return self.maximum

    def buckets(self) -> list[tuple[int, int]]:
        """Return (upper bound ns, count) of every bucket that has samples."""
        return [(_upper(bucket), count) for bucket, count in enumerate(self._counts) if count]

    def reset(self) -> None:
        """Begin anew."""
        self._counts = [0] * BUCKETS
        self.count = self.total = self.maximum = 0


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
