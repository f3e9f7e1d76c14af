"""The judge of long runs, and a short one."""

import gc

import pytest

from tests.soak import census
from tests.soak.day import Day, run_day
from tests.soak.verdict import Report, growth_percent


def good_report() -> Report:
    return Report(
        seconds=1,
        megabytes=[100.0] * 40,
        began={"timers": 3, "widgets": 900},
        ended={"timers": 3, "widgets": 899},
        left={"windows": 0},
        frame_p999_ms=30.0,
    )


def test_a_run_that_stays_as_it_was_is_good():
    assert good_report().line()["good"]


@pytest.mark.parametrize(
    ("harm", "named"),
    [
        ({"megabytes": [100 + 0.1 * n for n in range(40)]}, "memory grew"),
        ({"calm_mb": [100.0, 103.0]}, "memory grew by 3.00 %"),
        ({"ended": {"timers": 4}}, "1 more timers"),
        ({"ended": {"timers Timeout._on_timeout": 3}}, "3 more timers Timeout"),
        ({"ended": {"tasks submit #": 1}}, "1 more tasks submit #"),
        ({"left": {"handles": 2}}, "2 more handles after the end"),
        ({"frame_p999_ms": 70.0}, "one frame in a thousand took 70 ms"),
        ({"troubles": ["task died"]}, "task died"),
    ],
)
def test_whatever_is_wrong_is_named_and_fails(harm, named):
    report = good_report()
    for name, value in harm.items():
        setattr(report, name, value)

    assert not report.line()["good"]
    assert any(named in fault for fault in report.faults())


def test_what_fills_up_while_it_warms_up_is_no_growth():
    assert growth_percent([*range(10), *[10] * 30]) == 0


def test_a_short_day_in_virtual_time_leaves_nothing_behind():
    report = run_day(0.02, 3)

    assert report.leaks == {}
    assert report.troubles == []
    assert report.told["orders"] > 0


def test_a_client_that_keeps_what_it_need_not_is_found(monkeypatch):
    agree = Day._agree

    def forgetful(day):
        agree(day)
        day._terminal.session.__dict__.setdefault("hoard", []).append(bytes(1_000_000))

    monkeypatch.setattr(Day, "_agree", forgetful)
    report = run_day(0.02, 3)

    assert any("memory grew" in fault for fault in report.faults())


def test_everything_reachable_is_measured_once_and_rings_of_bounded_length_are_not():
    shared = bytes(1000)
    small = census.reachable([shared, shared], without=())
    gc.collect()

    assert 1000 < small < 2000
    assert census.reachable([[shared], shared, bytes(5000)], without=()) > 6000
    assert census.reachable([[1.5], bytes(5000)], without=(bytes,)) < 500


@pytest.mark.qt
def test_a_dialog_that_was_only_hidden_is_counted(qtbot):
    from PySide6.QtWidgets import QDialog, QMainWindow

    window = QMainWindow()
    qtbot.addWidget(window)
    before = census.qt(window)
    QDialog(window).reject()

    assert census.qt(window)["widgets"] == before["widgets"] + 1
