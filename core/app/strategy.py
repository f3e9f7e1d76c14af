"""What a strategy is: a small class with callbacks, its limits, and the states it goes through.

A strategy decides and asks; it never touches a socket, a store or another strategy's orders. It is written against
``Desk`` (``strategy_desk``) and nothing else. See docs/strategies.md.
"""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

import msgspec

from core.domain.errors import TerminalError
from core.domain.ids import ClOrdId, Symbol
from core.domain.market import Ticker
from core.domain.orders import Fill, Order
from core.processing.book_store import BookView

if TYPE_CHECKING:
    from core.app.strategy_desk import Desk

ZERO = Decimal(0)


class StrategyState(StrEnum):
    """Where a strategy is in its life."""

    READY = "ready"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"

    @property
    def is_alive(self) -> bool:
        """Whether it still has a say."""
        return self in (StrategyState.RUNNING, StrategyState.PAUSED)


class StrategyRefused(TerminalError):
    """A limit of the strategy itself said no; nothing was sent."""

    user_message = "The strategy's own limits refused this."


class StrategyLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What a strategy was given. ``capital`` in quote, ``inventory`` in base (what it may sell from the start).

    More than ``orders_per_10s`` new orders and amends within ten seconds end it. ``keep_orders``: what it has open
    stays when it ends, whatever the reason; else it is cancelled.
    """

    capital: Decimal
    inventory: Decimal = ZERO
    open_orders: int = 10
    orders_per_10s: int = 8
    keep_orders: bool = False

    def __post_init__(self) -> None:
        if not (self.capital.is_finite() and self.inventory.is_finite()):
            raise ValueError("capital and inventory are plain numbers")
        if self.capital < 0 or self.inventory < 0 or self.capital + self.inventory == 0:
            raise ValueError("a strategy needs capital to buy or inventory to sell")
        if not (1 <= self.open_orders <= 100 and 1 <= self.orders_per_10s <= 100):
            raise ValueError("open orders and orders in 10 s are between 1 and 100")


class Params(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a user chooses for a strategy. Subclasses add fields.

    ``__post_init__`` raises ValueError when they contradict each other.
    """


class Strategy:
    """The base of every strategy. All callbacks are optional and run one after the other, never two at once.

    A callback may await the desk. It must not block: one that holds the loop for longer than 0.4 s ends its
    strategy. Whatever it raises ends it too; a local refusal (RiskRejected, StrategyRefused) may be caught.
    """

    title: ClassVar[str] = "Strategy"
    about: ClassVar[str] = ""
    params_type: ClassVar[type[Params]] = Params

    def __init__(self, params: Params) -> None:
        self.params = params

    async def on_start(self, desk: Desk) -> None:
        """It was started."""

    async def on_tick(self, desk: Desk) -> None:
        """Ten times a second while it runs."""

    async def on_book(self, desk: Desk, book: BookView) -> None:
        """The touch of the pair moved. Told at most ten times a second."""

    async def on_ticker(self, desk: Desk, ticker: Ticker) -> None:
        """The pair's ticker changed; only the latest is told."""

    async def on_order(self, desk: Desk, order: Order) -> None:
        """One of its orders changed; the latest state is told."""

    async def on_fill(self, desk: Desk, fill: Fill) -> None:
        """One of its orders was executed; every fill is told once."""

    async def on_stop(self, desk: Desk) -> None:
        """The user stopped it, or it is done. It may not place orders any more and has half a second."""

    def believes_open(self) -> Collection[ClOrdId] | None:
        """The orders it takes for open, ``None`` when it does not say.

        A belief that contradicts the exchange for longer than half a second ends it: it would act on it.
        """
        return None

    def state_words(self) -> str:
        """What it is doing, in a few words for the screen."""
        return ""


class StrategyPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What the user wants to run: which strategy, on which pair, with what."""

    name: str
    strategy: Strategy
    symbol: Symbol
    limits: StrategyLimits
