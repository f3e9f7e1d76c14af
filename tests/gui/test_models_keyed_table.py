"""Rows follow their keys, whatever moves, comes and goes."""

from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from gui.models.keyed_table import Column, KeyedTable, runs


@dataclass
class Row:
    name: str
    size: int | None = None


COLUMNS = (
    Column("Name", "sample", lambda row: row.name, lambda row: row.name, figures=False, about="What it is"),
    Column(
        "Size", "123", lambda row: str(row.size), lambda row: row.size, hint=lambda row: f"{row.size} in all"
    ),
    Column("Note", "x", lambda row: "x"),
)


class Table(KeyedTable):
    """A table over a dictionary."""

    def __init__(self, *keys):
        self.rows = {key: Row(key) for key in "abcdefghij"}
        super().__init__(COLUMNS, self.rows.get)
        self.set_keys(keys)


@pytest.fixture
def table(qapp):
    made = Table("a", "b", "c")
    # Qt's own judge of models: it fails the test when a signal and the rows contradict.
    judge = QAbstractItemModelTester(made, QAbstractItemModelTester.FailureReportingMode.Fatal)
    yield made
    judge.deleteLater()


def emitted(signal):
    told = []
    signal.connect(lambda *arguments: told.append(arguments))
    return told


def test_rows_stand_in_the_order_given(table):
    assert table.keys() == ["a", "b", "c"]
    assert (table.rowCount(), table.columnCount()) == (3, 3)
    assert [table.row_of(key) for key in "cab"] == [2, 0, 1]
    assert table.key_at(1) == "b"


@pytest.mark.parametrize("wanted", ["", "abc", "cba", "bd", "xabc", "adbec", "e", "cab"])
def test_exactly_the_keys_given_are_shown(table, wanted):
    table.set_keys(wanted)

    assert table.keys() == list(wanted)
    assert [table.row_of(key) for key in wanted] == list(range(len(wanted)))


def test_a_key_given_twice_is_one_row(table):
    table.set_keys("abab")

    assert table.keys() == ["a", "b"]


def test_a_selected_row_stays_selected_while_others_come_and_go(table):
    held = QPersistentModelIndex(table.index(1, 0))
    table.set_keys("xyacb")
    assert table.key_at(held.row()) == "b"

    table.set_keys("ca")

    assert not held.isValid()


def test_nothing_is_moved_when_nothing_changed(table):
    moved = emitted(table.layoutChanged)
    table.set_keys("abc")

    assert moved == []


def test_neighbours_are_redrawn_in_one_go(table):
    table.set_keys("abcdef")
    redrawn = emitted(table.dataChanged)
    table.told(["b", "a", "f", "unknown", "c"])

    assert [(first.row(), last.row(), last.column()) for first, last, *_ in redrawn] == [(0, 2, 2), (5, 5, 2)]


def test_the_user_sorts_and_new_rows_find_their_place(table):
    for key, size in zip("abcd", (2, 3, 1, None), strict=True):
        table.rows[key].size = size
    table.set_keys("abcd")
    table.sort(1, Qt.SortOrder.DescendingOrder)
    assert table.keys() == ["b", "a", "c", "d"]

    table.rows["e"].size = 9
    table.set_keys("abcde")

    assert table.keys() == ["e", "b", "a", "c", "d"]


@pytest.mark.parametrize("order", [Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder])
def test_rows_without_a_value_stand_last_however_it_is_sorted(table, order):
    table.rows["b"].size = 1
    table.sort(1, order)

    assert table.keys()[0] == "b"


def test_a_column_without_order_leaves_the_rows_where_they_are(table):
    table.sort(2, Qt.SortOrder.DescendingOrder)

    assert table.keys() == ["a", "b", "c"]


def test_sorting_ends_with_the_order_given(table):
    table.sort(0, Qt.SortOrder.DescendingOrder)
    table.sort(-1)
    table.set_keys("acb")

    assert table.keys() == ["a", "c", "b"]


def test_a_row_that_is_gone_from_the_store_reads_as_nothing(table):
    del table.rows["b"]

    assert table.row_at(1) is None
    assert table.index(1, 0).data() is None
    assert table.row_at(99) is None


def test_cells_tell_text_hint_and_place(table):
    table.rows["a"].size = 5
    name, size = table.index(0, 0), table.index(0, 1)

    assert (name.data(), size.data()) == ("a", "5")
    assert size.data(Qt.ItemDataRole.ToolTipRole) == "5 in all"
    assert name.data(Qt.ItemDataRole.ToolTipRole) is None
    assert name.data(Qt.ItemDataRole.TextAlignmentRole) & Qt.AlignmentFlag.AlignLeft
    assert size.data(Qt.ItemDataRole.TextAlignmentRole) & Qt.AlignmentFlag.AlignRight
    assert size.data(Qt.ItemDataRole.AccessibleTextRole) == "5"
    assert size.data(Qt.ItemDataRole.EditRole) is None


def test_headers_tell_title_and_meaning(table):
    horizontal = Qt.Orientation.Horizontal

    assert [table.headerData(at, horizontal) for at in range(3)] == ["Name", "Size", "Note"]
    assert table.headerData(0, horizontal, Qt.ItemDataRole.ToolTipRole) == "What it is"
    assert table.headerData(9, horizontal) is None
    assert table.headerData(0, Qt.Orientation.Vertical) is None


KEYS = st.lists(st.sampled_from("abcdefghij"), max_size=12)
STEPS = st.lists(KEYS | st.sampled_from([(0, False), (0, True), (1, True), (-1, False)]), max_size=8)


@given(STEPS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_sequence_of_changes_shows_the_keys_given_and_keeps_every_place(qapp, steps):
    table = Table("a", "b", "c")
    judge = QAbstractItemModelTester(table, QAbstractItemModelTester.FailureReportingMode.Fatal)
    wanted, sorts = ["a", "b", "c"], False
    for step in steps:
        places = {key: QPersistentModelIndex(table.index(row, 0)) for row, key in enumerate(table.keys())}
        if isinstance(step, tuple):
            column, down = step
            table.sort(column, Qt.SortOrder.DescendingOrder if down else Qt.SortOrder.AscendingOrder)
            sorts = column >= 0
        else:
            wanted = list(dict.fromkeys(step))
            table.set_keys(step)
            assert sorts or table.keys() == wanted
        assert sorted(table.keys()) == sorted(wanted)
        for key, place in places.items():
            assert (table.key_at(place.row()) == key) if key in wanted else not place.isValid()
    judge.deleteLater()


@given(st.lists(st.integers(0, 30)))
def test_runs_cover_every_row_once_and_never_touch(rows):
    found = list(runs(rows))

    assert [row for first, last in found for row in range(first, last + 1)] == sorted(set(rows))
    assert all(after[0] > before[1] + 1 for before, after in pairwise(found))
