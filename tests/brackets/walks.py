"""Random walks through a world too large to explore: more lots, more legs, more crashes."""

from __future__ import annotations

from random import Random

from tests.brackets.model import Bounds, World, broken, is_stuck, moves

LARGE = Bounds(lots=5, legs=8, crashes=4)
STEPS = 120


def walk(random: Random, bounds: Bounds = LARGE, steps: int = STEPS) -> str:
    """Walk until nothing more happens or so many steps; return which promise broke, empty when none."""
    world = World()
    for _ in range(steps):
        found = list(moves(world, bounds))
        if not found:
            break
        # What the program does comes about as often as all that happens to it together.
        _, world = random.choice(found)
        problem = broken(world) or ("stuck" if is_stuck(world) and len(world.there) < bounds.legs else "")
        if problem:
            return problem
    return ""
