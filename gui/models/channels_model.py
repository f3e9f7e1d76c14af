"""Rows of the channel matrix: what every channel is, who carries it, how old it is and how it fared."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QColor

from core.processing.channel_store import Channel, ChannelKey, ChannelState, Source, key_of
from core.processing.stores import Stores
from core.runtime.clock import Clock
from gui import formats
from gui.models.keyed_table import Column, KeyedTable
from gui.theme import active

MARKS = {
    ChannelState.LIVE: ("●", "good"),
    ChannelState.QUIET: ("○", "good"),
    ChannelState.SUBSCRIBING: ("…", "muted"),
    ChannelState.ACKED: ("…", "muted"),
    ChannelState.LATE: ("▲", "warning"),
    ChannelState.RESYNCING: ("▲", "warning"),
    ChannelState.STALE: ("×", "danger"),
    ChannelState.REFUSED: ("×", "danger"),
}
"""State by shape and colour; the word stands beside it."""


class ChannelsModel(KeyedTable[ChannelKey, Channel]):
    """The worst channels first, then by importance."""

    def __init__(self, stores: Stores, clock: Clock, parent: QObject | None = None) -> None:
        self._stores = stores
        self._clock = clock
        self._rows: dict[ChannelKey, Channel] = {}
        super().__init__(self._make_columns(), self._rows.get, parent)

    def reload(self) -> None:
        """Read every row anew."""
        rows = sorted(self._stores.channels.all(), key=lambda row: not row.is_doubtful)
        found = {key_of(row.sub, row.line): row for row in rows}
        self._rows.clear()
        self._rows.update(found)
        self.set_keys(found)
        self.told(found)

    def _make_columns(self) -> tuple[Column[Channel], ...]:
        def count(title: str, read: str, rank: int, about: str, *, bad: bool = False) -> Column[Channel]:
            return Column(
                title,
                "12,345",
                lambda row: f"{getattr(row, read):,}",
                lambda row: getattr(row, read),
                lambda row: active().colour("warning" if bad and getattr(row, read) else "muted"),
                rank=rank,
                about=about,
            )

        return (
            Column(
                "Channel", "executions", lambda row: _name(row), lambda row: row.sub.channel, figures=False
            ),
            Column(
                "Symbol",
                "DOGE/USD",
                lambda row: row.sub.symbol or "–",
                lambda row: row.sub.symbol,
                figures=False,
            ),
            Column(
                "State",
                "● resyncing",
                lambda row: f"{MARKS[row.state][0]} {row.state.value}",
                lambda row: list(ChannelState).index(row.state),
                _state_colour,
                figures=False,
                hint=lambda row: formats.plain(row.reason),
            ),
            Column("Line", "private B", _source, lambda row: row.line, figures=False, rank=2),
            Column("Age", "12.3 s", self._age, lambda row: row.heard, rank=1, about="Since the last message"),
            Column(
                "msg/s",
                "123.4",
                lambda row: f"{_rate(row):.1f}" if row.rates else formats.MISSING,
                _rate,
                rank=1,
                about="Messages a second, over the last five",
            ),
            Column(
                "2 min",
                "·········",
                lambda row: f"{_rate(row):.1f} a second",
                points=lambda row: [0.0, *(float(rate) for rate in list(row.rates)[1:])],
                rank=1,
                about="Messages a second over two minutes",
            ),
            Column("p50", "123 ms", lambda row: _latency(row, 50), rank=3, about="Age at receipt, median"),
            Column(
                "p99",
                "123 ms",
                lambda row: _latency(row, 99),
                rank=3,
                about="Age at receipt, 99th percentile",
            ),
            count("OK", "verified", 4, "Checksums that were right"),
            count("Bad", "failed", 2, "Checksums that were wrong", bad=True),
            count("Resync", "resyncs", 2, "Fresh snapshots asked for", bad=True),
            count("Gaps", "gaps", 4, "Numbers missing in the sequence", bad=True),
            Column(
                "Reason",
                "",
                lambda row: formats.plain(row.reason or row.error),
                figures=False,
                hint=lambda row: formats.plain(row.reason or row.error),
                stretch=True,
                colour=_state_colour,
            ),
        )

    def _age(self, row: Channel) -> str:
        heard = (self._asked(row) if row.source is Source.REST else None) or row.heard
        return formats.duration(self._clock.mono_ns() - heard) if heard else formats.MISSING

    def _asked(self, row: Channel) -> int | None:
        """Monotonic time REST last answered for a channel."""
        if row.sub.channel == "book":
            told = self._stores.depths.view(row.sub.symbol)
            return told.received if told is not None else None
        return self._stores.tickers.received(row.sub.symbol)


def _name(row: Channel) -> str:
    detail = row.sub.interval or row.sub.depth
    return f"{row.sub.channel} {detail}" if detail else row.sub.channel


def _rate(row: Channel) -> float:
    latest = list(row.rates)[-5:]
    return sum(latest) / max(1, len(latest))


def _source(row: Channel) -> str:
    return row.source.value if row.source.value == "REST" else row.line.value


def _state_colour(row: Channel) -> QColor:
    return active().colour(MARKS[row.state][1])


def _latency(row: Channel, percent: float) -> str:
    return formats.millis(row.age.percentile(percent)) if row.age.count else formats.MISSING
