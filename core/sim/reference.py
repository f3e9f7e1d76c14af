"""Pairs and assets of the real exchange, asked over its public REST, for the paper account.

Source: Kraken REST ``AssetPairs`` and ``Assets``.
"""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from urllib.parse import urlsplit

from core.runtime.tls import client_context
from core.sim import wire
from core.sim.model import AssetSpec, PairSpec

TIMEOUT_S = 10.0
MAX_BYTES = 32 << 20
MODERN = {"XBT": "BTC", "XDG": "DOGE"}


class Unreachable(Exception):
    """The real exchange could not be asked, or answered what is no answer."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Everything listed, and the state of each pair in the words of the ``instrument`` channel."""

    assets: dict[str, AssetSpec]
    pairs: dict[str, PairSpec]
    status: dict[str, str]


def fetch(base: str) -> Reference:
    """Ask for everything listed. Blocks: call it in a thread. Raises Unreachable."""
    return listed(_call(base, "Assets"), _call(base, "AssetPairs"))


def listed(assets: Mapping[str, object], pairs: Mapping[str, object]) -> Reference:
    """Read the results of ``Assets`` and ``AssetPairs``. What lacks something that trading needs is left out."""
    found = {rest_id: _asset(rest_id, row) for rest_id, row in assets.items() if isinstance(row, dict)}
    known: dict[str, PairSpec] = {}
    status: dict[str, str] = {}
    for rest_id, row in pairs.items():
        if isinstance(row, dict) and (pair := _pair(rest_id, row, found)) is not None:
            known[pair.symbol] = pair
            status[pair.symbol] = str(row.get("status") or "online")
    return Reference({asset.code: asset for asset in found.values()}, known, status)


def _call(base: str, name: str) -> dict[str, object]:
    parts = urlsplit(base)
    host, port = parts.hostname or "", parts.port
    # Neither follows redirects nor asks the environment for a proxy.
    line = (
        http.client.HTTPSConnection(host, port, timeout=TIMEOUT_S, context=client_context())
        if parts.scheme == "https"
        else http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)
    )
    try:
        line.request("GET", f"{parts.path.rstrip('/')}/0/public/{name}", headers={"User-Agent": "tidewire"})
        answer = line.getresponse()
        body = answer.read(MAX_BYTES)
    except (OSError, http.client.HTTPException) as failure:
        raise Unreachable(f"{name}: {type(failure).__name__}") from failure
    finally:
        line.close()
    return _result(name, answer.status, body)


def _result(name: str, status: int, body: bytes) -> dict[str, object]:
    try:
        value = wire.decode(body)
    except (wire.Malformed, UnicodeDecodeError) as broken:
        raise Unreachable(f"{name}: HTTP {status}, no JSON") from broken
    result = value.get("result") if isinstance(value, dict) else None
    if status != http.client.OK or not isinstance(result, dict):
        raise Unreachable(f"{name}: HTTP {status}, no result")
    return result


def _asset(rest_id: str, row: Mapping[str, object]) -> AssetSpec:
    altname = str(row.get("altname") or rest_id)
    stem, dot, suffix = altname.partition(".")
    code = MODERN.get(stem, stem) + dot + suffix
    return AssetSpec(rest_id=rest_id, altname=altname, code=code, **_decimals(row))


def _decimals(row: Mapping[str, object]) -> dict[str, int]:
    return {
        "precision": _whole(row.get("decimals"), 8),
        "precision_display": _whole(row.get("display_decimals"), 5),
    }


def _whole(value: object, otherwise: int) -> int:
    """A whole number, which may have a point or be text."""
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return int(value)
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 4:
        return int(value)
    return value if isinstance(value, int) else otherwise


def _pair(rest_id: str, row: Mapping[str, object], assets: Mapping[str, AssetSpec]) -> PairSpec | None:
    """The pair of a row; None for one that lacks what trading needs."""
    base, quote = assets.get(str(row.get("base"))), assets.get(str(row.get("quote")))
    if base is None or quote is None:
        return None
    price_precision = _whole(row.get("pair_decimals"), -1)
    qty_precision = _whole(row.get("lot_decimals"), -1)
    if price_precision < 0 or qty_precision < 0:
        return None
    try:
        step = Decimal(str(row.get("tick_size") or Decimal(1).scaleb(-price_precision)))
        qty_min, cost_min = (Decimal(str(row.get(name) or 0)) for name in ("ordermin", "costmin"))
    except InvalidOperation:
        return None
    return PairSpec(
        symbol=f"{base.code}/{quote.code}",
        base=base.code,
        quote=quote.code,
        rest_id=rest_id,
        altname=str(row.get("altname") or rest_id),
        wsname=str(row.get("wsname") or ""),
        price_precision=price_precision,
        price_increment=step,
        qty_precision=qty_precision,
        qty_min=qty_min,
        cost_precision=_whole(row.get("cost_decimals"), 5),
        cost_min=cost_min,
        marginable=False,
        has_index=True,
        # What follows shapes a made-up market, which this pair does not have.
        start_price=Decimal(1),
        daily_volatility=0.0,
        spread_bps=0.0,
        orders_per_s=0.0,
        median_notional=0.0,
    )
