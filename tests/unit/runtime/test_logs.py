import io
import logging
import re
import stat
import threading

import pytest

from core.domain.errors import StartError
from core.runtime import logs as logs_module
from core.runtime.logs import LogRing, Logs
from core.runtime.secrets import Secret

LOGGER = "tidewire.test"
log = logging.getLogger(LOGGER)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "tidewire.log"


@pytest.fixture
def logs(file):
    logs = Logs(file, level="debug")
    yield logs
    logs.stop()


def lines_of(logs, file):
    logs.stop()
    return file.read_text(encoding="utf-8").splitlines()


def test_a_record_is_one_line_with_time_level_logger_and_text(logs, file):
    log.info("order sent cl_ord_id=%s", "abc")

    [line] = lines_of(logs, file)
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z INFO    tidewire\.test order sent cl_ord_id=abc", line
    )


def test_text_from_outside_cannot_forge_a_line(logs, file):
    log.info(
        "refused reason=%s",
        "no\n2026-01-01T00:00:00.000000Z INFO    core.app order filled\r\x1b[2K\u2028\u202e",
    )

    [line] = lines_of(logs, file)
    assert r"reason=no\n2026-01-01" in line
    assert r"\r\u001b[2K\u2028\u202e" in line


def test_a_traceback_is_part_of_the_line_and_shows_no_locals(logs, file, expect_logs):
    expect_logs(LOGGER, "task failed")
    try:
        token = "hunter2"
        raise ValueError("broken") from KeyError(len(token))
    except ValueError:
        log.exception("task failed")

    [line] = lines_of(logs, file)
    assert r"task failed\nKeyError: 7\n\nThe above exception" in line
    assert "ValueError: broken" in line
    assert "'hunter2'" not in line.replace('token = "hunter2"', "")


def test_secrets_reach_neither_file_nor_ring(logs, file):
    logs.redactor.register(Secret("hunter2"))

    log.info("a hunter2 b")
    log.info("headers %s", {"API-Key": "kkk", "API-Sign": "sss"})

    text = "\n".join(lines_of(logs, file) + [line.text for line in logs.ring.since()])
    assert not re.search("hunter2|kkk|sss", text)
    assert text.count("[redacted]") == 6


def test_a_secret_in_an_exception_is_removed(logs, file, expect_logs):
    expect_logs(LOGGER, "failed")
    logs.redactor.register(Secret("hunter2"))

    log.error("failed", exc_info=ValueError("hunter2"))

    assert "hunter2" not in "".join(lines_of(logs, file))


@pytest.mark.parametrize("name", ["httpx", "httpcore.http11", "websockets.client", "h2"])
def test_libraries_that_print_requests_stay_quiet(logs, file, name):
    library = logging.getLogger(name)
    level = library.level
    library.setLevel(logging.DEBUG)

    library.debug("> GET /private?token=abc")
    library.info("HTTP Request: POST")

    library.setLevel(level)
    assert lines_of(logs, file) == []


def test_the_record_holds_what_was_true_when_it_was_made(logs, file):
    orders = ["first"]
    log.info("orders %s", orders)
    orders.append("second")

    assert lines_of(logs, file)[0].endswith("orders ['first']")


def test_the_level_can_change_while_running(logs, file):
    logs.set_level("warning")
    log.info("not this")
    logs.set_level("info")
    log.info("but this")

    assert [line.split()[3:] for line in lines_of(logs, file)] == [["but", "this"]]


def test_the_terminal_may_show_more_than_the_file(file):
    console = io.StringIO()
    logs = Logs(file, level="info", console_level="debug", console=console)

    log.debug("details")
    log.info("news")

    assert [line.rsplit(" ", 1)[1] for line in lines_of(logs, file)] == ["news"]
    assert [line.rsplit(" ", 1)[1] for line in console.getvalue().splitlines()] == ["details", "news"]


def test_the_file_rotates_and_all_parts_are_private(file, monkeypatch):
    monkeypatch.setattr(logs_module, "FILE_BYTES", 2_000)
    logs = Logs(file)

    for number in range(200):
        log.info("line number=%d", number)

    last = lines_of(logs, file)[-1]
    parts = sorted(path for path in file.parent.iterdir())
    assert last.endswith("number=199")
    assert len(parts) == 5
    assert all(part.stat().st_size <= 2_000 for part in parts)
    assert {stat.S_IMODE(part.stat().st_mode) for part in parts} == {0o600}


def test_a_file_that_cannot_be_opened_is_named(tmp_path):
    with pytest.raises(StartError) as refusal:
        Logs(tmp_path / "gone" / "tidewire.log")

    assert str(tmp_path / "gone" / "tidewire.log") in refusal.value.user_message


def test_stopping_leaves_logging_as_it_was_and_may_happen_twice(file):
    before = (logging.root.level, list(logging.root.handlers))
    threads = threading.active_count()

    logs = Logs(file, level="debug")
    logs.stop()
    logs.stop()

    assert (logging.root.level, list(logging.root.handlers)) == before
    assert threading.active_count() == threads


def test_a_flood_is_dropped_counted_and_never_waits(file, monkeypatch):
    monkeypatch.setattr(logs_module, "QUEUE_RECORDS", 10)
    logs = Logs(file)
    gate = threading.Event()
    append = logs.ring.append
    logs.ring.append = lambda *line: (gate.wait(10), append(*line))[1]

    for number in range(100):
        log.info("flood number=%d", number)
    gate.set()

    lines = lines_of(logs, file)
    dropped = sum(int(line.rpartition("count=")[2]) for line in lines if "records dropped" in line)
    assert dropped >= 80
    assert dropped + sum("flood" in line for line in lines) == 100


def test_the_ring_keeps_the_last_lines_and_numbers_them_on():
    ring = LogRing(size=3)

    for number in range(5):
        ring.append(number, logging.INFO, "x", str(number))

    assert [(line.number, line.text) for line in ring.since()] == [(2, "2"), (3, "3"), (4, "4")]
    assert [line.number for line in ring.since(4)] == [4]
    assert ring.since(5) == []
    assert [line.number for line in ring.since(1)] == [2, 3, 4]
