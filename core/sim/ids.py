"""Kraken-shaped identifiers (``OXXXXX-XXXXX-XXXXXX``) from a counter, scrambled so that they look random.

Multiplying by an odd number is a bijection on 80 bits: no two counts give the same identifier. The start time
is part of the count, so two runs with the same seed do not repeat each other's identifiers either.
"""

from __future__ import annotations

from random import Random

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_PAIRS = [a + b for a in _ALPHABET for b in _ALPHABET]
_MASK = (1 << 80) - 1


class Ids:
    """Hands out counts, and writes a count as an identifier with a leading letter."""

    def __init__(self, seed: int, start_ns: int) -> None:
        random = Random(f"ids-{seed}")
        self._factor = random.getrandbits(80) | 1
        self._offset = (start_ns // 1_000_000) << 38
        self._count = 0

    def count(self) -> int:
        """The next count; cheap, for orders whose identifier may never be asked for."""
        self._count += 1
        return self._count

    def text(self, letter: str, count: int) -> str:
        """The identifier of a count. The same count always has the same text."""
        mixed = ((self._offset + count) * self._factor) & _MASK
        mixed ^= mixed >> 41
        mixed = (mixed * self._factor) & _MASK
        body = "".join(_PAIRS[(mixed >> shift) & 1023] for shift in range(70, -1, -10))
        return f"{letter}{body[:5]}-{body[5:10]}-{body[10:]}"

    def new(self, letter: str) -> str:
        """A fresh identifier."""
        return self.text(letter, self.count())
