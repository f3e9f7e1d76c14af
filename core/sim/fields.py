"""Single fields of a request: JSON types, words, numbers, times, identifiers, each refused with Kraken's text.

Shared by WebSocket and REST, which spell the same things differently.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from core.sim import wire
from core.sim.model import Reject

NS_PER_S = 1_000_000_000
DEADLINE_DEFAULT_NS = 5 * NS_PER_S
DEADLINE_MAX_NS = 60 * NS_PER_S
INT32 = 2**31
INTEGERS = range(-(2**63), 2**64)
CL_ORD_ID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{32}|[!-~]{1,18}")

Params = dict[str, object]
# Field name: JSON type in the words of Kraken's own messages.
Fields = dict[str, str]

_PYTHON_TYPES: Mapping[str, type] = {"string": str, "array": list, "object": dict}


def invalid(argument: str) -> Reject:
    """Return the refusal of one argument."""
    return Reject(f"EGeneral:Invalid arguments:{argument}")


def check_fields(params: Params, allowed: Fields, method: str) -> None:
    """Raise Reject for the first field that is unknown or of the wrong JSON type."""
    for name, value in params.items():
        kind = allowed.get(name)
        if kind is None:
            raise Reject(f"Unsupported field: '{name[:64]}' for the given msg type: {method}")
        if not has_type(value, kind):
            raise Reject(wrong_type(name, kind))


def has_type(value: object, kind: str) -> bool:
    """Whether a decoded JSON value is of a kind. A whole number is a fine ``number_float``; true is no number."""
    if kind == "boolean":
        return isinstance(value, bool)
    if isinstance(value, bool):
        return False
    if kind == "number_float":
        return isinstance(value, (int, Decimal))
    if kind == "number_integer":
        return isinstance(value, int) and value in INTEGERS
    return isinstance(value, _PYTHON_TYPES[kind])


def wrong_type(name: str, kind: str) -> str:
    """Return the recorded text for a field of the wrong JSON type."""
    return f"{name[:1].upper()}{name[1:]} field must be a {kind}"


def text(params: Params, name: str) -> str | None:
    """Return a string, None when absent."""
    value = params.get(name)
    return None if value is None else str(value)


def number(params: Params, name: str) -> Decimal | None:
    """Return a number exactly as sent, None when absent."""
    value = params.get(name)
    return Decimal(value) if isinstance(value, (int, Decimal)) else None


def flag(params: Params, name: str, default: bool = False) -> bool:
    """Return a boolean."""
    return bool(params.get(name, default))


def word(params: Params, name: str, known: Sequence[str], default: str | None = None) -> str:
    """Return one of the known words; without a default the field is required."""
    value = params.get(name, default)
    if value == default and default is not None:
        return default
    if not isinstance(value, str) or value not in known:
        raise invalid(name)
    return value


def strings(params: Params, name: str) -> list[str]:
    """Return a list of strings, empty when absent."""
    found = _items(params, name, "string")
    return [str(item) for item in found]


def integers(params: Params, name: str) -> list[int]:
    """Return a list of integers, empty when absent."""
    found = _items(params, name, "number_integer")
    return [item for item in found if isinstance(item, int)]


def _items(params: Params, name: str, kind: str) -> list[object]:
    value = params.get(name, [])
    if not isinstance(value, list):
        raise Reject(wrong_type(name, "array"))
    for item in value:
        if not has_type(item, kind):
            raise Reject(wrong_type(name, kind))
    return value


def time(params: Params, name: str) -> int | None:
    """Return wall nanoseconds of an RFC 3339 field, None when absent."""
    value = params.get(name)
    if value is None:
        return None
    try:
        return wire.parse_rfc3339(str(value))
    except ValueError as error:
        raise invalid(name) from error


def deadline(params: Params, now_ns: int, least_ns: int) -> int:
    """Return until when the engine may match, wall ns: 5 s from now unless the request says ``least_ns`` to 60 s.

    A time that lies too near means the deadline has passed; one too far is refused.
    """
    until_ns = time(params, "deadline")
    if until_ns is None:
        return now_ns + DEADLINE_DEFAULT_NS
    if until_ns <= now_ns:
        raise Reject("EService:Deadline elapsed")
    if not least_ns <= until_ns - now_ns <= DEADLINE_MAX_NS:
        raise invalid("deadline")
    return until_ns


def client_id(params: Params) -> str | None:
    """Return ``cl_ord_id``: a UUID with or without dashes, or up to 18 printable ASCII characters."""
    value = text(params, "cl_ord_id")
    if value is None:
        return None
    if not CL_ORD_ID.fullmatch(value):
        raise invalid("cl_ord_id")
    if params.get("order_userref") or params.get("userref"):
        raise invalid("cl_ord_id and userref are exclusive")
    return value


def userref(params: Params, name: str = "order_userref") -> int | None:
    """Return the client's numeric tag, an int32."""
    value = params.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or not -INT32 <= value < INT32:
        raise invalid(name)
    return value
