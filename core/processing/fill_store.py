"""Executions of our orders, each exactly once, whatever its road."""

from __future__ import annotations

from core.domain.ids import ExecId
from core.domain.orders import Fill
from core.processing.store import Store


class FillStore(Store[ExecId]):
    """All fills, keyed by ``exec_id``."""

    def __init__(self) -> None:
        super().__init__()
        self._fills: dict[ExecId, Fill] = {}

    def add(self, fill: Fill) -> bool:
        """Keep a fill; of two accounts of the same one the fuller is kept. Returns whether it is a new one."""
        known = self._fills.get(fill.exec_id)
        if known is not None and len(known.fees) >= len(fill.fees):
            return False
        self._fills[fill.exec_id] = fill
        self.touch(fill.exec_id)
        return known is None

    def get(self, exec_id: ExecId) -> Fill | None:
        """Return one fill."""
        return self._fills.get(exec_id)

    def all(self) -> list[Fill]:
        """All fills, newest first."""
        return sorted(self._fills.values(), key=lambda fill: (fill.ts, fill.exec_id), reverse=True)
