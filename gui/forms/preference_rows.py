"""The rows of the preferences: what each setting is called, and how its text becomes a value. No dialog."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from PySide6.QtCore import QT_TRANSLATE_NOOP

from core.runtime.settings import Settings


class Row(NamedTuple):
    """One setting. ``choices`` are its values where it has few; ``read`` and ``show`` turn text into it and back."""

    field: str
    title: str
    hint: str
    choices: tuple[str, ...] = ()
    read: Callable[[str], Any] = str
    show: Callable[[Any], str] = str


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _joined(values: Any) -> str:
    return ", ".join(values)


def _keep(text: str) -> dict[str, str]:
    pairs = [part.split() for part in _words(text)]
    if any(len(pair) != 2 for pair in pairs):
        raise ValueError(text)
    return {asset.upper(): qty for asset, qty in pairs}


def _kept(keep: Any) -> str:
    return ", ".join(f"{asset} {qty}" for asset, qty in dict(keep).items())


def _yes(text: str) -> bool:
    return text == "on"


def _on(value: Any) -> str:
    return "on" if value else "off"


ROWS = (
    Row("theme", str(QT_TRANSLATE_NOOP("Preferences", "Theme")), "", ("dark", "light", "high contrast")),
    Row(
        "language",
        str(QT_TRANSLATE_NOOP("Preferences", "Language")),
        str(QT_TRANSLATE_NOOP("Preferences", "at the next start")),
        ("system", "en", "de"),
    ),
    Row(
        "mode",
        str(QT_TRANSLATE_NOOP("Preferences", "Mode")),
        str(QT_TRANSLATE_NOOP("Preferences", "whose money, at the next start")),
        ("demo", "paper", "live"),
    ),
    Row(
        "size_presets",
        str(QT_TRANSLATE_NOOP("Preferences", "Sizes of keys 1 to 5")),
        str(QT_TRANSLATE_NOOP("Preferences", "five of: 0.5 (base), 500 quote, 25% of what is available")),
        read=_words,
        show=_joined,
    ),
    Row(
        "keep",
        str(QT_TRANSLATE_NOOP("Preferences", "Inventory to keep when flattening")),
        str(QT_TRANSLATE_NOOP("Preferences", "asset and quantity, as BTC 1.5, ETH 0")),
        read=_keep,
        show=_kept,
    ),
    Row(
        "flatten_bps",
        str(QT_TRANSLATE_NOOP("Preferences", "Flattening may slip")),
        str(QT_TRANSLATE_NOOP("Preferences", "basis points through the touch, 1 to 500")),
        read=int,
    ),
    Row(
        "symbols",
        str(QT_TRANSLATE_NOOP("Preferences", "Watchlist")),
        str(QT_TRANSLATE_NOOP("Preferences", "pairs, at the next start")),
        read=_words,
        show=_joined,
    ),
    Row(
        "log_level",
        str(QT_TRANSLATE_NOOP("Preferences", "Log level")),
        str(QT_TRANSLATE_NOOP("Preferences", "at the next start")),
        ("debug", "info", "warning", "error"),
    ),
    Row(
        "recording",
        str(QT_TRANSLATE_NOOP("Preferences", "Flight recorder")),
        str(QT_TRANSLATE_NOOP("Preferences", "at the next start")),
        ("on", "off"),
        _yes,
        _on,
    ),
    Row(
        "recording_mb",
        str(QT_TRANSLATE_NOOP("Preferences", "Recordings at most")),
        str(QT_TRANSLATE_NOOP("Preferences", "megabytes, at the next start")),
        read=int,
    ),
    Row(
        "recording_days",
        str(QT_TRANSLATE_NOOP("Preferences", "Recordings kept")),
        str(QT_TRANSLATE_NOOP("Preferences", "days, at the next start")),
        read=int,
    ),
    Row(
        "metrics_port",
        str(QT_TRANSLATE_NOOP("Preferences", "Metrics port")),
        str(QT_TRANSLATE_NOOP("Preferences", "0: none; at the next start")),
        read=int,
    ),
)


def text_of(row: Row, settings: Settings) -> str:
    """Return a setting as it stands in its field."""
    return row.show(getattr(settings, row.field))


def keys_of(text: str) -> tuple[str, ...]:
    """Return the keys typed into one field, separated by blanks."""
    return tuple(text.split())


def without_defaults(bound: Mapping[str, tuple[str, ...]]) -> dict[str, list[str]]:
    """Return bindings as plain values for the settings."""
    return {name: list(keys) for name, keys in bound.items()}
