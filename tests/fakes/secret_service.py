"""A Secret Service on a real bus that is locked and whose prompt does what a test says."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Any

from jeepney import (
    DBusAddress,
    HeaderFields,
    Message,
    MessageType,
    new_error,
    new_method_return,
    new_signal,
)
from jeepney.bus import get_bus
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import DBusConnection, Proxy, prep_socket

_PROMPT = "/org/freedesktop/secrets/prompt/p1"
_DEFAULT = "/org/freedesktop/secrets/aliases/default"


class PromptingService:
    """Offers one locked collection (or none) until its prompt is answered.

    ``prompted`` is set when the prompt is shown; ``answer`` is ``accept``, ``dismiss``,
    ``leave`` (the service ends with the prompt open), ``wait`` (for somebody to take the question
    back), ``ignore`` (not even then), or ``deaf`` (it says nothing when asked to unlock).
    ``dismissed`` is set when it was taken back.
    """

    def __init__(self, address: str, *, answer: str, collection: bool = True) -> None:
        self._answer = answer
        self._exists = collection
        self._locked = True
        self.prompted, self.dismissed = threading.Event(), threading.Event()
        self._connection = DBusConnection(prep_socket(get_bus(address)))
        Proxy(message_bus, self._connection).RequestName("org.freedesktop.secrets")
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> PromptingService:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # Wakes the thread, which is the one to close the connection.
        with suppress(OSError):
            self._connection.sock.shutdown(socket.SHUT_RDWR)
        self._thread.join()

    def _serve(self) -> None:
        try:
            while self._handle(self._connection.receive()):
                pass
        except OSError:
            pass
        finally:
            self._connection.close()

    def _handle(self, message: Message) -> bool:
        if message.header.message_type is not MessageType.method_call:
            return True
        member = message.header.fields[HeaderFields.member]
        handler = getattr(self, f"_on_{member.lower()}", None)
        if handler is None:
            self._fail(message, "org.freedesktop.DBus.Error.UnknownMethod")
            return True
        handler(message)
        return not (member == "Prompt" and self._answer == "leave")

    def _on_get(self, message: Message) -> None:
        if not self._exists:
            self._fail(message, "org.freedesktop.Secret.Error.NoSuchObject")
        elif message.body[1] == "Locked":
            self._reply(message, "v", (("b", self._locked),))
        else:
            self._reply(message, "v", (("s", "Login"),))

    def _on_unlock(self, message: Message) -> None:
        if self._answer == "deaf":
            self.prompted.set()
            return
        self._reply(message, "aoo", ([], _PROMPT))

    def _on_createcollection(self, message: Message) -> None:
        self._reply(message, "oo", ("/", _PROMPT))

    def _on_opensession(self, message: Message) -> None:
        if message.body[0] == "plain":
            self._reply(message, "vo", (("s", ""), "/org/freedesktop/secrets/session/s1"))
        else:
            self._fail(message, "org.freedesktop.DBus.Error.NotSupported")

    def _on_prompt(self, message: Message) -> None:
        self._reply(message, None, ())
        self.prompted.set()
        if self._answer not in ("accept", "dismiss"):
            return
        self._complete(accepted=self._answer == "accept")

    def _on_dismiss(self, message: Message) -> None:
        if self._answer != "wait":
            self._fail(message, "org.freedesktop.DBus.Error.UnknownMethod")
            return
        self._reply(message, None, ())
        self.dismissed.set()
        self._complete(accepted=False)

    def _complete(self, *, accepted: bool) -> None:
        result: tuple[str, Any] = ("ao", [_DEFAULT]) if self._exists else ("o", _DEFAULT)
        if accepted:
            self._locked = False
            self._exists = True
        emitter = DBusAddress(_PROMPT, interface="org.freedesktop.Secret.Prompt")
        self._connection.send(new_signal(emitter, "Completed", "bv", (not accepted, result)))

    def _reply(self, message: Message, signature: str | None, body: tuple[Any, ...]) -> None:
        self._connection.send(new_method_return(message, signature, body))

    def _fail(self, message: Message, name: str) -> None:
        self._connection.send(new_error(message, name))
