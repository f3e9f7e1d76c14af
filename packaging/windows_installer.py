"""Windows: the installer, by NSIS from the bundled folder. NSIS also runs on Linux, the bundle is made on Windows."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import build_paths

SCRIPT = build_paths.ROOT / "packaging" / "windows" / "tidewire.nsi"

_VERSION_FILE = """VSVersionInfo(
  ffi=FixedFileInfo(filevers={numbers}, prodvers={numbers}, mask=0x3f, flags=0x0, OS=0x40004, fileType=0x1),
  kids=[
    StringFileInfo([StringTable("040904B0", [
      StringStruct("FileDescription", "Tidewire"), StringStruct("ProductName", "Tidewire"),
      StringStruct("FileVersion", "{version}"), StringStruct("ProductVersion", "{version}"),
      StringStruct("LegalCopyright", "Tidewire contributors")])]),
    VarFileInfo([VarStruct("Translation", [1033, 1200])])
  ]
)
"""


def write_version_file() -> None:
    """Write what Windows shows under Properties, for the spec."""
    version = build_paths.version()
    numbers = (*map(int, version.split(".")), 0)
    text = _VERSION_FILE.format(numbers=numbers, version=version)
    (build_paths.WORK / "version.txt").write_text(text)


def make(folder: Path, out: Path) -> Path:
    """Return ``tidewire-<version>-setup.exe``."""
    makensis = shutil.which("makensis")
    if makensis is None:
        raise SystemExit("makensis is needed: install NSIS 3 and put its folder on PATH")
    version = build_paths.version()
    path = out / f"tidewire-{version}-setup.exe"
    given = {
        "VERSION": version,
        "DIST": folder,
        "OUT": path,
        "ICON": build_paths.WORK / "icons" / "tidewire.ico",
    }
    subprocess.run(
        [makensis, "-V2", *(f"-D{name}={value}" for name, value in given.items()), str(SCRIPT)], check=True
    )
    return path
