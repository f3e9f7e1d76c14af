"""What stands between the start of a live session and its first order: the key's passport and a typed word.

Locks new orders through ``stores.health``; cancels are never locked. Does nothing in other modes.
"""

from __future__ import annotations

import logging

from core.data.journal.seal import mask_account
from core.data.rest.client import RestClient
from core.domain.errors import StartError, TerminalError
from core.domain.mode import Mode
from core.domain.passport import UNKNOWN, Passport, judge
from core.processing.health_store import HealthStore
from core.runtime.clock import NS_PER_S, Clock

log = logging.getLogger(__name__)

WORD = Mode.LIVE.word
IDLE_NS = 15 * 60 * NS_PER_S
"""Without a key or the mouse for so long nobody is at the desk."""

NOT_CONFIRMED = "live trading is not confirmed yet"
IDLE = "nobody was at the desk for a while"


class LiveGuard:
    """The locks ``live`` (typed word, idle time) and ``key`` (passport) of one session."""

    def __init__(self, mode: Mode, health: HealthStore, clock: Clock) -> None:
        self._health = health
        self._clock = clock
        self._input_ns = clock.mono_ns()
        self.is_live = mode is Mode.LIVE
        self.passport: Passport | None = None
        self.account = ""
        """The account's number as far as it may be written down; empty while not known."""
        if self.is_live:
            health.lock("live", NOT_CONFIRMED)
            health.lock("key", UNKNOWN.read_only)

    @property
    def is_locked(self) -> bool:
        """Whether the word must be typed before the next order."""
        return "live" in self._health.locks

    async def inspect_key(self, rest: RestClient) -> None:
        """Ask what the key may do. StartError when it must not be used; without an answer it stays read-only."""
        if not self.is_live or not rest.has_keys:
            return
        try:
            info = await rest.key_info()
            self.account = mask_account(info.account)
            passport = judge(info, self._clock.wall_ns() // NS_PER_S)
        except TerminalError as failure:
            log.warning("key passport unknown, reading only reason=%s", failure)
            passport = UNKNOWN
        self.passport = passport
        if passport.refusal:
            raise StartError(user_message=passport.refusal)
        for warning in passport.warnings:
            log.warning("key passport: %s", warning)
            self._health.note(self._clock.wall_ns(), "key", warning)
        self._health.lock("key", passport.read_only)

    def confirm(self, typed: str) -> bool:
        """Open the lock when the mode's word was typed; return whether it was."""
        if typed.strip() != WORD:
            return False
        self._input_ns = self._clock.mono_ns()
        self._health.lock("live", "")
        log.info("live trading confirmed")
        return True

    def touched(self) -> None:
        """Somebody is at the desk."""
        self._input_ns = self._clock.mono_ns()

    def look(self) -> None:
        """Lock when nobody was at the desk for too long."""
        if self.is_live and not self.is_locked and self._clock.mono_ns() - self._input_ns > IDLE_NS:
            self._health.lock("live", IDLE)
            log.info("live trading locked reason=%s", IDLE)
