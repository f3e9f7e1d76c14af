"""Executions of our orders, each exactly once, whatever its road."""

from __future__ import annotations

from core.domain.ids import ExecId
from core.domain.order_merge import join_fills
from core.domain.orders import Fill
from core.processing.store import Store


class FillStore(Store[ExecId]):
    """All fills, keyed by ``exec_id``."""

    def __init__(self) -> None:
        super().__init__()
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
        """How many there are."""
        return len(self._fills)

    @property
    def newest_ns(self) -> int | None:
        """Exchange time of the newest fill, ns UTC."""
        return max((fill.ts for fill in self._fills.values()), default=None)

    def get(self, exec_id: ExecId) -> Fill | None:
        """Return one fill."""
        return self._fills.get(exec_id)

    def all(self) -> list[Fill]:
        """All fills, newest first."""
        return sorted(self._fills.values(), key=lambda fill: (fill.ts, fill.exec_id), reverse=True)
