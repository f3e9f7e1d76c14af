"""The flight recorder: everything the terminal saw, was asked and believed, so that it can be lived through again.

Tells the writer what frames do not bring (once a second, and orders at once), and begins a new segment with a
checkpoint every two minutes, or after a loss.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from core import __version__
from core.app.store_rows import ChangedRows, ConclusionRow, IntentRow, ReportRow, checkpoint
from core.app.venue import Venue
from core.data.recorder import Recorder
from core.data.recording import Asked, Head, State, told
from core.domain.ids import ClOrdId
from core.domain.mode import Mode
from core.domain.orders import OrderReport, OrderRequest, OrderStatus
from core.domain.times import format_ns
from core.processing.processor import Processor
from core.processing.stores import Stores
from core.runtime.clock import NS_PER_S, Clock
from core.runtime.paths import Paths
from core.runtime.settings import Settings

log = logging.getLogger(__name__)

SECOND_S = 1.0
SEGMENT_NS = 120 * NS_PER_S


def open_recorder(
    paths: Paths, venue: Venue, settings: Settings, redact: Callable[[str], str], clock: Clock
) -> Recorder:
    """Return the recorder of a run that begins now. ``redact`` takes secrets out of what we send."""
    keys = venue.keys
    return Recorder(
        paths.recordings / run_name(venue.mode, clock.wall_ns()),
        most_bytes=settings.recording_mb * 1_000_000,
        most_days=settings.recording_days,
        redact=redact,
        secrets=[keys.key.reveal(), keys.secret.reveal()] if keys is not None else [],
    )


def run_name(mode: Mode, wall_ns: int) -> str:
    """Return the folder name of a run: sorts by time."""
    stamp = format_ns(wall_ns, 3).replace("-", "").replace(":", "").replace("T", "-").replace(".", "-")
    return f"{stamp.rstrip('Z')}-{mode.value}"


class FlightRecorder:
    """Runs beside a session. ``words`` says in one line what it does, for the screen."""

    def __init__(
        self, recorder: Recorder, stores: Stores, processor: Processor, clock: Clock, mode: Mode
    ) -> None:
        self.recorder = recorder
        self._stores = stores
        self._processor = processor
        self._clock = clock
        self._mode = mode
        self._changed = ChangedRows(stores)
        self._number = 0
        self._began = 0
        self._lost = 0
        self._told_failure = False

    @property
    def folder(self) -> Path:
        """Where this run's segments are."""
        return self.recorder.folder

    @property
    def words(self) -> str:
        """What is being done, or why nothing is."""
        if self.recorder.failure:
            return f"recording stopped: {self.recorder.failure}"
        if not self.recorder.is_on:
            return "not recording"
        lost = f", {self.recorder.lost} records lost" if self.recorder.lost else ""
        return f"recording, {self.recorder.written_bytes / 1e6:.1f} MB{lost}"

    def start(self) -> None:
        """Begin to record."""
        self.recorder.start()
        self._begin_segment()

    async def run(self) -> None:
        """Look once a second, until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(SECOND_S)

    async def finish(self) -> None:
        """Write the last rows and close the file."""
        self.mark()
        await asyncio.to_thread(self.recorder.stop)

    def look(self) -> None:
        """Record what changed, and begin a new segment when it is time."""
        if self.recorder.failure:
            self._tell_failure()
        elif self.recorder.lost != self._lost or self._clock.mono_ns() - self._began >= SEGMENT_NS:
            self._begin_segment()
        else:
            self.mark()

    def mark(self) -> int:
        """Record what changed up to this moment, and return it (monotonic ns)."""
        now = self._clock.mono_ns()
        if self.recorder.is_on:
            rows = [told(row) for row in self._changed.changed()]
            self.recorder.note(State(now, self._clock.wall_ns(), rows))
        return now

    def split(self) -> None:
        """Begin a new segment now: what was recorded so far will stand in closed files."""
        if self.recorder.is_on:
            self._begin_segment()

    def asked(self, text: str) -> None:
        """Record what the user asked for, in words."""
        self.recorder.note(Asked(self._clock.mono_ns(), self._clock.wall_ns(), text))

    # What happens to orders apart from frames, at once (called by ``Record``).

    def intended(self, requests: Sequence[OrderRequest], wall: int) -> None:
        """Orders were written down and will be sent."""
        for request in requests:
            self._note(IntentRow(request, wall))

    def heard(self, report: OrderReport, road: str) -> None:
        """Something was said of an order; only what did not come by frame is recorded."""
        if road != "WS":
            self._note(ReportRow(report, road))

    def concluded(self, cl_ord_id: ClOrdId, status: OrderStatus, reason: str) -> None:
        """We concluded something of an order."""
        self._note(ConclusionRow(cl_ord_id, status, reason))

    def _note(self, row: object) -> None:
        if self.recorder.is_on:
            self.recorder.note(State(self._clock.mono_ns(), self._clock.wall_ns(), [told(row)]))

    def _begin_segment(self) -> None:
        if self._number:
            self.mark()  # who plays on from the segment before skips the checkpoint
        now, wall = self._clock.mono_ns(), self._clock.wall_ns()
        gap = self.recorder.lost != self._lost
        if gap:
            count = self.recorder.lost - self._lost
            self._stores.health.note(wall, "recorder", f"{count} records found no room")
            self._lost = self.recorder.lost
        self._number += 1
        head = Head(self.folder.name, self._number, self._mode.value, __version__, now, wall, gap)
        rows = checkpoint(self._stores, self._processor, self._changed)
        self.recorder.begin_segment(head, State(now, wall, rows, is_checkpoint=True))
        self._began = now

    def _tell_failure(self) -> None:
        if not self._told_failure:
            self._told_failure = True
            self._stores.health.recording_failure = self.recorder.failure
            text = f"the recording stopped: {self.recorder.failure}. Trading goes on."
            self._stores.health.note(self._clock.wall_ns(), "recorder", text)
