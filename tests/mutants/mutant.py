"""One bug put back, and putting it there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class MisfitError(Exception):
    """The source changed so that a mutant no longer applies exactly once."""


@dataclass(frozen=True)
class Mutant:
    """``old`` stands exactly once in ``file`` (below the root) and becomes ``new``; then ``killer`` must fail.

    ``killer`` is the node id of a test, as pytest takes it.
    """

    name: str
    file: str
    old: str
    new: str
    killer: str

    @property
    def test(self) -> str:
        """The name of the test that catches it."""
        return self.killer.rpartition("::")[2]

    def applied(self, root: Path) -> str:
        """Return the source with the bug in it. Raises MisfitError."""
        source = (root / self.file).read_text(encoding="utf-8")
        if (found := source.count(self.old)) != 1:
            raise MisfitError(f"{self.name}: found {found} times in {self.file}, must be once")
        return source.replace(self.old, self.new)
