"""The latest comparison as rows: each order, balance and fill with what journal, stream and REST say of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from core.app.account_audit import Audited
from core.domain.audit import Break, Told
from core.domain.orders import ZERO, Fill, Order

FILLS_SHOWN = 100
NOT_THERE = "—"
NOT_ASKED = "·"
"""Where a side was not asked at this look."""


class AuditRow(msgspec.Struct, frozen=True):
    """``what``: order, fill, balance or another thing that broke. ``found`` is empty where all say the same."""

    what: str
    key: str
    symbol: str
    journal: str
    stream: str
    rest: str
    found: tuple[Break, ...] = ()

    @property
    def is_equal(self) -> bool:
        """Whether nothing is wrong with it."""
        return all(one.kind.is_notice for one in self.found)


def audit_rows(result: Audited) -> list[AuditRow]:
    """Return what differs first, then open orders, balances and the newest fills."""
    if result.journal is None or result.stream is None or result.rest is None:
        return []
    broken: dict[str, list[Break]] = {}
    for one in result.breaks:
        broken.setdefault(one.key, []).append(one)
    sides = (result.journal.told, result.stream, result.rest)
    rows = [
        row if row.key not in broken else msgspec.structs.replace(row, found=tuple(broken.pop(row.key)))
        for row in (*_orders(sides, broken), *_balances(sides), *_fills(sides, broken))
    ]
    alone = [
        AuditRow("other", key, found[0].symbol, "", "", "", tuple(found)) for key, found in broken.items()
    ]
    return sorted(map(_telling, [*alone, *rows]), key=lambda row: row.is_equal)


def _telling(row: AuditRow) -> AuditRow:
    """Where something is wrong, say what each side says of that."""
    wrong = next((one for one in row.found if not one.kind.is_notice), None)
    if wrong is None:
        return row
    return msgspec.structs.replace(row, journal=wrong.journal, stream=wrong.stream, rest=wrong.rest)


Sides = tuple[Told, Told, Told]


def _orders(sides: Sides, broken: Iterable[str]) -> Iterator[AuditRow]:
    orders = [side.orders for side in sides]
    wrong = set(broken)
    for order_id in sorted({order_id for side in orders for order_id in side}):
        found = [side.get(order_id) for side in orders]
        known = [order for order in found if order is not None]
        if order_id in wrong or any(not order.status.is_final for order in known):
            symbol = next((order.symbol for order in known if order.symbol), "")
            words = [NOT_THERE if order is None else _order(order) for order in found]
            yield AuditRow("order", order_id, symbol, words[0], words[1], words[2])


def _order(order: Order) -> str:
    return f"{order.cum_qty.normalize() + ZERO:f}/{order.qty:f}"


def _balances(sides: Sides) -> Iterator[AuditRow]:
    told = [side.balances for side in sides]
    for asset in sorted({asset for side in told if side is not None for asset in side}):
        words = [NOT_ASKED if side is None else f"{side.get(asset, ZERO):f}" for side in told]
        if any(side is not None and side.get(asset) for side in told):
            yield AuditRow("balance", asset, "", words[0], words[1], words[2])


def _fills(sides: Sides, broken: Iterable[str]) -> Iterator[AuditRow]:
    told = [{fill.exec_id: fill for fill in side.fills} for side in sides]
    since = max(side.fills_since for side in sides[:2])
    every = {exec_id: fill for side in told for exec_id, fill in side.items()}
    newest = sorted(every.values(), key=lambda fill: fill.ts, reverse=True)
    shown, wrong = 0, set(broken)
    for fill in newest:
        is_wrong = fill.exec_id in wrong
        if is_wrong or (shown < FILLS_SHOWN and fill.ts >= since):
            shown += 1
            words = [
                _fill(side.get(fill.exec_id), is_asked=fill.ts >= one.fills_since)
                for side, one in zip(told, sides, strict=True)
            ]
            yield AuditRow("fill", fill.exec_id, fill.symbol, words[0], words[1], words[2])


def _fill(fill: Fill | None, *, is_asked: bool) -> str:
    if fill is None:
        return NOT_THERE if is_asked else NOT_ASKED
    return f"{fill.side.value} {fill.qty:f}"
