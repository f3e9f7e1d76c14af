"""Every way through a small world, and random ones through a world too large: more lots, more legs, more crashes."""

from __future__ import annotations

from collections import deque
from random import Random

from tests.brackets.model import Bounds, World, broken, is_stuck, moves

Problem = tuple[str, list[str]]

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


def explore(bounds: Bounds) -> tuple[int, Problem | None]:
    """Visit every reachable state; return how many there are, and the first broken promise with the way there."""
    start = World()
    came_from: dict[World, tuple[World, str] | None] = {start: None}
    waiting = deque([start])
    while waiting:
        world = waiting.popleft()
        problem = broken(world) or ("stuck" if is_stuck(world) else "")
        if problem:
            return len(came_from), (problem, _way(came_from, world))
        for move, after in moves(world, bounds):
            if after not in came_from:
                came_from[after] = (world, move)
                waiting.append(after)
    return len(came_from), None


def _way(came_from: dict[World, tuple[World, str] | None], world: World) -> list[str]:
    steps = []
    while (before := came_from[world]) is not None:
        world, move = before
        steps.append(move)
    return steps[::-1]
