"""Runs the benchmarks in an environment with their peers and writes build/bench.json.

python -m tests.bench              all rows
python -m tests.bench book_d10     these rows
python -m tests.bench --list       names and goals
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import venv
from pathlib import Path

from core.runtime.memory import collect_rarely
from tests.bench.measure import Result, Row

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
PEERS = Path(__file__).with_name("requirements-peers.txt")
LOCK = ROOT / "requirements.lock"
OUTPUT = BUILD / "bench.json"
# One process each, in this order: what one module imports or allocates does not weigh on the next.
MODULES = (
    "book_rows",
    "pipeline_row",
    "loop_row",
    "frame_rows",
    "window_rows",
    "risk_row",
    "order_rows",
    "kill_row",
    "start_rows",
)
EXIT_GOAL_MISSED = 1


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description="Ours and other libraries, in one run.")
    parser.add_argument("rows", nargs="*", help="names of rows; all when none is given")
    parser.add_argument("--list", action="store_true", help="only name the rows and their goals")
    parser.add_argument("--module", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.module:
        return run_module(options.module, options.rows)
    python = environment()
    if options.list:
        return sum(start(python, module, ["--list"]) for module in MODULES)
    return run_all(python, options.rows)


def environment() -> str:
    """Make build/bench-venv hold the locked packages and the peers; return its interpreter."""
    home = BUILD / "bench-venv"
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = home / ".requirements-sha256"
    wanted = hashlib.sha256(LOCK.read_bytes() + PEERS.read_bytes() + sys.version.encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return str(python)
    sys.stderr.write("Installing the libraries to compare with …\n")
    venv.create(home, clear=True, with_pip=True)
    install = [str(python), "-m", "pip", "install", "-qq", "--no-deps", "--only-binary", ":all:", "-r"]
    subprocess.run([*install, str(LOCK), "--require-hashes"], check=True)
    subprocess.run([*install, str(PEERS)], check=True)
    stamp.write_text(wanted)
    return str(python)


def run_all(python: str, names: list[str]) -> int:
    results: list[Result] = []
    part = BUILD / "bench-part.json"
    failed = False
    for module in MODULES:
        part.unlink(missing_ok=True)
        failed |= start(python, module, names) != 0
        if part.exists():
            results += [Result(**row) for row in json.loads(part.read_text())]
    part.unlink(missing_ok=True)
    unknown = set(names) - {result.name for result in results}
    for name in sorted(unknown if not failed else ()):
        sys.stderr.write(f"There is no benchmark {name!r}; --list names them.\n")
    write(results, merge=bool(names))
    return 2 if failed or unknown else EXIT_GOAL_MISSED * any(not result.met for result in results)


def start(python: str, module: str, arguments: list[str]) -> int:
    command = [python, "-m", "tests.bench", "--module", module, *arguments]
    env = {**os.environ, "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen")}
    return subprocess.run(command, cwd=ROOT, env=env, check=False).returncode


def run_module(module: str, names: list[str]) -> int:
    """Measure the rows of one module here and leave their results for the parent."""
    rows: list[Row] = __import__(f"tests.bench.{module}", fromlist=["ROWS"]).ROWS
    if "--list" in sys.argv:
        for row in rows:
            sys.stdout.write(f"{row.name:<24}{goal_text(row)}\n")
        return 0
    collect_rarely()  # as the terminal does once it is built
    results = []
    for row in rows:
        if names and row.name not in names:
            continue
        result = row.run()
        sys.stdout.write(line(row, result) + "\n")
        sys.stdout.flush()
        results.append({field: getattr(result, field) for field in Result.__slots__})
    (BUILD / "bench-part.json").write_text(json.dumps(results))
    return 0


def goal_text(row: Row) -> str:
    sign = "≥" if row.goal.at_least else "≤"
    return f"{sign} {row.goal.limit:g}"


def line(row: Row, result: Result) -> str:
    ours = f"{result.ours:>12,.5g}"
    reference = f"{result.reference:>12,.5g}" if result.reference is not None else " " * 12
    ratio = f"{result.ratio:>8.2f} x" if result.ratio is not None else " " * 10
    verdict = "met" if result.met else "MISSED"
    return f"{row.name:<24}{ours}{reference}  {row.unit:<12}{ratio}   goal {goal_text(row):<8}{verdict}"


def write(results: list[Result], *, merge: bool) -> None:
    """Write the list; when only some rows ran, the others keep what they had."""
    rows = [{field: getattr(result, field) for field in Result.__slots__} for result in results]
    if merge and OUTPUT.exists():
        fresh = {row["name"] for row in rows}
        rows = [row for row in json.loads(OUTPUT.read_text()) if row["name"] not in fresh] + rows
    OUTPUT.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    raise SystemExit(main())
