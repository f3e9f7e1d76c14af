import json

import msgspec

from core.data.kraken.symbols import Symbols, WireAssetName, WirePairName
from core.domain.ids import Symbol
from tests.protocol.fixtures import frames

ASSETS = {
    "XXBT": "XBT",
    "ZUSD": "USD",
    "XXDG": "XDG",
    "XTZ": "XTZ",
    "ZEC": "ZEC",
    "USDT": "USDT",
    "XETH": "ETH",
}
PAIRS = {
    "XXBTZUSD": ("XBTUSD", "XXBT", "ZUSD"),
    "XDGUSD": ("XDGUSD", "XXDG", "ZUSD"),
    "XTZUSD": ("XTZUSD", "XTZ", "ZUSD"),
    "XBTUSDT": ("XBTUSDT", "XXBT", "USDT"),
}


def names():
    return Symbols(
        {name: WireAssetName(alt) for name, alt in ASSETS.items()},
        {name: WirePairName(alt, base, quote) for name, (alt, base, quote) in PAIRS.items()},
    )


def test_every_spelling_of_a_pair_leads_to_one_symbol():
    symbols = names()

    for spelling in ("XXBTZUSD", "XBTUSD", "BTC/USD"):
        assert symbols.symbol(spelling) == "BTC/USD"
    assert symbols.symbol("XDGUSD") == "DOGE/USD"
    assert symbols.symbol("XTZUSD") == "XTZ/USD"
    assert symbols.symbol("XBTUSDT") == "BTC/USDT"


def test_rest_is_asked_by_its_own_name():
    assert names().rest_name(Symbol("BTC/USD")) == "XBTUSD"
    assert names().rest_name(Symbol("NEW/USD")) == "NEW/USD"


def test_an_unlisted_pair_has_no_symbol():
    assert names().symbol("XXLMZUSD") is None


def test_assets_lose_their_prefix_only_where_the_exchange_says_so():
    symbols = names()

    assert [symbols.asset(name) for name in ("XXBT", "ZUSD", "XTZ", "ZEC", "XXDG")] == [
        "BTC",
        "USD",
        "XTZ",
        "ZEC",
        "DOGE",
    ]


def test_a_suffix_marks_a_balance_that_cannot_be_traded_and_stays():
    assert names().asset("XXBT.M") == "BTC.M"
    assert names().asset("ETH2.S") == "ETH2.S"


def test_before_the_names_are_known_modern_ones_pass():
    symbols = Symbols()

    assert not symbols.loaded
    assert symbols.rest_name(Symbol("BTC/USD")) == "BTC/USD"
    assert symbols.symbol("BTC/USD") == "BTC/USD"
    assert symbols.symbol("XBTUSD") is None


def test_the_documented_tables_are_read():
    assets = json.loads(frames("rest_Assets")[0])["result"]
    pairs = json.loads(frames("rest_AssetPairs")[0])["result"]

    symbols = Symbols(
        msgspec.convert(assets, dict[str, WireAssetName]), msgspec.convert(pairs, dict[str, WirePairName])
    )

    assert symbols.symbol("XXBTZUSD") == "BTC/USD"
    assert symbols.rest_name(Symbol("BTC/USD")) == "XBTUSD"
