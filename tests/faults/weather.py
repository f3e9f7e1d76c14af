"""What goes wrong, at random: every verb of the simulator's plan, and what befalls the host."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from random import Random

from core.sim.exchange import SimExchange
from core.sim.fault_matching import Fault

ADD = ("add_order", "AddOrder")
BATCH = ("batch_add",)
CANCEL = ("cancel_order", "CancelOrder")
AMEND = ("amend_order", "AmendOrder")
ASK = ("OpenOrders", "ClosedOrders", "QueryOrders", "TradesHistory", "BalanceEx", "GetWebSocketsToken")
REQUESTS = (ADD, ADD, ADD, BATCH, CANCEL, AMEND, ASK)
ERRORS = (
    "EService:Unavailable",
    "EService:Busy",
    "EService:Deadline elapsed",
    "EGeneral:Internal error",
    "EAPI:Rate limit exceeded",
    "ENobody:Knows this one",
)
CODES = (1000, 1001, 1006, 1011, 1012)


class Weather:
    """Brings a fault now and then and lifts those that last. ``count`` is how many it brought."""

    def __init__(self, exchange: SimExchange, random: Random) -> None:
        self._exchange = exchange
        self._plan = exchange.faults
        self._random = random
        self._lasting: list[tuple[float, Fault]] = []
        self.count = 0
        self._verbs: list[Callable[[], Fault]] = [
            self._lose_request,
            self._lose_request,
            self._lose_answer,
            self._lose_answer,
            self._accept_then,
            self._accept_then,
            self._queue,
            self._error,
            self._http,
            self._delay,
            self._duplicate,
            self._reorder,
            self._gap,
            self._corrupt,
            self._close,
            self._reset,
            self._half_open,
            self._silent,
            self._lag_rest,
            self._expire_token,
            self._raise_nonce,
            self._restart,
            self._act_elsewhere,
            self._fill_after_cancel,
            self._status,
        ]

    def bring(self, now_s: float) -> None:
        """Bring one fault; what lasts ends within 20 s, unused ones too."""
        fault = self._random.choice(self._verbs)()
        self._lasting.append((now_s + self._random.uniform(2, 20), fault))
        self.count += 1

    def lift(self, now_s: float) -> None:
        """End what has lasted long enough."""
        for until_s, fault in self._lasting:
            if until_s <= now_s:
                fault.remove()
        self._lasting = [(until_s, fault) for until_s, fault in self._lasting if until_s > now_s]

    def clear(self) -> None:
        """Blue sky."""
        self.lift(float("inf"))

    def _request(self) -> tuple[str, ...]:
        return self._random.choice(REQUESTS)

    def _lose_request(self) -> Fault:
        return self._plan.lose_request(method=self._request())

    def _lose_answer(self) -> Fault:
        return self._plan.lose_answer(method=self._request())

    def _accept_then(self) -> Fault:
        ending = self._random.choice(("timeout", "5xx", "html", "close"))
        return self._plan.accept_then(ending, method=self._request())

    def _queue(self) -> Fault:
        return self._plan.queue(self._random.choice((0.5, 4.5, 7.0, 20.0)), method=self._request())

    def _error(self) -> Fault:
        accepted = self._random.random() < 0.5
        text = self._random.choice(ERRORS)
        # The pace is judged before anything is done: that answer is never given to something accepted.
        return self._plan.error(text, accepted=accepted and "Rate limit" not in text, method=self._request())

    def _http(self) -> Fault:
        code = self._random.choice((429, 500, 502, 503, 520))
        return self._plan.http(code, b"<html>no</html>", road="rest", times=self._random.randint(1, 3))

    def _delay(self) -> Fault:
        return self._plan.delay(self._random.choice((0.3, 2.0, 6.5)), method=self._request())

    def _duplicate(self) -> Fault:
        channel = self._random.choice(("executions", "balances", "book", "trade"))
        return self._plan.duplicate(channel=channel, times=3)

    def _reorder(self) -> Fault:
        channel = self._random.choice(("executions", "balances", "book"))
        return self._plan.reorder(self._random.randint(1, 3), channel=channel)

    def _gap(self) -> Fault:
        return self._plan.gap(channel=self._random.choice(("executions", "balances")))

    def _corrupt(self) -> Fault:
        field, channel = self._random.choice(
            (("qty", "book"), ("price", "book"), ("exec_type", "executions"))
        )
        return self._plan.corrupt(field, channel=channel)

    def _close(self) -> Fault:
        return self._plan.close(self._random.choice(CODES), role=self._random.choice(("public", "private")))

    def _reset(self) -> Fault:
        return self._plan.reset(role=self._random.choice(("public", "private")))

    def _half_open(self) -> Fault:
        return self._plan.half_open(role="private", app=self._random.random() < 0.5)

    def _silent(self) -> Fault:
        return self._plan.silent(self._random.choice(("executions", "balances", "book")))

    def _lag_rest(self) -> Fault:
        return self._plan.lag_rest(self._random.choice((2.0, 15.0, 55.0)))

    def _expire_token(self) -> Fault:
        return self._plan.expire_token()

    def _raise_nonce(self) -> Fault:
        return self._plan.raise_nonce(by=self._random.choice((10**6, 10**9)))

    def _restart(self) -> Fault:
        return self._plan.restart()

    def _act_elsewhere(self) -> Fault:
        kind = self._random.choice(("order", "cancel", "amend", "trade", "trade", "deposit"))
        symbol = self._random.choice(("BTC/USD", "ETH/USD"))
        match kind:
            case "order":
                bid = self._exchange.engine.book(symbol, 1)[0][0][0]
                price = (bid * Decimal("0.97")).quantize(Decimal("0.1"))
                return self._plan.act_elsewhere(
                    "order", symbol=symbol, side="buy", qty="0.002", limit_price=price
                )
            case "deposit":
                return self._plan.act_elsewhere("deposit", qty="25")
            case _:
                return self._plan.act_elsewhere(kind, symbol=symbol)

    def _fill_after_cancel(self) -> Fault:
        return self._plan.fill_after_cancel()

    def _status(self) -> Fault:
        return self._plan.status(self._random.choice(("cancel_only", "post_only", "maintenance")))
