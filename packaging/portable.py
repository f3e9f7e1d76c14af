"""The portable archive: the same folder without an installer, made so that equal contents give equal bytes."""

from __future__ import annotations

import gzip
import platform
import shutil
import tarfile
from pathlib import Path

import build_paths
import deb


def make(folder: Path, bill: Path, out: Path) -> Path:
    """Return ``tidewire-<version>-linux-<machine>.tar.gz``, holding one folder of that name."""
    name = f"tidewire-{build_paths.version()}-linux-{platform.machine()}"
    tree = build_paths.WORK / "portable" / name
    shutil.copytree(folder, tree, symlinks=True)
    documents = tree / "doc"
    documents.mkdir()
    for source in (build_paths.ROOT / "LICENSE", build_paths.ROOT / "CHANGELOG.md", bill):
        shutil.copyfile(source, documents / source.name)
    shutil.copyfile(build_paths.ROOT / "packaging" / "linux" / "portable.md", tree / "README.md")
    deb.write_licences(documents / "licenses")
    path = out / f"{name}.tar.gz"
    pack(tree, path, build_paths.epoch())
    return path


def pack(tree: Path, path: Path, epoch_s: int) -> None:
    """Write a folder as .tar.gz: sorted, owned by nobody in particular, everything of the same date."""

    def plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = 0
        member.uname = member.gname = "root"
        member.mtime = epoch_s
        return member

    with (
        path.open("wb") as raw,
        gzip.GzipFile("", "wb", compresslevel=9, fileobj=raw, mtime=epoch_s) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for file in [tree, *sorted(tree.rglob("*"))]:
            archive.add(file, arcname=str(file.relative_to(tree.parent)), recursive=False, filter=plain)
