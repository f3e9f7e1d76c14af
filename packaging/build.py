"""Build Tidewire's packages for this system. Called by ``dev.py package`` inside the locked packaging environment.

Linux: .deb and portable .tar.gz. Windows: installer. macOS: disk image. Everywhere: the bill of materials and
SHA256SUMS. With ``--twice`` everything is built a second time from nothing, and both must be equal byte for byte.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import build_paths
import bundle
import checks
import deb
import icons
import macos_image
import portable
import sbom
import windows_installer

FIXED = {"PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8", "TZ": "UTC", "QT_QPA_PLATFORM": "offscreen"}
"""What a build may not inherit: each of these would show in its result."""


def build(out: Path) -> list[Path]:
    """Build everything for this system into ``out`` and return the files, oldest name first."""
    out.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(build_paths.WORK, ignore_errors=True)
    build_paths.WORK.mkdir(parents=True)
    icons.make(build_paths.WORK / "icons")
    windows_installer.write_version_file()
    folder = bundle.make(build_paths.WORK)
    bill = sbom.write(out)
    made = [bill, *_packages(folder, bill, out)]
    sums = out / "SHA256SUMS"
    sums.write_text("".join(f"{digest(path)}  {path.name}\n" for path in sorted(made)))
    return [*sorted(made), sums]


def _packages(folder: Path, bill: Path, out: Path) -> list[Path]:
    if sys.platform == "win32":
        return [windows_installer.make(folder, out)]
    if sys.platform == "darwin":
        return [macos_image.make(folder, out)]
    checks.refuse_leaks(folder)
    return [deb.make(folder, bill, out), portable.make(folder, bill, out)]


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def build_again(first: list[Path]) -> list[str]:
    """Build once more in another place and return a line for every file that differs."""
    out, work = build_paths.OUT / "again", build_paths.OUT / "work-again"
    env = {**os.environ, "TIDEWIRE_PACKAGE_WORK": str(work)}
    subprocess.run([sys.executable, __file__, "--out", str(out)], env=env, check=True)
    unequal = [path.name for path in first if digest(path) != digest(out / path.name)]
    if not unequal:
        shutil.rmtree(out)
        shutil.rmtree(work)
    return [f"{name}: the second build differs, see {out}" for name in unequal]


def main() -> int:
    """Build, check what came out, and print one line a file."""
    parser = argparse.ArgumentParser(prog="dev.py package", description="Build the packages for this system.")
    parser.add_argument("--twice", action="store_true", help="build twice and compare the results")
    parser.add_argument("--out", type=Path, default=build_paths.OUT, help=argparse.SUPPRESS)
    options = parser.parse_args()
    started = time.monotonic()
    os.umask(0o022)
    os.environ.update(FIXED, SOURCE_DATE_EPOCH=str(build_paths.epoch()))
    if lacking := checks.lacking_tools():
        sys.stderr.write(lacking + "\n")
        return 3
    made = build(options.out)
    failures = checks.examine(made)
    if options.twice:
        failures += build_again(made)
        if not failures:
            sys.stdout.write("two builds, same contents\n")
    for path in made:
        sys.stdout.write(f"{path.stat().st_size / 2**20:7.1f} MiB  {digest(path)}  {path}\n")
    sys.stdout.write("".join(f"FAIL {line}\n" for line in failures))
    sys.stdout.write(f"packaged in {time.monotonic() - started:.0f} s\n")
    return 1 if failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
