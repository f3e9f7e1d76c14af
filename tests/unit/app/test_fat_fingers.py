"""Slips of the finger injected into a simulated day of normal trading: nearly all caught, hardly anybody bothered.

The trader: four pairs, sizes from presets with some typed ones, limits that rest, market and IOC orders that take,
some orders that really are large, limits that really take; the market walks under him. The slips: a digit too many or
too few in quantity or price, price and quantity swapped, the side of a limit order, the terms of one pair sent to
another, an amount in quote typed as base. A slip counts as caught when the order cannot leave without being held,
typed or refused.
"""

from __future__ import annotations

import sys
from collections import Counter
from decimal import Decimal
from random import Random

import pytest
from msgspec.structs import replace

from core.app.risk import RiskManager
from core.domain.account import Balance
from core.domain.errors import RiskRejected
from core.domain.events import PongEvent
from core.domain.health import Line
from core.domain.ids import Asset, OrderId, Symbol, new_cl_ord_id
from core.domain.instrument import Instrument, Side
from core.domain.limits import Consent, Reason, Severity
from core.domain.market import BookChange, Level
from core.domain.orders import OrderReport, OrderRequest, OrderStatus, OrderType, TimeInForce
from core.processing.checksum import checksum, piece
from core.processing.stores import Stores
from core.runtime.clock import ManualClock
from tests.helpers.instruments import instrument

WARM_UP = 100
NORMAL = 2_000
SEED = 20_260
LARGE = TAKING_LIMIT = 0.001
"""Share of normal orders that are unusual on purpose, each."""

PAIRS = {
    Symbol("BTC/USD"): (Decimal("61234.5"), 1, Decimal("0.05")),
    Symbol("ETH/USD"): (Decimal("3021.17"), 2, Decimal("1")),
    Symbol("SOL/USD"): (Decimal("142.86"), 2, Decimal("20")),
    Symbol("XRP/USD"): (Decimal("0.52714"), 5, Decimal("6000")),
}
OWNED = {"USD": "400000", "BTC": "3", "ETH": "60", "SOL": "1500", "XRP": "300000"}
PRESETS = ("0.5", "0.5", "1", "1", "1", "1", "2", "2")
AGREED = Consent(dict.fromkeys(Reason, Severity.TYPE))


class Market:
    """Books of four pairs that walk a little with every step."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self.stores = Stores.create()
        self.instruments = {s: instrument(s, price_precision=digits) for s, (_, digits, _) in PAIRS.items()}
        self.mids = {symbol: mid for symbol, (mid, _, _) in PAIRS.items()}
        self.stores.instruments.apply(list(self.instruments.values()), [], snapshot=True)
        owned = [Balance(asset=Asset(asset), total=Decimal(total)) for asset, total in OWNED.items()]
        self.stores.balances.apply_snapshot(owned)
        self.stores.performance.pong(PongEvent(Line.PUBLIC, 20_000_000, 0, 0, 10_000_000))
        self.stores.health.system = "online"
        self.stores.health.verified_account()
        self.stores.orders.begin_stretch()
        for symbol, pair in self.instruments.items():
            self.stores.books.expect(symbol, 25, pair)
            self.move(symbol)

    def move(self, symbol: Symbol) -> None:
        """Let a pair's price take a step and show the book there."""
        step = Decimal(str(round(self._random.gauss(0, 0.0004), 6)))
        # The day stays within a few percent, as days do.
        first = PAIRS[symbol][0]
        self.mids[symbol] = max(
            first * Decimal("0.96"), min(first * Decimal("1.04"), self.mids[symbol] * (1 + step))
        )
        pair = self.instruments[symbol]
        tick = pair.price_increment
        bid = pair.quantize_price(self.mids[symbol], Side.BUY)
        gap = max(tick, pair.quantize_price(self.mids[symbol] / 10_000))
        usual = PAIRS[symbol][2]
        bids = [(bid - gap * n, self._qty(usual)) for n in range(25)]
        asks = [(bid + tick + gap * n, self._qty(usual)) for n in range(25)]
        self.stores.books.apply(_snapshot(pair, bids, asks), True, 1)

    def _qty(self, usual: Decimal) -> Decimal:
        return (usual * Decimal(str(round(self._random.uniform(0.5, 8), 3)))).quantize(Decimal("1E-8"))


def _snapshot(pair: Instrument, bids: list, asks: list) -> BookChange[Decimal]:
    def pieces(rows: list) -> list[str]:
        return [piece(f"{price:.{pair.price_precision}f}") + piece(f"{qty:.8f}") for price, qty in rows[:10]]

    return BookChange(
        symbol=pair.symbol,
        bids=[Level(price, qty) for price, qty in bids],
        asks=[Level(price, qty) for price, qty in asks],
        checksum=checksum(pieces(asks), pieces(bids)),
    )


class Trader:
    """Places what a person would, and knows how it may go wrong."""

    def __init__(self, market: Market, random: Random) -> None:
        self._market = market
        self._random = random

    def order(self) -> OrderRequest:
        """One ordinary order on some pair."""
        random, market = self._random, self._market
        symbol = random.choice(list(PAIRS))
        pair, side = market.instruments[symbol], random.choice(list(Side))
        view = market.stores.books.view(symbol)
        near, far = (view.best_bid, view.best_ask) if side is Side.BUY else (view.best_ask, view.best_bid)
        times = Decimal(random.choice(PRESETS))
        if random.random() < 0.15:
            times = Decimal(str(round(random.uniform(0.4, 2.6), 2)))
        if random.random() < LARGE:
            times = Decimal(5)
        qty = pair.quantize_qty(PAIRS[symbol][2] * times)
        if random.random() < TAKING_LIMIT:
            return _request(symbol, side, OrderType.LIMIT, qty, far[0])
        chance = random.random()
        if chance < 0.15:
            return _request(symbol, side, OrderType.MARKET, qty)
        if chance < 0.25:
            return _request(symbol, side, OrderType.LIMIT, qty, far[0], TimeInForce.IOC)
        away = Decimal(str(round(random.choice((0, 0.0002, 0.001, 0.004, 0.01, 0.03)) * random.random(), 6)))
        price = pair.quantize_price(near[0] * (1 - side.sign * away), side)
        return _request(symbol, side, OrderType.LIMIT, qty, price)

    def slip(self, kind: str) -> OrderRequest:
        """An ordinary order with one mistake in it."""
        while True:
            slipped = SLIP_KINDS[kind](self, self.order())
            if slipped is not None:
                return replace(slipped, cl_ord_id=new_cl_ord_id())

    def on_grid(self, request: OrderRequest) -> OrderRequest:
        """What the ticket would make of it: it refuses or mends what is off the grid before anybody judges it."""
        pair = self._market.instruments[request.symbol]
        qty = max(pair.qty_min, pair.quantize_qty(request.qty))
        price = pair.quantize_price(request.limit_price, None) if request.limit_price is not None else None
        return replace(request, qty=qty, limit_price=price)

    def digit_in_qty(self, request: OrderRequest) -> OrderRequest:
        factor = self._random.choice((10, 10, 100))
        return self.on_grid(replace(request, qty=request.qty * factor))

    def digit_missing(self, request: OrderRequest) -> OrderRequest:
        return self.on_grid(replace(request, qty=request.qty / 10))

    def digit_in_price(self, request: OrderRequest) -> OrderRequest | None:
        if request.limit_price is None:
            return None
        factor = self._random.choice((Decimal(10), Decimal("0.1")))
        return self.on_grid(replace(request, limit_price=request.limit_price * factor))

    def swapped(self, request: OrderRequest) -> OrderRequest | None:
        if request.limit_price is None:
            return None
        return self.on_grid(replace(request, qty=request.limit_price, limit_price=request.qty))

    def other_side(self, request: OrderRequest) -> OrderRequest | None:
        if request.limit_price is None or request.time_in_force is TimeInForce.IOC:
            return None  # nothing in a taking order tells which side was meant
        return replace(request, side=request.side.opposite)

    def other_pair(self, request: OrderRequest) -> OrderRequest:
        others = [symbol for symbol in PAIRS if symbol != request.symbol]
        return self.on_grid(replace(request, symbol=self._random.choice(others)))

    def quote_as_base(self, request: OrderRequest) -> OrderRequest | None:
        price = self._market.mids[request.symbol]
        if Decimal("0.2") < price < 5:
            return None  # where one unit costs about one, the mistake is no larger than a normal order
        return self.on_grid(replace(request, qty=request.qty * price))


SLIP_KINDS = {
    "extra zero in quantity": Trader.digit_in_qty,
    "zero missing in quantity": Trader.digit_missing,
    "zero more or less in price": Trader.digit_in_price,
    "price and quantity swapped": Trader.swapped,
    "wrong side": Trader.other_side,
    "wrong pair": Trader.other_pair,
    "quote typed as base": Trader.quote_as_base,
}


def _request(
    symbol: Symbol,
    side: Side,
    kind: OrderType,
    qty: Decimal,
    price: Decimal | None = None,
    force: TimeInForce = TimeInForce.GTC,
) -> OrderRequest:
    return OrderRequest(
        cl_ord_id=new_cl_ord_id(),
        symbol=symbol,
        side=side,
        order_type=kind,
        qty=qty,
        limit_price=price,
        time_in_force=force,
    )


class Day:
    """One day at the desk."""

    def __init__(self) -> None:
        random = Random(SEED)
        self.random = random
        self.clock = ManualClock()
        self.market = Market(random)
        self.trader = Trader(self.market, random)
        self.risk = RiskManager(self.market.stores, self.clock)
        self.prompts: Counter[str] = Counter()
        self.missed: Counter[str] = Counter()
        self.tried: Counter[str] = Counter()
        self._open: list[OrderId] = []
        self._count = 0

    def run(self) -> None:
        slips = list(SLIP_KINDS)
        for number in range(WARM_UP + NORMAL):
            self.clock.advance(ms=self.random.randint(1_500, 30_000))
            for symbol in PAIRS:
                self.market.move(symbol)
            self._fill()
            self._normal(self.trader.order(), counted=number >= WARM_UP)
            if number >= WARM_UP:
                kind = slips[self.tried.total() % len(slips)]
                self._slip(kind, self.trader.slip(kind))

    def _normal(self, request: OrderRequest, *, counted: bool) -> None:
        findings = self.risk.assess(request)
        if findings and counted:
            self.prompts[str(findings[0].reason)] += 1
        try:
            self.risk.admit([request], AGREED)
        except RiskRejected:
            return
        self.risk.settle([request.cl_ord_id])
        if request.order_type is OrderType.LIMIT and request.time_in_force is TimeInForce.GTC:
            self._rest(request)

    def _rest(self, request: OrderRequest) -> None:
        self._count += 1
        order_id = OrderId(f"O{self._count}")
        self.market.stores.orders.report(
            OrderReport(
                order_id=order_id,
                exec_type="new",
                status=OrderStatus.NEW,
                symbol=request.symbol,
                side=request.side,
                order_type=request.order_type,
                qty=request.qty,
                limit_price=request.limit_price,
                ts=self._count,
            )
        )
        self._open.append(order_id)
        if len(self._open) > 6:
            self._end(self._open[0], OrderStatus.CANCELED)

    def _fill(self) -> None:
        """What the market has reached is executed."""
        stores = self.market.stores
        for order in stores.orders.open():
            touch = stores.references.touch(order.symbol, order.side)
            if (order.limit_price - touch) * order.side.sign >= 0:
                self._end(order.order_id, OrderStatus.FILLED)

    def _end(self, order_id: OrderId, status: OrderStatus) -> None:
        self._open.remove(order_id)
        kind = "filled" if status is OrderStatus.FILLED else "canceled"
        gone = OrderReport(order_id=order_id, exec_type=kind, status=status, ts=self._count)
        self.market.stores.orders.report(gone)

    def _slip(self, kind: str, request: OrderRequest) -> None:
        self.tried[kind] += 1
        if not self.risk.assess(request):
            self.missed[kind] += 1


@pytest.mark.timeout(180)
def test_slips_of_the_finger_are_caught_and_normal_orders_pass_in_silence(capsys):
    day = Day()
    day.run()
    tried, missed = day.tried.total(), day.missed.total()
    prompts, normal = day.prompts.total(), NORMAL

    with capsys.disabled():
        lines = [f"\n{tried} slips, {missed} missed: {1 - missed / tried:.2%} caught"]
        lines += [
            f"  {kind:<28}{count - day.missed[kind]:>5} of {count}" for kind, count in day.tried.items()
        ]
        lines.append(f"{normal} normal orders, {prompts} prompts {dict(day.prompts)}")
        sys.stdout.write("\n".join(lines) + "\n")
    assert tried == NORMAL
    assert missed <= tried * 0.01
    assert prompts <= normal / 200
