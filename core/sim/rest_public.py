"""Public REST calls. Prices and volumes are text, with five and eight decimals where Kraken prints them so.

Source: Kraken REST "Market data" pages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from core.sim import wire
from core.sim.fields import Params, invalid, word
from core.sim.model import ZERO, AssetSpec, Candle, PairSpec, PublicTrade
from core.sim.public_rows import INTERVALS, MARGIN_RATE, NS_PER_MIN, POSITION_LIMITS
from core.sim.rest_names import Names, answer_key, listed
from core.sim.rest_requests import amount

if TYPE_CHECKING:
    from core.sim.hub import Hub

Row = dict[str, object]
Call = Callable[["Hub", Names, Params], object]

NS_PER_S = 1_000_000_000
MAX_CANDLES = 720
MAX_TRADES = 1000
DEPTH_COUNT = range(1, 501)
GROUP_DEPTHS = (10, 25, 100, 250, 1000)
GROUPING = range(1, 1001)
PAIR_INFO: Mapping[str, frozenset[str]] = {
    "leverage": frozenset({"leverage_buy", "leverage_sell"}),
    "fees": frozenset({"fees", "fees_maker", "fee_volume_currency"}),
    "margin": frozenset({"margin_call", "margin_stop"}),
}
LEVERAGES = [2, 3, 4, 5]


def _time(hub: Hub, names: Names, params: Params) -> Row:
    now_s = hub.clock.wall_ns() // NS_PER_S
    return {
        "unixtime": now_s,
        "rfc1123": datetime.fromtimestamp(now_s, UTC).strftime("%a, %d %b %y %H:%M:%S +0000"),
    }


def _system_status(hub: Hub, names: Names, params: Params) -> Row:
    return {"status": hub.engine.status, "timestamp": wire.rfc3339_s(hub.clock.wall_ns())}


def _assets(hub: Hub, names: Names, params: Params) -> Row:
    borrowable = {
        code for pair in hub.engine.pairs.values() if pair.marginable for code in (pair.base, pair.quote)
    }
    wanted = [names.asset(name) for name in listed(params, "asset")] or hub.engine.assets.values()
    return {asset.rest_id: _asset_row(asset, asset.code in borrowable) for asset in wanted}


def _asset_row(asset: AssetSpec, is_borrowable: bool) -> Row:
    row: Row = {
        "aclass": "currency",
        "altname": asset.altname,
        "decimals": asset.precision,
        "display_decimals": asset.precision_display,
        "collateral_value": 1 if is_borrowable else 0,
        "status": "enabled",
    }
    return row | ({"margin_rate": wire.exact_text(MARGIN_RATE, 6)} if is_borrowable else {})


def _asset_pairs(hub: Hub, names: Names, params: Params) -> Row:
    """All about pairs, or the part that ``info`` asks for."""
    assets = hub.engine.assets
    info = word(params, "info", ("info", *PAIR_INFO), "info")
    rows = {
        key: _pair_row(
            pair, assets[pair.base].rest_id, assets[pair.quote].rest_id, hub.engine.pair_status(pair.symbol)
        )
        for key, pair in names.pairs(params)
    }
    return {
        key: {name: value for name, value in row.items() if info == "info" or name in PAIR_INFO[info]}
        for key, row in rows.items()
    }


def _pair_row(pair: PairSpec, base: str, quote: str, status: str) -> Row:
    leverages = LEVERAGES if pair.marginable else []
    row: Row = {
        "altname": pair.altname,
        "wsname": pair.wsname,
        "aclass_base": "currency",
        "base": base,
        "aclass_quote": "currency",
        "quote": quote,
        "lot": "unit",
        "cost_decimals": pair.cost_precision,
        "pair_decimals": pair.price_precision,
        "lot_decimals": pair.qty_precision,
        "lot_multiplier": 1,
        "leverage_buy": leverages,
        "leverage_sell": leverages,
        # Empty on every pair since 2026: fees come from TradeVolume.
        "fees": [],
        "fees_maker": [],
        "fee_volume_currency": "ZUSD",
        "margin_call": 80,
        "margin_stop": 40,
        "ordermin": wire.exact_text(pair.qty_min, 0),
        "costmin": wire.exact_text(pair.cost_min, 0),
        "tick_size": wire.exact_text(pair.price_increment, 0),
        "status": status,
        "execution_venue": "international",
    }
    if pair.marginable:
        row["long_position_limit"], row["short_position_limit"] = POSITION_LIMITS
    return row


def _ticker(hub: Hub, names: Names, params: Params) -> Row:
    return {key: _ticker_row(hub, pair) for key, pair in names.pairs(params)}


def _ticker_row(hub: Hub, pair: PairSpec) -> Row:
    day = hub.engine.ticker(pair.symbol)

    def best(value: Decimal | None, qty: Decimal) -> list[str]:
        return [price5(pair, value or ZERO), str(max(1, int(qty))) if qty else "0", f"{qty:.3f}"]

    def both(today: Decimal, last24: Decimal, text: Callable[[PairSpec, Decimal], str]) -> list[str]:
        return [text(pair, today), text(pair, last24)]

    return {
        "a": best(day.ask, day.ask_qty),
        "b": best(day.bid, day.bid_qty),
        "c": [price5(pair, day.last), volume8(pair, day.last_qty)],
        "v": both(day.volume_today, day.volume, volume8),
        "p": both(day.vwap_today, day.vwap, price5),
        "t": [day.trades_today, day.trades],
        "l": both(day.low_today, day.low, price5),
        "h": both(day.high_today, day.high, price5),
        "o": price5(pair, day.open),
    }


def price5(pair: PairSpec, value: Decimal) -> str:
    """Return a price with at least five decimals, as in Ticker, Depth, Trades and Spread."""
    return f"{value:.{max(5, pair.price_precision)}f}"


def volume8(pair: PairSpec, value: Decimal) -> str:
    """Return a volume with at least eight decimals."""
    return f"{value:.{max(8, pair.qty_precision)}f}"


def _ohlc(hub: Hub, names: Names, params: Params) -> Row:
    pair = names.required_pair(params)
    interval = integer(params, "interval", 1)
    if interval not in INTERVALS:
        raise invalid("interval")
    since_ns = integer(params, "since", 0) * NS_PER_S
    candles = hub.engine.candles(pair.symbol, interval)[-MAX_CANDLES:]
    # Candles without a trade do not exist; the last one is running, the one before it is where to go on.
    last_ns = candles[-1].begin_ns - interval * NS_PER_MIN if candles else 0
    rows = [_candle(pair, candle) for candle in candles if candle.begin_ns > since_ns]
    return {answer_key(params["pair"], pair): rows, "last": last_ns // NS_PER_S}


def _candle(pair: PairSpec, candle: Candle) -> list[object]:
    prices = [candle.open, candle.high, candle.low, candle.close, candle.vwap]
    texts = [f"{price:.{pair.price_precision}f}" for price in prices]
    return [candle.begin_ns // NS_PER_S, *texts, volume8(pair, candle.volume), candle.count]


def _depth(hub: Hub, names: Names, params: Params) -> Row:
    pair = names.required_pair(params)
    count = integer(params, "count", 100)
    if count not in DEPTH_COUNT:
        raise invalid("count")
    bids, asks = hub.engine.book(pair.symbol, count)
    now_s = hub.clock.wall_ns() // NS_PER_S

    def rows(levels: list[tuple[Decimal, Decimal]]) -> list[list[object]]:
        return [
            [price5(pair, price), f"{qty:.3f}" if qty >= 1 else volume8(pair, qty), now_s]
            for price, qty in levels
        ]

    return {answer_key(params["pair"], pair): {"asks": rows(asks), "bids": rows(bids)}}


def _grouped_book(hub: Hub, names: Names, params: Params) -> Row:
    pair = names.required_pair(params)
    depth, ticks = integer(params, "depth", 10), integer(params, "grouping", 1)
    if depth not in GROUP_DEPTHS or ticks not in GROUPING:
        raise invalid("depth" if depth not in GROUP_DEPTHS else "grouping")
    step = pair.price_increment * ticks
    bids, asks = hub.engine.book(pair.symbol, 1_000_000)

    def rows(levels: list[tuple[Decimal, Decimal]], *, up: bool) -> list[Row]:
        groups: dict[Decimal, Decimal] = {}
        for price, qty in levels:
            whole = price // step
            group = (whole + 1 if up and whole * step != price else whole) * step
            groups[group] = groups.get(group, ZERO) + qty
        return [
            {"price": f"{price:.{pair.price_precision}f}", "qty": volume8(pair, qty)}
            for price, qty in list(groups.items())[:depth]
        ]

    return {
        "pair": pair.symbol,
        "grouping": ticks,
        "bids": rows(bids, up=False),
        "asks": rows(asks, up=True),
    }


def _trades(hub: Hub, names: Names, params: Params) -> Row:
    pair = names.required_pair(params)
    count = integer(params, "count", MAX_TRADES)
    if not 1 <= count <= MAX_TRADES:
        raise invalid("count")
    since_ns = _since_ns(params)
    trades = hub.engine.trades(pair.symbol, MAX_TRADES, since_ns=since_ns or None)
    chosen = trades[:count] if since_ns else trades[-count:]
    last_ns = chosen[-1].ts_ns if chosen else since_ns or hub.clock.wall_ns()
    return {answer_key(params["pair"], pair): [_trade(pair, trade) for trade in chosen], "last": str(last_ns)}


def _trade(pair: PairSpec, trade: PublicTrade) -> list[object]:
    return [
        price5(pair, trade.price),
        volume8(pair, trade.qty),
        wire.unix_text(trade.ts_ns, 9),
        trade.side[0],
        trade.ord_type[0],
        "",
        trade.trade_id,
    ]


def _since_ns(params: Params) -> int:
    """``since`` is Unix seconds, or nanoseconds when it has more than eleven digits."""
    since = amount(params, "since") or ZERO
    return int(since if since >= 10**11 else since * NS_PER_S)


def _spread(hub: Hub, names: Names, params: Params) -> Row:
    pair = names.required_pair(params)
    since_s = integer(params, "since", 0)
    rows = [
        [second, price5(pair, bid), price5(pair, ask)]
        for second, bid, ask in hub.engine.spreads(pair.symbol)
        if second >= since_s
    ]
    return {answer_key(params["pair"], pair): rows, "last": hub.clock.wall_ns() // NS_PER_S}


def integer(params: Params, name: str, default: int) -> int:
    """Return a whole number that may come as text, ``default`` when absent."""
    value = params.get(name)
    if value is None or value == "":
        return default
    text = str(value)
    if isinstance(value, bool) or len(text) > 20 or not text.lstrip("-").isdecimal() or not text.isascii():
        raise invalid(name)
    return int(text)


PUBLIC_CALLS: Mapping[str, Call] = {
    "Time": _time,
    "SystemStatus": _system_status,
    "Assets": _assets,
    "AssetPairs": _asset_pairs,
    "Ticker": _ticker,
    "OHLC": _ohlc,
    "Depth": _depth,
    "GroupedBook": _grouped_book,
    "Trades": _trades,
    "Spread": _spread,
}
