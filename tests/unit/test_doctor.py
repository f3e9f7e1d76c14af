"""``tidewire doctor`` against a real socket that says what a test tells it to."""

import asyncio
import os
import time
from contextlib import asynccontextmanager

import msgspec
import pytest

from core.app.doctor import run_doctor
from core.data.kraken.endpoints import Endpoints
from tests.helpers.scripted_exchange import scripted_exchange
from tests.helpers.scripted_rest import Raw, scripted_rest

NOBODY = Endpoints(
    public_ws="ws://127.0.0.1:9/v2",
    private_ws="ws://127.0.0.1:9/v2",
    level3_ws="ws://127.0.0.1:9/v2",
    public_rest="http://127.0.0.1:9",
    private_rest="http://127.0.0.1:9",
)
GOOD_SECRET = "c2VjcmV0"


@asynccontextmanager
async def venue():
    """REST and WebSocket servers in good health."""
    async with scripted_rest() as rest, scripted_exchange() as lines:
        rest.answers["SystemStatus"] = {"status": "online", "timestamp": "2026-01-01T00:00:00Z"}
        rest.answers["Time"] = lambda call: {"unixtime": int(time.time()), "rfc1123": ""}
        yield (
            rest,
            lines,
            msgspec.structs.replace(rest.endpoints, public_ws=lines.url, private_ws=lines.url),
        )


async def found(capsys, endpoints, lacking="", profile="default"):
    """Run the doctor beside the loop that serves it; returns the exit code and (mark, text) by name of check."""
    code = await asyncio.to_thread(run_doctor, lambda: lacking, profile, endpoints)
    rows = [line.split(maxsplit=2) for line in capsys.readouterr().out.splitlines()]
    return code, {name: (mark, text) for mark, name, text in rows}


async def test_each_check_is_one_line_and_a_reachable_exchange_passes(capsys):
    async with venue() as (_, _, endpoints):
        _, lines = await found(capsys, endpoints)

    assert list(lines) == [
        "python/qt",
        "libraries",
        "display",
        "folders",
        "settings",
        "files",
        "keychain",
        "dns",
        "tls",
        "rest",
        "clock",
        "websocket",
        "key",
    ]
    passed = {name for name, (mark, _) in lines.items() if mark == "ok"}
    assert {
        "python/qt",
        "libraries",
        "folders",
        "settings",
        "files",
        "dns",
        "rest",
        "clock",
        "websocket",
    } <= passed
    assert "none" in lines["key"][1]
    assert lines["rest"][1] == "exchange is online"


async def test_a_failed_check_makes_the_exit_code_one_and_hides_no_other(capsys):
    code, lines = await found(capsys, NOBODY)

    assert code == 1
    assert {name for name, (mark, _) in lines.items() if mark == "FAIL"} == {
        "tls",
        "rest",
        "clock",
        "websocket",
    }


async def test_lacking_libraries_are_named(capsys):
    code, lines = await found(capsys, NOBODY, lacking="apt-get install libegl1")

    assert (code, lines["libraries"]) == (1, ("FAIL", "apt-get install libegl1"))


async def test_a_line_that_is_refused_is_a_finding_and_no_crash(capsys):
    async with venue() as (_, lines, endpoints):
        lines.status = 403
        code, told = await found(capsys, endpoints)

    assert code == 1
    assert told["websocket"][0] == "FAIL"
    assert "403" in told["websocket"][1]


async def test_a_page_that_is_not_the_exchange_is_a_finding(capsys):
    async with venue() as (rest, _, endpoints):
        rest.answers["SystemStatus"] = Raw(body=b"<html>please log in</html>")
        code, told = await found(capsys, endpoints)

    assert (code, told["rest"][0]) == (1, "FAIL")


@pytest.mark.parametrize(("ahead_s", "mark"), [(0, "ok"), (60, "FAIL"), (-60, "FAIL")])
async def test_a_clock_that_is_wrong_is_told(capsys, ahead_s, mark):
    async with venue() as (rest, _, endpoints):
        rest.answers["Time"] = lambda call: {"unixtime": int(time.time()) + ahead_s, "rfc1123": ""}
        _, told = await found(capsys, endpoints)

    assert told["clock"][0] == mark


@pytest.mark.parametrize(
    ("permissions", "mark"),
    [(["query-funds", "modify-trades"], "ok"), (["query-funds", "withdraw-funds"], "FAIL")],
)
async def test_a_key_that_may_withdraw_is_a_failure(capsys, monkeypatch, permissions, mark):
    monkeypatch.setenv("KRAKEN_API_KEY", "key")
    monkeypatch.setenv("KRAKEN_API_SECRET", GOOD_SECRET)
    async with venue() as (rest, _, endpoints):
        rest.answers["GetApiKeyInfo"] = {"permissions": permissions}
        _, told = await found(capsys, endpoints)

    assert told["key"][0] == mark
    assert permissions[0] in told["key"][1]


@pytest.mark.parametrize(
    ("key", "secret", "words"),
    [
        ("key", "", "KRAKEN_API_SECRET is not set"),
        ("", GOOD_SECRET, "KRAKEN_API_KEY is not set"),
        ("key", "this is no base64!", "incomplete or mistyped"),
    ],
)
async def test_a_damaged_key_is_a_finding_that_shows_nothing_of_it(capsys, monkeypatch, key, secret, words):
    monkeypatch.setenv("KRAKEN_API_KEY", key)
    monkeypatch.setenv("KRAKEN_API_SECRET", secret)
    code, told = await found(capsys, NOBODY)

    assert (code, told["key"][0]) == (1, "FAIL")
    assert words in told["key"][1]
    assert not secret or secret not in str(told)


async def test_a_folder_that_cannot_be_made_is_a_finding(capsys, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TIDEWIRE_HOME", str(tmp_path / "file" / "home"))
    code, told = await found(capsys, NOBODY)

    assert (code, told["folders"][0]) == (1, "FAIL")


async def test_settings_that_cannot_be_read_are_a_finding(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("TIDEWIRE_HOME", str(tmp_path))
    file = tmp_path / "config" / "default" / "settings.json"
    file.parent.mkdir(parents=True)
    file.write_text('{"theme": "pink"}')
    file.chmod(0o600)
    code, told = await found(capsys, NOBODY)

    assert (code, told["settings"][0]) == (1, "FAIL")
    assert "pink" in told["settings"][1] or "theme" in told["settings"][1]
    assert told["files"] == ("ok", "1 kept, readable by their owner alone")


@pytest.mark.skipif(os.name != "posix", reason="permissions of files as Unix knows them")
async def test_a_file_that_others_may_read_is_named(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("TIDEWIRE_HOME", str(tmp_path))
    file = tmp_path / "data" / "default" / "journal-live.sqlite"
    file.parent.mkdir(parents=True)
    file.write_text("")
    file.chmod(0o644)
    code, told = await found(capsys, NOBODY)

    assert (code, told["files"][0]) == (1, "FAIL")
    assert "journal-live.sqlite" in told["files"][1]


async def test_the_account_line_is_asked_too(capsys):
    async with venue() as (_, _, endpoints):
        closed = msgspec.structs.replace(endpoints, private_ws=NOBODY.private_ws)
        code, told = await found(capsys, closed)

    assert (code, told["websocket"][0]) == (1, "FAIL")
    assert "account line" in told["websocket"][1]


async def test_a_bad_profile_name_is_a_finding(capsys):
    _, told = await found(capsys, NOBODY, profile="../elsewhere")

    assert told["folders"][0] == "FAIL"
