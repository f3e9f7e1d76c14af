"""The pair on the desk in one line: last price, change, touch and the day's range."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtWidgets import QHBoxLayout, QWidget

from core.app.session import TradingSession
from core.domain.health import Freshness
from core.domain.ids import Symbol
from core.domain.market import Ticker
from core.domain.subscription import ticker
from core.processing.freshness import line_freshness
from gui import formats
from gui.symbol_link import SymbolLink
from gui.theme import active, figure_font, ui_font
from gui.widgets.figure_strip import Figure, FigureStrip
from gui.widgets.live_text import LiveText
from gui.widgets.panel import Attach, Panel
from gui.widgets.plain_text import PlainLabel
from gui.widgets.stale import channel_problem

LAST_SAMPLE, CHANGE_SAMPLE = "0.0000000000", "▲ +12.34%"


class QuoteView(Panel):
    """Headline of the linked symbol. Struck through while the line is not live."""

    def __init__(self, session: TradingSession, link: SymbolLink, parent: QWidget | None = None) -> None:
        super().__init__("Quote", parent)
        self.setMinimumSize(0, 0)
        self._session = session
        self._link = link
        self.symbol = PlainLabel(self)
        self.symbol.setFont(ui_font(1.25, bold=True))
        self.last = LiveText(figure_font(1.35, bold=True), LAST_SAMPLE, self)
        self.last.setAccessibleName(self.tr("Last price"))
        self.change = LiveText(figure_font(), CHANGE_SAMPLE, self)
        self.figures = FigureStrip(self.tr("Day figures"), self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 2, 8, 2)
        layout.setSpacing(12)
        for widget in (self.symbol, self.last, self.change):
            layout.addWidget(widget)
        layout.addSpacing(6)
        layout.addWidget(self.figures, 1)
        link.changed.connect(lambda _: self._symbol_changed())

    def attachments(self) -> list[Attach]:
        stores = self._session.stores
        return [
            lambda: self._session.market_data.watch(ticker(self._link.symbol)),
            lambda: stores.tickers.observe(self._quotes_changed),
            lambda: stores.health.observe(lambda _: self._show_trust()),
        ]

    def refresh(self) -> None:
        self.symbol.setText(formats.plain(self._link.symbol))
        quote = self._session.stores.tickers.get(self._link.symbol)
        if quote is None:
            self.last.show_text(formats.MISSING)
            self.change.show_text("")
            self.figures.show_figures([])
        else:
            self._show(quote)
        self._show_trust()

    def problem(self) -> str:
        quote = self._session.stores.tickers.get(self._link.symbol)
        return "" if quote is not None else f"no quote for {self._link.symbol}"

    def stale_reason(self, now: int) -> str:
        return channel_problem(self._session.stores, now, "ticker", self._link.symbol)

    def _symbol_changed(self) -> None:
        self.restart()
        self.refresh()

    def _quotes_changed(self, symbols: frozenset[Symbol]) -> None:
        quote = self._session.stores.tickers.get(self._link.symbol)
        if self._link.symbol in symbols and quote is not None:
            self._show(quote)

    def _show(self, quote: Ticker) -> None:
        digits = self._digits()
        self.last.show_text(formats.fixed(quote.last, digits))
        change = quote.change_pct or Decimal(0)
        sign = (change > 0) - (change < 0)
        arrow = "▲" if sign > 0 else "▼" if sign < 0 else "■"
        self.change.show_text(f"{arrow} {formats.percent(quote.change_pct)}")
        colour = active().signed(sign).name()
        self._colour(self.change, colour)
        self.figures.show_figures(self._day(quote, digits))

    def _day(self, quote: Ticker, digits: int) -> list[Figure]:
        def price(name: str, value: Decimal | None, colour: str = "text", hint: str = "") -> Figure:
            text = formats.fixed(value, digits)
            return Figure(self.tr(name), text, text, colour, hint)

        spread = quote.ask - quote.bid if quote.ask is not None and quote.bid is not None else None
        base, _, money = self._link.symbol.partition("/")
        turnover = quote.volume * quote.vwap if quote.volume is not None and quote.vwap is not None else None
        return [
            price("Bid", quote.bid, "buy", self.tr("Highest bid")),
            price("Ask", quote.ask, "sell", self.tr("Lowest ask")),
            price("Spread", spread, hint=self.tr("Ask minus bid")),
            price("High", quote.high, hint=self.tr("Highest price of 24 h")),
            price("Low", quote.low, hint=self.tr("Lowest price of 24 h")),
            Figure(
                self.tr("Volume"),
                f"{formats.compact(quote.volume)} {base} · {formats.compact(turnover)} {money}",
                f"12.3K {base} · 123M {money}",
                hint=self.tr("Traded in 24 h"),
            ),
            price("VWAP", quote.vwap, hint=self.tr("Average price of 24 h, weighted by volume")),
        ]

    def _show_trust(self) -> None:
        status = self._session.stores.health.market()
        now = self._session.clock.mono_ns()
        fresh = line_freshness(status, now) is Freshness.LIVE
        self.show_trust(now)
        self._colour(self.last, active().text if fresh else active().muted)

    def _digits(self) -> int:
        instrument = self._session.stores.instruments.get(self._link.symbol)
        return instrument.price_precision if instrument else 2

    @staticmethod
    def _colour(label: QWidget, colour: str) -> None:
        palette = label.palette()
        if palette.color(label.foregroundRole()).name() != colour:
            palette.setColor(label.foregroundRole(), colour)
            label.setPalette(palette)
