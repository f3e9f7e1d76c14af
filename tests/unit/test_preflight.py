import os
import subprocess
import sys

import pytest

from gui import preflight

NO_SUCH_LIBRARY = {"libnosuchthing.so.9": "libnosuchthing9", "libc.so.6": "libc6"}


def test_only_libraries_the_loader_cannot_find_are_missing():
    assert preflight.missing_libraries(NO_SUCH_LIBRARY) == {"libnosuchthing.so.9": "libnosuchthing9"}


def test_the_advice_is_one_line_naming_each_package_once():
    advice = preflight.advice({"liba.so": "one", "libb.so": "one", "libc.so": "two"})

    assert len(advice.splitlines()) == 1
    assert advice.count("one") + advice.count("liba.so") == 1


@pytest.mark.parametrize(
    ("env", "x11"),
    [
        ({"DISPLAY": ":0"}, True),
        ({"DISPLAY": ":0", "QT_QPA_PLATFORM": "offscreen"}, False),
        ({"QT_QPA_PLATFORM": "xcb"}, True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, False),
        ({}, False),
    ],
)
def test_x11_libraries_are_asked_for_only_where_qt_would_load_them(env, x11):
    assert preflight.uses_x11(env) is x11


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux runs without a display")
def test_without_a_display_the_program_runs_off_screen_and_says_so(monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)

    code, note = preflight.check()

    assert code == 0
    assert "off-screen" in note
    assert os.environ["QT_QPA_PLATFORM"] == "offscreen"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux runs without a display")
def test_x11_without_a_display_is_refused_in_one_line(monkeypatch):
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    monkeypatch.delenv("DISPLAY", raising=False)

    code, reason = preflight.check()

    assert code == preflight.EXIT_ENVIRONMENT
    assert "DISPLAY is unset" in reason
    assert len(reason.splitlines()) == 1


def test_the_check_loads_no_qt():
    program = "import sys, gui.preflight; sys.exit(any(name.startswith('PySide6') for name in sys.modules))"

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
