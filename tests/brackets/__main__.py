"""make brackets N=100000 SEED=1: random runs of the bracket protocol; says how many over-filled."""

from __future__ import annotations

import argparse
import sys
import time
from random import Random

from tests.brackets.walks import walk


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.brackets")
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    began, bad = time.monotonic(), 0
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
