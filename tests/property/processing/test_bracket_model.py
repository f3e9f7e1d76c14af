"""The bracket protocol: every reachable state of a small world, and random walks through a larger one."""

from __future__ import annotations

from decimal import Decimal
from random import Random

import pytest
from msgspec.structs import replace

from core.processing import bracket as machine
from core.processing.bracket import BracketPlan, Leg, LegKind, guards, told
from tests.brackets.model import PLAN, Bounds
from tests.brackets.walks import explore, walk


@pytest.mark.parametrize("bounds", [Bounds(lots=2, legs=2, crashes=0), Bounds(lots=1, legs=2, crashes=2)])
def test_no_reachable_state_over_fills_or_could(bounds):
    states, problem = explore(bounds)

    assert problem is None
    assert states > 10_000


def test_random_walks_through_a_larger_world_never_over_fill():
    for seed in range(300):
        assert walk(Random(seed)) == ""


@pytest.mark.parametrize("spoil", ["hurry", "forget", "twice"])
def test_the_check_finds_a_protocol_that_is_wrong(monkeypatch, spoil):
    honest = machine.next_step

    def hasty(bracket):
        """Does not wait for the proof of a cancel, or believes its last leg alone, or grows past the position."""
        leg = bracket.alive
        if spoil == "hurry" and leg is not None and leg.cancelling:
            bracket = told(bracket, len(bracket.legs) - 1, done=leg.done, placed=True, ended=True)
        if spoil == "forget" and bracket.legs and bracket.legs[-1].ended:
            bracket = replace(bracket, legs=tuple(replace(leg, ended=True) for leg in bracket.legs))
        if spoil == "twice" and leg is not None and leg.placed and leg.done:
            return machine.Grow(len(bracket.legs) - 1, leg.qty + leg.done)
        return honest(bracket)

    monkeypatch.setattr("tests.brackets.model.next_step", hasty)
    monkeypatch.setattr("tests.brackets.model.taken", _careless)

    _, problem = explore(Bounds(lots=2, legs=2 if spoil != "forget" else 3, crashes=1))

    assert problem is not None
    assert "over-fill" in problem[0]


def _careless(bracket, step):
    if isinstance(step, machine.Place):
        return replace(bracket, legs=(*bracket.legs, Leg(kind=step.kind, qty=step.qty)))
    return machine.taken(bracket, step)


def test_a_leg_has_the_same_id_in_every_run():
    again = BracketPlan(**{name: getattr(PLAN, name) for name in PLAN.__struct_fields__})

    assert PLAN.leg_id(3) == again.leg_id(3)
    assert len({PLAN.leg_id(number) for number in range(50)}) == 50


@pytest.mark.parametrize(("stop", "target"), [("110", "90"), ("100", "100"), ("0", "110")])
def test_a_target_on_the_wrong_side_of_the_stop_is_refused(stop, target):
    with pytest.raises(ValueError, match=r"far side|above zero"):
        replace(PLAN, stop=Decimal(stop), target=Decimal(target))


def test_it_says_who_guards_what_and_what_remains():
    waiting = machine.Bracket(plan=PLAN)
    bare = replace(waiting, position=Decimal(2))
    stop = Leg(kind=LegKind.STOP, qty=Decimal(2), placed=True)
    guarded = replace(bare, legs=(stop,))
    taking = replace(
        bare, legs=(replace(stop, ended=True), Leg(kind=LegKind.TARGET, qty=Decimal(2), placed=True))
    )

    assert "waits for its entry" in guards(waiting)
    assert "NOTHING at the exchange" in guards(bare)
    assert guards(guarded).endswith("the stop remains")
    assert "no stop remains" in guards(taking)
