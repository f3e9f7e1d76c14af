"""Execution and balance frames in the words of trading.

Reports are sparse deltas: what is absent stays ``None`` and never overwrites. Unknown words become ``None`` or stay
text. Source: Kraken channels ``executions`` and ``balances``.
"""

from __future__ import annotations

from decimal import Decimal

from core.data.kraken.answers import Answer
from core.data.kraken.numbers import vet_given, vet_id, vet_signed
from core.data.kraken.ws_schema import BalanceFrame, ExecutionFrame, WireBalance, WireExecution, WireTriggers
from core.domain.account import Balance, BalanceChange
from core.domain.events import UNNUMBERED, BalanceEvent, ExecutionEvent
from core.domain.ids import Asset, ClOrdId, ExecId, LedgerId, OrderId, Symbol
from core.domain.instrument import Side
from core.domain.orders import Fee, Fill, OrderReport, OrderStatus, OrderType, TimeInForce, Trigger
from core.domain.times import parse_ns

_STATUSES = {
    "pending_new": OrderStatus.PENDING_NEW,
    "new": OrderStatus.NEW,
    "partially_filled": OrderStatus.PARTIALLY_FILLED,
    "filled": OrderStatus.FILLED,
    "canceled": OrderStatus.CANCELED,
    "expired": OrderStatus.EXPIRED,
}
_SIDES = {side.value: side for side in Side}
_TYPES = {kind.value: kind for kind in OrderType}
_FORCES = {force.value: force for force in TimeInForce}

UUID_LENGTH = 36


def told_ns(text: object) -> int:
    """Return a time of the exchange, ns UTC; 0 for one that is absent or unreadable."""
    try:
        return parse_ns(text) if isinstance(text, str) and text else 0
    except (ValueError, OverflowError):
        return 0


def told_id(text: str | None) -> ClOrdId | None:
    """Return a client order id; UUIDs in lower case, because Kraken does not promise to keep ours."""
    if not text:
        return None
    return ClOrdId(text.lower() if len(text) == UUID_LENGTH else text)


def execution_event(frame: ExecutionFrame) -> ExecutionEvent:
    """Return the reports of one frame. Raises ValueError or ArithmeticError for numbers nobody should compute with."""
    sequence = _sequence(frame.sequence)
    return ExecutionEvent(frame.type == "snapshot", sequence, [_report(row) for row in frame.data])


def balance_event(frame: BalanceFrame) -> BalanceEvent:
    """Return totals of a snapshot or ledger rows of an update. Raises as ``execution_event``."""
    sequence = _sequence(frame.sequence)
    if frame.type == "snapshot":
        return BalanceEvent(True, sequence, [_balance(row) for row in frame.data], [])
    return BalanceEvent(False, sequence, [], [_change(row) for row in frame.data])


def _sequence(told: int | None) -> int:
    if told is None:
        return UNNUMBERED
    vet_id(told)
    return told


def accepted_report(answer: Answer) -> OrderReport | None:
    """Return what an accepted ``add_order`` says of the order; ``None`` for a validation without an order."""
    if not answer.order_id:
        return None
    return OrderReport(
        order_id=answer.order_id,
        exec_type="pending_new",
        status=OrderStatus.PENDING_NEW,
        cl_ord_id=answer.cl_ord_id,
    )


def _report(row: WireExecution) -> OrderReport:
    rate = next((n for n in (row.ratecounter, row.ratecount, row.rate_count) if n is not None), None)
    vet_given(row.order_qty, row.cash_order_qty, row.display_qty, row.cum_qty, row.cum_cost, rate)
    vet_signed(row.limit_price)
    symbol = Symbol(row.symbol) if row.symbol else None
    ts = told_ns(row.timestamp)
    return OrderReport(
        order_id=OrderId(row.order_id),
        exec_type=row.exec_type,
        status=_STATUSES.get(row.order_status or ""),
        cl_ord_id=told_id(row.cl_ord_id),
        ts=ts,
        symbol=symbol,
        side=_SIDES.get(row.side or ""),
        order_type=_TYPES.get(row.order_type or ""),
        qty=row.order_qty,
        cash_qty=row.cash_order_qty,
        limit_price=row.limit_price,
        trigger=_trigger(row.triggers),
        display_qty=row.display_qty,
        time_in_force=_FORCES.get((row.time_in_force or "").lower()),
        expire_ns=told_ns(row.expire_time) or None,
        post_only=row.post_only,
        reduce_only=row.reduce_only,
        cum_qty=row.cum_qty,
        cum_cost=row.cum_cost,
        fill=_fill(row, ts),
        reason=row.reason or row.cancel_reason or "",
        triggered=True if row.triggers and row.triggers.status == "triggered" else None,
        rate_count=rate,
    )


def _trigger(triggers: WireTriggers | None) -> Trigger | None:
    if triggers is None or triggers.price is None:
        return None
    vet_signed(triggers.price)
    return Trigger(triggers.price, triggers.price_type or "static", triggers.reference or "last")


def _fill(row: WireExecution, ts: int) -> Fill | None:
    # A trade without its essentials still raises cum_qty; the reconciler then fetches the fill itself.
    side = _SIDES.get(row.side or "")
    if not row.exec_id or row.last_qty is None or row.last_price is None or not row.symbol or side is None:
        return None
    vet_given(row.last_qty, row.last_price, row.cost)
    trade_id = row.trade_id or 0
    vet_id(trade_id)
    return Fill(
        exec_id=ExecId(row.exec_id),
        order_id=OrderId(row.order_id),
        symbol=Symbol(row.symbol),
        side=side,
        qty=row.last_qty,
        price=row.last_price,
        cost=row.cost if row.cost is not None else row.last_qty * row.last_price,
        fees=_fees(row),
        liquidity=row.liquidity_ind or "",
        trade_id=trade_id,
        ts=ts,
        cl_ord_id=told_id(row.cl_ord_id),
    )


def _fees(row: WireExecution) -> tuple[Fee, ...]:
    fees = row.fees or []
    vet_signed(*[fee.qty for fee in fees])
    return tuple(Fee(Asset(fee.asset), fee.qty) for fee in fees)


def _balance(row: WireBalance) -> Balance:
    wallets = tuple(row.wallets or ())
    vet_signed(row.balance, *[wallet.balance for wallet in wallets])
    return Balance(asset=Asset(row.asset), total=row.balance, wallets=wallets, ts=told_ns(row.timestamp))


def _change(row: WireBalance) -> BalanceChange:
    if not row.ledger_id or row.amount is None:
        raise ValueError("balance update without ledger_id or amount")
    vet_signed(row.balance, row.amount, row.fee)
    return BalanceChange(
        asset=Asset(row.asset),
        amount=row.amount,
        fee=row.fee if row.fee is not None else Decimal(0),
        balance=row.balance,
        ledger_id=LedgerId(row.ledger_id),
        ref_id=row.ref_id or "",
        type=row.type or "",
        subtype=row.subtype or "",
        category=row.category or "",
        wallet_type=row.wallet_type or "",
        wallet_id=row.wallet_id or "",
        ts=told_ns(row.timestamp),
    )
