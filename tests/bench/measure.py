"""Rows of the benchmark: paired runs of ours and a reference, their medians, and whether the goal is met."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

ROUNDS = 7

Verify = Callable[[], None]
Work = Callable[[], Verify]
Preparation = Callable[[], Work]


@dataclass(frozen=True, slots=True)
class Goal:
    """A limit for the ratio ours / reference, or for ours alone when there is no reference."""

    limit: float
    at_least: bool = True

    def is_met(self, value: float) -> bool:
        return value >= self.limit if self.at_least else value <= self.limit


@dataclass(frozen=True, slots=True)
class Result:
    """One row of build/bench.json. ``ours`` and ``reference`` in the row's unit, ``ratio`` ours / reference."""

    name: str
    ours: float
    reference: float | None
    ratio: float | None
    goal: float
    met: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A benchmark by name. ``measure`` returns pairs (ours, reference), one a round; reference may be None."""

    name: str
    unit: str
    goal: Goal
    measure: Callable[[], list[tuple[float, float | None]]]

    def run(self) -> Result:
        pairs = self.measure()
        ours = statistics.median(pair[0] for pair in pairs)
        references = [pair[1] for pair in pairs if pair[1] is not None]
        if not references:
            return Result(self.name, ours, None, None, self.goal.limit, self.goal.is_met(ours))
        # The median of the pairs' ratios, not the ratio of medians: both of a pair saw the same machine.
        ratio = statistics.median(pair[0] / pair[1] for pair in pairs if pair[1] is not None)
        reference = statistics.median(references)
        return Result(self.name, ours, reference, ratio, self.goal.limit, self.goal.is_met(ratio))


def paired_rates(
    count: int, ours: Preparation, reference: Preparation, rounds: int = ROUNDS
) -> list[tuple[float, float | None]]:
    """Run both alternately and return (ours, reference) in items per processor second of each round.

    A preparation builds fresh state and returns the work to be timed, which returns the check of what it did.
    The first round warms up and is dropped;
    who goes first changes from round to round.
    """
    pairs: list[tuple[float, float | None]] = []
    for number in range(rounds + 1):
        if number % 2:
            ours_s, reference_s = timed(ours), timed(reference)
        else:
            reference_s, ours_s = timed(reference), timed(ours)
        if number:
            pairs.append((count / ours_s, count / reference_s))
    return pairs


def timed(prepare: Preparation) -> float:
    """Return the processor seconds the prepared work takes, garbage collection included.

    Nothing here waits, so on a quiet machine they are what the clock shows; a busy one does not spoil them.
    """
    work = prepare()
    gc.collect()
    started = time.process_time()
    verify = work()
    elapsed_s = time.process_time() - started
    verify()
    return elapsed_s
