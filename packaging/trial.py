"""The Debian package on a clean system without a network: install, trade, upgrade, remove. ``dev.py package-test``.

The clean system is Debian's smallest plus the package's dependencies, made once by mmdebstrap (which needs Debian's
archive). Everything after that happens in a copy of it, in namespaces of its own that hold no network but loopback.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import build_paths
import checks

STAMP = "clean-system"
APT_LINES = ("Acquire::", "APT::Authentication")


def main() -> int:
    """Run the trial and return 0 when every step passed, 3 when this computer lacks something for it."""
    found = sorted(build_paths.OUT.glob("tidewire_*.deb"))
    if not found:
        return _lacking("There is no package yet: run `make package` first.")
    if os.geteuid() != 0:
        return _lacking("A clean system can be entered by root only: sudo make package-test")
    if lacking := checks.install_missing({"mmdebstrap": "mmdebstrap", "unshare": "util-linux"}):
        return _lacking(f"The trial needs: sudo apt-get install {lacking}")
    archive = _clean_system(found[-1])
    with tempfile.TemporaryDirectory(prefix="tidewire-trial-") as folder:
        root = Path(folder) / "root"
        root.mkdir()
        subprocess.run(["tar", "-xf", str(archive), "-C", str(root)], check=True)
        inside = str(Path(__file__).with_name("trial_steps.py"))
        spaces = ["unshare", "--mount", "--net", "--pid", "--ipc", "--fork", "--kill-child"]
        return subprocess.run(
            [*spaces, sys.executable, inside, str(root), str(found[-1])], check=False
        ).returncode


def _lacking(text: str) -> int:
    sys.stderr.write(text + "\n")
    return 3


def _clean_system(package: Path) -> Path:
    """Return an archive of Debian's smallest system with the package's dependencies; made when there is none yet."""
    wanted = sorted(map(_available, _depends(package)))
    suite = _suite()
    known = hashlib.sha256(" ".join([suite, *wanted]).encode()).hexdigest()[:12]
    archive = build_paths.OUT.parent / f"{STAMP}-{known}.tar"
    if archive.exists():
        return archive
    sys.stderr.write(f"Making a clean {suite} with {len(wanted)} dependencies …\n")
    draft = archive.with_suffix(".draft.tar")
    options = [f"--aptopt={line}" for line in _own_apt_settings()]
    command = ["mmdebstrap", "--quiet", "--variant=minbase", *options, f"--include={','.join(wanted)}"]
    subprocess.run([*command, suite, str(draft)], check=True)
    draft.replace(archive)
    return archive


def _depends(package: Path) -> list[str]:
    told = subprocess.check_output(["dpkg-deb", "--field", str(package), "Depends"], text=True)
    return [part.strip() for part in told.split(",")]


def _available(alternatives: str) -> str:
    """Return the first of ``a (>= 1) | b`` that this Debian knows."""
    names = [part.split("(")[0].strip() for part in alternatives.split("|")]
    for name in names:
        shown = subprocess.run(["apt-cache", "show", name], capture_output=True, check=False)
        if shown.returncode == 0 and shown.stdout:
            return name
    return names[0]


def _suite() -> str:
    lines = Path("/etc/os-release").read_text().splitlines()
    fields = dict(line.split("=", 1) for line in lines if "=" in line)
    return fields.get("VERSION_CODENAME", "stable").strip('"')


def _own_apt_settings() -> list[str]:
    """Return how this computer's apt reaches the archive: proxies, certificates."""
    told = subprocess.check_output(["apt-config", "dump"], text=True).splitlines()
    return [line for line in told if line.startswith(APT_LINES) and not line.endswith('"";')]


if __name__ == "__main__":
    shutil.rmtree(build_paths.OUT / "trial", ignore_errors=True)
    raise SystemExit(main())
