"""The Debian package, by dpkg-deb alone: no maintainer scripts, so that removing it leaves nothing."""

from __future__ import annotations

import datetime
import email.utils
import gzip
import hashlib
import os
import re
import shutil
import subprocess
from importlib.metadata import distribution
from pathlib import Path

import build_paths
import icons
import sbom

LINUX = build_paths.ROOT / "packaging" / "linux"
MAINTAINER = "Tidewire contributors <contributors@tidewire.invalid>"


def make(folder: Path, bill: Path, out: Path) -> Path:
    """Return ``tidewire_<version>_<architecture>.deb``."""
    architecture = subprocess.check_output(["dpkg", "--print-architecture"], text=True).strip()
    name = f"tidewire_{build_paths.version()}_{architecture}.deb"
    tree = build_paths.WORK / "deb"
    _lay_out(tree, folder, bill)
    _write_control(tree, architecture)
    _set_dates(tree)
    command = [
        "dpkg-deb",
        "--root-owner-group",
        "-Zxz",
        "--threads-max=2",
        "--build",
        str(tree),
        str(out / name),
    ]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return out / name


def _lay_out(tree: Path, folder: Path, bill: Path) -> None:
    share, app = tree / "usr/share", build_paths.APP_ID
    shutil.copytree(folder, tree / "usr/lib/tidewire", symlinks=True)
    (tree / "usr/bin").mkdir(parents=True)
    (tree / "usr/bin/tidewire").symlink_to("../lib/tidewire/tidewire")
    _write(share / f"applications/{app}.desktop", (LINUX / f"{app}.desktop").read_bytes())
    _write(share / f"metainfo/{app}.metainfo.xml", _filled(LINUX / f"{app}.metainfo.xml").encode())
    _write(share / "man/man1/tidewire.1.gz", _packed(_filled(LINUX / "tidewire.1")))
    for size in icons.SIZES:
        image = (build_paths.WORK / "icons" / f"{size}.png").read_bytes()
        _write(share / f"icons/hicolor/{size}x{size}/apps/{app}.png", image)
    _write(share / f"icons/hicolor/scalable/apps/{app}.svg", icons.SOURCE.read_bytes())
    documents = share / "doc/tidewire"
    _write(documents / "copyright", (LINUX / "copyright").read_bytes())
    _write(documents / "changelog.gz", _packed(_changelog()))
    _write(documents / "NEWS.gz", _packed((build_paths.ROOT / "CHANGELOG.md").read_text()))
    _write(documents / "sbom.cdx.json.gz", _packed(bill.read_text()))
    write_licences(documents / "licenses")
    _write(share / "lintian/overrides/tidewire", (LINUX / "lintian-overrides").read_bytes())


def write_licences(folder: Path) -> None:
    """Write the licence texts that came with the bundled packages, one file a package, and those of the fonts."""
    for name in sorted(sbom.locked(sbom.LOCK.read_text())):
        if text := _licence_text(name):
            _write(folder / f"{name}.txt", text.encode())
    for font in sorted((build_paths.ROOT / "resources" / "fonts").glob("*-LICENSE.txt")):
        _write(folder / f"font-{font.name.lower().replace('-license', '')}", font.read_bytes())


def _licence_text(name: str) -> str:
    if sbom.installed(name) is None:
        return ""
    files = distribution(name).files or []
    texts = [file for file in files if re.search(r"(?i)(licen[cs]e|copying|notice)[^/]*$", str(file))]
    inside = [file for file in texts if ".dist-info/" in str(file)]
    return (
        "\n\n".join(file.read_text(encoding="utf-8").strip() for file in sorted(inside)) + "\n"
        if inside
        else ""
    )


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _packed(text: str) -> bytes:
    return gzip.compress(text.encode(), compresslevel=9, mtime=0)


def _filled(path: Path) -> str:
    """Return a template of ours with version and date in their places."""
    moment = datetime.datetime.fromtimestamp(build_paths.epoch(), datetime.UTC)
    text = path.read_text(encoding="utf-8")
    return text.replace("@VERSION@", build_paths.version()).replace("@DATE@", moment.strftime("%Y-%m-%d"))


def _changelog() -> str:
    moment = email.utils.format_datetime(datetime.datetime.fromtimestamp(build_paths.epoch(), datetime.UTC))
    head = f"tidewire ({build_paths.version()}) stable; urgency=medium"
    return f"{head}\n\n  * New version; NEWS.gz beside this file tells what changed.\n\n -- {MAINTAINER}  {moment}\n"


def _write_control(tree: Path, architecture: str) -> None:
    files = [path for path in sorted(tree.rglob("*")) if path.is_file() and not path.is_symlink()]
    size_kib = sum(-(-path.stat().st_size // 1024) for path in files)
    text = (LINUX / "control").read_text()
    for name, value in (
        ("VERSION", build_paths.version()),
        ("ARCHITECTURE", architecture),
        ("SIZE", str(size_kib)),
        ("MAINTAINER", MAINTAINER),
    ):
        text = text.replace(f"@{name}@", value)
    sums = [f"{hashlib.md5(path.read_bytes()).hexdigest()}  {path.relative_to(tree)}\n" for path in files]
    _write(tree / "DEBIAN/control", text.encode())
    _write(tree / "DEBIAN/md5sums", "".join(sums).encode())


def _set_dates(tree: Path) -> None:
    moment = build_paths.epoch()
    for path in [tree, *tree.rglob("*")]:
        os.utime(path, (moment, moment), follow_symlinks=False)
