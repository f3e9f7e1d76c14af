"""S6: what is in memory stays out of files: no core dumps, a private fault file, nothing sent by itself."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import dev

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="core files and prctl are Linux's")


def python(code, **options):
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=dev.ROOT, **options
    )


def test_s06_the_program_cannot_be_dumped_or_attached_to():
    told = python(
        "import resource; from core.runtime.hardening import *; keep_memory_private();"
        "print(is_dumpable(), resource.getrlimit(resource.RLIMIT_CORE)[0])"
    )

    assert told.stdout.split() == ["False", "0"]


def test_s06_every_command_begins_with_it():
    told = python(
        "import contextlib; from gui.cli import main; from core.runtime.hardening import is_dumpable\n"
        "with contextlib.suppress(SystemExit): main(['journal', 'check'])\n"
        "print('dumpable', is_dumpable())"
    )

    assert told.stdout.splitlines()[-1] == "dumpable False"


def test_s06_a_crash_leaves_no_core_file_and_no_memory_in_its_last_words(tmp_path):
    code = (
        f"import sys, os; sys.path.insert(0, {str(dev.ROOT)!r})\n"
        "from core.runtime.hardening import keep_memory_private; keep_memory_private()\n"
        "import faulthandler\n"
        "file = open('fault.log', 'w'); faulthandler.enable(file)\n"
        "canary = 'canary-' + 'x' * 8; os.abort()"
    )

    crashed = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, check=False)

    assert crashed.returncode < 0
    assert os.listdir(tmp_path) == ["fault.log"]
    fault = (tmp_path / "fault.log").read_text()
    assert "Fatal Python error" in fault
    assert "canary-xxxxxxxx" not in fault
    assert (tmp_path / "fault.log").stat().st_mode & 0o777 == 0o600


def test_s06_no_code_of_ours_sends_a_report():
    words = ("sentry", "bugsnag", "telemetry", "smtplib")
    sources = [path for folder in ("core", "gui") for path in (Path(dev.ROOT) / folder).rglob("*.py")]

    assert [str(path) for path in sources if any(word in path.read_text() for word in words)] == []
