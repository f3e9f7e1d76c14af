"""Clean trading for a while, then one break after the other: into the journal, the stream and REST.

``python -m tests.faults.breaks --hours H`` prints one line of JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from random import Random

import msgspec

from core.app.reconciler import AccountQueries
from core.domain.account import BalanceChange, Holding
from core.domain.audit import BreakKind
from core.domain.events import BalanceEvent
from core.domain.health import Line
from core.domain.ids import Asset, ClOrdId, ExecId, LedgerId, OrderId
from core.domain.orders import Fee, Fill, Order, OrderReport, OrderStatus, order_from_request
from tests.faults.scene import Scene, play
from tests.faults.user import User

KIND = BreakKind
ACT_S = 20.0
BEGUN_S = 300.0
"""Of trading before the first break: fills that REST history would have by now."""

REFILLED_S = 20.0
"""Between two checks: the allowance for questions is small."""

Undo = Callable[[], None]


class Lies:
    """What REST answers, changed on its way."""

    def __init__(self, queries: AccountQueries) -> None:
        self._queries = queries
        self.orders: Callable[[list[OrderReport]], list[OrderReport]] = list
        self.fills: Callable[[list[Fill]], list[Fill]] = list
        self.holdings: Callable[[list[Holding]], list[Holding]] = list

    async def open_orders(self, cl_ord_id: ClOrdId | None = None) -> list[OrderReport]:
        return self.orders(await self._queries.open_orders(cl_ord_id))

    async def closed_orders(self, cl_ord_id: ClOrdId | None, start_ns: int) -> list[OrderReport]:
        return await self._queries.closed_orders(cl_ord_id, start_ns)

    async def query_orders(self, order_ids: Sequence[OrderId]) -> list[OrderReport]:
        return self.orders(await self._queries.query_orders(order_ids))

    async def trades_history(self, start_ns: int) -> list[Fill]:
        return self.fills(await self._queries.trades_history(start_ns))

    async def balances(self) -> list[Holding]:
        return self.holdings(await self._queries.balances())


class Injector:
    """Puts one break at a time where it belongs, and takes it out again."""

    def __init__(self, scene: Scene) -> None:
        self._disk = scene.disk
        audit = scene.terminal.session.audit
        self._stream = audit._stream
        # The reconciler would take a lie of REST for the truth, and journal it.
        scene.terminal.session.reconciler._queries = scene.terminal.session.rest
        self.lies = audit.queries._queries = Lies(scene.terminal.session.rest)
        self._scene = scene
        resting = [one for one in scene.stores.orders.open() if one.status is OrderStatus.NEW]
        self.order: Order = resting[0]
        old = scene.terminal.session.exchange_ns() - 120 * 10**9
        self.fill = next(one for one in scene.stores.fills.all() if one.ts < old and one.fees)

    def all(self) -> list[tuple[str, BreakKind, Callable[[], Undo]]]:
        """Where, which kind, and how."""
        order, fill = self.order.order_id, self.fill
        replace = msgspec.structs.replace
        half = {"qty": self.order.qty / 2, "ts": 0}
        return [
            ("REST", KIND.OPEN_HERE_ONLY, lambda: self._orders(lambda r: None if r.order_id == order else r)),
            ("stream", KIND.OPEN_THERE_ONLY, self._forget_streamed),
            ("REST", KIND.STATUS_DIFFERS, lambda: self._one(status=OrderStatus.CANCELED)),
            ("REST", KIND.QUANTITY_DIFFERS, lambda: self._one(**half)),
            ("REST", KIND.PRICE_DIFFERS, lambda: self._one(limit_price=self.order.limit_price + 1)),
            ("REST", KIND.EXECUTED_DIFFERS, lambda: self._one(cum_qty=self.order.qty / 4)),
            ("journal", KIND.ORDER_NOT_JOURNALLED, self._forget_reports),
            ("journal", KIND.ORDER_DOUBLED, self._double),
            ("journal", KIND.INTENT_WITHOUT_REPORT, self._silent_intent),
            ("journal", KIND.FOREIGN_ORDER, self._forget_intent),
            ("journal", KIND.FILL_NOT_JOURNALLED, lambda: _without(self._disk.fills, fill.exec_id)),
            ("stream", KIND.FILL_NOT_STREAMED, lambda: _without(self._stream._fills, fill.exec_id)),
            ("REST", KIND.FILL_NOT_AT_REST, lambda: self._fills(lambda f: None)),
            ("REST", KIND.FILL_TWICE, self._twice),
            ("journal", KIND.FILL_DIFFERS, lambda: self._journalled(replace(fill, price=fill.price + 1))),
            (
                "journal",
                KIND.FEE_DIFFERS,
                lambda: self._journalled(replace(fill, fees=(Fee(fill.fees[0].asset, Decimal(7)),))),
            ),
            ("REST", KIND.BALANCE_DIFFERS, self._rest_balance),
            ("journal", KIND.BALANCE_DIFFERS, self._journal_balance),
            ("stream", KIND.LEDGER_DOES_NOT_ADD_UP, self._wrong_entry),
        ]

    def _orders(self, change: Callable[[OrderReport], OrderReport | None]) -> Undo:
        self.lies.orders = lambda found: [new for one in found if (new := change(one)) is not None]
        return lambda: setattr(self.lies, "orders", list)

    def _one(self, **changed: object) -> Undo:
        mine = self.order.order_id
        return self._orders(
            lambda one: msgspec.structs.replace(one, **changed) if one.order_id == mine else one
        )

    def _fills(self, change: Callable[[Fill], Fill | None]) -> Undo:
        mine = self.fill.exec_id
        self.lies.fills = lambda found: [
            new for one in found if (new := change(one) if one.exec_id == mine else one) is not None
        ]
        return lambda: setattr(self.lies, "fills", list)

    def _twice(self) -> Undo:
        again = msgspec.structs.replace(self.fill, exec_id=ExecId("TWICE-AGAIN-TRADES"))
        streams, journal = self._stream._fills, self._disk.fills
        streams[again.exec_id] = journal[again.exec_id] = again
        self.lies.fills = lambda found: [*found, again]

        def undo() -> None:
            del streams[again.exec_id], journal[again.exec_id]
            self.lies.fills = list

        return undo

    def _forget_streamed(self) -> Undo:
        return _without(self._stream._orders, self.order.order_id)

    def _forget_reports(self) -> Undo:
        intent = self._disk.intents.pop(self.order.cl_ord_id)
        undo_reports = _without(self._disk.reports, self.order.order_id)

        def undo() -> None:
            undo_reports()
            self._disk.intents[self.order.cl_ord_id] = intent

        return undo

    def _double(self) -> Undo:
        first = next(one for one in self._disk.reports[self.order.order_id] if one.cl_ord_id)
        second = msgspec.structs.replace(
            first, order_id=OrderId("OTHERR-OTHER-OTHERR"), status=OrderStatus.CANCELED, exec_type="canceled"
        )
        self._disk.note(second)
        return partial(self._disk.reports.__delitem__, second.order_id)

    def _silent_intent(self) -> Undo:
        request = msgspec.structs.replace(
            self._disk.intents[self.order.cl_ord_id][0],
            cl_ord_id=ClOrdId("00000000-0000-4000-8000-000000000000"),
        )
        assert order_from_request(request, 0).order_id is None
        sent_ns = self._scene.terminal.session.exchange_ns() - 3_600 * 10**9
        self._disk.intents[request.cl_ord_id] = (request, sent_ns)
        return lambda: self._disk.intents.pop(request.cl_ord_id) and None

    def _forget_intent(self) -> Undo:
        return _without(self._disk.intents, self.order.cl_ord_id)

    def _journalled(self, fill: Fill) -> Undo:
        before = self._disk.fills[fill.exec_id]
        self._disk.fills[fill.exec_id] = fill
        return lambda: self._disk.fills.update({fill.exec_id: before})

    def _rest_balance(self) -> Undo:
        replace = msgspec.structs.replace
        self.lies.holdings = lambda found: [
            replace(one, total=one.total + 1) if one.asset == "USD" else one for one in found
        ]
        return lambda: setattr(self.lies, "holdings", list)

    def _journal_balance(self) -> Undo:
        before = self._disk.balances[Asset("USD")]
        self._disk.balances[Asset("USD")] = before + Decimal("0.0001")
        return lambda: self._disk.balances.update({Asset("USD"): before})

    def _wrong_entry(self) -> Undo:
        line, ledger = next(iter(self._stream._ledgers.items()))
        assert line.is_private or line is Line.PUBLIC
        total = ledger._wallets[Asset("USD"), "spot", "main"]
        change = BalanceChange(
            asset=Asset("USD"),
            amount=Decimal(-5),
            fee=Decimal(0),
            balance=total - 6,
            ledger_id=LedgerId("LWRONG"),
            wallet_type="spot",
            wallet_id="main",
        )
        last = ledger._last
        ledger.take(BalanceEvent(False, last + 1, [], [change]))
        ledger._last = last
        ledger._wallets[Asset("USD"), "spot", "main"] = total
        return ledger.wrong.clear


def _without(where: dict, key: str) -> Undo:
    gone = where.pop(key)
    return lambda: where.update({key: gone})


async def trade(scene: Scene, seconds: float, seed: int = 7) -> tuple[int, Counter[str]]:
    """Trade cleanly; return how many looks there were, and every kind of break they named."""
    user, named, looks = User(Random(seed)), Counter[str](), Counter[str]()
    audit = scene.terminal.session.audit

    def looked() -> None:
        looks["all"] += not audit.result.problem
        named.update(one.text for one in audit.result.breaks)

    end = audit.observe(looked)
    until = scene.now_s + seconds
    while scene.now_s < until:
        user.act(scene.terminal)
        await asyncio.sleep(ACT_S)
    end()
    return looks["all"], named


def _is_past(scene: Scene, last: int) -> bool:
    return scene.terminal.session.reconciler._last != last


async def inject_all(scene: Scene) -> list[tuple[str, str, list[str]]]:
    """Inject every break by itself; return where, which, and the kinds named."""
    await scene.place()
    await asyncio.sleep(5)
    injector, found = Injector(scene), []
    audit = scene.terminal.session.audit
    for where, kind, inject in injector.all():
        await asyncio.sleep(REFILLED_S)
        if kind is KIND.ORDER_NOT_JOURNALLED:
            # The minute's comparison would write down again what is taken out here.
            last = scene.terminal.session.reconciler._last
            await scene.until(partial(_is_past, scene, last), 90)
        undo = inject()
        result = await audit.check()
        assert not result.problem, result.problem
        found.append((where, kind.name, sorted({one.kind.name for one in result.breaks})))
        undo()
    await asyncio.sleep(REFILLED_S)
    again = await audit.check()
    assert not again.problem, again.problem
    assert [one.text for one in again.breaks] == [], "what is gone is named no more"
    return found


def main() -> int:
    parser = argparse.ArgumentParser(prog="make breaks")
    parser.add_argument("--hours", type=float, default=8.0)
    hours = parser.parse_args().hours
    logging.disable(logging.CRITICAL)
    started, shown = time.perf_counter(), {}

    async def story(scene: Scene) -> None:
        looks, false = await trade(scene, hours * 3_600)
        found = await inject_all(scene)
        shown.update(
            looks=looks,
            fills=scene.stores.fills.count,
            false=sum(false.values()),
            kinds=len({kind for _, kind, _ in found}),
            missed=[one for one in found if one[1] not in one[2]],
            misnamed=[one for one in found if set(one[2]) - {one[1]}],
            first_false=list(false)[:5],
        )

    play(story)
    shown["seconds"] = round(time.perf_counter() - started, 1)
    sys.stdout.write(json.dumps(shown) + "\n")
    return 1 if shown["false"] or shown["missed"] or shown["misnamed"] else 0


if __name__ == "__main__":
    sys.exit(main())
