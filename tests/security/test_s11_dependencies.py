"""S11: what runs is what was locked, and nothing loads code afterwards."""

import ast
from pathlib import Path

import pytest

import dev

LOCKS = (*dev.LOCKS, dev.PACKAGE_LOCK)
LOADERS = {"eval", "exec", "compile", "__import__"}
FETCHERS = {"urllib.request", "ftplib", "pip", "ensurepip", "marshal", "pickle", "shelve", "xmlrpc"}


@pytest.mark.parametrize("name", LOCKS)
def test_s11_every_locked_file_has_its_hash_and_no_address(name):
    text = (dev.ROOT / name).read_text()
    lines = text.replace("\\\n", " ").splitlines()

    assert lines
    assert all("==" in line and "--hash=sha256:" in line for line in lines)
    assert "://" not in text


def sources():
    return sorted(path for folder in ("core", "gui") for path in (Path(dev.ROOT) / folder).rglob("*.py"))


def test_s11_no_code_of_ours_runs_text_or_fetches_code():
    found = []
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in LOADERS:
                found.append(f"{path}:{node.lineno} {node.func.id}")
            if isinstance(node, ast.Import):
                found += [f"{path}:{node.lineno} {name.name}" for name in node.names if name.name in FETCHERS]
            if isinstance(node, ast.ImportFrom) and node.module in FETCHERS:
                found.append(f"{path}:{node.lineno} {node.module}")

    assert found == []


def test_s11_the_installer_asks_for_hashes_and_wheels_only():
    text = (dev.ROOT / "dev.py").read_text()

    assert "--require-hashes" in text
    assert '"--only-binary", ":all:"' in text
