"""Ten thousand orders under random faults, in two halves side by side."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.world import KINDS, run_world

ROOT = Path(__file__).resolve().parents[2]
HALF = 5_000


@pytest.fixture(scope="module")
def halves():
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    command = [sys.executable, "-m", "tests.faults", "--orders", str(HALF), "--seed"]
    running = [
        subprocess.Popen([*command, seed], cwd=ROOT, env=environment, stdout=-1, stderr=-1, text=True)
        for seed in ("1", "2")
    ]
    return [(*run.communicate(), run.returncode) for run in running]


@pytest.mark.timeout(420)
def test_under_random_faults_no_order_is_doubled_lost_or_wrongly_denied(halves):
    for told, findings, code in halves:
        result = json.loads(told)

        assert {kind: result[kind] for kind in KINDS} == dict.fromkeys(KINDS, 0), findings
        assert result["orders"] >= HALF
        assert code == 0


@pytest.mark.timeout(420)
def test_under_the_same_faults_the_usual_ways_of_sending_again_double_orders(halves):
    doubled = [json.loads(told)["naive"] for told, _, _ in halves]

    for policy in doubled[0]:
        assert sum(half[policy] for half in doubled) > 0, policy


def test_the_same_seed_gives_the_same_world():
    once, again = (run_world(11, 20) for _ in range(2))

    assert (once.virtual_s, once.faults, once.orders) == (again.virtual_s, again.faults, again.orders)
