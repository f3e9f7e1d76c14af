from collections import deque
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from core.data.rest.limiter import REST_LIMITS, RestLimiter, Tier
from core.data.ws.backoff import BUDGET, WINDOW_NS, AttemptBudget, Backoff
from core.data.ws.inbox import Inbox
from core.domain.subscription import Priority
from core.runtime.clock import NS_PER_MS, NS_PER_S

pauses_ns = st.integers(0, 30 * NS_PER_S)


@given(st.integers(), st.lists(st.sampled_from(["try", "slow", "stable"]), max_size=60))
def test_no_delay_is_hotter_or_longer_than_allowed(seed, steps):
    backoff = Backoff(Random(seed))
    tries = 0

    for step in steps:
        if step == "stable":
            backoff.reset()
            tries = 0
            continue
        tries += 1
        delay_s = backoff.next_s(slow=step == "slow")
        least = 5.0 if step == "slow" else 0.1 if tries <= 2 else 1.0
        assert least <= delay_s <= 30.0


@given(st.lists(st.tuples(st.integers(0, 5 * NS_PER_S), st.sampled_from([0, 10, 20])), max_size=300))
def test_no_window_of_ten_minutes_sees_more_attempts_than_the_budget(wishes):
    budget = AttemptBudget()
    now, taken = 0, []

    for pause, reserve in wishes:
        now += pause
        while wait := budget.wait_ns(now, reserve):
            assert wait > 0
            now += wait
        budget.take(now)
        taken.append(now)

    assert all(sum(start <= t < start + WINDOW_NS for t in taken) <= BUDGET for start in taken)


@given(
    st.sampled_from(Tier),
    st.lists(st.tuples(pauses_ns, st.sampled_from([1, 4]), st.booleans()), max_size=120),
)
def test_the_exchanges_own_counter_never_passes_three_quarters(tier, calls):
    limiter = RestLimiter(tier)
    maximum, decay_per_s = REST_LIMITS[tier]
    counter, now = 0.0, 0

    for pause, cost, walk in calls:
        wait = limiter.wait_ns(cost, now + pause, walk=walk)
        now_before, now = now, now + pause + wait
        counter = max(0.0, counter - decay_per_s * (now - now_before) / NS_PER_S) + cost
        limiter.take(cost, now)

        assert counter <= maximum * 0.75 + 1e-6


@given(st.lists(st.one_of(st.sampled_from(Priority), st.none()), max_size=200), st.integers(1, 20))
def test_an_inbox_loses_nothing_and_keeps_the_order_within_a_class(steps, bound):
    paused = []
    inbox = Inbox(pause=lambda: paused.append(True), resume=lambda: paused.append(False), bound=bound)
    model = {priority: deque() for priority in Priority}

    for n, step in enumerate(steps):
        if step is None:
            wanted = next((queue.popleft() for queue in model.values() if queue), None)
            assert inbox.take() == wanted
        else:
            inbox.put(step, (step, n))
            model[step].append((step, n))
        assert inbox.size == sum(map(len, model.values()))
        assert inbox.size < bound or inbox.paused
        assert paused[-1:] == ([inbox.paused] if paused else [])


def test_the_smallest_step_of_the_budget_is_a_real_wait():
    budget = AttemptBudget(limit=1, window_ns=NS_PER_MS)
    budget.take(0)

    assert budget.wait_ns(NS_PER_MS - 1) == 1
    assert budget.wait_ns(NS_PER_MS) == 0
