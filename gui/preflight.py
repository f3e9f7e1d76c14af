"""Can this machine show a Qt window, and if not, what must be installed?

Standard library only and no Qt import: Qt answers a missing library with an abort, which nobody can catch.
`python -m gui.preflight` installs what is missing where that is allowed; the program itself only checks.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping

from core.runtime.supported import problem_here

EXIT_ENVIRONMENT = 3

# Shared object → Debian package. Measured with ldd and by starting in a bare system.
OFFSCREEN_LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libX11.so.6": "libx11-6",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libbrotlidec.so.1": "libbrotli1",
}
X11_LIBRARIES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libX11-xcb.so.1": "libx11-xcb1",
}


def missing_libraries(table: Mapping[str, str]) -> dict[str, str]:
    """Return the part of the table that the dynamic loader cannot find."""
    missing = {}
    for library, package in table.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            missing[library] = package
    return missing


def has_display(env: Mapping[str, str] = os.environ) -> bool:
    """Whether a window could appear on a screen. Always true outside Linux."""
    return sys.platform != "linux" or bool(env.get("DISPLAY") or env.get("WAYLAND_DISPLAY"))


def uses_x11(env: Mapping[str, str] = os.environ) -> bool:
    """Whether Qt will load its X11 plug-in: asked for by name, or chosen because of DISPLAY."""
    platform = env.get("QT_QPA_PLATFORM", "")
    return platform.startswith("xcb") or (not platform and bool(env.get("DISPLAY")))


def lacking(env: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return shared object → package for everything Qt needs here and does not find."""
    if sys.platform != "linux":
        return {}
    missing = missing_libraries(OFFSCREEN_LIBRARIES)
    if uses_x11(env):
        missing |= missing_libraries(X11_LIBRARIES)
    return missing


def advice(missing: Mapping[str, str]) -> str:
    """Return the one line that tells the user what to install."""
    if shutil.which("apt-get"):
        packages = " ".join(dict.fromkeys(missing.values()))
        return f"Qt cannot start, system libraries are missing. Install them: sudo apt-get install {packages}"
    return "Qt cannot start, system libraries are missing. Install what provides: " + " ".join(missing)


def wrong_platform(env: Mapping[str, str] = os.environ) -> str:
    if env.get("QT_QPA_PLATFORM", "").startswith("xcb") and not env.get("DISPLAY"):
        return (
            "QT_QPA_PLATFORM=xcb needs an X display, but DISPLAY is unset: unset the first or use xvfb-run."
        )
    return ""


def check() -> tuple[int, str]:
    """Return (0, note) to go on, or (exit code, reason) to stop.

    Without a display this chooses the off-screen platform (`QT_QPA_PLATFORM`) and the note says so.
    """
    note = ""
    if not has_display() and "QT_QPA_PLATFORM" not in os.environ:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        note = "No display (DISPLAY and WAYLAND_DISPLAY are unset): running off-screen. To see the window, "
        note += "start from a desktop" + (" or with xvfb-run." if shutil.which("xvfb-run") else ".")
    if reason := problem_here() or wrong_platform():
        return EXIT_ENVIRONMENT, reason
    if missing := lacking():
        return EXIT_ENVIRONMENT, advice(missing)
    return 0, note


def may_install() -> bool:
    return sys.platform == "linux" and os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(packages: list[str]) -> bool:
    """Install system packages with apt-get. Returns whether the installation succeeded."""
    sys.stderr.write(f"Installing system packages for Qt: {' '.join(packages)}\n")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    # A failed update is not yet a failure: the lists at hand may be good enough.
    subprocess.run(["apt-get", "update", "-qq"], env=env, stdout=sys.stderr, check=False)
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    return subprocess.run(command, env=env, stdout=sys.stderr, check=False).returncode == 0


def main() -> int:
    """Make Qt able to start, or say in one line why it cannot. Returns 0 or 3."""
    if reason := wrong_platform():
        sys.stderr.write(reason + "\n")
        return EXIT_ENVIRONMENT
    missing = lacking()
    if missing and may_install():
        install(list(dict.fromkeys(missing.values())))
        missing = lacking()
    if missing:
        sys.stderr.write(advice(missing) + "\n")
        return EXIT_ENVIRONMENT
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
