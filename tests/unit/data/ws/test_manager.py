import asyncio
import json
from decimal import Decimal
from http import HTTPStatus

import pytest

from core.data.kraken.codec import Codec
from core.data.ws.manager import LineManager
from core.domain.errors import NotSent, OutcomeUnknown, Refused
from core.domain.events import (
    BadDataEvent,
    BookEvent,
    LineEvent,
    SubscriptionEvent,
    TradeEvent,
)
from core.domain.health import ConnectionState, Line
from core.domain.ids import ClOrdId, OrderId, Symbol
from core.domain.instrument import Side
from core.domain.orders import CancelRequest, OrderRequest, OrderType
from core.domain.subscription import BALANCES, EXECUTIONS, book, level3, trades
from core.runtime.clock import NS_PER_S, SystemClock
from tests.helpers.scripted_exchange import scripted_exchange
from tests.helpers.waiting import eventually

BTC = Symbol("BTC/USD")
BOOK = (
    '{"channel":"book","type":"update","data":[{"symbol":"BTC/USD","bids":[],"asks":[{"price":1.5,"qty":%d.0}],'
    '"checksum":1}]}'
)
TRADE = (
    '{"channel":"trade","type":"update","data":[{"symbol":"BTC/USD","side":"sell","price":0.5,"qty":1.0,'
    '"ord_type":"market","trade_id":%d}]}'
)


ONE_A_SIDE = (Line.PUBLIC, Line.PRIVATE, Line.LEVEL3)


def unmoved(line, state):
    """Nobody minds the state of a line."""


class Listener:
    """Keeps what the manager hands up."""

    def __init__(self):
        self.batches = []

    def __call__(self, line, epoch, events, now):
        self.batches.append((line, epoch, list(events)))

    def of(self, kind):
        return [event for _, _, events in self.batches for event in events if isinstance(event, kind)]

    def states(self, line):
        return [event.state for event in self.of(LineEvent) if event.line is line]


@pytest.fixture
async def exchange():
    async with scripted_exchange() as exchange:
        yield exchange


@pytest.fixture
async def tokens():
    return []


@pytest.fixture
async def heard():
    return Listener()


@pytest.fixture
async def lines(exchange, tokens, heard):
    async def fetch_token():
        tokens.append(f"token-{len(tokens) + 1}")
        return tokens[-1]

    manager = LineManager(
        exchange.endpoints, Codec(), SystemClock(), fetch_token, heard, unmoved, seed=1, lines=ONE_A_SIDE
    )
    yield manager
    await manager.stop()


@pytest.fixture
async def public(exchange, heard):
    """Lines of a venue without a key: the public one alone."""
    manager = LineManager(
        exchange.endpoints, Codec(), SystemClock(), None, heard, unmoved, seed=1, lines=ONE_A_SIDE
    )
    yield manager
    await manager.stop()


def deadline_ns(seconds=5):
    return SystemClock().wall_ns() + int(seconds * NS_PER_S)


def order(cl_ord_id="6d1b345e-2821-40e2-ad83-4ecb18a06876"):
    return OrderRequest(
        cl_ord_id=ClOrdId(cl_ord_id),
        symbol=BTC,
        side=Side.BUY,
        order_type=OrderType.MARKET,
        qty=Decimal(1),
    )


async def open_private(lines):
    lines.subscribe(EXECUTIONS, Line.PRIVATE)
    lines.subscribe(BALANCES, Line.PRIVATE)
    await lines.start()
    await eventually(lambda: lines.status(Line.PRIVATE).state is ConnectionState.LIVE)


async def open_public(lines, *subs):
    for sub in subs:
        lines.subscribe(sub, sub.line)
    await lines.start()
    await eventually(lambda: lines.status(Line.PUBLIC).state is ConnectionState.LIVE)


async def test_the_account_is_asked_for_first_and_with_the_token(lines, exchange, tokens):
    await open_private(lines)

    private = [params for params in exchange.asked("subscribe") if "token" in params]
    assert [params["channel"] for params in private] == ["executions", "balances"]
    assert {params["token"] for params in private} == {"token-1"}


async def test_level3_connects_only_when_somebody_looks(lines, exchange):
    await open_public(lines, book(BTC, 10))
    assert lines.status(Line.LEVEL3).state is ConnectionState.CLOSED

    lines.subscribe(level3(BTC, 10), Line.LEVEL3)

    await eventually(lambda: lines.status(Line.LEVEL3).state is ConnectionState.LIVE)


async def test_frames_reach_the_listener_in_order_with_line_and_epoch(public, exchange, heard):
    await open_public(public, book(BTC, 10))

    for n in range(500):
        await exchange.say(BOOK % n)
    await eventually(lambda: len(heard.of(BookEvent)) == 500)

    assert [event.change.asks[0].qty for event in heard.of(BookEvent)] == list(range(500))
    assert {(line, epoch) for line, epoch, events in heard.batches if isinstance(events[0], BookEvent)} == {
        (Line.PUBLIC, 1)
    }


async def test_a_message_in_many_fragments_arrives_whole(public, exchange, heard):
    await open_public(public, trades(BTC))
    text = TRADE % 7

    async def pieces():
        for start in range(0, len(text), 20):
            yield text[start : start + 20]

    await exchange.say(pieces())

    await eventually(lambda: [event.trades[0].trade_id for event in heard.of(TradeEvent)] == [7])


async def test_an_order_is_answered(lines):
    await open_private(lines)

    answer = await lines.request(order(), deadline_ns=deadline_ns())

    assert answer.order_id == "OAAAAA-BBBBB-CCCCCC"


async def test_answers_find_their_requests_in_any_order(lines, exchange):
    await open_private(lines)
    held = []

    async def hold_two_then_answer_backwards(exchange, socket, frame):
        if frame["method"] != "add_order":
            return False
        held.append(frame)
        if len(held) == 2:
            for each in reversed(held):
                await exchange.accept(socket, each)
        return True

    exchange.reply = hold_two_then_answer_backwards
    first, second = order(), order("0835958d-c526-4ad8-aea8-af54836de47e")
    answers = await asyncio.gather(*(lines.request(o, deadline_ns=deadline_ns()) for o in (first, second)))

    assert [answer.cl_ord_id for answer in answers] == [first.cl_ord_id, second.cl_ord_id]


async def test_a_refusal_names_the_exchanges_reason(lines, exchange):
    await open_private(lines)

    async def refuse(exchange, socket, frame):
        if frame["method"] != "add_order":
            return False
        await socket.send(
            json.dumps(
                {"method": "add_order", "req_id": frame["req_id"], "error": "EOrder:Insufficient funds"}
            )
        )
        return True

    exchange.reply = refuse
    with pytest.raises(Refused, match="Insufficient funds"):
        await lines.request(order(), deadline_ns=deadline_ns())


async def test_a_close_between_write_and_answer_leaves_the_order_unknown(lines, exchange):
    await open_private(lines)

    async def close(exchange, socket, frame):
        if frame["method"] != "add_order":
            return False
        await socket.close(1001)
        return True

    exchange.reply = close
    with pytest.raises(OutcomeUnknown):
        await lines.request(order(), deadline_ns=deadline_ns())


async def test_no_answer_by_deadline_and_a_second_leaves_the_order_unknown(lines, exchange):
    await open_private(lines)

    async def swallow(exchange, socket, frame):
        return frame["method"] == "add_order"

    exchange.reply = swallow
    started = SystemClock().mono_ns()
    with pytest.raises(OutcomeUnknown, match="in time"):
        await lines.request(order(), deadline_ns=deadline_ns(0.5))

    assert 1.0 <= (SystemClock().mono_ns() - started) / NS_PER_S <= 3.0


async def test_before_the_line_is_live_and_after_the_deadline_nothing_is_sent(lines, exchange):
    with pytest.raises(NotSent):
        await lines.request(order(), deadline_ns=deadline_ns())
    await open_private(lines)

    with pytest.raises(NotSent, match="deadline"):
        await lines.request(order(), deadline_ns=deadline_ns(-1))

    assert exchange.asked("add_order") == []


async def test_a_cancelled_caller_leaves_nothing_behind(lines, exchange, heard):
    await open_private(lines)
    held = []

    async def hold(exchange, socket, frame):
        if frame["method"] == "cancel_order":
            held.append((socket, frame))
            return True
        return False

    exchange.reply = hold
    asking = asyncio.create_task(
        lines.request(CancelRequest(order_id=OrderId("O")), deadline_ns=deadline_ns()), name="asking"
    )
    await eventually(lambda: held)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking

    await exchange.accept(*held[0])
    assert (await lines.request(order(), deadline_ns=deadline_ns())).success


async def test_a_lost_line_comes_back_with_a_new_token_and_everything_wanted(lines, exchange, tokens, heard):
    await open_private(lines)

    await exchange.close(1001, "CloudFlare WebSocket proxy restarting")
    await eventually(lambda: lines.status(Line.PRIVATE).epoch == 2)
    await eventually(lambda: lines.status(Line.PRIVATE).state is ConnectionState.LIVE)

    assert tokens[:2] == ["token-1", "token-2"]
    again = [params["token"] for params in exchange.asked("subscribe") if params["channel"] == "executions"]
    assert again == ["token-1", "token-2"]
    lost = next(event for event in heard.of(LineEvent) if event.state is ConnectionState.BACKOFF)
    assert "1001 CloudFlare" in lost.reason


async def test_a_refused_token_is_replaced_and_the_order_may_take_the_other_road(lines, exchange, tokens):
    await open_private(lines)

    async def refuse(exchange, socket, frame):
        if frame["method"] != "add_order" or frame["params"]["token"] != "token-1":
            return False
        await socket.send(
            json.dumps({"method": "add_order", "req_id": frame["req_id"], "error": "Token(s) not found"})
        )
        return True

    exchange.reply = refuse
    with pytest.raises(NotSent):
        await lines.request(order(), deadline_ns=deadline_ns())
    await eventually(lambda: lines.status(Line.PRIVATE).epoch == 2)
    await eventually(lambda: lines.status(Line.PRIVATE).state is ConnectionState.LIVE)

    assert (await lines.request(order(), deadline_ns=deadline_ns())).success
    assert tokens[-1] == "token-2"


async def test_a_closed_door_is_told_in_words(public, exchange, heard):
    exchange.status = HTTPStatus.TOO_MANY_REQUESTS
    public.subscribe(book(BTC, 10), Line.PUBLIC)
    await public.start()

    await eventually(lambda: ConnectionState.BACKOFF in heard.states(Line.PUBLIC))

    reasons = [event.reason for event in heard.of(LineEvent) if event.state is ConnectionState.BACKOFF]
    assert reasons == ["refused with HTTP 429"]


async def test_nobody_listening_is_a_reason_in_words(heard, exchange):
    unused = exchange.endpoints.public_rest.replace("http", "ws") + "/v2"
    endpoints = type(exchange.endpoints)(
        public_ws=unused, private_ws=unused, level3_ws=unused, public_rest=unused, private_rest=unused
    )
    lines = LineManager(endpoints, Codec(), SystemClock(), None, heard, unmoved, lines=ONE_A_SIDE)
    await lines.start()

    await eventually(lambda: lines.status(Line.PUBLIC).state is ConnectionState.BACKOFF)

    assert lines.status(Line.PUBLIC).reason.startswith("cannot connect")
    assert lines.lines == (Line.PUBLIC,)
    with pytest.raises(NotSent):
        await lines.request(order(), deadline_ns=deadline_ns())
    await lines.stop()


async def test_a_silent_line_turns_stale_and_is_replaced(public, exchange, heard):
    await open_public(public, book(BTC, 10))

    exchange.heartbeat = False
    await eventually(lambda: ConnectionState.STALE in heard.states(Line.PUBLIC), timeout_s=4)
    exchange.heartbeat = True

    await eventually(lambda: exchange.opened >= 1 and heard.states(Line.PUBLIC)[-1] == ConnectionState.LIVE)


async def test_rubbish_of_every_kind_does_not_end_the_line(public, exchange, heard, expect_logs):
    expect_logs("core.data.ws.session", "bad data")
    await open_public(public, book(BTC, 10))

    for rubbish in ("CloudFlare WebSocket proxy restarting", b"\xff\x00", "[" * 50_000, BOOK % -1):
        await exchange.say(rubbish)
    await exchange.say(BOOK % 3)
    await eventually(lambda: heard.of(BookEvent))

    assert len(heard.of(BadDataEvent)) == 4
    assert public.status(Line.PUBLIC).epoch == 1


async def test_a_frame_beyond_the_limit_costs_the_connection_and_nothing_else(public, exchange, heard):
    await open_public(public, book(BTC, 10))

    await exchange.say("x" * (16 * 1024 * 1024 + 1))

    await eventually(lambda: public.status(Line.PUBLIC).epoch == 2)
    assert any("1009" in event.reason for event in heard.of(LineEvent))


async def test_a_refused_subscription_is_told_and_left_alone(public, exchange, heard):
    async def refuse(exchange, socket, frame):
        if frame["method"] != "subscribe":
            return False
        await socket.send(
            json.dumps(
                {
                    "method": "subscribe",
                    "req_id": frame["req_id"],
                    "success": False,
                    "symbol": "XBT/USD",
                    "error": "Currency pair not supported XBT/USD",
                }
            )
        )
        return True

    exchange.reply = refuse
    wrong = book(Symbol("XBT/USD"), 10)
    await open_public(public, wrong)

    assert heard.of(SubscriptionEvent) == [
        SubscriptionEvent(wrong, False, "Currency pair not supported XBT/USD")
    ]
    assert len(exchange.asked("subscribe")) == 1


async def test_a_renewal_is_unsubscribe_acknowledgement_subscribe(public, exchange):
    await open_public(public, book(BTC, 10))

    public.resubscribe(book(BTC, 10), Line.PUBLIC)
    await eventually(lambda: len(exchange.asked("subscribe")) == 2)

    assert [frame["method"] for frame in exchange.received if frame["method"] != "ping"] == [
        "subscribe",
        "unsubscribe",
        "subscribe",
    ]


async def test_a_listener_that_fails_is_logged_and_the_flow_goes_on(exchange, expect_logs):
    expect_logs("core.runtime.tasks", "lines-drain")
    told = []

    def fragile(line, epoch, events, now):
        if isinstance(events[0], BookEvent) and not told:
            told.append("failed")
            raise ValueError("a bug above")
        told.extend(events)

    lines = LineManager(exchange.endpoints, Codec(), SystemClock(), None, fragile, unmoved, lines=ONE_A_SIDE)
    await open_public(lines, book(BTC, 10))
    told.clear()
    await exchange.say(BOOK % 1)
    await eventually(lambda: told == ["failed"])
    await exchange.say(BOOK % 2)

    await eventually(lambda: any(isinstance(event, BookEvent) for event in told))
    await lines.stop()


async def test_stopping_closes_every_line_quickly(lines, exchange, heard):
    await open_private(lines)
    started = SystemClock().mono_ns()

    await lines.stop()

    assert SystemClock().mono_ns() - started < 1.5 * NS_PER_S
    assert heard.states(Line.PRIVATE)[-1] is ConnectionState.CLOSED
    await eventually(lambda: exchange.sockets == [])


async def test_a_level3_line_nobody_looks_at_any_more_stays_closed_after_a_loss(lines, exchange, heard):
    lines.subscribe(level3(BTC, 10), Line.LEVEL3)
    await lines.start()
    await eventually(lambda: lines.status(Line.LEVEL3).state is ConnectionState.LIVE)

    lines.unsubscribe(level3(BTC, 10), Line.LEVEL3)
    await eventually(lambda: exchange.asked("unsubscribe"))
    lines.reconnect(Line.LEVEL3)

    await eventually(lambda: lines.status(Line.LEVEL3).state is ConnectionState.CLOSED)


async def test_a_token_that_cannot_be_had_is_the_reason_told(exchange, heard):
    async def no_token():
        raise Refused("EAPI:Invalid key")

    lines = LineManager(
        exchange.endpoints, Codec(), SystemClock(), no_token, heard, unmoved, seed=1, lines=ONE_A_SIDE
    )
    await lines.start()
    await eventually(lambda: lines.status(Line.PRIVATE).state is ConnectionState.BACKOFF)

    assert lines.status(Line.PRIVATE).reason == "no token: EAPI:Invalid key"
    assert lines.status(Line.PRIVATE).attempts == 1
    await lines.stop()


async def test_a_full_inbox_pauses_reading_and_loses_nothing(public, exchange, heard):
    await open_public(public, book(BTC, 10))
    public.inbox.bound = 20

    await asyncio.gather(*(exchange.say(BOOK % n) for n in range(400)))
    await eventually(lambda: len(heard.of(BookEvent)) == 400)

    assert [event.change.asks[0].qty for event in heard.of(BookEvent)] == list(range(400))
    assert public.inbox.pauses > 0
    assert not public.reading_paused
