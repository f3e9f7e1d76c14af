"""REST's three names for one thing: pair id, altname, modern symbol; asset id, altname, modern code.

Old ``wsname`` spellings (``XBT/USD``) are refused, as on Kraken. Source: Kraken ``Assets``, ``AssetPairs``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.sim.fields import Params
from core.sim.model import AssetSpec, PairSpec, Reject

if TYPE_CHECKING:
    from core.sim.engine import Engine


class Names:
    """Looks names up. Built anew when something was listed since."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._listed = (-1, -1)
        self._pairs: dict[str, PairSpec] = {}
        self._assets: dict[str, AssetSpec] = {}
        self._by_symbol: dict[str, PairSpec] = {}

    def _refresh(self) -> None:
        engine = self._engine
        listed = len(engine.pairs), len(engine.assets)
        if listed == self._listed:
            return
        self._listed = listed
        self._pairs = {
            name: pair for pair in engine.pairs.values() for name in (pair.rest_id, pair.altname, pair.symbol)
        }
        self._assets = {
            name: asset
            for asset in engine.assets.values()
            for name in (asset.rest_id, asset.altname, asset.code)
        }
        self._by_symbol = dict(engine.pairs)

    def pair(self, name: object) -> PairSpec:
        """Return the pair of a name or raise ``EQuery:Unknown asset pair``."""
        self._refresh()
        pair = self._pairs.get(name) if isinstance(name, str) else None
        if pair is None:
            raise Reject("EQuery:Unknown asset pair")
        return pair

    def required_pair(self, params: Params) -> PairSpec:
        """Return the pair of a request that must name one."""
        if not params.get("pair"):
            raise Reject("EGeneral:Invalid arguments:pair")
        return self.pair(params["pair"])

    def pairs(self, params: Params) -> list[tuple[str, PairSpec]]:
        """Return the pairs of a comma list, each with the key of its answer; all without a list.

        The answer is keyed by pair id, except where the request used the modern symbol.
        """
        self._refresh()
        names = listed(params, "pair")
        if not names:
            return [(pair.rest_id, pair) for pair in self._by_symbol.values()]
        return [(answer_key(name, self.pair(name)), self.pair(name)) for name in names]

    def symbol_pair(self, symbol: str) -> PairSpec:
        """Return the pair of an order's symbol."""
        self._refresh()
        return self._by_symbol[symbol]

    def asset(self, name: object) -> AssetSpec:
        """Return the asset of a name or raise ``EQuery:Unknown asset``."""
        self._refresh()
        asset = self._assets.get(name) if isinstance(name, str) else None
        if asset is None:
            raise Reject("EQuery:Unknown asset")
        return asset


def answer_key(asked: object, pair: PairSpec) -> str:
    """Return the key under which an answer about a pair stands."""
    return pair.symbol if asked == pair.symbol else pair.rest_id


def listed(params: Params, name: str) -> list[str]:
    """Return a comma list (or a JSON list of texts, or of objects that name one), empty when absent."""
    value = params.get(name)
    if isinstance(value, list):
        return [_named(item) for item in value]
    return [part.strip() for part in str(value).split(",") if part.strip()] if value else []


def _named(item: object) -> str:
    """Return the pair of ``{"asset", "aclass"}`` or the order of ``{"txid"}``, which two pages show for plain texts."""
    return str(item.get("asset") or item.get("txid") or "" if isinstance(item, dict) else item)
