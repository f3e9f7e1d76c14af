"""Damage done to a frame: what broken proxies, hostile servers and cosmic rays may send."""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

NASTY = (
    b"1e999999",
    b"-1e-999999",
    b"NaN",
    b"Infinity",
    b"9" * 5_000,
    b"0." + b"0" * 4_000 + b"1",
    b"-1",
    b"null",
    b"true",
    b"{}",
    b"[]",
    b'""',
    b'"\\ud800"',
    b'"' + b"A" * 5_000 + b'"',
    b'"<img src=/etc/passwd>"',
    b'"\\u202egnp.exe"',
    b"\xff\xfe",
    b"\x00",
    b"[" * 20_000,
    b'{"a":' * 20_000,
    b"18446744073709551616",
    b"1.0000000000000000000000000000000000000000000000001",
)
DIGITS = b"0123456789"


def flip(frame: bytearray, random: Random) -> None:
    """Change single bits."""
    for _ in range(random.randint(1, 4)):
        frame[random.randrange(len(frame))] ^= 1 << random.randrange(8)


def cut(frame: bytearray, random: Random) -> None:
    """Lose the end, or a piece in the middle."""
    start = random.randrange(len(frame))
    del frame[start : start + random.choice((1, 10, len(frame)))]


def repeat(frame: bytearray, random: Random) -> None:
    """Have a piece twice."""
    start = random.randrange(len(frame))
    end = start + random.randint(1, 60)
    frame[end:end] = frame[start:end]


def put(frame: bytearray, random: Random) -> None:
    """Put something nasty anywhere."""
    at = random.randrange(len(frame) + 1)
    frame[at:at] = random.choice(NASTY)


def replace_number(frame: bytearray, random: Random) -> None:
    """Put something nasty where a number stood."""
    starts = [at for at in range(1, len(frame)) if frame[at] in DIGITS and frame[at - 1] in b":[, "]
    if starts:
        start = end = random.choice(starts)
        while end < len(frame) and frame[end] in b"0123456789.eE+-":
            end += 1
        frame[start:end] = random.choice(NASTY)


def replace_text(frame: bytearray, random: Random) -> None:
    """Put something nasty where a text stood."""
    quotes = [at for at, byte in enumerate(frame) if byte == ord('"')]
    if len(quotes) >= 2:
        first = random.randrange(len(quotes) - 1)
        frame[quotes[first] : quotes[first + 1] + 1] = random.choice(NASTY)


def rename(frame: bytearray, random: Random) -> None:
    """Have another channel, method or kind say it."""
    words = (
        b"book",
        b"ticker",
        b"trade",
        b"ohlc",
        b"executions",
        b"balances",
        b"instrument",
        b"level3",
        b"status",
    )
    old, new = random.choice(words), random.choice((*words, b"snapshot", b"update", b"pong"))
    frame[:] = frame.replace(old, new, 1)


ODD: tuple[object, ...] = (
    None,
    True,
    0,
    -1,
    2**63,
    1e300,
    1e-300,
    "",
    "x" * 600,
    "BTC/USD",
    "\u202e",
    [],
    {},
    [[]],
)


def restructure(frame: bytearray, random: Random) -> None:
    """Leave it valid JSON and have one value odd, missing, or somewhere else."""
    try:
        whole = json.loads(frame)
    except (ValueError, RecursionError):
        return
    places = list(_places(whole))
    if not places:
        return
    (holder, key), (other, from_key) = random.choice(places), random.choice(places)
    act = random.randrange(3)
    if act == 0:
        holder[key] = random.choice(ODD)
    elif act == 1:
        holder[key] = copy.deepcopy(other[from_key])
    elif isinstance(holder, dict):
        del holder[key]
    with contextlib.suppress(ValueError, RecursionError):
        frame[:] = json.dumps(whole).encode("utf-8", "surrogatepass")


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every (holder, key) in a decoded frame."""
    keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in list(keys):
        yield value, key
        yield from _places(value[key])


MUTATIONS: tuple[Callable[[bytearray, Random], None], ...] = (
    flip,
    cut,
    repeat,
    put,
    replace_number,
    replace_text,
    rename,
    *(restructure,) * 6,
)


def mutated(frame: bytes, random: Random) -> bytes:
    """Return a frame with one to three kinds of damage."""
    damaged = bytearray(frame)
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        if damaged:
            random.choice(MUTATIONS)(damaged, random)
    return bytes(damaged)
