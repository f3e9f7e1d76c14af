"""Price alerts: told once when a pair trades at a price or beyond, and kept in a file until then."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import msgspec

from core.app.market_data import MarketData
from core.domain.errors import SettingsError
from core.domain.events import Event, TickerEvent, TradeEvent
from core.domain.health import Line
from core.domain.ids import Symbol
from core.domain.subscription import ticker
from core.processing.stores import Stores
from core.runtime.clock import Clock
from core.runtime.settings import replace_file

log = logging.getLogger(__name__)

MOST_ALERTS = 200
MOST_FILE_BYTES = 1 << 18


class PriceAlert(msgspec.Struct, frozen=True):
    """Waits for ``price`` (quote): from below when ``rising``, from above when not, unknown before the first quote."""

    number: int
    symbol: Symbol
    price: Decimal
    rising: bool | None = None

    def is_crossed_by(self, last: Decimal) -> bool:
        """Whether a trade at ``last`` is what it waits for."""
        if self.rising is None:
            return last == self.price
        return last >= self.price if self.rising else last <= self.price


class Crossing(msgspec.Struct, frozen=True):
    """An alert that came true, and the price that made it so."""

    alert: PriceAlert
    last: Decimal

    @property
    def text(self) -> str:
        """What happened, in words."""
        verb = "fell to" if self.alert.rising is False else "rose to" if self.alert.rising else "traded at"
        return f"{self.alert.symbol} {verb} {self.last:f}, alert at {self.alert.price:f}"


class PriceAlerts:
    """All alerts. Every print and quote of their pairs is looked at, not only the latest of a frame.

    An alert keeps its pair's ticker subscribed. One that was crossed while the program was away tells at once.
    """

    def __init__(self, stores: Stores, market_data: MarketData, clock: Clock) -> None:
        self._stores = stores
        self._market_data = market_data
        self._clock = clock
        self._alerts: dict[int, PriceAlert] = {}
        self._releases: dict[Symbol, Callable[[], None]] = {}
        self._observers: list[Callable[[], None]] = []
        self._tellers: list[Callable[[Crossing], None]] = []
        self._file: Path | None = None
        self._next = 1

    def all(self, symbol: Symbol | None = None) -> list[PriceAlert]:
        """Return the alerts that wait, of one pair if given, by price."""
        chosen = (alert for alert in self._alerts.values() if symbol in (None, alert.symbol))
        return sorted(chosen, key=lambda alert: (alert.symbol, alert.price))

    def observe(self, observer: Callable[[], None]) -> Callable[[], None]:
        """Call ``observer`` whenever the list changed, until the returned function is called."""
        return _listed(self._observers, observer)

    def tell(self, teller: Callable[[Crossing], None]) -> Callable[[], None]:
        """Call ``teller`` with each alert that came true, until the returned function is called."""
        return _listed(self._tellers, teller)

    def add(self, symbol: Symbol, price: Decimal) -> PriceAlert:
        """Wait for a price. SettingsError when there are too many; ValueError for a price that is none."""
        if not price > 0:
            raise ValueError(f"not a price: {price}")
        if len(self._alerts) >= MOST_ALERTS:
            text = f"There are {MOST_ALERTS} price alerts already. Remove one first."
            raise SettingsError(text, user_message=text)
        alert = PriceAlert(self._next, symbol, price, self._direction(symbol, price))
        self._next += 1
        self._alerts[alert.number] = alert
        self._changed()
        return alert

    def move(self, number: int, price: Decimal) -> None:
        """Wait for another price; nothing happens if the alert came true meanwhile."""
        alert = self._alerts.get(number)
        if alert is not None and price > 0 and price != alert.price:
            direction = self._direction(alert.symbol, price)
            self._alerts[number] = PriceAlert(number, alert.symbol, price, direction)
            self._changed()

    def remove(self, number: int) -> None:
        """Wait no longer."""
        if self._alerts.pop(number, None) is not None:
            self._changed()

    def keep_in(self, file: Path) -> None:
        """Take over the alerts of an earlier run and write every change into this file from now on.

        A file that cannot be read is set aside as ``.unreadable`` and said in the event log; it is never overwritten.
        """
        self._file = file
        try:
            found = _read(file)
        except (OSError, msgspec.DecodeError, ValueError) as problem:
            log.info("price alerts unreadable file=%s reason=%s", file, problem)
            self._note(f"{file.name} could not be read and was set aside: {problem}")
            self._set_aside(file)
            return
        for alert in found[:MOST_ALERTS]:
            kept = msgspec.structs.replace(alert, number=self._next)
            self._alerts[kept.number] = kept
            self._next += 1
        if found:
            self._settle()

    def listen(self, line: Line, events: Sequence[Event]) -> None:
        """Look at what a line brought (a listener of the pipeline)."""
        if self._alerts:
            for event in events:
                for symbol, last in _prices(event):
                    self._look(symbol, last)

    def _look(self, symbol: Symbol, last: Decimal) -> None:
        crossed = []
        for alert in [alert for alert in self._alerts.values() if alert.symbol == symbol]:
            if alert.is_crossed_by(last):
                del self._alerts[alert.number]
                crossed.append(Crossing(alert, last))
            elif alert.rising is None:
                self._alerts[alert.number] = msgspec.structs.replace(alert, rising=alert.price > last)
        if crossed:
            self._changed()
        for crossing in crossed:
            log.info("price alert %s", crossing.text)
            self._note(crossing.text)
            for teller in tuple(self._tellers):
                teller(crossing)

    def _set_aside(self, file: Path) -> None:
        try:
            file.replace(file.with_name(file.name + ".unreadable"))
        except OSError as problem:
            log.warning("price alerts stay unwritten file=%s reason=%s", file, problem)
            self._file = None

    def _direction(self, symbol: Symbol, price: Decimal) -> bool | None:
        quote = self._stores.tickers.get(symbol)
        return None if quote is None or quote.last is None else price > quote.last

    def _note(self, text: str) -> None:
        self._stores.health.note(self._clock.wall_ns(), "price alert", text)

    def _changed(self) -> None:
        self._settle()
        self._write()

    def _settle(self) -> None:
        wanted = {alert.symbol for alert in self._alerts.values()}
        for symbol in wanted - self._releases.keys():
            self._releases[symbol] = self._market_data.watch(ticker(symbol))
        for symbol in self._releases.keys() - wanted:
            self._releases.pop(symbol)()
        for observer in tuple(self._observers):
            observer()

    def _write(self) -> None:
        if self._file is None:
            return
        text = msgspec.json.format(msgspec.json.encode(self.all()), indent=2) + b"\n"
        try:
            replace_file(self._file, text)
        except OSError as problem:
            log.warning("price alerts not written file=%s reason=%s", self._file, problem)
            self._note(f"alerts are kept until you quit only: {self._file.name}: {problem.strerror}")


def _prices(event: Event) -> Iterator[tuple[Symbol, Decimal]]:
    if isinstance(event, TickerEvent):
        for quote in event.tickers:
            if quote.last is not None:
                yield quote.symbol, quote.last
    elif isinstance(event, TradeEvent) and not event.snapshot:  # a snapshot tells of prints long past
        for trade in event.trades:
            yield trade.symbol, trade.price


def _read(file: Path) -> list[PriceAlert]:
    if not file.exists():
        return []
    with file.open("rb") as opened:
        raw = opened.read(MOST_FILE_BYTES + 1)
    if len(raw) > MOST_FILE_BYTES:
        raise ValueError("it is too large")
    alerts = msgspec.json.decode(raw, type=list[PriceAlert])
    if not all(alert.price.is_finite() and alert.price > 0 for alert in alerts):
        raise ValueError("it holds a price that is none")
    return alerts


def _listed(listeners: list[Callable[..., None]], listener: Callable[..., None]) -> Callable[[], None]:
    listeners.append(listener)

    def stop() -> None:
        if listener in listeners:
            listeners.remove(listener)

    return stop
