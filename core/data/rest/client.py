"""Typed REST calls: what streams cannot give, and the stand-in road for orders.

Returns domain values; raises NotSent, Refused or OutcomeUnknown. Source: Kraken "Spot REST API".
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from core.data.kraken import rest_schema as schema
from core.data.kraken.endpoints import Credentials, Endpoints
from core.data.kraken.numbers import vet, vet_id, vet_signed
from core.data.kraken.reports import told_ns
from core.data.kraken.rest_orders import (
    add_fields,
    amend_fields,
    cancel_fields,
    fill_of,
    report_of,
    seconds_ns,
)
from core.data.kraken.symbols import Symbols, WireAssetName, WirePairName
from core.data.rest.lane import Call
from core.data.rest.limiter import tier_of
from core.data.rest.transport import Transport
from core.domain.account import FeeRate, Holding
from core.domain.errors import NotSent, OutcomeUnknown, Refused
from core.domain.ids import ClOrdId, OrderId, Symbol
from core.domain.instrument import Side
from core.domain.market import Candle, Depth, Ticker, Trade
from core.domain.orders import (
    AmendRequest,
    CancelAllAfterRequest,
    CancelAllRequest,
    CancelRequest,
    Fill,
    OrderReport,
    OrderRequest,
    OrderStatus,
)
from core.domain.passport import KeyInfo
from core.domain.times import NS, format_ns
from core.runtime.clock import NS_PER_S, Clock

PAGE = 50
MOST_PAGES = 40
LEAST_DEADLINE_NS = 2 * NS_PER_S
"""REST accepts deadlines from two seconds on; WebSocket from half a second."""

T = TypeVar("T")
_SIDES = {"b": Side.BUY, "s": Side.SELL}


class RestClient:
    """Calls of one venue with one key. Close with ``close``."""

    def __init__(
        self, endpoints: Endpoints, credentials: Credentials | None, clock: Clock, seed: int = 0
    ) -> None:
        self._clock = clock
        self.transport = Transport(endpoints, credentials, clock, seed)
        self.symbols = Symbols()
        self._naming = asyncio.Lock()

    async def close(self) -> None:
        """Close all connections."""
        await self.transport.close()

    def told_rate_count(self, max_rate_count: int) -> None:
        """Take the account's tier from what the executions channel acknowledged; until then the lowest is assumed."""
        if max_rate_count > 0:
            self.transport.limiter.use_tier(tier_of(max_rate_count), self._clock.mono_ns())

    async def server_time(self) -> int:
        """Return the exchange's clock, ns UTC, exact to the second."""
        told = await self.transport.public("Time", {}, schema.WireTime)
        return told.unixtime * NS

    async def system_status(self) -> str:
        """Return online, maintenance, cancel_only or post_only."""
        return (await self.transport.public("SystemStatus", {}, schema.WireSystemStatus)).status

    async def tickers(self, symbols: Sequence[Symbol]) -> list[Ticker]:
        """Return the latest quotes and day statistics of these pairs; those the exchange does not know are left out."""
        await self._need_names()
        params = {"pair": self.symbols.rest_names(symbols)}
        if not params["pair"]:
            return []
        told = await self.transport.public("Ticker", params, dict[str, schema.WireTicker])
        return _believed(lambda: self._tickers(told))

    async def depth(self, symbol: Symbol, count: int) -> Depth:
        """Return at most ``count`` (1 to 500) levels a side of a book. OutcomeUnknown if the answer lacks the pair."""
        await self._need_names()
        params = {"pair": self.symbols.rest_name(symbol), "count": str(count)}
        told = await self.transport.public("Depth", params, dict[str, schema.WireDepth])
        return _believed(lambda: self._depth(symbol, told))

    async def candles(self, symbol: Symbol, interval: int, since_ns: int | None = None) -> list[Candle]:
        """Return at most 720 candles of ``interval`` minutes, oldest first; the last one is running."""
        params = {"pair": self.symbols.rest_name(symbol), "interval": str(interval)}
        if since_ns is not None:
            params["since"] = str(since_ns // NS)
        rows = await self._rows("OHLC", params, schema.CandleRow)
        return _believed(lambda: [_candle(symbol, interval, row) for row in rows])

    async def trades(self, symbol: Symbol, since_ns: int | None = None, count: int = 1000) -> list[Trade]:
        """Return public prints, oldest first: the latest ``count``, or those from ``since_ns`` on."""
        params = {"pair": self.symbols.rest_name(symbol), "count": str(count)}
        if since_ns is not None:
            params["since"] = str(since_ns)
        rows = await self._rows("Trades", params, schema.TradeRow)
        return _believed(lambda: [_trade(symbol, row) for row in rows])

    async def websockets_token(self) -> str:
        """Return a fresh token for one private connection. A secret."""
        return (await self.transport.private("GetWebSocketsToken", {}, schema.WireToken, Call.TOKEN)).token

    @property
    def has_keys(self) -> bool:
        """Whether private calls can be signed."""
        return self.transport.has_keys

    async def key_info(self) -> KeyInfo:
        """Return what the exchange says of the key itself (``GetApiKeyInfo``)."""
        told = await self.transport.private("GetApiKeyInfo", {}, schema.WireKeyInfo, Call.QUERY)
        return _believed(
            lambda: KeyInfo(
                permissions=frozenset(told.permissions),
                account=told.iban or "",
                nonce_window=int(told.nonceWindow or 0),
                addresses=tuple(told.ipAllowlist or ()),
                valid_until_s=int(told.validUntil or 0),
                query_from_s=int(told.queryFrom or 0),
                query_to_s=int(told.queryTo or 0),
            )
        )

    async def balances(self) -> list[Holding]:
        """Return what is owned and what open orders hold of it."""
        await self._need_names()
        rows = await self.transport.private("BalanceEx", {}, dict[str, schema.WireHolding], Call.WALK)
        return _believed(lambda: [self._holding(name, row) for name, row in rows.items()])

    async def trade_volume(self, symbols: Sequence[Symbol]) -> list[FeeRate]:
        """Return the account's fees of these pairs."""
        await self._need_names()
        pairs = self.symbols.rest_names(symbols)
        if not pairs:
            return []
        told = await self.transport.private(
            "TradeVolume", {"pair": pairs}, schema.WireTradeVolume, Call.QUERY
        )
        return _believed(lambda: self._fee_rates(told))

    async def open_orders(self, cl_ord_id: ClOrdId | None = None) -> list[OrderReport]:
        """Return all open orders of the account, or those with our id."""
        await self._need_names()
        fields = {"cl_ord_id": cl_ord_id} if cl_ord_id else {}
        told = await self.transport.private("OpenOrders", fields, schema.WireOpenOrders, Call.WALK)
        return self._reports(told.open)

    async def closed_orders(self, cl_ord_id: ClOrdId | None, start_ns: int) -> list[OrderReport]:
        """Return orders finished since ``start_ns``: those with our id, or the latest 50.

        More than one with an id of ours means that a resend went wrong.
        """
        await self._need_names()
        fields = {"start": _start(start_ns), "without_count": "true"}
        if cl_ord_id:
            fields["cl_ord_id"] = cl_ord_id
        told = await self.transport.private("ClosedOrders", fields, schema.WireClosedOrders, Call.WALK)
        return self._reports(told.closed)

    async def query_orders(self, order_ids: Sequence[OrderId]) -> list[OrderReport]:
        """Return at most 50 orders by Kraken's ids, open or finished."""
        await self._need_names()
        fields = {"txid": ",".join(order_ids)}
        told = await self.transport.private("QueryOrders", fields, dict[str, schema.WireOrder], Call.WALK)
        return self._reports(told)

    async def trades_history(self, start_ns: int) -> list[Fill]:
        """Return our fills since ``start_ns``, newest first, at most 2,000."""
        await self._need_names()
        fills: list[Fill] = []
        for page in range(MOST_PAGES):
            fields = {
                "start": _start(start_ns),
                "ofs": str(page * PAGE),
                "consolidate_taker": "false",
                "without_count": "true",
            }
            told = await self.transport.private("TradesHistory", fields, schema.WireTradesHistory, Call.WALK)
            fills += self._fills(told.trades)
            if len(told.trades) < PAGE:
                break
        return fills

    async def add_order(self, request: OrderRequest, deadline_ns: int) -> OrderReport:
        """Place an order. ``deadline_ns`` is exchange time, ns UTC, at least 2 s ahead."""
        if deadline_ns - self._clock.wall_ns() < LEAST_DEADLINE_NS:
            raise NotSent("the deadline is too near for REST")
        fields = _written(lambda: add_fields(request, deadline_ns, self.symbols))
        told = await self.transport.private("AddOrder", fields, schema.WireAdded, Call.ORDER)
        if not told.txid:
            raise OutcomeUnknown("accepted without an order id")
        return OrderReport(
            order_id=OrderId(told.txid[0]),
            exec_type="pending_new",
            status=OrderStatus.PENDING_NEW,
            cl_ord_id=request.cl_ord_id,
            symbol=request.symbol,
            side=request.side,
            order_type=request.order_type,
        )

    async def amend_order(self, request: AmendRequest, deadline_ns: int) -> str:
        """Change an order in place and return the amend's id."""
        fields = _written(lambda: amend_fields(request, deadline_ns))
        return (await self.transport.private("AmendOrder", fields, schema.WireAmended, Call.ORDER)).amend_id

    async def cancel_order(self, request: CancelRequest) -> None:
        """Cancel one order. Raises Refused when it is not open."""
        fields = _written(lambda: cancel_fields(request))
        told = await self.transport.private("CancelOrder", fields, schema.WireCount, Call.CANCEL)
        if not told.count and not told.pending:
            raise Refused("EOrder:Unknown order")

    async def cancel_all(self, request: CancelAllRequest) -> int:
        """Cancel every open order of the account, ours or not; return how many."""
        return (await self.transport.private("CancelAll", {}, schema.WireCount, Call.CANCEL)).count

    async def cancel_all_after(self, request: CancelAllAfterRequest) -> int:
        """Arm, refresh or disarm the dead man's switch; return when it fires, ns UTC, 0 when disarmed."""
        fields = {"timeout": str(request.timeout_s)}
        told = await self.transport.private("CancelAllOrdersAfter", fields, schema.WireDeadMan, Call.CANCEL)
        return told_ns(told.triggerTime)

    async def _rows(self, name: str, params: Mapping[str, str], row: Any) -> list[Any]:
        """Return the rows of the one pair an answer is about; its key may be any spelling."""
        told = await self.transport.public(name, params, dict[str, msgspec.Raw])
        raw = next((value for key, value in told.items() if key != "last"), None)
        if raw is None:
            raise OutcomeUnknown(f"{name} without rows")
        return _believed(lambda: msgspec.json.decode(raw, type=list[row], strict=False))

    async def load_names(self) -> None:
        """Learn how REST spells pairs and assets, which everything private needs. Once; errors as any public call."""
        await self._need_names()

    async def _need_names(self) -> None:
        async with self._naming:
            if self.symbols.loaded:
                return
            assets = await self.transport.public("Assets", {}, dict[str, WireAssetName])
            pairs = await self.transport.public("AssetPairs", {}, dict[str, WirePairName])
            self.symbols = Symbols(assets, pairs)

    def _reports(self, orders: Mapping[str, schema.WireOrder]) -> list[OrderReport]:
        return _believed(lambda: [report_of(order_id, row, self.symbols) for order_id, row in orders.items()])

    def _fills(self, rows: Mapping[str, schema.WireFill]) -> list[Fill]:
        found = _believed(lambda: [fill_of(exec_id, row, self.symbols) for exec_id, row in rows.items()])
        return [fill for fill in found if fill is not None]

    def _holding(self, name: str, row: schema.WireHolding) -> Holding:
        vet_signed(row.balance, row.hold_trade, row.credit, row.credit_used)
        return Holding(
            asset=self.symbols.asset(name),
            total=row.balance,
            held=row.hold_trade,
            credit=row.credit,
            credit_used=row.credit_used,
        )

    def _tickers(self, told: Mapping[str, schema.WireTicker]) -> list[Ticker]:
        named = ((self.symbols.symbol(pair), row) for pair, row in told.items())
        return [_ticker(symbol, row) for symbol, row in named if symbol is not None]

    def _depth(self, symbol: Symbol, told: Mapping[str, schema.WireDepth]) -> Depth:
        row = next((row for pair, row in told.items() if self.symbols.symbol(pair) == symbol), None)
        if row is None:
            raise ValueError(f"no depth of {symbol}")
        sides = [[(price, qty) for price, qty, _ in levels] for levels in (row.bids, row.asks)]
        vet(*(number for levels in sides for level in levels for number in level))
        bids, asks = (tuple(level for level in levels if all(level)) for levels in sides)
        return Depth(symbol, bids, asks)

    def _fee_rates(self, told: schema.WireTradeVolume) -> list[FeeRate]:
        takers, makers = told.fees or {}, told.fees_maker or {}
        vet_signed(*(row.fee for row in (*takers.values(), *makers.values())))
        return [
            FeeRate(symbol=symbol, maker=makers.get(pair, taker).fee / 100, taker=taker.fee / 100)
            for pair, taker in takers.items()
            if (symbol := self.symbols.symbol(pair)) is not None
        ]


def _start(start_ns: int) -> str:
    # Kraken excludes the start itself.
    return str(max(0, start_ns // NS - 1))


def _ticker(symbol: Symbol, row: schema.WireTicker) -> Ticker:
    vet(*row.a[:1], *row.b[:1], *row.c[:1], *row.v, *row.p, *row.l, *row.h)
    return Ticker(
        symbol=symbol,
        bid=row.b[0],
        ask=row.a[0],
        bid_qty=row.b[2],
        ask_qty=row.a[2],
        last=row.c[0],
        volume=row.v[1],
        vwap=row.p[1],
        low=row.l[1],
        high=row.h[1],
    )


def _candle(symbol: Symbol, interval: int, row: schema.CandleRow) -> Candle:
    start, *numbers, count = row
    vet_id(start)
    vet_id(count)
    vet(*numbers)
    return Candle(
        symbol=symbol,
        interval=interval,
        begin=start * NS,
        open=row[1],
        high=row[2],
        low=row[3],
        close=row[4],
        vwap=row[5],
        volume=row[6],
        trades=count,
    )


def _trade(symbol: Symbol, row: schema.TradeRow) -> Trade:
    price, qty, seconds, side, kind, _, trade_id = row
    vet(price, qty)
    vet_id(trade_id)
    return Trade(
        symbol=symbol,
        side=_SIDES[side],
        price=price,
        qty=qty,
        ord_type="market" if kind == "m" else "limit",
        trade_id=trade_id,
        timestamp=format_ns(seconds_ns(seconds), 9),
    )


def _believed(convert: Callable[[], T]) -> T:
    """Return converted values. Raises OutcomeUnknown for an answer with numbers nobody should compute with."""
    try:
        return convert()
    except (msgspec.MsgspecError, ValueError, ArithmeticError, KeyError, RecursionError) as error:
        raise OutcomeUnknown(f"unreadable answer: {error!s:.200}") from error


def _written(convert: Callable[[], dict[str, str]]) -> dict[str, str]:
    try:
        return convert()
    except ValueError as error:
        raise NotSent(f"cannot be written: {error}") from error
