"""A test fails when something logs a warning nobody expected, or an expected one does not come."""

import contextlib
import logging
import re
from collections.abc import Iterator


class LogGuard(logging.Handler):
    """Collects records of WARNING and above that reach the root logger."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._records: list[tuple[str, str, str]] = []
        self._expected: list[tuple[str, re.Pattern[str]]] = []
        self._allowed: list[tuple[str, re.Pattern[str]]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self._records.append((record.name, record.levelname, record.getMessage()))

    def expect(self, logger: str, pattern: str) -> None:
        """Allow, and from now on demand, records of this logger (or its children) that match the pattern."""
        self._expected.append((logger, re.compile(pattern)))

    def allow(self, logger: str) -> None:
        """Allow records of this logger (or its children) without demanding any: weather differs from run to run."""
        self._allowed.append((logger, re.compile("")))

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        root = logging.getLogger()
        root.addHandler(self)
        try:
            yield
        finally:
            root.removeHandler(self)

    def complaint(self) -> str:
        """Return what is wrong in a few lines, empty when nothing is."""
        lines = [
            f"unexpected log: {level} {name}: {message}"
            for name, level, message in self._records
            if not any(_matches(expected, name, message) for expected in (*self._expected, *self._allowed))
        ]
        lines += [
            f"expected log did not occur: {expected[0]}: {expected[1].pattern}"
            for expected in self._expected
            if not any(_matches(expected, name, message) for name, _, message in self._records)
        ]
        return "\n".join(lines)


def _matches(expected: tuple[str, re.Pattern[str]], name: str, message: str) -> bool:
    logger, pattern = expected
    return (name == logger or name.startswith(logger + ".")) and pattern.search(message) is not None
