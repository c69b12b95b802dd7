"""Uses secrets in every way the program does, in a process of its own, then looks for them.

``python -m tests.flows.memory_journey ADDRESS`` prints what still holds one, as JSON. ADDRESS is
a server that answers as X does to the exchange of a PIN.
"""

from __future__ import annotations

import asyncio
import gc
import json
import secrets
import sys
from collections.abc import Awaitable, Callable
from types import MappingProxyType
from typing import TypeVar

from PySide6.QtWidgets import QApplication

from adwarden.domain.errors import AdwardenError
from adwarden.domain.model import Credential
from adwarden.domain.secret import Secret
from adwarden.providers.base import AuthorizationRequest
from adwarden.providers.http import HttpClient
from adwarden.providers.x.oauth1 import PinFlow
from adwarden.services.keychain import Keychain
from adwarden.services.tasks import Lane
from adwarden.storage.vault import Vault
from adwarden.system.redaction import Redactor
from adwarden.ui.reveal import _Face
from adwarden.ui.secret_clipboard import SecretClipboard
from tests.memory import backwards, holders

T = TypeVar("T")

NOBODY = "http://127.0.0.1:1"  # no server listens there
SERVICE, NAME = "Adwarden test · memory · 00000001", "memory"


def _made() -> Secret:
    return Secret(secrets.token_hex(20))


class Journey:
    """Each step lets go of what it used; what is to be looked for is kept backwards."""

    def __init__(self, address: str) -> None:
        self.wanted: list[str] = []
        self._address = address
        self._errors: list[Exception] = []
        self._redactor = Redactor()
        self._keychain = Keychain(
            lambda: Vault(namespace="Adwarden test"),
            seen=lambda credential: self._redactor.learn(*credential.secrets.values()),
        )
        self._x: Lane[HttpClient] = Lane("x", workers=1, context=HttpClient)
        self._clipboard = SecretClipboard(QApplication.clipboard(), lambda: 30)

    async def go(self) -> None:
        """Make keys, exchange a PIN, keep, read, sign, copy, show, fail, delete."""
        app = Credential("x-app", MappingProxyType({"key": _made(), "secret": _made()}))
        self._want(app)
        request = AuthorizationRequest("https://x.test/", _made(), _made(), 0.0)
        self.wanted += [backwards(request.token), backwards(request.secret)]
        grant = await self._ask(lambda flow: flow.finish(app, request, "1234567"))
        self._want(grant.credential)
        await self._keychain.put(SERVICE, NAME, grant.credential)
        read = await self._keychain.get(SERVICE, NAME)
        assert read.secrets == grant.credential.secrets
        answer = await self._ask(lambda flow: flow.revoke(app, read))
        assert answer.status == 200
        for secret in read.secrets.values():
            self._clipboard.copy(secret, "Token")
            self._show(secret)
        self._clipboard.clear_now()
        await self._fail(lambda: self._ask(lambda flow: flow.begin(app)))  # says no
        await self._fail(lambda: self._ask(lambda flow: flow.revoke(app, read), NOBODY))
        await self._fail(lambda: self._keychain.put("\n", NAME, grant.credential), ValueError)
        await self._keychain.delete(SERVICE, NAME)
        await self._fail(lambda: self._keychain.get(SERVICE, NAME))

    async def _ask(self, call: Callable[[PinFlow], T], address: str = "") -> T:
        return await self._x.run(lambda http: call(PinFlow(http, address or self._address)))

    async def _fail(
        self, call: Callable[[], Awaitable[object]], kind: type[Exception] = AdwardenError
    ) -> None:
        """Keep the failure, as a dialog does that shows it."""
        try:
            await call()
        except kind as error:
            self._errors.append(error)
        else:
            raise AssertionError("it did not fail")

    def _want(self, credential: Credential) -> None:
        self.wanted += [backwards(secret) for secret in credential.secrets.values()]

    def _show(self, secret: Secret) -> None:
        face = _Face("Token")
        face.put(secret)
        face.grab()
        face.put(None)


def main() -> None:
    """Run the journey and print what is left of it."""
    app = QApplication(sys.argv[:1])
    journey = Journey(sys.argv[1])
    asyncio.run(journey.go())
    kept = _made()  # inside a Secret is where it may be: proves that the search finds things
    gc.collect()
    wanted = [*journey.wanted, backwards(kept)]
    found, inside, looked = holders(wanted)
    planted = [kept.unwrap()]
    again, _, _ = holders(wanted)
    print(json.dumps([len(journey.wanted), found, inside, looked, len(again) - len(found)]))
    planted.clear()
    sys.stdout.flush()
    app.shutdown()


if __name__ == "__main__":
    main()
