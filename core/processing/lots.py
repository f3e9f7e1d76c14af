"""Lots of one asset: what came in, at what cost, and which of it leaves first. Pure and exact.

Quantities never round. A cost that must be split rounds at the 24th decimal, and the rest keeps the difference, so that
costs add up exactly too.
"""

from __future__ import annotations

from collections import deque
from decimal import ROUND_HALF_EVEN, Context, Decimal
from enum import StrEnum

import msgspec

ZERO = Decimal(0)

WIDE = Context(prec=200, rounding=ROUND_HALF_EVEN)
"""The codec lets 40 digits through, and products of them must not round."""

_STEP = Decimal(1).scaleb(-24)

MISSING = "sold before it came in"
"""Key of what left without being known to be there."""


class Method(StrEnum):
    """Which lot leaves first."""

    AVERAGE = "average"
    FIFO = "fifo"
    LIFO = "lifo"


class Lot(msgspec.Struct, frozen=True):
    """A quantity and what all of it cost; ``None`` while nobody said. ``key`` names the entry that brought it.

    ``qty`` is negative for what left before it was known to be there; such a lot is the only one of its asset.
    """

    key: str
    ts: int
    qty: Decimal
    cost: Decimal | None


class Taken(msgspec.Struct, frozen=True):
    """What left: ``known`` of it at ``cost``, ``unknown`` of it at a cost nobody said."""

    known: Decimal
    cost: Decimal
    unknown: Decimal


class Lots:
    """The lots of one asset under one method. Call within ``localcontext(WIDE)``.

    Under the average method everything of known cost is one lot, the first; what has no known cost leaves after it.
    """

    def __init__(self, method: Method) -> None:
        self._method = method
        self._lots: deque[Lot] = deque()
        self.known = ZERO
        """How much has a known cost ..."""
        self.cost = ZERO
        """... and what that is."""
        self.unknown = ZERO
        """How much has none; below zero for what left before it was known to be there."""

    def copy(self) -> Lots:
        """Return the same lots, to go on by themselves."""
        twin = Lots(self._method)
        twin._lots = self._lots.copy()
        twin.known, twin.cost, twin.unknown = self.known, self.cost, self.unknown
        return twin

    def all(self) -> tuple[Lot, ...]:
        """Every lot, oldest first."""
        return tuple(self._lots)

    def add(self, lot: Lot) -> None:
        """Take in a lot; it first makes up for what left before it was known to be there."""
        if self._lots and (missing := self._lots[0].qty) < 0:
            left = lot.qty + missing
            self._lots.clear()
            self.unknown = min(left, ZERO)
            if left < 0:
                self._lots.append(Lot(MISSING, lot.ts, left, None))
                return
            lot = _split(lot, left)[0]
        if not lot.qty:
            return
        if lot.cost is None:
            self.unknown += lot.qty
        else:
            self.known, self.cost = self.known + lot.qty, self.cost + lot.cost
        if self._method is Method.AVERAGE and lot.cost is not None:
            self._pool(lot, lot.cost)
        else:
            self._lots.append(lot)

    def take(self, qty: Decimal, ts: int) -> Taken:
        """Let ``qty`` (above zero) leave."""
        known = cost = unknown = ZERO
        left = qty
        while left and self._lots and self._lots[0].qty > 0:
            at = -1 if self._method is Method.LIFO else 0
            out, rest = _split(self._lots[at], min(left, self._lots[at].qty))
            if rest.qty:
                self._lots[at] = rest
            else:
                del self._lots[at]
            left -= out.qty
            if out.cost is None:
                unknown += out.qty
            else:
                known, cost = known + out.qty, cost + out.cost
        if left:
            before = self._lots.pop().qty if self._lots else ZERO
            self._lots.append(Lot(MISSING, ts, before - left, None))
        self.known, self.cost = self.known - known, self.cost - cost
        self.unknown -= unknown + left
        return Taken(known, cost, unknown + left)

    def _pool(self, lot: Lot, cost: Decimal) -> None:
        first = self._lots[0] if self._lots else None
        if first is None or first.cost is None:
            self._lots.appendleft(lot)
        else:
            self._lots[0] = Lot(first.key, first.ts, first.qty + lot.qty, first.cost + cost)


def part(whole: Decimal, qty: Decimal, of: Decimal) -> Decimal:
    """Return the share of ``whole`` that falls to ``qty`` out of ``of``; all of it where they are equal."""
    return whole if qty == of else (whole * qty / of).quantize(_STEP, context=WIDE)


def _split(lot: Lot, qty: Decimal) -> tuple[Lot, Lot]:
    """Return ``qty`` of a lot, and the rest."""
    cost = None if lot.cost is None else part(lot.cost, qty, lot.qty)
    rest = None if lot.cost is None or cost is None else lot.cost - cost
    return Lot(lot.key, lot.ts, qty, cost), Lot(lot.key, lot.ts, lot.qty - qty, rest)
