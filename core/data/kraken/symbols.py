"""One name for each thing: ``BTC/USD`` for REST's ``XBTUSD``, ``XXBTZUSD`` and ``XBT/USD``.

Built from ``Assets`` and ``AssetPairs``; pairs are matched by their two assets, never by cutting strings (XTZ and
ZEC begin with X and Z of their own). Source: Kraken REST "Assets", "AssetPairs".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from core.domain.ids import Asset, Symbol

_MODERN = {"XBT": "BTC", "XDG": "DOGE"}
"""The only two codes that differ between REST's alternative names and the modern ones."""


class WireAssetName(msgspec.Struct):
    """One row of ``Assets``."""

    altname: str


class WirePairName(msgspec.Struct):
    """One row of ``AssetPairs``."""

    altname: str
    base: str
    quote: str
    wsname: str = ""


def modern(altname: str) -> Asset:
    """Return the modern code of an alternative name; a suffix such as ``.S`` stays."""
    stem, dot, suffix = altname.partition(".")
    return Asset(_MODERN.get(stem, stem) + dot + suffix)


class Symbols:
    """Names both ways. Before it is filled, modern names pass unchanged: REST takes them too."""

    def __init__(
        self,
        assets: Mapping[str, WireAssetName] | None = None,
        pairs: Mapping[str, WirePairName] | None = None,
    ) -> None:
        self._assets = {name: modern(row.altname) for name, row in (assets or {}).items()}
        self._symbols: dict[str, Symbol] = {}
        self._rest: dict[Symbol, str] = {}
        for name, row in (pairs or {}).items():
            symbol = Symbol(f"{self.asset(row.base)}/{self.asset(row.quote)}")
            self._rest[symbol] = row.altname
            for known_as in (name, row.altname, row.wsname, str(symbol)):
                self._symbols[known_as] = symbol

    @property
    def loaded(self) -> bool:
        """Whether the exchange's names are known."""
        return bool(self._symbols)

    def asset(self, name: str) -> Asset:
        """Return the modern code of an asset id such as ``XXBT``, ``ZUSD``, ``USD.M``."""
        known = self._assets.get(name)
        if known is not None:
            return known
        stem, dot, suffix = name.partition(".")
        return Asset(self._assets.get(stem, modern(stem)) + dot + suffix)

    def symbol(self, name: str) -> Symbol | None:
        """Return the symbol of any spelling of a pair, or ``None`` for one that is not listed."""
        known = self._symbols.get(name)
        if known is None and not self.loaded and "/" in name:
            return Symbol(name)
        return known

    def rest_name(self, symbol: Symbol) -> str:
        """Return what REST calls a pair."""
        return self._rest.get(symbol, symbol)

    def rest_names(self, symbols: Iterable[Symbol]) -> str:
        """Return a comma list of pairs. Those REST does not list are left out: one of them would spoil the answer."""
        return ",".join(
            self.rest_name(symbol) for symbol in symbols if not self.loaded or symbol in self._rest
        )
