"""Everything that can go wrong with the exchange, on demand: one verb for each fault, a matcher for when.

``plan.lose_answer(method="add_order", nth=3)`` loses the answer to the third order. The keywords of the matchers
are those of `Timing` and `Matching`. The same seed and the same requests give the same faults.

A verb that changes a message strikes the next that matches, once, unless ``times`` says otherwise; `silent`,
`slow` and `lag_rest` last until removed. An event (`close`, `reset`, `half_open`, `status`, `expire_token`,
`raise_nonce`, `skew`, `act_elsewhere`, `restart`, `raw`) happens at once or at ``from_s``; with a method, channel,
symbol, nth or probability it is set off by such a message, just before it is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Literal, Unpack

from core.runtime.clock import NS_PER_S, Clock
from core.sim import fault_effects as effects
from core.sim.engine import MODES
from core.sim.fault_effects import ENDINGS, Event, HttpReply
from core.sim.fault_frames import MISSING, corrupted
from core.sim.fault_matching import Fault, Match, Matching, Timing
from core.sim.fault_rules import Rules
from core.sim.fault_stage import ELSEWHERE, Deed, Stage

if TYPE_CHECKING:
    from core.sim.connection import Connection

__all__ = ["MISSING", "Fault", "FaultPlan"]

NONCE_AHEAD = NS_PER_S  # a second, for clients that count nanoseconds
CHECKED_LEVELS = 10
RESTART_CODE = 1012
ABNORMAL = 1006
CODES = (*range(1000, 1004), *range(1006, 1015), *range(3000, 5000))


class FaultPlan:
    """The faults of one exchange. ``clock`` measures the time windows; the plan starts when it is made."""

    def __init__(self, seed: int, clock: Clock) -> None:
        self.rules = Rules(seed, clock)
        self._stage: Stage | None = None

    def attach(self, stage: Stage) -> None:
        """The exchange has started. RuntimeError when the plan serves another one."""
        if self._stage is not None:
            raise RuntimeError("a plan serves one exchange")
        self._stage = stage
        self.rules.attach(stage)

    # -- requests -------------------------------------------------------------------------------------------

    def lose_request(self, **match: Unpack[Matching]) -> Fault:
        """The request never reaches the exchange, and nothing comes back."""
        return self.rules.strike_requests(self._fault(match), effects.lose)

    def lose_answer(self, **match: Unpack[Matching]) -> Fault:
        """The request is carried out; its answers are lost, the line lives on."""
        return self.accept_then("timeout", **match)

    def accept_then(
        self, ending: Literal["timeout", "5xx", "html", "close"], **match: Unpack[Matching]
    ) -> Fault:
        """The request is carried out, and then: no answer; 502 or ``EService:Unavailable``; a page; a closed line."""
        if ending not in ENDINGS:
            raise ValueError(f"no ending {ending!r}")
        return self.rules.strike_requests(self._fault(match), partial(effects.finish, ending=ending))

    def queue(self, s: float, **match: Unpack[Matching]) -> Fault:
        """The request is let in, then waits before the engine sees it and applies its deadline."""
        return self.rules.strike_requests(self._fault(match), partial(effects.queue, wait_s=_waiting(s)))

    def error(self, text: str, *, accepted: bool = False, **match: Unpack[Matching]) -> Fault:
        """The answer is this error. Unless ``accepted`` the request is not carried out."""
        effect = partial(effects.refuse, text=text, is_accepted=accepted)
        return self.rules.strike_requests(self._fault(match), effect)

    def http(
        self,
        code: int,
        body: str | bytes = b"",
        headers: Mapping[str, str] | None = None,
        **match: Unpack[Matching],
    ) -> Fault:
        """REST answers with this status and body; a WebSocket handshake (method ``connect``) is refused with it."""
        if not 200 <= code <= 599:
            raise ValueError(f"no status of an answer: {code}")
        answer = HttpReply(code, body.encode() if isinstance(body, str) else body, headers or {})
        return self.rules.reply_instead(self._fault(match), answer)

    # -- what goes out --------------------------------------------------------------------------------------

    def delay(self, s: float, **match: Unpack[Matching]) -> Fault:
        """The frame, or the answer of REST, goes out later; other frames overtake it."""
        return self.rules.strike_frames(self._fault(match), partial(effects.delay, delay_s=_waiting(s)))

    def duplicate(self, **match: Unpack[Matching]) -> Fault:
        """The frame goes out twice."""
        return self.rules.strike_frames(self._fault(match, road="ws"), effects.double)

    def reorder(self, k: int, **match: Unpack[Matching]) -> Fault:
        """The frame goes out after the ``k`` frames that follow it on its line."""
        if k < 1:
            raise ValueError(f"at least one frame overtakes, not {k}")
        return self.rules.strike_frames(self._fault(match, road="ws"), partial(effects.hold_back, count=k))

    def gap(self, **match: Unpack[Matching]) -> Fault:
        """The data frame is not sent, its sequence number is used. Of ``executions``, unless a channel is named."""
        match.setdefault("channel", "executions")
        return self.rules.strike_frames(self._fault(match, road="ws"), effects.drop)

    def corrupt(self, field: str, value: object = None, **match: Unpack[Matching]) -> Fault:
        """A field of a frame, or of a REST result, is wrong. Frames without the field do not count.

        ``value`` None makes another value of the same kind, ``MISSING`` leaves the field out. The price and qty of
        a book are changed where its checksum fails.
        """
        fault = self._fault(match)
        symbol = match.get("symbol")
        return self.rules.strike_frames(
            fault, effects.keep, lambda text: corrupted(text, field, value, symbol, self._top)
        )

    def silent(self, channel: str, *, symbol: str | None = None, **match: Unpack[Timing]) -> Fault:
        """No data on this channel until removed. Heartbeats and answers go on."""
        fault = self._fault({**match, "channel": channel, "symbol": symbol}, road="ws", times=None)
        return self.rules.strike_frames(fault, effects.drop)

    def slow(self, bytes_per_s: float, **match: Unpack[Matching]) -> Fault:
        """Lines carry so much and no more until removed; what does not fit waits its turn."""
        effect = partial(effects.throttle, bytes_per_s=_positive(bytes_per_s))
        return self.rules.strike_frames(self._fault(match, times=None), effect)

    # -- lines ----------------------------------------------------------------------------------------------

    def close(self, code: int, **match: Unpack[Matching]) -> Fault:
        """WebSockets are closed with this code, 1006 without a closing frame. REST only with ``road="rest"``."""
        if code not in CODES:
            raise ValueError(f"no code to close with: {code}")
        return self._cut(match, "close", lambda line: line.cut(code))

    def reset(self, **match: Unpack[Matching]) -> Fault:
        """WebSockets are broken off with a TCP reset; connections of REST with ``road="rest"`` or its method."""
        return self._cut(match, "reset", lambda line: line.reset())

    def _cut(self, match: Matching, ending: str, cut: Callable[[Connection], None]) -> Fault:
        fault = self._fault(match)
        at_once_on_rest = fault.match.road == "rest" and not fault.match.waits_for_message

        def act(lines: list[Connection]) -> int:
            if at_once_on_rest:
                return self._running.drop_rest(is_reset=ending == "reset")
            for line in lines:
                cut(line)
            return len(lines)

        return self.rules.happen(fault, Event(act, cuts=True, ending=ending))

    def half_open(self, *, app: bool = False, **match: Unpack[Matching]) -> Fault:
        """Lines stay open, and nothing is read or sent until removed; then everything that waits goes through.

        ``app``: only the program hangs, pings are still answered. New connections are whole. With ``road="rest"``
        requests that come meanwhile are never answered.
        """
        if match.get("road") == "rest":
            return self.rules.strike_requests(self._fault(match, times=None), effects.lose)
        frozen: list[Connection] = []

        def act(lines: list[Connection]) -> int:
            for line in lines:
                line.freeze(app=app)
            frozen.extend(lines)
            return len(lines)

        fault = self._fault(match, road="ws")

        def thaw() -> None:
            for line in frozen:
                line.thaw()

        fault.undo.append(thaw)
        # Not lost: the request that set it off is read when the line thaws.
        return self.rules.happen(fault, Event(act))

    def raw(self, data: bytes, *, is_text: bool = True, **match: Unpack[Matching]) -> Fault:
        """These bytes are sent as a text frame, UTF-8 or not, or as a binary one."""

        def act(lines: list[Connection]) -> int:
            for line in lines:
                line.send_bytes(data, is_text=is_text)
            return len(lines)

        return self.rules.happen(self._fault(match, road="ws"), Event(act))

    # -- the exchange ---------------------------------------------------------------------------------------

    def status(self, mode: str, **match: Unpack[Matching]) -> Fault:
        """The engine is in this mode (maintenance, cancel_only, post_only) until removed: told, and acted upon."""
        if mode not in MODES:
            raise ValueError(f"no engine state {mode!r}")
        fault = self._fault(match)

        def act(lines: list[Connection]) -> int:
            before = self._running.hub.engine.status
            fault.undo.append(lambda: self._running.set_status(before))
            return self._running.set_status(mode)

        return self.rules.happen(fault, Event(act, is_wide=True))

    def skew(self, s: float, **match: Unpack[Matching]) -> Fault:
        """The exchange's clock is ahead by so much until removed, or behind."""
        fault, ns = self._fault(match), round(s * NS_PER_S)

        def act(lines: list[Connection]) -> int:
            fault.undo.append(lambda: self._running.shift(-ns))
            return self._running.shift(ns)

        return self.rules.happen(fault, Event(act, is_wide=True))

    def lag_rest(self, s: float, **match: Unpack[Matching]) -> Fault:
        """REST queries of orders, fills, ledger and balances see the state of ``s`` seconds ago until removed.

        The state at the moment of this call is the earliest that is shown.
        """
        return self.rules.lag(self._fault(match, road="rest", times=None), _waiting(s))

    def expire_token(self, **match: Unpack[Matching]) -> Fault:
        """Every WebSocket token is forgotten."""
        return self._wide(self._fault(match), lambda: self._running.expire_tokens())

    def raise_nonce(self, by: int = NONCE_AHEAD, **match: Unpack[Matching]) -> Fault:
        """Another program has used the key with a nonce that much higher than any before."""
        return self._wide(self._fault(match), lambda: self._running.raise_nonces(by))

    def restart(self, code: int = RESTART_CODE, **match: Unpack[Matching]) -> Fault:
        """All sockets are closed; sequence numbers and tokens begin anew, orders are kept."""
        event = Event(lambda lines: self._running.restart(code), cuts=True, ending="close", is_wide=True)
        return self.rules.happen(self._fault(match), event)

    def act_elsewhere(
        self,
        kind: Literal["order", "cancel", "amend", "trade", "deposit"],
        *,
        symbol: str | None = None,
        side: Literal["buy", "sell"] | None = None,
        qty: Decimal | str | None = None,
        limit_price: Decimal | str | None = None,
        order_id: str | None = None,
        cl_ord_id: str | None = None,
        asset: str = "USD",
        channel: str | None = None,
        **match: Unpack[Timing],
    ) -> Fault:
        """Another program does something on the account; ``fired`` stays 0 when the exchange refuses it.

        order: limit, or market without a price. cancel, amend, trade: the order named, else the oldest open one
        of the symbol; a trade fills ``qty`` of it, or, with a side, takes from the book. deposit: ``qty`` of
        ``asset``, a withdrawal when negative. Quantities in base, prices in quote units.
        """
        if kind not in ELSEWHERE:
            raise ValueError(f"nothing to do elsewhere: {kind!r}")
        if qty is None and kind in ("order", "deposit"):
            raise ValueError(f"{kind} needs a qty")
        if symbol is None and (kind == "order" or side is not None):
            raise ValueError(f"{kind} needs a symbol")
        deed = Deed(
            kind=kind,
            symbol=symbol,
            side=side,
            qty=None if qty is None else Decimal(qty),
            limit_price=None if limit_price is None else Decimal(limit_price),
            order_id=order_id,
            cl_ord_id=cl_ord_id,
            asset=asset,
        )
        fault = self._fault({**match, "channel": channel, "symbol": None})
        return self._wide(fault, lambda: self._running.act(deed))

    def fill_after_cancel(self, qty: Decimal | str | None = None, **match: Unpack[Matching]) -> Fault:
        """An order was filled after all, ``qty`` of it or what was left: reported after its cancel."""
        amount = None if qty is None else Decimal(qty)
        return self.rules.fill_late(self._fault(match, road="ws"), amount)

    # -- making ---------------------------------------------------------------------------------------------

    def _fault(self, match: Matching, road: str | None = None, times: int | None = 1) -> Fault:
        """Return a fault with the defaults of its verb. ValueError for a road on which the verb means nothing."""
        if road is not None and match.get("road") not in (None, road):
            raise ValueError(f"this fault exists on {road} only")
        asked: Matching = {"times": times, **match}
        if road is not None:
            asked["road"] = road
        return self.rules.fault(Match(**asked))

    def _wide(self, fault: Fault, act: Callable[[], int]) -> Fault:
        return self.rules.happen(fault, Event(lambda lines: act(), is_wide=True))

    @property
    def _running(self) -> Stage:
        assert self._stage is not None, "events happen while the exchange runs"
        return self._stage

    def _top(self, symbol: str) -> tuple[list[tuple[Decimal, Decimal]], list[tuple[Decimal, Decimal]]]:
        return self._running.hub.engine.book(symbol, CHECKED_LEVELS)


def _positive(number: float) -> float:
    if not number > 0:
        raise ValueError(f"must be above zero, not {number}")
    return number


def _waiting(s: float) -> float:
    if not s >= 0:
        raise ValueError(f"time does not run backwards: {s} s")
    return s
