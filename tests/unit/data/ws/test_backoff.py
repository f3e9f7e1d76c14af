from random import Random

from core.data.ws.backoff import AttemptBudget, Backoff
from core.runtime.clock import NS_PER_S


def test_two_quick_tries_then_longer_ones_up_to_half_a_minute():
    backoff = Backoff(Random(1))

    delays = [backoff.next_s() for _ in range(12)]

    assert all(0.1 <= delay <= 0.5 for delay in delays[:2])
    assert all(1.0 <= delay <= 30.0 for delay in delays[2:])
    assert all(15.0 <= delay <= 30.0 for delay in delays[4:])


def test_a_slow_line_never_waits_less_than_five_seconds():
    backoff = Backoff(Random(1))

    assert all(backoff.next_s(slow=True) >= 5.0 for _ in range(10))


def test_a_stable_line_starts_over():
    backoff = Backoff(Random(1))
    for _ in range(5):
        backoff.next_s()

    backoff.reset()

    assert backoff.tries == 0
    assert backoff.next_s() <= 0.5


def test_the_budget_says_when_the_next_attempt_may_be_made():
    budget = AttemptBudget(limit=2, window_ns=10 * NS_PER_S)
    budget.take(0)
    budget.take(3 * NS_PER_S)

    assert budget.wait_ns(4 * NS_PER_S) == 6 * NS_PER_S
    assert budget.wait_ns(10 * NS_PER_S) == 0
    assert budget.used(10 * NS_PER_S) == 1


def test_a_line_of_less_importance_leaves_attempts_to_the_others():
    budget = AttemptBudget(limit=3, window_ns=10 * NS_PER_S)
    budget.take(0)

    assert budget.wait_ns(NS_PER_S, reserve=0) == 0
    assert budget.wait_ns(NS_PER_S, reserve=1) == 0
    assert budget.wait_ns(NS_PER_S, reserve=2) == 9 * NS_PER_S
