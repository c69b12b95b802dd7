"""A data folder and the real keychain as a person has them who has connected accounts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from adwarden.domain.model import AppAccess, Connection, ConnectionState, Credential, XApp
from adwarden.domain.secret import Secret
from adwarden.practice.server import PracticeServer
from adwarden.storage.directory import Directory
from adwarden.storage.paths import DataFolder
from adwarden.storage.vault import Vault, entry_service


@dataclass(frozen=True)
class Kept:
    """One connection, and the four secrets that it needs, as plain text."""

    id: str
    app_id: str
    user_id: str
    handle: str
    key: str
    secret: str
    token: str
    token_secret: str

    @property
    def secrets(self) -> tuple[str, str, str, str]:
        return (self.key, self.secret, self.token, self.token_secret)

    @property
    def env(self) -> str:
        """The four as an ``.env`` file has them."""
        names = ("X_API_KEY", "X_API_SECRET", "X_ACCESS_TOKEN", "X_ACCESS_TOKEN_SECRET")
        pairs = zip(names, self.secrets, strict=True)
        return "".join(f"{name}={value}\n" for name, value in pairs)


def granted(server: PracticeServer, handle: str, *, app: int = 0, mark: str = "a") -> Kept:
    """Have X give a token, which is kept nowhere; ``mark`` tells ids of one test apart."""
    person = server.world.person_named(handle)
    assert person is not None
    own = server.world.apps[app]
    token = server.faults.console_token(own, person)
    user_id = token.token.partition("-")[0]
    return Kept(
        f"{mark}c{user_id[-4:]}", f"{mark}{app}", user_id, handle,
        own.key, own.secret, token.token, token.secret,
    )  # fmt: skip


def connect(
    folder: Path, server: PracticeServer, handle: str, *, app: int = 0, mark: str = "a"
) -> Kept:
    """Keep an app and a user's token in the system keychain, and list them."""
    one = granted(server, handle, app=app, mark=mark)
    label = server.world.apps[app].label
    service = entry_service(label, f"{mark}aa{app}1111"[:8])
    entry = entry_service(label, f"{mark}{one.user_id}"[-8:])
    pair = {"token": Secret(one.token), "secret": Secret(one.token_secret)}
    facts = {"user_id": one.user_id, "screen_name": handle, "app": one.app_id}
    vault = Vault()
    vault.put(
        service, label, Credential("x-app", {"key": Secret(one.key), "secret": Secret(one.secret)})
    )
    vault.put(entry, f"@{handle}", Credential("x-oauth1-token", pair, facts))
    vault.close()
    directory, _ = Directory.open(DataFolder(folder))
    directory.save_app(XApp(one.app_id, "x", label, AppAccess.STANDARD, service, 1.0))
    directory.replace_connection(
        Connection(one.id, one.app_id, one.user_id, handle, entry, 2.0, ConnectionState.WORKING)
    )
    directory.close()
    return one
