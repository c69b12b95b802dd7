"""A place for this session only."""

from __future__ import annotations

import pytest

from adwarden.domain.errors import ErrorCode, KeychainError
from adwarden.storage.keychain_status import KeychainState
from adwarden.storage.memory_place import MemoryPlace
from adwarden.storage.vault import Vault
from tests.storage.keepass_parts import name_of, text_of, token


def test_the_vault_works_with_it_and_there_is_no_manifest() -> None:
    place = MemoryPlace()
    vault = Vault(system=place.system)
    assert vault.status().state is KeychainState.READY
    vault.put(*name_of(1), token())
    vault.put(*name_of(2), token("2-b"))
    assert vault.get(*name_of(1)) == token()
    assert vault.known() == (name_of(1), name_of(2))
    assert vault.selftest().passed
    vault.delete(*name_of(1))
    assert place.all_texts() == {name_of(2): text_of("2-b")}
    with pytest.raises(KeychainError) as caught:
        vault.get(*name_of(1))
    assert caught.value.code is ErrorCode.ENTRY_MISSING
    assert "memory" in caught.value.message
    place.clear()
    assert vault.known() == ()


def test_it_is_never_chosen_by_keyring() -> None:
    from keyring.core import recommended

    assert not recommended(MemoryPlace().system.backend())
