"""The mutants still fit the source, and the tests that catch them still exist. ``make mutants`` runs them."""

import ast
from pathlib import Path

import pytest

from tests.mutants.__main__ import chosen, outcome_of
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


@pytest.mark.parametrize(
    ("code", "output", "outcome"),
    [
        (0, "1 passed", "SURVIVED"),
        (1, "AssertionError: assert 2 == 1\n1 failed\n", "caught"),
        (1, "NameError: name 'x' is not defined\n1 failed\n", "no verdict, pytest says 1: 1 failed"),
        (2, "1 error during collection", "no verdict, pytest says 2: 1 error during collection"),
        (-1, "no end within 120 s", "no verdict, pytest says -1: no end within 120 s"),
    ],
)
def test_only_a_failure_of_the_test_itself_has_caught_a_mutant(code, output, outcome):
    assert outcome_of(code, output) == outcome


def test_words_choose_the_mutants_that_have_all_of_them_in_their_names():
    assert [mutant.name for mutant in chosen(["signed", "CRC"])] == ["signed CRC"]
    assert chosen([]) == list(MUTANTS)
    assert chosen(["no such bug"]) == []
