"""Flatten a pair: bring what is owned of its base back to a chosen inventory.

Cancel first, wait until nothing on the pair can trade any more and every fill is in the balance, then take with a
limit IOC no worse than a bound fixed at the start. Each order is sized from what is proven to be owned, so it cannot
overshoot.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from decimal import Decimal

import msgspec

from core.app.executor import Executor
from core.data.rest.client import RestClient
from core.domain.errors import TerminalError
from core.domain.ids import Symbol, new_cl_ord_id
from core.domain.instrument import Instrument, Side
from core.domain.limits import NO_CONSENT, Consent
from core.domain.orders import Order, OrderRequest, OrderType, TimeInForce
from core.processing.stores import Stores
from core.runtime.clock import NS_PER_S, Clock

log = logging.getLogger(__name__)

ZERO = Decimal(0)
BPS = Decimal(10_000)
POLL_S = 0.02
CANCELLED_S = 15.0
"""An order in doubt is looked for until its deadline is over; longer than that nobody should wait for a flat pair."""

BOOKED_S = 2.0
RECENT_NS = 10 * NS_PER_S
"""Fills younger than this may not be in the balance yet."""

ATTEMPTS = 4
MOST_BPS = 500


class FlattenRefused(TerminalError):
    """The pair was not flattened, or not to its end; ``detail`` says why and what was done."""

    user_message = "Not flattened."


class FlattenPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What flattening would do now. ``side`` is ``None`` when there is nothing to trade; prices in quote, qty in base.

    ``cancels`` orders go first. ``avg`` is what the visible book would give, ``None`` while it is not live.
    """

    symbol: Symbol
    owned: Decimal
    baseline: Decimal
    cancels: int
    side: Side | None = None
    qty: Decimal = ZERO
    bound: Decimal | None = None
    avg: Decimal | None = None
    filled: Decimal = ZERO
    problem: str = ""


class Flattened(msgspec.Struct, frozen=True, kw_only=True):
    """What was done. ``left`` (base, signed) is how much more than the baseline is owned."""

    symbol: Symbol
    cancelled: int
    traded: Decimal
    cost: Decimal
    owned: Decimal
    left: Decimal

    @property
    def avg(self) -> Decimal | None:
        """Average price, quote."""
        return self.cost / self.traded if self.traded else None


class Flattener:
    """``quiet`` ends what else trades on a pair, such as strategies, before anything is cancelled."""

    def __init__(
        self,
        stores: Stores,
        executor: Executor,
        rest: RestClient,
        clock: Clock,
        note: Callable[[str, str], None],
        quiet: Callable[[Symbol], Awaitable[None]],
        cancelled_s: float = CANCELLED_S,
    ) -> None:
        self._stores = stores
        self._executor = executor
        self._rest = rest
        self._clock = clock
        self._note = note
        self._quiet = quiet
        self._cancelled_s = cancelled_s
        self._busy: set[Symbol] = set()

    def plan(self, symbol: Symbol, baseline: Decimal, slippage_bps: int) -> FlattenPlan:
        """Return what flattening would do with the market as it is; changes nothing."""
        instrument, owned = self._stores.instruments.get(symbol), self._owned(symbol)
        cancels = len(self._stores.orders.open(symbol))
        plain = FlattenPlan(symbol=symbol, owned=owned, baseline=baseline, cancels=cancels)
        if instrument is None:
            return msgspec.structs.replace(plain, problem=f"{symbol} is not traded here")
        side, qty = _excess(owned - baseline, instrument)
        if side is None:
            return plain
        plain = msgspec.structs.replace(plain, side=side, qty=qty)
        bound = self._bound(instrument, side, slippage_bps)
        if bound is None:
            why = self._stores.distrust_of(symbol) or "nobody quotes it"
            return msgspec.structs.replace(plain, problem=f"the book of {symbol} is not live ({why})")
        view = self._stores.books.view(symbol)
        assert view is not None, "a bound comes from a book"
        walk = view.walk(side, qty, bound)
        return msgspec.structs.replace(plain, bound=bound, avg=walk.avg, filled=walk.filled)

    async def flatten(
        self, symbol: Symbol, baseline: Decimal, slippage_bps: int, consent: Consent = NO_CONSENT
    ) -> Flattened:
        """Flatten and return what was done. ``baseline`` in base.

        FlattenRefused when it could not be brought to its end, RiskRejected when a check stops the order. What was
        cancelled by then stays cancelled; nothing is traded before the cancels are proven.
        """
        instrument = self._stores.instruments.get(symbol)
        if instrument is None:
            raise FlattenRefused(f"{symbol} is not traded here")
        if baseline < 0 or not 0 <= slippage_bps <= MOST_BPS:
            raise FlattenRefused(f"a baseline is not negative, a slippage at most {MOST_BPS} bps")
        if symbol in self._busy:
            raise FlattenRefused(f"{symbol} is being flattened already")
        self._busy.add(symbol)
        try:
            return await self._flatten(instrument, baseline, slippage_bps, consent)
        finally:
            self._busy.discard(symbol)

    async def _flatten(
        self, instrument: Instrument, baseline: Decimal, slippage_bps: int, consent: Consent
    ) -> Flattened:
        symbol = instrument.symbol
        self._note("flatten", f"{symbol} to {baseline.normalize():f} {instrument.base}")
        cancelled = await self._cancel(symbol)
        owned = await self._proven(instrument)
        side, qty = _excess(owned - baseline, instrument)
        bound = self._bound(instrument, side, slippage_bps) if side is not None else None
        if side is not None and bound is None:
            raise FlattenRefused(f"{cancelled} orders cancelled, nothing traded: the book is not live")
        traded = cost = ZERO
        for _ in range(ATTEMPTS):
            if side is None or bound is None or not self._within(instrument, side, bound):
                break
            order = await self._take(instrument, side, qty, bound, consent)
            traded, cost = traded + order.cum_qty, cost + order.cum_cost
            owned = await self._proven(instrument)
            now_side, qty = _excess(owned - baseline, instrument)
            side = side if now_side is side else None  # never back: what came in meanwhile was not asked for
        done = Flattened(
            symbol=symbol, cancelled=cancelled, traded=traded, cost=cost, owned=owned, left=owned - baseline
        )
        self._note("flatten", _words(done, instrument))
        return done

    async def _cancel(self, symbol: Symbol) -> int:
        await self._quiet(symbol)
        tally = await self._executor.cancel_all(symbol)
        if not await self._until(lambda: not self._stores.orders.open(symbol), self._cancelled_s):
            count = len(self._stores.orders.open(symbol))
            text = f"{count} orders on {symbol} may still trade; nothing was traded"
            self._note("flatten", text)
            raise FlattenRefused(text)
        return tally.asked

    async def _take(
        self, instrument: Instrument, side: Side, qty: Decimal, bound: Decimal, consent: Consent
    ) -> Order:
        request = OrderRequest(
            cl_ord_id=new_cl_ord_id(),
            symbol=instrument.symbol,
            side=side,
            order_type=OrderType.LIMIT,
            qty=qty,
            limit_price=bound,
            time_in_force=TimeInForce.IOC,
        )
        await self._executor.submit(request, consent)

        def known() -> Order:
            order = self._stores.orders.get(request.cl_ord_id)
            assert order is not None, "it was sent"
            return order

        # An order proven absent has traded nothing; one in doubt must not be followed by another.
        if not await self._until(lambda: not known().status.counts_as_open, self._cancelled_s):
            raise FlattenRefused(f"the state of order {request.cl_ord_id} is not known: look at the orders")
        return known()

    async def _proven(self, instrument: Instrument) -> Decimal:
        """Return what is owned of the base once the balance has every fill in it."""
        if await self._until(lambda: self._is_booked(instrument), BOOKED_S):
            return self._owned(instrument.symbol)
        holdings = {holding.asset: holding.total for holding in await self._rest.balances()}
        owned, told = self._owned(instrument.symbol), holdings.get(instrument.base, ZERO)
        if owned != told:
            text = f"owned {instrument.base} is not certain: {owned:f} by stream, {told:f} by REST"
            raise FlattenRefused(text)
        return owned

    def _is_booked(self, instrument: Instrument) -> bool:
        stores = self._stores
        if not stores.balances.verified or not stores.orders.verified or stores.health.account_doubt:
            return False
        since = self._clock.wall_ns() - RECENT_NS
        young = {
            fill.exec_id
            for fill in stores.fills.all()
            if fill.ts >= since and instrument.base in fill.symbol.split("/")
        }
        if stores.orders.short_of_fills():
            return False
        booked = {change.ref_id for change in stores.balances.ledger if change.asset == instrument.base}
        return young <= booked

    def _owned(self, symbol: Symbol) -> Decimal:
        instrument = self._stores.instruments.get(symbol)
        balance = self._stores.balances.get(instrument.base) if instrument is not None else None
        return balance.spot if balance is not None else ZERO

    def _bound(self, instrument: Instrument, side: Side, slippage_bps: int) -> Decimal | None:
        touch = self._touch(instrument.symbol, side)
        if touch is None:
            return None
        worst = touch * (1 + side.sign * slippage_bps / BPS)
        return instrument.quantize_price(worst, side)

    def _within(self, instrument: Instrument, side: Side, bound: Decimal) -> bool:
        touch = self._touch(instrument.symbol, side)
        return touch is not None and (touch - bound) * side.sign <= 0

    def _touch(self, symbol: Symbol, side: Side) -> Decimal | None:
        view = self._stores.books.view(symbol)
        if view is None or self._stores.distrust_of(symbol):
            return None
        level = view.best_ask if side is Side.BUY else view.best_bid
        return level[0] if level is not None else None

    async def _until(self, condition: Callable[[], bool], seconds: float) -> bool:
        end = self._clock.mono_ns() + int(seconds * NS_PER_S)
        while not condition():
            if self._clock.mono_ns() >= end:
                return False
            await asyncio.sleep(POLL_S)
        return True


def _excess(over: Decimal, instrument: Instrument) -> tuple[Side | None, Decimal]:
    """Return what to do about owning so much more than wanted: side and quantity, no side when it is too little."""
    qty = instrument.quantize_qty(abs(over))
    if qty < instrument.qty_min:
        return None, ZERO
    return (Side.SELL if over > 0 else Side.BUY), qty


def _words(done: Flattened, instrument: Instrument) -> str:
    traded = f"traded {done.traded.normalize():f}"
    if done.avg is not None:
        traded += f" at {instrument.show_price(done.avg)}"
    left = "" if abs(done.left) < instrument.qty_min else f", {done.left.normalize():f} off the baseline"
    return (
        f"{done.symbol}: {done.cancelled} orders cancelled, {traded}, owned {done.owned.normalize():f}{left}"
    )
