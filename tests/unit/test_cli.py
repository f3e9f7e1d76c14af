"""What the command says when it is asked for something that cannot be, and that it harms nothing."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from core import __version__
from gui.cli import EXIT_FAILED, EXIT_OK, EXIT_USAGE, build_parser, main

ROOT = Path(__file__).parents[2]


def run(*arguments, home, **environment):
    """Run the command as a user would; returns (exit code, what it said on the error stream)."""
    done = subprocess.run(
        [sys.executable, "-m", "gui", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "TIDEWIRE_HOME": str(home), "QT_QPA_PLATFORM": "offscreen", **environment},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stderr


def start(*arguments):
    """Run the command in this process: for what must end before a window opens. If one opens, it closes at once."""
    return main([*arguments, "--after", "0", "--screenshot", os.devnull])


def settings_of(home):
    return home / "config" / "default" / "settings.json"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--mode", "casino"],
        ["--speed", "0"],
        ["--speed", "nan"],
        ["--speed", "fast"],
        ["--after", "-1"],
        ["--after", "nan"],
        ["--after", "1e9"],
        ["--size", "1366"],
        ["--size", "10x10"],
        ["--size", "1366x768x2"],
        ["--size", "-1366x768"],
        ["--seed", "one"],
        ["--log-level", "loud"],
        ["--no-such-option"],
        ["no-such-command"],
        ["exchange", "--speed", "2000"],
        ["export", "--since", "yesterday"],
        ["export", "--since", "2026-13-45"],
        ["export", "secrets"],
        ["journal"],
        ["--config", "/no/such/settings.json"],
    ],
    ids=" ".join,
)
def test_a_wrong_argument_is_named_in_one_line_and_ends_with_two(arguments, capsys):
    with pytest.raises(SystemExit) as end:
        build_parser().parse_args(arguments)

    assert end.value.code == EXIT_USAGE
    last = capsys.readouterr().err.strip().splitlines()[-1]
    assert last.startswith("tidewire")
    assert "error:" in last


def test_the_version_is_told(capsys):
    with pytest.raises(SystemExit) as end:
        main(["--version"])

    assert (end.value.code, capsys.readouterr().out) == (EXIT_OK, f"tidewire {__version__}\n")


def test_the_help_names_every_command(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])

    told = capsys.readouterr().out
    assert all(command in told for command in ("exchange", "doctor", "export", "journal"))


def test_without_arguments_it_is_the_demo_of_the_default_profile():
    options = build_parser().parse_args([])

    assert (options.command, options.mode, options.profile, options.seed) == (None, None, "default", 1)


def test_reading_arguments_loads_no_qt_and_no_network():
    program = (
        "import sys, gui.cli; gui.cli.build_parser();"
        "sys.exit(any(name.split('.')[0] in ('PySide6', 'httpx', 'websockets') for name in sys.modules))"
    )

    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{"symbols": ["BTC/USD"],\n oops}', "line 2"),
        (b'{"mode": "casino"}', "mode"),
        (b'{"colour": "blue"}', "colour"),
        (b"[1, 2]", "one JSON object"),
        (b'{"symbols": []}', "symbols"),
        (b'{"version": 99}', "newer Tidewire"),
        (b"\xff\xfe\x00", "not valid JSON"),
    ],
)
def test_a_damaged_settings_file_is_named_with_the_place_and_left_as_it_is(own_home, capsys, content, words):
    file = settings_of(own_home)
    file.parent.mkdir(parents=True)
    file.write_bytes(content)

    assert start() == EXIT_FAILED

    told = capsys.readouterr().err
    assert str(file) in told
    assert words in told
    assert file.read_bytes() == content


def test_a_settings_file_named_on_the_command_line_is_the_one_read(own_home, capsys, tmp_path):
    file = tmp_path / "mine.json"
    file.write_text("{")

    assert start("--config", str(file)) == EXIT_FAILED
    assert str(file) in capsys.readouterr().err


@pytest.mark.parametrize("symbols", ["BTCUSD", "BTC/USD,,ETH/USD", "/", "BTC/USD;ETH/USD", ","])
def test_what_is_no_pair_is_refused_before_anything_opens(own_home, capsys, symbols):
    assert start("--symbols", symbols) == EXIT_FAILED
    assert "symbols" in capsys.readouterr().err


@pytest.mark.parametrize("profile", ["../up", "a/b", "", "x" * 41, "white space"])
def test_a_profile_name_that_is_no_folder_is_refused(own_home, capsys, profile):
    assert start("--profile", profile) == EXIT_FAILED
    assert "profile" in capsys.readouterr().err
    assert not own_home.exists()


def test_a_home_that_is_a_file_is_refused_in_words(monkeypatch, tmp_path, capsys):
    (tmp_path / "home").write_text("")
    monkeypatch.setenv("TIDEWIRE_HOME", str(tmp_path / "home"))

    assert start() == EXIT_FAILED
    assert "cannot be used" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot be read"),
        (b"garbage", "is not a line printed by"),
        (
            json.dumps(
                {
                    **dict.fromkeys(("public_ws", "private_ws"), "wss://evil.example/v2"),
                    **dict.fromkeys(("public_rest", "private_rest"), "https://evil.example"),
                    "key": "k",
                    "secret": "c2VjcmV0",
                }
            ).encode(),
            "names a host other than this computer",
        ),
    ],
    ids=["missing", "garbage", "another host"],
)
def test_a_bad_endpoints_file_ends_the_program_in_words(tmp_path, content, words):
    file = tmp_path / "endpoints.json"
    if content is not None:
        file.write_bytes(content)
    code, told = run("--endpoints", file, home=tmp_path / "home")

    assert code == EXIT_FAILED
    assert words in told


def test_where_no_exchange_listens_the_window_opens_and_says_that_nothing_is_live(tmp_path):
    file, picture = tmp_path / "endpoints.json", tmp_path / "picture.png"
    port = free_port()
    file.write_text(
        json.dumps(
            {
                **dict.fromkeys(("public_ws", "private_ws"), f"ws://127.0.0.1:{port}/v2"),
                **dict.fromkeys(("public_rest", "private_rest"), f"http://127.0.0.1:{port}"),
                "key": "k",
                "secret": "c2VjcmV0",
            }
        )
    )
    code, told = run("--endpoints", file, "--screenshot", picture, "--after", 1, home=tmp_path / "home")

    assert code == EXIT_FAILED
    assert "no live data" in told
    assert picture.exists()


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def test_a_live_key_never_goes_to_an_endpoints_file(tmp_path):
    code, told = run("--mode", "live", "--endpoints", tmp_path / "any", home=tmp_path / "home")

    assert code == EXIT_FAILED
    assert "a live key never goes there" in told


def test_live_mode_without_a_key_says_where_to_put_one(tmp_path):
    # A profile of its own: the keychain of whoever runs the tests may hold a key of the usual one.
    code, told = run("--mode", "live", "--profile", "tests-without-a-key", home=tmp_path / "home")

    assert code == EXIT_FAILED
    assert "KRAKEN_API_KEY" in told


def test_a_pair_the_exchange_does_not_list_is_named_and_the_exit_code_tells(tmp_path):
    picture = tmp_path / "picture.png"
    code, told = run("--symbols", "FOO/BAR", "--screenshot", picture, "--after", 2, home=tmp_path / "home")

    assert code == EXIT_FAILED
    assert "FOO/BAR" in told
    assert picture.exists()


def test_a_picture_that_cannot_be_written_is_told_in_words(tmp_path):
    (tmp_path / "file").write_text("")
    code, told = run("--screenshot", tmp_path / "file" / "x.png", "--after", 0, home=tmp_path / "home")

    assert code == EXIT_FAILED
    assert "picture" in told


def test_h5_a_second_start_raises_the_first_window_and_ends_well(tmp_path):
    home = tmp_path / "home"
    command = [sys.executable, "-m", "gui"]
    environment = {**os.environ, "TIDEWIRE_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL) as first:
        try:
            code, told = retried(home)
        finally:
            first.terminate()
        first.wait(30)

    assert code == EXIT_OK
    assert "already running" in told
    assert first.returncode == EXIT_OK


def retried(home):
    """Start again once the first one holds the profile."""
    lock = home / "state" / "default" / "tidewire.lock"
    for _ in range(2000):
        if lock.exists():
            break
        subprocess.run([sys.executable, "-c", "pass"], check=True)
    return run(home=home)


def test_a_port_file_that_cannot_be_written_is_told_in_words(tmp_path):
    (tmp_path / "file").write_text("")
    code, told = run("exchange", "--port-file", tmp_path / "file" / "port", home=tmp_path / "home")

    assert code == EXIT_FAILED
    assert "port file" in told


@pytest.mark.parametrize(
    ("content", "words"), [(None, "cannot be read"), (b"no recording", "not a recording")]
)
def test_what_is_no_recording_is_told_in_words_and_no_window_opens(tmp_path, content, words):
    file = tmp_path / "x.twr"
    if content is not None:
        file.write_bytes(content)

    code, told = run("replay", file, home=tmp_path / "home")

    assert code == EXIT_FAILED
    assert words in told
