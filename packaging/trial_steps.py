"""The steps of the package's trial, inside its own namespaces; ``trial.py`` makes them and starts this."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import tarfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import build_paths

USER, HOME = 1000, "/home/trader"
PICTURE_AFTER_S = 12
METRICS_PORT = 9464
RESOURCES = (
    "resources/fonts/*.[ot]tf",
    "resources/icons/*.svg",
    "resources/sounds/*.wav",
    "resources/translations/*.qm",
    "docs/*.md",
)
START_S = 30.0
SIOCSIFFLAGS, IFF_UP = 0x8914, 0x1
OLD_JOURNALS = build_paths.ROOT / "tests" / "fixtures" / "journal"
# What dpkg itself writes, and where people keep their own.
NOT_OURS = ("dev", "home", "proc", "run", "sys", "tmp", "var/cache", "var/lib/dpkg", "var/log", "var/lib/apt")
PNG = b"\x89PNG\r\n\x1a\n"


class Trial:
    """A clean system and what is tried in it. Every step prints its line; a failed one raises."""

    def __init__(self, root: Path, package: Path) -> None:
        self.root = root
        self.package = package
        self.display: list[str] = []
        self.out = build_paths.OUT / "trial"
        self.out.mkdir(parents=True, exist_ok=True)

    def run(self) -> None:
        clean = self._files()
        self._step("system", self._system)
        self._step("earlier", self._install_an_earlier_version)
        self._step("old data", self._lay_an_old_journal)
        self._step("upgrade", self._upgrade)
        self._step("libraries", self._libraries)
        self._step("version", lambda: self._check_version("/usr/bin/tidewire"))
        self._step("journal", self._journal_survives)
        self._step("trade", self._trade)
        self._step("resources", self._resources)
        self._step("off-screen", lambda: self._picture("off-screen.png", ["--mode", "demo"]))
        self._step("settings", self._german_with_metrics)
        self._step("display", self._picture_on_a_display)
        self._step("portable", self._portable)
        self._step("removed", lambda: self._remove(clean))

    def _step(self, name: str, act) -> None:
        text = act()
        sys.stdout.write(f"ok   {name:<11}{text}\n")
        sys.stdout.flush()

    def _chroot(self, *command: str, as_user: bool = False, display: str = "") -> list[str]:
        who = [f"--userspec={USER}:{USER}"] if as_user else []
        given = {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "LC_ALL": "C.UTF-8",
            "HOME": HOME if as_user else "/root",
        }
        if display:
            given |= {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
        words = [f"{name}={value}" for name, value in given.items()]
        return ["chroot", *who, str(self.root), "env", "-i", *words, *command]

    def _call(self, *command: str, as_user: bool = False, display: str = "", timeout_s: float = 180) -> str:
        full = self._chroot(*command, as_user=as_user, display=display)
        done = subprocess.run(full, capture_output=True, text=True, timeout=timeout_s, check=False)
        if done.returncode:
            raise AssertionError(f"{' '.join(command)} → {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def _system(self) -> str:
        home = self.root / HOME.strip("/")
        home.mkdir(parents=True)
        os.chown(home, USER, USER)
        assert not list(self.root.glob("usr/bin/python3*")), "the clean system must not lend its Python"
        return "clean, without Python and without a network"

    def _install_an_earlier_version(self) -> str:
        """A package of a lower version with a file that later ones no longer have."""
        tree, old = self.root / "tmp/earlier", self.root / "tmp/earlier.deb"
        subprocess.run(["dpkg-deb", "-R", str(self.package), str(tree)], check=True)
        control = tree / "DEBIAN/control"
        control.write_text(control.read_text().replace(f"Version: {build_paths.version()}", "Version: 0.0.1"))
        (tree / "usr/lib/tidewire/_internal/gone.txt").write_text("of an earlier version\n")
        subprocess.run(
            ["dpkg-deb", "-Znone", "-b", str(tree), str(old)], check=True, stdout=subprocess.DEVNULL
        )
        shutil.rmtree(tree)
        self._call("dpkg", "-i", "/tmp/earlier.deb")
        old.unlink()
        return "0.0.1 installed"

    def _lay_an_old_journal(self) -> str:
        oldest = sorted(OLD_JOURNALS.glob("v*.sql"))[0]
        folder = self.root / HOME.strip("/") / ".local/share/tidewire/default"
        folder.mkdir(parents=True)
        path = folder / "journal-demo.sqlite"
        with contextlib.closing(sqlite3.connect(path)) as connection:
            connection.executescript(oldest.read_text())
            connection.commit()
            self.orders = connection.execute("SELECT count(*) FROM orders").fetchone()[0]
            self.fills = connection.execute("SELECT count(*) FROM fills").fetchone()[0]
        subprocess.run(["chown", "-R", f"{USER}:{USER}", str(self.root / HOME.strip("/"))], check=True)
        return f"of {oldest.stem} with {self.orders} orders and {self.fills} fills laid in the user's folder"

    def _upgrade(self) -> str:
        shutil.copyfile(self.package, self.root / "tmp/new.deb")
        self._call("dpkg", "-i", "/tmp/new.deb")
        (self.root / "tmp/new.deb").unlink()
        assert not self._call("dpkg", "--audit").strip(), "dpkg is not content"
        assert not (self.root / "usr/lib/tidewire/_internal/gone.txt").exists(), (
            "a file of the earlier version stayed"
        )
        for place in (
            "applications/*.desktop",
            "metainfo/*.xml",
            "man/man1/tidewire.1.gz",
            "icons/hicolor/*/apps/*",
        ):
            assert list((self.root / "usr/share").glob(place)), f"no {place}"
        return f"to {build_paths.version()}, nothing of the earlier version is left"

    def _libraries(self) -> str:
        """Every library of the package finds what it is linked to, on nothing but the declared dependencies."""
        script = "find /usr/lib/tidewire -name '*.so*' -type f -exec ldd {} + 2>/dev/null | grep 'not found' | sort -u"
        lacking = self._call(
            "sh",
            "-c",
            f"LD_LIBRARY_PATH=/usr/lib/tidewire/_internal; export LD_LIBRARY_PATH; {script} || true",
        )
        assert not lacking.strip(), f"Depends lacks something:\n{lacking}"
        return "all found by what Depends names"

    def _check_version(self, program: str) -> str:
        told = self._call(program, "--version", as_user=True).strip()
        assert told == f"tidewire {build_paths.version()}", told
        return told

    def _trade(self) -> str:
        told = self._call("tidewire", "doctor", "--trade", as_user=True)
        (line,) = [line for line in told.splitlines() if line.split()[1] == "trade"]
        assert line.startswith("ok"), told
        return line.split(maxsplit=2)[2]

    def _picture(self, name: str, options: list[str], display: str = "", program: str = "tidewire") -> str:
        shot = f"{HOME}/{name}"
        wait = ["--screenshot", shot, "--after", str(PICTURE_AFTER_S), "--size", "1366x768"]
        self._call(program, *options, *wait, as_user=True, display=display)
        taken = self.root / shot.strip("/")
        assert taken.read_bytes().startswith(PNG), "not a picture"
        shutil.copyfile(taken, self.out / name)
        taken.unlink()
        return f"every panel live, picture in {(self.out / name).relative_to(build_paths.ROOT)}"

    def _resources(self) -> str:
        """Whatever the program reads at run time travels with it."""
        wanted = [
            path.relative_to(build_paths.ROOT) for kind in RESOURCES for path in build_paths.ROOT.glob(kind)
        ]
        inside = self.root / "usr/lib/tidewire/_internal"
        lacking = [str(path) for path in wanted if not (inside / path).is_file()]
        assert wanted, "the source has no resources"
        assert not lacking, "not in the package: " + ", ".join(lacking)
        return f"all {len(wanted)} fonts, icons, sounds, translations and guides are there"

    def _german_with_metrics(self) -> str:
        """Language and metrics are chosen in the settings; both need something a bundler overlooks easily."""
        folder = self.root / HOME.strip("/") / ".config/tidewire/default"
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / "settings.json"
        file.write_text(json.dumps({"version": 1, "language": "de", "metrics_port": METRICS_PORT}))
        subprocess.run(["chown", "-R", f"{USER}:{USER}", str(self.root / HOME.strip("/"))], check=True)
        told: list[str] = []
        with _meanwhile(lambda: told.append(_metrics())):
            self._picture("german.png", ["--mode", "demo"])
        file.unlink()
        (text,) = told
        assert 'tidewire_line_up{line="public"} 1.0' in text, text[:2000]
        return f"a window in German, {len(text.splitlines())} lines of metrics"

    def _picture_on_a_display(self) -> str:
        if not shutil.which("Xvfb"):
            return "skipped: needs xvfb (sudo apt-get install xvfb)"
        sockets = self.root / "tmp/.X11-unix"
        sockets.mkdir(mode=0o1777, exist_ok=True)
        subprocess.run(["mount", "--bind", str(sockets), "/tmp/.X11-unix"], check=True)
        server = subprocess.Popen(
            ["Xvfb", ":77", "-screen", "0", "1600x900x24", "-nolisten", "tcp", "-ac"],
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait_for(lambda: (sockets / "X77").exists(), "the virtual display")
            return self._picture("display.png", ["--mode", "demo"], display=":77")
        finally:
            server.terminate()
            server.wait()

    def _journal_survives(self) -> str:
        """The new version opens the old journal beside a running exchange, and loses nothing of it."""
        with self._exchange() as line:
            self._picture("old-journal.png", ["--mode", "demo", "--endpoints", line])
        told = self._call("tidewire", "--mode", "demo", "journal", "check", as_user=True)
        rows = {row.split()[0]: row.split()[1] for row in told.splitlines() if len(row.split()) == 2}
        assert int(rows["orders"].replace(",", "")) >= self.orders, told
        assert int(rows["fills"].replace(",", "")) >= self.fills, told
        assert "FAIL integrity" not in told, told
        return f"{self.orders} orders and {self.fills} fills of before are all in the upgraded journal"

    @contextlib.contextmanager
    def _exchange(self) -> Iterator[str]:
        line = f"{HOME}/exchange.json"
        command = self._chroot("tidewire", "exchange", "--port-file", line, as_user=True)
        running = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        written = self.root / line.strip("/")
        try:
            _wait_for(written.exists, "the embedded exchange")
            assert json.loads(written.read_text())["public_ws"].startswith("ws://127.0.0.1:")
            assert written.stat().st_mode & 0o777 == 0o600, "the endpoints file is readable by others"
            yield line
        finally:
            running.send_signal(signal.SIGTERM)
            running.wait(timeout=START_S)
        assert not written.exists(), "the exchange left its endpoints file"

    def _portable(self) -> str:
        (archive,) = build_paths.OUT.glob(f"tidewire-{build_paths.version()}-linux-*.tar.gz")
        place = self.root / "tmp/portable"
        with tarfile.open(archive) as packed:
            packed.extractall(place, filter="data")
        (folder,) = place.iterdir()
        program = f"/tmp/portable/{folder.name}/tidewire"
        self._check_version(program)
        told = self._picture("portable.png", ["--mode", "demo"], program=program)
        shutil.rmtree(place)
        return told

    def _remove(self, clean: set[str]) -> str:
        self._call("dpkg", "--purge", "tidewire")
        left = self._files() - clean
        assert not left, "left behind: " + ", ".join(sorted(left)[:20])
        journals = list((self.root / HOME.strip("/")).rglob("journal-demo.sqlite"))
        assert journals, "removing the program must not remove the user's journal"
        return "no file is left but the user's own journal and settings"

    def _files(self) -> set[str]:
        found = set()
        for folder, names, files in os.walk(self.root):
            inside = os.path.relpath(folder, self.root)
            names[:] = [name for name in names if os.path.normpath(f"{inside}/{name}") not in NOT_OURS]
            found |= {os.path.normpath(f"{inside}/{name}") for name in (*names, *files)}
        return found


@contextlib.contextmanager
def _meanwhile(work) -> Iterator[None]:
    failed: list[AssertionError] = []

    def run() -> None:
        try:
            work()
        except AssertionError as failure:
            failed.append(failure)

    thread = threading.Thread(target=run)
    thread.start()
    yield
    thread.join()
    if failed:
        raise AssertionError(f"meanwhile: {failed[0]!r}")


def _metrics() -> str:
    """Return what the program serves once its market line is up."""
    text, address = "", f"http://127.0.0.1:{METRICS_PORT}/metrics"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def is_up() -> bool:
        nonlocal text
        with contextlib.suppress(OSError), opener.open(address, timeout=2) as answer:
            text = answer.read().decode()
        return 'tidewire_line_up{line="public"} 1.0' in text

    _wait_for(is_up, "metrics of a live line")
    return text


def _wait_for(is_so, what: str) -> None:
    deadline = time.monotonic() + START_S
    while not is_so():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come up within {START_S:g} s")
        time.sleep(0.1)


def _prepare(root: Path) -> None:
    """Loopback up, and the few devices and file systems a program expects."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
        fcntl.ioctl(handle, SIOCSIFFLAGS, struct.pack("16sH14s", b"lo", IFF_UP, b""))
    mounts = (
        ["-t", "proc", "proc", str(root / "proc")],
        ["-t", "tmpfs", "-o", "mode=1777", "tmp", str(root / "tmp")],
        ["-t", "tmpfs", "-o", "mode=755", "dev", str(root / "dev")],
    )
    for words in (["--make-rprivate", "/"], *mounts):
        subprocess.run(["mount", *words], check=True)
    for name in ("null", "zero", "random", "urandom"):
        (root / "dev" / name).touch()
        subprocess.run(["mount", "--bind", f"/dev/{name}", str(root / "dev" / name)], check=True)
    (root / "dev/shm").mkdir(mode=0o1777)


def main() -> int:
    root, package = Path(sys.argv[1]), Path(sys.argv[2])
    _prepare(root)
    try:
        Trial(root, package).run()
    except AssertionError as failure:
        sys.stdout.write(f"FAIL {failure}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
