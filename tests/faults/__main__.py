"""python -m tests.faults [--orders N] [--seed S]: worlds of 100 orders until N were placed; one line of JSON.

``--world SEED`` replays one world and prints what was found in it.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import time
from collections import Counter

from tests.faults.naive import POLICIES, duplicates_of
from tests.faults.world import KINDS, run_world

ORDERS_A_WORLD = 250
NAIVE_CLICKS = 200
NAIVE_SHARE = 10
"""One in so many orders is also placed by each of the naive ways."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="make faults")
    parser.add_argument("--orders", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--world", type=int, help="replay this world alone")
    options = parser.parse_args()
    if os.environ.get("PYTHONHASHSEED") != "0":
        # Sets of texts are walked in an order that differs from start to start, unless it is fixed.
        os.execve(
            sys.executable,
            [sys.executable, "-m", "tests.faults", *sys.argv[1:]],
            {**os.environ, "PYTHONHASHSEED": "0"},
        )
    logging.disable(logging.CRITICAL if options.world is None else logging.NOTSET)
    if options.world is not None:
        return replay(options.world)
    return run_all(options.orders, options.seed)


def run_all(orders: int, seed: int) -> int:
    started = time.perf_counter()
    totals: Counter[str] = Counter(dict.fromkeys(("orders", *KINDS), 0))
    number = 0
    while totals["orders"] < orders:
        world = run_world(seed * 1_000_003 + number, min(ORDERS_A_WORLD, orders - totals["orders"]))
        number += 1
        totals.update({"orders": world.orders, **world.counts})
        if world.findings:
            sys.stderr.write(
                f"world {world.seed}: replay with  python -m tests.faults --world {world.seed}\n"
            )
            sys.stderr.write("".join(f"  {finding}\n" for finding in world.findings[:10]))
    naive = {policy: naive_duplicates(policy, seed, orders // NAIVE_SHARE) for policy in POLICIES}
    seconds = round(time.perf_counter() - started, 1)
    sys.stdout.write(json.dumps({**totals, "naive": naive, "seconds": seconds}) + "\n")
    return 1 if any(totals[kind] for kind in KINDS) else 0


def naive_duplicates(policy: str, seed: int, clicks: int) -> int:
    """Return how many of so many clicks another client's way of sending again would have doubled."""
    worlds = max(2, clicks // NAIVE_CLICKS)
    return sum(duplicates_of(policy, seed * 1_000_003 + number, NAIVE_CLICKS) for number in range(worlds))


def replay(seed: int) -> int:
    logging.basicConfig(level=logging.INFO, format="%(name)s %(message)s", stream=sys.stderr)
    world = run_world(seed, ORDERS_A_WORLD)
    sys.stdout.write("".join(f"{finding}\n" for finding in world.findings))
    sys.stdout.write(f"{world.orders} orders, {world.faults} faults, {world.kills} kills, ")
    sys.stdout.write(f"{world.virtual_s:.0f} s in {world.seconds:.1f} s: {world.counts}\n")
    return 1 if world.findings else 0


if __name__ == "__main__":
    raise SystemExit(main())
