"""Names for the identifiers of the trade: plain strings to Python, distinct types to the checker."""

from __future__ import annotations

from collections.abc import Callable
from typing import NewType
from uuid import UUID, uuid4

Symbol = NewType("Symbol", str)
"""A pair in WebSocket v2 spelling, ``BTC/USD``."""

Asset = NewType("Asset", str)
"""An asset in WebSocket v2 spelling, ``BTC``."""

ClOrdId = NewType("ClOrdId", str)
"""Our order id: a lower-case UUID, one per intent, never reused (Kraken "Client order identifiers")."""

OrderId = NewType("OrderId", str)
"""Kraken's order id, ``OXXXXX-XXXXX-XXXXXX``, unique for ever."""

ExecId = NewType("ExecId", str)
"""Kraken's id of one fill: the key by which a fill is counted once."""

LedgerId = NewType("LedgerId", str)
"""Kraken's id of one balance change."""


def new_cl_ord_id(make: Callable[[], UUID] = uuid4) -> ClOrdId:
    """Return a fresh id for one order intent. ``make`` is the injected source of randomness."""
    return ClOrdId(str(make()))


PAIR = r"^[A-Z0-9.]{1,16}/[A-Z0-9.]{1,16}$"
"""How a pair is written."""
