"""Executions of our orders, each exactly once, whatever its road."""

from __future__ import annotations

from core.domain.ids import ExecId
from core.domain.order_merge import join_fills
from core.domain.orders import Fill
from core.processing.store import BoundedStore

FILLS_KEPT = 5_000
"""In memory; older ones are in the journal. The tables, the chart and the comparison after a break need the newest."""


class FillStore(BoundedStore[ExecId]):
    """The newest fills, keyed by ``exec_id``."""

    def __init__(self, bound: int = FILLS_KEPT) -> None:
        super().__init__(bound)
        self._fills: dict[ExecId, Fill] = {}

    def add(self, fill: Fill) -> bool:
        """Keep a fill; two accounts of the same one are joined. Returns whether it is a new one."""
        known = self._fills.get(fill.exec_id)
        if known == fill:
            return False
        self._fills[fill.exec_id] = fill if known is None else join_fills(known, fill)
        self.touch(fill.exec_id)
        return known is None

    @property
    def count(self) -> int:
        """How many there were, those forgotten included."""
        return len(self._fills) + self.forgotten

    @property
    def newest_ns(self) -> int | None:
        """Exchange time of the newest fill, ns UTC."""
        return max((fill.ts for fill in self._fills.values()), default=None)

    def get(self, exec_id: ExecId) -> Fill | None:
        """Return one fill."""
        return self._fills.get(exec_id)

    def all(self) -> list[Fill]:
        """All fills held, newest first."""
        return sorted(self._fills.values(), key=lambda fill: (fill.ts, fill.exec_id), reverse=True)

    def _size(self) -> int:
        return len(self._fills)

    def _ended(self) -> list[ExecId]:
        return [fill.exec_id for fill in reversed(self.all())]

    def _drop(self, key: ExecId) -> None:
        del self._fills[key]
