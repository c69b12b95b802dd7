from __future__ import annotations

import gc
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import secretstorage
from keyring.backends.SecretService import Keyring

from adwarden.domain.errors import ErrorCode, KeychainError
from adwarden.domain.model import Credential
from adwarden.domain.secret import Secret
from adwarden.storage import secret_service, secret_service_bus
from adwarden.storage.vault import (
    EntryName,
    KeychainState,
    KeyringBackendLike,
    Vault,
    entry_service,
)
from tests.fakes.keychain import token
from tests.fakes.prompter import SilentPrompter
from tests.fakes.secret_service import PromptingService
from tests.with_keyring import KeyringSession

pytestmark = pytest.mark.keychain

SERVICE = entry_service("Agency app", "k3f9a2b1")
USER = "@northwind"


@pytest.fixture
def vault() -> Iterator[Vault]:
    with closing(Vault()) as vault:
        yield vault


def others() -> KeyringBackendLike:
    """Return the keychain as any other program that uses keyring sees it."""
    return Keyring()  # type: ignore[no-untyped-call]


def lock() -> None:
    with closing(secretstorage.dbus_init()) as connection:
        secretstorage.Collection(connection).lock()


def refused(vault: Vault) -> set[ErrorCode]:
    """Return the codes that all calls fail with; none of them may take long."""
    codes = set()
    start = time.monotonic()
    for call in (
        lambda: vault.get(SERVICE, USER),
        lambda: vault.put(SERVICE, USER, token()),
        lambda: vault.delete(SERVICE, USER),
        vault.known,
    ):
        with pytest.raises(KeychainError) as caught:
            call()
        codes.add(caught.value.code)
    assert time.monotonic() - start < 10
    return codes


def test_an_unlocked_keychain_keeps_an_entry_that_others_can_read_too(
    real_keyring: KeyringSession, vault: Vault
) -> None:
    status = vault.status()
    assert (status.state, status.backend) == (KeychainState.READY, "GNOME Keyring")
    assert (status.message, status.remedy) == ("", "")
    vault.put(SERVICE, USER, token())
    assert vault.get(SERVICE, USER) == token()
    plain = others()
    assert '"kind":"x-oauth1-token"' in (plain.get_password(SERVICE, USER) or "")
    vault.put(SERVICE, USER, token("another"))
    assert vault.get(SERVICE, USER) == token("another")
    vault.delete(SERVICE, USER)
    assert plain.get_password(SERVICE, USER) is None
    assert EntryName(SERVICE, USER) not in vault.known()


def test_unicode_survives_in_names_and_values(real_keyring: KeyringSession, vault: Vault) -> None:
    service = entry_service("Ünïcödé 🔑 «app»", "u1u2u3u4")
    credential = Credential("x-app", {"key": Secret("ключ\n\x00🔑")}, {"label": "日本語"})
    vault.put(service, "日本", credential)
    assert vault.get(service, "日本") == credential
    vault.delete(service, "日本")


def test_an_entry_of_the_full_length_is_kept(real_keyring: KeyringSession, vault: Vault) -> None:
    frame = len('{"v":1,"kind":"k","secret":""}')
    credential = Credential("k", {"secret": Secret("s" * (1000 - frame))})
    vault.put(SERVICE, "full", credential)
    assert vault.get(SERVICE, "full") == credential
    vault.delete(SERVICE, "full")


def test_what_a_person_does_in_the_systems_program_is_noticed(
    real_keyring: KeyringSession, vault: Vault
) -> None:
    plain = others()
    vault.put(SERVICE, "changed", token())
    plain.set_password(SERVICE, "changed", "scribble")
    with pytest.raises(KeychainError) as caught:
        vault.get(SERVICE, "changed")
    assert caught.value.code is ErrorCode.ENTRY_DAMAGED
    plain.delete_password(SERVICE, "changed")
    with pytest.raises(KeychainError) as caught:
        vault.get(SERVICE, "changed")
    assert caught.value.code is ErrorCode.ENTRY_MISSING
    vault.delete(SERVICE, "changed")


def test_the_selftest_on_the_real_keychain(real_keyring: KeyringSession, vault: Vault) -> None:
    result = vault.selftest()
    assert result.passed, result.error
    assert others().get_password("Adwarden · self-test", "self-test") is None


def test_a_locked_keychain_is_seen_and_refused_without_a_prompt(
    own_session: KeyringSession, vault: Vault
) -> None:
    own_session.start_daemon()
    vault.put(SERVICE, USER, token())
    lock()
    assert vault.status().state is KeychainState.LOCKED
    assert refused(vault) == {ErrorCode.KEYCHAIN_LOCKED}


def test_a_real_prompt_that_cannot_be_shown_counts_as_dismissed(
    own_session: KeyringSession, vault: Vault
) -> None:
    own_session.start_daemon()
    vault.status()
    lock()
    with pytest.raises(KeychainError) as caught:
        vault.unlock()
    assert caught.value.code is ErrorCode.KEYCHAIN_DISMISSED
    assert vault.status().state is KeychainState.LOCKED


def test_failures_leave_no_descriptors_open(own_session: KeyringSession, vault: Vault) -> None:
    own_session.start_daemon()
    vault.put(SERVICE, USER, token())
    lock()
    refused(vault)
    gc.disable()
    try:
        before = len(list(Path("/proc/self/fd").iterdir()))
        for _ in range(20):
            refused(vault)
        assert len(list(Path("/proc/self/fd").iterdir())) <= before
    finally:
        gc.enable()


def test_a_lock_between_the_question_and_the_call_does_not_prompt(
    own_session: KeyringSession,
) -> None:
    own_session.start_daemon()
    with closing(Vault()) as vault:
        ready = vault.status()
    lock()
    hasty = Vault(probe=lambda: ready)
    with closing(hasty):
        assert refused(hasty) == {ErrorCode.KEYCHAIN_LOCKED}


def test_no_session_bus(vault: Vault, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    for address in (None, f"unix:path={tmp_path / 'nowhere'}", "autolaunch:", "nonsense"):
        if address is not None:
            monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        status = vault.status()
        assert status.state is KeychainState.MISSING
        assert "session bus" in status.message
        assert status.remedy
    assert refused(vault) == {ErrorCode.KEYCHAIN_MISSING}


def test_a_bus_that_never_answers_is_given_up(
    vault: Vault, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(str(tmp_path / "bus"))
        deaf.listen()
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'bus'}")
        start = time.monotonic()
        assert vault.status().state is KeychainState.FAILED
        assert time.monotonic() - start < 5


def test_no_service_on_the_bus(own_session: KeyringSession, vault: Vault) -> None:
    status = vault.status()
    assert status.state is KeychainState.MISSING
    assert "Secret Service" in status.message
    assert refused(vault) == {ErrorCode.KEYCHAIN_MISSING}


def test_no_default_collection(own_session: KeyringSession, vault: Vault) -> None:
    own_session.start_daemon(password=None)
    assert vault.status().state is KeychainState.NO_COLLECTION
    assert refused(vault) == {ErrorCode.KEYCHAIN_LOCKED}
    with pytest.raises(KeychainError) as caught:
        vault.unlock()
    assert caught.value.code is ErrorCode.KEYCHAIN_DISMISSED
    assert vault.status().state is KeychainState.NO_COLLECTION


def test_a_daemon_that_is_killed_and_comes_back(own_session: KeyringSession, vault: Vault) -> None:
    own_session.start_daemon()
    vault.put(SERVICE, USER, token())
    own_session.kill_daemon()
    assert vault.status().state is KeychainState.MISSING
    assert refused(vault) == {ErrorCode.KEYCHAIN_MISSING}
    own_session.start_daemon()
    assert vault.get(SERVICE, USER) == token()


def test_a_bus_that_is_restarted_is_found_again(own_session: KeyringSession, vault: Vault) -> None:
    own_session.start_daemon()
    vault.put(SERVICE, USER, token())
    own_session.stop_daemon()
    own_session.stop_bus()
    assert vault.status().state is KeychainState.MISSING
    own_session.start_bus()
    own_session.start_daemon()
    assert vault.status().state is KeychainState.READY
    assert vault.get(SERVICE, USER) == token()
    own_session.stop_daemon()
    own_session.stop_bus()
    own_session.start_bus()
    own_session.start_daemon()
    assert vault.status().state is KeychainState.READY


def test_a_service_that_the_bus_starts_again_comes_back_locked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with KeyringSession(activation=True) as session, closing(Vault()) as vault:
        for name, value in session.environment.items():
            monkeypatch.setenv(name, value)
        session.start_daemon()
        vault.put(SERVICE, USER, token())
        session.kill_daemon()
        assert vault.status().state is KeychainState.LOCKED
        assert session.owner_pid() != 0
        assert refused(vault) == {ErrorCode.KEYCHAIN_LOCKED}


def test_a_daemon_that_dies_during_a_call_is_an_error_of_ours(
    own_session: KeyringSession, vault: Vault
) -> None:
    own_session.start_daemon()
    vault.put(SERVICE, USER, token())
    ready = vault.status()
    hasty = Vault(probe=lambda: ready)
    with closing(hasty):
        hasty.get(SERVICE, USER)
        own_session.daemon.send_signal(signal.SIGSTOP)
        killer = threading.Timer(0.3, own_session.daemon.kill)
        killer.start()
        with pytest.raises(KeychainError) as caught:
            hasty.get(SERVICE, USER)
        killer.join()
    assert caught.value.code is ErrorCode.KEYCHAIN_MISSING


def test_a_daemon_that_hangs_is_given_up_by_the_question_for_its_state(
    own_session: KeyringSession, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_session.start_daemon()
    assert vault.status().state is KeychainState.READY
    monkeypatch.setattr(secret_service, "PROBE_S", 0.2)
    own_session.daemon.send_signal(signal.SIGSTOP)
    status = vault.status()
    own_session.daemon.send_signal(signal.SIGCONT)
    assert status.state is KeychainState.FAILED
    assert "in time" in status.message
    assert vault.status().state is KeychainState.READY


@pytest.mark.parametrize("collection", [True, False])
def test_a_prompt_that_is_accepted_unlocks_or_creates(
    own_session: KeyringSession, vault: Vault, collection: bool
) -> None:
    with PromptingService(own_session.address, answer="accept", collection=collection):
        before = KeychainState.LOCKED if collection else KeychainState.NO_COLLECTION
        assert vault.status().state is before
        status = vault.unlock()
        assert (status.state, status.backend) == (KeychainState.READY, "Secret Service")


@pytest.mark.parametrize("collection", [True, False])
def test_a_prompt_that_is_dismissed_is_not_a_failure(
    own_session: KeyringSession, vault: Vault, collection: bool
) -> None:
    with (
        PromptingService(own_session.address, answer="dismiss", collection=collection),
        pytest.raises(KeychainError) as caught,
    ):
        vault.unlock()
    assert caught.value.code is ErrorCode.KEYCHAIN_DISMISSED


def test_a_service_that_ends_with_its_prompt_open_ends_the_waiting(
    own_session: KeyringSession, vault: Vault
) -> None:
    with (
        PromptingService(own_session.address, answer="leave") as service,
        pytest.raises(KeychainError) as caught,
    ):
        vault.unlock()
    assert service.prompted.is_set()
    assert caught.value.code is ErrorCode.KEYCHAIN_MISSING


def given_up_once(prompted: threading.Event) -> threading.Event:
    """Return what is set by somebody who stops waiting as soon as there is a prompt."""
    given_up = threading.Event()

    def wait() -> None:
        prompted.wait(20)
        # The question stays as long as nobody takes it back.
        assert not given_up.wait(3 * secret_service_bus.LOOK_S)
        given_up.set()

    threading.Thread(target=wait, daemon=True).start()
    return given_up


def test_the_real_keyrings_open_question_holds_up_nothing_once_nobody_waits_for_it(
    own_session: KeyringSession, vault: Vault
) -> None:
    own_session.start_daemon()
    vault.put(SERVICE, USER, token())
    lock()
    with SilentPrompter(own_session.address) as prompter:
        start = time.monotonic()
        with pytest.raises(KeychainError) as caught:
            vault.unlock(given_up_once(prompter.asked))
        assert caught.value.code is ErrorCode.KEYCHAIN_DISMISSED
        # It aborts when it is asked to take its question back.
        assert own_session.daemon.poll() is None
        assert not prompter.stopped.is_set()
        assert refused(vault) == {ErrorCode.KEYCHAIN_LOCKED}
        assert time.monotonic() - start < 10
        assert "still open" in vault.status().remedy
        # Whoever wants it unlocked again waits for that same question.
        answer = threading.Timer(0.5, prompter.refuse)
        answer.start()
        with pytest.raises(KeychainError) as caught:
            vault.unlock()
        answer.join()
        assert caught.value.detail == "PromptDismissedException"
        assert prompter.begun == 1
        assert "still open" not in vault.status().remedy


def test_a_question_that_was_answered_when_nobody_waited_is_asked_anew(
    own_session: KeyringSession, vault: Vault
) -> None:
    own_session.start_daemon()
    vault.put(SERVICE, USER, token())
    lock()
    with SilentPrompter(own_session.address) as prompter:
        with pytest.raises(KeychainError):
            vault.unlock(given_up_once(prompter.asked))
        prompter.refuse()
        assert prompter.stopped.wait(20)
        deadline = time.monotonic() + 20
        while "still open" in vault.status().remedy:
            assert time.monotonic() < deadline
        with pytest.raises(KeychainError):
            vault.unlock(given_up_once(prompter.asked))
        assert prompter.begun == 2


@pytest.mark.parametrize("collection", [True, False])
def test_a_service_closes_its_prompt_once_nobody_waits_for_it(
    own_session: KeyringSession, vault: Vault, collection: bool
) -> None:
    with PromptingService(own_session.address, answer="wait", collection=collection) as service:
        with pytest.raises(KeychainError) as caught:
            vault.unlock(given_up_once(service.prompted))
        assert caught.value.code is ErrorCode.KEYCHAIN_DISMISSED
        assert service.dismissed.is_set()


def test_a_prompt_that_was_given_up_before_is_never_shown(
    own_session: KeyringSession, vault: Vault
) -> None:
    given_up = threading.Event()
    given_up.set()
    with PromptingService(own_session.address, answer="accept") as service:
        with pytest.raises(KeychainError) as caught:
            vault.unlock(given_up)
        assert caught.value.code is ErrorCode.KEYCHAIN_DISMISSED
        assert not service.prompted.is_set()
        assert vault.status().state is KeychainState.LOCKED


def test_a_prompt_that_cannot_be_closed_is_left_and_said(
    own_session: KeyringSession, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secret_service_bus, "DISMISS_S", 0.3)
    with PromptingService(own_session.address, answer="ignore") as service:
        with pytest.raises(KeychainError) as caught:
            vault.unlock(given_up_once(service.prompted))
        assert caught.value.code is ErrorCode.KEYCHAIN_DISMISSED
        status = vault.status()
        assert status.state is KeychainState.LOCKED
        assert "still open" in status.remedy


def test_a_service_that_shows_no_prompt_at_all_is_given_up_as_well(
    own_session: KeyringSession, vault: Vault
) -> None:
    with PromptingService(own_session.address, answer="deaf") as service:
        with pytest.raises(KeychainError) as caught:
            vault.unlock(given_up_once(service.prompted))
        assert caught.value.code is ErrorCode.KEYCHAIN_DISMISSED
        status = vault.status()
        assert status.state is KeychainState.LOCKED
        assert "still open" not in status.remedy


HIJACK = """
import sys
from adwarden.domain.model import Credential
from adwarden.domain.secret import Secret
from adwarden.storage.vault import Vault
vault = Vault()
backend = vault._opened()
vault.put("Adwarden · app · 12345678", "@x", Credential("k", {"token": Secret("mark" + "er")}))
print(vault.get("Adwarden · app · 12345678", "@x").secrets["token"].unwrap())
print([c.__module__ for c in type(backend).__mro__][:2], backend.appid, backend.scheme)
print("keyrings.alt" in sys.modules, "hijack" in sys.modules)
vault.delete("Adwarden · app · 12345678", "@x")
vault.close()
"""


@pytest.mark.parametrize(
    "variables",
    [
        {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"},
        {"PYTHON_KEYRING_BACKEND": "keyrings.alt.file.PlaintextKeyring"},
        {"PYTHON_KEYRING_BACKEND": "hijack.Keyring"},
        {
            "KEYRING_PROPERTY_APPID": "somebody else",
            "KEYRING_PROPERTY_SCHEME": "KeePassXC",
            "KEYRING_PROPERTY_PREFERRED_COLLECTION": "/org/freedesktop/secrets/collection/session",
        },
    ],
)
def test_nothing_around_the_program_leads_to_another_place(
    own_session: KeyringSession, tmp_path: Path, variables: dict[str, str]
) -> None:
    own_session.start_daemon()
    config = Path(own_session.environment["XDG_CONFIG_HOME"]) / "python_keyring"
    config.mkdir(parents=True)
    trap = tmp_path / "trap"
    trap.mkdir()
    (trap / "hijack.py").write_text(
        "from keyring.backends.null import Keyring as Base\nclass Keyring(Base): pass\n"
    )
    (config / "keyringrc.cfg").write_text(
        f"[backend]\ndefault-keyring=hijack.Keyring\nkeyring-path={trap}\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}\n{HIJACK}"],
        env={**os.environ, **own_session.environment, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "marker",
        "['adwarden.storage.keychain_linux', 'keyring.backends.SecretService'] "
        "Python keyring library default",
        "False False",
    ]
    home = Path(own_session.environment["HOME"])
    texts = [path.read_bytes() for path in home.rglob("*") if path.is_file()]
    assert not any(b"marker" in text or b"bWFya2Vy" in text for text in texts)


def test_the_helper_runs_a_command_and_ends_with_its_code() -> None:
    probe = (
        "import os, sys; from adwarden.storage.vault import Vault; v = Vault();"
        "print(v.status().state.value, os.environ['HOME']); v.close(); sys.exit(7)"
    )
    helper = Path(__file__).parents[1] / "with_keyring.py"
    command = [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}; {probe}"]
    done = subprocess.run(
        [sys.executable, helper, *command], capture_output=True, text=True, check=False
    )
    assert done.returncode == 7, done.stderr
    state, home = done.stdout.split()
    assert state == "ready"
    assert not Path(home).parent.exists()


def test_entries_are_found_without_the_manifest_and_what_was_removed_is_not(
    real_keyring: KeyringSession, vault: Vault
) -> None:
    names = [
        EntryName(entry_service("Agency app", f"f0f0f0f{number}"), f"@found{number}")
        for number in range(3)
    ]
    for name in names:
        vault.put(*name, token())
    plain = others()
    plain.set_password("Another program · x", "me", "secret")
    for name in [EntryName(f"Adwarden · index · {number}", "index") for number in (1, 2, 3)]:
        if plain.get_password(*name) is not None:
            plain.delete_password(*name)
    with closing(Vault()) as again:
        assert set(names) <= set(again.known())
        again.relist(())
        plain.delete_password(*names[0])
        known = again.known()
        assert names[0] not in known
        assert {name.service.partition(" · ")[0] for name in known} == {"Adwarden"}
        for name in names:
            again.delete(*name)
    plain.delete_password("Another program · x", "me")
