"""Settings: one frozen value with defaults in code, kept in a JSON file.

A file with an unknown field, a wrong type or a value out of bounds is refused with file, line or field,
and never overwritten: the user's text is worth more than our defaults. Knows no secrets.
"""

import os
import re
import secrets
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from core.domain.errors import SettingsError
from core.domain.ids import PAIR
from core.domain.limits import RiskLimits
from core.domain.mode import Mode

VERSION = 1
PRIVATE_FILE = 0o600
MAX_FILE_BYTES = 1 << 20

PAIR_RULE = "a pair is written in capitals with a slash, as BTC/USD"
SymbolText = Annotated[str, msgspec.Meta(pattern=PAIR)]
Watchlist = Annotated[tuple[SymbolText, ...], msgspec.Meta(min_length=1, max_length=200)]
LogLevel = Literal["debug", "info", "warning", "error"]
ThemeName = Literal["dark", "light", "high contrast"]
Language = Literal["system", "en", "de"]
SizePreset = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,12}(\.[0-9]{1,12})?( ?%| quote)?$")]
"""A quantity in base, ``500 quote`` in what the pair is priced in, or ``25%`` of what is available."""

AssetText = Annotated[str, msgspec.Meta(pattern=r"^[A-Z0-9.]{1,16}$")]
QtyText = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,15}(\.[0-9]{1,15})?$")]
KeyText = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
OF_THIS_RUN = ("version", "mode", "killed")
"""What an export leaves out."""

FIRST_WATCHLIST = (
    "BTC/USD",
    "ETH/USD",
    "SOL/USD",
    "XRP/USD",
    "DOGE/USD",
    "ADA/USD",
    "LINK/USD",
    "LTC/USD",
    "SHIB/USD",
    "EUR/USD",
    "USDT/USD",
    "ETH/BTC",
)


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the user chose. A change makes a new value (`changed`); none is changed in place."""

    version: Annotated[int, msgspec.Meta(ge=1)] = VERSION
    mode: Mode = Mode.DEMO
    symbols: Watchlist = FIRST_WATCHLIST
    log_level: LogLevel = "info"
    theme: ThemeName = "dark"
    limits: RiskLimits = RiskLimits()
    killed: Annotated[str, msgspec.Meta(max_length=500)] = ""
    recording: bool = True
    recording_mb: Annotated[int, msgspec.Meta(ge=10, le=100_000)] = 200
    """Bound of all recordings of the profile together."""

    recording_days: Annotated[int, msgspec.Meta(ge=1, le=3650)] = 7
    language: Language = "system"
    size_presets: Annotated[tuple[SizePreset, ...], msgspec.Meta(min_length=5, max_length=5)] = (
        "5%",
        "10%",
        "25%",
        "50%",
        "100%",
    )
    keep: dict[AssetText, QtyText] = {}
    """How much of an asset flattening leaves, by asset."""

    flatten_bps: Annotated[int, msgspec.Meta(ge=1, le=500)] = 30
    """How far through the touch flattening and taking may go."""

    keys: dict[str, Annotated[tuple[KeyText, ...], msgspec.Meta(max_length=4)]] = {}
    """Keys bound otherwise than at first, by the name of the command."""

    metrics_port: Annotated[int, msgspec.Meta(ge=0, le=65_535)] = 0
    """Where Prometheus may ask on this computer; 0: nowhere."""


def changed(settings: Settings, **fields: Any) -> Settings:
    """Return the settings with some fields replaced. SettingsError names a field that does not fit."""
    try:
        return msgspec.convert({**msgspec.to_builtins(settings), **fields}, Settings)
    except msgspec.ValidationError as wrong:
        text = f"This setting is not valid: {_reason(wrong, fields)}."
        raise SettingsError(text, user_message=text) from wrong


def load_settings(path: Path) -> Settings:
    """Return what the file says, or the defaults when there is none.

    SettingsError when it cannot be read or understood; its ``user_message`` names file and place.
    """
    raw = _read(path)
    if raw is None:
        return Settings()
    _check_version(path, raw)
    try:
        return msgspec.json.decode(raw, type=Settings)
    except msgspec.ValidationError as wrong:
        raise _refused(path, _reason(wrong, msgspec.json.decode(raw))) from wrong


def save_settings(settings: Settings, path: Path) -> None:
    """Write the file anew in one step, readable by its owner alone.

    SettingsError when that fails, or when a file stands there that `load_settings` would refuse: it may hold
    what the user typed by hand.
    """
    load_settings(path)
    text = msgspec.json.format(msgspec.json.encode(settings), indent=2) + b"\n"
    try:
        replace_file(path, text)
    except OSError as problem:
        raise _refused(path, f"it cannot be written: {problem.strerror}") from problem


def export_settings(settings: Settings, path: Path) -> None:
    """Write what can be taken to another computer into a file of its own. SettingsError when that fails.

    There are no secrets in settings; what belongs to this run, the pulled kill switch, is left out.
    """
    fields = {name: value for name, value in msgspec.to_builtins(settings).items() if name not in OF_THIS_RUN}
    try:
        replace_file(path, msgspec.json.format(msgspec.json.encode(fields), indent=2) + b"\n")
    except OSError as problem:
        text = f"The settings cannot be written to {path}: {problem.strerror}."
        raise SettingsError(text, user_message=text) from problem


def import_settings(path: Path) -> dict[str, Any]:
    """Return the fields of an exported file as plain values, fit for ``changed``. SettingsError as `load_settings`."""
    if not path.exists():
        raise _refused(path, "there is no such file")
    fields: dict[str, Any] = msgspec.to_builtins(load_settings(path))
    return {name: value for name, value in fields.items() if name not in OF_THIS_RUN}


def replace_file(path: Path, content: bytes) -> None:
    """Put a file in place as a whole: after a crash either the old or the new content stands. OSError if not."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # the new name, too, survives a power cut
        finally:
            os.close(folder)


def _read(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise _refused(path, f"it cannot be read: {problem.strerror}") from problem
    if len(raw) > MAX_FILE_BYTES:
        raise _refused(path, f"it is larger than {MAX_FILE_BYTES} bytes")
    return raw


def _check_version(path: Path, raw: bytes) -> None:
    """Refuse what is no JSON object, and a file of a newer program before its fields are called unknown."""
    try:
        content = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as broken:
        raise _refused(path, f"{_where(raw, broken)}it is not valid JSON: {broken}") from broken
    if not isinstance(content, dict):
        raise _refused(path, "it must hold one JSON object in braces")
    version = content.get("version", VERSION)
    if isinstance(version, int) and version > VERSION:
        raise _refused(path, f"it was written by a newer Tidewire (version {version}, here {VERSION})")


def _reason(wrong: msgspec.ValidationError, fields: dict[str, Any]) -> str:
    """Return what does not fit and where; a pair is shown as it was written, with the rule instead of its pattern."""
    text = str(wrong)
    found = re.search(r"`\$\.symbols\[(\d+)\]`", text)
    if found is None or "regex" not in text:
        return text
    return f"{fields['symbols'][int(found[1])]!r} is no pair ({PAIR_RULE}) - at {found[0]}"


def _where(raw: bytes, broken: Exception) -> str:
    """Return the line of a syntax error; msgspec tells the byte."""
    _, found, rest = str(broken).partition("(byte ")
    if not found:
        return ""
    position = int(rest.partition(")")[0])
    line = raw.count(b"\n", 0, position) + 1
    return f"line {line}: "


def _refused(path: Path, reason: str) -> SettingsError:
    return SettingsError(
        f"{path}: {reason}",
        user_message=f"The settings file {path} cannot be used: {reason}. It was left as it is.",
    )
