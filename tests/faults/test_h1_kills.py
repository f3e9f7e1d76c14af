"""Row H1 of the fault catalogue: killed at any named point, everything is found again and nothing is doubled."""

import logging

import pytest

from tests.faults.kill_points import names
from tests.faults.kills import die_often
from tests.faults.world import KINDS


@pytest.fixture(autouse=True)
def quiet():
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("point", names())
def test_h1_killed_there_nothing_is_lost_and_nothing_doubled(point):
    kills, counts, findings = die_often(point, times=1, first_seed=1)

    assert kills == 1
    assert {kind: counts[kind] for kind in KINDS} == dict.fromkeys(KINDS, 0), findings


def test_there_are_at_least_fifty_points_to_die_at():
    assert len(set(names())) == len(names()) >= 50
