"""Put each bug back into a copy of the tree and see that its test fails: ``python -m tests.mutants [words of a name]``.

Prints a table and one JSON line. The exit code is 1 if a mutant survives, or nothing could be said of one.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from tests.mutants.mutant import MisfitError, Mutant
from tests.mutants.mutants import MUTANTS

ROOT = Path(__file__).resolve().parents[2]
COPIED, LINKED = ("core", "tests", "pyproject.toml"), ("gui", "resources")
"""Mutants live in ``core`` alone; what is only read need not be copied."""

WORKERS = 2
LONGEST_S = 120.0
PASSED, FAILED = 0, 1
"""What pytest returns; everything else means that it could not run the test."""

NO_BUG = ("NameError", "ImportError", "SyntaxError", "fixture '")
"""Failures of a mutant that is not code at all: its test has caught nothing."""


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant: ``caught``, ``SURVIVED``, or why nothing can be said."""

    mutant: Mutant
    outcome: str
    seconds: float


class Tree:
    """A copy of the project in which bugs are put back, one at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir()
        for name in COPIED:
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
            copy(ROOT / name, folder / name)
        for name in LINKED:
            link_or_copy(ROOT / name, folder / name)

    def judge(self, mutant: Mutant) -> Verdict:
        """Return whether the mutant's test fails with the bug in place."""
        started = time.monotonic()
        try:
            with self._mutated(mutant):
                code, output = self.run([mutant.killer])
        except MisfitError as misfit:
            return Verdict(mutant, str(misfit), 0.0)
        return Verdict(mutant, outcome_of(code, output), time.monotonic() - started)

    def run(self, tests: Sequence[str]) -> tuple[int, str]:
        """Run tests here and return pytest's exit code and output; -1 when they do not end."""
        command = [sys.executable, "-m", "pytest", "-q", "-x", "--tb=line", "-p", "no:cacheprovider"]
        command += [f"--basetemp={self._folder / 'basetemp'}", *tests]
        # Without bytecode: a file changed within the second it was compiled in would be taken from the cache.
        env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "QT_QPA_PLATFORM": "offscreen"}
        try:
            done = subprocess.run(
                command,
                cwd=self._folder,
                env=env,
                capture_output=True,
                text=True,
                timeout=LONGEST_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return -1, f"no end within {LONGEST_S:.0f} s"
        return done.returncode, done.stdout + done.stderr

    @contextmanager
    def _mutated(self, mutant: Mutant) -> Iterator[None]:
        file = self._folder / mutant.file
        sound = file.read_bytes()
        broken = mutant.applied(self._folder)
        Path(importlib.util.cache_from_source(str(file))).unlink(missing_ok=True)
        try:
            file.write_text(broken, encoding="utf-8")
            yield
        finally:
            file.write_bytes(sound)


def link_or_copy(source: Path, target: Path) -> None:
    """Link a folder, or copy it where links need a right that we lack (Windows)."""
    try:
        target.symlink_to(source, target_is_directory=True)
    except OSError:
        shutil.copytree(source, target)


def outcome_of(code: int, output: str) -> str:
    """Return ``caught``, ``SURVIVED``, or why a run says nothing of its mutant."""
    if code == PASSED:
        return "SURVIVED"
    if code == FAILED and not any(mark in output for mark in NO_BUG):
        return "caught"
    last = next((line for line in reversed(output.splitlines()) if line.strip()), "")
    return f"no verdict, pytest says {code}: {last}"


def chosen(words: Sequence[str]) -> list[Mutant]:
    """Return the mutants whose names hold all words, all when there is none."""
    return [mutant for mutant in MUTANTS if all(word in mutant.name for word in words)]


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def table(verdicts: Sequence[Verdict]) -> None:
    names = max(len(verdict.mutant.name) for verdict in verdicts)
    tests = max(len(verdict.mutant.test) for verdict in verdicts)
    say(f"{'name':{names}}  {'caught by test':{tests}}  seconds")
    for verdict in verdicts:
        caught = verdict.mutant.test if verdict.outcome == "caught" else verdict.outcome
        say(f"{verdict.mutant.name:{names}}  {caught:{tests}}  {verdict.seconds:7.1f}")


def judge_all(mutants: Sequence[Mutant], folder: Path) -> list[Verdict]:
    """Judge mutants, two at a time, each in a tree that no other uses."""
    trees: SimpleQueue[Tree] = SimpleQueue()
    for number in range(WORKERS):
        trees.put(Tree(folder / f"tree{number}"))

    def judge(mutant: Mutant) -> Verdict:
        tree = trees.get()
        try:
            return tree.judge(mutant)
        finally:
            trees.put(tree)

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(judge, mutants))


def sound_tests_pass(mutants: Sequence[Mutant], folder: Path) -> bool:
    """Whether every killer passes without a bug: only then its failure says something."""
    code, output = Tree(folder / "sound").run(list(dict.fromkeys(mutant.killer for mutant in mutants)))
    if code != PASSED:
        say(output)
        say(f"the tests do not pass on the sound tree (pytest says {code}); nothing was mutated")
    return code == PASSED


def main(words: Sequence[str]) -> int:
    started = time.monotonic()
    mutants = chosen(words)
    if not mutants:
        say(f"no mutant's name holds {' and '.join(words)}")
        return 2
    with tempfile.TemporaryDirectory(prefix="tidewire-mutants-") as folder:
        if not sound_tests_pass(mutants, Path(folder)):
            return 1
        verdicts = judge_all(mutants, Path(folder))
    table(verdicts)
    survived = [verdict.mutant.name for verdict in verdicts if verdict.outcome != "caught"]
    summary = {
        "mutants": len(verdicts),
        "caught": len(verdicts) - len(survived),
        "survived": survived,
        "tests": len({mutant.killer for mutant in mutants}),
        "seconds": round(time.monotonic() - started, 1),
    }
    say(json.dumps(summary))
    return 1 if survived else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
