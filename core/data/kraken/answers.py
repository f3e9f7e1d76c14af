"""Answers of the exchange to requests, and what an error text proves about the request.

The texts are data: prefixes with their verdict. What is not listed proves nothing (faults, I13). Source: Kraken error
catalogue ("API error messages", "WebSocket v2").
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from core.domain.errors import OutcomeUnknown, Refused
from core.domain.ids import ClOrdId, OrderId, Symbol


class AnswerRow(msgspec.Struct, frozen=True, kw_only=True):
    """One leg of a ``batch_add``, in the order sent: an id, or an error."""

    order_id: OrderId | None = None
    cl_ord_id: ClOrdId | None = None
    error: str = ""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """One answer frame. ``error`` is empty on success. Times are the exchange's, ns UTC, 0 when not told.

    ``trigger_ns`` is when the dead man's switch fires, 0 when disarmed.
    """

    method: str
    success: bool
    req_id: int | None = None
    error: str = ""
    channel: str = ""
    symbol: Symbol | None = None
    order_id: OrderId | None = None
    original_order_id: OrderId | None = None
    cl_ord_id: ClOrdId | None = None
    amend_id: str = ""
    count: int | None = None
    rows: tuple[AnswerRow, ...] = ()
    warnings: tuple[str, ...] = ()
    max_rate_count: int = 0
    trigger_ns: int = 0
    time_in: int = 0
    time_out: int = 0


class Verdict(StrEnum):
    """What an error text proves, and what may help."""

    REFUSED = "refused"
    TOKEN = "token"
    KEY = "key"
    PERMISSION = "permission"
    NONCE = "nonce"
    LOCKOUT = "lockout"
    PACE = "pace"
    UNKNOWN = "unknown"

    @property
    def proves_nothing_done(self) -> bool:
        """Whether the request was certainly not executed."""
        return self is not Verdict.UNKNOWN


# Longest prefix first where one contains another. Compared after blanks around colons are removed.
_VERDICTS = (
    # The first attempt of this intent rests in the book: neither refused nor accepted, to be looked up.
    ("EGeneral:Invalid arguments:cl_ord_id not unique", Verdict.UNKNOWN),
    ("EGeneral:Invalid arguments", Verdict.REFUSED),
    ("EGeneral:Permission denied", Verdict.PERMISSION),
    ("EGeneral:Temporary lockout", Verdict.LOCKOUT),
    ("EGeneral:Too many requests", Verdict.PACE),
    ("EGeneral:Unknown method", Verdict.REFUSED),
    ("EAPI:Permission denied", Verdict.PERMISSION),
    ("EAPI:Invalid key", Verdict.KEY),
    ("EAPI:Invalid signature", Verdict.KEY),
    ("EAPI:Invalid nonce", Verdict.NONCE),
    ("EAPI:Invalid token", Verdict.TOKEN),
    ("EAPI:Rate limit exceeded", Verdict.PACE),
    ("EAPI:Bad request", Verdict.REFUSED),
    ("EAPI:Feature disabled", Verdict.REFUSED),
    ("ESession:", Verdict.TOKEN),
    ("Token(s) not found", Verdict.TOKEN),
    ("EService:Market in ", Verdict.REFUSED),
    # Part of the order may have been done before the rest was cancelled.
    ("EOrder:Reduce only:Position is closed", Verdict.UNKNOWN),
    ("EOrder:", Verdict.REFUSED),
    ("EQuery:", Verdict.REFUSED),
    ("ETrade:", Verdict.REFUSED),
    ("EAuth:Rate limit exceeded", Verdict.PACE),
    ("EAuth:Too many requests", Verdict.PACE),
    ("EAuth:", Verdict.KEY),
    ("EAccount:", Verdict.PERMISSION),
    ("EBM:limit exceeded", Verdict.REFUSED),
    ("EFunding:", Verdict.REFUSED),
    ("Unsupported field", Verdict.REFUSED),
    ("Unsupported event", Verdict.REFUSED),
    ("Malformed request", Verdict.REFUSED),
    ("Currency pair not supported", Verdict.REFUSED),
    ("Symbol(s) not found", Verdict.REFUSED),
    ("Subscription ", Verdict.REFUSED),
    ("Public market data subscriptions are unavailable", Verdict.REFUSED),
    ("Private data and trading are unavailable", Verdict.REFUSED),
    ("Exceeded msg rate", Verdict.PACE),
)

_WRONG_TYPE = " field must be a "


def verdict(error: str) -> Verdict:
    """Return what ``error`` proves; an unknown text proves nothing."""
    text = ":".join(part.strip() for part in error.split(":"))
    for prefix, meaning in _VERDICTS:
        if text.startswith(prefix):
            return meaning
    return Verdict.REFUSED if _WRONG_TYPE in text else Verdict.UNKNOWN


def failure(error: str) -> Refused | OutcomeUnknown:
    """Return the exception that a failed answer to a trading request amounts to."""
    if verdict(error).proves_nothing_done:
        return Refused(error)
    return OutcomeUnknown(error or "answer without success and without reason")
