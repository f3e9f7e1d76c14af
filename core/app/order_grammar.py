"""One typed line that says what is wanted: an order, a cancel, a flatten, or another pair on screen.

``buy 0.1 btc/usd limit 60000 post`` · ``sell 500usd eth/usd @ 3000 ioc`` · ``cancel btc/usd`` · ``flatten eth/usd``
An order reads: side, quantity and pair in any order, its type with its prices, then its terms. Pure; ``order_words``
holds the words.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, NamedTuple

import msgspec

from core.app.order_wishes import CancelWish, FlattenWish, OrderWish, ShowWish, Wish, assets_of
from core.app.order_words import (
    CLOSES,
    CURRENCY_SIGNS,
    PREVENTIONS,
    TERMS,
    TYPES,
    UNITS_S,
    VERBS,
    GrammarError,
    alike,
)
from core.app.ticket import TicketFields, build, parse_decimal
from core.domain.ids import Asset, Symbol
from core.domain.instrument import Instrument, Side
from core.domain.orders import OrderRequest, OrderType, TimeInForce

TRAILING = (OrderType.TRAILING_STOP, OrderType.TRAILING_STOP_LIMIT)
_AMOUNT = re.compile(r"([$€£]?)([\d.,]+)([a-z]\w*)?", re.IGNORECASE)
_DURATION = re.compile(r"(\d{1,9})([smhd]?)", re.IGNORECASE)


class _Word(NamedTuple):
    text: str
    at: int

    @property
    def low(self) -> str:
        return self.text.lower()


def parse(text: str, pairs: Collection[Symbol], shown: Symbol) -> Wish:
    """Return what a line asks for. ``shown`` is the pair on screen, meant where an order names none.

    Raises GrammarError that names the word.
    """
    words = [_Word(found[0], found.start()) for found in re.finditer(r"@|[^\s@]+", text)]
    return _Parser(words, len(text), pairs, shown).wish()


def request_of(wish: OrderWish, instrument: Instrument, now_ns: int) -> OrderRequest:
    """Return the order; ``now_ns`` is exchange time, ns UTC. Raises TicketError with what does not fit.

    An amount of quote currency with a limit price becomes the largest quantity it buys at that price.
    """
    return build(in_base(wish.fields, instrument), instrument, now_ns)


def in_base(fields: TicketFields, instrument: Instrument) -> TicketFields:
    """Return the fields with a quote amount turned into base where a limit price allows it, cut to the lot."""
    fixed = fields.order_type.has_limit and fields.order_type is not OrderType.TRAILING_STOP_LIMIT
    price, amount = parse_decimal(fields.limit_price), parse_decimal(fields.qty)
    if not (fields.qty_in_quote and fixed and price and amount):
        return fields
    qty = instrument.quantize_qty(amount / price)
    return msgspec.structs.replace(fields, qty=f"{qty.normalize():f}", qty_in_quote=False)


class _Parser:
    """Reads words from left to right; each field is set once."""

    def __init__(self, words: list[_Word], end: int, pairs: Collection[Symbol], shown: Symbol) -> None:
        self._words = words
        self._end = end
        self._next = 0
        self._pairs = {pair.upper(): pair for pair in pairs}
        self._shown = shown
        self._fields: dict[str, Any] = {}

    def wish(self) -> Wish:
        first = self._take("an order, a command or a pair")
        verb = VERBS.get(first.low)
        wish: Wish
        if isinstance(verb, Side):
            return self._order(verb)
        if verb == "cancel":
            where = self._take("a pair, or all")
            wish = CancelWish(None if where.low in ("all", "everything") else self._pair(where))
        elif verb == "flatten":
            wish = FlattenWish(self._pair(self._take("a pair")))
        else:
            wish = ShowWish(self._pair(first, [*VERBS, *self._pairs]))
        if (more := self._peek()) is not None:
            raise GrammarError(more.text, more.at, f"Nothing may follow here, but there is {more.text!r}.")
        return wish

    # Orders.

    def _order(self, side: Side) -> OrderWish:
        self._fields["side"] = side
        symbol = self._head()
        while (word := self._peek()) is not None:
            self._next += 1
            self._clause(word)
        if "order_type" not in self._fields:
            raise self._missing("a type: market, limit with a price, stop-loss, …")
        fields = TicketFields(**self._fields)
        self._complete(fields)
        return OrderWish(symbol, fields)

    def _head(self) -> Symbol:
        """Quantity, unit and pair, in any order."""
        symbol: Symbol | None = None
        units: list[tuple[_Word, str]] = []
        while (word := self._peek()) is not None and word.low not in TERMS and word.low not in TYPES:
            self._next += 1
            if pair := self._find(word.text.upper()):
                if symbol is not None:
                    raise GrammarError(word.text, word.at, f"{word.text!r} would be a second pair.")
                symbol = pair
            elif amount := _AMOUNT.fullmatch(word.text):
                units += self._quantity(word, amount)
            elif _asset(word.text.upper()) in self._knownassets_of():
                units.append((word, _asset(word.text.upper())))
            else:
                raise GrammarError(word.text, word.at, self._unknown(word, [*TYPES, *TERMS, *self._pairs]))
        if "qty" not in self._fields:
            raise self._missing("a quantity")
        symbol = symbol or self._pair_of(units)
        self._unit(symbol, units)
        return symbol

    def _quantity(self, word: _Word, amount: re.Match[str]) -> list[tuple[_Word, str]]:
        qty = self._value(word, amount[2])
        if "qty" in self._fields:
            raise GrammarError(word.text, word.at, f"{word.text!r} would be a second quantity.")
        self._fields["qty"] = qty
        names = (CURRENCY_SIGNS.get(amount[1], ""), _asset((amount[3] or "").upper()))
        return [(word, name) for name in names if name]

    def _pair_of(self, units: list[tuple[_Word, str]]) -> Symbol:
        """The pair on screen, unless an asset of another is named."""
        base, quote = assets_of(self._shown)
        for word, name in units:
            if name not in (base, quote):
                if pair := self._priced(name):
                    return pair
                raise GrammarError(word.text, word.at, self._unknown(word, self._pairs))
        return self._shown

    def _unit(self, symbol: Symbol, units: list[tuple[_Word, str]]) -> None:
        base, quote = assets_of(symbol)
        for word, name in units:
            if name not in (base, quote):
                text = f"{word.text!r} is neither {base} nor {quote}, the assets of {symbol}."
                raise GrammarError(word.text, word.at, text)
            self._fields["qty_in_quote"] = self._fields.get("qty_in_quote", False) or name == quote

    def _clause(self, word: _Word) -> None:
        kind = self._fields.get("order_type")
        limit_due = kind is not None and kind.has_limit and "limit_price" not in self._fields
        if word.low in ("limit", "@") and kind is not None:
            if not limit_due:
                count = "one" if kind.has_limit else "no"
                raise GrammarError(word.text, word.at, f"A {kind.value} order has {count} limit price.")
            self._put("limit_price", self._number("a limit price"), word)
        elif word.low in TYPES:
            self._type(word, TYPES[word.low])
        elif word.low == "close":
            self._close(word)
        elif word.low in TERMS:
            self._term(word)
        else:
            raise GrammarError(word.text, word.at, self._unknown(word, [*TYPES, *TERMS]))

    def _type(self, word: _Word, kind: OrderType) -> None:
        self._put("order_type", kind, word)
        if kind in (OrderType.LIMIT, OrderType.ICEBERG):
            self._put("limit_price", self._number("a limit price"), word)
        elif kind.has_trigger:
            self._trigger(word, kind)

    def _trigger(self, word: _Word, kind: OrderType) -> None:
        away = (after := self._peek()) is not None and after.low == "by"
        self._next += away
        value = self._take("a distance" if kind in TRAILING or away else "a trigger price")
        percent = value.text.endswith("%")
        self._put("trigger_price", self._value(value, value.text.rstrip("%")), word)
        relative = "pct" if percent else "quote" if away or kind in TRAILING else "static"
        self._fields["trigger_price_type"] = relative

    def _close(self, word: _Word) -> None:
        named = self._take("the type of the close order")
        kind = TYPES.get(named.low)
        if kind not in CLOSES:
            known = ", ".join(sorted(close.value for close in CLOSES))
            raise GrammarError(named.text, named.at, f"{named.text!r} cannot close an order; use {known}.")
        self._put("close_type", kind, word)
        if kind.has_trigger:
            self._fields["close_trigger"] = self._number("a trigger price")
        if kind.has_trigger and kind.has_limit:
            between = self._take("limit and a price")
            if between.low not in ("limit", "@"):
                raise GrammarError(between.text, between.at, f"Not {between.text!r}, but limit and a price.")
        if kind.has_limit:
            self._fields["close_limit"] = self._number("a limit price")

    def _term(self, word: _Word) -> None:
        match TERMS[word.low]:
            case "post_only" | "reduce_only" as flag:
                self._put(flag, True, word)
            case "tif":
                self._put("time_in_force", TimeInForce(word.low), word)
                if word.low == "gtd":
                    self._fields["expire_s"] = self._duration("how long, as 30m or 2h")
            case "for":
                self._put("time_in_force", TimeInForce.GTD, word)
                self._fields["expire_s"] = self._duration("how long, as 30m or 2h")
            case "in":
                self._put("start_s", self._duration("when, as 30m or 2h"), word)
            case "reference":
                self._put("trigger_reference", word.low, word)
            case "show":
                self._put("display_qty", self._number("a displayed quantity"), word)
            case "stp":
                self._put("stp_type", self._prevention(), word)
            case _:
                raise GrammarError(word.text, word.at, f"{word.text!r} does not stand here.")

    def _prevention(self) -> str:
        word = self._take("newest, oldest or both")
        if word.low not in PREVENTIONS:
            raise GrammarError(word.text, word.at, f"{word.text!r} is none of newest, oldest, both.")
        return PREVENTIONS[word.low]

    def _complete(self, fields: TicketFields) -> None:
        kind = fields.order_type
        if kind.has_limit and not fields.limit_price:
            raise self._missing("limit and a price")
        if kind is OrderType.ICEBERG and not fields.display_qty:
            raise self._missing("show and the displayed quantity")
        wrong = {
            "show": "display_qty" in self._fields and kind is not OrderType.ICEBERG,
            "index": fields.trigger_reference != "last" and not kind.has_trigger,
            "last": "trigger_reference" in self._fields and not kind.has_trigger,
        }
        for word in self._words:
            if wrong.get(word.low):
                raise GrammarError(
                    word.text, word.at, f"{word.text!r} does not belong to a {kind.value} order."
                )

    # Words.

    def _peek(self) -> _Word | None:
        return self._words[self._next] if self._next < len(self._words) else None

    def _take(self, expected: str) -> _Word:
        word = self._peek()
        if word is None:
            raise self._missing(expected)
        self._next += 1
        return word

    def _put(self, field: str, value: object, word: _Word) -> None:
        if field in self._fields:
            raise GrammarError(word.text, word.at, f"{word.text!r}: that was said before.")
        self._fields[field] = value

    def _number(self, expected: str) -> str:
        word = self._take(expected)
        return self._value(word, word.text.lstrip("$€£"))

    def _value(self, word: _Word, text: str) -> str:
        if parse_decimal(text) is None:
            raise GrammarError(word.text, word.at, f"{word.text!r} is not a number, or could mean two.")
        return _plain(text)

    def _duration(self, expected: str) -> int:
        word = self._take(expected)
        found = _DURATION.fullmatch(word.text)
        if found is None:
            raise GrammarError(
                word.text, word.at, f"{word.text!r} is no span of time; write 90s, 30m, 2h or 1d."
            )
        return int(found[1]) * UNITS_S[found[2].lower()]

    def _find(self, name: str) -> Symbol | None:
        """Return the pair written like this: with a slash, a dash, or nothing between its assets."""
        base, slash, quote = name.replace("-", "/").partition("/")
        if slash:
            return self._pairs.get(f"{_asset(base)}/{_asset(quote)}")
        joined = [pair for text, pair in self._pairs.items() if text.replace("/", "") == name]
        return joined[0] if len(joined) == 1 else None

    def _priced(self, asset: str) -> Symbol | None:
        """Return the pair of an asset in what the pair on screen is priced in, else in dollars."""
        quotes = (assets_of(self._shown)[1], "USD")
        return next((pair for quote in quotes if (pair := self._pairs.get(f"{asset}/{quote}"))), None)

    def _knownassets_of(self) -> set[str]:
        return {asset for pair in self._pairs for asset in pair.split("/")}

    def _pair(self, word: _Word, known: Collection[str] = ()) -> Symbol:
        name = word.text.upper()
        if found := self._find(name) or self._priced(_asset(name)):
            return found
        raise GrammarError(word.text, word.at, self._unknown(word, known or self._pairs))

    def _unknown(self, word: _Word, known: Collection[str]) -> str:
        what = "is no pair that is traded here" if "/" in word.text else "is not understood"
        return f"{word.text!r} {what}." + alike(word.low, known)

    def _missing(self, expected: str) -> GrammarError:
        return GrammarError("", self._end, f"Still missing: {expected}.", incomplete=True)


def _asset(name: str) -> Asset:
    return Asset({"XBT": "BTC", "XDG": "DOGE"}.get(name, name))


def _plain(text: str) -> str:
    value = parse_decimal(text)
    assert value is not None, "checked before"
    return f"{value:f}"
