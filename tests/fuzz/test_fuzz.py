"""A short run of ``make fuzz``, and that the run can fail."""

import logging

import pytest

from core.processing.processor import Processor
from tests.fuzz.__main__ import run


@pytest.fixture(autouse=True)
def silence():
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def test_mutated_frames_crash_nothing_hold_nothing_and_leave_nothing_behind():
    result = run(20_000, seed=7)

    assert result.crashes == []
    assert result.slowest_ms <= 60, (
        result.slowest
    )  # three times the limit: other programs run beside the tests
    assert result.growth_mb <= 16
    assert result.frames / 10 < result.understood < result.frames


def test_a_handler_that_trusts_its_input_would_be_found(monkeypatch):
    def trusting(self, event):
        raise KeyError(event.channel)

    monkeypatch.setattr(Processor, "_bad_data", trusting)

    assert run(200, seed=1).crashes
