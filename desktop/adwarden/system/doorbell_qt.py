"""The doorbell on Windows: Qt's local server, which is a named pipe there."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from adwarden.system.wire import LONGEST_LINE, MOST_CALLERS, SILENCE, Hear, left

_MOST = LONGEST_LINE + 1  # Qt counts a byte that ends its own text


class QtWire:
    """Reaches the running program, or is reached, over a pipe that only this user can open."""

    def __init__(self, *, silence: float = SILENCE) -> None:
        self._silence_ms = int(silence * 1000)
        self._server: QLocalServer | None = None
        self._hear: Hear | None = None
        self._callers: list[QLocalSocket] = []

    def address(self, folder: Path, name: str) -> str:
        """Return the name: Qt knows where such names belong."""
        return name

    def ask(self, address: str, request: bytes, deadline: float) -> bytes:
        """Send a line and return the answer, or nothing if none came by ``deadline``."""
        socket = QLocalSocket()
        socket.connectToServer(address)
        if not socket.waitForConnected(_left_ms(deadline)):
            return b""
        socket.write(request)
        socket.waitForBytesWritten(_left_ms(deadline))
        while not socket.canReadLine():
            if not socket.waitForReadyRead(_left_ms(deadline)):
                return b""
        return bytes(socket.readLine(_MOST).data())

    def listen(self, address: str, hear: Hear, *, replace: bool) -> None:
        """Have ``hear`` called for each line; see ``Wire.listen``."""
        server = QLocalServer()
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        server.setMaxPendingConnections(MOST_CALLERS)
        if replace:
            QLocalServer.removeServer(address)
        if not server.listen(address):
            raise OSError(server.errorString())
        self._hear = hear
        server.newConnection.connect(self._accept)
        self._server = server

    def close(self) -> None:
        """Close the pipe, and what is left of conversations with it."""
        if self._server is None:
            return
        for socket in tuple(self._callers):
            self._end(socket)
        self._server.close()
        self._server.deleteLater()
        self._server = None

    def _accept(self) -> None:
        while self._server is not None and self._server.hasPendingConnections():
            socket = self._server.nextPendingConnection()
            if len(self._callers) >= MOST_CALLERS:
                self._end(self._callers[0])
            self._callers.append(socket)
            socket.setReadBufferSize(LONGEST_LINE)
            socket.disconnected.connect(lambda socket=socket: self._gone(socket))
            socket.readyRead.connect(lambda socket=socket: self._read(socket))
            timer = QTimer(socket)
            timer.setSingleShot(True)
            timer.timeout.connect(lambda socket=socket: self._end(socket))
            timer.start(self._silence_ms)
            self._read(socket)

    def _gone(self, socket: QLocalSocket) -> None:
        if socket in self._callers:
            self._callers.remove(socket)
        socket.deleteLater()

    def _end(self, socket: QLocalSocket) -> None:
        socket.abort()
        self._gone(socket)  # not said by one that had hung up before it was taken

    def _read(self, socket: QLocalSocket) -> None:
        if socket not in self._callers:
            return  # it has been answered
        if not socket.canReadLine():
            if socket.bytesAvailable() >= LONGEST_LINE:
                self._end(socket)
            return

        def answer(line: bytes) -> None:
            self._callers.remove(socket)
            if socket.state() is not QLocalSocket.LocalSocketState.ConnectedState:
                socket.deleteLater()
                return
            socket.write(line)
            socket.flush()
            socket.disconnectFromServer()

        if self._hear is not None:
            self._hear(bytes(socket.readLine(_MOST).data()), answer)


def _left_ms(deadline: float) -> int:
    return max(1, int(left(deadline) * 1000))
