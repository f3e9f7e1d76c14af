"""TradingSession: builds everything once, starts it, stops it, and owns the mode. The only place that builds."""

from __future__ import annotations

import logging

import msgspec

from core.app.executor import Executor
from core.app.history import CandleHistory
from core.app.market_data import MarketData
from core.app.order_routes import RestRoute, WebSocketRoute
from core.app.pipeline import Pipeline
from core.app.reconciler import Reconciler
from core.app.risk import RiskManager
from core.data.kraken.codec import Codec
from core.data.kraken.endpoints import Credentials, Endpoints
from core.data.rest.client import RestClient
from core.data.ws.manager import LineManager
from core.domain.mode import Mode
from core.processing.processor import Processor
from core.processing.stores import Stores
from core.runtime.clock import Clock
from core.runtime.tasks import Supervisor

log = logging.getLogger(__name__)

FEES_EVERY_S = 3600.0


class Venue(msgspec.Struct, frozen=True):
    """Where to connect and as whom."""

    mode: Mode
    endpoints: Endpoints
    credentials: Credentials | None


class TradingSession:
    """One connection to one venue, with all state and services the window needs.

    Read ``stores``; call ``market_data``, ``history``, ``executor``. ``start`` returns once everything runs, not
    once it is connected: what is known shows in the stores.
    """

    def __init__(self, venue: Venue, clock: Clock, supervisor: Supervisor, seed: int) -> None:
        self.mode = venue.mode
        self.clock = clock
        self.stores = Stores.create()
        self._tasks = supervisor
        self._codec = Codec()
        self._rest = RestClient(venue.endpoints, venue.credentials, clock)
        token = self._rest.websockets_token if venue.credentials else None
        self._lines = LineManager(venue.endpoints, self._codec, clock, token, self._receive, seed=seed)
        self._has_account = venue.credentials is not None
        self.market_data = MarketData(self._lines, self.stores)
        self.history = CandleHistory(self._rest, self.stores.candles, self._spawn)
        self.risk = RiskManager(self.stores, clock, self._lines)
        self.reconciler = Reconciler(self._rest, self.stores.orders, clock, self.exchange_ns)
        self.executor = Executor(
            orders=self.stores.orders,
            primary=WebSocketRoute(self._lines),
            secondary=RestRoute(self._rest),
            risk=self.risk,
            clock=clock,
            exchange_ns=self.exchange_ns,
            doubt=lambda order: self.reconciler.ask(f"order {order.cl_ord_id or order.order_id}"),
        )
        self._pipeline = Pipeline(Processor(self.stores), self.market_data, self, clock)
