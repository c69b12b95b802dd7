"""Reading many entries at once, from a real keyring, a KeePass file and one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jeepney import HeaderFields, Message
from keyring.backends.SecretService import Keyring

from adwarden.domain.errors import ErrorCode, KeychainError
from adwarden.domain.model import Credential
from adwarden.storage.keychain_status import EntryName
from adwarden.storage.secret_service_bus import Connection
from adwarden.storage.vault import Vault
from tests.fakes.keychain import READY, MemoryBackend, token
from tests.storage.keepass_parts import name_of, new_place
from tests.with_keyring import KeyringSession


@pytest.fixture
def keyring_vault() -> Iterator[Vault]:
    """Yield a vault on the keyring that the environment names."""
    vault = Vault()
    yield vault
    vault.close()


def code_of(found: Credential | KeychainError) -> ErrorCode:
    assert isinstance(found, KeychainError)
    assert found.__traceback__ is None
    return found.code


def write_as_another_program(name: EntryName, text: str) -> None:
    backend = Keyring()  # type: ignore[no-untyped-call]
    backend.set_password(*name, text)  # type: ignore[no-untyped-call]


@pytest.mark.keychain
def test_one_exchange_reads_what_is_asked_for_and_nothing_else(
    real_keyring: KeyringSession, keyring_vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = keyring_vault
    names = [name_of(number, f"user{number}") for number in range(130)]
    kept = {name: token(f"{number}-abc · ü") for number, name in enumerate(names)}
    for name in names[:4]:
        vault.put(*name, kept[name])
    write_as_another_program(EntryName("mail", "me@example.org"), "a foreign password")
    damaged = EntryName("Adwarden · Agency app · ffffffff", "@northwind")
    write_as_another_program(damaged, "not JSON")
    calls: list[str] = []
    serialise = Connection._serialise

    def noted(self: Connection, message: Message, serial: int | None) -> object:
        calls.append(message.header.fields[HeaderFields.member])
        return serialise(self, message, serial)

    monkeypatch.setattr(Connection, "_serialise", noted)
    found = vault.read_all([*names, damaged])
    assert [found[name] for name in names[:4]] == [kept[name] for name in names[:4]]
    assert code_of(found[damaged]) is ErrorCode.ENTRY_DAMAGED
    assert {code_of(found[name]) for name in names[4:]} == {ErrorCode.ENTRY_MISSING}
    assert list(found) == [*names, damaged]
    assert calls.count("GetSecrets") == 1
    assert "GetSecret" not in calls
    assert calls.count("SearchItems") == len(names) + 1
    assert not {"Unlock", "Prompt"} & set(calls)
    assert vault.read_all([]) == {}
    for name in (*names[:4], damaged):
        vault.delete(*name)


@pytest.mark.keychain
def test_a_locked_keyring_is_told_and_not_asked_for(
    own_session: KeyringSession, keyring_vault: Vault
) -> None:
    own_session.start_daemon()
    vault = keyring_vault
    vault.put(*name_of(1), token())
    own_session.stop_daemon()
    own_session.start_daemon(None)
    with pytest.raises(KeychainError) as caught:
        vault.read_all([name_of(1)])
    assert caught.value.code is ErrorCode.KEYCHAIN_LOCKED


@pytest.mark.keychain
def test_one_locked_item_is_told(
    real_keyring: KeyringSession, keyring_vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    from secretstorage.util import DBusAddressWrapper

    vault = keyring_vault
    vault.put(*name_of(1), token())
    vault.put(*name_of(2), token())
    call = DBusAddressWrapper.call

    def without_last(self: DBusAddressWrapper, method: str, types: str, *rest: object) -> Any:  # noqa: ANN401
        answer = call(self, method, types, *rest)
        if method == "GetSecrets":  # as the service answers for items that are locked
            answer[0].popitem()
        return answer

    with monkeypatch.context() as patch:
        patch.setattr(DBusAddressWrapper, "call", without_last)
        found = vault.read_all([name_of(1), name_of(2)])
    told = [one for one in found.values() if isinstance(one, KeychainError)]
    assert [one.code for one in told] == [ErrorCode.KEYCHAIN_LOCKED]
    assert token() in found.values()
    for number in (1, 2):
        vault.delete(*name_of(number))


def test_a_keepass_file_is_read_in_one_pass(tmp_path: Path) -> None:
    place = new_place(tmp_path)
    vault = Vault(system=place.system)
    for number in range(3):
        vault.put(*name_of(number), token(f"{number}-a"))
    found = vault.read_all([name_of(2), name_of(0), name_of(9)])
    assert list(found) == [name_of(2), name_of(0), name_of(9)]
    assert found[name_of(2)] == token("2-a")
    assert code_of(found[name_of(9)]) is ErrorCode.ENTRY_MISSING
    place.lock()
    with pytest.raises(KeychainError) as caught:
        vault.read_all([name_of(2)])
    assert caught.value.code is ErrorCode.KEYCHAIN_LOCKED


def test_other_keychains_are_read_one_by_one() -> None:
    backend = MemoryBackend()
    vault = Vault(lambda: backend, lambda: READY)
    vault.put(*name_of(1), token())
    backend.entries[name_of(2)] = "{"
    found = vault.read_all([name_of(1), name_of(2), name_of(3)])
    assert found[name_of(1)] == token()
    assert code_of(found[name_of(2)]) is ErrorCode.ENTRY_DAMAGED
    assert code_of(found[name_of(3)]) is ErrorCode.ENTRY_MISSING
    backend.failures["get"] = OSError("the service ended")
    with pytest.raises(KeychainError) as caught:
        vault.read_all([name_of(1)])
    assert caught.value.code is ErrorCode.KEYCHAIN_FAILED
