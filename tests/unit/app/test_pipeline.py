"""The pipeline tells the screen of every batch, once it is applied."""

from __future__ import annotations

from typing import Any, cast

from core.app.pipeline import Pipeline
from core.domain.events import SystemStatusEvent
from core.domain.health import Line
from core.processing.processor import Processor
from core.processing.stores import Stores
from core.runtime.clock import ManualClock
from tests.helpers.remembering import RememberingMarketData


def test_the_screen_is_told_of_every_batch_after_it_was_applied() -> None:
    stores, seen = Stores.create(), []
    pipeline = Pipeline(
        Processor(stores), cast(Any, RememberingMarketData()), cast(Any, None), ManualClock(), lambda ns: None
    )
    pipeline.on_applied = lambda: seen.append(stores.health.system)

    for word in ("online", "maintenance"):
        pipeline.receive(Line.PUBLIC, 1, [SystemStatusEvent(word, "2")], 1)

    assert seen == ["online", "maintenance"]
