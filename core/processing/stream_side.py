"""What the private streams alone have told: nothing of REST, nothing of ours. For comparisons (product A5).

Begins anew with every snapshot. Reports of both lines merge; ledgers are followed on each line by itself.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from decimal import Decimal

import msgspec

from core.domain.account import BalanceChange
from core.domain.audit import Told
from core.domain.events import BalanceEvent, Event, ExecutionEvent, LineEvent
from core.domain.health import ConnectionState, Line
from core.domain.ids import Asset, ExecId, OrderId, Symbol
from core.domain.instrument import Side
from core.domain.order_merge import join_fills, merge
from core.domain.orders import Fill, Order, OrderReport, OrderType, Terms
from core.processing.numbering import Numbering

MOST_ORDERS = 5_000
MOST_FILLS = 20_000
MOST_ENTRIES = 100
HELD = 1_000

Wallet = tuple[Asset, str, str]

_BLANK = Order(symbol=Symbol(""), side=Side.BUY, order_type=OrderType.LIMIT, terms=Terms())


class StreamSide:
    """Listens to the pipeline; ``told`` is asked for by the audit."""

    def __init__(self) -> None:
        self._orders: dict[OrderId, Order] = {}
        self._fills: dict[ExecId, Fill] = {}
        self._since: dict[Line, int] = {}
        self._ledgers: dict[Line, _Ledger] = {}
        self._numberings: dict[Line, Numbering] = {}
        self._cut_ns = 0

    def listen(self, line: Line, events: Sequence[Event], now: int) -> None:
        """Take in what a line told at exchange time ``now``, ns UTC."""
        for event in events:
            match event:
                case ExecutionEvent():
                    self._executions(line, event, now)
                case BalanceEvent():
                    self._ledgers.setdefault(line, _Ledger()).take(event)
                case LineEvent(state=state) if state is not ConnectionState.LIVE:
                    self._since.pop(line, None)
                    self._numberings.pop(line, None)
                    self._ledgers.pop(line, None)

    @property
    def is_whole(self) -> bool:
        """Whether a line has told its open orders and was not lost since."""
        return bool(self._since)

    def told(self, now: int, balances: Mapping[Asset, Decimal]) -> Told:
        """Return what was told until exchange time ``now``; ``balances`` are those shown."""
        ledger: dict[str, str] = {}
        for one in self._ledgers.values():
            ledger.update(one.wrong)
        return Told(
            at=now,
            orders=dict(self._orders),
            fills=tuple(self._fills.values()),
            fills_since=max(self._cut_ns, min(self._since.values(), default=now)),
            balances=balances,
            ledger=ledger,
        )

    def _executions(self, line: Line, event: ExecutionEvent, now: int) -> None:
        event = self._numberings.setdefault(line, Numbering()).numbered(event)
        if event.snapshot and event.sequence == 1:
            # What ended while nobody listened is not in it, and is open no more.
            self._orders = {key: order for key, order in self._orders.items() if order.status.is_final}
            self._since[line] = now
        for report in event.reports:
            self._merge(report)

    def _merge(self, report: OrderReport) -> None:
        known = self._orders.pop(report.order_id, None)
        if known is None and not report.is_trade:
            known = _described(report)
        if known is not None:
            self._orders[report.order_id] = merge(known, report)
            if len(self._orders) > MOST_ORDERS:
                del self._orders[next(iter(self._orders))]
        if report.fill is not None:
            same = self._fills.get(report.fill.exec_id)
            self._fills[report.fill.exec_id] = join_fills(same, report.fill) if same else report.fill
            if len(self._fills) > MOST_FILLS:
                dropped = self._fills.pop(next(iter(self._fills)))
                self._cut_ns = max(self._cut_ns, dropped.ts)


def _described(report: OrderReport) -> Order:
    return msgspec.structs.replace(
        _BLANK,
        symbol=report.symbol or _BLANK.symbol,
        side=report.side or _BLANK.side,
        order_type=report.order_type or _BLANK.order_type,
        order_id=report.order_id,
        foreign=True,
    )


class _Ledger:
    """The wallets of one line since its snapshot, and the entries that do not follow from them."""

    def __init__(self) -> None:
        self.wrong: dict[str, str] = {}
        self._wallets: dict[Wallet, Decimal] = {}
        self._last = 0
        self._numbering = Numbering()
        self._held: deque[BalanceEvent] = deque(maxlen=HELD)

    def take(self, event: BalanceEvent) -> None:
        self._follow(self._numbering.numbered(event))

    def _follow(self, event: BalanceEvent) -> None:
        if event.snapshot:
            self._begin(event)
        elif not self._last:
            self._held.append(event)
        elif event.sequence > self._last + 1:
            self._last = 0  # a hole: the feed asks for a snapshot
        elif event.sequence == self._last + 1:
            self._last = event.sequence
            for change in event.changes:
                self._add(change)

    def _begin(self, event: BalanceEvent) -> None:
        if event.sequence != self._last + 1 or event.sequence == 1:
            self._wallets.clear()
            self.wrong.clear()
        self._last = event.sequence
        for balance in event.balances:
            for wallet in balance.wallets:
                self._wallets[balance.asset, wallet.type, wallet.id] = wallet.balance
            if not balance.wallets:
                self._wallets[balance.asset, "spot", "main"] = balance.total
        held = list(self._held)
        self._held.clear()
        for update in held:
            self._follow(update)

    def _add(self, change: BalanceChange) -> None:
        where = (change.asset, change.wallet_type or "spot", change.wallet_id or "main")
        mine = self._wallets.get(where, Decimal(0)) + change.amount - change.fee
        others = sum(
            (qty for key, qty in self._wallets.items() if key[0] == change.asset and key != where), Decimal(0)
        )
        # Kraken does not say whether the balance told is the wallet's or the account's.
        if change.balance not in (mine, mine + others) and len(self.wrong) < MOST_ENTRIES:
            self.wrong[f"{change.asset} {change.ledger_id}"] = f"reckoned {mine:f}, told {change.balance:f}"
        self._wallets[where] = change.balance if not others else mine
