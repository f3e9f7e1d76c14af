"""The mutants still fit the source, and the tests that catch them still exist. ``make mutants`` runs them."""

import ast
from pathlib import Path

import pytest

from tests.mutants.mutant import MisfitError, Mutant
from tests.mutants.mutants import MUTANTS

ROOT = Path(__file__).parents[2]
LEAST = 30
"""Historical bugs of other clients (faults, section 9)."""


def functions(file):
    return {node.name for node in ast.parse(file.read_text()).body if hasattr(node, "name")}


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_applies_exactly_once_and_leaves_readable_source(mutant):
    assert mutant.file.startswith("core/")
    assert mutant.old != mutant.new

    ast.parse(mutant.applied(ROOT))


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_test_that_catches_a_mutant_exists(mutant):
    path, _, name = mutant.killer.partition("::")

    assert name in functions(ROOT / path)


def test_there_are_thirty_bugs_at_least_and_no_two_are_the_same():
    assert len(MUTANTS) >= LEAST
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)
    assert len({(mutant.file, mutant.old, mutant.new) for mutant in MUTANTS}) == len(MUTANTS)


@pytest.mark.parametrize("source", ["nothing of it", "a = 1\na = 1\n"])
def test_a_mutant_that_does_not_fit_exactly_once_is_an_error(tmp_path, source):
    (tmp_path / "some.py").write_text(source)
    mutant = Mutant("a is two", "some.py", "a = 1", "a = 2", "tests/test_some.py::test_a")

    with pytest.raises(MisfitError, match="must be once"):
        mutant.applied(tmp_path)
