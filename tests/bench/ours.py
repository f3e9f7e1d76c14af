"""Tidewire's own road for the same bytes: codec, processor, stores. Nothing of it is left out or short-cut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.data.kraken.codec import Codec
from core.domain.events import BookEvent, Event
from core.domain.health import Line
from core.domain.ids import Symbol
from core.processing.processor import Processor
from core.processing.stores import Stores
from tests.bench.mixed import MixedTrace, instruments_frame
from tests.bench.peers import Top
from tests.bench.trace import BookTrace


class OurTerminal:
    """Codec and processor with the books of a trace expected, as after subscribing."""

    def __init__(self, depths: Mapping[str, int], instruments: bytes, stores: Stores | None = None) -> None:
        self.stores = stores or Stores.create()
        self.codec = Codec()
        self._processor = Processor(self.stores)
        self.run([instruments])
        for symbol, depth in depths.items():
            instrument = self.stores.instruments.get(Symbol(symbol))
            if instrument is None:
                raise AssertionError(f"{symbol} is not known")
            self.stores.books.expect(Symbol(symbol), depth, instrument)

    @classmethod
    def for_book(cls, trace: BookTrace) -> OurTerminal:
        return cls({trace.pair.symbol: trace.depth}, instruments_frame((trace.pair,)))

    @classmethod
    def for_mixture(cls, trace: MixedTrace) -> OurTerminal:
        terminal = cls(trace.depths, trace.setup[0])
        terminal.run(trace.setup[1:])
        return terminal

    def run_books(self, frames: list[bytes]) -> None:
        """Decode, apply, cut and verify, which is what a book of the peers does; the rest is the pipeline's row."""
        decode, apply = self.codec.decode, self.stores.books.apply
        for raw in frames:
            for event in decode(raw):
                if type(event) is not BookEvent or apply(event.change, event.snapshot, 1) is not None:
                    raise AssertionError(f"a faultless book was not applied: {raw!r}")

    def run(self, frames: list[bytes]) -> None:
        decode, apply = self.codec.decode, self._processor.apply
        for raw in frames:
            events = decode(raw)
            if not isinstance(events, list):
                raise AssertionError(f"market data was read as an answer: {raw!r}")
            if apply(Line.PUBLIC, 1, events, 1, 1):
                raise AssertionError(f"a faultless trace asked for something: {raw!r}")

    def take(self, raw: bytes) -> None:
        """Decode and apply one frame, as it comes from a socket."""
        events = self.codec.decode(raw)
        if isinstance(events, list):
            self.apply(events)

    def apply(self, events: Sequence[Event], epoch: int = 1, recv_ns: int = 1) -> None:
        effects = self._processor.apply(Line.PUBLIC, epoch, events, recv_ns, recv_ns)
        if effects:
            raise AssertionError(f"a faultless trace asked for {effects}")

    def top(self, symbol: str, count: int) -> Top:
        view = self.stores.books.view(Symbol(symbol))
        if view is None:
            raise AssertionError(f"{symbol} has no book")
        bids, asks = (
            [(float(price), float(qty)) for price, qty in levels]
            for levels in (view.bids(count), view.asks(count))
        )
        return bids, asks
