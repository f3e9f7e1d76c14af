"""Asks whose money is at stake: at the first start, and whenever the menu is asked to ask again."""

from __future__ import annotations

import asyncio
import logging
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from core.app.key_check import KeyReport, ask_of_key, keep_key
from core.domain.mode import Mode
from core.runtime.clock import Clock
from core.runtime.redaction import Redactor
from core.runtime.secrets import KeyPair
from core.runtime.tasks import Supervisor
from gui.bridge import Bridge
from gui.forms.welcome_dialog import WelcomeDialog

log = logging.getLogger(__name__)


class Welcome:
    """Opens the welcome page of a profile. Keys typed into it are known to the redactor before they are used."""

    def __init__(self, tasks: Supervisor, profile: str, clock: Clock, redactor: Redactor) -> None:
        self._bridge = Bridge(tasks)
        self._profile = profile
        self._clock = clock
        self._redactor = redactor
        self.dialog: WelcomeDialog | None = None

    async def first(self) -> Mode | None:
        """Show the page alone and return what was chosen, None when it was closed."""
        answer: asyncio.Future[Mode | None] = asyncio.get_running_loop().create_future()

        def decide(mode: Mode | None) -> None:
            if not answer.done():
                answer.set_result(mode)

        dialog = self.open(None)
        dialog.chosen.connect(decide)
        dialog.rejected.connect(lambda: decide(None))
        try:
            chosen = await answer
        finally:
            if isValid(dialog):
                dialog.close()
            await self._bridge.stop()
        log.info("welcome chosen=%s", chosen)
        return chosen

    def open(self, parent: QWidget | None) -> WelcomeDialog:
        """Show the page, over a window when there is one."""
        dialog = WelcomeDialog(self._bridge, self._ask, partial(keep_key, self._profile), parent)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.destroyed.connect(self._forget)
        self.dialog = dialog
        if parent is None:
            dialog.show()
        else:
            dialog.open()
        return dialog

    def _forget(self) -> None:
        self.dialog = None

    async def _ask(self, keys: KeyPair) -> KeyReport:
        self._redactor.register(keys)
        return await ask_of_key(keys, self._clock)
