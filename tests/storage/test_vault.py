from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from adwarden.domain.errors import ErrorCode, KeychainError
from adwarden.domain.model import Credential
from adwarden.domain.secret import Secret
from adwarden.storage.vault import (
    EntryName,
    KeychainState,
    KeychainStatus,
    SystemKeychain,
    Vault,
    entry_service,
    entry_username,
)
from tests.fakes.keychain import LOCKED, READY, MemoryBackend, token

SERVICE = entry_service("Agency app", "k3f9a2b1")
USER = "@northwind"


@pytest.fixture
def backend() -> MemoryBackend:
    return MemoryBackend()


@pytest.fixture
def vault(backend: MemoryBackend) -> Vault:
    return Vault(lambda: backend, lambda: READY)


def test_a_credential_comes_back_as_it_was_put(vault: Vault) -> None:
    vault.put(SERVICE, USER, token())
    assert vault.get(SERVICE, USER) == token()


def test_the_entry_is_the_compact_json_of_the_design(vault: Vault, backend: MemoryBackend) -> None:
    vault.put(SERVICE, USER, token("T"))
    assert SERVICE == "Adwarden · Agency app · k3f9a2b1"
    assert backend.entries[SERVICE, USER] == (
        '{"v":1,"kind":"x-oauth1-token","token":"T","secret":"secret of T",'
        '"user_id":"1234567890","screen_name":"northwind","app":"Agency app"}'
    )


def test_what_is_not_there_is_said_to_be_missing_and_may_be_deleted(vault: Vault) -> None:
    with pytest.raises(KeychainError) as caught:
        vault.get(SERVICE, USER)
    assert caught.value.code is ErrorCode.ENTRY_MISSING
    vault.delete(SERVICE, USER)


@pytest.mark.parametrize("text", ["", "not json", "[]", "{}", '{"v":2,"kind":"x"}', "[" * 9000])
def test_an_entry_that_somebody_changed_is_damaged_and_its_text_stays_unsaid(
    vault: Vault, backend: MemoryBackend, text: str
) -> None:
    backend.entries[SERVICE, USER] = text
    with pytest.raises(KeychainError) as caught:
        vault.get(SERVICE, USER)
    assert caught.value.code is ErrorCode.ENTRY_DAMAGED
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_a_keychain_that_gives_back_something_else_has_not_stored(
    vault: Vault, backend: MemoryBackend
) -> None:
    vault.known()
    backend.answer = '{"v":1,"kind":"manifest","entries":{}}'
    with pytest.raises(KeychainError) as caught:
        vault.put(SERVICE, USER, token())
    assert caught.value.code is ErrorCode.KEYCHAIN_FAILED
    assert "did not keep" in caught.value.title


def test_what_would_not_fit_everywhere_is_refused_before_anything_is_written(
    vault: Vault, backend: MemoryBackend
) -> None:
    frame = len('{"v":1,"kind":"k","secret":""}')
    vault.put(SERVICE, USER, Credential("k", {"secret": Secret("s" * (1000 - frame))}))
    backend.calls.clear()
    # Outside the first plane a character counts twice, as Windows counts.
    for text in ("s" * (1001 - frame), "🔑" * 486):
        with pytest.raises(KeychainError) as caught:
            vault.put(SERVICE, USER, Credential("k", {"secret": Secret(text)}))
        assert caught.value.code is ErrorCode.ENTRY_TOO_LARGE
    assert backend.calls == []


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (KeychainState.LOCKED, ErrorCode.KEYCHAIN_LOCKED),
        (KeychainState.NO_COLLECTION, ErrorCode.KEYCHAIN_LOCKED),
        (KeychainState.MISSING, ErrorCode.KEYCHAIN_MISSING),
        (KeychainState.FAILED, ErrorCode.KEYCHAIN_FAILED),
        (KeychainState.UNKNOWN, ErrorCode.KEYCHAIN_FAILED),
    ],
)
def test_a_keychain_that_is_not_ready_is_never_called(
    backend: MemoryBackend, state: KeychainState, code: ErrorCode
) -> None:
    vault = Vault(lambda: backend, lambda: KeychainStatus(state, "Test", "Why.", "Do."))
    for call in (
        lambda: vault.put(SERVICE, USER, token()),
        lambda: vault.get(SERVICE, USER),
        lambda: vault.delete(SERVICE, USER),
        vault.known,
    ):
        with pytest.raises(KeychainError) as caught:
            call()
        assert caught.value.code is code
        assert (caught.value.message, caught.value.remedy) == ("Why.", "Do.")
    assert vault.selftest().passed is False
    assert backend.calls == []


def test_only_unlock_may_prompt_and_a_ready_keychain_is_not_asked(
    backend: MemoryBackend,
) -> None:
    states = [LOCKED, READY, READY]
    prompts: list[str] = []
    system = SystemKeychain(
        lambda: backend, lambda: states.pop(0), unlock=lambda _: prompts.append("prompt")
    )
    vault = Vault(system=system)
    assert vault.unlock() is READY
    assert prompts == ["prompt"]
    assert vault.unlock() is READY
    assert prompts == ["prompt"]


def test_a_probe_that_fails_is_a_state_and_not_an_exception(backend: MemoryBackend) -> None:
    def probe() -> KeychainStatus:
        raise FileNotFoundError("/run/user/1000/bus of @northwind")

    status = Vault(lambda: backend, probe).status()
    assert status.state is KeychainState.FAILED
    assert "northwind" not in repr(status)


@pytest.mark.parametrize("method", ["get", "set"])
def test_a_failure_is_not_tried_again(vault: Vault, backend: MemoryBackend, method: str) -> None:
    vault.known()
    backend.calls.clear()
    backend.failures[method] = OSError("broken at @northwind")
    with pytest.raises(KeychainError) as caught:
        vault.put(SERVICE, USER, token())
    assert caught.value.code is ErrorCode.KEYCHAIN_FAILED
    assert caught.value.detail == "OSError"
    assert "northwind" not in str(caught.value)
    assert [called for called, _ in backend.calls].count(method) == 1


def test_a_delete_that_leaves_the_entry_is_a_failure(vault: Vault, backend: MemoryBackend) -> None:
    vault.put(SERVICE, USER, token())
    backend.answer = "still here"
    with pytest.raises(KeychainError) as caught:
        vault.delete(SERVICE, USER)
    assert "did not delete" in caught.value.title


def test_the_vault_belongs_to_one_thread(vault: Vault) -> None:
    vault.status()
    caught: list[str] = []

    def use() -> None:
        try:
            vault.status()
        except RuntimeError as error:
            caught.append(str(error))

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    assert caught == ["the vault belongs to another thread"]


def test_the_selftest_leaves_nothing_and_says_how_long_it_took(
    vault: Vault, backend: MemoryBackend
) -> None:
    result = vault.selftest()
    assert result.passed
    assert result.error is None
    times = (result.write_ms, result.read_ms, result.delete_ms)
    assert all(time is not None and time >= 0 for time in times)
    assert backend.entries == {}


def test_the_selftest_tells_of_a_keychain_that_forgets_and_still_cleans_up(
    vault: Vault, backend: MemoryBackend
) -> None:
    backend.failures["get"] = ValueError("no")
    result = vault.selftest()
    assert not result.passed
    assert result.error is not None
    assert backend.entries == {}


def test_names_are_readable_and_safe() -> None:
    assert entry_service("App", "id12", "Adwarden practice") == "Adwarden practice · App · id12"
    assert entry_service(" a\nb\x00\u202ec\ud800 ", "id12") == "Adwarden · a b c · id12"
    assert entry_service("", "id12") == "Adwarden · unnamed · id12"
    assert len(entry_service("x" * 5000, "id12")) == len("Adwarden ·  · id12") + 60
    assert entry_username("@north\twind") == "@north wind"
    assert entry_username("\n") == "unnamed"


@pytest.mark.parametrize("name", ["", "a\x00b", "a\nb", " a", "x" * 201])
def test_a_name_that_some_system_would_change_is_refused(
    vault: Vault, backend: MemoryBackend, name: str
) -> None:
    for service, user in ((name, USER), (SERVICE, name)):
        with pytest.raises(ValueError, match="not a name"):
            vault.put(service, user, token())
    assert backend.calls == []


def test_where_the_old_secret_would_survive_it_is_deleted_first(backend: MemoryBackend) -> None:
    vault = Vault(system=SystemKeychain(lambda: backend, lambda: READY, delete_first=True))
    vault.put(SERVICE, USER, token("old"))
    backend.calls.clear()
    vault.put(SERVICE, USER, token("new"))
    order = [method for method in backend.done(SERVICE) if method != "get"]
    assert order[0] == "delete"
    assert order[-1] == "set"
    assert vault.get(SERVICE, USER) == token("new")


def test_closing_the_vault_lets_go_of_the_backend(backend: MemoryBackend) -> None:
    made: list[int] = []
    closed: list[int] = []

    def make() -> MemoryBackend:
        made.append(1)
        return backend

    vault = Vault(system=SystemKeychain(make, lambda: READY, close=lambda: closed.append(1)))
    vault.put(SERVICE, USER, token())
    vault.close()
    assert vault.get(SERVICE, USER) == token()
    assert (len(made), len(closed)) == (2, 1)


def test_the_names_of_the_contract_are_here() -> None:
    assert EntryName("s", "u") == ("s", "u")
    assert {state.name for state in KeychainState} == {
        "READY",
        "LOCKED",
        "MISSING",
        "NO_COLLECTION",
        "UNKNOWN",
        "FAILED",
    }


def test_importing_and_making_a_vault_loads_no_keyring() -> None:
    code = (
        "import sys\n"
        "from adwarden.storage.vault import Vault\n"
        "import adwarden.services.keychain\n"
        "Vault()\n"
        "heavy = {'keyring', 'secretstorage', 'jeepney', 'cryptography', 'PySide6'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    command = [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}\n{code}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
