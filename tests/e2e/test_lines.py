"""The client's lines and REST calls against the embedded exchange, on real sockets."""

import asyncio
from decimal import Decimal

import msgspec
import pytest

from core.data.feed import UnifiedFeed
from core.data.kraken.codec import Codec
from core.data.kraken.endpoints import Credentials, Endpoints
from core.data.rest.client import RestClient
from core.data.ws.manager import LineManager
from core.domain.effects import ResyncBook
from core.domain.errors import OutcomeUnknown, Refused
from core.domain.events import (
    BalanceEvent,
    BookEvent,
    CandleEvent,
    InstrumentEvent,
    LineEvent,
    PongEvent,
    QueueEvent,
    SubscriptionEvent,
    TickerEvent,
    TradeEvent,
)
from core.domain.health import BookState, ConnectionState, Line
from core.domain.ids import OrderId, Symbol, new_cl_ord_id
from core.domain.instrument import Side
from core.domain.orders import (
    AmendRequest,
    CancelAllAfterRequest,
    CancelAllRequest,
    CancelRequest,
    OrderRequest,
    OrderStatus,
    OrderType,
)
from core.domain.subscription import (
    BALANCES,
    EXECUTIONS,
    INSTRUMENTS,
    book,
    candles,
    level3,
    ticker,
    trades,
)
from core.processing.processor import Processor
from core.processing.stores import Stores
from core.runtime.clock import NS_PER_S, SystemClock
from core.runtime.secrets import Secret
from core.sim.exchange import SimExchange
from tests.helpers.cable import cable_to
from tests.helpers.waiting import eventually

BTC, ETH = Symbol("BTC/USD"), Symbol("ETH/USD")
FAR_BELOW = Decimal("20000.0")


class Terminal:
    """Lines, REST and state, joined as the program joins them, without a window."""

    def __init__(self, exchange: SimExchange, endpoints: Endpoints) -> None:
        self.clock = SystemClock()
        self.codec = Codec()
        self.stores = Stores.create()
        self.processor = Processor(self.stores)
        key = Credentials(Secret(exchange.key), Secret(exchange.secret))
        self.rest = RestClient(endpoints, key, self.clock, seed=1)
        self.lines = LineManager(
            endpoints,
            self.codec,
            self.clock,
            self.rest.websockets_token,
            lambda *batch: self.feed.receive(*batch),
            lambda line, state: self.feed.line_moved(line, state),
            seed=1,
            lines=(Line.PUBLIC, Line.PRIVATE, Line.LEVEL3),
        )
        self.feed = UnifiedFeed(self.lines, self.clock, self._receive)
        self.events = []
        self.effects = []

    def _receive(self, line, epoch, events, now):
        self.events += events
        effects = self.processor.apply(line, epoch, events, now, self.clock.wall_ns())
        self.effects += effects
        for effect in effects:
            if isinstance(effect, ResyncBook):
                self.feed.resubscribe(book(effect.symbol, 10))

    def of(self, kind):
        return [event for event in self.events if isinstance(event, kind)]

    def state(self, line):
        return self.lines.status(line).state

    def order(self, request):
        return self.stores.orders.get(request.cl_ord_id)

    async def live(self, *lines):
        for line in lines:
            await eventually(lambda line=line: self.state(line) is ConnectionState.LIVE)

    async def watch_book(self, symbol, depth):
        await eventually(lambda: self.stores.instruments.get(symbol) is not None)
        self.stores.books.expect(symbol, depth, self.stores.instruments.get(symbol))
        self.feed.subscribe(book(symbol, depth))
        await eventually(lambda: self.stores.books.view(symbol).state is BookState.LIVE)
        return self.stores.books.view(symbol)

    async def send(self, command):
        return await self.lines.request(command, deadline_ns=self.clock.wall_ns() + 5 * NS_PER_S)

    async def stop(self):
        await self.lines.stop()
        await self.rest.close()


def endpoints_of(exchange):
    told = exchange.endpoints
    return Endpoints(
        public_ws=told.public_ws,
        private_ws=told.private_ws,
        level3_ws=told.l3_ws,
        public_rest=told.public_rest,
        private_rest=told.private_rest,
    )


def limit(price=FAR_BELOW, qty="0.01", **more):
    return OrderRequest(
        cl_ord_id=new_cl_ord_id(),
        symbol=BTC,
        side=Side.BUY,
        order_type=OrderType.LIMIT,
        qty=Decimal(qty),
        limit_price=price,
        **more,
    )


def market(side=Side.BUY, qty="0.01"):
    return OrderRequest(
        cl_ord_id=new_cl_ord_id(), symbol=BTC, side=side, order_type=OrderType.MARKET, qty=Decimal(qty)
    )


@pytest.fixture
async def exchange():
    async with SimExchange(seed=7) as exchange:
        yield exchange


@pytest.fixture
async def terminal(exchange):
    terminal = Terminal(exchange, endpoints_of(exchange))
    for sub in (EXECUTIONS, BALANCES, INSTRUMENTS):
        terminal.feed.subscribe(sub)
    await terminal.lines.start()
    yield terminal
    await terminal.stop()


async def test_everything_that_can_be_heard_is_heard(terminal):
    for sub in (ticker(BTC), book(BTC, 10), candles(BTC, 1), trades(BTC), level3(BTC, 10)):
        terminal.feed.subscribe(sub)

    kinds = (
        InstrumentEvent,
        TickerEvent,
        BookEvent,
        CandleEvent,
        TradeEvent,
        QueueEvent,
        BalanceEvent,
        PongEvent,
    )
    for kind in kinds:
        await eventually(lambda kind=kind: terminal.of(kind))
    await terminal.live(*terminal.lines.lines)

    assert all(event.active for event in terminal.of(SubscriptionEvent))
    assert terminal.stores.health.bad_data == {}
    assert [event.state for event in terminal.of(LineEvent) if event.line is Line.PRIVATE] == [
        ConnectionState.CONNECTING,
        ConnectionState.SUBSCRIBING,
        ConnectionState.LIVE,
    ]


@pytest.mark.parametrize("depth", [10, 100, 1000])
async def test_every_message_of_a_book_fits_its_checksum(terminal, depth):
    view = await terminal.watch_book(BTC, depth)

    await eventually(lambda: view.checksum_ok >= 25, timeout_s=15)

    assert (view.checksum_failed, view.resyncs) == (0, 0)
    assert view.best_bid[0] < view.best_ask[0]


async def test_a_book_can_be_renewed_in_flight(terminal):
    view = await terminal.watch_book(BTC, 10)
    snapshots = sum(event.snapshot for event in terminal.of(BookEvent))

    terminal.feed.resubscribe(book(BTC, 10))
    await eventually(lambda: sum(event.snapshot for event in terminal.of(BookEvent)) == snapshots + 1)

    assert view.checksum_failed == 0
    assert view.state is BookState.LIVE


async def test_an_unknown_pair_is_refused_in_words_and_the_rest_lives(terminal):
    wrong = book(Symbol("XBT/USD"), 10)
    terminal.feed.subscribe(wrong)
    terminal.feed.subscribe(book(ETH, 10))

    await eventually(lambda: terminal.of(BookEvent))

    refusals = [event for event in terminal.of(SubscriptionEvent) if not event.active]
    assert refusals == [SubscriptionEvent(wrong, False, "Currency pair not supported XBT/USD")]


async def test_an_order_lives_is_changed_and_is_cancelled(terminal):
    await terminal.live(Line.PRIVATE)
    request = limit(post_only=True)

    answer = await terminal.send(request)
    await eventually(lambda: terminal.order(request).status is OrderStatus.NEW)
    await terminal.send(
        AmendRequest(order_id=answer.order_id, limit_price=Decimal("20001.5"), post_only=True)
    )
    await eventually(lambda: terminal.order(request).limit_price == Decimal("20001.5"))
    await terminal.send(CancelRequest(order_id=answer.order_id))
    await eventually(lambda: terminal.order(request).status is OrderStatus.CANCELED)

    with pytest.raises(Refused, match="EOrder:Unknown order"):
        await terminal.send(CancelRequest(order_id=answer.order_id))


async def test_a_market_order_brings_its_fill_and_moves_the_balances(terminal):
    await terminal.live(Line.PRIVATE)
    request = market()

    await terminal.send(request)
    await eventually(lambda: terminal.order(request).status is OrderStatus.FILLED)

    order = terminal.order(request)
    assert order.missing_qty == 0
    assert sum(fill.qty for fill in order.fills.values()) == Decimal("0.01")
    await eventually(lambda: len([c for e in terminal.of(BalanceEvent) for c in e.changes]) >= 2)
    moved = {change.asset for event in terminal.of(BalanceEvent) for change in event.changes}
    assert moved == {"BTC", "USD"}


async def test_the_exchanges_no_is_told_with_its_reason(terminal):
    await terminal.live(Line.PRIVATE)

    with pytest.raises(Refused, match="Insufficient funds"):
        await terminal.send(limit(price=Decimal("60000.0"), qty="1000"))
    with pytest.raises(Refused, match=r"Invalid arguments|minimum"):
        await terminal.send(limit(qty="0.00000001"))


async def test_the_same_order_id_twice_is_doubt_because_the_first_one_rests(terminal):
    await terminal.live(Line.PRIVATE)
    request = limit()
    await terminal.send(request)

    with pytest.raises(OutcomeUnknown, match="not unique"):
        await terminal.send(request)

    await terminal.send(CancelAllRequest())
    await eventually(lambda: terminal.order(request).status is OrderStatus.CANCELED)


async def test_the_dead_mans_switch_is_armed_and_disarmed(terminal):
    await terminal.live(Line.PRIVATE)

    armed = await terminal.send(CancelAllAfterRequest(60))
    disarmed = await terminal.send(CancelAllAfterRequest(0))

    assert armed.trigger_ns > terminal.clock.wall_ns() + 50 * NS_PER_S
    assert disarmed.trigger_ns == 0


async def test_orders_by_rest_meet_the_stream_in_one_order(terminal):
    await terminal.live(Line.PRIVATE)
    request = limit()

    report = await terminal.rest.add_order(request, terminal.clock.wall_ns() + 5 * NS_PER_S)
    await eventually(lambda: terminal.order(request) or terminal.stores.orders.by_order_id(report.order_id))
    (queried,) = await terminal.rest.open_orders(request.cl_ord_id)
    await terminal.rest.cancel_order(CancelRequest(order_id=report.order_id))
    await eventually(
        lambda: terminal.stores.orders.by_order_id(report.order_id).status is OrderStatus.CANCELED
    )

    assert queried.symbol == BTC
    assert queried.limit_price == FAR_BELOW
    (closed,) = await terminal.rest.closed_orders(request.cl_ord_id, terminal.clock.wall_ns() - 60 * NS_PER_S)
    assert closed.status is OrderStatus.CANCELED


async def test_rest_gives_history_holdings_fills_and_fees(terminal):
    await terminal.live(Line.PRIVATE)
    request = market()
    await terminal.send(request)
    await eventually(lambda: terminal.order(request).status is OrderStatus.FILLED)
    await terminal.send(limit())

    history = await terminal.rest.candles(BTC, 5)
    prints = await terminal.rest.trades(BTC)
    holdings = {holding.asset: holding for holding in await terminal.rest.balances()}
    fills = await terminal.rest.trades_history(terminal.clock.wall_ns() - 60 * NS_PER_S)

    assert len(history) == 720
    assert [candle.begin for candle in history] == sorted(candle.begin for candle in history)
    assert len(prints) >= 500
    assert holdings["USD"].held >= Decimal("200")
    assert {fill.exec_id for fill in fills} == set(terminal.order(request).fills)
    assert abs(await terminal.rest.server_time() - terminal.clock.wall_ns()) < 3 * NS_PER_S


async def test_a_cut_cable_is_mended_and_nothing_is_resumed_blindly(exchange):
    async with cable_to(exchange.endpoints.private_ws) as cable:
        endpoints = msgspec.structs.replace(endpoints_of(exchange), private_ws=cable.url)
        terminal = Terminal(exchange, endpoints)
        for sub in (EXECUTIONS, BALANCES):
            terminal.feed.subscribe(sub)
        await terminal.lines.start()
        await terminal.live(Line.PRIVATE)
        request = limit()
        await terminal.send(request)

        cable.cut()
        await eventually(lambda: terminal.lines.status(Line.PRIVATE).epoch == 2)
        await terminal.live(Line.PRIVATE)

        assert terminal.order(request).status is OrderStatus.NEW
        answer = await terminal.send(CancelRequest(order_id=terminal.order(request).order_id))
        assert answer.success
        await terminal.stop()


async def test_a_pulled_cable_shows_within_seconds_and_an_order_on_it_is_doubt(exchange):
    async with cable_to(exchange.endpoints.private_ws) as cable:
        endpoints = msgspec.structs.replace(endpoints_of(exchange), private_ws=cable.url)
        terminal = Terminal(exchange, endpoints)
        terminal.feed.subscribe(EXECUTIONS)
        await terminal.lines.start()
        await terminal.live(Line.PRIVATE)

        cable.pull()
        doubtful = asyncio.create_task(terminal.send(limit()), name="doubtful")
        await eventually(lambda: terminal.state(Line.PRIVATE) is ConnectionState.STALE, timeout_s=5)
        with pytest.raises(OutcomeUnknown):
            await doubtful
        cable.plug()

        await eventually(lambda: terminal.lines.status(Line.PRIVATE).epoch == 2, timeout_s=10)
        await terminal.live(Line.PRIVATE)
        await terminal.stop()


async def test_a_lost_public_line_takes_its_books_along_and_brings_them_back(exchange):
    async with cable_to(exchange.endpoints.public_ws) as cable:
        terminal = Terminal(exchange, msgspec.structs.replace(endpoints_of(exchange), public_ws=cable.url))
        terminal.feed.subscribe(INSTRUMENTS)
        await terminal.lines.start()
        view = await terminal.watch_book(BTC, 10)

        cable.cut()
        await eventually(lambda: view.state is not BookState.LIVE)
        await eventually(lambda: view.state is BookState.LIVE)

        assert terminal.lines.status(Line.PUBLIC).epoch == 2
        assert view.checksum_failed == 0
        await terminal.stop()


async def test_an_order_nobody_knows_cannot_be_cancelled(terminal):
    await terminal.live(Line.PRIVATE)

    with pytest.raises(Refused):
        await terminal.send(CancelRequest(order_id=OrderId("OAAAAA-BBBBB-CCCCCC")))


@pytest.mark.qt
async def test_the_same_roads_hold_on_the_windows_own_loop():
    async with SimExchange(seed=7) as exchange:
        terminal = Terminal(exchange, endpoints_of(exchange))
        for sub in (EXECUTIONS, BALANCES, INSTRUMENTS, ticker(BTC)):
            terminal.feed.subscribe(sub)
        await terminal.lines.start()
        await terminal.live(Line.PRIVATE, Line.PUBLIC)
        view = await terminal.watch_book(BTC, 10)
        request = market()

        await terminal.send(request)
        await eventually(lambda: terminal.order(request).status is OrderStatus.FILLED)
        terminal.lines.reconnect(Line.PRIVATE)
        await eventually(lambda: terminal.lines.status(Line.PRIVATE).epoch == 2)
        await terminal.live(Line.PRIVATE)

        assert view.checksum_failed == 0
        assert {fill.exec_id for fill in await terminal.rest.trades_history(0)} == set(
            terminal.order(request).fills
        )
        await terminal.stop()
