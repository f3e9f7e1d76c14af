"""S12: a start that could not end well does not begin."""

import shutil
import subprocess
import sys

import pytest

import dev
from core.runtime.paths import NEEDED_FREE_BYTES, find_paths
from core.runtime.supported import pair_problem


@pytest.mark.parametrize(
    ("python", "qt", "word"),
    [
        ((3, 11, 7), "6.12.0", "crashes"),
        ((3, 11, 2), "6.12.3", "crashes"),
        ((3, 10, 0), "6.11.3", "is needed"),
        ((3, 14, 0), "6.11.3", "is needed"),
        ((3, 11, 7), "", "not installed"),
    ],
)
def test_s12_a_pair_of_python_and_qt_that_cannot_work_is_refused(python, qt, word):
    assert word in pair_problem(python, qt)


@pytest.mark.parametrize("python", [(3, 11, 7), (3, 12, 1), (3, 13, 0)])
def test_s12_the_locked_pair_is_accepted(python):
    assert pair_problem(python, "6.11.3") == ""


def test_s12_the_pair_is_judged_before_qt_is_loaded():
    code = (
        "import sys, core.runtime.supported as s; s.qt_version = lambda: '5.0'; s.OLDEST = (4, 0)\n"
        "from gui import preflight\n"
        "print(preflight.check()[0], 'PySide6' in sys.modules)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=dev.ROOT, capture_output=True, text=True, check=True
    )

    assert told.stdout.split() == ["3", "False"]


def test_s12_folders_that_stood_open_are_closed_at_start():
    paths = find_paths()
    paths.data.mkdir(parents=True, mode=0o755)
    paths.data.chmod(0o755)

    paths.make()

    assert paths.data.stat().st_mode & 0o777 == 0o700


def test_s12_a_disk_without_room_is_told(monkeypatch):
    paths = find_paths()
    paths.make()
    usage = type(shutil.disk_usage(paths.data))
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**12, 10**12, NEEDED_FREE_BYTES - 1))

    assert "MiB are free" in paths.low_disk()
