"""All state in one bundle: built once, read by everybody, flushed once a frame."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Self

from core.domain.health import BookState, ConnectionState
from core.domain.ids import Symbol
from core.processing.account_store import BalanceStore
from core.processing.book_store import BookStore
from core.processing.channel_store import ChannelStore
from core.processing.depth_store import DepthStore
from core.processing.fill_store import FillStore
from core.processing.health_store import HealthStore
from core.processing.market_stores import CandleStore, InstrumentStore, TickerStore, TradeStore
from core.processing.order_store import OrderStore
from core.processing.performance import PerformanceMonitor
from core.processing.queue_store import QueueStore
from core.processing.reference import References
from core.processing.risk_store import RiskStore
from core.processing.store import Store

LOST = frozenset({ConnectionState.STALE, ConnectionState.BACKOFF, ConnectionState.CLOSED})
"""A line in one of these states carries nothing that may be traded on."""


@dataclass(frozen=True, slots=True)
class Stores:
    """Every store of one session. Only the processor and the order road write; views read."""

    instruments: InstrumentStore
    tickers: TickerStore
    trades: TradeStore
    candles: CandleStore
    books: BookStore
    depths: DepthStore
    queues: QueueStore
    orders: OrderStore
    fills: FillStore
    balances: BalanceStore
    channels: ChannelStore
    health: HealthStore
    performance: PerformanceMonitor
    risk: RiskStore
    references: References

    @classmethod
    def create(cls) -> Self:
        """Return empty stores, wired to each other where one reads another."""
        instruments, fills = InstrumentStore(), FillStore()
        orders = OrderStore(fills)
        books, tickers, trades = BookStore(), TickerStore(), TradeStore()
        references = References(books, trades, tickers)
        return cls(
            instruments=instruments,
            tickers=tickers,
            trades=trades,
            candles=CandleStore(),
            books=books,
            depths=DepthStore(),
            queues=QueueStore(),
            orders=orders,
            fills=fills,
            balances=BalanceStore(orders, instruments, books, trades, tickers),
            channels=ChannelStore(),
            health=HealthStore(),
            performance=PerformanceMonitor(),
            risk=RiskStore(),
            references=references,
        )

    def distrust_of(self, symbol: Symbol) -> str:
        """Return why a pair's book may not be traded on now, empty when it may: the stale interlock."""
        view = self.books.view(symbol)
        if view is None or view.state is not BookState.LIVE:
            return view.reason or "it is being fetched" if view is not None else "nobody watches it"
        row = self.channels.get("book", symbol)
        if row is None:
            return ""
        line = self.health.line(row.line)
        if line is not None and line.state in LOST:
            return (
                f"the {row.line.value} line is {line.state.value}"  # known before the channel is judged anew
            )
        return row.reason or row.state.value if row.is_doubtful else ""

    def is_tradable(self, symbol: Symbol) -> bool:
        """Whether a pair's book may be traded on."""
        return not self.distrust_of(symbol)

    def each(self) -> list[Store[Any]]:
        """All stores, in the order they are flushed."""
        found = (getattr(self, name) for name in _names())
        return [store for store in found if isinstance(store, Store)]

    def flush_all(self) -> bool:
        """Tell every observer of what changed. Returns whether anything had."""
        return any([store.flush() for store in self.each()])


@cache
def _names() -> tuple[str, ...]:
    """Names of everything ``Stores`` holds; asked for at every frame."""
    return tuple(field.name for field in fields(Stores))
