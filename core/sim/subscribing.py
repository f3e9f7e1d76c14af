"""``subscribe`` and ``unsubscribe`` of one connection: one answer for each symbol, then its snapshot.

Source: Kraken WebSocket v2 channel pages; refusals as recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from core.sim import fields
from core.sim.book_feed import DEPTHS as BOOK_DEPTHS
from core.sim.fields import Params
from core.sim.level3_feed import DEPTHS as LEVEL3_DEPTHS
from core.sim.model import Reject
from core.sim.private_feed import PrivateSubscription
from core.sim.public_rows import INTERVALS
from core.sim.publisher import Key
from core.sim.requests import CHANNELS, Request

if TYPE_CHECKING:
    from core.sim.connection import Connection
    from core.sim.hub import Hub
    from core.sim.tokens import Token

PUBLIC_CHANNELS = ("ticker", "book", "ohlc", "trade", "instrument")
PRIVATE_CHANNELS = ("executions", "balances")
NEEDED = {"executions": "query-open-trades", "balances": "query-funds", "level3": "query-open-trades"}
LEVEL3_SYMBOLS = 200
LEVEL3_COST = {10: 5, 100: 25, 1000: 100}
LEVEL3_BUDGET = 200
NS_PER_S = 1_000_000_000

WRONG_HOST = {
    "public": "Private data and trading are unavailable on this endpoint. Try ws-auth.kraken.com",
    "private": "Public market data subscriptions are unavailable on this endpoint. Try ws.kraken.com",
    "level3": "Only level 3 subscriptions are available on this endpoint. Try ws.kraken.com",
}
LEVEL3_HOST = "Level 3 subscriptions are unavailable on this endpoint. Try ws-l3.kraken.com"

Body = dict[str, object]
Answer = Callable[[Body], None]

OF_THE_PAST = ("ticker", "ohlc", "trade")
"""Channels whose first data are reckoned from what happened before, which takes milliseconds a pair."""

CAN_WAIT = True
"""Yielded where what is left of a request may be done after other requests."""


class Subscribing:
    """The subscriptions of one connection."""

    def __init__(self, hub: Hub, connection: Connection) -> None:
        self._hub = hub
        self._connection = connection
        self._keys: dict[Key, None] = {}
        self._coming: dict[Key, bool] = {}
        """What is acknowledged and not begun, and whether it begins with a snapshot."""

        self._private: dict[str, None] = {}
        self._level3_spent = 0
        self._level3_second = 0

    @property
    def is_active(self) -> bool:
        """Whether there is any subscription."""
        return bool(self._keys or self._private)

    def close(self) -> None:
        """Forget everything."""
        self._hub.publisher.drop(self._connection, self._keys)
        self._hub.private.drop(self._connection)
        self._hub.tokens.release(self._connection.number)
        self._keys.clear()
        self._coming.clear()
        self._private.clear()

    def handle(self, request: Request, answer: Answer) -> Iterator[bool]:
        """Carry out one request, a symbol a step; raises Reject for what concerns the request as a whole.

        Yields whether the rest can wait until other requests are done.
        """
        params = request.params
        channel = params.get("channel")
        if not isinstance(channel, str):
            raise Reject("Subscription name invalid")
        if channel == "status":
            raise Reject("Symbol(s) not found")
        if channel not in CHANNELS:
            raise Reject("Subscription name invalid")
        self._check_host(channel)
        fields.check_fields(params, CHANNELS[channel], request.method)
        if channel in PRIVATE_CHANNELS:
            self._private_channel(channel, request, answer)
        elif channel == "instrument":
            self._instrument(request, answer)
        else:
            yield from self._symbols(channel, request, answer)

    def _check_host(self, channel: str) -> None:
        role = self._connection.role
        if channel == "level3":
            wrong = {"public": WRONG_HOST["public"], "private": LEVEL3_HOST}.get(role)
        elif channel in PRIVATE_CHANNELS:
            wrong = None if role == "private" else WRONG_HOST[role]
        else:
            wrong = None if role == "public" else WRONG_HOST[role]
        if wrong:
            raise Reject(wrong)

    def _token(self, channel: str, params: Params, answer: Answer) -> Token | None:
        text = fields.text(params, "token") or ""
        token = self._hub.tokens.find(text, self._connection.number, self._hub.clock.mono_ns())
        if token is not None and NEEDED[channel] in token.permissions:
            return token
        error = "ESession:Invalid session" if token is None else "EGeneral:Permission denied"
        answer({"channel": channel, "error": error, "status": "error", "success": False})
        return None

    # Public channels and level 3

    def _instrument(self, request: Request, answer: Answer) -> None:
        key: Key = ("instrument",)
        result: Body = {"channel": "instrument"}
        if request.method == "unsubscribe":
            self._unsubscribe(key, result, answer)
            return
        result |= {
            "snapshot": fields.flag(request.params, "snapshot", default=True),
            "warnings": ["tick_size is deprecated, use price_increment"],
        }
        self._subscribe(key, result, answer)

    def _symbols(self, channel: str, request: Request, answer: Answer) -> Iterator[bool]:
        token = self._token(channel, request.params, answer) if channel == "level3" else None
        if channel == "level3" and token is None:
            return
        symbols = fields.strings(request.params, "symbol")
        if not symbols:
            raise Reject("Symbol(s) not found")
        option = _option(channel, request.params)
        if channel == "level3" and request.method == "subscribe":
            self._charge_level3(option, len(symbols))
        for symbol in symbols:
            self._symbol(channel, symbol, option, request, answer)
            if channel not in OF_THE_PAST:
                yield not CAN_WAIT
        for key in list(self._coming):
            yield CAN_WAIT
            self._begin(key)
        if token is not None and any(key[0] == "level3" for key in self._keys):
            self._hub.tokens.hold(token, self._connection.number)

    def _symbol(
        self, channel: str, symbol: str, option: int | str | None, request: Request, answer: Answer
    ) -> None:
        if symbol not in self._hub.engine.pairs:
            error = f"Currency pair not supported {symbol[:32]}"
            answer({"error": error, "success": False, "symbol": symbol[:32]})
            return
        key: Key = (channel, symbol) if option is None else (channel, symbol, option)
        result = _result(channel, symbol, option, request)
        if request.method == "unsubscribe":
            self._unsubscribe(key, result, answer)
        else:
            self._subscribe(key, result, answer)

    def _subscribe(self, key: Key, result: Body, answer: Answer) -> None:
        if key in self._keys:
            answer({"error": "Already subscribed", "success": False} | _symbol_of(key))
            return
        self._keys[key] = None
        self._coming[key] = bool(result["snapshot"])
        answer({"result": result, "success": True})
        if key[0] not in OF_THE_PAST or not result["snapshot"]:
            self._begin(key)

    def _begin(self, key: Key) -> None:
        """Send what an acknowledged subscription begins with, unless it was ended meanwhile, and what follows."""
        snapshot = self._coming.pop(key, None)
        if snapshot is None:
            return
        self._hub.publisher.subscribe(key, self._connection)
        if snapshot:
            self._connection.deliver(self._hub.publisher.snapshot(key))

    def _unsubscribe(self, key: Key, result: Body, answer: Answer) -> None:
        if key not in self._keys:
            answer({"error": "Subscription not found", "success": False} | _symbol_of(key))
            return
        self._hub.publisher.unsubscribe(key, self._connection)
        del self._keys[key]
        self._coming.pop(key, None)
        answer({"result": result, "success": True})

    def _charge_level3(self, depth: int | str | None, count: int) -> None:
        """Kraken counts subscriptions by their depth, 200 points a second, and 200 symbols a socket."""
        now_s = self._hub.clock.mono_ns() // NS_PER_S
        if now_s != self._level3_second:
            self._level3_second, self._level3_spent = now_s, 0
        assert isinstance(depth, int), "level3 has a depth"
        cost = LEVEL3_COST[depth] * count
        held = sum(key[0] == "level3" for key in self._keys)
        if self._level3_spent + cost > LEVEL3_BUDGET or held + count > LEVEL3_SYMBOLS:
            raise Reject("Exceeded msg rate")
        self._level3_spent += cost

    # Private channels

    def _private_channel(self, channel: str, request: Request, answer: Answer) -> None:
        token = self._token(channel, request.params, answer)
        if token is None:
            return
        if request.method == "unsubscribe":
            self._leave_private(channel, answer)
            return
        if channel in self._private:
            answer({"channel": channel, "error": "Already subscribed", "success": False})
            return
        self._private[channel] = None
        self._hub.tokens.hold(token, self._connection.number)
        if channel == "balances":
            self._open_balances(token, request.params, answer)
        else:
            self._open_executions(token, request.params, answer)

    def _leave_private(self, channel: str, answer: Answer) -> None:
        if not self._hub.private.unsubscribe(channel, self._connection):
            answer({"channel": channel, "error": "Subscription not found", "success": False})
            return
        self._private.pop(channel, None)
        if not self._private:
            self._hub.tokens.release(self._connection.number)
        answer({"result": {"channel": channel}, "success": True})

    def _open_balances(self, token: Token, params: Params, answer: Answer) -> None:
        wanted = fields.flag(params, "snapshot", default=True)
        subscription = PrivateSubscription(
            subscriber=self._connection, account=token.account, channel="balances"
        )
        self._hub.private.subscribe(subscription)
        answer({"result": {"channel": "balances", "snapshot": wanted}, "success": True})
        if wanted:
            self._hub.private.send_balances(subscription)

    def _open_executions(self, token: Token, params: Params, answer: Answer) -> None:
        orders = fields.flag(params, "snap_orders", fields.flag(params, "snapshot", default=True))
        fills = fields.flag(params, "snap_trades", fields.flag(params, "snapshot_trades"))
        subscription = PrivateSubscription(
            subscriber=self._connection,
            account=token.account,
            channel="executions",
            every_status=fields.flag(params, "order_status", default=True),
            ratecounter=fields.flag(params, "ratecounter"),
        )
        self._hub.private.subscribe(subscription)
        result = {
            "channel": "executions",
            "maxratecount": self._hub.engine.max_rate_count(token.account),
            "snap_orders": orders,
            "snap_trades": fills,
        }
        answer({"result": result, "success": True})
        if (orders or fills) and "users" not in params:
            self._hub.private.send_orders(subscription, orders=orders, fills=fills)


def _symbol_of(key: Key) -> Body:
    return {"symbol": key[1]} if len(key) > 1 else {}


def _option(channel: str, params: Params) -> int | str | None:
    """Return what belongs to the identity of a subscription beside channel and symbol."""
    if channel == "ticker":
        return fields.word(params, "event_trigger", ("trades", "bbo"), "trades")
    if channel == "trade":
        return None
    if channel == "ohlc":
        return _one_of(params, "interval", 1, INTERVALS, "Subscription ohlc interval not supported")
    depths = BOOK_DEPTHS if channel == "book" else LEVEL3_DEPTHS
    return _one_of(params, "depth", 10, depths, "Subscription depth not supported")


def _one_of(params: Params, name: str, default: int, known: tuple[int, ...], error: str) -> int:
    value = params.get(name, default)
    if not isinstance(value, int) or value not in known:
        raise Reject(error)
    return value


def _result(channel: str, symbol: str, option: int | str | None, request: Request) -> Body:
    """Return the ``result`` of an answer; which keys it has differs from channel to channel."""
    params, leaving = request.params, request.method == "unsubscribe"
    result: Body = {"channel": channel}
    if channel == "book":
        result["depth"] = option
    elif channel == "ohlc":
        result["interval"] = option
    elif channel == "ticker" and (leaving or "event_trigger" in params):
        result["event_trigger"] = option
    if not leaving or channel == "book":
        result["snapshot"] = fields.flag(params, "snapshot", default=channel != "trade")
    result["symbol"] = symbol
    if channel == "ohlc" and not leaving:
        result["warnings"] = ["timestamp is deprecated, use interval_begin"]
    return result
