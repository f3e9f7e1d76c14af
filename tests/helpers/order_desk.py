"""An executor and a canceller on two roads that do as they are told."""

from core.app.canceller import Canceller
from core.app.executor import Executor
from core.app.risk import RiskManager
from core.domain.errors import NotSent
from core.runtime.clock import ManualClock
from tests.helpers.account import FakeRoad, accepted, good_stores

OFFSET_NS = 40_000_000
LINE_DOWN = NotSent("line is down")


class OrderDesk:
    """An executor on two roads, with a journal that is a list."""

    def __init__(self):
        self.clock = ManualClock()
        self.stores = good_stores()
        self.orders = self.stores.orders
        self.ws, self.rest = FakeRoad("WS"), FakeRoad("REST", accepted)
        self.asked, self.committed = [], []
        self.journal_failure = None
        now = self.exchange_ns
        canceller = Canceller(self.orders, self.ws, self.rest, now, self.asked.append)
        self.executor = Executor(
            orders=self.orders,
            primary=self.ws,
            secondary=self.rest,
            risk=RiskManager(self.stores, self.clock),
            canceller=canceller,
            commit=self.commit,
            clock=self.clock,
            exchange_ns=now,
            ask=self.asked.append,
            confirm=self.confirm,
        )

    async def confirm(self, request):
        """Every book is as fresh as it can be."""

    def exchange_ns(self):
        return self.clock.wall_ns() + OFFSET_NS

    async def commit(self, requests, wall_ns):
        if self.journal_failure is not None:
            raise self.journal_failure
        assert not any(request in self.ws.sent for request in requests), "written before it is sent"
        self.committed.append((list(requests), wall_ns))

    def line_down_for(self, seconds=0):
        """The line says after so long that nothing was sent."""
        self.ws.behave = lambda command: LINE_DOWN
        self.ws.before = lambda: self.clock.advance(s=seconds)
