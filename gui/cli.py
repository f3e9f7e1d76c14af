"""The command ``tidewire``: reads its arguments and imports Qt only when a window is wanted."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from core import __version__
from core.domain.errors import TerminalError
from core.domain.mode import Mode
from core.domain.times import parse_ns
from core.runtime.hardening import keep_memory_private
from core.runtime.memory import collect_seldom

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_ENVIRONMENT = 3

LEVELS = ("debug", "info", "warning", "error")
EXPORTS = ("fills", "orders", "balances", "events")
FORMS = ("csv", "json", "parquet")


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line (product C2 to C4)."""
    parser = argparse.ArgumentParser(
        prog="tidewire",
        description="Trading terminal for Kraken spot. Without arguments: the embedded exchange, no account needed.",
    )
    parser.add_argument("--version", action="version", version=f"tidewire {__version__}")
    parser.add_argument(
        "--mode",
        choices=[mode.value for mode in Mode if mode is not Mode.REPLAY],
        help="whose money (default: demo)",
    )
    parser.add_argument(
        "--profile", default="default", metavar="NAME", help="settings, layout and journal to use"
    )
    parser.add_argument(
        "--symbols", metavar="A/B,C/D", help="pairs of the watchlist; the first one is opened"
    )
    parser.add_argument("--config", type=_file, metavar="FILE", help="settings file instead of the profile's")
    parser.add_argument(
        "--log-level", choices=LEVELS, help="also write the log to the terminal, from this level"
    )
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="demo: which market (default: 1)")
    parser.add_argument(
        "--speed", type=_speed, default=1.0, metavar="X", help="demo: events per second, times X"
    )
    parser.add_argument(
        "--endpoints", type=Path, metavar="FILE", help="connect to a running 'tidewire exchange'"
    )
    parser.add_argument("--screenshot", type=Path, metavar="FILE", help="save the window as PNG and exit")
    parser.add_argument(
        "--after", type=_seconds, default=10.0, metavar="S", help="seconds before the screenshot"
    )
    parser.add_argument("--size", type=_size, metavar="WxH", help="size of the window in pixels")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    exchange = commands.add_parser("exchange", help="run the embedded exchange alone, for other programs")
    exchange.add_argument("--seed", type=int, default=1, metavar="N", help="which market (default: 1)")
    exchange.add_argument("--speed", type=_speed, default=1.0, metavar="X", help="events per second, times X")
    exchange.add_argument("--port-file", type=Path, metavar="FILE", help="also write the endpoints line here")
    exchange.add_argument(
        "--open-path",
        action="store_true",
        help="serve plain /v2 and /0/…, for clients that cannot carry a path",
    )
    replay = commands.add_parser("replay", help="open a recording in the whole window, read-only")
    replay.add_argument(
        "recording", type=Path, metavar="FILE", help="a recording, its folder, or a saved incident"
    )
    doctor = commands.add_parser("doctor", help="check this computer, one line a check")
    doctor.add_argument(
        "--trade", action="store_true", help="without a network: place one order on the embedded exchange"
    )
    paper = commands.add_parser("paper", help="look after the paper account of a profile")
    acts = paper.add_subparsers(dest="action", metavar="ACTION", required=True)
    acts.add_parser("reset", help="forget the paper account: the next start in paper mode begins a new one")
    _add_journal_commands(commands)
    return parser


def _add_journal_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    export = commands.add_parser("export", help="write orders, fills, balances or events into a file")
    export.add_argument(
        "what", choices=EXPORTS, nargs="?", default="fills", help="which table (default: fills)"
    )
    for name, text in (
        ("--since", "from 2026-01-31 or 2026-01-31T12:00:00Z on, UTC"),
        ("--until", "and before it"),
    ):
        export.add_argument(name, type=_moment, metavar="DATE", help=text)
    export.add_argument("--format", choices=FORMS, default="csv", help="kind of file (default: csv)")
    export.add_argument(
        "--out", type=Path, metavar="FILE", help="file to write (default: a name with the date)"
    )
    journal = commands.add_parser("journal", help="look after the journal of a profile")
    actions = journal.add_subparsers(dest="action", metavar="ACTION", required=True)
    actions.add_parser("check", help="check the file, and that the fills add up")
    taken = actions.add_parser("import", help="take in Kraken's export of trades or ledgers (CSV)")
    taken.add_argument("file", type=Path, metavar="FILE", help="trades.csv or ledgers.csv")
    seal = actions.add_parser("seal", help="write one day into a file that shows every later change")
    seal.add_argument("day", type=_day, metavar="DAY", help="such as 2026-01-31, UTC")
    seal.add_argument("--out", type=Path, metavar="FILE", help="file to write (default: a name with the day)")
    verify = actions.add_parser("verify", help="check a sealed day; names the first wrong line")
    verify.add_argument("file", type=Path, metavar="FILE", help="a sealed day")


def main(argv: Sequence[str] | None = None, *, welcomes: bool = True) -> int:
    """Run the command and return the exit code: 0 well, 1 failed, 2 usage, 3 environment.

    ``welcomes``: a first start without a word on whose money it is about may ask.
    """
    options = build_parser().parse_args(argv)
    options.welcomes = welcomes and may_welcome(options)
    keep_memory_private()
    try:
        return _dispatch(options)
    except TerminalError as failure:
        sys.stderr.write(f"tidewire: {failure.user_message}\n")
        if failure.detail and failure.detail != failure.user_message:
            sys.stderr.write(f"  {failure.detail}\n")
        return EXIT_FAILED


def may_welcome(options: argparse.Namespace) -> bool:
    """Whether nothing on the command line says whose money it is about, or that nobody is there to be asked."""
    return not (options.mode or options.endpoints or options.config or options.screenshot)


def _dispatch(options: argparse.Namespace) -> int:
    if options.command == "exchange":
        from core.app.exchange_command import run_exchange

        return run_exchange(options.seed, options.speed, options.port_file, options.open_path)
    if options.command == "doctor":
        from core.app.doctor import run_doctor

        return run_doctor(_lacking_libraries, options.profile, trades=options.trade)
    if options.command == "export":
        from core.app.journal_commands import run_export

        span = (options.since, options.until)
        return run_export(options.profile, options.mode, options.what, span, options.format, options.out)
    if options.command == "journal":
        return _look_after_journal(options)
    if options.command == "paper":
        from gui.paper_command import reset_paper

        return reset_paper(options.profile)
    return _open_window(options)


def _look_after_journal(options: argparse.Namespace) -> int:
    if options.action == "check":
        from core.app.journal_commands import run_journal_check

        return run_journal_check(options.profile, options.mode)
    if options.action == "import":
        from gui.import_command import run_import

        return run_import(options.profile, options.mode, options.file)
    from core.app.seal_commands import run_seal, run_verify

    if options.action == "verify":
        return run_verify(options.file)
    return run_seal(options.profile, options.mode, options.day, options.out)


def _open_window(options: argparse.Namespace) -> int:
    started_ns = time.monotonic_ns()
    from gui import preflight

    code, text = preflight.check()
    if text:
        sys.stderr.write(text + "\n")
    if code:
        return EXIT_ENVIRONMENT
    os.environ.setdefault("PYQTGRAPH_QT_LIB", "PySide6")
    if options.command == "replay":
        from gui.replay_app import run_replay

        return run_replay(options)
    collect_seldom()
    from gui.app import run_terminal

    return run_terminal(options, started_ns)


def _lacking_libraries() -> str:
    from gui import preflight

    missing = preflight.lacking()
    return preflight.advice(missing) if missing else ""


def _file(text: str) -> Path:
    path = Path(text)
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"no such file: {text!r}")
    return path


def _speed(text: str) -> float:
    value = _number(text)
    if not 0.01 <= value <= 1000:
        raise argparse.ArgumentTypeError("must be between 0.01 and 1000")
    return value


def _seconds(text: str) -> float:
    value = _number(text)
    if not 0 <= value <= 86_400:
        raise argparse.ArgumentTypeError("must be between 0 and 86400 seconds")
    return value


def _moment(text: str) -> int:
    try:
        return parse_ns(text if "T" in text else f"{text}T00:00:00")
    except ValueError:
        raise argparse.ArgumentTypeError(f"not a date such as 2026-01-31: {text!r}") from None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"not a day such as 2026-01-31: {text!r}") from None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"not a number: {text!r}") from None


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal()) or not (
        320 <= int(width) <= 16384 and 240 <= int(height) <= 16384
    ):
        raise argparse.ArgumentTypeError("write it as 1366x768")
    return int(width), int(height)
