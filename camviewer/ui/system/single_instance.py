"""A second start with files: they open in the window that is there already."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QSettings, Qt, Slot
from PySide6.QtNetwork import QLocalServer, QLocalSocket
from PySide6.QtWidgets import QApplication, QWidget

log = logging.getLogger(__name__)
PATIENCE_MS = 1500
"""A window that doesn't answer within this hangs; the second start then opens its own."""
MAX_BYTES = 1_000_000


def server_name() -> str:
    """One for each user: made of where their settings are."""
    ini = QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "camviewer", "camviewer")
    return "camviewer-" + hashlib.sha256(ini.fileName().encode()).hexdigest()[:16]


def hand_over(paths: Sequence[Path], name: str | None = None) -> bool:
    """Let a running window open these. False if there is none, or it doesn't answer."""
    socket = QLocalSocket()
    socket.connectToServer(name or server_name())
    if not socket.waitForConnected(PATIENCE_MS):
        return False
    # ASCII: names that are not UTF-8 come through as escaped surrogates.
    message = json.dumps([str(path.absolute()) for path in paths])
    socket.write(message.encode("ascii") + b"\n")
    while not socket.canReadLine():
        if not socket.waitForReadyRead(PATIENCE_MS):
            return False
    return bytes(socket.readLine().data()) == b"ok\n"


class Receiver(QObject):
    """Receives files from later starts. Only the first window listens."""

    def __init__(self, window: QWidget, open_paths: Callable[[Sequence[Path]], object]) -> None:
        super().__init__(window)
        self._window, self._open_paths = window, open_paths
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_server_new_connection)

    def listen(self) -> bool:
        """Listen; returns whether this window is the one that later starts find."""
        name = server_name()
        probe = QLocalSocket()
        probe.connectToServer(name)
        if probe.waitForConnected(200):
            return False
        QLocalServer.removeServer(name)  # left behind by one that crashed
        if not self._server.listen(name):
            log.warning("later starts won't find this window: %s", self._server.errorString())
            return False
        return True

    def close(self) -> None:
        self._server.close()

    @Slot()
    def _on_server_new_connection(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.readyRead.connect(self._on_socket_ready_read)
            socket.disconnected.connect(socket.deleteLater)

    @Slot()
    def _on_socket_ready_read(self) -> None:
        socket = self.sender()
        if not isinstance(socket, QLocalSocket):
            return
        if not socket.canReadLine():
            if socket.bytesAvailable() > MAX_BYTES:
                socket.abort()
            return
        try:
            message = json.loads(bytes(socket.readLine(MAX_BYTES).data()))
            if not isinstance(message, list):
                raise TypeError(type(message))
            paths = [Path(text) for text in message]
        except (ValueError, TypeError, RecursionError):
            log.warning("a message that is none of ours")
            socket.abort()
            return
        socket.write(b"ok\n")
        socket.flush()
        self._open_paths(paths)
        self._window.setWindowState(self._window.windowState() & ~Qt.WindowState.WindowMinimized)
        self._window.raise_()
        self._window.activateWindow()
        QApplication.alert(self._window)  # where a window may not push itself to the front
