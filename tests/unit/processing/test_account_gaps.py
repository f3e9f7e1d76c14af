"""What is believed of the account when a private frame is missing."""

from __future__ import annotations

import pytest

from core.domain.effects import Effect, ResyncPrivate
from core.domain.events import BalanceEvent, Event, ExecutionEvent
from core.domain.health import Line
from core.processing.processor import Processor
from core.processing.stores import Stores


class Account:
    """Stores and the processor that feeds them, one frame at a time."""

    def __init__(self) -> None:
        self.stores = Stores.create()
        self._processor = Processor(self.stores)

    def tell(self, event: Event) -> list[Effect]:
        return self._processor.apply(Line.PRIVATE, 1, [event], 1, 1)


FRAMES = {"executions": lambda snapshot, at: ExecutionEvent(snapshot, at, [])}
FRAMES["balances"] = lambda snapshot, at: BalanceEvent(snapshot, at, [], [])


@pytest.mark.parametrize("channel", FRAMES)
def test_after_a_gap_the_snapshots_asked_for_verify_the_balances_again(channel):
    account = Account()
    for frame in FRAMES.values():
        account.tell(frame(True, 1))
    assert account.stores.balances.verified

    effects = account.tell(FRAMES[channel](False, 3))
    doubted = not account.stores.balances.verified
    for effect in effects:
        if isinstance(effect, ResyncPrivate):
            account.tell(FRAMES[effect.channel](True, 1))

    assert doubted
    assert account.stores.balances.verified
