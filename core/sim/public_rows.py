"""Rows of the public channels as Kraken prints them: ticker, candles, trades, instruments.

Each function returns values ready for `wire.encode`, numbers with the pair's own decimals.
Source: Kraken channel pages ``ticker``, ``ohlc``, ``trade``, ``instrument``.
"""

from __future__ import annotations

from decimal import Decimal

from core.sim import wire
from core.sim.model import ZERO, AssetSpec, Candle, PairSpec, PublicTrade, Ticker24h

Row = dict[str, object]

NS_PER_MIN = 60_000_000_000
INTERVALS = (1, 5, 15, 30, 60, 240, 1440, 10080, 21600)
# Kraken states neither for all pairs; plausible figures of the largest ones.
MARGIN_INITIAL = Decimal("0.2")
POSITION_LIMITS = (250, 200)
MARGIN_RATE = Decimal("0.01")


def ticker_row(pair: PairSpec, ticker: Ticker24h, now_ns: int) -> Row:
    """One ``ticker`` element. A side without orders shows as zero."""

    def price(value: Decimal | None) -> object:
        return wire.fixed(value or ZERO, pair.price_precision)

    def qty(value: Decimal | None) -> object:
        return wire.fixed(value or ZERO, pair.qty_precision)

    return {
        "symbol": pair.symbol,
        "bid": price(ticker.bid),
        "bid_qty": qty(ticker.bid_qty),
        "ask": price(ticker.ask),
        "ask_qty": qty(ticker.ask_qty),
        "last": price(ticker.last),
        "volume": qty(ticker.volume),
        "vwap": price(ticker.vwap),
        "low": price(ticker.low),
        "high": price(ticker.high),
        "change": price(ticker.change),
        "change_pct": wire.fixed(ticker.change_pct, 2),
        "trades": ticker.trades,
        "timestamp": wire.rfc3339_us(now_ns),
    }


def candle_row(pair: PairSpec, interval: int, candle: Candle) -> Row:
    """One ``ohlc`` element. ``timestamp`` is the end of the interval, as recorded; ``interval_begin`` its start."""

    def price(value: Decimal) -> object:
        return wire.fixed(value, pair.price_precision)

    return {
        "symbol": pair.symbol,
        "open": price(candle.open),
        "high": price(candle.high),
        "low": price(candle.low),
        "close": price(candle.close),
        "trades": candle.count,
        "volume": wire.fixed(candle.volume, pair.qty_precision),
        "vwap": price(candle.vwap),
        "interval_begin": wire.rfc3339_ns(candle.begin_ns),
        "interval": interval,
        "timestamp": wire.rfc3339_us(candle.begin_ns + interval * NS_PER_MIN),
    }


def trade_row(pair: PairSpec, trade: PublicTrade) -> Row:
    """One ``trade`` element."""
    return {
        "symbol": pair.symbol,
        "side": trade.side,
        "price": wire.fixed(trade.price, pair.price_precision),
        "qty": wire.fixed(trade.qty, pair.qty_precision),
        "ord_type": trade.ord_type,
        "trade_id": trade.trade_id,
        "timestamp": wire.rfc3339_us(trade.ts_ns),
    }


def asset_row(asset: AssetSpec, is_borrowable: bool) -> Row:
    """One asset of the ``instrument`` channel."""
    row: Row = {
        "id": asset.code,
        "status": "enabled",
        "precision": asset.precision,
        "precision_display": asset.precision_display,
        "borrowable": is_borrowable,
        "collateral_value": wire.short(Decimal(1) if is_borrowable else ZERO),
    }
    if is_borrowable:
        row["margin_rate"] = wire.short(MARGIN_RATE)
    return row | {"class": "currency"}


def pair_row(pair: PairSpec, status: str) -> Row:
    """One pair of the ``instrument`` channel, in the key order of Kraken's frames."""
    row: Row = {
        "symbol": pair.symbol,
        "base": pair.base,
        "quote": pair.quote,
        "status": status,
        "qty_precision": pair.qty_precision,
        "qty_increment": wire.short(pair.qty_increment),
        "price_precision": pair.price_precision,
        "cost_precision": pair.cost_precision,
        "marginable": pair.marginable,
        "has_index": pair.has_index,
        "cost_min": wire.short(pair.cost_min),
    }
    if pair.marginable:
        row["margin_initial"] = wire.short(MARGIN_INITIAL)
        row["position_limit_long"], row["position_limit_short"] = POSITION_LIMITS
    return row | {
        "tick_size": wire.short(pair.price_increment),
        "price_increment": wire.short(pair.price_increment),
        "qty_min": wire.short(pair.qty_min),
    }
