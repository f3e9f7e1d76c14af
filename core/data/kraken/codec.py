"""Bytes to events and answers, commands to bytes: the only door between Kraken's JSON and the words of trading.

Books take a road of their own: one typed parse, no work in Python for a level. Everything else is exact decimals.
Nothing but ``DecodeError`` leaves ``decode``, whatever the bytes. Source: Kraken "WebSocket API v2".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from core.data.kraken import requests
from core.data.kraken.answers import Answer, AnswerRow
from core.data.kraken.numbers import MAX_EXPONENT, vet, vet_given, vet_id, vet_signed
from core.data.kraken.reports import balance_event, execution_event, told_id, told_ns
from core.data.kraken.ws_schema import (
    CHANNELS,
    BalanceFrame,
    BookFrame,
    CandleFrame,
    ExactBookFrame,
    ExecutionFrame,
    Frame,
    Head,
    HeartbeatFrame,
    InstrumentData,
    InstrumentFrame,
    InstrumentPieces,
    QueueFrame,
    StatusFrame,
    TickerFrame,
    TradeFrame,
    WireAnswer,
    WireAsset,
    WireCandle,
    WireResult,
)
from core.domain.errors import DecodeError
from core.domain.events import (
    BadDataEvent,
    BookEvent,
    CandleEvent,
    Event,
    InstrumentEvent,
    QueueEvent,
    SystemStatusEvent,
    TickerEvent,
    TradeEvent,
)
from core.domain.ids import Asset, OrderId, Symbol
from core.domain.instrument import AssetInfo, Instrument
from core.domain.market import Candle, QueueOrder
from core.domain.times import parse_ns

# What msgspec and the checks raise on bad bytes; deep nesting ends in RecursionError within microseconds.
_BAD = (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError)

_CHANNEL = re.compile(rb'"channel"\s*:\s*"([a-z0-9_]{1,20})"')
_SYMBOL = re.compile(rb'"symbol"\s*:\s*"([A-Za-z0-9./]{1,40})"')
REASON_LENGTH = 200

_T = TypeVar("_T")


class Codec:
    """Decodes frames and encodes commands. Holds no state but which books must be read exactly."""

    encode = staticmethod(requests.encode)
    encode_subscribe = staticmethod(requests.encode_subscribe)
    encode_unsubscribe = staticmethod(requests.encode_unsubscribe)
    encode_ping = staticmethod(requests.encode_ping)

    def __init__(self) -> None:
        self._decode = msgspec.json.Decoder(Frame).decode
        self._exact: frozenset[Symbol] = frozenset()

    def set_exact(self, symbol: Symbol) -> None:
        """Read books of this pair with ``Decimal`` levels from now on: a double cannot hold its digits."""
        self._exact |= {symbol}

    def decode(self, raw: bytes | bytearray | str) -> list[Event] | Answer:
        """Return the events of a data frame (none for a heartbeat or an unknown channel) or the answer it is.

        Raises DecodeError, and nothing else, for anything that cannot be understood.
        """
        try:
            frame = self._decode(raw)
            if type(frame) is BookFrame:
                data = frame.data
                if len(data) == 1 and not self._exact:
                    return [BookEvent(frame.type == "snapshot", data[0])]
                return self._books(frame, raw)
            return _CONVERSIONS[type(frame)](frame)
        except msgspec.ValidationError:
            return self._other(raw)
        except _BAD as error:
            raise DecodeError(_reason(error)) from error

    def blame(self, raw: bytes | bytearray | str, error: DecodeError) -> BadDataEvent:
        """Return what can be told of a frame that could not be decoded."""
        head = raw.encode("utf-8", "replace")[:4096] if isinstance(raw, str) else bytes(raw[:4096])
        channel, symbol = _CHANNEL.search(head), _SYMBOL.search(head)
        return BadDataEvent(
            channel[1].decode() if channel else "",
            error.detail,
            Symbol(symbol[1].decode()) if symbol else None,
        )

    def _other(self, raw: bytes | bytearray | str) -> list[Event] | Answer:
        """Read a frame that is no plain channel data: an answer (which may name a channel too), or data in odd types.

        What a strict reader refuses is read once more with numbers as text (``"0.5"``) and whole numbers with a point.
        """
        try:
            head = _HEAD.decode(raw)
            if head.method is not None:
                return _answer(raw)
            if head.channel is None and (head.error or head.Error):
                return Answer(method="error", success=False, error=_error_text(head.error or head.Error))
            if head.channel is not None and head.channel not in CHANNELS:
                return []
            frame = _LENIENT.decode(raw)
            return self._books(frame, raw) if type(frame) is BookFrame else _CONVERSIONS[type(frame)](frame)
        except _BAD as error:
            raise DecodeError(_reason(error)) from error

    def _books(self, frame: BookFrame, raw: bytes | bytearray | str) -> list[Event]:
        if any(change.symbol in self._exact for change in frame.data):
            return _exact_books(raw)
        return [BookEvent(frame.type == "snapshot", change) for change in frame.data]


def _exact_books(raw: bytes | bytearray | str) -> list[Event]:
    frame = _EXACT_BOOK.decode(raw)
    for change in frame.data:
        for level in (*change.bids, *change.asks):
            vet(level.price, level.qty)
    return [BookEvent(frame.type == "snapshot", change) for change in frame.data]


def _tickers(frame: TickerFrame) -> list[Event]:
    for t in frame.data:
        values = (t.bid, t.bid_qty, t.ask, t.ask_qty, t.last, t.volume, t.vwap, t.low, t.high)
        try:
            vet(*values)  # type: ignore[arg-type]  # absent ones are rare: they take the slower check
        except TypeError:
            vet_given(*values)
        vet_signed(t.change, t.change_pct)
    return [TickerEvent(frame.type == "snapshot", frame.data)]


def _trades(frame: TradeFrame) -> list[Event]:
    for trade in frame.data:
        vet(trade.price, trade.qty)
        vet_id(trade.trade_id)
    return [TradeEvent(frame.type == "snapshot", frame.data)]


def _candles(frame: CandleFrame) -> list[Event]:
    return [CandleEvent(frame.type == "snapshot", [_candle(row) for row in frame.data])]


def _candle(row: WireCandle) -> Candle:
    vwap = row.close if row.vwap is None else row.vwap
    vet(row.open, row.high, row.low, row.close, row.volume, vwap)
    vet_id(row.trades)
    return Candle(
        symbol=Symbol(row.symbol),
        interval=row.interval,
        begin=parse_ns(row.interval_begin),
        open=row.open,
        high=row.high,
        low=row.low,
        close=row.close,
        vwap=vwap,
        volume=row.volume,
        trades=row.trades,
    )


def _queues(frame: QueueFrame) -> list[Event]:
    for change in frame.data:
        for order in (*change.bids, *change.asks):
            _vet_queued(order)
    return [QueueEvent(frame.type == "snapshot", change) for change in frame.data]


def _vet_queued(order: QueueOrder) -> None:
    if order.order_qty is None:
        vet(order.limit_price)
    else:
        vet(order.limit_price, order.order_qty)


def _instruments(frame: InstrumentFrame) -> list[Event]:
    snapshot = frame.type == "snapshot"
    try:
        data = _INSTRUMENTS.decode(frame.data)
        for pair in data.pairs:
            _vet_instrument(pair)
        return [InstrumentEvent(snapshot, [_asset(a) for a in data.assets], data.pairs)]
    except _BAD:
        return _instruments_apart(snapshot, frame.data)


def _instruments_apart(snapshot: bool, data: msgspec.Raw) -> list[Event]:
    # One pair that makes no sense must not cost the other fourteen hundred.
    pieces = _PIECES.decode(data)
    bad: list[Event] = []
    assets = [_asset(a) for a in _readable(pieces.assets, _ASSET.decode, bad)]
    pairs = _readable(pieces.pairs, _pair, bad)
    return [InstrumentEvent(snapshot, assets, pairs), *bad]


def _readable(pieces: list[msgspec.Raw], decode: Callable[[msgspec.Raw], _T], bad: list[Event]) -> list[_T]:
    good = []
    for piece in pieces:
        try:
            good.append(decode(piece))
        except _BAD as error:
            symbol = _SYMBOL.search(bytes(piece)[:4096])
            name = Symbol(symbol[1].decode()) if symbol else None
            bad.append(BadDataEvent("instrument", _reason(error), name))
    return good


def _pair(piece: msgspec.Raw) -> Instrument:
    pair = _PAIR.decode(piece)
    _vet_instrument(pair)
    return pair


def _vet_instrument(pair: Instrument) -> None:
    vet(pair.price_increment, pair.qty_increment, pair.qty_min, pair.cost_min)
    if not pair.price_increment or not pair.qty_increment:
        raise ValueError("an increment of zero")
    for precision in (pair.price_precision, pair.qty_precision, pair.cost_precision):
        if not 0 <= precision <= MAX_EXPONENT:
            raise ValueError(f"a precision of {precision}")


def _asset(row: WireAsset) -> AssetInfo:
    return AssetInfo(
        asset=Asset(row.id),
        status=row.status,
        precision=row.precision,
        precision_display=row.precision_display,
    )


def _status(frame: StatusFrame) -> list[Event]:
    return [SystemStatusEvent(row.system, row.version or "") for row in frame.data]


def _nothing(frame: HeartbeatFrame) -> list[Event]:
    return []


def _executions(frame: ExecutionFrame) -> list[Event]:
    return [execution_event(frame)]


def _balances(frame: BalanceFrame) -> list[Event]:
    return [balance_event(frame)]


def _answer(raw: bytes | bytearray | str) -> Answer:
    wire = _ANSWER.decode(raw)
    result, rows = _result(bytes(wire.result))
    success = wire.success is True or (wire.method == "pong" and wire.error is None)
    return Answer(
        method=wire.method,
        success=success,
        req_id=wire.req_id,
        error="" if success else _error_text(wire.error),
        channel=result.channel or "",
        symbol=Symbol(result.symbol or wire.symbol or "") or None,
        order_id=OrderId(result.order_id) if result.order_id else None,
        original_order_id=OrderId(result.original_order_id) if result.original_order_id else None,
        cl_ord_id=told_id(result.cl_ord_id),
        amend_id=result.amend_id or "",
        count=result.count if result.count is not None else wire.orders_cancelled,
        rows=rows,
        warnings=tuple(w for w in result.warnings if isinstance(w, str))
        if isinstance(result.warnings, list)
        else (),
        max_rate_count=result.maxratecount or 0,
        trigger_ns=told_ns(result.triggerTime),
        time_in=told_ns(wire.time_in),
        time_out=told_ns(wire.time_out),
    )


def _result(raw: bytes) -> tuple[WireResult, tuple[AnswerRow, ...]]:
    if raw[:1] == b"{":
        return _RESULT.decode(raw), ()
    if raw[:1] != b"[":
        return WireResult(), ()
    rows = _ROWS.decode(raw)
    return WireResult(), tuple(
        AnswerRow(
            order_id=OrderId(row.order_id) if row.order_id else None,
            cl_ord_id=told_id(row.cl_ord_id),
            error=_error_text(row.error) if row.error else "",
        )
        for row in rows
    )


def _error_text(error: object) -> str:
    # A text; REST's list of texts has been taken over by some.
    texts = error if isinstance(error, list) else [error]
    return next((text for text in texts if isinstance(text, str) and text), "no reason given")


def _reason(error: BaseException) -> str:
    if isinstance(error, RecursionError):
        return "nested too deeply"
    return f"{type(error).__name__}: {error}"[:REASON_LENGTH]


_CONVERSIONS: dict[type, Callable[[Any], list[Event]]] = {
    TickerFrame: _tickers,
    TradeFrame: _trades,
    CandleFrame: _candles,
    QueueFrame: _queues,
    ExecutionFrame: _executions,
    BalanceFrame: _balances,
    InstrumentFrame: _instruments,
    StatusFrame: _status,
    HeartbeatFrame: _nothing,
}

_LENIENT = msgspec.json.Decoder(Frame, strict=False)
_EXACT_BOOK = msgspec.json.Decoder(ExactBookFrame, strict=False)
_INSTRUMENTS = msgspec.json.Decoder(InstrumentData)
_PIECES = msgspec.json.Decoder(InstrumentPieces)
_ASSET = msgspec.json.Decoder(WireAsset, strict=False)
_PAIR = msgspec.json.Decoder(Instrument, strict=False)
_HEAD = msgspec.json.Decoder(Head)
_ANSWER = msgspec.json.Decoder(WireAnswer, strict=False)
_RESULT = msgspec.json.Decoder(WireResult, strict=False)
_ROWS = msgspec.json.Decoder(list[WireResult], strict=False)
