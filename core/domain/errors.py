"""The exception tree, named by what the caller may do next. Each class carries a sentence for the user.

``detail`` is for the log; texts from outside never become part of ``user_message``.
"""

from __future__ import annotations

from collections.abc import Sequence

from core.domain.limits import Finding, Severity


class TerminalError(Exception):
    """Base of all errors we raise on purpose."""

    user_message = "Something went wrong."

    def __init__(self, detail: str = "", *, user_message: str | None = None) -> None:
        super().__init__(detail or self.user_message)
        self.detail = detail
        if user_message is not None:
            self.user_message = user_message


class NotSent(TerminalError):
    """The request never left this process; sending it again is safe."""

    user_message = "Not connected. Nothing was sent."


class JournalUnavailable(NotSent):
    """The intent could not be written down, so nothing was sent. ``detail`` says why, in words."""

    user_message = "The journal cannot be written. No new orders; cancels work."


class Refused(TerminalError):
    """The exchange answered no. ``detail`` is its text."""

    user_message = "The exchange refused the request."


class OutcomeUnknown(TerminalError):
    """The request left and no proof of its outcome came; sending it again may trade twice."""

    user_message = "No answer from the exchange. Checking the order's state."


class RiskRejected(TerminalError):
    """A local check said no before anything was sent. ``field`` names the input, ``nearest`` a value that passes.

    ``findings`` is everything the checks found. When all of it can be agreed to, a person may be asked.
    """

    user_message = "The order did not pass the checks."

    def __init__(
        self, reason: str, *, field: str = "", nearest: str = "", findings: Sequence[Finding] = ()
    ) -> None:
        super().__init__(reason, user_message=reason)
        self.field = field
        self.nearest = nearest
        self.findings = tuple(findings)

    @property
    def can_be_asked(self) -> bool:
        """Whether a person could still have the order."""
        return bool(self.findings) and all(finding.severity < Severity.BLOCK for finding in self.findings)


class DecodeError(TerminalError):
    """Bytes from outside that do not mean anything we know. Counted, logged, never fatal."""

    user_message = "The exchange sent data that could not be understood."


class SettingsError(TerminalError):
    """A settings file that cannot be used; ``detail`` names the file and the field."""

    user_message = "The settings file cannot be read."


class StartError(TerminalError):
    """The program cannot start; ``user_message`` says what to do."""

    user_message = "Tidewire cannot start."
