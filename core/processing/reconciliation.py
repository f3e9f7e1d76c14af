"""Journal, stream and REST side by side: every difference by its kind. Pure (product A5).

What is on its way looks like a difference for a moment. Compare twice and keep what ``lasting`` keeps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal

from core.domain.audit import Break, BreakKind, Journalled, Told
from core.domain.ids import Asset, ExecId, OrderId
from core.domain.orders import ZERO, Fill, Order
from core.domain.times import NS

LAG_NS = 60 * NS
"""REST history has been seen this late, and an intent may wait that long for its first report (faults, 4)."""

EDGE_NS = 2 * NS
"""Fills this close to where a side begins may be on either side of it."""

_ABSENT = "—"


def compare(journal: Journalled, stream: Told, rest: Told) -> list[Break]:
    """Return every difference of the three: orders first, then fills, then balances."""
    return [
        *_orders(journal, stream, rest),
        *_fills(journal, stream, rest),
        *_balances(journal, stream, rest),
    ]


def lasting(before: Iterable[Break], now: Iterable[Break]) -> list[Break]:
    """Return what two comparisons have found alike, for they asked at different times."""
    known: dict[tuple[BreakKind, str], list[Break]] = {}
    for one in before:
        known.setdefault((one.kind, one.key), []).append(one)
    return [one for one in now if any(_alike(one, old) for old in known.get((one.kind, one.key), ()))]


def _alike(one: Break, old: Break) -> bool:
    if one.kind is not BreakKind.BALANCE_DIFFERS:
        return (one.journal, one.stream, one.rest) == (old.journal, old.stream, old.rest)
    return all(a is None or b is None or a == b for a, b in zip(_offsets(one), _offsets(old), strict=True))


def _offsets(one: Break) -> tuple[Decimal | None, ...]:
    """How far journal and REST are from the stream: the same twice is one lasting difference, though all move.
    ``None`` where REST was not asked.
    """
    streamed = Decimal(one.stream)
    return tuple(streamed - Decimal(told) if told else None for told in (one.journal, one.rest))


def _orders(journal: Journalled, stream: Told, rest: Told) -> Iterator[Break]:
    ours, theirs, there = journal.told.orders, stream.orders, rest.orders
    for order_id in sorted(ours.keys() | theirs.keys() | there.keys()):
        rows = (ours.get(order_id), theirs.get(order_id), there.get(order_id))
        yield from _order(order_id, journal, rows, rest.at)
    for cl_ord_id, order_ids in sorted(journal.doubled.items()):
        yield Break(kind=BreakKind.ORDER_DOUBLED, key=cl_ord_id, journal=" and ".join(order_ids))
    for cl_ord_id, sent_ns in sorted(journal.silent.items()):
        if sent_ns < rest.at - LAG_NS:
            yield Break(kind=BreakKind.INTENT_WITHOUT_REPORT, key=cl_ord_id, journal="sent", stream=_ABSENT)


def _order(
    order_id: OrderId, journal: Journalled, rows: tuple[Order | None, Order | None, Order | None], asked: int
) -> Iterator[Break]:
    ours, streamed, there = rows
    is_open = [row is not None and not row.status.is_final for row in rows]
    symbol = next((row.symbol for row in rows if row is not None and row.symbol), "")

    def found(kind: BreakKind, words: Callable[[Order], str]) -> Break:
        told = [_ABSENT if row is None else words(row) for row in rows]
        return Break(kind=kind, key=order_id, symbol=symbol, journal=told[0], stream=told[1], rest=told[2])

    if max(row.ts for row in rows if row is not None) > asked - EDGE_NS:
        return  # it moves just now
    if there is None:
        if is_open[0] or is_open[1]:
            yield found(BreakKind.OPEN_HERE_ONLY, _status)
        return
    if ours is None and any(is_open):
        yield found(BreakKind.ORDER_NOT_JOURNALLED, _status)
    elif ours is not None and is_open[2] and ours.cl_ord_id not in journal.intents:
        yield found(BreakKind.FOREIGN_ORDER, _status)
    if streamed is None and is_open[2]:
        yield found(BreakKind.OPEN_THERE_ONLY, _status)
    known = [row for row in rows if row is not None]
    if len({_status(row) for row in known}) > 1:
        yield found(BreakKind.STATUS_DIFFERS, _status)
        return
    if all(not row.status.is_final for row in known):
        if _differ(row.qty for row in known):
            yield found(BreakKind.QUANTITY_DIFFERS, lambda row: f"{row.qty:f}")
        if _differ(row.limit_price for row in known):
            yield found(BreakKind.PRICE_DIFFERS, lambda row: f"{row.limit_price or ZERO:f}")
    # Of an order for an amount of money REST tells what was executed in money; its fills are compared.
    in_money = any(row.cash_qty is not None for row in known)
    if not in_money and len({row.cum_qty for row in known}) > 1:
        yield found(BreakKind.EXECUTED_DIFFERS, lambda row: f"{row.cum_qty:f}")


def _status(order: Order) -> str:
    """The word that all sources share: REST tells neither pending nor partly filled."""
    return order.status.name.lower() if order.status.is_final else "open"


def _differ(values: Iterable[Decimal | None]) -> bool:
    return len({value for value in values if value}) > 1


def _fills(journal: Journalled, stream: Told, rest: Told) -> Iterator[Break]:
    sides = (journal.told, stream, rest)
    told = [{fill.exec_id: fill for fill in side.fills} for side in sides]
    for exec_id in sorted({exec_id for side in told for exec_id in side}):
        yield from _fill(exec_id, [side.get(exec_id) for side in told], sides)
    for at, side in enumerate(sides):
        yield from _twice(side.fills, at)
    for exec_id in sorted(journal.unreported):
        yield Break(kind=BreakKind.FILL_WITHOUT_REPORT, key=exec_id, journal="a fill alone")


_MISSING = (BreakKind.FILL_NOT_JOURNALLED, BreakKind.FILL_NOT_STREAMED, BreakKind.FILL_NOT_AT_REST)


def _fill(exec_id: ExecId, rows: list[Fill | None], sides: tuple[Told, Told, Told]) -> Iterator[Break]:
    known = [fill for fill in rows if fill is not None]
    ts, asked = known[0].ts, sides[2].at

    def found(kind: BreakKind, words: Callable[[Fill], str]) -> Break:
        told = [_ABSENT if fill is None else words(fill) for fill in rows]
        return Break(
            kind=kind, key=exec_id, symbol=known[0].symbol, journal=told[0], stream=told[1], rest=told[2]
        )

    for kind, fill, side in zip(_MISSING, rows, sides, strict=True):
        until = asked - (LAG_NS if kind is BreakKind.FILL_NOT_AT_REST else EDGE_NS)
        if fill is None and side.fills_since + EDGE_NS <= ts <= until:
            yield found(kind, _amounts)
    if len({(fill.side, fill.symbol, fill.qty, fill.price) for fill in known}) > 1:
        yield found(BreakKind.FILL_DIFFERS, _amounts)
    elif len({_fees(fill) for fill in known if fill.fees}) > 1:
        yield found(BreakKind.FEE_DIFFERS, _fees)


def _amounts(fill: Fill) -> str:
    return f"{fill.side.value} {fill.qty:f} at {fill.price:f}"


def _fees(fill: Fill) -> str:
    return " + ".join(sorted(f"{fee.qty.normalize():f} {fee.asset}" for fee in fill.fees))


def _twice(fills: Iterable[Fill], at: int) -> Iterator[Break]:
    """An execution has one id: two ids of one trade of one order are one execution counted twice."""
    known: dict[tuple[str, str, int], Fill] = {}
    for fill in fills:
        first = known.setdefault((fill.order_id, fill.symbol, fill.trade_id or -len(known) - 1), fill)
        if first is not fill and first.exec_id != fill.exec_id:
            sides = ["", "", ""]
            sides[at] = f"{first.exec_id} and {fill.exec_id}"
            yield Break(
                kind=BreakKind.FILL_TWICE,
                key=fill.exec_id,
                symbol=fill.symbol,
                journal=sides[0],
                stream=sides[1],
                rest=sides[2],
            )


def _balances(journal: Journalled, stream: Told, rest: Told) -> Iterator[Break]:
    kept, shown = journal.told.balances or {}, stream.balances
    if shown is not None:
        for asset in sorted(kept.keys() | shown.keys()):
            yield from _balance(asset, kept, shown, rest.balances)
    for key, words in sorted(stream.ledger.items()):
        yield Break(kind=BreakKind.LEDGER_DOES_NOT_ADD_UP, key=key, stream=words)


def _balance(
    asset: Asset,
    kept: Mapping[Asset, Decimal],
    shown: Mapping[Asset, Decimal],
    there: Mapping[Asset, Decimal] | None,
) -> Iterator[Break]:
    mine, streamed = kept.get(asset, ZERO), shown.get(asset, ZERO)
    # Assets that REST does not list it tells under another name, such as those in staking.
    rest = there.get(asset) if there is not None else None
    if mine != streamed or (rest is not None and rest != streamed):
        yield Break(
            kind=BreakKind.BALANCE_DIFFERS,
            key=asset,
            journal=f"{mine:f}",
            stream=f"{streamed:f}",
            rest="" if rest is None else f"{rest:f}",
        )
