import os
import subprocess
import sys

import pytest

from gui.single_instance import SingleInstance

OWNER = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from gui.single_instance import SingleInstance
app = QCoreApplication([])
instance = SingleInstance(Path(sys.argv[1]))
assert instance.acquire(lambda: print("raised", flush=True))
print("ready", flush=True)
{then}
"""


@pytest.fixture
def instance_of(qtbot):
    """Makes instances that are given back when the test ends."""
    made = []

    def make(folder):
        made.append(SingleInstance(folder))
        return made[-1]

    yield make
    for instance in made:
        instance.release()


def owner(folder, then):
    """Another program that holds the profile; returns once it does."""
    process = subprocess.Popen(
        [sys.executable, "-c", OWNER.format(then=then), str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "ready\n"
    return process


def test_the_second_one_of_a_profile_gets_nothing_and_raises_the_first(instance_of, qtbot, tmp_path):
    raised = []
    assert instance_of(tmp_path).acquire(lambda: raised.append(True))
    second = instance_of(tmp_path)

    assert not second.acquire(lambda: None)
    assert second.call_first()
    assert second.holder.startswith(f"process {os.getpid()} on ")
    qtbot.waitUntil(lambda: raised == [True])


def test_two_profiles_do_not_meet(instance_of, tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()

    assert instance_of(tmp_path / "one").acquire(lambda: None)
    assert instance_of(tmp_path / "two").acquire(lambda: None)


def test_a_profile_given_back_can_be_taken_again(instance_of, tmp_path):
    first = instance_of(tmp_path)
    assert first.acquire(lambda: None)
    first.release()

    assert instance_of(tmp_path).acquire(lambda: None)


def test_nobody_answers_for_a_profile_that_is_not_in_use(instance_of, tmp_path):
    assert not instance_of(tmp_path).call_first()


def test_another_program_that_runs_is_called_to_the_front(instance_of, tmp_path):
    with owner(tmp_path, "app.exec()") as process:
        mine = instance_of(tmp_path)
        held = not mine.acquire(lambda: None)
        answered = mine.call_first()
        raised = process.stdout.readline()
        process.kill()

    assert (held, answered, raised) == (True, True, "raised\n")


def test_a_program_that_was_killed_leaves_the_profile_free_and_the_next_owner_answers(
    instance_of, qtbot, tmp_path
):
    raised = []
    with owner(tmp_path, "app.exec()") as process:
        process.kill()

    assert instance_of(tmp_path).acquire(lambda: raised.append(True))
    assert instance_of(tmp_path).call_first()
    qtbot.waitUntil(lambda: raised == [True])
