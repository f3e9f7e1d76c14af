"""make brackets N=100000 SEED=1: every state of a small world, then random runs; says how many broke a promise."""

from __future__ import annotations

import argparse
import sys
import time
from random import Random

from tests.brackets.model import Bounds
from tests.brackets.walks import explore, walk

SMALL = Bounds(lots=2, legs=2, crashes=1)


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.brackets")
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    began = time.monotonic()
    states, found = explore(SMALL)
    sys.stdout.write(
        f"{states} states of {SMALL} in {time.monotonic() - began:.0f} s: {found or 'all good'}\n"
    )
    began, bad = time.monotonic(), int(found is not None)
    for at in range(given.runs):
        problem = walk(Random(f"{given.seed}/{at}"))
        if problem:
            bad += 1
            sys.stdout.write(f"run {at}: {problem}\n")
    seconds = time.monotonic() - began
    sys.stdout.write(f"{given.runs} runs in {seconds:.0f} s: {bad} broke a promise\n")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
