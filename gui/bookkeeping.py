"""The account's books in the window: the reconciliation, and sealed days of the journal."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from core.app.seal_commands import check_file, default_name, seal_day
from core.app.session import TradingSession
from core.domain.errors import StartError
from core.runtime.clock import NS_PER_S
from core.runtime.paths import Paths
from gui.bridge import Bridge
from gui.forms.seal_dialog import SealDialog
from gui.views.reconciliation_view import ReconciliationView
from gui.widgets.toast import Toast


class Bookkeeping(QObject):
    """``panel`` goes into a dock; ``open_seal`` asks which day to seal. Files are handled beside the event loop."""

    def __init__(
        self, session: TradingSession, paths: Paths, bridge: Bridge, toast: Toast, window: QWidget
    ) -> None:
        super().__init__(window)
        self._session = session
        self._paths = paths
        self._bridge = bridge
        self._toast = toast
        self._window = window
        self.panel = ReconciliationView(session, self.compare, window)

    def compare(self) -> None:
        """Compare journal, stream and REST now."""
        self._bridge.spawn(self._compare(), name="reconciliation")

    async def _compare(self) -> None:
        await self._session.audit.check()

    def open_seal(self) -> None:
        """Ask which day to seal, once."""
        if self._window.findChild(SealDialog) is None:
            SealDialog(self._today(), self._suggested, self.seal, self.check, self._window).open()

    def seal(self, day: date, file: Path) -> None:
        """Write the day into the file and tell its final hash."""
        self._bridge.spawn(self._seal(day, file), name=f"seal {day}")

    def check(self, file: Path) -> None:
        """Tell whether a sealed file is as it was written."""
        self._bridge.spawn(self._check(file), name="check sealed day")

    def _today(self) -> date:
        return datetime.fromtimestamp(self._session.clock.wall_ns() // NS_PER_S, UTC).date()

    def _suggested(self, day: date) -> Path:
        return Path.home() / default_name(self._session.profile, self._session.mode.value, day)

    async def _seal(self, day: date, file: Path) -> None:
        mode, profile = self._session.mode.value, self._session.profile
        await self._session.journal.flush()
        journal, now = self._paths.journal_file(mode), self._session.clock.wall_ns()
        try:
            sealed = await asyncio.to_thread(seal_day, journal, day, file, now, (mode, profile))
        except StartError as failure:
            self._toast.tell(failure.user_message, warning=True)
            return
        text = self.tr("%1 sealed, %2 records: %3. Final hash %4")
        for mark, value in (
            ("%1", day.isoformat()),
            ("%2", f"{sealed.count:,}"),
            ("%3", str(file)),
            ("%4", sealed.final),
        ):
            text = text.replace(mark, value)
        self._toast.tell(text)

    async def _check(self, file: Path) -> None:
        try:
            checked = await asyncio.to_thread(check_file, file)
        except StartError as failure:
            self._toast.tell(failure.user_message, warning=True)
            return
        if checked.wrong_line:
            text = self.tr("%1 was changed: line %2").replace("%1", file.name)
            line = text.replace("%2", f"{checked.wrong_line:,}")
            self._toast.tell(f"{line}: {checked.reason}", warning=True)
        else:
            text = self.tr("%1 is as it was written: %2 records. Final hash %3")
            text = text.replace("%1", file.name).replace("%2", f"{checked.records:,}")
            self._toast.tell(text.replace("%3", checked.final))
