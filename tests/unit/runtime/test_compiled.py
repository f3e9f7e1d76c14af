"""What is built in C is used only where it fits the source at hand, and nobody needs it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.runtime.compiled import load, place_of
from tests.helpers.sides import needs_compiled

ROOT = Path(__file__).parents[3]
SOURCE = ROOT / "core" / "processing" / "compiled_side.c"


def build(folder, **environment):
    command = [sys.executable, str(ROOT / "packaging" / "compile.py"), str(folder)]
    env = {**os.environ, **environment}
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=100)


def said_of(environment):
    """Which side a fresh Python would keep books with."""
    look = "from core.processing.book_side import COMPILED; print(COMPILED is not None)"
    command = [sys.executable, "-c", look]
    env = {**os.environ, **environment}
    return subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, text=True, check=True
    ).stdout.strip()


@pytest.mark.parametrize("compiler", ["/nowhere/cc", "false"])
def test_without_a_compiler_nothing_is_built_and_nobody_hears_of_it(tmp_path, compiler):
    done = build(tmp_path, CC=compiler)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []
    assert load(SOURCE, tmp_path) is None


@needs_compiled
def test_with_one_it_is_built_once_and_older_ones_go(tmp_path):
    old = tmp_path / place_of(SOURCE, tmp_path).name.replace("-", "-0")
    old.write_bytes(b"old")

    assert build(tmp_path).returncode == 0

    assert list(tmp_path.iterdir()) == [place_of(SOURCE, tmp_path)]
    module = load(SOURCE, tmp_path)
    assert module is not None
    assert module.crc32(b"123456789") == 0xCBF43926


def test_what_was_built_from_another_state_of_the_source_is_never_loaded(tmp_path):
    source = tmp_path / SOURCE.name
    source.write_bytes(SOURCE.read_bytes())
    place_of(source, tmp_path).write_bytes(b"")
    source.write_bytes(SOURCE.read_bytes() + b"\n")

    assert load(source, tmp_path) is None


def test_a_file_that_is_no_module_is_told_of_and_left_aside(tmp_path, expect_logs):
    expect_logs("core.runtime.compiled", "compiled module not used")
    place_of(SOURCE, tmp_path).write_bytes(b"no module")

    assert load(SOURCE, tmp_path) is None


def test_without_its_source_nothing_is_looked_for(tmp_path):
    assert load(tmp_path / "gone.c", tmp_path) is None


def test_the_environment_can_leave_it_aside():
    assert said_of({"TIDEWIRE_COMPILED": "0"}) == "False"
