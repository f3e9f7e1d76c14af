"""macOS: the disk image, from the bundled application. Signed and notarised when the environment says as whom."""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path

import build_paths

IDENTITY, PROFILE = "TIDEWIRE_CODESIGN_IDENTITY", "TIDEWIRE_NOTARY_PROFILE"


def make(app: Path, out: Path) -> Path:
    """Return ``tidewire-<version>-macos-<machine>.dmg``."""
    path = out / f"tidewire-{build_paths.version()}-macos-{platform.machine()}.dmg"
    identity, profile = os.environ.get(IDENTITY), os.environ.get(PROFILE)
    if identity:
        entitlements = build_paths.ROOT / "packaging" / "macos" / "entitlements.plist"
        _run("codesign", "--deep", "--force", "--options", "runtime", "--timestamp",
             "--entitlements", str(entitlements), "--sign", identity, str(app))  # fmt: skip
    _run(
        "hdiutil",
        "create",
        "-volname",
        "Tidewire",
        "-srcfolder",
        str(app),
        "-ov",
        "-format",
        "UDZO",
        str(path),
    )
    if identity and profile:
        _run("codesign", "--sign", identity, "--timestamp", str(path))
        _run("xcrun", "notarytool", "submit", str(path), "--keychain-profile", profile, "--wait")
        _run("xcrun", "stapler", "staple", str(path))
    return path


def _run(*command: str) -> None:
    subprocess.run(command, check=True)
