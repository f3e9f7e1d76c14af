"""The account as one source tells it, and the ways in which two of them can differ (product A5)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum

import msgspec

from core.domain.ids import Asset, ClOrdId, ExecId, OrderId
from core.domain.orders import Fill, Order


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """Orders by Kraken's id, fills, and what can be traded by asset. ``at``: exchange time it was told, ns UTC.

    ``fills_since``: every fill from then on is there, ns UTC. ``balances`` is ``None`` where nothing was told.
    ``ledger``: entries that do not follow from those before, in words by asset and id.
    """

    at: int
    orders: Mapping[OrderId, Order] = {}
    fills: tuple[Fill, ...] = ()
    fills_since: int = 0
    balances: Mapping[Asset, Decimal] | None = None
    ledger: Mapping[str, str] = {}


class Journalled(msgspec.Struct, frozen=True, kw_only=True):
    """What the journal holds besides. ``silent``: intents without any report, with the time each was sent, ns UTC.

    ``unreported``: fills of which no report tells. ``doubled``: intents that became several orders.
    """

    told: Told
    intents: frozenset[ClOrdId] = frozenset()
    silent: Mapping[ClOrdId, int] = {}
    unreported: frozenset[ExecId] = frozenset()
    doubled: Mapping[ClOrdId, tuple[OrderId, ...]] = {}


class BreakKind(StrEnum):
    """What is wrong. ``FOREIGN_ORDER`` alone is no error, but worth a line."""

    OPEN_HERE_ONLY = "order open here, not at Kraken"
    OPEN_THERE_ONLY = "order open at Kraken, not here"
    STATUS_DIFFERS = "status of an order differs"
    QUANTITY_DIFFERS = "quantity of an order differs"
    PRICE_DIFFERS = "price of an order differs"
    EXECUTED_DIFFERS = "executed quantity differs"
    ORDER_NOT_JOURNALLED = "order missing in the journal"
    ORDER_DOUBLED = "one click became two orders"
    INTENT_WITHOUT_REPORT = "order in the journal without a report"
    FOREIGN_ORDER = "order of another program"
    FILL_NOT_JOURNALLED = "fill missing in the journal"
    FILL_NOT_STREAMED = "fill missing on the stream"
    FILL_NOT_AT_REST = "fill missing at REST"
    FILL_TWICE = "fill there twice"
    FILL_DIFFERS = "quantity or price of a fill differs"
    FEE_DIFFERS = "fee of a fill differs"
    FILL_WITHOUT_REPORT = "fill in the journal without a report"
    BALANCE_DIFFERS = "balance differs"
    LEDGER_DOES_NOT_ADD_UP = "ledger does not add up"

    @property
    def is_notice(self) -> bool:
        """Whether nothing is wrong."""
        return self is BreakKind.FOREIGN_ORDER


class Break(msgspec.Struct, frozen=True, kw_only=True):
    """One difference: of which order, fill or asset, and what each side says; "" where a side has no say."""

    kind: BreakKind
    key: str
    symbol: str = ""
    journal: str = ""
    stream: str = ""
    rest: str = ""

    @property
    def text(self) -> str:
        """In words."""
        sides = (("journal", self.journal), ("stream", self.stream), ("REST", self.rest))
        told = ", ".join(f"{name} {value}" for name, value in sides if value)
        return f"{self.kind.value}: {' '.join(filter(None, (self.symbol, self.key)))} ({told})"
