"""Values that parts of the program keep for later runs."""

from __future__ import annotations

import pytest

from core.data.journal.journal import Journal
from core.domain.errors import JournalUnavailable
from core.runtime.clock import SystemClock


async def test_a_kept_value_is_there_after_a_restart_and_gone_once_forgotten(tmp_path):
    first = Journal(tmp_path / "j", SystemClock())
    await first.open()
    await first.keep("bracket:1", "one")
    await first.keep("bracket:2", "two")
    await first.keep("bracket:1", "again")
    await first.keep("other", "x")
    await first.keep("bracket:2", "")
    await first.close()
    second = Journal(tmp_path / "j", SystemClock())
    await second.open()

    assert await second.kept("bracket:") == {"bracket:1": "again"}
    assert await second.intents_of(["6d1b345e-2821-40e2-ad83-4ecb18a06876"]) == []
    await second.close()


async def test_what_cannot_be_kept_is_said(tmp_path, expect_logs):
    expect_logs("core.data.journal", "drops notes")
    journal = Journal(tmp_path / "j", SystemClock())

    with pytest.raises(JournalUnavailable):
        await journal.keep("a", "b")
