"""The words of the order grammar, and what is said about one that is not among them. Pure."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

from core.domain.instrument import Side
from core.domain.orders import OrderType

VERBS: dict[str, Side | str] = {
    "buy": Side.BUY,
    "sell": Side.SELL,
    "cancel": "cancel",
    "flatten": "flatten",
}
TYPES = {
    **{kind.value: kind for kind in OrderType if kind is not OrderType.SETTLE_POSITION},
    "@": OrderType.LIMIT,
    "stop": OrderType.STOP_LOSS,
    "stop-limit": OrderType.STOP_LOSS_LIMIT,
    "target": OrderType.TAKE_PROFIT,
    "target-limit": OrderType.TAKE_PROFIT_LIMIT,
    "trail": OrderType.TRAILING_STOP,
    "trail-limit": OrderType.TRAILING_STOP_LIMIT,
}
TERMS = {
    "post": "post_only",
    "post-only": "post_only",
    "reduce": "reduce_only",
    "reduce-only": "reduce_only",
    "gtc": "tif",
    "gtd": "tif",
    "ioc": "tif",
    "fok": "tif",
    "for": "for",
    "in": "in",
    "index": "reference",
    "last": "reference",
    "show": "show",
    "stp": "stp",
    "close": "close",
    "by": "by",
}
CLOSES = frozenset(
    {
        OrderType.LIMIT,
        OrderType.STOP_LOSS,
        OrderType.STOP_LOSS_LIMIT,
        OrderType.TAKE_PROFIT,
        OrderType.TAKE_PROFIT_LIMIT,
    }
)
PREVENTIONS = {"newest": "cancel_newest", "oldest": "cancel_oldest", "both": "cancel_both"}
CURRENCY_SIGNS = {"$": "USD", "€": "EUR", "£": "GBP"}
UNITS_S = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}


class GrammarError(Exception):
    """A line that is not understood. ``word`` stands at character ``at``; empty where the line ends too early.

    ``incomplete`` when more words could still make it whole.
    """

    def __init__(self, word: str, at: int, message: str, *, incomplete: bool = False) -> None:
        super().__init__(message)
        self.word = word
        self.at = at
        self.message = message
        self.incomplete = incomplete


def alike(word: str, known: Collection[str]) -> str:
    """Return a suggestion as a sentence with a space before it, empty when nothing is spelt like the word."""
    names = {name.lower(): name for name in known}
    found = get_close_matches(word.lower(), list(names), n=1, cutoff=0.6)
    return f" Did you mean {names[found[0]].lower()}?" if found else ""
