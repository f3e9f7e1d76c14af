#!/usr/bin/env python3
"""Set-up and tasks. Needs nothing but Python; makes .venv from the hash-locked requirements.

python3 dev.py run [options]      open the terminal (first start: the embedded exchange)
python3 dev.py test [options]     the test suite; options go to pytest
python3 dev.py check              format, lint, strict types, import contracts, file length
python3 dev.py format             format, and repair what the linter can
python3 dev.py bench [rows]       benchmarks against other libraries, into build/bench.json
python3 dev.py faults             the client against everything that can go wrong; N and SEED from the environment
python3 dev.py breaks             hours of clean trading, then every kind of break; N hours from the environment
python3 dev.py kills              kill it at every named point on the way of an order, N times each
python3 dev.py brackets           the bracket protocol in every state and at random; N and SEED from the environment
python3 dev.py fuzz               mutated frames: no crash, 20 ms at most, memory flat; N and SEED from the environment
python3 dev.py clicks             clicks on the ladder in a fast market; N from the environment
python3 dev.py panels             switches of the symbol with 40 panels open; N from the environment
python3 dev.py ledger             an account's ledger summed after every event; N from the environment
python3 dev.py storm              5,000 messages a second into the real window; N is the number of seconds
python3 dev.py soak               hours with the real window and a day of virtual time; HOURS, VIRTUAL and SEED
python3 dev.py mutants [words]    historical bugs put back one at a time, each with the test that catches it
python3 dev.py pictures           the window in every theme and size, into build/pictures and resources/pictures
python3 dev.py package [--twice]  the .deb, the portable archive and the bill of materials, into build/package
python3 dev.py package-test       install, trade, upgrade and remove the .deb in a clean system without a network
python3 dev.py setup              only make the environment
python3 dev.py lock [--upgrade]   resolve uv.lock anew and export the requirement files
python3 dev.py clean [--all]      remove what was generated; --all also removes .venv
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = Path(os.environ.get("TIDEWIRE_VENV", ROOT / ".venv"))
SCRIPTS = "Scripts" if os.name == "nt" else "bin"
LOCKS = ("requirements.lock", "requirements-test.lock")
COMPILED = ("packaging/compile.py", "core/processing/compiled_side.c")
PACKAGE_LOCK = "packaging/requirements.lock"
OLDEST, BELOW = (3, 11), (3, 14)
LOCK_HOSTS = {"pypi.org", "files.pythonhosted.org"}
MAX_FILE_LINES = 500
MEASURED_FOLDERS = ("core", "gui", "tests", "packaging")
# What a user may have set for his own Python and would lead packages astray. Index and proxy settings stay.
FOREIGN = ("PYTHONPATH", "PYTHONHOME", "PIP_TARGET", "PIP_PREFIX", "PIP_USER", "PIP_REQUIRE_VIRTUALENV")
GENERATED = (
    "__pycache__",
    "build",
    "dist",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".import_linter_cache",
    ".hypothesis",
)


def say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def tool(name: str, venv: Path = VENV) -> str:
    return str(venv / SCRIPTS / (name + (".exe" if os.name == "nt" else "")))


def runs(python: str) -> bool:
    """A shim on PATH may exist and not run; a moved environment may point nowhere."""
    with contextlib.suppress(OSError):
        return subprocess.run([python, "-c", "pass"], capture_output=True, check=False).returncode == 0
    return False


def interpreter() -> str:
    """Return this Python if it will do, else the newest one on PATH that will."""
    if OLDEST <= sys.version_info[:2] < BELOW:
        return sys.executable
    for minor in range(BELOW[1] - 1, OLDEST[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        if found and runs(found):
            return found
    have = ".".join(map(str, sys.version_info[:3]))
    sys.exit(f"Python 3.{OLDEST[1]} to 3.{BELOW[1] - 1} is needed; this is {have} and no other is on PATH.")


def environment() -> dict[str, str]:
    env = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    env.update(PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_NO_INPUT="1")
    return env


def make_venv(venv: Path) -> None:
    """Make an empty environment; where Debian split venv off its Python and we may install, install it."""
    command = [interpreter(), "-m", "venv", "--clear", str(venv)]
    made = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    if made.returncode and install_venv_package(command[0]):
        made = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    if made.returncode:
        shutil.rmtree(venv, ignore_errors=True)
        say((made.stdout + made.stderr).strip())
        sys.exit(
            "No virtual environment could be made. On Debian and Ubuntu: sudo apt-get install python3-venv"
        )


def install_venv_package(python: str) -> bool:
    if os.name == "nt" or os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    asked = [python, "-c", "import sys; print('python%d.%d-venv' % sys.version_info[:2])"]
    package = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
    say(f"Installing the system package {package} …")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", package]):
        done = subprocess.run(["apt-get", *command], env=env, stdout=sys.stderr, check=False)
        if done.returncode and command[0] == "install":
            return False
    return True


def locks_digest() -> str:
    digest = hashlib.sha256(sys.platform.encode())
    for name in LOCKS:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def is_ready(stamp: Path, wanted: str, venv: Path = VENV) -> bool:
    return stamp.exists() and stamp.read_text() == wanted and runs(tool("python", venv))


@contextlib.contextmanager
def only_one(path: Path):
    """Let a second command that starts meanwhile wait for the first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w") as handle:
        with contextlib.suppress(ImportError):
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def setup() -> None:
    """Make .venv hold exactly the locked packages; at once when it already does."""
    make_ready()
    compile_parts()


def compile_parts(*, again: bool = False) -> None:
    """Try once for each state of the sources to build what is faster in C; without a compiler all works the same."""
    digest = hashlib.sha256(b"".join((ROOT / name).read_bytes() for name in COMPILED)).hexdigest()
    tried = ROOT / "build" / "compiled" / f"tried-{digest[:16]}"
    if again or not tried.exists():
        call(tool("python"), str(ROOT / "packaging" / "compile.py"))
        with contextlib.suppress(OSError):
            tried.touch()


def make_ready() -> None:
    stamp = VENV / ".locks-sha256"
    wanted = locks_digest()
    if is_ready(stamp, wanted):
        return
    started = time.monotonic()
    say(f"Setting up {VENV} (first start, or the locked requirements changed) …")
    with only_one(VENV.with_name(VENV.name + ".lock")):
        if is_ready(stamp, wanted):
            return
        make_venv(VENV)
        install(VENV, [ROOT / name for name in LOCKS])
        stamp.write_text(wanted)
    say(f"Set up in {time.monotonic() - started:.0f} s.")


def install(venv: Path, locks: list[Path]) -> None:
    command = [tool("python", venv), "-m", "pip", "install", "-qq", "--require-hashes", "--no-deps"]
    command += ["--only-binary", ":all:"]
    for lock in locks:
        command += ["-r", str(lock)]
    if subprocess.run(command, env=environment(), check=False).returncode:
        sys.exit(
            "Installing the locked requirements failed; the lines above say why. Nothing else was changed."
        )


def call(*command: str) -> int:
    return subprocess.run(command, env=environment(), cwd=str(ROOT), check=False).returncode


def hand_over(*command: str) -> int:
    """Become the command, so that Ctrl-C and the exit code pass through unchanged."""
    if os.name == "nt":
        return call(*command)
    os.chdir(str(ROOT))
    os.execve(command[0], command, environment())


def run(args: list[str]) -> int:
    setup()
    return call(tool("python"), "-m", "gui.preflight") or hand_over(tool("python"), "-m", "gui", *args)


def test(args: list[str]) -> int:
    setup()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    # The whole suite, a file at a time; one more worker than cores, as some wait on sockets. By name as pytest would.
    chosen = args or ["-q", "-n", str(min(os.cpu_count() or 1, 4) + 1), "--dist", "loadfile"]
    return call(tool("python"), "-m", "gui.preflight") or hand_over(tool("python"), "-m", "pytest", *chosen)


def long_files() -> list[str]:
    """Return a line for every source file above the limit: its path and length."""
    found = []
    for path in sorted(path for folder in MEASURED_FOLDERS for path in (ROOT / folder).rglob("*.py")):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > MAX_FILE_LINES:
            found.append(f"{path.relative_to(ROOT)}: {lines} lines, at most {MAX_FILE_LINES}")
    return found


def check(args: list[str]) -> int:
    setup()
    steps = (
        ("format", [tool("ruff"), "format", "--check", "."]),
        ("lint", [tool("ruff"), "check", "."]),
        ("types", [tool("mypy"), "--strict", "core", "gui"]),
        ("imports", [tool("lint-imports"), "--no-logo"]),
    )
    failed = []
    for name, command in steps:
        say(f"== {name}")
        if call(*command):
            failed.append(name)
    say("== file length")
    for line in long_files():
        say(line)
        failed.append("file length")
    say("check failed: " + ", ".join(dict.fromkeys(failed)) if failed else "check passed")
    return 1 if failed else 0


def format_(args: list[str]) -> int:
    setup()
    return call(tool("ruff"), "check", "--fix", ".") | call(tool("ruff"), "format", ".")


def bench(args: list[str]) -> int:
    setup()
    return hand_over(tool("python"), "-m", "tests.bench", *args)


def pictures(args: list[str]) -> int:
    setup()
    return hand_over(tool("python"), "-m", "tests.pictures", *args)


def faults(args: list[str]) -> int:
    """make faults N=10000 SEED=1: the client against everything that can go wrong, in virtual time."""
    setup()
    given = ["--orders", os.environ.get("N", "10000"), "--seed", os.environ.get("SEED", "1")]
    return hand_over(tool("python"), "-m", "tests.faults", *given, *args)


def breaks(args: list[str]) -> int:
    """make breaks N=8: hours of clean trading, then every break of the account, each named; in virtual time."""
    return hand_over(tool("python"), "-m", "tests.faults.breaks", "--hours", os.environ.get("N", "8"), *args)


def kills(args: list[str]) -> int:
    """make kills N=200: die at every named point on the way of an order so often, and come back."""
    setup()
    return hand_over(tool("python"), "-m", "tests.faults.kills", "--times", os.environ.get("N", "200"), *args)


def panels(args: list[str]) -> int:
    """make panels N=1000: so many switches of the symbol with 40 panels open; what they leave behind is counted."""
    setup()
    os.environ["SWITCHES"] = os.environ.get("N", "1000")
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    return hand_over(
        tool("python"), "-m", "pytest", "-q", "-s", "--timeout", "0", "tests/gui/test_panels.py", *args
    )


def clicks(args: list[str]) -> int:
    """make clicks N=10000: so many clicks on the ladder while it moves."""
    setup()
    os.environ["CLICKS"] = os.environ.get("N", "10000")
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    ladder = [
        "-q",
        "-rP",
        "--timeout",
        "0",
        "tests/gui/test_ladder_clicks.py",
        "tests/gui/test_ladder_sends.py",
    ]
    return hand_over(tool("python"), "-m", "pytest", *ladder, *args)


def fuzz(args: list[str]) -> int:
    """make fuzz N=1000000 SEED=1: mutated frames on the way from the socket to the stores."""
    setup()
    given = ["--frames", os.environ.get("N", "1000000"), "--seed", os.environ.get("SEED", "1")]
    return hand_over(tool("python"), "-m", "tests.fuzz", *given, *args)


def soak(args: list[str]) -> int:
    """make soak HOURS=2 VIRTUAL=24 SEED=1: memory flat, nothing left behind, frames on time; 0 leaves a part out."""
    setup()
    given = ["--hours", os.environ.get("HOURS", "2"), "--virtual-hours", os.environ.get("VIRTUAL", "24")]
    given += ["--seed", os.environ.get("SEED", "1")]
    return hand_over(tool("python"), "-m", "tests.soak", *given, *args)


def storm(args: list[str]) -> int:
    """make storm N=60: so many seconds of 5,000 messages a second into the real window."""
    setup()
    os.environ["STORM_S"] = os.environ.get("N", "60")
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    return hand_over(tool("python"), "-m", "pytest", "-q", "-s", "tests/e2e/test_storm.py", *args)


def brackets(args: list[str]) -> int:
    """make brackets N=100000 SEED=1: the bracket protocol in every state of a small world and in random runs."""
    setup()
    given = ["--runs", os.environ.get("N", "100000"), "--seed", os.environ.get("SEED", "1")]
    return hand_over(tool("python"), "-m", "tests.brackets", *given, *args)


def ledger(args: list[str]) -> int:
    """make ledger N=100000: so many events of an account, its ledger summed after each."""
    setup()
    os.environ["LEDGER"] = os.environ.get("N", "100000")
    sums = ["-q", "--timeout", "0", "tests/property/processing/test_ledger_sums.py"]
    return hand_over(tool("python"), "-m", "pytest", *sums, *args)


def mutants(args: list[str]) -> int:
    setup()
    return hand_over(tool("python"), "-m", "tests.mutants", *args)


def package(args: list[str]) -> int:
    """Build in an environment of its own, which holds the locked run-time packages and the bundler, nothing else."""
    venv = ROOT / "build" / "package-venv"
    stamp = venv / ".locks-sha256"
    locks = [ROOT / LOCKS[0], ROOT / PACKAGE_LOCK]
    wanted = hashlib.sha256(b"".join(path.read_bytes() for path in locks)).hexdigest()
    if not is_ready(stamp, wanted, venv):
        make_venv(venv)
        install(venv, locks)
        stamp.write_text(wanted)
    return hand_over(tool("python", venv), str(ROOT / "packaging" / "build.py"), *args)


def package_test(args: list[str]) -> int:
    return hand_over(interpreter(), str(ROOT / "packaging" / "trial.py"), *args)


def lock(args: list[str]) -> int:
    """Resolve uv.lock for every platform and export the two requirement files from it."""
    venv = ROOT / "build" / "lock-venv"
    if not runs(tool("python", venv)):
        make_venv(venv)
    if call(tool("python", venv), "-m", "pip", "install", "-qq", "--upgrade", "uv"):
        return 1
    for name in [name for name in os.environ if name.startswith("UV_")]:
        del os.environ[name]  # the lock must not depend on whose machine wrote it
    uv = tool("uv", venv)
    export = [uv, "export", "-q", "--frozen", "--no-emit-project", "--no-header", "--no-annotate"]
    failed = (
        call(uv, "lock", *args)
        or call(*export, "--no-default-groups", "-o", LOCKS[0])
        or call(*export, "--only-group", "test", "-o", LOCKS[1])
        or call(*export, "--only-group", "package", "-o", PACKAGE_LOCK)
    )
    return failed or check_lock_hosts()


def check_lock_hosts() -> int:
    hosts = set(re.findall(r"https?://([^/\"\s]+)", (ROOT / "uv.lock").read_text()))
    urls = [name for name in (*LOCKS, PACKAGE_LOCK) if "://" in (ROOT / name).read_text()]
    for host in sorted(hosts - LOCK_HOSTS):
        say(f"uv.lock names a host that others may not reach: {host}")
    for name in urls:
        say(f"{name} contains an address; it must work with any index")
    return 1 if urls or hosts - LOCK_HOSTS else 0


def clean(args: list[str]) -> int:
    for name in GENERATED:
        shutil.rmtree(ROOT / name, ignore_errors=True)
    for folder in MEASURED_FOLDERS:
        for cache in list((ROOT / folder).rglob("__pycache__")):
            shutil.rmtree(cache, ignore_errors=True)
    if "--all" in args:
        shutil.rmtree(VENV, ignore_errors=True)
        with contextlib.suppress(FileNotFoundError):
            VENV.with_name(VENV.name + ".lock").unlink()
    return 0


def setup_task(args: list[str]) -> int:
    setup()
    compile_parts(again=True)  # a compiler may have come meanwhile
    return call(tool("python"), "-m", "gui.preflight")


TASKS = {
    "run": run,
    "test": test,
    "check": check,
    "format": format_,
    "bench": bench,
    "faults": faults,
    "breaks": breaks,
    "kills": kills,
    "fuzz": fuzz,
    "clicks": clicks,
    "panels": panels,
    "ledger": ledger,
    "brackets": brackets,
    "soak": soak,
    "storm": storm,
    "mutants": mutants,
    "pictures": pictures,
    "package": package,
    "package-test": package_test,
    "setup": setup_task,
    "lock": lock,
    "clean": clean,
}


def main() -> int:
    task, *rest = sys.argv[1:] or ["help"]
    if task in ("-h", "--help", "help"):
        sys.stdout.write(__doc__)
        return 0
    if task not in TASKS:
        say(f"Unknown task {task!r}; one of: {', '.join(TASKS)}")
        return 2
    return TASKS[task](rest)


if __name__ == "__main__":
    raise SystemExit(main())
