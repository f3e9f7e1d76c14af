import json
from decimal import Decimal

import pytest

from core.data.kraken.answers import Answer
from core.data.kraken.codec import Codec
from core.data.ws.session import DEAD_NS, PING_EVERY_NS, STALE_NS, Session
from core.domain.errors import NotSent, OutcomeUnknown, Refused
from core.domain.events import AnswerEvent, BadDataEvent, LineEvent, PongEvent, SubscriptionEvent
from core.domain.health import ConnectionState, Line
from core.domain.ids import ClOrdId, OrderId, Symbol
from core.domain.instrument import Side
from core.domain.orders import (
    AmendRequest,
    BatchAddRequest,
    CancelRequest,
    OrderRequest,
    OrderStatus,
    OrderType,
)
from core.domain.subscription import BALANCES, EXECUTIONS, ticker
from core.runtime.clock import NS_PER_MS, NS_PER_S

HEARTBEAT = b'{"channel":"heartbeat"}'
OWN_ID = ClOrdId("6d1b345e-2821-40e2-ad83-4ecb18a06876")
OTHER_ID = ClOrdId("0835958d-c526-4ad8-aea8-af54836de47e")
DEADLINE = 1_800_000_000 * NS_PER_S


def order(cl_ord_id=OWN_ID):
    return OrderRequest(
        cl_ord_id=cl_ord_id,
        symbol=Symbol("BTC/USD"),
        side=Side.BUY,
        order_type=OrderType.LIMIT,
        qty=Decimal(1),
        limit_price=Decimal(100),
    )


class Talk:
    """A private session, its clock, and the exchange's side of the conversation."""

    def __init__(self, *wanted, line=Line.PRIVATE):
        self.session = Session(line, Codec())
        self.now = 1_000 * NS_PER_S
        self.outcomes = []
        for sub in wanted:
            self.session.subscribe(sub)
        self.events = self.session.opened(self.now, "token")

    def say(self, **frame):
        return self.hear(json.dumps(frame).encode())

    def hear(self, raw):
        events = self.session.receive(raw, self.now, DEADLINE)
        self.events += events
        return events

    def wait(self, ns, step=250 * NS_PER_MS, between=None):
        """Tick through a span; ``between`` is said at every step."""
        events = []
        for _ in range(ns // step):
            self.now += step
            if between is not None:
                events += self.hear(between)
            events += self.session.tick(self.now)
        self.events += events
        return events

    def sent(self):
        return [json.loads(frame) for frame in self.session.outgoing(self.now)]

    def accept_all(self):
        while asked := [frame for frame in self.sent() if frame["method"] == "subscribe"]:
            for frame in asked:
                self.say(
                    method="subscribe",
                    req_id=frame["req_id"],
                    success=True,
                    result={"channel": frame["params"]["channel"]},
                )
        for channel in ("executions", "balances"):
            self.say(channel=channel, type="snapshot", data=[], sequence=1)
        return self

    def request(self, command, lasts_ns=6 * NS_PER_S):
        req_id, frame = self.session.request(command, DEADLINE, self.now + lasts_ns, self.outcomes.append)
        assert json.loads(frame)["req_id"] == req_id
        return req_id

    @property
    def states(self):
        return [event.state for event in self.events if isinstance(event, LineEvent)]


@pytest.fixture
def live():
    return Talk(EXECUTIONS, BALANCES).accept_all()


def test_a_line_is_live_once_everything_wanted_was_answered():
    talk = Talk(EXECUTIONS, BALANCES)
    assert talk.session.state is ConnectionState.SUBSCRIBING

    talk.accept_all()

    assert talk.states == [ConnectionState.SUBSCRIBING, ConnectionState.LIVE]


def test_a_line_that_wants_nothing_is_live_at_once():
    assert Talk(line=Line.PUBLIC).session.state is ConnectionState.LIVE


def test_the_first_frame_is_a_ping_and_the_next_one_comes_in_fifteen_seconds(live):
    talk = Talk(EXECUTIONS)

    assert talk.sent()[0] == {"method": "ping", "req_id": 1}
    assert "ping" not in [frame["method"] for frame in talk.sent()]
    talk.wait(PING_EVERY_NS, between=HEARTBEAT)
    assert talk.sent()[0]["method"] == "ping"


def test_a_pong_tells_round_trip_and_clocks(live):
    talk = Talk(ticker(Symbol("BTC/USD")), line=Line.PUBLIC)
    ping = talk.sent()[0]
    talk.now += 20 * NS_PER_MS

    (event,) = talk.say(
        method="pong", req_id=ping["req_id"], time_in="2027-01-15T08:00:01Z", time_out="2027-01-15T08:00:01Z"
    )

    assert isinstance(event, PongEvent)
    assert event.rtt_ns == 20 * NS_PER_MS
    assert event.recv_wall == DEADLINE
    assert talk.session.offset_ns == event.time_in - (DEADLINE - 10 * NS_PER_MS)


def test_a_pong_nobody_asked_for_says_nothing(live):
    assert live.say(method="pong", req_id=12345) == []


def test_a_pong_without_its_number_answers_the_one_ping_that_waits(live):
    live.wait(PING_EVERY_NS, between=HEARTBEAT)
    assert [frame["method"] for frame in live.sent()] == ["ping"]
    live.now += 40 * NS_PER_MS

    (pong,) = live.say(method="pong")

    assert pong.rtt_ns == 40 * NS_PER_MS
    assert live.say(method="pong") == []


def test_silence_makes_a_line_stale_then_useless_and_pongs_do_not_help(live):
    live.wait(STALE_NS, between=b'{"method":"pong","req_id":1}')

    assert live.session.state is ConnectionState.STALE
    live.wait(DEAD_NS - STALE_NS)
    assert live.session.broken.startswith("no frame")


def test_a_frame_wakes_a_stale_line(live):
    live.wait(STALE_NS)

    events = live.hear(HEARTBEAT)

    assert [event.state for event in events] == [ConnectionState.LIVE]


def test_heartbeats_keep_a_line_live(live):
    live.wait(60 * NS_PER_S, between=HEARTBEAT)

    assert live.session.state is ConnectionState.LIVE
    assert not live.session.broken


def test_a_stall_of_our_own_loop_is_not_held_against_the_line(live):
    live.wait(10 * NS_PER_S, step=10 * NS_PER_S)

    assert not live.session.broken
    assert live.session.state is ConnectionState.LIVE


def test_without_subscriptions_pongs_are_the_only_life_there_is():
    talk = Talk(line=Line.PUBLIC)
    talk.wait(20 * NS_PER_S)
    assert not talk.session.broken

    talk.wait(6 * NS_PER_S)

    assert talk.session.broken.startswith("no answer to pings")


def test_an_accepted_order_settles_its_request_and_is_told_as_an_event(live):
    req_id = live.request(order())

    (event,) = live.say(
        method="add_order",
        req_id=req_id,
        success=True,
        result={"order_id": "OAAAAA-BBBBB-CCCCCC", "cl_ord_id": OWN_ID},
    )

    (outcome,) = live.outcomes
    assert isinstance(outcome, Answer)
    assert isinstance(event, AnswerEvent)
    assert event.report is not None
    assert event.report.order_id == "OAAAAA-BBBBB-CCCCCC"
    assert event.report.status is OrderStatus.PENDING_NEW
    assert (event.report.symbol, event.report.side) == ("BTC/USD", Side.BUY)
    assert not event.late


def test_an_answer_without_request_id_is_found_by_the_orders_own_id(live):
    live.request(order(OTHER_ID))
    live.request(order())

    live.say(method="add_order", success=True, result={"order_id": "O1", "cl_ord_id": OWN_ID})

    (outcome,) = live.outcomes
    assert outcome.order_id == "O1"


@pytest.mark.parametrize(
    ("method", "command"),
    [
        ("amend_order", AmendRequest(order_id=OrderId("O1"), qty=Decimal(2))),
        ("cancel_order", CancelRequest(order_id=OrderId("O1"))),
        ("cancel_order", CancelRequest(cl_ord_id=OWN_ID)),
    ],
)
def test_a_change_is_answered_without_request_id_by_the_order_it_names(live, method, command):
    live.request(command)
    kind = "order_id" if getattr(command, "order_id", None) else "cl_ord_id"

    live.say(method=method, success=True, result={kind: "O2" if kind == "order_id" else OTHER_ID})
    live.say(method=method, success=False, error="EOrder:Unknown order")
    assert live.outcomes == []
    live.say(method=method, success=True, result={kind: "O1" if kind == "order_id" else OWN_ID})

    assert live.outcomes[0].success


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("EOrder:Insufficient funds", Refused),
        ("EGeneral:Invalid arguments:cl_ord_id not unique", OutcomeUnknown),
        ("EService:Unavailable", OutcomeUnknown),
        ("EService:Deadline elapsed", OutcomeUnknown),
        ("never heard of", OutcomeUnknown),
        ("EAPI:Invalid token", NotSent),
    ],
)
def test_a_failed_answer_ends_the_request_by_what_it_proves(live, error, kind):
    req_id = live.request(order())

    live.say(method="add_order", req_id=req_id, success=False, error=error)

    (outcome,) = live.outcomes
    assert type(outcome) is kind
    assert error in outcome.detail


def test_success_without_an_order_id_proves_nothing(live):
    req_id = live.request(order())

    live.say(method="add_order", req_id=req_id, success=True, result={})

    assert isinstance(live.outcomes[0], OutcomeUnknown)


def test_an_answer_to_another_method_does_not_settle_a_request(live):
    req_id = live.request(order())

    live.say(method="cancel_order", req_id=req_id, success=True, result={"order_id": "O"})

    assert live.outcomes == []


def test_a_request_is_unknown_when_its_time_is_up_and_a_late_answer_still_reaches_the_store(live):
    req_id = live.request(order(), lasts_ns=2 * NS_PER_S)
    live.wait(2 * NS_PER_S, between=HEARTBEAT)
    assert isinstance(live.outcomes[0], OutcomeUnknown)

    (event,) = live.say(method="add_order", req_id=req_id, success=True, result={"order_id": "O1"})

    assert len(live.outcomes) == 1
    assert event.late
    assert event.report.cl_ord_id == OWN_ID


def test_a_late_refusal_is_told_only_when_it_proves_something(live):
    for error, told in (("EOrder:Insufficient funds", True), ("EService:Busy", False)):
        req_id = live.request(order())
        live.session.forget(req_id)

        events = live.say(method="add_order", req_id=req_id, success=False, error=error)

        assert [event.error for event in events] == ([error] if told else [])


def test_an_accepted_order_nobody_here_remembers_is_told_all_the_same(live):
    (event,) = live.say(
        method="add_order", req_id=999, success=True, result={"order_id": "O1", "cl_ord_id": OWN_ID}
    )

    assert event.report.cl_ord_id == OWN_ID


def test_losing_the_line_leaves_every_open_request_unknown(live):
    live.request(order())
    live.request(CancelRequest(order_id=OrderId("O")))

    live.session.lost(live.now, "closed 1006")

    assert [type(outcome) for outcome in live.outcomes] == [OutcomeUnknown, OutcomeUnknown]


def test_an_answer_after_a_reconnect_is_late(live):
    req_id = live.request(order())
    live.session.lost(live.now, "closed")
    live.session.opened(live.now, "new token")

    (event,) = live.say(method="add_order", req_id=req_id, success=True, result={"order_id": "O1"})

    assert event.late
    assert live.session.epoch == 2


@pytest.mark.parametrize("state", ["subscribing", "stale", "backoff"])
def test_nothing_is_sent_unless_the_line_is_live(state):
    talk = Talk(EXECUTIONS, BALANCES)
    if state != "subscribing":
        talk.accept_all().wait(STALE_NS)
    if state == "backoff":
        talk.session.moved(ConnectionState.BACKOFF, talk.now, "lost")

    with pytest.raises(NotSent):
        talk.request(order())


def test_a_refused_token_ends_the_connection_once_other_requests_had_their_moment(live):
    first, _second = live.request(order()), live.request(order(OTHER_ID))

    live.say(method="add_order", req_id=first, success=False, error="Token(s) not found")
    live.wait(250 * NS_PER_MS, between=HEARTBEAT)
    assert not live.session.broken
    live.wait(NS_PER_S, between=HEARTBEAT)

    assert live.session.broken == "token refused"


def test_a_token_refused_at_subscribing_ends_the_connection_at_once():
    talk = Talk(EXECUTIONS)
    ask = talk.sent()[1]

    talk.say(
        method="subscribe",
        channel="executions",
        status="error",
        req_id=ask["req_id"],
        success=False,
        error="ESession:Invalid session",
    )

    assert talk.session.broken.startswith("token refused")


def test_each_leg_of_a_batch_is_told_by_its_own_id(live):
    req_id = live.request(BatchAddRequest(Symbol("BTC/USD"), (order(), order(OTHER_ID))))

    events = live.say(
        method="batch_add",
        req_id=req_id,
        success=False,
        result=[{"order_id": "O1"}, {"error": "EOrder:Insufficient funds"}],
    )

    assert [(event.cl_ord_id, event.report.order_id) for event in events] == [(OWN_ID, "O1")]
    assert [row.error for row in live.outcomes[0].rows] == ["", "EOrder:Insufficient funds"]


def test_bad_data_are_counted_told_and_logged_once(live, expect_logs):
    expect_logs("core.data.ws.session", "bad data line=private")
    events = [event for _ in range(3) for event in live.hear(b"<html>")]

    assert [type(event) for event in events] == [BadDataEvent] * 3
    assert live.session.bad_frames == 3
    assert live.session.state is ConnectionState.LIVE


def test_only_the_instrument_snapshot_may_be_huge(live, expect_logs):
    expect_logs("core.data.ws.session", "bad data")
    filler = b" " * (2 * 1024 * 1024)

    assert live.hear(b'{"channel":"heartbeat"' + filler + b"}")[0].reason.startswith("a frame of 2097")
    (event,) = live.hear(
        b'{"channel":"instrument","type":"snapshot","data":{"assets":[],"pairs":[]' + filler + b"}}"
    )
    assert event.snapshot


def test_an_error_without_an_address_is_told(live):
    (event,) = live.say(method="error", success=False, error="Malformed request")

    assert event == BadDataEvent("error", "Malformed request")


def test_the_acknowledgement_of_executions_tells_the_rate_limit():
    talk = Talk(EXECUTIONS)
    ask = talk.sent()[1]

    events = talk.say(
        method="subscribe",
        req_id=ask["req_id"],
        success=True,
        result={"channel": "executions", "maxratecount": 125},
    )

    assert events[0] == SubscriptionEvent(EXECUTIONS, True, "", 125)


def test_maintenance_is_remembered_for_the_way_back(live):
    live.say(channel="status", type="update", data=[{"system": "maintenance"}])

    assert live.session.system == "maintenance"
