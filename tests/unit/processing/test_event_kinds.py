"""What entries of the event log are about and how bad they are, told from their words."""

import pytest

from core.processing.event_kinds import OWN_ORDER, EventKind, Grade, grade_of, kind_of
from core.processing.health_store import HealthEvent


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("private B line", EventKind.LINES),
        ("BTC/USD", EventKind.CHANNELS),
        (OWN_ORDER, EventKind.ORDERS),
        ("risk", EventKind.ORDERS),
        ("balances", EventKind.ACCOUNT),
        ("reconciliation", EventKind.ACCOUNT),
        ("journal", EventKind.PROGRAM),
        ("a source of tomorrow", EventKind.PROGRAM),
    ],
)
def test_a_source_belongs_to_one_kind(source, kind):
    assert kind_of(HealthEvent(0, source, "x")) is kind


@pytest.mark.parametrize(
    ("source", "text", "grade"),
    [
        ("public line", "live", Grade.INFO),
        ("public line", "connecting", Grade.INFO),
        ("public line", "stale: no message for 3 s", Grade.WARNING),
        ("public line", "backoff: reset by peer", Grade.ERROR),
        ("BTC/USD", "book stopped without a word: asked anew", Grade.WARNING),
        ("risk", "kill switch: pulled by hand", Grade.ERROR),
        ("risk", "kill switch released: pulled by hand", Grade.INFO),
        ("risk", "denied BTC/USD (notional): worth 2,000,000 USD", Grade.WARNING),
        ("journal", "cannot be written: disk full", Grade.ERROR),
        ("journal", "is written again", Grade.INFO),
        (OWN_ORDER, "Unknown, checking · BTC/USD ▲ BUY 1 @ 60,000", Grade.ERROR),
        (OWN_ORDER, "Rejected · BTC/USD ▲ BUY 1 @ 60,000 · EOrder:Insufficient funds", Grade.WARNING),
        (OWN_ORDER, "Filled · BTC/USD ▲ BUY 1 @ 60,000", Grade.INFO),
    ],
)
def test_words_tell_how_bad_it_is(source, text, grade):
    assert grade_of(HealthEvent(0, source, text)) is grade
