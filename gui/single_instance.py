"""One program a profile: two would write the same journal and break each other's nonces."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject
from PySide6.QtNetwork import QLocalServer, QLocalSocket

ANSWER_MS = 500


class SingleInstance(QObject):
    """Holds the profile's lock. A second start asks the first one to show its window, and ends."""

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = QLockFile(str(folder / "tidewire.lock"))
        self._lock.setStaleLockTime(0)  # a crashed owner is found by its process id, not by age
        self._name = "tidewire-" + sha256(str(folder.resolve()).encode()).hexdigest()[:16]
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)

    def acquire(self, raise_window: Callable[[], None]) -> bool:
        """Take the profile and answer later starts by ``raise_window``; False when another program has it."""
        if not self.hold():
            return False
        QLocalServer.removeServer(self._name)  # left behind by a crash
        self._server.newConnection.connect(lambda: self._answer(raise_window))
        self._server.listen(self._name)
        return True

    def hold(self) -> bool:
        """Take the profile without answering anybody; False when another program has it."""
        return self._lock.tryLock(0)

    @property
    def holder(self) -> str:
        """Who has the profile, in words: ``process 4711 on desk``."""
        process, host, _ = self._lock.getLockInfo()
        return f"process {process} on {host}" if process else "another process"

    def call_first(self) -> bool:
        """Ask the program that has the profile to show itself. False when it does not answer."""
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        answered = socket.waitForConnected(ANSWER_MS)
        socket.disconnectFromServer()
        return answered

    def release(self) -> None:
        """Give the profile back."""
        self._server.close()
        self._lock.unlock()

    def _answer(self, raise_window: Callable[[], None]) -> None:
        connection = self._server.nextPendingConnection()
        if connection is not None:
            connection.disconnectFromServer()
            connection.deleteLater()
        raise_window()
