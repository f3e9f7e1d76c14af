"""What a long run was like, and whether it was good: memory flat, nothing left behind, frames on time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

MOST_GROWTH = 2.0
"""Percent of memory, from the end of the warm-up to the end."""

WARM_SHARE = 0.25
"""Of a run, in which what is bounded fills up: tapes, logs, charts."""

END_SHARE = 0.1
"""Of a run, over which memory is averaged at both ends."""

SWING = 2
"""By so much the timers of a loop differ from one calm moment to another: every task waits for something else."""

LATE_FRAME_MS = 50.0
"""Three frames: what 99.9 % of the frames must beat."""


@dataclass
class Report:
    """One run. Counts are those of a calm moment: no dialog open, first pair, no order open."""

    seconds: float = 0.0
    megabytes: list[float] = field(default_factory=list)
    """Memory, sampled evenly."""

    calm_mb: list[float] = field(default_factory=list)
    """The same at the two moments when things were counted, where that is worth more: a window differs in size."""

    besides_mb: float = 0.0
    """What the samples leave out and does not change: the program and its libraries."""

    began: Mapping[str, int] = field(default_factory=dict)
    """What there was at the end of the warm-up: tasks, timers, widgets, handles ..."""

    ended: Mapping[str, int] = field(default_factory=dict)
    left: Mapping[str, int] = field(default_factory=dict)
    """What was still there after the program had closed."""

    frame_p999_ms: float | None = None
    """Between two frames, time without a processor not counted; ``None`` where nothing is drawn."""

    troubles: list[str] = field(default_factory=list)
    """What must not happen at all."""

    told: dict[str, object] = field(default_factory=dict)
    """Figures to print besides."""

    @property
    def growth_percent(self) -> float:
        """Memory at the end against memory after the warm-up."""
        if len(self.calm_mb) == 2:
            return (self.calm_mb[1] / self.calm_mb[0] - 1) * 100
        return growth_percent([self.besides_mb + sample for sample in self.megabytes])

    @property
    def leaks(self) -> dict[str, int]:
        """What there is more of than after the warm-up, and what outlived the program."""
        more = {name: count - self.began.get(name, 0) for name, count in self.ended.items()}
        found = {name: n for name, n in more.items() if n > (SWING if name.startswith("timers ") else 0)}
        return found | {f"{name} after the end": count for name, count in self.left.items() if count > 0}

    def faults(self) -> list[str]:
        """Return every reason why the run was not good."""
        found = list(self.troubles)
        if self.growth_percent >= MOST_GROWTH:
            found.append(f"memory grew by {self.growth_percent:.2f} %")
        found += [f"{count} more {name}" for name, count in self.leaks.items()]
        if self.frame_p999_ms is not None and self.frame_p999_ms > LATE_FRAME_MS:
            found.append(f"one frame in a thousand took {self.frame_p999_ms:.0f} ms")
        return found

    def line(self) -> dict[str, object]:
        """Return what is printed."""
        faults = self.faults()
        return {
            "good": not faults,
            "seconds": round(self.seconds),
            "growth_percent": round(self.growth_percent, 2),
            "memory_mb": round(self.megabytes[-1], 1) if self.megabytes else 0,
            "leaks": self.leaks,
            "frame_p999_ms": self.frame_p999_ms,
            **self.told,
            "faults": faults,
        }


def growth_percent(samples: Sequence[float]) -> float:
    """Return the growth between the median after the warm-up and the median at the end, in percent."""
    width = max(1, round(len(samples) * END_SHARE))
    begin = round(len(samples) * WARM_SHARE)
    early, late = samples[begin : begin + width], samples[-width:]
    if not early or not late:
        return 0.0
    return (median(late) / median(early) - 1) * 100
