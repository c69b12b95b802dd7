"""The connection to the session bus that the Secret Service is asked over, and its prompts.

To be imported on the keychain thread; see ``secret_service``.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from jeepney import DBusAddress, HeaderFields, Message, MessageType, new_method_call
from jeepney.io.blocking import DBusConnection

BUS_NAME = "org.freedesktop.secrets"
PROBE_S = 3.0
"""How long the service may take to tell its state."""

LOOK_S = 0.2
"""While a prompt is open: how soon it is noticed that nobody waits for it any more."""

DISMISS_S = 2.0
"""How long the service may take to close a prompt when asked to."""

_PROMPT = "org.freedesktop.Secret.Prompt"


class PromptGivenUpError(Exception):
    """Nobody waits for the answer any more, and the prompt is not shown at all."""


class PromptLeftOpenError(Exception):
    """Nobody waits for the answer any more, and the service has not closed its prompt."""


class Connection(DBusConnection):  # type: ignore[misc]  # jeepney has no types
    """A connection to the session bus on which no answer is waited for without a limit.

    ``limit`` is in seconds; while a person answers a prompt there is none: then the end of the
    service, or of the waiting, is the end. ``broken`` says that it must not be used again.
    """

    limit: float = PROBE_S
    broken = False
    _given_up: threading.Event | None = None
    _closes = True
    _prompt = ""
    _until: float | None = None

    def receive(self, *, timeout: float | None = None) -> Message:
        """Return the next message; raises ``TimeoutError`` or ``ConnectionError``.

        While prompting also ``PromptLeftOpenError`` and ``PromptGivenUpError``.
        """
        try:
            if self._given_up is not None:
                return self._answer(self._given_up)
            return super().receive(timeout=self.limit if timeout is None else timeout)
        except OSError:
            self.broken = True
            raise

    def send(self, message: Message, serial: int | None = None) -> None:
        """Send a message; raises ``ConnectionError``, while prompting ``PromptGivenUpError``."""
        fields = message.header.fields
        if self._given_up is not None and fields.get(HeaderFields.interface) == _PROMPT:
            if self._given_up.is_set() and not self._prompt:
                raise PromptGivenUpError
            self._prompt = fields[HeaderFields.path]
        try:
            super().send(message, serial)
        except OSError:
            self.broken = True
            raise

    send_message = send  # what jeepney's own calls go through

    def close(self) -> None:
        """Do nothing: the backend closes after every call, but this connection is shared."""

    def hang_up(self) -> None:
        """Really close the connection."""
        super().close()

    @contextmanager
    def prompting(self, given_up: threading.Event, *, closes: bool) -> Iterator[None]:
        """Wait as long as a person needs, until the service ends, or until ``given_up`` is set.

        ``closes`` says that the service can then be asked to close its prompt, which ends it as
        dismissed; otherwise it is left open.
        """
        self._given_up, self._closes, self._prompt, self._until = given_up, closes, "", None
        try:
            yield
        finally:
            self._given_up = None

    def still_asks(self) -> bool:
        """Tell whether the prompt that was left open is so still; never waits."""
        try:
            while True:
                message = super().receive(timeout=0)
                if self._completes(message) or _is_owner_change(message):
                    return False
        except TimeoutError:
            return True
        except OSError:
            return False

    def wait_again(self, given_up: threading.Event) -> bool:
        """Wait for the answer to the prompt that was left open; returns whether it was no."""
        self._given_up, self._until = given_up, None
        try:
            while not self._completes(message := self.receive()):
                pass
        finally:
            self._given_up = None
        return bool(message.body[0])

    def _answer(self, given_up: threading.Event) -> Message:
        while True:
            if given_up.is_set():
                self._give_up()
            try:
                message = super().receive(timeout=LOOK_S)
            except TimeoutError:
                continue
            if _is_owner_change(message):
                raise ConnectionResetError("the service ended")
            return message

    def _give_up(self) -> None:
        if not self._prompt:
            self.broken = True  # the answer to something is still on its way
            raise PromptGivenUpError
        now = time.monotonic()
        if self._closes and self._until is None:
            self._until = now + DISMISS_S
            # The answer is of no use: what tells is the prompt's own ``Completed``.
            prompt = DBusAddress(self._prompt, BUS_NAME, _PROMPT)
            self.send(new_method_call(prompt, "Dismiss"))
        if self._until is None or now >= self._until:
            raise PromptLeftOpenError

    def _completes(self, message: Message) -> bool:
        fields = message.header.fields
        return (
            message.header.message_type is MessageType.signal
            and fields.get(HeaderFields.path) == self._prompt
            and fields.get(HeaderFields.member) == "Completed"
        )


def _is_owner_change(message: Message) -> bool:
    return (
        message.header.message_type is MessageType.signal
        and message.header.fields.get(HeaderFields.member) == "NameOwnerChanged"
        and message.body[0] == BUS_NAME
    )
