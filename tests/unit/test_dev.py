import subprocess
import sys
from pathlib import Path

import pytest

import dev

ROOT = Path(dev.__file__).parent


def call(*args):
    return subprocess.run(
        [sys.executable, str(ROOT / "dev.py"), *args], capture_output=True, text=True, check=False
    )


def test_without_a_task_the_tasks_are_listed():
    shown = call()

    assert shown.returncode == 0
    assert all(f"dev.py {task}" in shown.stdout for task in dev.TASKS)


def test_an_unknown_task_is_refused_with_the_known_ones():
    refused = call("fly")

    assert refused.returncode == 2
    assert "'fly'" in refused.stderr
    assert "test" in refused.stderr


def test_every_task_has_its_alias_in_the_makefile():
    [line] = [line for line in (ROOT / "Makefile").read_text().splitlines() if line.startswith("TASKS :=")]

    assert set(line.removeprefix("TASKS :=").split()) == set(dev.TASKS)


def test_a_file_above_the_limit_is_named_with_its_length(tmp_path, monkeypatch):
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "long.py").write_text("x = 1\n" * (dev.MAX_FILE_LINES + 1))
    (tmp_path / "core" / "just.py").write_text("x = 1\n" * dev.MAX_FILE_LINES)
    monkeypatch.setattr(dev, "ROOT", tmp_path)

    assert dev.long_files() == [f"{Path('core') / 'long.py'}: 501 lines, at most 500"]


def test_the_locks_name_no_host_that_others_may_not_reach():
    assert dev.check_lock_hosts() == 0


def test_every_locked_package_has_hashes():
    for name in dev.LOCKS:
        requirements = (ROOT / name).read_text().replace("\\\n", " ").splitlines()
        assert requirements
        assert all("--hash=sha256:" in requirement for requirement in requirements)


def test_the_python_and_qt_pair_that_aborts_is_locked_out():
    assert "pyside6-essentials==6.11.3" in (ROOT / "requirements.lock").read_text()


@pytest.mark.parametrize("name", ["PYTHONPATH", "PIP_TARGET", "PIP_USER"])
def test_a_users_own_python_settings_do_not_leak_in(monkeypatch, name):
    monkeypatch.setenv(name, "/elsewhere")
    monkeypatch.setenv("PIP_INDEX_URL", "https://index.invalid/simple")

    env = dev.environment()

    assert name not in env
    assert env["PIP_INDEX_URL"] == "https://index.invalid/simple"
