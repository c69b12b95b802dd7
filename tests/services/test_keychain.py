from __future__ import annotations

import asyncio
import gc
import threading
import time
import weakref
from collections.abc import Iterator

import pytest

from adwarden.domain.errors import ErrorCode, KeychainError
from adwarden.services.keychain import Keychain
from adwarden.storage.vault import KeychainState, KeychainStatus, SystemKeychain, Vault
from tests.fakes.keychain import (
    LOCKED,
    READY,
    MemoryBackend,
    keyring_daemon,
    real_keyring,
    token,
)

__all__ = ["keyring_daemon", "real_keyring"]


@pytest.fixture
def backend() -> Iterator[MemoryBackend]:
    backend = MemoryBackend()
    yield backend
    backend.gate.set()


@pytest.fixture
def keychain(loop: object, backend: MemoryBackend) -> Iterator[Keychain]:
    # Depends on the loop so that the thread has delivered its last result before that closes.
    keychain = Keychain(lambda: Vault(lambda: backend, lambda: READY), patience=0.1)
    yield keychain
    backend.gate.set()
    keychain.close()
    for thread in threading.enumerate():
        if thread.name.startswith("adwarden-keychain"):
            thread.join(5)


async def reached(event: threading.Event) -> None:
    assert await asyncio.get_running_loop().run_in_executor(None, event.wait, 5)


async def test_all_calls_reach_the_vault(keychain: Keychain) -> None:
    assert await keychain.status() is READY
    assert await keychain.unlock() is READY
    await keychain.put("s", "u", token())
    assert await keychain.get("s", "u") == token()
    assert await keychain.known() == (("s", "u"),)
    assert (await keychain.selftest()).passed
    await keychain.delete("s", "u")
    with pytest.raises(KeychainError) as caught:
        await keychain.get("s", "u")
    assert caught.value.code is ErrorCode.ENTRY_MISSING


async def test_a_hundred_calls_take_turns_on_one_thread(
    keychain: Keychain, backend: MemoryBackend
) -> None:
    names = [f"s{number}" for number in range(100)]
    await asyncio.gather(*(keychain.put(name, "u", token()) for name in names))
    written = [called for method, called in backend.calls if method == "set" and called[0] == "s"]
    assert written == names
    assert len(backend.threads) == 1
    assert threading.get_ident() not in backend.threads


async def test_a_long_queue_that_moves_on_is_no_reason_to_give_up(
    backend: MemoryBackend,
) -> None:
    keychain = Keychain(lambda: Vault(lambda: backend, lambda: READY), patience=0.02)
    start = time.monotonic()
    await asyncio.gather(*(keychain.put(f"s{n}", "u", token()) for n in range(300)))
    keychain.close()
    assert time.monotonic() - start > 0.02


async def test_cancelling_leaves_a_hanging_call_at_once_and_drops_its_result(
    keychain: Keychain, backend: MemoryBackend
) -> None:
    backend.gate.clear()
    stored: list[str] = []

    async def store() -> None:
        await keychain.put("s", "u", token())
        stored.append("stored")

    task = asyncio.create_task(store())
    await reached(backend.entered)
    start = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - start < 0.5
    backend.gate.set()
    # It went on all the same, and asking is how to find out.
    assert await keychain.get("s", "u") == token()
    assert stored == []


async def test_while_a_call_hangs_others_are_told_and_never_done(
    keychain: Keychain, backend: MemoryBackend
) -> None:
    backend.gate.clear()
    hanging = asyncio.create_task(keychain.get("s", "u"))
    await reached(backend.entered)
    for _ in range(2):
        with pytest.raises(KeychainError) as caught:
            await keychain.put("late", "u", token())
        assert caught.value.code is ErrorCode.KEYCHAIN_TIMEOUT
        assert "has not answered an earlier request yet" in caught.value.message
        assert "If there is none" in caught.value.remedy
    assert not hanging.done()
    backend.gate.set()
    with pytest.raises(KeychainError):
        await hanging
    assert await keychain.known() == ()
    assert backend.done("late") == []


async def test_a_call_in_the_queue_is_taken_back_by_cancelling_it(
    keychain: Keychain, backend: MemoryBackend
) -> None:
    backend.gate.clear()
    hanging = asyncio.create_task(keychain.status())
    hanging_get = asyncio.create_task(keychain.get("s", "u"))
    await reached(backend.entered)
    assert await hanging is READY
    queued = asyncio.create_task(keychain.put("queued", "u", token()))
    await asyncio.sleep(0)
    queued.cancel()
    with pytest.raises(asyncio.CancelledError):
        await queued
    backend.gate.set()
    with pytest.raises(KeychainError):
        await hanging_get
    await keychain.status()
    assert backend.done("queued") == []


async def test_what_is_withdrawn_keeps_no_secret_in_the_queue(
    keychain: Keychain, backend: MemoryBackend
) -> None:
    class Marked(dict[str, object]):
        pass

    backend.gate.clear()
    hanging = asyncio.create_task(keychain.get("s", "u"))
    await reached(backend.entered)
    marked = Marked()
    gone = weakref.ref(marked)
    credential = token()
    object.__setattr__(credential, "secrets", marked)
    queued = asyncio.create_task(keychain.put("queued", "u", credential))
    with pytest.raises(KeychainError):
        await queued
    del marked, credential, queued
    # The step that follows an awaited task still holds that task.
    await asyncio.sleep(0)
    gc.collect()
    assert gone() is None
    backend.gate.set()
    with pytest.raises(KeychainError):
        await hanging


async def test_a_prompt_lasts_as_long_as_a_person_needs(backend: MemoryBackend) -> None:
    answered = threading.Event()
    prompted = threading.Event()
    states = [LOCKED, READY]

    def unlock(_: threading.Event) -> None:
        prompted.set()
        answered.wait()

    system = SystemKeychain(lambda: backend, lambda: states.pop(0), unlock=unlock)
    keychain = Keychain(lambda: Vault(system=system), patience=0.05)
    task = asyncio.create_task(keychain.unlock())
    await reached(prompted)
    with pytest.raises(KeychainError):
        await keychain.get("s", "u")
    assert not task.done()
    answered.set()
    assert await task is READY
    keychain.close()


async def test_who_stops_waiting_for_a_prompt_has_it_closed_and_others_go_on(
    backend: MemoryBackend,
) -> None:
    prompted = threading.Event()

    def unlock(given_up: threading.Event) -> None:
        prompted.set()
        given_up.wait()
        raise PromptDismissedException

    states = [LOCKED, READY]
    system = SystemKeychain(lambda: backend, lambda: states[0], unlock=unlock)
    keychain = Keychain(lambda: Vault(system=system), patience=5)
    task = asyncio.create_task(keychain.unlock())
    await reached(prompted)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await keychain.status() is LOCKED
    states.pop(0)
    assert await keychain.unlock() is READY
    keychain.close()


class PromptDismissedException(Exception):  # noqa: N818 - the library's own name
    """What the Secret Service's library raises."""


async def test_closing_never_waits_and_nothing_follows(
    keychain: Keychain, backend: MemoryBackend
) -> None:
    backend.gate.clear()
    hanging = asyncio.create_task(keychain.get("s", "u"))
    await reached(backend.entered)
    start = time.monotonic()
    keychain.close()
    assert time.monotonic() - start < 0.2
    with pytest.raises(KeychainError) as caught:
        await keychain.status()
    assert caught.value.code is ErrorCode.CANCELLED
    hanging.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hanging


async def test_an_error_keeps_no_frame_with_the_text_of_an_entry(
    keychain: Keychain, backend: MemoryBackend
) -> None:
    backend.failures["set"] = OSError("no")
    with pytest.raises(KeychainError) as caught:
        await keychain.put("s", "u", token("needle"))
    names = []
    traceback = caught.value.__traceback__
    while traceback is not None:
        names.append(traceback.tb_frame.f_code.co_filename)
        traceback = traceback.tb_next
    assert not any("vault" in name for name in names)


def test_it_works_on_a_plain_loop_too(backend: MemoryBackend) -> None:
    async def journey() -> None:
        keychain = Keychain(lambda: Vault(lambda: backend, lambda: READY))
        await keychain.put("s", "u", token())
        assert await keychain.get("s", "u") == token()
        keychain.close()

    asyncio.run(journey())


def test_a_result_after_the_loop_is_gone_harms_nobody(backend: MemoryBackend) -> None:
    keychain = Keychain(lambda: Vault(lambda: backend, lambda: READY))
    backend.gate.clear()

    async def leave() -> None:
        task = asyncio.create_task(keychain.get("s", "u"))
        await reached(backend.entered)
        task.cancel()

    asyncio.run(leave())
    backend.gate.set()
    keychain.close()
    assert backend.entered.is_set()


@pytest.mark.keychain
@pytest.mark.usefixtures("real_keyring")
async def test_many_calls_at_once_do_the_real_keychain_no_harm() -> None:
    keychain = Keychain(Vault)
    names = [f"Adwarden · load · {number:08x}" for number in range(25)]
    await asyncio.gather(*(keychain.put(name, "@load", token(name)) for name in names))
    found = await asyncio.gather(*(keychain.get(name, "@load") for name in names * 4))
    assert found == [token(name) for name in names * 4]
    assert {name for name, _ in await keychain.known()} >= set(names)
    await asyncio.gather(*(keychain.delete(name, "@load") for name in names))
    assert (await keychain.status()).state is KeychainState.READY
    keychain.close()


async def test_a_failure_of_the_keychain_itself_tells_its_state() -> None:
    told: list[KeychainStatus] = []
    keychain = Keychain(lambda: Vault(MemoryBackend, lambda: LOCKED), changed=told.append)
    with pytest.raises(KeychainError) as caught:
        await keychain.get("Adwarden · Agency app · abcd1234", "@northwind")
    assert caught.value.code is ErrorCode.KEYCHAIN_LOCKED
    assert told == [LOCKED]
    assert keychain.name == "Test keychain"
    keychain.close()


async def test_a_missing_entry_is_no_news_of_the_keychain() -> None:
    told: list[KeychainStatus] = []
    keychain = Keychain(lambda: Vault(MemoryBackend, lambda: READY), changed=told.append)
    with pytest.raises(KeychainError) as caught:
        await keychain.get("Adwarden · Agency app · abcd1234", "@northwind")
    assert caught.value.code is ErrorCode.ENTRY_MISSING
    assert told == []
    keychain.close()


async def test_a_keychain_that_works_again_is_looked_at_once(backend: MemoryBackend) -> None:
    told: list[KeychainStatus] = []
    keychain = Keychain(lambda: Vault(lambda: backend, lambda: READY), changed=told.append)
    await keychain.put("s", "u", token())
    assert told == []
    backend.failures["get"] = OSError("the daemon went away")
    with pytest.raises(KeychainError):
        await keychain.get("s", "u")
    assert len(told) == 1
    backend.failures.clear()
    for _ in range(2):
        await keychain.get("s", "u")
        assert len(told) == 2
    keychain.close()
