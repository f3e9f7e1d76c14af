"""Which messages a fault strikes, how often, and when."""

import pytest

from core.runtime.clock import NS_PER_S, ManualClock
from core.sim.fault_matching import Fault, Match, Subject
from core.sim.faults import FaultPlan

ADD = Subject(
    road="ws", kind="request", role="private", line=7, method="add_order", symbols=frozenset({"BTC/USD"})
)
REST_ADD = Subject(road="rest", kind="request", method="AddOrder", symbols=frozenset({"BTC/USD"}))
BOOK = Subject(road="ws", kind="data", role="public", line=8, channel="book", symbols=frozenset({"ETH/USD"}))
SUBSCRIBE = Subject(road="ws", kind="request", role="public", line=8, method="subscribe", channel="book")
SUBSCRIBED = Subject(road="ws", kind="answer", role="public", line=8, method="subscribe", channel="book")


def struck(plan: FaultPlan, fault: Fault, subject: Subject, count: int) -> list[bool]:
    """Whether each of so many equal requests was struck."""
    fired = []
    for _ in range(count):
        before = fault.fired
        plan.rules.fate(subject)
        fired.append(fault.fired > before)
    return fired


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def plan(clock: ManualClock) -> FaultPlan:
    return FaultPlan(seed=3, clock=clock)


@pytest.mark.parametrize(
    ("match", "covered"),
    [
        (Match(), [ADD, REST_ADD, BOOK, SUBSCRIBE, SUBSCRIBED]),
        (Match(road="ws"), [ADD, BOOK, SUBSCRIBE, SUBSCRIBED]),
        (Match(road="rest"), [REST_ADD]),
        (Match(role="public"), [BOOK, SUBSCRIBE, SUBSCRIBED]),
        (Match(method="add_order"), [ADD]),
        (Match(method="AddOrder"), [REST_ADD]),
        (Match(method=("add_order", "AddOrder")), [ADD, REST_ADD]),
        (Match(method=("add_order", "AddOrder"), road="rest"), [REST_ADD]),
        (Match(symbol="BTC/USD"), [ADD, REST_ADD]),
        (Match(symbol="ETH/USD"), [BOOK]),
        (Match(line=7), [ADD]),
        (Match(method="subscribe", channel="book"), [SUBSCRIBE, SUBSCRIBED]),
        (Match(channel="trade"), []),
    ],
)
def test_a_matcher_covers_what_it_names(match: Match, covered: list[Subject]) -> None:
    everything = [ADD, REST_ADD, BOOK, SUBSCRIBE, SUBSCRIBED]

    assert [subject for subject in everything if match.covers(subject)] == covered


def test_a_channel_without_a_method_means_its_data_and_not_answers_about_it() -> None:
    match = Match(channel="book")

    assert [match.covers(one) for one in (BOOK, SUBSCRIBE, SUBSCRIBED)] == [True, True, False]


def test_a_fault_fires_once_unless_told_otherwise(plan: FaultPlan) -> None:
    once, thrice, for_ever = plan.lose_request(), plan.queue(1, times=3), plan.error("E", times=None)

    for _ in range(5):
        plan.rules.fate(ADD)

    assert (once.fired, thrice.fired, for_ever.fired) == (1, 3, 5)


def test_the_nth_match_alone_is_struck(plan: FaultPlan) -> None:
    fault = plan.lose_request(method="add_order", nth=3)

    plan.rules.fate(REST_ADD)

    assert struck(plan, fault, ADD, 6) == [False, False, True, False, False, False]


def test_a_fault_strikes_only_within_its_time_window(plan: FaultPlan, clock: ManualClock) -> None:
    fault = plan.lose_request(times=None, from_s=1, until_s=3)

    fired = []
    for _ in range(4):
        fired += struck(plan, fault, ADD, 1)
        clock.advance(NS_PER_S)

    assert fired == [False, True, True, False]


def test_a_set_wall_clock_does_not_move_the_time_window(plan: FaultPlan, clock: ManualClock) -> None:
    fault = plan.lose_request(from_s=5)

    clock.set_wall_ns(clock.wall_ns() + 3600 * NS_PER_S)

    assert struck(plan, fault, ADD, 1) == [False]


def test_the_same_seed_strikes_the_same_requests_whatever_else_happens(clock: ManualClock) -> None:
    plans = [FaultPlan(seed, clock) for seed in (5, 5, 6)]
    faults = [plan.lose_request(method="add_order", times=None, probability=0.5) for plan in plans]
    plans[1].queue(1, method="AddOrder", times=None, probability=0.5)

    fired = []
    for plan, fault in zip(plans, faults, strict=True):
        plan.rules.fate(REST_ADD)
        fired.append(struck(plan, fault, ADD, 64))

    assert fired[0] == fired[1] != fired[2]
    assert 16 < sum(fired[0]) < 48


def test_a_removed_fault_strikes_nothing_and_leaves_the_plan_idle(plan: FaultPlan) -> None:
    fault = plan.lose_request(times=None)
    plan.rules.fate(ADD)

    fault.remove()
    fault.remove()
    plan.rules.fate(ADD)

    assert fault.fired == 1
    assert plan.rules.is_idle


def test_a_fault_that_has_fired_for_the_last_time_leaves_the_plan_idle(plan: FaultPlan) -> None:
    plan.lose_request(times=2)
    plan.delay(1, nth=1)

    for _ in range(2):
        plan.rules.fate(ADD)
    plan.rules.treatment(BOOK, "{}")

    assert plan.rules.is_idle


def test_faults_on_one_message_add_up_in_the_order_they_were_made(plan: FaultPlan) -> None:
    plan.delay(1)
    plan.delay(0.5, channel="book")
    plan.duplicate()

    treatment = plan.rules.treatment(BOOK, "{}")

    assert (treatment.frames, treatment.delay_s) == (["{}", "{}"], 1.5)


def test_what_cannot_be_is_refused_when_the_plan_is_made(plan: FaultPlan) -> None:
    wrong = [
        lambda: plan.lose_request(road="fix"),
        lambda: plan.lose_request(nth=0),
        lambda: plan.lose_request(times=0),
        lambda: plan.lose_request(probability=1.5),
        lambda: plan.lose_request(from_s=3, until_s=3),
        lambda: plan.accept_then("explode"),  # type: ignore[arg-type]
        lambda: plan.duplicate(road="rest"),
        lambda: plan.delay(-1),
        lambda: plan.slow(0),
        lambda: plan.reorder(0),
        lambda: plan.close(1005),
        lambda: plan.http(99),
        lambda: plan.status("broken"),
        lambda: plan.act_elsewhere("order", symbol="BTC/USD"),
        lambda: plan.act_elsewhere("order", qty="1"),
    ]

    for make in wrong:
        with pytest.raises(ValueError, match=r"."):
            make()
    assert plan.rules.is_idle


def test_an_unknown_keyword_is_refused(plan: FaultPlan) -> None:
    with pytest.raises(TypeError):
        plan.lose_request(metod="add_order")  # type: ignore[call-arg]
