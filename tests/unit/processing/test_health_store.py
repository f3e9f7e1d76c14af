import pytest

from core.domain.health import ConnectionState, Line, LineStatus
from core.domain.ids import OrderId, Symbol
from core.domain.subscription import ticker
from core.processing.health_store import EVENTS_KEPT, Alarm, HealthLevel, HealthStore

BTC = Symbol("BTC/USD")
SUBSCRIPTION = ticker(BTC)


def status(line, state=ConnectionState.LIVE, reason=""):
    return LineStatus(line=line, state=state, reason=reason)


@pytest.fixture
def health():
    """A store in which nothing is wrong."""
    store = HealthStore()
    store.system = "online"
    store.set_line(status(Line.PUBLIC))
    store.set_line(status(Line.PRIVATE))
    store.verified_account()
    return store


def judged(store, now=100, *, clock_known=True, waiting=(), queue_fill=0.0):
    return store.judge(now, clock_known=clock_known, waiting=list(waiting), queue_fill=queue_fill)


def test_with_nothing_wrong_it_is_safe(health):
    assert judged(health).level is HealthLevel.SAFE


def test_before_the_first_line_the_program_is_blind():
    line = judged(HealthStore())

    assert line.level is HealthLevel.BLIND
    assert line.cause == "market data not started"


@pytest.mark.parametrize("state", [state for state in ConnectionState if state is not ConnectionState.LIVE])
def test_without_live_market_data_the_program_is_blind_and_says_why(health, state):
    health.set_line(status(Line.PUBLIC, state, "no route"))

    line = judged(health)

    assert line.level is HealthLevel.BLIND
    assert line.cause == f"market data {state.value}: no route"


def broken_system(store):
    store.system = "maintenance"


def broken_account_line(store):
    store.set_line(status(Line.PRIVATE, ConnectionState.BACKOFF))


def broken_journal(store):
    store.told_of_journal("disk full")


def doubted_account(store):
    store.doubt_account("a frame was lost")


def alarmed(store):
    store.alarm(Alarm(1, "duplicate order", "two orders under one id", (OrderId("O1"), OrderId("O2"))))


BREAKS = [
    (broken_system, "maintenance"),
    (broken_account_line, "account line backoff"),
    (broken_journal, "disk full"),
    (doubted_account, "a frame was lost"),
    (alarmed, "two orders under one id"),
]


@pytest.mark.parametrize(("harm", "words"), BREAKS, ids=[harm.__name__ for harm, _ in BREAKS])
def test_what_makes_new_orders_unsafe_leaves_cancels_only_and_is_named(health, harm, words):
    harm(health)

    line = judged(health)

    assert line.level is HealthLevel.REDUCE_ONLY
    assert words in line.cause


def test_an_unknown_exchange_clock_leaves_cancels_only(health):
    assert judged(health, clock_known=False).level is HealthLevel.REDUCE_ONLY


@pytest.mark.parametrize("level_of", [lambda: {"waiting": [BTC]}, lambda: {"queue_fill": 0.51}])
def test_late_or_missing_market_data_is_a_degradation(health, level_of):
    assert judged(health, **level_of()).level is HealthLevel.DEGRADED


def test_a_silent_rest_api_is_a_degradation(health):
    health.rest = "down"

    assert judged(health).level is HealthLevel.DEGRADED


def test_of_many_waiting_books_one_is_named_and_the_others_counted(health):
    names = [f"{name}/USD (checksum)" for name in "ABCDE"]

    assert judged(health, waiting=names).cause == "book not live: A/USD (checksum) and 4 more"


def test_the_worst_problem_is_the_one_shown(health):
    doubted_account(health)
    health.rest = "down"
    assert judged(health, waiting=[BTC]).level is HealthLevel.REDUCE_ONLY

    health.set_line(status(Line.PUBLIC, ConnectionState.STALE))

    assert judged(health, waiting=[BTC]).level is HealthLevel.BLIND


def test_without_an_account_its_lines_are_not_missed():
    store = HealthStore()
    store.system, store.has_account = "online", False
    store.set_line(status(Line.PUBLIC))

    assert judged(store).level is HealthLevel.SAFE


def test_since_when_is_kept_while_the_cause_stays(health):
    judged(health, 100)
    assert judged(health, 200).since == 100
    health.rest = "down"

    assert judged(health, 300).since == 300


def test_observers_are_told_of_line_0_only_when_it_changes(health):
    judged(health, 100)
    health.flush()

    judged(health, 200)

    assert not health.is_dirty


def test_an_alarm_stands_in_the_log_and_stays_until_it_is_acknowledged(health):
    alarmed(health)

    assert [event.text for event in health.events] == ["two orders under one id"]
    health.acknowledge()
    assert health.alarms == []
    assert judged(health).level is HealthLevel.SAFE


def test_a_refused_subscription_is_remembered_until_it_is_accepted(health):
    health.subscribed(SUBSCRIPTION, active=False, error="Currency pair not supported")
    assert health.refused == {SUBSCRIPTION: "Currency pair not supported"}

    health.subscribed(SUBSCRIPTION, active=True, error="")

    assert (health.refused, health.active) == ({}, {SUBSCRIPTION})


def test_an_ended_subscription_is_neither_active_nor_refused(health):
    health.subscribed(SUBSCRIPTION, active=True, error="")
    health.subscribed(SUBSCRIPTION, active=False, error="")

    assert (health.refused, health.active) == ({}, set())


def test_the_event_log_is_bounded_and_keeps_the_newest(health):
    for number in range(EVENTS_KEPT + 3):
        health.note(number, "test", f"event {number}")

    assert len(health.events) == EVENTS_KEPT
    assert health.events[0].text == "event 3"


def test_a_line_is_live_only_in_the_live_state(health):
    assert health.is_live(Line.PUBLIC)
    assert not health.is_live(Line.LEVEL3)
    assert health.line(Line.LEVEL3) is None
    assert set(health.lines()) == {Line.PUBLIC, Line.PRIVATE}
