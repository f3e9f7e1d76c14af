"""The bill of materials: what travels in a package, as CycloneDX 1.6 JSON, made from the lock file.

Every locked package that applies to this system is named with its version, licence and the hashes the lock accepts;
an installed version that is not the locked one is an error.
"""

from __future__ import annotations

import datetime
import json
import platform
import re
import sqlite3
import ssl
import uuid
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import build_paths

LOCK = build_paths.ROOT / "requirements.lock"
NAMESPACE = uuid.UUID("5b0d5f4e-0d5c-5c0e-9b1e-7469646577e1")
FREE_TEXT_LICENCE_MAX = 60
"""Some packages put their whole licence where its name belongs."""


def write(out: Path) -> Path:
    """Write ``tidewire_<version>.cdx.json`` into ``out`` and return its path."""
    version = build_paths.version()
    components = [*_locked(), *_native()]
    moment = datetime.datetime.fromtimestamp(build_paths.epoch(), datetime.UTC)
    root = {"type": "application", "bom-ref": "tidewire", "name": "tidewire", "version": version}
    root |= {"licenses": [{"license": {"id": "MIT"}}]}
    bill = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(NAMESPACE, json.dumps(components, sort_keys=True))}",
        "version": 1,
        "metadata": {"timestamp": moment.strftime("%Y-%m-%dT%H:%M:%SZ"), "component": root},
        "components": components,
        "dependencies": [{"ref": "tidewire", "dependsOn": [part["bom-ref"] for part in components]}],
    }
    path = out / f"tidewire_{version}.cdx.json"
    path.write_text(json.dumps(bill, indent=2, sort_keys=True) + "\n")
    return path


def locked(text: str) -> dict[str, tuple[str, list[str]]]:
    """Return name → (version, SHA-256 hashes) of the lines of a lock file whose marker, if any, is kept aside."""
    found: dict[str, tuple[str, list[str]]] = {}
    for line in text.replace("\\\n", " ").splitlines():
        if pinned := re.match(r"([a-z0-9][a-z0-9._-]*)==([^\s;]+)", line):
            name, version = pinned[1], pinned[2]
            if name not in found or installed(name) == version:
                found[name] = version, re.findall(r"--hash=sha256:([0-9a-f]{64})", line)
    return found


def installed(name: str) -> str | None:
    try:
        return distribution(name).version
    except PackageNotFoundError:
        return None


def _locked() -> list[dict[str, Any]]:
    parts = []
    for name, (version, hashes) in sorted(locked(LOCK.read_text()).items()):
        here = installed(name)
        if here is None:
            continue  # another system's
        if here != version:
            raise SystemExit(
                f"{name} {here} is installed, the lock says {version}: remove build/package-venv"
            )
        purl = f"pkg:pypi/{name}@{version}"
        files = {"type": "distribution", "url": purl, "hashes": [_sha256(value) for value in hashes]}
        part = {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}
        parts.append(part | {"externalReferences": [files]} | _licence(name))
    return parts


def _sha256(value: str) -> dict[str, str]:
    return {"alg": "SHA-256", "content": value}


def _licence(name: str) -> dict[str, Any]:
    told = distribution(name).metadata
    if expression := told.get("License-Expression"):
        return {"licenses": [{"expression": expression}]}
    words = (told.get("License") or "").strip()
    if not words or len(words) > FREE_TEXT_LICENCE_MAX:
        classes = [line for line in told.get_all("Classifier") or [] if line.startswith("License ::")]
        words = ", ".join(line.rpartition(" :: ")[2] for line in classes)
    return {"licenses": [{"license": {"name": words}}]} if words else {}


def _native() -> list[dict[str, Any]]:
    """What no lock names because it comes with Python or in this repository."""
    openssl = ".".join(map(str, ssl.OPENSSL_VERSION_INFO[:3]))
    rows = [
        ("framework", "cpython", platform.python_version(), "PSF-2.0"),
        ("library", "openssl", openssl, "Apache-2.0"),
        ("library", "sqlite", sqlite3.sqlite_version, "blessing"),
        ("file", "Inter", "4", "OFL-1.1"),
        ("file", "JetBrains Mono", "2", "OFL-1.1"),
    ]
    return [
        {
            "type": kind,
            "bom-ref": f"{name}@{version}",
            "name": name,
            "version": version,
            "licenses": [{"license": {"id": licence}}],
        }
        for kind, name, version, licence in rows
    ]
