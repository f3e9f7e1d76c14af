"""Judges every channel a few times a second: live, late, quiet, stale, and why. Pure.

A channel is believed while its line is alive, it was acknowledged, its snapshot came, it is in sync, its messages are
not old, and nothing else contradicts it. Odd silence is not yet a verdict: it asks for a probe, and only what the
probe shows makes the channel quiet or stale (product.md, S1; faults.md, section 7).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from msgspec.structs import replace

from core.domain.health import BookState, ConnectionState, Freshness
from core.domain.ids import Symbol
from core.domain.market import Ticker
from core.domain.subscription import Subscription
from core.domain.times import NS, parse_ns
from core.processing.book_store import BookView
from core.processing.channel_store import (
    FIRST_DATA_NS,
    LATE_NS,
    LEAST_SILENCE_NS,
    OWES_SNAPSHOT,
    PROBED,
    STALE_NS,
    Channel,
    ChannelState,
    Source,
)
from core.processing.freshness import line_freshness
from core.processing.stores import Stores

LATE_LOOKS = 3
"""Late messages seen in a row before a book is called late: a snapshot may bear the time of an old change."""

CONTRADICTED_NS = 2 * NS
"""A ticker outside the book for this long: one of the two has stopped."""

BEHIND_NS = NS
"""Frames that have waited here for so long explain why a book is behind its ticker."""

NO_SNAPSHOT = "no fresh snapshot came"

ASK_AGAIN_NS = 10 * NS
"""A channel that was asked for anew gets this long before it is asked for again."""


@dataclass
class Findings:
    """What to do about what was found: channels to ask REST about, and channels to subscribe anew."""

    odd: list[Channel] = field(default_factory=list)
    renew: list[Subscription] = field(default_factory=list)


class ChannelJudge:
    """Looks at the stores and sets the state of every row. Times are monotonic ns, ``wall`` is UTC."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._contradicted: dict[Symbol, int] = {}
        self._renewed: dict[Subscription, int] = {}

    def judge(self, now: int, wall: int) -> Findings:
        """Judge every channel at this moment."""
        findings = Findings()
        for row in self._stores.channels.all():
            self._measure(row, now, wall)
            state, reason = self._state(row, now)
            self._stores.channels.enter(row, state, reason, now)
            if state is ChannelState.STALE and self._may_renew(row, now):
                findings.renew.append(row.sub)
            elif state in (ChannelState.LIVE, ChannelState.QUIET) and self._is_odd(row, now):
                findings.odd.append(row)
        return findings

    def _measure(self, row: Channel, now: int, wall: int) -> None:
        """Take over what the stores know: when the channel last spoke, and how long that was under way."""
        view = self._view(row)
        stamp = ""
        if view is not None:
            row.verified, row.failed, row.resyncs = view.checksum_ok, view.checksum_failed, view.resyncs
            row.messages = view.checksum_ok + view.checksum_failed
            row.heard, stamp = view.received, view.timestamp
        elif row.sub.channel == "ticker":
            ticker = self._stores.tickers.get(row.sub.symbol)
            stamp = (ticker.timestamp if ticker is not None else "") or ""
        if row.heard != row.measured and stamp:
            row.measured = row.heard
            offset = self._stores.performance.clock_offset_ns or 0
            received = wall - (now - row.heard) + offset
            row.lateness_ns = max(0, received - _ns(stamp, received))
            row.age.add(row.lateness_ns)
            row.late_count = row.late_count + 1 if row.lateness_ns > LATE_NS else 0

    def _state(self, row: Channel, now: int) -> tuple[ChannelState, str]:
        status = self._stores.health.line(row.line)
        if row.state is ChannelState.REFUSED and not row.acked:
            return row.state, row.reason
        if row.source is Source.REST:
            return ChannelState.LATE, "asked over REST while the stream is down"
        if status is None or status.state in (ConnectionState.CONNECTING, ConnectionState.SUBSCRIBING):
            return (
                (ChannelState.LIVE, "")
                if row.acked and self._has_data(row)
                else (ChannelState.SUBSCRIBING, "")
            )
        # What came on the channel proves its line too: the status is told only a few times a second.
        fresh = line_freshness(replace(status, last_frame=max(status.last_frame, row.heard, row.acked)), now)
        if status.state in (ConnectionState.BACKOFF, ConnectionState.CLOSED) or fresh is Freshness.STALE:
            return ChannelState.STALE, f"the {row.line.value} line is {status.state.value}"
        if fresh is not Freshness.LIVE:
            return ChannelState.LATE, "the line is silent"
        if not row.acked:
            return ChannelState.SUBSCRIBING, "waiting for the acknowledgement"
        return self._state_of_data(row, now)

    def _state_of_data(self, row: Channel, now: int) -> tuple[ChannelState, str]:
        if not self._has_data(row):
            return self._state_without_data(row, now)
        if row.doubt and row.heard <= row.doubted:
            return ChannelState.STALE, row.doubt
        row.doubt = ""
        if row.sub.channel == "book" and self._is_contradicted(row, now):
            if self._stores.performance.behind_ns >= BEHIND_NS:
                # Tickers overtake books in the inbox: the book may be no older than what waits for it there.
                return ChannelState.LATE, "messages wait to be worked on"
            return ChannelState.STALE, "the ticker is outside the book"
        if row.late_count >= LATE_LOOKS and row.sub.channel == "book":
            state = ChannelState.STALE if row.lateness_ns > STALE_NS else ChannelState.LATE
            return state, f"messages are {row.lateness_ns // NS} s old"
        if row.quiet_count and row.heard < row.quiet_since:
            return ChannelState.QUIET, "nothing was missed: asked over REST"
        row.quiet_count = row.quiet_until = 0
        return ChannelState.LIVE, ""

    def _state_without_data(self, row: Channel, now: int) -> tuple[ChannelState, str]:
        view = self._view(row)
        if view is not None and (view.resyncs or view.state is BookState.OUT_OF_SYNC):
            waits = row.state is ChannelState.RESYNCING and now - row.since > FIRST_DATA_NS
            if waits or (row.state is ChannelState.STALE and row.reason == NO_SNAPSHOT):
                return ChannelState.STALE, NO_SNAPSHOT
            return ChannelState.STALE if view.unreliable else ChannelState.RESYNCING, view.reason
        if row.sub.channel not in OWES_SNAPSHOT:
            return ChannelState.QUIET, "nothing yet"
        if now - max(row.acked, self._renewed.get(row.sub, 0)) > FIRST_DATA_NS:
            return ChannelState.STALE, "acknowledged, but nothing came"
        return ChannelState.ACKED, "waiting for the snapshot"

    def _has_data(self, row: Channel) -> bool:
        view = self._view(row)
        if view is not None:
            return view.state is BookState.LIVE
        # What an earlier connection told does not count for this one.
        return row.heard > row.began

    def _is_odd(self, row: Channel, now: int) -> bool:
        if row.sub.channel not in PROBED or not self._has_data(row):
            return False
        odd_ns = LEAST_SILENCE_NS if self._differs(row) else row.odd_silence_ns
        if row.sub.channel == "trade" and not self._differs(row) and self._is_quoted(row):
            return False  # the quote bears the last trade's price: silence here is explained
        return now >= max(row.heard + odd_ns, row.quiet_until)

    def _differs(self, row: Channel) -> bool:
        """Whether another channel of the pair tells something else: one of the two may have stopped."""
        ticker = self._stores.tickers.get(row.sub.symbol)
        if ticker is None:
            return False
        if row.sub.channel == "trade":
            return not agree(row, self._stores, ticker)
        view = self._stores.books.view(row.sub.symbol)
        return view is not None and not same_touch(ticker, view)

    def _is_quoted(self, row: Channel) -> bool:
        quote = self._stores.channels.get("ticker", row.sub.symbol)
        return quote is not None and quote.trusted

    def _may_renew(self, row: Channel, now: int) -> bool:
        """Whether asking anew can help, and was not done just now."""
        view = self._view(row)
        alive = row.acked and (row.doubt or not self._has_data(row) or row.reason.startswith("the ticker"))
        if not alive or (view is not None and view.unreliable):
            return False
        if now - self._renewed.get(row.sub, -ASK_AGAIN_NS) < ASK_AGAIN_NS:
            return False
        self._renewed[row.sub] = now
        return True

    def _is_contradicted(self, row: Channel, now: int) -> bool:
        symbol = row.sub.symbol
        ticker, view = self._stores.tickers.get(symbol), self._view(row)
        told = self._stores.channels.get("ticker", symbol)
        apart = (
            ticker is not None and view is not None and told is not None and told.heard >= row.heard - NS
        ) and _apart(ticker, view)
        if not apart:
            self._contradicted.pop(symbol, None)
            return False
        return now - self._contradicted.setdefault(symbol, now) >= CONTRADICTED_NS

    def _view(self, row: Channel) -> BookView | None:
        return self._stores.books.view(row.sub.symbol) if row.sub.channel == "book" else None


def agree(row: Channel, stores: Stores, asked: Ticker) -> bool:
    """Whether what REST says of a pair is what this channel said last: same touch, same last trade."""
    match row.sub.channel:
        case "book":
            view = stores.books.view(row.sub.symbol)
            return view is not None and same_touch(asked, view)
        case "ticker":
            ticker = stores.tickers.get(row.sub.symbol)
            return ticker is not None and (ticker.bid, ticker.ask) == (asked.bid, asked.ask)
        case _:
            latest = next(reversed(stores.trades.recent(row.sub.symbol)), None)
            return latest is None or latest.price == asked.last


def same_touch(ticker: Ticker, view: BookView) -> bool:
    """Whether a quote and a book show the same best prices."""
    bid, ask = view.best_bid, view.best_ask
    return (bid[0] if bid else None, ask[0] if ask else None) == (ticker.bid, ticker.ask)


def _apart(ticker: Ticker, view: BookView) -> bool:
    """Whether quote and book cannot both be true: the bid of one is above the ask of the other."""
    bid, ask = view.best_bid, view.best_ask
    if bid is None or ask is None or ticker.bid is None or ticker.ask is None:
        return False
    return ticker.bid >= ask[0] or ticker.ask <= bid[0]


def _ns(stamp: str, otherwise: int) -> int:
    try:
        return parse_ns(stamp)
    except ValueError:
        return otherwise  # the exchange's stamp is a courtesy
