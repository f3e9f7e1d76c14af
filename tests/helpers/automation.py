"""Strategies, brackets, flattening and the dead-man's switch for a desk that is filled by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.app.dead_man import DeadMan
from core.app.strategies.bracket import BracketGuardian
from core.app.strategy_manager import StrategyManager
from core.domain.ids import ClOrdId
from core.domain.orders import CancelAllAfterRequest


class RememberingTimer:
    """The exchange's timer, on both roads: fires so long after it was asked."""

    def __init__(self, desk: Any) -> None:
        self._desk = desk
        self.asked: list[int] = []

    async def cancel_all_after(self, request: CancelAllAfterRequest) -> int:
        self.asked.append(request.timeout_s)
        return self._desk.clock.wall_ns() + request.timeout_s * 1_000_000_000 if request.timeout_s else 0

    async def request(self, command: CancelAllAfterRequest, *, deadline_ns: int) -> Any:
        self.trigger_ns = await self.cancel_all_after(command)
        return self


class RememberingKeeper:
    """Values in memory."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    async def keep(self, key: str, value: str) -> None:
        self.values[key] = value

    async def kept(self, prefix: str) -> dict[str, str]:
        return {key: value for key, value in self.values.items() if value and key.startswith(prefix)}

    async def intents_of(self, ids: Sequence[ClOrdId]) -> list[Any]:
        return []


def add_automation(desk: Any) -> None:
    """Give a desk what the session has of it."""

    def note(source: str, text: str) -> None:
        desk.stores.health.note(desk.clock.wall_ns(), source, text)

    keeper, desk.timer = RememberingKeeper(), RememberingTimer(desk)
    stores, executor, market_data, clock = desk.stores, desk.executor, desk.market_data, desk.clock
    desk.strategies = StrategyManager(stores, executor, market_data, clock, note)
    desk.brackets = BracketGuardian(stores, executor, market_data, keeper, clock, note)
    desk.dead_man = DeadMan(stores, desk.timer, desk.timer, keeper, clock, desk.exchange_ns, note)
