"""What is asked of a package before it is handed out, each with the tool that knows best."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import build_paths

NEEDED = {"dpkg-deb": "dpkg", "strip": "binutils"}
"""Command → Debian package, for building."""

CHECKERS = {"lintian": "lintian", "desktop-file-validate": "desktop-file-utils", "appstreamcli": "appstream"}
"""The same for checking."""

PUBLIC_HOSTS = {"pypi.org", "files.pythonhosted.org"}


def lacking_tools() -> str:
    """Return one line that names what to install, empty when all is there. Installs it where that is allowed."""
    if sys.platform != "linux":
        return ""
    lacking = install_missing(NEEDED | CHECKERS)
    return f"Packaging needs: sudo apt-get install {lacking}" if lacking else ""


def install_missing(wanted: Mapping[str, str]) -> str:
    """Return the packages of commands that are not there, after installing them where that is allowed."""
    lacking = {package for command, package in wanted.items() if not shutil.which(command)}
    if lacking and os.geteuid() == 0 and shutil.which("apt-get"):
        env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for words in (
            ["update", "-qq"],
            ["install", "-y", "-qq", "--no-install-recommends", *sorted(lacking)],
        ):
            subprocess.run(["apt-get", *words], env=env, stdout=sys.stderr, check=False)
        lacking = {package for command, package in wanted.items() if not shutil.which(command)}
    return " ".join(sorted(lacking))


def examine(made: list[Path]) -> list[str]:
    """Return a line for everything the package checkers complain of."""
    debs = [path for path in made if path.suffix == ".deb"]
    return [line for path in debs for line in (*_data_files(), *_lintian(path))]


def _data_files() -> list[str]:
    share, app = build_paths.WORK / "deb/usr/share", build_paths.APP_ID
    return [
        *_told("desktop-file-validate", str(share / f"applications/{app}.desktop")),
        *_told("appstreamcli", "validate", "--no-net", str(share / f"metainfo/{app}.metainfo.xml")),
    ]


def _lintian(path: Path) -> list[str]:
    return _told(
        "lintian", "--tag-display-limit", "0", "--fail-on", "error,warning", "--allow-root", str(path)
    )


def _told(*command: str) -> list[str]:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    return [f"{command[0]}: {line}" for line in lines] if done.returncode else []


def refuse_leaks(folder: Path) -> None:
    """Stop when the bundle names this machine's folders or a package index of its network."""
    words = {word: word.encode() for word in _machine_words()}
    found = sorted(
        {
            f"{name}: {word}"
            for name, data in contents(folder)
            for word, sought in words.items()
            if sought in data
        }
    )
    if found:
        raise SystemExit("The package would name this machine:\n  " + "\n  ".join(found))


def _machine_words() -> set[str]:
    words = {str(build_paths.ROOT), str(Path.home()) + "/"}
    if sys.base_prefix not in build_paths.HARMLESS_PREFIXES:
        words.add(sys.base_prefix)
    told = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    )
    places = [line.partition("=")[2].strip(" '\"") for line in told.stdout.splitlines()]
    places += [value for name, value in os.environ.items() if name.startswith(("PIP_", "UV_"))]
    hosts = {urlsplit(place).hostname for text in places for place in text.split() if "://" in place}
    return words | {host for host in hosts if host and host not in PUBLIC_HOSTS}


def contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield name and plain bytes of everything in a bundle, compressed archives opened."""
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        name = str(path.relative_to(folder))
        if path == folder / "tidewire":
            yield from _modules(path)
        elif path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                yield from ((f"{name}:{member}", archive.read(member)) for member in archive.namelist())
        elif path.suffix == ".gz":
            yield name, gzip.decompress(path.read_bytes())
        else:
            yield name, path.read_bytes()


def _modules(executable: Path) -> Iterator[tuple[str, bytes]]:
    from PyInstaller.archive.readers import CArchiveReader

    outer = CArchiveReader(str(executable))
    for name, (*_, kind) in outer.toc.items():
        if kind == "z":
            inner = outer.open_embedded_archive(name)
            for module in inner.toc:
                yield module, inner.extract(module, raw=True) or b""
        else:
            yield name, outer.extract(name)
