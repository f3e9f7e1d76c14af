"""What a trader allows himself: limits with three thresholds, and what a check found against an order.

Amounts are whole numbers (dollars, basis points, multiples), so that a settings file cannot be misread.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum, StrEnum
from typing import Annotated

import msgspec

from core.domain.ids import PAIR, Symbol

MAX_USD = 1_000_000_000
MAX_BPS = 10_000

Whole = Annotated[int, msgspec.Meta(ge=0, le=MAX_USD)]


class Severity(IntEnum):
    """What it takes to send an order all the same. Nothing sends a blocked one."""

    HOLD = 1
    TYPE = 2
    BLOCK = 3


class Reason(StrEnum):
    """Names of what can be said against an order, as journalled."""

    SHAPE = "shape"
    SYMBOL = "symbol"
    LOCKED = "locked"
    VENUE = "venue"
    ACCOUNT = "account"
    CLOCK = "clock"
    GRID = "grid"
    BOOK = "book"
    KILLED = "kill switch"
    LOSS = "daily loss"
    FUNDS = "funds"
    REFERENCE = "no reference"
    SIZE = "size"
    NOTIONAL = "notional"
    POSITION = "position"
    OPEN_ORDERS = "open orders"
    AWAY = "away from the market"
    THROUGH = "through the market"
    CROSSES = "crosses"
    SLIPPAGE = "slippage"
    TRIGGER = "trigger"
    DUPLICATE = "duplicate"
    OWN_ORDER = "own order"
    DOUBT = "doubt"
    RATE = "order rate"
    BUDGET = "rate budget"
    WRONG_PAIR = "wrong pair"


class Finding(msgspec.Struct, frozen=True):
    """One thing said against an order, in words. ``nearest`` is a value of ``field`` that would pass, if any."""

    reason: Reason
    severity: Severity
    text: str
    field: str = ""
    nearest: str = ""


class Consent(msgspec.Struct, frozen=True):
    """What a person was shown and agreed to before an order left, and since when he saw the pair (monotonic ns).

    ``standing`` was agreed to once for many orders, and is not written down for each.
    """

    given: Mapping[Reason, Severity] = {}
    pair_since_ns: int | None = None
    standing: bool = False

    def covers(self, finding: Finding) -> bool:
        """Whether he agreed to this, or to something graver of the same name."""
        return finding.severity < Severity.BLOCK and self.given.get(finding.reason, 0) >= finding.severity


NO_CONSENT = Consent()


def worst(findings: list[Finding]) -> Severity | None:
    """Return the gravest severity, ``None`` when nothing was found."""
    return max((finding.severity for finding in findings), default=None)


class Band(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From ``hold`` on the send button is held, from ``type`` on the quantity is typed again, above ``block`` never."""

    hold: Whole
    type: Whole
    block: Whole

    def __post_init__(self) -> None:
        if not self.hold <= self.type <= self.block:
            raise ValueError(f"hold {self.hold}, type {self.type}, block {self.block} must rise")


def _in_bps(band: Band) -> None:
    if band.block > MAX_BPS:
        raise ValueError(f"{band.block} bps is more than {MAX_BPS}")


class LossLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Loss of the day in dollars from which only reducing orders pass, and from which none do. 0 is no limit."""

    reduce: Whole
    halt: Whole

    def __post_init__(self) -> None:
        if self.halt and self.reduce > self.halt:
            raise ValueError(f"reduce {self.reduce} must not be above halt {self.halt}")


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Limits of one pair. ``size`` in multiples of one's own median, money in dollars, prices in basis points.

    ``away`` is how far a resting price lies from the near touch, ``through`` how far a taking one lies beyond the far
    touch, ``slippage`` what the book's levels cost against the touch.
    """

    size: Band = Band(4, 25, 1_000)
    notional: Band = Band(25_000, 100_000, 1_000_000)
    position: Band = Band(500_000, 2_000_000, 10_000_000)
    open_orders: Band = Band(30, 45, 200)
    away: Band = Band(1_500, 4_000, 9_000)
    through: Band = Band(25, 100, 500)
    slippage: Band = Band(20, 75, 300)

    def __post_init__(self) -> None:
        for band in (self.away, self.through, self.slippage):
            _in_bps(band)


class PairLimits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Limits of a pair that differ from the profile's."""

    size: Band | None = None
    notional: Band | None = None
    position: Band | None = None
    open_orders: Band | None = None
    away: Band | None = None
    through: Band | None = None
    slippage: Band | None = None

    def __post_init__(self) -> None:
        for band in (self.away, self.through, self.slippage):
            if band is not None:
                _in_bps(band)


BANDS = tuple(Limits.__struct_fields__)
"""Names of the limits, in the order they are shown."""

PairText = Annotated[str, msgspec.Meta(pattern=PAIR)]


class RiskLimits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All limits of a profile. More than ``submits`` orders in ten seconds pull the kill switch."""

    every: Limits = Limits()
    pairs: dict[PairText, PairLimits] = {}
    loss: LossLimits = LossLimits(5_000, 10_000)
    submits: Annotated[int, msgspec.Meta(ge=1, le=1_000)] = 10

    def of(self, symbol: Symbol) -> Limits:
        """Return the limits of a pair."""
        own = self.pairs.get(symbol)
        if own is None:
            return self.every
        given = {name: band for name in BANDS if (band := getattr(own, name)) is not None}
        return msgspec.structs.replace(self.every, **given)

    def with_band(self, name: str, band: Band | None, symbol: Symbol | None = None) -> RiskLimits:
        """Return limits with one band replaced, for one pair or for all; ``None`` gives a pair back the profile's.

        ValueError when it does not fit.
        """
        if symbol is None:
            assert band is not None, "the profile has every limit"
            every = {**msgspec.to_builtins(self.every), name: msgspec.to_builtins(band)}
            return msgspec.structs.replace(self, every=msgspec.convert(every, Limits))
        own = msgspec.to_builtins(self.pairs.get(symbol, PairLimits()))
        own[name] = msgspec.to_builtins(band)
        pairs = {**self.pairs, symbol: msgspec.convert(own, PairLimits)}
        if all(value is None for value in own.values()):
            del pairs[symbol]
        return msgspec.structs.replace(self, pairs=pairs)
