"""A desk without an exchange: stores filled by hand with a plausible market, and services that only remember.

Everything follows from one seed. Times come from a manual clock that stands at a fixed moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from random import Random
from uuid import UUID

from core.app.account_audit import AccountAudit
from core.app.alerts import AlertEngine
from core.app.budgets import BreakerState, Budget, Vitals
from core.app.health_watch import rss_bytes
from core.app.live_guard import LiveGuard
from core.app.preflight import Preflight
from core.app.price_alerts import PriceAlerts
from core.app.profit_keeper import ProfitKeeper
from core.app.replay_session import NoJournal
from core.app.risk import RiskManager
from core.domain.account import Balance, Wallet
from core.domain.effects import Reconcile
from core.domain.events import (
    BalanceEvent,
    BookEvent,
    CandleEvent,
    Event,
    ExecutionEvent,
    InstrumentEvent,
    LineEvent,
    PongEvent,
    SubscriptionEvent,
    SystemStatusEvent,
    TickerEvent,
    TradeEvent,
)
from core.domain.health import ConnectionState, Line, LineStatus
from core.domain.ids import Asset, ClOrdId, ExecId, OrderId, Symbol
from core.domain.instrument import AssetInfo, Instrument, Side
from core.domain.market import BookChange, Candle, Level, Ticker, Trade
from core.domain.mode import Mode
from core.domain.orders import (
    Fee,
    Fill,
    OrderReport,
    OrderRequest,
    OrderStatus,
    OrderType,
    RequestFlag,
    TimeInForce,
    Trigger,
    order_from_request,
)
from core.domain.subscription import book, ticker
from core.domain.times import NS, format_ns
from core.processing.checksum import TOP, checksum, piece
from core.processing.processor import Processor
from core.processing.stores import Stores
from core.runtime.clock import ManualClock
from core.runtime.redaction import Redactor
from tests.helpers.automation import add_automation
from tests.helpers.remembering import (
    RememberingExecutor,
    RememberingFlattener,
    RememberingHistory,
    RememberingMarketData,
)

D = Decimal
BTC = Symbol("BTC/USD")
MINUTE = 60 * NS
HOUR = 60 * MINUTE

# symbol, last, change in percent, day volume (base), price digits, quantity digits, least quantity
LISTED = (
    ("BTC/USD", "61234.5", "1.84", "3121.4471", 1, 8, "0.00005"),
    ("ETH/USD", "3021.17", "-2.31", "28114.05", 2, 8, "0.001"),
    ("SOL/USD", "142.86", "4.02", "301882.7", 2, 8, "0.02"),
    ("XRP/USD", "0.52714", "-0.44", "21455102", 5, 8, "10"),
    ("ADA/USD", "0.384215", "0.91", "9331008", 6, 8, "13"),
    ("DOGE/USD", "0.1234567", "-5.12", "88210334", 7, 8, "40"),
    ("LTC/USD", "81.42", "0.12", "42117.3", 2, 8, "0.04"),
    ("DOT/USD", "6.1842", "-1.09", "512204.1", 4, 8, "0.8"),
    ("SHIB/USD", "0.00001773", "2.66", "91233480112", 8, 5, "200000"),
    ("ATOM/USD", "7.4121", "-0.07", "88231.4", 4, 8, "0.6"),
    ("USDT/USD", "0.99981", "0.01", "61220331", 5, 8, "5"),
    ("ETH/BTC", "0.04934", "-4.06", "1820.11", 5, 8, "0.001"),
)
OWNED = (("USD", "182417.4419"), ("BTC", "1.84120331"), ("ETH", "12.5"), ("SOL", "310.25"), ("USDT", "5000"))


class Desk:
    """What a window needs of a session. ``feed`` takes events as if a line had brought them."""

    def __init__(self, *, mode: Mode = Mode.DEMO, seed: int = 7) -> None:
        self.mode = mode
        self.profile = "default"
        self.journal = NoJournal()
        self.redactor = Redactor()
        self.clock = ManualClock()
        self.stores = Stores.create()
        self.live = LiveGuard(mode, self.stores.health, self.clock)
        self.notes: list[tuple[str, str]] = []
        self.preflight = Preflight(
            self.live, self.stores, lambda source, text: self.notes.append((source, text))
        )
        if mode is Mode.LIVE:
            self.preflight.trade_anyway("a desk filled by hand")
        self.market_data = RememberingMarketData()
        self.history = RememberingHistory()
        self.executor = RememberingExecutor(self.stores, self.clock)
        self.flattener = RememberingFlattener(self.stores, self.executor, self.clock)
        self.risk = RiskManager(self.stores, self.clock)
        self.alerts = PriceAlerts(self.stores, self.market_data, self.clock)  # type: ignore[arg-type]
        self.alerting = AlertEngine(self.stores, self.clock)
        self.profit = ProfitKeeper(self.stores, self.market_data, self.clock, self.exchange_ns)  # type: ignore[arg-type]
        self.audit = AccountAudit(None, self.stores, None, self.clock, self.exchange_ns, print)  # type: ignore[arg-type]
        self.random = Random(seed)
        self.inputs: list[str] = []
        self.drill = None
        self._processor = Processor(self.stores)
        add_automation(self)

    def exchange_ns(self) -> int:
        return self.clock.wall_ns()

    def vitals(self) -> Vitals:
        breakers = dict.fromkeys(("trade", "query", "public"), BreakerState.CLOSED)
        return Vitals(Line.PRIVATE, breakers, -5_000_000, [Budget("REST calls", 3, 15, "a query 1")])

    def note_input(self, text: str) -> None:
        self.inputs.append(text)

    def feed(self, *events: Event, line: Line = Line.PUBLIC) -> None:
        effects = self._processor.apply(line, 1, events, self.clock.mono_ns(), self.clock.wall_ns())
        self.alerts.listen(line, events)
        assert all(isinstance(effect, Reconcile) for effect in effects), effects
        if effects:
            self.stores.health.verified_account()  # an exchange that agrees at once

    def flush(self) -> bool:
        return self.stores.flush_all()

    def instrument(self, symbol: Symbol = BTC) -> Instrument:
        found = self.stores.instruments.get(symbol)
        assert found is not None
        return found

    def uuid(self) -> UUID:
        return UUID(int=self.random.getrandbits(128), version=4)

    # Building the market.

    def describe(self) -> None:
        """Instruments and assets."""
        instruments = [_instrument(row) for row in LISTED]
        names = {name for instrument in instruments for name in (instrument.base, instrument.quote)}
        assets = [_asset(name) for name in sorted(names)]
        self.feed(
            SystemStatusEvent("online", "2.0.10"),
            InstrumentEvent(True, assets=assets, instruments=instruments),
        )

    def quote(self, symbol: Symbol, last: Decimal, change_pct: str = "0.10", volume: str = "1000") -> None:
        """One ticker around ``last``."""
        instrument = self.instrument(symbol)
        half = max(instrument.price_increment, instrument.show_price(last * D("0.00008")))
        change = D(change_pct)
        quote = Ticker(
            symbol=symbol,
            bid=instrument.show_price(last - half),
            bid_qty=D("1.5"),
            ask=instrument.show_price(last + half),
            ask_qty=D("0.8"),
            last=instrument.show_price(last),
            volume=D(volume),
            vwap=instrument.show_price(last * D("0.996")),
            low=instrument.show_price(last * D("0.97")),
            high=instrument.show_price(last * D("1.02")),
            change=instrument.show_price(last * change / 100),
            change_pct=change,
            trades=18422,
        )
        self.feed(TickerEvent(True, [quote]))

    def show_book(self, symbol: Symbol = BTC, depth: int = 100) -> None:
        """A verified book of full depth around the last price."""
        instrument = self.instrument(symbol)
        quote = self.stores.tickers.get(symbol)
        assert quote is not None
        assert quote.bid is not None
        assert quote.ask is not None
        self.stores.books.expect(symbol, depth, instrument)
        bids = self._levels(instrument, quote.bid, depth, -1)
        asks = self._levels(instrument, quote.ask, depth, 1)
        change = BookChange(
            symbol=symbol,
            bids=[Level(float(price), float(qty)) for price, qty in bids],
            asks=[Level(float(price), float(qty)) for price, qty in asks],
            checksum=book_checksum(asks, bids, instrument),
            timestamp=format_ns(self.clock.wall_ns()),
        )
        self.feed(BookEvent(True, change), SubscriptionEvent(book(symbol, depth), True))

    def _levels(
        self, instrument: Instrument, best: Decimal, depth: int, step: int
    ) -> list[tuple[Decimal, Decimal]]:
        price, levels = best, []
        scale = D(20_000) / best
        for at in range(depth):
            qty = scale * D(str(round(self.random.lognormvariate(0, 0.9) * (1 + at / 40), 4)))
            exact = max(qty, instrument.qty_min).quantize(D(1).scaleb(-instrument.qty_precision))
            levels.append((instrument.show_price(price), exact))
            price += step * instrument.price_increment * self.random.choice((1, 1, 2, 3, 7))
        return levels

    def print_trades(self, symbol: Symbol = BTC, count: int = 300) -> None:
        """Public prints of the last minutes, oldest first."""
        instrument = self.instrument(symbol)
        quote = self.stores.tickers.get(symbol)
        assert quote is not None
        assert quote.last is not None
        price, now = quote.last, self.clock.wall_ns()
        prints = []
        for at in range(count):
            price += instrument.price_increment * self.random.choice((-9, -4, -1, 0, 0, 1, 4, 9))
            size = D(str(round(self.random.lognormvariate(-3, 1.4), 6))) * D(60_000) / quote.last
            prints.append(
                Trade(
                    symbol=symbol,
                    side=self.random.choice(list(Side)),
                    price=instrument.show_price(price),
                    qty=size.quantize(D(1).scaleb(-instrument.qty_precision)),
                    ord_type="market",
                    trade_id=70_000_000 + at,
                    timestamp=format_ns(now - (count - at) * NS // 2),
                )
            )
        self.feed(TradeEvent(True, prints))

    def chart(self, symbol: Symbol = BTC, interval: int = 1, count: int = 400) -> None:
        """Candles that end at the last price now."""
        instrument = self.instrument(symbol)
        quote = self.stores.tickers.get(symbol)
        assert quote is not None
        assert quote.last is not None
        span = interval * MINUTE
        begin = self.clock.wall_ns() // span * span
        close, candles = quote.last, []
        for back in range(count):
            drift = D(str(round(self.random.gauss(0, 0.0011), 6)))
            open_ = close * (1 + drift)
            top, bottom = max(open_, close), min(open_, close)
            wick = D(str(abs(round(self.random.gauss(0, 0.0005), 6))))
            volume = D(str(round(self.random.lognormvariate(1.2, 0.8), 6)))
            figures = (open_, top * (1 + wick), bottom * (1 - wick), close, (top + bottom) / 2)
            shown = [instrument.show_price(figure) for figure in figures]
            candles.append(
                Candle(
                    symbol=symbol,
                    interval=interval,
                    begin=begin - back * span,
                    open=shown[0],
                    high=shown[1],
                    low=shown[2],
                    close=shown[3],
                    vwap=shown[4],
                    volume=volume,
                    trades=int(volume * 8) + 1,
                )
            )
            close = open_
        self.feed(CandleEvent(True, candles[::-1]))

    # Building the account.

    def own(self, balances: Sequence[tuple[str, str]] = OWNED) -> None:
        """Balances, verified."""
        rows = [
            Balance(asset=Asset(name), total=D(total), wallets=(Wallet("spot", "main", D(total)),))
            for name, total in balances
        ]
        self.feed(BalanceEvent(True, 1, rows, []), line=Line.PRIVATE)
        self.stores.health.verified_account()

    def place(self, side: Side, qty: str, price: str | None, **fields: object) -> OrderRequest:
        """One of our orders, acknowledged by the exchange as open."""
        request = self.intend(side, qty, price, **fields)
        self.report(request, status=OrderStatus.NEW, exec_type="new")
        return request

    def intend(self, side: Side, qty: str, price: str | None, **fields: object) -> OrderRequest:
        """One of our orders that left a moment ago and nobody has answered."""
        kind = OrderType.LIMIT if price is not None else OrderType.MARKET
        terms = {
            "symbol": BTC,
            "order_type": kind,
            "limit_price": D(price) if price is not None else None,
            **fields,
        }
        request = OrderRequest(cl_ord_id=ClOrdId(str(self.uuid())), side=side, qty=D(qty), **terms)
        self.clock.advance(s=1)
        self.stores.orders.add(order_from_request(request, self.clock.wall_ns()))
        self.stores.orders.took_road(request.cl_ord_id, "WS")
        return request

    def report(self, request: OrderRequest, **fields: object) -> None:
        """What the exchange says of an order."""
        said = {"exec_type": "restated", "ts": self.clock.wall_ns(), **fields}
        report = OrderReport(order_id=order_id(request), cl_ord_id=request.cl_ord_id, **said)
        self.stores.orders.report(report)
        self.stores.balances.orders_changed()

    def fill(self, request: OrderRequest, qty: str, price: str, *, number: int, maker: bool = True) -> None:
        """One execution of an order."""
        cost = D(qty) * D(price)
        fee = Fee(Asset("USD"), (cost * D("0.0025" if maker else "0.0040")).quantize(D("0.00001")))
        execution = Fill(
            exec_id=ExecId(f"TX{number:04d}-EXEC{number:02d}-KRAKEN"),
            order_id=order_id(request),
            symbol=request.symbol,
            side=request.side,
            qty=D(qty),
            price=D(price),
            cost=cost,
            fees=(fee,),
            liquidity="m" if maker else "t",
            trade_id=number,
            ts=self.clock.wall_ns() - number * NS,
            cl_ord_id=request.cl_ord_id,
        )
        self.report(request, exec_type="trade", fill=execution)

    def trade_a_little(self) -> None:
        """Orders in every state a trader meets on a normal day, and some they hope not to."""
        buy, sell = Side.BUY, Side.SELL
        done = self.place(buy, "0.25", "61180.0")
        self.fill(done, "0.1", "61180.0", number=1)
        self.fill(done, "0.15", "61180.0", number=2)
        self.report(done, exec_type="filled", status=OrderStatus.FILLED, cum_qty=D("0.25"))
        self.place(buy, "0.5", "60950.0", post_only=True)
        part = self.place(sell, "0.8", "61298.4")
        self.fill(part, "0.3125", "61298.4", number=3)
        stop = Trigger(D("59500.0"))
        self.place(sell, "0.4", "59450.0", order_type=OrderType.STOP_LOSS_LIMIT, trigger=stop)
        self.place(buy, "4", "2985.10", symbol=Symbol("ETH/USD"), time_in_force=TimeInForce.GTD)
        asked = self.place(sell, "120", "148.20", symbol=Symbol("SOL/USD"))
        known = self.stores.orders.get(asked.cl_ord_id)
        assert known is not None
        self.stores.orders.flag(known, cancel=RequestFlag.ASKED)
        gone = self.place(buy, "0.2", "60400.0")
        self.report(gone, exec_type="canceled", status=OrderStatus.CANCELED, reason="User requested")
        refused = self.intend(buy, "9", "61230.1")
        self.stores.orders.infer(refused.cl_ord_id, OrderStatus.REJECTED, "EOrder:Insufficient funds")
        doubt = self.intend(sell, "0.05", None)
        self.stores.orders.infer(doubt.cl_ord_id, OrderStatus.IN_DOUBT, "no answer")
        self.intend(buy, "0.01", "61200.0")

    # Building health.

    def connect(self, *, private: ConnectionState = ConnectionState.LIVE) -> None:
        """Lines in a state, a round trip measured, line 0 judged."""
        now, wall = self.clock.mono_ns(), self.clock.wall_ns()
        states = {Line.PUBLIC: ConnectionState.LIVE, Line.PRIVATE: private}
        for line, state in states.items():
            self.feed(LineEvent(line, state, now, 1), line=line)
            self.stores.health.set_line(
                LineStatus(
                    line=line, state=state, since=now, epoch=1, last_frame=now, rtt_ns=412_000, frames=90_210
                )
            )
        for rtt in (380_000, 412_000, 640_000):
            pong = PongEvent(Line.PUBLIC, rtt, wall - rtt // 2, wall - rtt // 2 + 9_000, wall)
            self.feed(pong)
        self.stores.health.rest = "ok"
        for cost in (1_900_000, 2_300_000, 3_100_000):
            self.stores.performance.frame_cost.add(cost)
        self.stores.performance.tick(now, queue_size=3, rss_bytes=rss_bytes(), cpu_percent=4.0)
        self.stores.performance.messages += 412
        self.stores.performance.tick(now + NS, queue_size=3, rss_bytes=rss_bytes(), cpu_percent=4.0)
        self.judge()

    def judge(self, *waiting: Symbol) -> None:
        """Have line 0 judged now."""
        stores = self.stores
        stores.health.judge(
            self.clock.mono_ns(),
            clock_known=stores.performance.clock_offset_ns is not None,
            waiting=list(waiting),
            queue_fill=0.0,
        )


def full_desk(*, mode: Mode = Mode.DEMO, seed: int = 7) -> Desk:
    """A desk in the middle of a trading day: every panel has something true to show."""
    desk = Desk(mode=mode, seed=seed)
    desk.describe()
    for name, last, change, volume, *_ in LISTED:
        desk.quote(Symbol(name), D(last), change, volume)
        desk.chart(Symbol(name), 60, 30)
        desk.feed(SubscriptionEvent(ticker(Symbol(name)), True))
    desk.show_book()
    desk.print_trades()
    desk.chart()
    desk.own()
    desk.feed(ExecutionEvent(True, 1, []), line=Line.PRIVATE)
    desk.trade_a_little()
    desk.connect()
    return desk


def order_id(request: OrderRequest) -> OrderId:
    """The id the exchange gave an order: made from ours."""
    text = request.cl_ord_id.replace("-", "").upper()
    return OrderId(f"O{text[:5]}-{text[5:10]}-{text[10:16]}")


def book_checksum(
    asks: Sequence[tuple[Decimal, Decimal]], bids: Sequence[tuple[Decimal, Decimal]], instrument: Instrument
) -> int:
    """The CRC32 the exchange would send with these levels."""

    def pieces(levels: Sequence[tuple[Decimal, Decimal]]) -> list[str]:
        digits, qty_digits = instrument.price_precision, instrument.qty_precision
        return [piece(f"{price:.{digits}f}") + piece(f"{qty:.{qty_digits}f}") for price, qty in levels[:TOP]]

    return checksum(pieces(asks), pieces(bids))


def _instrument(row: tuple[str, str, str, str, int, int, str]) -> Instrument:
    name, _, _, _, digits, qty_digits, least = row
    base, quote = name.split("/")
    return Instrument(
        symbol=Symbol(name),
        base=Asset(base),
        quote=Asset(quote),
        price_precision=digits,
        price_increment=D(1).scaleb(-digits),
        qty_precision=qty_digits,
        qty_increment=D(1).scaleb(-qty_digits),
        qty_min=D(least),
        cost_precision=5,
        cost_min=D("0.5"),
    )


def _asset(name: Asset) -> AssetInfo:
    money = name in ("USD", "EUR")
    return AssetInfo(asset=name, precision=4 if money else 10, precision_display=2 if money else 5)
