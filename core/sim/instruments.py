"""The pairs and assets of the embedded exchange, with Kraken's precisions, minimums and names.

Prices are where the seeded market starts; crosses (``BTC/EUR``, ``ETH/BTC``, ``BTC/USDT``) start where their
legs put them. The last columns shape the market: volatility a day (fraction), usual spread (basis points),
book changes a second, median order value (quote units).
Source: Kraken REST ``AssetPairs`` and ``Assets``; names as in ``rest.md`` section 3.
"""

from __future__ import annotations

from decimal import Decimal

from core.sim.model import AssetSpec, PairSpec


def _asset(code: str, rest_id: str, altname: str, precision: int, display: int) -> AssetSpec:
    return AssetSpec(code, rest_id, altname, precision, display)


ASSETS: tuple[AssetSpec, ...] = (
    _asset("BTC", "XXBT", "XBT", 10, 5),
    _asset("USD", "ZUSD", "USD", 4, 2),
    _asset("EUR", "ZEUR", "EUR", 4, 2),
    _asset("ETH", "XETH", "ETH", 10, 5),
    _asset("SOL", "SOL", "SOL", 10, 5),
    _asset("XRP", "XXRP", "XRP", 8, 5),
    _asset("DOGE", "XXDG", "XDG", 8, 2),
    _asset("ADA", "ADA", "ADA", 8, 6),
    _asset("LINK", "LINK", "LINK", 10, 5),
    _asset("LTC", "XLTC", "LTC", 10, 5),
    _asset("SHIB", "SHIB", "SHIB", 5, 2),
    _asset("PEPE", "PEPE", "PEPE", 8, 2),
    _asset("USDT", "USDT", "USDT", 8, 4),
    _asset("USDC", "USDC", "USDC", 8, 4),
    _asset("MLN", "XMLN", "MLN", 10, 5),
)


def _pair(
    symbol: str,
    names: str,
    price: tuple[int, str],
    qty: tuple[int, str],
    cost: tuple[int, str],
    flow: tuple[float, float, float, float],
    *,
    margin: bool = True,
) -> PairSpec:
    """One row. ``names``: REST id, altname, wsname. ``flow``: volatility, spread, rate, order value."""
    base, quote = symbol.split("/")
    rest_id, altname, wsname = names.split()
    volatility, spread_bps, orders_per_s, median_notional = flow
    return PairSpec(
        symbol=symbol,
        base=base,
        quote=quote,
        rest_id=rest_id,
        altname=altname,
        wsname=wsname,
        price_precision=price[0],
        price_increment=Decimal(1).scaleb(-price[0]),
        qty_precision=qty[0],
        qty_min=Decimal(qty[1]),
        cost_precision=cost[0],
        cost_min=Decimal(cost[1]),
        marginable=margin,
        has_index=margin,
        start_price=Decimal(price[1]),
        daily_volatility=volatility,
        spread_bps=spread_bps,
        orders_per_s=orders_per_s,
        median_notional=median_notional,
    )


PAIRS: tuple[PairSpec, ...] = (
    _pair(
        "BTC/USD",
        "XXBTZUSD XBTUSD XBT/USD",
        (1, "64251.3"),
        (8, "0.00005"),
        (5, "0.5"),
        (0.021, 0.016, 30.0, 6200.0),
    ),
    _pair(
        "ETH/USD",
        "XETHZUSD ETHUSD ETH/USD",
        (2, "2468.37"),
        (8, "0.001"),
        (5, "0.5"),
        (0.028, 0.05, 14.0, 2600.0),
    ),
    _pair(
        "SOL/USD",
        "SOLUSD SOLUSD SOL/USD",
        (2, "118.42"),
        (8, "0.02"),
        (5, "0.5"),
        (0.035, 0.85, 9.0, 1700.0),
    ),
    _pair(
        "XRP/USD",
        "XXRPZUSD XRPUSD XRP/USD",
        (5, "1.42815"),
        (8, "2"),
        (8, "0.5"),
        (0.032, 0.4, 8.0, 1500.0),
    ),
    _pair(
        "DOGE/USD",
        "XDGUSD XDGUSD XDG/USD",
        (7, "0.1124630"),
        (8, "13"),
        (8, "0.5"),
        (0.038, 0.9, 5.0, 900.0),
    ),
    _pair(
        "ADA/USD",
        "ADAUSD ADAUSD ADA/USD",
        (6, "0.362418"),
        (8, "4.4"),
        (6, "0.5"),
        (0.036, 1.2, 4.0, 800.0),
    ),
    _pair(
        "LINK/USD",
        "LINKUSD LINKUSD LINK/USD",
        (5, "11.83640"),
        (8, "0.2"),
        (6, "0.5"),
        (0.036, 1.6, 3.5, 800.0),
    ),
    _pair(
        "LTC/USD",
        "XLTCZUSD LTCUSD LTC/USD",
        (2, "74.61"),
        (8, "0.04"),
        (5, "0.5"),
        (0.03, 1.4, 3.0, 900.0),
    ),
    _pair(
        "BTC/EUR",
        "XXBTZEUR XBTEUR XBT/EUR",
        (1, "55198.7"),
        (8, "0.00005"),
        (5, "0.45"),
        (0.021, 0.04, 10.0, 2900.0),
    ),
    _pair(
        "ETH/BTC",
        "XETHXXBT ETHXBT ETH/XBT",
        (5, "0.03842"),
        (8, "0.001"),
        (10, "0.00002"),
        (0.018, 2.6, 4.0, 0.035),
    ),
    _pair(
        "BTC/USDT",
        "XBTUSDT XBTUSDT XBT/USDT",
        (1, "64265.4"),
        (8, "0.00005"),
        (5, "0.5"),
        (0.021, 0.05, 7.0, 2400.0),
    ),
    _pair(
        "EUR/USD",
        "ZEURZUSD EURUSD EUR/USD",
        (5, "1.16402"),
        (8, "4"),
        (5, "0.5"),
        (0.0045, 0.6, 3.0, 3200.0),
        margin=False,
    ),
    _pair(
        "USDT/USD",
        "USDTZUSD USDTUSD USDT/USD",
        (5, "0.99978"),
        (8, "5"),
        (5, "0.5"),
        (0.0003, 0.1, 4.0, 9000.0),
        margin=False,
    ),
    _pair(
        "USDC/USD",
        "USDCUSD USDCUSD USDC/USD",
        (4, "0.9999"),
        (8, "5"),
        (5, "0.5"),
        (0.0002, 1.0, 1.2, 7000.0),
        margin=False,
    ),
    _pair(
        "PEPE/USD",
        "PEPEUSD PEPEUSD PEPE/USD",
        (9, "0.000005231"),
        (5, "400000"),
        (8, "0.5"),
        (0.05, 3.8, 3.0, 420.0),
        margin=False,
    ),
    _pair(
        "SHIB/USD",
        "SHIBUSD SHIBUSD SHIB/USD",
        (8, "0.00000714"),
        (5, "160000"),
        (8, "0.5"),
        (0.04, 14.0, 1.6, 500.0),
        margin=False,
    ),
    _pair(
        "MLN/USD",
        "MLNUSD MLNUSD MLN/USD",
        (3, "5.842"),
        (8, "0.5"),
        (5, "0.5"),
        (0.045, 38.0, 0.06, 160.0),
        margin=False,
    ),
)

DEFAULT_BALANCES: dict[str, Decimal] = {
    "USD": Decimal("100000.0000"),
    "EUR": Decimal("20000.0000"),
    "BTC": Decimal("1.5000000000"),
    "ETH": Decimal("12.0000000000"),
    "SOL": Decimal("150.0000000000"),
    "XRP": Decimal("5000.00000000"),
    "DOGE": Decimal("20000.00000000"),
    "USDT": Decimal("15000.00000000"),
    "PEPE": Decimal("250000000.00000000"),
}
