"""Private REST calls about orders, trades and ledgers that exist. Source: Kraken REST "Account data"."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

from core.sim.auth import ApiKey
from core.sim.fields import Params, invalid, word
from core.sim.model import PairSpec, Reject, SimOrder
from core.sim.rest_names import Names, listed
from core.sim.rest_public import integer
from core.sim.rest_requests import boolean, decimal, userref
from core.sim.rest_rows import amend_rows, fill_row, ledger_row, order_row

if TYPE_CHECKING:
    from core.sim.hub import Hub

Row = dict[str, object]
Call = Callable[["Hub", Names, ApiKey, Params], object]
T = TypeVar("T")

NS_PER_S = 1_000_000_000
PAGE = 50
MAX_QUERY = {"QueryOrders": 50, "QueryTrades": 20, "QueryLedgers": 20}
TRADE_TYPES = ("all", "no position", "any position", "closed position", "closing position")
LEVEL3_DEPTHS = (0, 10, 25, 100, 250, 1000)


def _open_orders(hub: Hub, names: Names, key: ApiKey, params: Params) -> Row:
    orders = _with_client_id(hub.records.open_orders(key.account), params)
    return {"open": _order_rows(names, orders, params)}


def _closed_orders(hub: Hub, names: Names, key: ApiKey, params: Params) -> Row:
    """Newest first; ``closetime`` says which of its times the window applies to."""
    which = params.get("closetime") or "both"
    if which not in ("open", "close", "both"):
        raise invalid("closetime")
    start_ns, end_ns = _window(params, lambda txid: _opened_ns(hub, key, txid))

    def in_window(order: SimOrder) -> bool:
        times = {"open": [order.opened_ns], "close": [order.closed_ns]}.get(
            str(which), [order.opened_ns, order.closed_ns]
        )
        return any(start_ns < ns <= end_ns for ns in times)

    orders = [
        one for one in _with_client_id(hub.records.closed_orders(key.account), params) if in_window(one)
    ]
    row: Row = {"closed": _order_rows(names, _page(orders, params), params)}
    return row | _count(orders, params)


def _query_orders(hub: Hub, names: Names, key: ApiKey, params: Params) -> Row:
    orders = [
        order
        for txid in _ids(params, "txid", "QueryOrders")
        if (order := hub.records.order(key.account, txid)) is not None
    ]
    return _order_rows(names, _with_client_id(orders, params), params)


def _order_rows(names: Names, orders: Iterable[SimOrder], params: Params) -> Row:
    trades = boolean(params, "trades")
    return {
        order.order_id: order_row(order, names.symbol_pair(order.spec.symbol), trades=trades)
        for order in orders
    }


def _with_client_id(orders: Iterable[SimOrder], params: Params) -> list[SimOrder]:
    ref, cl_ord_id = userref(params), params.get("cl_ord_id")
    return [
        order
        for order in orders
        if (ref is None or order.spec.order_userref == ref)
        and (not cl_ord_id or same_client_id(order, cl_ord_id))
    ]


def same_client_id(order: SimOrder, cl_ord_id: object) -> bool:
    """Whether an order carries this client id; letter case does not matter."""
    return (order.spec.cl_ord_id or "").lower() == str(cl_ord_id).lower()


def _trades_history(hub: Hub, names: Names, key: ApiKey, params: Params) -> Row:
    fills = hub.records.fills(key.account)
    times = {fill.exec_id: fill.ts_ns for fill in fills}
    start_ns, end_ns = _window(params, times.get)
    kind = word(params, "type", TRADE_TYPES, "all")
    # Nobody has positions here.
    wanted = fills if kind in TRADE_TYPES[:2] else []
    chosen = [fill for fill in wanted if start_ns < fill.ts_ns <= end_ns]
    ledgers = boolean(params, "ledgers")
    rows = {
        fill.exec_id: fill_row(fill, names.symbol_pair(fill.symbol), ledgers=ledgers)
        for fill in _page(chosen, params)
    }
    return {"trades": rows} | _count(chosen, params)


def _query_trades(hub: Hub, names: Names, key: ApiKey, params: Params) -> Row:
    wanted = _ids(params, "txid", "QueryTrades")
    fills = {fill.exec_id: fill for fill in hub.records.fills(key.account)}
    return {
        txid: fill_row(fills[txid], names.symbol_pair(fills[txid].symbol), ledgers=False)
        for txid in wanted
        if txid in fills
    }


def _ledgers(hub: Hub, names: Names, key: ApiKey, params: Params) -> Row:
    entries = hub.records.ledger(key.account)
    times = {entry.ledger_id: entry.ts_ns for entry in entries}
    start_ns, end_ns = _window(params, times.get)
    assets = {names.asset(name).code for name in listed(params, "asset") if name != "all"}
    kind = params.get("type") or "all"
    chosen = [
        entry
        for entry in entries
        if start_ns < entry.ts_ns <= end_ns
        and (not assets or entry.asset in assets)
        and kind in ("all", entry.type)
    ]
    rows = {entry.ledger_id: ledger_row(entry, names.asset(entry.asset)) for entry in _page(chosen, params)}
    return {"ledger": rows} | _count(chosen, params)


def _query_ledgers(hub: Hub, names: Names, key: ApiKey, params: Params) -> Row:
    wanted = _ids(params, "id", "QueryLedgers")
    entries = {entry.ledger_id: entry for entry in hub.records.ledger(key.account)}
    return {
        ledger_id: ledger_row(entries[ledger_id], names.asset(entries[ledger_id].asset))
        for ledger_id in wanted
        if ledger_id in entries
    }


def _order_amends(hub: Hub, names: Names, key: ApiKey, params: Params) -> Row:
    order = hub.records.order(key.account, str(params.get("order_id") or ""))
    if order is None:
        raise Reject("EOrder:Invalid order")
    amends = amend_rows(order, names.symbol_pair(order.spec.symbol))
    return {"count": len(amends), "amends": amends}


def _level3(hub: Hub, names: Names, key: ApiKey, params: Params) -> Row:
    pair = names.required_pair(params)
    depth = integer(params, "depth", 100)
    if depth not in LEVEL3_DEPTHS:
        raise invalid("depth")
    bids, asks = hub.engine.level3(pair.symbol, depth or 1_000_000)
    return {"pair": pair.symbol, "bids": _queue(pair, bids), "asks": _queue(pair, asks)}


def _queue(pair: PairSpec, levels: Sequence[tuple[Decimal, Sequence[tuple[str, Decimal, int]]]]) -> list[Row]:
    return [
        {
            "price": f"{price:.{max(5, pair.price_precision)}f}",
            "qty": f"{qty:.{max(8, pair.qty_precision)}f}",
            "order_id": order_id,
            "timestamp": ts_ns,
        }
        for price, orders in levels
        for order_id, qty, ts_ns in orders
    ]


def _opened_ns(hub: Hub, key: ApiKey, txid: str) -> int | None:
    order = hub.records.order(key.account, txid)
    return None if order is None else order.opened_ns


def _window(params: Params, time_of: Callable[[str], int | None]) -> tuple[int, int]:
    """Return ``start`` (exclusive) and ``end`` (inclusive) in ns; either may be an identifier or Unix seconds."""

    def moment(name: str, default: int) -> int:
        value = params.get(name)
        if value in (None, ""):
            return default
        text = str(value)
        if "-" in text[1:]:
            found = time_of(text)
            if found is None:
                raise invalid(name)
            return found
        return int(decimal(value, name) * NS_PER_S)

    return moment("start", 0), moment("end", 2**63)


def _page(rows: Sequence[T], params: Params) -> Sequence[T]:
    offset = max(0, integer(params, "ofs", 0))
    return rows[offset : offset + PAGE]


def _count(rows: Sequence[object], params: Params) -> Row:
    return {} if boolean(params, "without_count") else {"count": len(rows)}


def _ids(params: Params, name: str, call: str) -> list[str]:
    wanted = listed(params, name)
    if not 1 <= len(wanted) <= MAX_QUERY[call]:
        raise invalid(name)
    return wanted


HISTORY_CALLS: Mapping[str, Call] = {
    "OpenOrders": _open_orders,
    "ClosedOrders": _closed_orders,
    "QueryOrders": _query_orders,
    "TradesHistory": _trades_history,
    "QueryTrades": _query_trades,
    "Ledgers": _ledgers,
    "QueryLedgers": _query_ledgers,
    "OrderAmends": _order_amends,
    "Level3": _level3,
}
