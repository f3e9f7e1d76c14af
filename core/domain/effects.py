"""What processing asks for. It decides and never acts; the pipeline carries these out."""

from __future__ import annotations

import msgspec

from core.domain.health import Line
from core.domain.ids import Symbol


class ResyncBook(msgspec.Struct, frozen=True):
    """Drop this book and subscribe again. ``exact`` asks the codec to decode the pair with ``Decimal`` from now on."""

    symbol: Symbol
    reason: str
    exact: bool = False


class ResyncQueue(msgspec.Struct, frozen=True):
    """Drop this level-3 book and subscribe again."""

    symbol: Symbol
    reason: str


class ResyncPrivate(msgspec.Struct, frozen=True):
    """Subscribe a private channel again on its line: a frame was lost (sequence gap) or could not be read."""

    channel: str
    line: Line
    reason: str


class Reconcile(msgspec.Struct, frozen=True):
    """Compare our account with the exchange's by query. ``fills`` asks for the history of fills too."""

    reason: str
    fills: bool = False


class RefetchCandles(msgspec.Struct, frozen=True):
    """Candles of this pair and interval have a hole; history by REST closes it."""

    symbol: Symbol
    interval: int


Effect = ResyncBook | ResyncQueue | ResyncPrivate | Reconcile | RefetchCandles
