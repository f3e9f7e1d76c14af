"""The program as one folder, made by PyInstaller and freed from traces of the machine that built it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import build_paths

EXECUTABLE, PLAIN = 0o755, 0o644
# numpy's own libraries are laid out by its wheel: stripping moves what their loader expects.
NEVER_STRIPPED = ("numpy.libs", "PySide6", "shiboken6")


def make(work: Path) -> Path:
    """Run the spec and return the folder that holds the executable ``tidewire`` (on macOS: ``Tidewire.app``)."""
    compiler = build_paths.ROOT / "packaging" / "compile.py"
    subprocess.run([sys.executable, str(compiler), str(work / "compiled")], check=True)
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--clean", "--log-level", "ERROR"]
    command += ["--distpath", str(work / "bundle"), "--workpath", str(work / "pyinstaller")]
    subprocess.run([*command, str(build_paths.ROOT / "packaging" / "tidewire.spec")], cwd=work, check=True)
    if sys.platform == "darwin":
        return work / "bundle" / "Tidewire.app"
    folder = work / "bundle" / "tidewire"
    if sys.platform == "linux":
        _tidy(folder)
    return folder


def _tidy(folder: Path) -> None:
    """Give files the modes they need and take the build machine's paths and debug symbols out."""
    prefix = sys.base_prefix.encode()
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        is_library = ".so" in path.name
        if is_library and not any(part in NEVER_STRIPPED for part in path.parts):
            _strip(path)
        data = path.read_bytes()
        if is_library and prefix in data:
            path.write_bytes(build_paths.neutral_bytes(data))
        path.chmod(EXECUTABLE if path == folder / "tidewire" else PLAIN)


def _strip(path: Path) -> None:
    strip = shutil.which("strip")
    assert strip, "asked for by checks.lacking_tools"
    subprocess.run([strip, "--strip-unneeded", "--preserve-dates", str(path)], check=True)
