"""Private REST calls about funds and fees, and the WebSocket token. Source: Kraken REST "Account data"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from core.sim import wire
from core.sim.accounts import FEES, STABLE_BASES, STABLE_FEES
from core.sim.auth import ApiKey
from core.sim.fields import Params
from core.sim.model import ZERO, PairSpec
from core.sim.rest_names import Names, answer_key, listed
from core.sim.tokens import VALID_S

if TYPE_CHECKING:
    from core.sim.hub import Hub

Row = dict[str, object]
Call = Callable[["Hub", Names, ApiKey, Params], object]


def _token(hub: Hub, names: Names, key: ApiKey, params: Params) -> Row:
    token = hub.tokens.issue(key.account, key.permissions, hub.clock.mono_ns())
    return {"token": token.text, "expires": VALID_S}


def _balance(hub: Hub, names: Names, key: ApiKey, params: Params) -> Row:
    return {
        names.asset(code).rest_id: wire.exact_text(total, names.asset(code).precision)
        for code, total in hub.records.balances(key.account).items()
    }


def _balance_ex(hub: Hub, names: Names, key: ApiKey, params: Params) -> Row:
    holds = hub.records.holds(key.account)
    rows: Row = {}
    for code, total in hub.records.balances(key.account).items():
        asset = names.asset(code)
        rows[asset.rest_id] = {
            "balance": wire.exact_text(total, asset.precision),
            "hold_trade": wire.exact_text(holds.get(code, ZERO), asset.precision),
        }
    return rows


def _trade_balance(hub: Hub, names: Names, key: ApiKey, params: Params) -> Row:
    """Without margin trading everything owned is equity; ``ml`` is absent without positions."""
    asset = names.asset(params.get("asset") or "ZUSD")
    unit = _in_usd(hub, asset.code) or Decimal(1)
    balances = hub.records.balances(key.account)
    equity = sum((total * _in_usd(hub, code) for code, total in balances.items()), ZERO) / unit
    unfilled = ZERO
    for order in hub.records.open_orders(key.account):
        quote = names.symbol_pair(order.spec.symbol).quote
        unfilled += order.leaves * (order.limit_price or ZERO) * _in_usd(hub, quote) / unit
    nothing, worth = "0.0000", f"{equity:.4f}"
    return {
        "eb": worth,
        "tb": worth,
        "m": nothing,
        "n": nothing,
        "c": nothing,
        "v": nothing,
        "e": worth,
        "mf": worth,
        "uv": f"{unfilled:.4f}",
    }


def _in_usd(hub: Hub, code: str) -> Decimal:
    """Return the last price of an asset in USD, zero when there is no such pair."""
    if code == "USD":
        return Decimal(1)
    symbol = f"{code}/USD"
    return hub.engine.ticker(symbol).last if symbol in hub.engine.pairs else ZERO


def _trade_volume(hub: Hub, names: Names, key: ApiKey, params: Params) -> Row:
    row: Row = {"currency": "ZUSD", "volume": f"{hub.engine.volume_30d(key.account):.4f}"}
    fees: Row = {}
    fees_maker: Row = {}
    for name in listed(params, "pair"):
        pair = names.pair(name)
        maker, taker = hub.engine.fee_rates(key.account, pair.symbol)
        volume = hub.engine.volume_30d(key.account)
        fees[answer_key(name, pair)] = _fee_row(pair, volume, taker, column=2)
        fees_maker[answer_key(name, pair)] = _fee_row(pair, volume, maker, column=1)
    return row | ({"fees": fees, "fees_maker": fees_maker} if fees else {})


def _fee_row(pair: PairSpec, volume: Decimal, rate: Decimal, column: int) -> Row:
    """Return one tier of the schedule. Rates in percent, volumes in USD."""
    table = STABLE_FEES if pair.base in STABLE_BASES else FEES
    percents = [Decimal(row[column]) for row in table]
    following = next((row for row in table if row[0] > volume), None)
    reached = max(row[0] for row in table if row[0] <= volume)
    return {
        "fee": f"{rate * 100:.4f}",
        "minfee": f"{min(percents):.4f}",
        "maxfee": f"{max(percents):.4f}",
        "nextfee": f"{Decimal(following[column]):.4f}" if following else None,
        "nextvolume": f"{following[0]:.4f}" if following else None,
        "tiervolume": f"{reached:.4f}",
    }


def _open_positions(hub: Hub, names: Names, key: ApiKey, params: Params) -> object:
    """This exchange lends nothing, so there are none."""
    return {}


ACCOUNT_CALLS: Mapping[str, Call] = {
    "GetWebSocketsToken": _token,
    "Balance": _balance,
    "BalanceEx": _balance_ex,
    "TradeBalance": _trade_balance,
    "TradeVolume": _trade_volume,
    "OpenPositions": _open_positions,
}
