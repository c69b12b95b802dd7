"""The desktop's part that shows GNOME keyring's questions, and here gets no answer, or a no."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from types import TracebackType

from jeepney import (
    DBusAddress,
    HeaderFields,
    Message,
    MessageType,
    new_method_call,
    new_method_return,
)
from jeepney.bus import get_bus
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import DBusConnection, Proxy, prep_socket


class SilentPrompter:
    """Takes each question and leaves it open, as a person does who has gone for a coffee.

    ``asked`` is set when there is a question, ``stopped`` when it is over; ``begun`` counts them.
    """

    def __init__(self, address: str) -> None:
        self.asked, self.stopped = threading.Event(), threading.Event()
        self.begun = 0
        self._asker: DBusAddress | None = None
        self._connection = DBusConnection(prep_socket(get_bus(address)))
        Proxy(message_bus, self._connection).RequestName("org.gnome.keyring.SystemPrompter")
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> SilentPrompter:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with suppress(OSError):
            self._connection.sock.shutdown(socket.SHUT_RDWR)
        self._thread.join()

    def _serve(self) -> None:
        try:
            while True:
                message = self._connection.receive()
                if message.header.message_type is MessageType.method_call:
                    self._take(message)
        except OSError:
            pass
        finally:
            self._connection.close()

    def _take(self, message: Message) -> None:
        self._connection.send(new_method_return(message))
        match message.header.fields[HeaderFields.member]:
            case "BeginPrompting":
                self.begun += 1
                sender = message.header.fields[HeaderFields.sender]
                interface = "org.gnome.keyring.internal.Prompter.Callback"
                self._asker = DBusAddress(message.body[0], sender, interface)
                self._ready("")
            case "PerformPrompt":
                self.asked.set()
            case "StopPrompting":
                self.stopped.set()

    def refuse(self) -> None:
        """Press Cancel in the question that is open."""
        self.stopped.clear()
        self.asked.clear()
        self._ready("no")

    def _ready(self, answer: str) -> None:
        assert self._asker is not None
        body: tuple[str, dict[str, object], str] = (answer, {}, "")
        self._connection.send(new_method_call(self._asker, "PromptReady", "sa{sv}s", body))
