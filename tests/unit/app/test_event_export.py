"""Events written to hand on: in order, private, and without what leads to the account."""

import csv
import stat

import pytest

from core.app.event_export import EventExportError, export_events
from core.processing.health_store import HealthEvent
from core.runtime.redaction import Redactor
from core.runtime.secrets import Secret

SECOND = 1_000_000_000
ORDER = "OQCLML-BW3P3-BUCMWZ"
OURS = "0b9a1c2d-3e4f-4a5b-8c6d-7e8f90a1b2c3"


def read(file):
    with file.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def test_events_are_written_oldest_first_with_what_they_are_about(tmp_path):
    events = [
        HealthEvent(2 * SECOND, "BTC/USD", "book stopped without a word: asked anew"),
        HealthEvent(SECOND, "public line", "live"),
    ]

    count = export_events(events, tmp_path / "events.csv", Redactor())

    rows = read(tmp_path / "events.csv")
    assert count == 2
    assert [row["source"] for row in rows] == ["public line", "BTC/USD"]
    assert (rows[1]["severity"], rows[1]["kind"]) == ("warning", "channels")
    assert rows[0]["time"].startswith("1970-01-01T00:00:01")
    assert stat.S_IMODE((tmp_path / "events.csv").stat().st_mode) == 0o600


def test_no_secret_and_no_id_is_written_but_an_order_can_be_followed(tmp_path):
    redactor = Redactor()
    redactor.register(Secret("open-sesame-1234"))
    texts = [
        f"cancel of {ORDER} for {OURS}",
        f"{ORDER} is gone",
        "token=open-sesame-1234",
        "said open-sesame-1234",
    ]
    events = [HealthEvent(at, "risk", text) for at, text in enumerate(texts, 1)]

    export_events(events, tmp_path / "events.csv", redactor)

    written = (tmp_path / "events.csv").read_text(encoding="utf-8")
    first, second, *_ = read(tmp_path / "events.csv")
    assert not any(word in written for word in (ORDER, OURS, "sesame"))
    assert first["text"].split()[2] == second["text"].split()[0]


def test_an_event_can_neither_forge_a_row_nor_become_a_formula(tmp_path):
    export_events(
        [HealthEvent(1, "exchange", "=HYPERLINK(1)\r\n9,info,x,y,z")], tmp_path / "e.csv", Redactor()
    )

    (row,) = read(tmp_path / "e.csv")
    assert not row["text"].startswith("=")
    assert "\n" not in row["text"]


def test_a_file_that_cannot_be_written_is_told_and_leaves_nothing(tmp_path):
    with pytest.raises(EventExportError) as told:
        export_events([HealthEvent(1, "x", "y")], tmp_path / "nowhere" / "e.csv", Redactor())

    assert "nowhere" in told.value.user_message
    assert list(tmp_path.iterdir()) == []
