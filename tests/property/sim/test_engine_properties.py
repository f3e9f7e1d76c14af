"""What must hold after any sequence of commands: money conserved, books sane, queues fair."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from core.sim.model import AmendSpec, ConditionalSpec, LedgerEntry, Reject, TriggerSpec
from tests.helpers.sim_engine import Bench, spec

ACCOUNTS = ("ann", "bob", "eve")
ASSETS = ("USD", "BTC")

prices = st.integers(599_990, 600_010).map(lambda ticks: str(Decimal(ticks) / 10))
sizes = st.one_of(
    st.integers(5_000, 2_000_000).map(lambda lots: str(Decimal(lots).scaleb(-8))),
    st.sampled_from(["0.01", "0.1", "0.00833333"]),
)
plain = st.fixed_dictionaries(
    {},
    optional={
        "time_in_force": st.sampled_from(["gtc", "ioc", "fok"]),
        "stp_type": st.sampled_from(["cancel_newest", "cancel_oldest", "cancel_both"]),
        "fee_preference": st.sampled_from(["base", "quote"]),
        "post_only": st.booleans(),
        "conditional": st.sampled_from(
            [
                ConditionalSpec("limit", limit_price=Decimal("60000.3")),
                ConditionalSpec("stop-loss", trigger_price=Decimal("59999.8")),
            ]
        ),
    },
)
stops = st.builds(
    lambda kind, price: {"order_type": kind, "triggers": TriggerSpec(Decimal(price))},
    st.sampled_from(["stop-loss", "take-profit"]),
    prices,
)
trails = st.builds(
    lambda offset: {"order_type": "trailing-stop", "triggers": TriggerSpec(Decimal(offset), "last", "quote")},
    st.sampled_from(["0.2", "0.5", "1"]),
)


@dataclass
class Add:
    side: str
    qty: str | None
    price: str | None
    more: dict[str, Any]


@dataclass
class Change:
    kind: str
    pick: int
    qty: str
    price: str


sides = st.sampled_from(["buy", "sell"])
adds = st.one_of(
    st.builds(Add, sides, sizes, prices, plain),
    st.builds(Add, sides, sizes, st.none(), st.just({})),
    st.builds(Add, sides, sizes, st.none(), st.one_of(stops, trails)),
    st.builds(
        Add,
        sides,
        sizes,
        prices,
        st.just({"order_type": "iceberg", "display_qty": Decimal("0.002")}),
    ),
    st.builds(
        Add,
        st.just("buy"),
        st.none(),
        st.none(),
        st.sampled_from(["5", "99.99", "612.3456"]).map(lambda cash: {"cash_order_qty": Decimal(cash)}),
    ),
)
changes = st.builds(
    Change, st.sampled_from(["amend_qty", "amend_price", "cancel"]), st.integers(0, 50), sizes, prices
)
commands = st.lists(
    st.tuples(st.sampled_from(ACCOUNTS), st.one_of(adds, adds, changes)), min_size=5, max_size=40
)


def liquid_bench() -> Bench:
    """A bench whose book starts with bob's orders on both sides."""
    bench = Bench(tier="pro")
    for ticks in range(1, 8):
        bench.add("bob", "buy", "0.00731", str(Decimal(600_000 - ticks) / 10))
        bench.add("bob", "sell", "0.00912345", str(Decimal(600_000 + ticks) / 10))
    return bench


def carry_out(bench: Bench, account: str, command: Add | Change) -> None:
    with suppress(Reject):
        if isinstance(command, Add):
            bench.engine.add(account, spec(command.side, command.qty, command.price, **command.more))
            return
        orders = bench.engine.open_orders(account)
        if not orders:
            return
        order = orders[command.pick % len(orders)]
        if command.kind == "cancel":
            bench.engine.cancel(account, order_id=order.order_id)
        elif command.kind == "amend_qty":
            bench.engine.amend(account, AmendSpec(order_id=order.order_id, order_qty=Decimal(command.qty)))
        else:
            bench.engine.amend(
                account, AmendSpec(order_id=order.order_id, limit_price=Decimal(command.price))
            )


@settings(max_examples=150)
@given(commands)
def test_money_is_conserved_and_never_overdrawn(script: list[tuple[str, Add | Change]]) -> None:
    bench = liquid_bench()
    heard: list[LedgerEntry] = []
    bench.engine.listeners.ledger.append(heard.append)
    deposited = {asset: bench.engine.totals(asset) for asset in ASSETS}

    for account, command in script:
        bench.wait(1)
        carry_out(bench, account, command)

        for asset in ASSETS:
            assert bench.engine.totals(asset) == deposited[asset]
        for name in ACCOUNTS:
            balances, holds = bench.engine.balances(name), bench.engine.holds(name)
            assert all(amount >= 0 for amount in holds.values())
            assert all(balances[asset] >= holds.get(asset, 0) for asset in ASSETS), (name, balances, holds)

    for name in ACCOUNTS:
        entries = bench.engine.ledger(name)
        for asset in ASSETS:
            total = sum((one.amount - one.fee for one in entries if one.asset == asset), Decimal(0))
            assert total == bench.engine.balances(name)[asset]
    assert heard == sorted(heard, key=lambda entry: entry.ts_ns)


@settings(max_examples=150)
@given(commands)
def test_the_book_is_never_crossed_and_shows_what_is_open(script: list[tuple[str, Add | Change]]) -> None:
    bench = liquid_bench()
    shown: dict[tuple[str, Decimal], Decimal] = {}

    def follow(symbol: str, side: str, price: Decimal) -> None:
        shown[side, price] = bench.engine.level_qty(symbol, side, price)

    for side, levels in zip(("buy", "sell"), bench.engine.book("BTC/USD", 1000), strict=True):
        shown |= {(side, price): qty for price, qty in levels}
    bench.engine.listeners.book.append(follow)
    for account, command in script:
        bench.wait(1)
        carry_out(bench, account, command)

        bids, asks = bench.engine.book("BTC/USD", 1000)
        assert not bids or not asks or bids[0][0] < asks[0][0]
        assert {("buy", price): qty for price, qty in bids} | {
            ("sell", price): qty for price, qty in asks
        } == {key: qty for key, qty in shown.items() if qty}
    open_orders = [order for name in ACCOUNTS for order in bench.engine.open_orders(name)]
    assert all(order.leaves > 0 for order in open_orders)
    for name in ACCOUNTS:
        for order in bench.engine.open_orders(name) + bench.engine.closed_orders(name):
            fills = [fill for fill in bench.engine.fills(name) if fill.order_id == order.order_id]
            assert order.cum_qty == sum((fill.qty for fill in fills), Decimal(0))
            assert order.cum_cost == sum((fill.cost for fill in fills), Decimal(0))
            assert order.cum_fee == sum((fill.fee for fill in fills), Decimal(0))


limits = st.lists(st.tuples(sides, st.integers(0, 6), st.integers(1, 5)), max_size=40)


@given(limits)
def test_matching_agrees_with_the_simplest_price_time_model(orders: list[tuple[str, int, int]]) -> None:
    bench = Bench(tier="pro")
    resting: list[list[Any]] = []  # side, price, quantity left, name; oldest first
    expected: list[tuple[str, Decimal, Decimal]] = []

    for number, (side, steps, qty) in enumerate(orders):
        account = ("ann", "bob")[side == "sell"]
        price, left = Decimal(60000 + steps), Decimal(qty)
        opposite = [one for one in resting if one[0] != side]
        opposite.sort(key=lambda one: one[1] if side == "buy" else -one[1])
        for one in opposite:
            reached = one[1] <= price if side == "buy" else one[1] >= price
            if left and reached:
                done = min(left, one[2])
                expected.append((one[3], one[1], done))
                left, one[2] = left - done, one[2] - done
        resting = [one for one in resting if one[2]]
        if left:
            resting.append([side, price, left, str(number)])
        bench.wait(1)
        bench.add(account, side, str(qty), f"{price}.0", cl_ord_id=str(number))

    names = {report.order.order_id: report.order.spec.cl_ord_id for report in bench.reports}
    got = [
        (names[report.order.order_id], report.fill.price, report.fill.qty)
        for report in bench.reports
        if report.fill and report.fill.liquidity == "m"
    ]
    assert got == expected
