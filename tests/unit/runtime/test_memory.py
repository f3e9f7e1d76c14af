import gc
import subprocess
import sys
import threading
import weakref

import pytest

from core.runtime.clock import ManualClock
from core.runtime.memory import FULL_NS, Collector

MANY = 3_000


HOLES = """
import sys
from core.app.health_watch import rss_bytes
from core.runtime.clock import ManualClock
from core.runtime.memory import TRIM_NS, Collector, keep_heap_small
how, megabytes = sys.argv[1], int(sys.argv[2])
if how == "small heap":
    keep_heap_small()
del (one := [bytearray(30_000_000)])[0]  # from now on glibc would keep what is smaller
before = rss_bytes()
pictures, between = [], []
for _ in range(40):
    pictures.append(bytearray(b"x" * megabytes * 1_000_000))
    between.append(b"y" * 100_000)
del pictures
if how == "a minute later":
    clock = ManualClock()
    collector = Collector(clock)
    clock.advance(TRIM_NS)
    collector.look()
print((rss_bytes() - before) // 1_000_000)
"""


class Ring:
    """Refers to itself: only the collector frees it."""

    def __init__(self):
        self.me = self


@pytest.fixture
def eager():
    """A collector that is due after a thousand objects, as one after fifty thousand is."""
    before = gc.get_threshold()
    gc.collect()
    gc.set_threshold(1_000, 10, 10)
    yield
    gc.set_threshold(*before)
    gc.enable()


def make_objects_elsewhere():
    kept = []
    thread = threading.Thread(target=lambda: kept.extend([] for _ in range(MANY)))
    thread.start()
    thread.join()
    return kept


def where_it_dies(ring):
    died = []
    weakref.finalize(ring, lambda: died.append(threading.current_thread()))
    return died


@pytest.mark.usefixtures("eager")
def test_garbage_of_this_thread_is_not_collected_on_another():
    with Collector(ManualClock()) as collector:
        died = where_it_dies(Ring())
        kept = make_objects_elsewhere()
        assert died == []

        collector.look()

        assert died == [threading.current_thread()]
        assert len(kept) == MANY


@pytest.mark.usefixtures("eager")
def test_without_it_python_collects_wherever_it_likes():
    died = where_it_dies(Ring())

    make_objects_elsewhere()

    assert died
    assert died != [threading.current_thread()]


@pytest.mark.usefixtures("eager")
def test_it_looks_no_more_often_than_python_would():
    collections, kept = [], []
    with Collector(ManualClock()) as collector:
        gc.collect()
        gc.callbacks.append(lambda phase, info: collections.append((phase, info["generation"])))
        try:
            collector.look()
            assert collections == []
            for _ in range(11):
                kept += make_objects_elsewhere()
                collector.look()
                collector.look()
        finally:
            gc.callbacks.pop()

    assert [generation for phase, generation in collections if phase == "start"] == [0] * 11 + [1]


@pytest.mark.usefixtures("eager")
def test_what_has_grown_old_is_freed_too():
    clock = ManualClock()
    with Collector(clock) as collector:
        ring = Ring()
        gc.collect()  # survives, and is old from here on
        died = where_it_dies(ring)
        del ring
        make_objects_elsewhere()
        collector.look()
        assert died == []

        clock.advance(FULL_NS)
        collector.look()

    assert died == [threading.current_thread()]


def test_python_collects_by_itself_again_afterwards():
    with Collector(ManualClock()):
        assert not gc.isenabled()

    assert gc.isenabled()


@pytest.mark.skipif(sys.platform != "linux", reason="no other system has glibc")
@pytest.mark.parametrize(("how", "megabytes"), [("small heap", 5), ("a minute later", 1)])
def test_what_pictures_took_goes_back_though_something_small_lies_between_them(how, megabytes):
    def left_mb(how):
        command = [sys.executable, "-c", HOLES, how, str(megabytes)]
        return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    assert left_mb(how) < 10
    assert left_mb("as it comes") > 15
