"""What the loop hands to the writer, and whom the writer tells."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from core.domain.errors import StartError, TerminalError
from core.domain.orders import OrderRequest

Note = Callable[[sqlite3.Connection], None]
"""Writes one thing inside a transaction of the caller."""


@dataclass(slots=True)
class Intents:
    """Orders that are about to be sent, all or none. ``answer`` hears None, or why they must not leave."""

    requests: tuple[OrderRequest, ...]
    profile: str
    sent_ns: int
    answer: Callable[[TerminalError | None], None]
    abandoned: bool = False
    """Set by the asker who gave up waiting: nothing is written any more unless it already was."""


@dataclass(slots=True)
class Noted:
    """Something to write soon. ``done`` hears how many of its notes a commit wrote or gave up."""

    write: Note
    done: Callable[[int], None]


@dataclass(slots=True)
class Flush:
    """Answered once everything queued before was written, or cannot be."""

    answer: Callable[[], None]


@dataclass(slots=True)
class Stop:
    """Write what there is, fold the log into the file, end."""


Item = Intents | Noted | Flush | Stop


@dataclass(slots=True)
class Told:
    """Who hears of the writer, on its thread. ``failure``: "" or why nothing can be written now.

    ``opened`` hears once whether the start went well: a StartError when the file must not be touched.
    """

    opened: Callable[[StartError | None], None]
    failure: Callable[[str], None]
    commit_ns: Callable[[int], None]
