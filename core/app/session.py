"""TradingSession builds everything once, starts it, stops it, and owns the mode. The only place that builds."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from core.app.account_audit import AccountAudit
from core.app.alerts import AlertEngine
from core.app.budgets import Budgets, Vitals
from core.app.canceller import Canceller
from core.app.dead_man import DeadMan
from core.app.depth_stand_in import DepthStandIn
from core.app.executor import Executor
from core.app.flatten import Flattener
from core.app.flight_recorder import FlightRecorder
from core.app.freshness_watch import FreshnessWatch
from core.app.health_watch import HealthWatch
from core.app.history import CandleHistory
from core.app.live_guard import LiveGuard
from core.app.market_data import MarketData
from core.app.pipeline import Pipeline
from core.app.preflight import Preflight
from core.app.preview import crosses
from core.app.price_alerts import PriceAlerts
from core.app.profit_keeper import ProfitKeeper
from core.app.quotes import Quotes
from core.app.reconciler import Reconciler
from core.app.record import OrderJournal, Record
from core.app.risk import RiskManager
from core.app.roads import RestRoad, WebSocketRoad
from core.app.strategies.bracket import BracketGuardian
from core.app.strategy_manager import StrategyManager
from core.app.venue import Venue
from core.data.feed import UnifiedFeed
from core.data.kraken.codec import Codec
from core.data.recorder import Recorder
from core.data.rest.client import RestClient
from core.data.ws.manager import LineManager
from core.domain.errors import JournalUnavailable, TerminalError
from core.domain.events import BalanceEvent, Event, InstrumentEvent, LineEvent, SubscriptionEvent
from core.domain.health import ConnectionState, Line
from core.domain.ids import Symbol
from core.domain.limits import RiskLimits
from core.domain.orders import OrderRequest, OrderType
from core.domain.subscription import BALANCES, EXECUTIONS, INSTRUMENTS, Subscription
from core.processing.processor import Processor
from core.processing.stores import Stores
from core.runtime.clock import Clock
from core.runtime.collections_watch import watch_collections
from core.runtime.redaction import Redactor
from core.runtime.secrets import Secret
from core.runtime.tasks import Supervisor
from core.runtime.watchdog import stall_text

if TYPE_CHECKING:
    from core.app.drill import FireDrill

log = logging.getLogger(__name__)

FEES_EVERY_S = 3600.0
SETTLE_EVERY_S = 1.0
RISK_LOOK_S = 1.0
LOSS_KEY = "loss of the day"


class TradingSession:
    """One connection to one venue, with the state and the services a window needs.

    Read ``stores``; call ``market_data``, ``history``, ``executor``. Events enter through the lines, state changes
    in the pipeline, commands leave through the executor.
    """

    def __init__(
        self,
        venue: Venue,
        clock: Clock,
        seed: int,
        journal: OrderJournal,
        profile: str = "default",
        lines: Sequence[Line] = tuple(Line),
        limits: RiskLimits | None = None,
        redactor: Redactor | None = None,
    ) -> None:
        self.mode = venue.mode
        self.profile = profile
        self.redactor = redactor or Redactor()
        if venue.keys is not None:
            self.redactor.register(venue.keys)
        self.clock = clock
        self.stores = Stores.create()
        self._tasks = Supervisor("session", clock=clock)
        self._described = asyncio.Event()
        self._codec = Codec()
        self._has_account = venue.keys is not None
        self.rest = RestClient(venue.endpoints, venue.keys, clock)
        self.lines = LineManager(
            venue.endpoints,
            self._codec,
            clock,
            self._token if self._has_account else None,
            lambda *batch: self.feed.receive(*batch),
            lambda line, state: self.feed.line_moved(line, state),
            seed=seed,
            lines=lines,
        )
        self.feed = UnifiedFeed(self.lines, clock, self._receive)
        self.market_data = MarketData(self.feed, self.stores)
        self.history = CandleHistory(
            self.rest,
            self.stores.candles,
            lambda work, name: self._tasks.spawn(work, name=name),
            lambda symbol, interval: self.market_data.is_watched("ohlc", symbol, interval),
        )
        self.alerts = PriceAlerts(self.stores, self.market_data, clock)
        self.journal = journal
        self._record = Record(journal, self.stores, clock, profile, self.redactor.clean)
        self.profit = ProfitKeeper(self.stores, self.market_data, clock, self.exchange_ns)
        self.risk = RiskManager(self.stores, clock, self._record.note, self.profit.today, self._keep_loss)
        self.stores.risk.set_limits(limits or RiskLimits())
        primary, secondary = WebSocketRoad(self.lines), RestRoad(self.rest)
        canceller = Canceller(self.stores.orders, primary, secondary, self.exchange_ns, self.reconcile)
        self.audit = AccountAudit(self.rest, self.stores, journal, clock, self.exchange_ns, self._record.note)
        self.reconciler = Reconciler(
            self.audit.queries,
            self.stores,
            clock,
            canceller.repeat_wishes,
            lambda: self.feed.resubscribe(BALANCES),
        )
        self.executor = Executor(
            orders=self.stores.orders,
            primary=primary,
            secondary=secondary,
            risk=self.risk,
            canceller=canceller,
            commit=self._record.commit,
            clock=clock,
            exchange_ns=self.exchange_ns,
            ask=self.reconcile,
            confirm=self._confirm,
        )
        self.strategies = StrategyManager(
            self.stores, self.executor, self.market_data, clock, self._record.note
        )
        self.brackets = BracketGuardian(
            self.stores, self.executor, self.market_data, journal, clock, self._record.note
        )
        self.dead_man = DeadMan(
            self.stores, self.lines, self.rest, journal, clock, self.exchange_ns, self._record.note
        )
        self.flattener = Flattener(
            self.stores, self.executor, self.rest, clock, self._record.note, self._quiet
        )
        self.stores.health.has_account = self._has_account
        self.live = LiveGuard(self.mode, self.stores.health, clock)
        self.preflight = Preflight(self.live, self.stores, self._record.note)
        self.rest.transport.on_round_trip = self.stores.performance.rest_rtt.add
        self.lines.on_answer = self.stores.performance.answered
        journal.on_commit(self.stores.performance.commit.add)
        self._budgets = Budgets(self.stores, self.lines, self.rest, self.risk.budget, clock)
        self.quotes = Quotes(self.stores, self.rest, clock)
        self.depth_stand_in = DepthStandIn(self.stores, self.rest, clock)
        self._watch = HealthWatch(self.stores, self.lines, self.rest, clock)
        self.freshness = FreshnessWatch(self.stores, self.rest, self.feed, clock)
        self.processor = Processor(self.stores)
        self._pipeline = Pipeline(
            self.processor, self.market_data, self, clock, self.stores.performance.recv_to_apply.add
        )
        self._collections: Callable[[], None] = lambda: None
        self.alerting = AlertEngine(self.stores, clock)
        self.alerts.tell(lambda crossing: self.alerting.tell_price(crossing.text))
        self.flight_recorder: FlightRecorder | None = None
        self.drill: FireDrill | None = None
        if venue.faults is not None:
            from core.app.drill import FireDrill  # loads the exchange, which only the demo needs

            self.drill = FireDrill(venue.faults, self.stores, clock, self.reconcile)
        if venue.paper is not None:
            self.market_data.on_books = venue.paper.watch
            venue.paper.on_trouble = lambda text: self.stores.health.lock("paper", text)
            venue.paper.on_clock = self.stores.performance.forget_clock
            self.stores.health.lock("paper", venue.paper.trouble)
        self._pipeline.listen(self._react)
        self._pipeline.listen(self._record.listen)
        self._pipeline.listen(self.audit.listen)
        self._pipeline.listen(self.alerts.listen)
        self._pipeline.listen(self.strategies.listen)
        self._pipeline.listen(self.brackets.listen)
        self._pipeline.listen(lambda line, events: self.risk.budget.listen(events))

    def show_with(self, nudge: Callable[[], None]) -> None:
        """Call ``nudge`` after every batch of messages, for a screen that shows a change after a pause at once."""
        self._pipeline.on_applied = nudge

    def record_to(self, recorder: Recorder) -> None:
        """Record everything from ``start`` on."""
        self.flight_recorder = FlightRecorder(recorder, self.stores, self.processor, self.clock, self.mode)
        self.lines.recorder = self._pipeline.recorder = recorder
        self._record.recorder = self.flight_recorder

    def note_input(self, text: str) -> None:
        """Keep in the recording what the user asks for, in words."""
        if self.flight_recorder is not None:
            self.flight_recorder.asked(text)
        if self.drill is not None:
            self.drill.heard(text)

    async def start(self) -> None:
        """Take back what an earlier run left open, then connect and subscribe what every window needs.

        Returns before the lines are up; progress shows in the stores. StartError when the journal is a newer one's.
        """
        await self.live.inspect_key(self.rest)
        await self._record.open(self.executor.remember)
        await self._record.keep_account(self.live.account)
        await self.profit.restore(await self._record.every_fill())
        self.risk.remember_loss((await self.journal.kept(LOSS_KEY)).get(LOSS_KEY, ""))
        self._collections = watch_collections(self.clock, self.stores.performance.gc_pause.add)
        if self.flight_recorder is not None:
            self.flight_recorder.start()
            self._tasks.keep(self.flight_recorder.run, name="flight recorder")
        self.market_data.watch(INSTRUMENTS)
        self._tasks.keep(self._watch.run, name="health")
        self._tasks.keep(self.freshness.run, name="freshness")
        self._tasks.keep(self.quotes.run, name="quotes")
        self._tasks.keep(self.depth_stand_in.run, name="books over REST")
        self._tasks.keep(self.alerting.run, name="alerts")
        self._tasks.keep(self._settle_lines, name="allocation")
        self._tasks.keep(self._watch_risk, name="risk")
        if self._has_account:
            self.market_data.watch(EXECUTIONS, BALANCES)
            self._tasks.keep(self.reconciler.run, name="reconciler")
            self._tasks.keep(self.audit.run, name="audit")
            self._tasks.keep(self.strategies.run, name="strategies")
            self._tasks.keep(self._guard_brackets, name="brackets")
            await self.dead_man.open()
            self._tasks.keep(self.dead_man.run, name="dead man")
            self._tasks.keep(self._refresh_fees, name="fees")
            self._tasks.spawn(self._load_names(), name="names")
        await self.lines.start()

    async def stop(self) -> None:
        """End all tasks and close the lines. Orders stay as they are at the exchange."""
        self._collections()
        await self.strategies.close()
        await self.brackets.close()
        await self._tasks.stop()
        await self.lines.stop()
        await self.rest.close()
        await self._record.close()
        if self.flight_recorder is not None:
            await self.flight_recorder.finish()

    def stalled(self, lost_ns: int, culprit: str) -> None:
        """The loop stood still: count it and tell who held it."""
        self.stores.performance.stalled(lost_ns, self.clock.mono_ns())
        text = stall_text(lost_ns, culprit)
        log.info("loop stalled %s", text)
        self.stores.health.note(self.clock.wall_ns(), "loop", text)

    def vitals(self) -> Vitals:
        """What is known of roads and allowances at this moment."""
        return self._budgets.vitals()

    def exchange_ns(self) -> int:
        """Exchange time now, ns UTC: our clock corrected by the measured offset."""
        return self.clock.wall_ns() + (self.stores.performance.clock_offset_ns or 0)

    # What the pipeline may set in motion (pipeline.Actions).

    def decode_exactly(self, symbol: Symbol) -> None:
        """See ``pipeline.Actions``."""
        self._codec.set_exact(symbol)

    def resubscribe_private(self, channel: str, line: Line, reason: str) -> None:
        """See ``pipeline.Actions``."""
        log.warning("resubscribe channel=%s line=%s reason=%s", channel, line, reason)
        self.feed.resubscribe(Subscription(channel), line)

    def reconcile(self, reason: str, *, fills: bool = False) -> None:
        """See ``pipeline.Actions``."""
        self.reconciler.ask(reason, fills=fills)

    def refetch_candles(self, symbol: Symbol, interval: int) -> None:
        """See ``pipeline.Actions``."""
        self.history.refetch(symbol, interval)

    def _receive(self, line: Line, epoch: int, events: Sequence[Event], recv_ns: int) -> None:
        self._pipeline.receive(line, epoch, events, recv_ns)

    def _react(self, line: Line, events: Sequence[Event]) -> None:
        for event in events:
            match event:
                case LineEvent(state=ConnectionState.LIVE) if line.is_public:
                    self.history.forget()
                case BalanceEvent():
                    # The account side works: what failed before says nothing any more (required.md, QC3).
                    self.rest.transport.breakers["query"].reset()
                case InstrumentEvent():
                    self._described.set()
                case SubscriptionEvent(max_rate_count=count) if count:
                    self.rest.told_rate_count(count)

    async def _confirm(self, request: OrderRequest) -> None:
        """A book that was quiet is asked about before an order takes from it."""
        view = self.stores.books.view(request.symbol)
        if request.order_type is OrderType.MARKET or (view is not None and crosses(request, view)):
            await self.freshness.confirm(request.symbol)

    async def _settle_lines(self) -> None:
        while True:
            await asyncio.sleep(SETTLE_EVERY_S)
            self.feed.settle()
            self.stores.channels.second()
            counts = self.stores.health.feed
            counts.failovers, counts.dropped_by_source = self.feed.failovers, self.feed.dropped
            counts.rest = self.rest.transport.answered

    async def _quiet(self, symbol: Symbol) -> None:
        await self.strategies.quiet(symbol)
        await self.brackets.quiet(symbol)

    async def _guard_brackets(self) -> None:
        await self._described.wait()
        await self.brackets.open()
        await self.brackets.run()

    def _keep_loss(self, text: str) -> None:
        self._tasks.spawn(self._kept_loss(text), name="loss of the day")

    async def _kept_loss(self, text: str) -> None:
        try:
            await self.journal.keep(LOSS_KEY, text)
        except JournalUnavailable as failure:
            log.warning("loss of the day not kept reason=%s", failure)

    async def _watch_risk(self) -> None:
        while True:
            # The loss of the day may not wait for a window to ask for frames.
            self.stores.fills.flush()
            self.stores.balances.flush()
            self.profit.look()
            self.risk.look()
            self.preflight.look()
            await asyncio.sleep(RISK_LOOK_S)

    async def _token(self) -> str:
        token = await self.rest.websockets_token()
        if self.redactor.clean(token) == token:  # not known by its shape
            self.redactor.register(Secret(token))
        return token

    async def _load_names(self) -> None:
        # First in the queue of public calls: the account cannot be compared without them, and candles can wait.
        try:
            await self.rest.load_names()
        except TerminalError as failure:
            log.warning("names of pairs and assets unknown yet reason=%s", failure)

    async def _refresh_fees(self) -> None:
        await self._described.wait()
        while True:
            try:
                rates = await self.rest.trade_volume(self.stores.instruments.symbols())
                self.stores.balances.set_fee_rates(rates)
            except TerminalError as failure:
                log.warning("fee schedule unknown reason=%s", failure)
            await asyncio.sleep(FEES_EVERY_S)
