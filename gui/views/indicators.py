"""Averages drawn over candles. Arrays in, arrays of the same length out; NaN where there is nothing to draw."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from gui.views.chart_series import BEGIN, CLOSE, VOLUME, VWAP, Floats

DAY_S = 86_400
DAY_MIN, WEEK_MIN = 1_440, 10_080
LENGTHS = (9, 12, 20, 26, 50, 100, 200)
MOST_LENGTH = 1_000


class Kind(StrEnum):
    """Kinds of averages."""

    EMA = "EMA"
    SMA = "SMA"
    VWAP = "VWAP"


class Study(NamedTuple):
    """One average on the chart; ``length`` in bars, 0 for the VWAP."""

    kind: Kind
    length: int = 0

    @property
    def name(self) -> str:
        """How it is called on the chart and in the settings."""
        return f"{self.kind.value} {self.length}" if self.length else self.kind.value

    def values(self, bars: Floats, interval: int) -> Floats:
        """Return its value at each bar; ``interval`` in minutes."""
        if self.kind is Kind.EMA:
            return ema(bars[:, CLOSE], self.length)
        if self.kind is Kind.SMA:
            return sma(bars[:, CLOSE], self.length)
        return session_vwap(bars, interval)

    def groups(self, bars: Floats, interval: int) -> Floats | None:
        """Return the session of each bar where values begin anew with every session, else ``None``."""
        return _sessions(bars[:, BEGIN], interval) if self.kind is Kind.VWAP else None


def study_named(name: str) -> Study | None:
    """Return the study that is called so, or ``None``."""
    if name == Kind.VWAP:
        return Study(Kind.VWAP)
    kind, _, length = name.partition(" ")
    known = kind in (Kind.EMA, Kind.SMA) and length.isdecimal() and 0 < int(length) <= MOST_LENGTH
    return Study(Kind(kind), int(length)) if known else None


def ema(values: Floats, length: int) -> Floats:
    """Return the exponential average, seeded with the plain one of the first ``length`` values."""
    out = np.full(len(values), np.nan)
    if len(values) < length:
        return out
    smoothing, level = 2.0 / (length + 1), float(values[:length].mean())
    out[length - 1] = level
    tail = []
    for value in values[length:].tolist():
        level += (value - level) * smoothing
        tail.append(level)
    out[length:] = tail
    return out


def sma(values: Floats, length: int) -> Floats:
    """Return the plain average of the last ``length`` values."""
    out = np.full(len(values), np.nan)
    if len(values) >= length:
        windows = np.lib.stride_tricks.sliding_window_view(values, length)
        out[length - 1 :] = windows.mean(axis=1)
    return out


def session_vwap(bars: Floats, interval: int) -> Floats:
    """Return the volume-weighted price since the session began, or since the first bar where it began before that.

    A session is a UTC day; a month of daily bars; a year of longer ones.
    """
    if not len(bars):
        return np.empty(0)
    volume, turnover = np.cumsum(bars[:, VOLUME]), np.cumsum(bars[:, VOLUME] * bars[:, VWAP])
    sessions = _sessions(bars[:, BEGIN], interval)
    first = np.flatnonzero(np.diff(sessions, prepend=sessions[0] - 1))
    start = first[np.searchsorted(first, np.arange(len(bars)), side="right") - 1]
    volume -= np.where(start > 0, volume[start - 1], 0.0)
    turnover -= np.where(start > 0, turnover[start - 1], 0.0)
    out = np.full(len(bars), np.nan)
    np.divide(turnover, volume, out=out, where=volume > 0)
    return out


def session_start(bars: Floats, interval: int) -> float:
    """Return where the last bar's session begins in these bars, s UTC."""
    sessions = _sessions(bars[:, BEGIN], interval)
    return float(bars[np.searchsorted(sessions, sessions[-1]), BEGIN])


def _sessions(begins: Floats, interval: int) -> Floats:
    if interval < DAY_MIN:
        return np.floor(begins / DAY_S)
    moments = [datetime.fromtimestamp(begin, UTC) for begin in begins.tolist()]
    if interval < WEEK_MIN:
        return np.array([moment.year * 12 + moment.month for moment in moments], dtype=np.float64)
    return np.array([moment.year for moment in moments], dtype=np.float64)
