from itertools import count

import pytest

from core.data.kraken.answers import Answer
from core.data.ws.subscriptions import ACK_TIMEOUT_NS, PACE_PAUSE_NS, Subscriptions
from core.domain.events import SubscriptionEvent
from core.domain.ids import Symbol
from core.domain.subscription import (
    BALANCES,
    EXECUTIONS,
    INSTRUMENTS,
    Subscription,
    book,
    candles,
    level3,
    ticker,
    trades,
)
from core.runtime.clock import NS_PER_S

BTC, ETH, SOL = Symbol("BTC/USD"), Symbol("ETH/USD"), Symbol("SOL/USD")


class Desk:
    """Subscriptions with a clock, and an exchange that answers when told."""

    def __init__(self, *wanted):
        self.subs = Subscriptions()
        self.now = NS_PER_S
        self.ids = count(1)
        for sub in wanted:
            self.subs.want(sub)

    def sent(self):
        return self.subs.outgoing(self.now, self.ids.__next__)

    def answer(self, ask, sub=None, error="", **more):
        symbol = sub.symbol if sub is not None and sub.symbol else None
        answer = Answer(
            method="subscribe", success=not error, req_id=ask.req_id, symbol=symbol, error=error, **more
        )
        return self.subs.acknowledged(answer, self.now)

    def accept(self, asks):
        return [event for ask in asks for sub in ask.subs for event in self.answer(ask, sub)]

    def settle(self):
        while asks := self.sent():
            self.accept(asks)
        return self

    def wait(self, ns):
        self.now += ns
        return self.subs.expire(self.now)


def test_classes_are_asked_in_order_each_acknowledged_before_the_next():
    desk = Desk(candles(BTC, 1), book(BTC, 10), ticker(BTC), INSTRUMENTS)

    high = desk.sent()
    assert [ask.subs[0].channel for ask in high] == ["ticker", "instrument"]
    assert desk.sent() == []
    desk.accept(high)
    medium = desk.sent()
    assert [ask.subs[0].channel for ask in medium] == ["book"]
    desk.accept(medium)
    low = desk.sent()
    assert [ask.subs[0].channel for ask in low] == ["ohlc"]
    desk.accept(low)
    assert desk.subs.settled


def test_symbols_of_one_kind_share_a_request_up_to_fifty():
    desk = Desk(*(book(Symbol(f"A{n}/USD"), 10) for n in range(120)), book(BTC, 25))

    assert [len(ask.subs) for ask in desk.sent()] == [50, 50, 20, 1]


def test_deep_level3_is_asked_for_in_frames_the_exchange_can_afford():
    desk = Desk(*(level3(Symbol(f"A{n}/USD"), 1000) for n in range(3)))

    assert [len(ask.subs) for ask in desk.sent()] == [1, 1, 1]


def test_each_symbol_is_acknowledged_by_itself():
    desk = Desk(book(BTC, 10), book(ETH, 10))
    (ask,) = desk.sent()

    refused = desk.answer(ask, book(ETH, 10), "Currency pair not supported ETH/USD")
    active = desk.answer(ask, book(BTC, 10))

    assert refused == [SubscriptionEvent(book(ETH, 10), False, "Currency pair not supported ETH/USD")]
    assert active == [SubscriptionEvent(book(BTC, 10), True)]
    assert desk.subs.settled


def test_a_refusal_is_not_tried_again_by_itself_but_by_wish():
    desk = Desk(ticker(BTC))
    (ask,) = desk.sent()
    desk.answer(ask, ticker(BTC), "Symbol(s) not found")

    assert desk.sent() == []
    assert desk.wait(60 * NS_PER_S) == []
    assert desk.sent() == []
    desk.subs.want(ticker(BTC))
    assert len(desk.sent()) == 1


def test_a_failure_that_names_no_symbol_does_not_hide_the_others_success():
    desk = Desk(book(BTC, 10), book(ETH, 10))
    (ask,) = desk.sent()

    desk.answer(ask, error="Something odd")
    events = desk.answer(ask, book(ETH, 10))

    assert events == [SubscriptionEvent(book(ETH, 10), True)]


def test_a_missing_acknowledgement_is_asked_for_again_three_times_in_all():
    desk = Desk(book(BTC, 10))

    asked = 0
    while desk.sent():
        asked += 1
        events = desk.wait(ACK_TIMEOUT_NS)

    assert asked == 3
    assert events == [SubscriptionEvent(book(BTC, 10), False, "no acknowledgement")]
    assert not desk.subs.broken


def test_a_socket_that_never_acknowledges_the_account_is_broken():
    desk = Desk(EXECUTIONS)

    for _ in range(3):
        desk.sent()
        desk.wait(ACK_TIMEOUT_NS)

    assert desk.subs.broken == "no acknowledgement of executions"


def test_an_unanswered_class_does_not_hold_up_the_next_for_more_than_one_try():
    desk = Desk(book(BTC, 10), candles(BTC, 1))

    desk.sent()
    desk.wait(ACK_TIMEOUT_NS)

    assert [ask.subs[0].channel for ask in desk.sent()] == ["book", "ohlc"]


def test_a_renewal_ends_is_acknowledged_and_begins_again():
    desk = Desk(book(BTC, 10)).settle()

    desk.subs.renew(book(BTC, 10))
    desk.subs.renew(book(BTC, 10))
    (end,) = desk.sent()
    assert not end.subscribe
    assert desk.sent() == []
    assert desk.answer(end, book(BTC, 10)) == [SubscriptionEvent(book(BTC, 10), False)]
    (begin,) = desk.sent()

    assert begin.subscribe
    assert desk.answer(begin, book(BTC, 10)) == [SubscriptionEvent(book(BTC, 10), True)]


@pytest.mark.parametrize("error", ["", "Subscription Not Found"])
def test_what_is_wanted_no_longer_ends_whatever_the_answer(error):
    desk = Desk(book(BTC, 10)).settle()

    desk.subs.drop(book(BTC, 10))
    (end,) = desk.sent()
    desk.answer(end, book(BTC, 10), error)

    assert list(desk.subs) == []
    assert desk.sent() == []
    assert not desk.subs.active


def test_an_end_that_stays_unanswered_counts_as_ended():
    desk = Desk(book(BTC, 10)).settle()
    desk.subs.renew(book(BTC, 10))
    desk.sent()

    desk.wait(ACK_TIMEOUT_NS)

    assert [ask.subscribe for ask in desk.sent()] == [True]


def test_wanting_again_while_it_ends_asks_once_more_afterwards():
    desk = Desk(book(BTC, 10)).settle()
    desk.subs.drop(book(BTC, 10))
    (end,) = desk.sent()

    desk.subs.want(book(BTC, 10))
    desk.answer(end, book(BTC, 10))

    assert [ask.subscribe for ask in desk.sent()] == [True]


def test_dropping_what_was_only_just_asked_for_ends_it_after_its_acknowledgement():
    desk = Desk(book(BTC, 10))
    (ask,) = desk.sent()

    desk.subs.drop(book(BTC, 10))
    desk.answer(ask, book(BTC, 10))

    assert [ask.subscribe for ask in desk.sent()] == [False]


def test_dropping_what_was_never_sent_leaves_no_trace():
    desk = Desk(book(BTC, 10))

    desk.subs.drop(book(BTC, 10))
    desk.subs.drop(book(ETH, 10))

    assert desk.sent() == []


def test_another_depth_of_a_pair_waits_until_the_first_has_ended():
    desk = Desk(book(BTC, 10)).settle()

    desk.subs.drop(book(BTC, 10))
    desk.subs.want(book(BTC, 100))
    (end,) = desk.sent()
    assert not end.subscribe
    assert desk.sent() == []
    desk.answer(end, book(BTC, 10))

    assert [ask.subs for ask in desk.sent()] == [[book(BTC, 100)]]


def test_a_bad_token_is_told_apart_from_a_refusal():
    desk = Desk(EXECUTIONS, BALANCES)
    first, second = desk.sent()

    assert desk.answer(first, error="ESession:Invalid session") == []
    desk.answer(second, error="ESession:Invalid session")

    assert desk.subs.token_refused == "ESession:Invalid session"
    assert desk.sent() == []


def test_too_fast_means_later():
    desk = Desk(trades(BTC))
    (ask,) = desk.sent()

    desk.answer(ask, trades(BTC), "Exceeded msg rate")
    assert desk.sent() == []
    desk.wait(PACE_PAUSE_NS)

    assert len(desk.sent()) == 1


@pytest.mark.parametrize("error", ["EService:Unavailable", "EService: Busy", "EGeneral:Internal error:7"])
def test_an_exchange_that_is_unable_is_asked_again_ever_more_slowly(error):
    desk = Desk(EXECUTIONS)
    pauses = []
    (ask,) = desk.sent()
    for _ in range(6):
        assert desk.answer(ask, error=error) == [SubscriptionEvent(EXECUTIONS, False, error)]
        assert desk.subs.settled
        refused = desk.now
        while not (asks := desk.sent()):
            assert desk.now - refused < 100 * NS_PER_S
            desk.wait(NS_PER_S)
        pauses.append((desk.now - refused) // NS_PER_S)
        (ask,) = asks

    assert pauses == [5, 10, 20, 40, 60, 60]
    assert desk.answer(ask) == [SubscriptionEvent(EXECUTIONS, True)]


def test_an_acknowledgement_without_its_number_is_known_by_what_it_says():
    desk = Desk(ticker(BTC), ticker(ETH))
    desk.sent()

    def say(**told):
        return desk.subs.acknowledged(Answer(**({"method": "subscribe", "success": True} | told)), desk.now)

    assert say() is None
    assert say(channel="book", symbol=BTC) is None
    assert say(method="unsubscribe", channel="ticker", symbol=BTC) is None
    assert say(method="add_order", symbol=BTC) is None
    assert say(channel="ticker", symbol=BTC) == [SubscriptionEvent(ticker(BTC), True)]
    assert say(success=False, symbol=ETH, error="Currency pair not supported ETH/USD") == [
        SubscriptionEvent(ticker(ETH), False, "Currency pair not supported ETH/USD")
    ]
    assert say(channel="ticker", symbol=BTC) is None
    desk.wait(60 * NS_PER_S)
    assert desk.sent() == []


@pytest.mark.parametrize(
    "words", ["Already subscribed", "ESession:Already subscribed", "already subscribed: BTC/USD"]
)
def test_already_subscribed_means_end_it_first_to_get_a_snapshot(words):
    desk = Desk(book(BTC, 10))
    (ask,) = desk.sent()

    desk.answer(ask, book(BTC, 10), words)

    assert [ask.subscribe for ask in desk.sent()] == [False]


@pytest.mark.parametrize(("sub", "seconds"), [(EXECUTIONS, 5), (BALANCES, 5), (INSTRUMENTS, 15)])
def test_an_acknowledged_channel_without_data_is_renewed_and_then_given_up(sub: Subscription, seconds):
    desk = Desk(sub).settle()

    for _ in range(2):
        desk.wait(seconds * NS_PER_S)
        desk.settle()
    desk.wait(seconds * NS_PER_S)

    assert desk.subs.broken == f"no snapshot of {sub.channel}"


def test_a_seen_snapshot_ends_the_wait_for_it():
    desk = Desk(EXECUTIONS).settle()

    desk.subs.seen_snapshot("executions")
    desk.wait(60 * NS_PER_S)

    assert desk.sent() == []
    assert not desk.subs.broken


@pytest.mark.parametrize("sub", [EXECUTIONS, BALANCES, INSTRUMENTS])
def test_a_snapshot_ahead_of_its_acknowledgement_is_not_waited_for_again(sub: Subscription):
    desk = Desk(sub)
    asks = desk.sent()

    desk.subs.seen_snapshot(sub.channel)
    desk.accept(asks)
    desk.wait(60 * NS_PER_S)

    assert desk.sent() == []
    assert not desk.subs.broken


def test_a_snapshot_ahead_of_an_acknowledgement_counts_for_that_request_only():
    desk = Desk(EXECUTIONS)
    asks = desk.sent()
    desk.subs.seen_snapshot("executions")
    desk.accept(asks)
    desk.subs.renew(EXECUTIONS)
    desk.settle()

    desk.wait(5 * NS_PER_S)

    assert [ask.subscribe for ask in desk.sent()] == [False]


def test_after_a_reconnect_everything_wanted_is_asked_anew_and_nothing_else():
    desk = Desk(EXECUTIONS, book(BTC, 10), book(ETH, 10)).settle()
    desk.subs.drop(book(ETH, 10))

    desk.subs.reset()
    asked = []
    while asks := desk.sent():
        asked += [sub for ask in asks for sub in ask.subs]
        desk.accept(asks)

    assert asked == [EXECUTIONS, book(BTC, 10)]


def test_the_acknowledgement_of_executions_tells_the_rate_limit():
    desk = Desk(EXECUTIONS)
    (ask,) = desk.sent()

    assert desk.answer(ask, max_rate_count=125) == [SubscriptionEvent(EXECUTIONS, True, "", 125)]


def test_answers_to_other_requests_are_not_taken():
    desk = Desk(EXECUTIONS)

    assert desk.subs.acknowledged(Answer(method="add_order", success=True, req_id=99), desk.now) is None
    assert desk.subs.acknowledged(Answer(method="error", success=False), desk.now) is None


def test_renewing_what_was_refused_or_never_wanted():
    desk = Desk(ticker(BTC))
    (ask,) = desk.sent()
    desk.answer(ask, ticker(BTC), "Symbol(s) not found")

    desk.subs.renew(ticker(ETH))
    desk.subs.renew(ticker(BTC))

    assert [ask.subs for ask in desk.sent()] == [[ticker(BTC)]]


def test_a_late_refusal_of_an_older_attempt_changes_nothing():
    desk = Desk(book(BTC, 10), book(ETH, 10))
    (ask,) = desk.sent()
    desk.answer(ask, error="Something odd")

    assert desk.answer(ask, book(BTC, 10), "Something odd") == []


def test_what_was_dropped_while_asked_for_goes_quietly_when_refused_or_unanswered():
    for end in ("refused", "unanswered"):
        desk = Desk(book(SOL, 10))
        (ask,) = desk.sent()
        desk.subs.drop(book(SOL, 10))

        events = desk.answer(ask, book(SOL, 10), "no") if end == "refused" else desk.wait(ACK_TIMEOUT_NS)

        assert events == []
        assert desk.sent() == []
        assert desk.subs.settled


def test_data_given_up_before_their_acknowledgement_are_renewed_once_it_is_there():
    desk = Desk(book(BTC, 10))
    asks = desk.sent()
    desk.subs.renew(book(BTC, 10))
    assert desk.sent() == []

    desk.accept(asks)

    (leaving,) = desk.sent()
    assert not leaving.subscribe
    desk.accept([leaving])
    (again,) = desk.sent()
    assert again.subscribe
    desk.accept([again])
    assert desk.sent() == []
