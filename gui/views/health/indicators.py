"""The figures of the first panel (product.md, H1), the clock (H4) and the program itself (H6), as they read now."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from core.app.budgets import BreakerState, Vitals
from core.app.session import TradingSession
from core.domain.health import ConnectionState, Line
from core.processing.histogram import Histogram
from gui import formats
from gui.widgets.figure_strip import Figure

MIB = 1 << 20
LEAST_HIT_RATE = 0.9
"""Below this REST does what streams should; the first minute with its histories stays above."""

REST_COLOURS = {"ok": "good", "unused": "muted", "limited": "warning", "down": "danger"}
BREAKER_COLOURS = {
    BreakerState.CLOSED: "good",
    BreakerState.HALF_OPEN: "warning",
    BreakerState.OPEN: "danger",
}
COUNTED = ("executions", "balances", "ticker", "book", "trade", "ohlc")


def indicators(session: TradingSession, vitals: Vitals) -> list[Figure]:
    """Return the sixteen and more figures a glance is for."""
    stores, now = session.stores, session.clock.mono_ns()
    performance, health, counts = stores.performance, stores.health, stores.health.feed
    rate = counts.hit_rate
    return [
        *_lines(session, vitals),
        Figure(
            _tr("REST"), health.rest, "", REST_COLOURS.get(health.rest, "text"), _tr("Whether REST answers")
        ),
        _breaker(vitals),
        _freshness(session, now),
        Figure(
            _tr("Queue"),
            f"{performance.queue_size} / 10000",
            "",
            "text",
            _tr("Frames that wait to be worked on, and how many may"),
        ),
        Figure(_tr("Messages"), f"{performance.messages_per_s:.0f} /s", "", "text", _tr("Received a second")),
        Figure(
            _tr("Latency mean"),
            _mean(performance.exchange_to_recv),
            "",
            "text",
            _tr("From the exchange to here, mean of all messages"),
        ),
        Figure(
            _tr("Cache hit rate"),
            formats.MISSING if rate is None else f"{rate * 100:.1f} %",
            "",
            "text" if rate is None or rate >= LEAST_HIT_RATE else "warning",
            _tr("Data requests answered by stream or cache; REST answered %1").replace(
                "%1", str(counts.rest)
            ),
        ),
        Figure(
            _tr("Failovers"),
            str(counts.failovers),
            "",
            "warning" if counts.failovers else "text",
            _tr("Channels that had to change their line"),
        ),
        Figure(_tr("Memory"), f"{performance.rss_bytes / MIB:.0f} MB", "", "text", _tr("Resident memory")),
        Figure(_tr("CPU"), f"{performance.cpu_percent:.0f} %", "", "text", _tr("Share of one core")),
        *(
            Figure(
                channel, f"{health.messages.get(channel, 0):,}", "", "text", _tr("Messages since the start")
            )
            for channel in COUNTED
        ),
        Figure(
            _tr("Invalid"),
            str(health.bad_data.total()),
            "",
            "warning" if health.bad_data else "text",
            _tr("Messages that could not be understood"),
        ),
    ]


def clock_figures(session: TradingSession, vitals: Vitals) -> list[Figure]:
    """Return what is known of the exchange's clock."""
    performance = session.stores.performance
    offset, uncertainty = performance.clock_offset_ns, performance.clock_uncertainty_ns
    if offset is None or uncertainty is None:
        return [
            Figure(_tr("Offset"), formats.MISSING, "", "warning", _tr("Not measured yet: new orders wait"))
        ]
    ahead_ms = vitals.nonce_lead_ns / 1e6
    return [
        Figure(
            _tr("Offset"),
            f"{offset / 1e6:+.1f} ms",
            "",
            "text" if abs(offset) < 500_000_000 else "warning",
            _tr("Exchange clock minus ours"),
        ),
        Figure(
            _tr("Uncertainty"),
            f"±{uncertainty / 1e6:.1f} ms",
            "",
            "text",
            _tr("Half of the quickest round trip"),
        ),
        Figure(_tr("Drift"), _drift(performance.drift_ppm), "", "text", _tr("How fast the two clocks part")),
        Figure(
            _tr("Nonce lead"),
            f"{ahead_ms:.0f} ms",
            "",
            "text",
            _tr("Last nonce before our clock: 0 or less is normal"),
        ),
        Figure(_tr("Round trip"), _p(performance.ws_rtt, 50), "", "text", _tr("Our own ping, median")),
    ]


def self_figures(session: TradingSession) -> list[Figure]:
    """Return how the program itself fares."""
    performance = session.stores.performance
    return [
        Figure(
            _tr("Loop lag p99"),
            _p(performance.loop_lag, 99),
            "",
            "text",
            _tr("How late the loop serves a call"),
        ),
        Figure(
            _tr("Frame p99"),
            _p(performance.frame_cost, 99),
            "",
            "text",
            _tr("Time to tell the views of a frame"),
        ),
        Figure(
            _tr("Frame interval p99"),
            _p(performance.frame_interval, 99),
            "",
            "text",
            _tr("Between two frames"),
        ),
        Figure(
            _tr("Apply p99"),
            _p(performance.recv_to_apply, 99),
            "",
            "text",
            _tr("From the inbox into the stores"),
        ),
        Figure(_tr("GC pause p99"), _p(performance.gc_pause, 99), "", "text", _tr("Collections of garbage")),
        Figure(
            _tr("Commit p99"),
            _p(performance.commit, 99),
            "",
            "text",
            _tr("Durable commit of an order's intent"),
        ),
        Figure(
            _tr("Stalls"),
            str(performance.stalls),
            "",
            "warning" if performance.stalls else "text",
            _tr("The loop stood still for more than a quarter of a second; longest %1").replace(
                "%1", formats.duration(performance.longest_stall_ns)
            ),
        ),
    ]


def _lines(session: TradingSession, vitals: Vitals) -> Sequence[Figure]:
    lines = [status for line, status in session.stores.health.lines().items() if line is not Line.LEVEL3]
    live = sum(status.state is ConnectionState.LIVE for status in lines)
    colour = "good" if lines and live == len(lines) else "warning" if live else "danger"
    told = ", ".join(f"{status.line.value} {status.state.value}" for status in lines)
    return (
        Figure(_tr("WebSocket"), _tr("live") if live else _tr("down"), "", colour, told),
        Figure(_tr("Connections"), f"{live} / {len(lines)}", "", colour, told),
        Figure(_tr("Orders leave by"), vitals.primary.value, "", "text", _tr("The primary account line")),
    )


def _breaker(vitals: Vitals) -> Figure:
    worst = max(vitals.breakers.values(), key=list(BREAKER_COLOURS).index)
    told = ", ".join(f"{name} {state.value}" for name, state in vitals.breakers.items())
    return Figure(_tr("Circuit breaker"), worst.value, "", BREAKER_COLOURS[worst], told)


def _freshness(session: TradingSession, now: int) -> Figure:
    rows = [row for row in session.stores.channels.all() if row.sub.channel == "book" and row.heard]
    oldest = max((now - row.heard for row in rows), default=0)
    doubtful = sum(row.is_doubtful for row in session.stores.channels.all())
    text = f"{doubtful} stale" if doubtful else formats.duration(oldest) if rows else formats.MISSING
    return Figure(
        _tr("Freshness"), text, "", "danger" if doubtful else "good", _tr("The oldest book, or what is stale")
    )


def _mean(histogram: Histogram) -> str:
    return formats.millis(histogram.mean) if histogram.count else formats.MISSING


def _p(histogram: Histogram, percent: float) -> str:
    return formats.millis(histogram.percentile(percent)) if histogram.count else formats.MISSING


def _drift(ppm: float | None) -> str:
    return formats.MISSING if ppm is None else f"{ppm:+.1f} ppm"


def _tr(text: str) -> str:
    return QCoreApplication.translate("Health", text)
