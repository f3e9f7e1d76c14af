"""The parts of packaging that need no bundler: dates, archives, the bill of materials, what a lock holds."""

import hashlib
import importlib
import json
import sys
import tarfile
from pathlib import Path

import pytest

import core
import dev

PACKAGING = dev.ROOT / "packaging"


@pytest.fixture
def module(monkeypatch):
    monkeypatch.syspath_prepend(str(PACKAGING))
    loaded = []

    def load(name):
        loaded.append(name)
        return importlib.import_module(name)

    yield load
    for name in {*loaded, "build_paths", "deb", "icons", "sbom"}:
        sys.modules.pop(name, None)


def a_tree(folder: Path) -> Path:
    tree = folder / "tidewire-1"
    (tree / "lib").mkdir(parents=True)
    (tree / "tidewire").write_text("program")
    (tree / "lib" / "a.so").write_bytes(b"\x7fELF")
    (tree / "link").symlink_to("tidewire")
    return tree


def test_the_version_of_a_package_is_the_programs(module):
    assert module("build_paths").version() == core.__version__


def test_the_date_of_a_package_is_the_one_given(module, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")

    assert module("build_paths").epoch() == 1_767_225_600


def test_two_archives_of_equal_folders_are_equal_to_the_last_byte(module, tmp_path):
    pack = module("portable").pack
    digests = set()
    for name in ("one", "two"):
        archive = tmp_path / f"{name}.tar.gz"
        pack(a_tree(tmp_path / name), archive, 1_767_225_600)
        digests.add(hashlib.sha256(archive.read_bytes()).hexdigest())

    assert len(digests) == 1
    with tarfile.open(tmp_path / "one.tar.gz") as packed:
        members = packed.getmembers()
    assert [member.name for member in members] == sorted(member.name for member in members)
    assert {(member.uid, member.uname, member.mtime) for member in members} == {(0, "root", 1_767_225_600)}


def test_the_folder_python_was_compiled_for_leaves_a_library_without_moving_a_byte(module, monkeypatch):
    paths = module("build_paths")
    monkeypatch.setattr(sys, "base_prefix", "/home/somebody/pythons/3.11.7")
    library = b"\0/home/somebody/pythons/3.11.7/lib\0"

    neutral = paths.neutral_bytes(library)

    assert b"somebody" not in neutral
    assert len(neutral) == len(library)


def test_a_version_that_shares_its_end_with_the_folder_stays_readable(module, monkeypatch):
    paths = module("build_paths")
    monkeypatch.setattr(sys, "base_prefix", "/home/somebody/pythons/3.11.7")
    library = b"\0/home/somebody/pythons/3.11.7\0"
    version = library.index(b"3.11.7")

    assert paths.neutral_bytes(library)[version : version + 7] == b"3.11.7\0"


def test_the_bill_names_every_locked_package_that_is_installed_with_its_hashes(module, tmp_path):
    sbom = module("sbom")

    path = sbom.write(tmp_path)

    bill = json.loads(path.read_text())
    parts = {part["name"]: part for part in bill["components"]}
    assert (bill["bomFormat"], bill["metadata"]["component"]["version"]) == ("CycloneDX", core.__version__)
    assert parts["pyside6-essentials"]["version"] == "6.11.3"
    assert parts["pyside6-essentials"]["externalReferences"][0]["hashes"][0]["alg"] == "SHA-256"
    assert {"httpx", "websockets", "numpy", "cpython", "openssl", "Inter"} <= set(parts)
    assert len({part["bom-ref"] for part in parts.values()}) == len(bill["components"])
    assert sbom.write(tmp_path).read_text() == path.read_text()


def test_the_bundler_is_locked_with_hashes_like_everything_else():
    text = (PACKAGING / "requirements.lock").read_text().replace("\\\n", " ")

    assert "pyinstaller==" in text
    assert all("--hash=sha256:" in line for line in text.splitlines())


def test_a_desktop_finds_the_window_by_the_name_of_the_menu_entry(module):
    app = (dev.ROOT / "gui" / "app.py").read_text()
    name = module("build_paths").APP_ID

    assert f'DESKTOP_ID = "{name}"' in app
    assert (PACKAGING / "linux" / f"{name}.desktop").exists()
    assert f"<id>{name}</id>" in (PACKAGING / "linux" / f"{name}.metainfo.xml").read_text()


def test_everything_the_program_reads_at_run_time_is_packaged():
    spec = (PACKAGING / "tidewire.spec").read_text()
    folders = sorted(path.name for path in (dev.ROOT / "resources").iterdir() if path.is_dir())

    assert [name for name in folders if f'ROOT / "resources" / "{name}"' not in spec] == []
    assert 'ROOT / "docs"' in spec
