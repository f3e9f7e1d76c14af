"""Documents hold what they promise: links lead somewhere, commands and settings exist."""

import re
from pathlib import Path

import pytest

import dev
from core.runtime.settings import Settings
from gui.cli import build_parser

ROOT = Path(dev.__file__).parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("packaging/**/*.md")])
LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"`tidewire ((?:journal )?[a-z]+)(?: [^`]*)?`")
MAKE = re.compile(r"\bmake ([a-z-]+)")


def anchors(page: Path) -> set[str]:
    """Names of a page's headings as links spell them."""
    titles = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def subcommands() -> set[str]:
    """Every command of the program, as typed."""
    names: set[str] = set()
    for action in build_parser()._subparsers._group_actions:  # type: ignore[union-attr]
        for name, parser in action.choices.items():
            names.add(name)
            inner = parser._subparsers
            names |= {
                f"{name} {deeper}"
                for group in (inner._group_actions if inner else ())
                for deeper in group.choices
            }
    return names


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page):
    for target in LINK.findall(page.read_text()):
        if target.startswith("https://"):
            continue
        name, _, anchor = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        assert file.exists(), target
        assert not anchor or anchor in anchors(file), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_and_tasks_named_exist(page):
    text = page.read_text()
    if page.name != "CHANGELOG.md":
        assert set(COMMAND.findall(text)) <= subcommands()
    assert {task for line in re.findall(r"`([^`]+)`", text) for task in MAKE.findall(line)} <= {
        *dev.TASKS,
        "help",
    }


def test_settings_named_exist():
    text = (ROOT / "docs" / "operations.md").read_text()
    assert set(re.findall(r'`"([a-z_]+)":', text)) <= set(Settings.__struct_fields__)
    assert "metrics_port" in text
