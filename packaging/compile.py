"""Builds the compiled stand-ins of core/runtime/compiled.py. Silent where it cannot: everything runs without them.

Run by the set-up, with the environment's own Python: python packaging/compile.py
"""

from __future__ import annotations

import contextlib
import os
import shlex
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCES = (Path("core/processing/compiled_side.c"),)
LONGEST_S = 120


def main() -> int:
    """Build into the folder named, else into the one the terminal looks in; 0 whether or not it could be."""
    sys.path.insert(0, str(ROOT))  # the repository is no installed package
    from core.runtime.compiled import FOLDER, place_of

    folder = Path(sys.argv[1]) if sys.argv[1:] else FOLDER
    with contextlib.suppress(OSError):  # a checkout that may only be read
        folder.mkdir(parents=True, exist_ok=True)
        for source in SOURCES:
            place = place_of(ROOT / source, folder)
            if not place.exists() and build(ROOT / source, place):
                remove_all_but(place, folder.glob(f"{source.stem}-*{place.suffix}"))
    return 0


def remove_all_but(fresh: Path, found: Iterable[Path]) -> None:
    for old in found:
        if old != fresh:
            old.unlink(missing_ok=True)


def build(source: Path, place: Path) -> bool:
    """Compile one source; the result appears at its place whole or not at all."""
    unfinished = place.with_name(f"{os.getpid()}-{place.name}")
    compiler = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")[:1]
    # Without contraction a product is rounded before it is added to, as Python does it.
    flags = [
        "-O2",
        "-ffp-contract=off",
        "-shared",
        "-fPIC",
        *(["-undefined", "dynamic_lookup"] if sys.platform == "darwin" else []),
    ]
    include = f"-I{sysconfig.get_paths()['include']}"
    command = [*compiler, *flags, include, str(source), "-o", str(unfinished), "-lm"]
    try:
        built = subprocess.run(command, capture_output=True, timeout=LONGEST_S, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        built = False
    if built:
        os.replace(unfinished, place)
    unfinished.unlink(missing_ok=True)
    return built


if __name__ == "__main__":
    raise SystemExit(main())
