"""An environment of its own for Kraken clients written by others: their dependencies must not meet ours.

Made on demand under build/ from tests/requirements-peers.lock (hash-locked), once for each lock.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "tests" / "requirements-peers.lock"
FOLDER = ROOT / "build" / "peers-venv"
STAMP = FOLDER / ".lock-sha256"
PYTHON = FOLDER / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
INSTALL = (
    "-m",
    "pip",
    "install",
    "-qq",
    "--require-hashes",
    "--no-deps",
    "--only-binary",
    ":all:",
    "-r",
    str(LOCK),
)


def python() -> Path:
    """Return the interpreter of the environment, made now if need be. CalledProcessError tells why it cannot."""
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if PYTHON.exists() and STAMP.exists() and STAMP.read_text() == wanted:
        return PYTHON
    shutil.rmtree(FOLDER, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", str(FOLDER)], check=True)
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}
    subprocess.run([str(PYTHON), *INSTALL], check=True, env=environment)
    STAMP.write_text(wanted)
    return PYTHON
