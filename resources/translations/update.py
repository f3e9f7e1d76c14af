"""Collects the texts of the screen into the translation files and compiles them. Run it after texts changed.

Titles of panels and columns are names in the program and translated where they are drawn.
Keeps what is translated, adds what is new, drops what is gone. Writes ``tidewire_LANGUAGE.ts`` and ``.qm``.
"""

from __future__ import annotations

import ast
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
LANGUAGES = ("de",)
OWNERS = {"window": "MainWindow", "parent": "QGroupBox", "box": "QGroupBox"}
"""Classes of the objects that functions outside a class call ``tr`` of."""

SHARED = {"share_buttons.py": {"parent": "OrderForm"}}
Text = tuple[str, str]


def main() -> int:
    """Update every language; returns 1 when some text has no translation."""
    texts = sorted(set(collect(ROOT / "gui")))
    missing = 0
    for language in LANGUAGES:
        file = HERE / f"tidewire_{language}.ts"
        known = read(file) if file.exists() else {}
        write(file, language, texts, known)
        compile_file(file)
        left = [text for text in texts if not known.get(text)]
        missing += len(left)
        sys.stdout.write(f"{language}: {len(texts) - len(left)} of {len(texts)} texts translated\n")
    return 1 if missing else 0


def collect(folder: Path) -> Iterator[Text]:
    """Yield context and text of every literal that is translated at run time."""
    for file in sorted(folder.rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        owners = {**OWNERS, **SHARED.get(file.name, {})}
        yield from _walk(tree, "", _module_context(tree), owners)


def read(file: Path) -> dict[Text, str]:
    """Return the translations of a file."""
    found = {}
    for context in ElementTree.parse(file).getroot().iter("context"):
        name = context.findtext("name", "")
        for message in context.iter("message"):
            found[name, message.findtext("source", "")] = message.findtext("translation", "") or ""
    return found


def write(file: Path, language: str, texts: list[Text], known: dict[Text, str]) -> None:
    """Write the file with exactly these texts."""
    root = ElementTree.Element("TS", version="2.1", language=language, sourcelanguage="en")
    contexts: dict[str, ElementTree.Element] = {}
    for name, source in texts:
        if name not in contexts:
            contexts[name] = ElementTree.SubElement(root, "context")
            ElementTree.SubElement(contexts[name], "name").text = name
        message = ElementTree.SubElement(contexts[name], "message")
        ElementTree.SubElement(message, "source").text = source
        translated = ElementTree.SubElement(message, "translation")
        translated.text = known.get((name, source)) or None
        if translated.text is None:
            translated.set("type", "unfinished")
    ElementTree.indent(root, " ")
    body = ElementTree.tostring(root, encoding="unicode")
    file.write_text(f'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n{body}\n', encoding="utf-8")


def compile_file(file: Path) -> None:
    """Compile with Qt's lrelease, which comes with PySide6."""
    command = Path(sys.executable).parent / "pyside6-lrelease"
    subprocess.run([command, "-silent", file, "-qm", file.with_suffix(".qm")], check=True)


def _module_context(tree: ast.Module) -> str:
    """The context of the module's ``_tr``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == "_tr":
            for call in ast.walk(node):
                if isinstance(call, ast.Call) and _called(call) == "translate":
                    return _literal(call.args[0]) or ""
    return ""


def _walk(node: ast.AST, owner: str, module: str, owners: dict[str, str]) -> Iterator[Text]:
    for child in ast.iter_child_nodes(node):
        inside = child.name if isinstance(child, ast.ClassDef) else owner
        if isinstance(child, ast.Call):
            yield from _texts(child, owner, module, owners)
        yield from _walk(child, inside, module, owners)


def _texts(call: ast.Call, owner: str, module: str, owners: dict[str, str]) -> Iterator[Text]:
    name = _called(call)
    if name == "Column" and call.args:
        context, text = "Columns", _literal(call.args[0])
    elif name == "__init__" and len(call.args) == 2 and _literal(call.args[0]):
        context, text = "Panels", _literal(call.args[0])
    elif name in ("translate", "QT_TRANSLATE_NOOP") and len(call.args) > 1:
        context, text = _literal(call.args[0]), _literal(call.args[1])
    elif name == "_tr":
        context, text = module, _literal(call.args[0])
    elif name == "tr" and isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name):
        whose = call.func.value.id
        context, text = owner if whose == "self" else owners.get(whose, owner), _literal(call.args[0])
    else:
        return
    if context and text:
        yield context, text


def _called(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _literal(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


if __name__ == "__main__":
    raise SystemExit(main())
