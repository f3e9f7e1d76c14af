"""When paper asks for a book anew."""

from core.sim.renewals import ANSWER_NS, LONGEST_NS, NS_PER_S, STABLE_NS, Renewals

BTC = "BTC/USD"


def fail(renewals: Renewals, now: int) -> int:
    """Let a snapshot come that does not fit; return when the book is ended for the next try."""
    renewals.asked([BTC], now)
    renewals.opened(BTC, now)
    renewals.broken(BTC, now)
    while not renewals.to_end(now):
        now += NS_PER_S // 2
    return now


def test_a_book_is_ended_first_and_asked_for_once_that_is_acknowledged():
    renewals = Renewals()
    renewals.asked([BTC], 0)
    renewals.opened(BTC, 0)

    assert not renewals.ended(BTC)
    renewals.broken(BTC, NS_PER_S)
    assert renewals.to_end(NS_PER_S) == [BTC]
    assert renewals.to_end(NS_PER_S) == []
    assert not renewals.unanswered(NS_PER_S)
    assert renewals.ended(BTC)
    renewals.asked([BTC], NS_PER_S)
    assert not renewals.ended(BTC)


def test_an_end_nobody_acknowledges_counts_after_five_seconds():
    renewals = Renewals()
    renewals.asked([BTC], 0)
    renewals.broken(BTC, 0)
    renewals.to_end(0)

    assert not renewals.unanswered(ANSWER_NS - 1)
    assert list(renewals.unanswered(ANSWER_NS)) == [BTC]


def test_a_book_whose_snapshot_never_comes_is_asked_for_again():
    renewals = Renewals()
    renewals.asked([BTC], 0)

    assert renewals.to_end(ANSWER_NS - 1) == []
    assert renewals.to_end(ANSWER_NS) == [BTC]


def test_in_vain_it_is_asked_for_ever_more_slowly():
    renewals = Renewals()
    now, pauses = 0, []
    for _ in range(9):
        again = fail(renewals, now)
        pauses.append((again - now) // NS_PER_S)
        now = again

    assert pauses[:4] == [0, 4, 8, 16]
    assert max(pauses) == LONGEST_NS // NS_PER_S


def test_a_book_that_held_is_asked_for_at_once_also_after_a_lost_line():
    renewals = Renewals()
    now = 0
    for _ in range(4):
        now = fail(renewals, now)
    renewals.asked([BTC], now)
    renewals.opened(BTC, now)
    now += STABLE_NS
    renewals.clear(now)

    assert fail(renewals, now) == now


def test_what_nobody_wants_is_forgotten():
    renewals = Renewals()
    renewals.asked([BTC], 0)
    renewals.broken(BTC, 0)

    renewals.forget([BTC])

    assert renewals.to_end(LONGEST_NS) == []
    assert not renewals.ended(BTC)
