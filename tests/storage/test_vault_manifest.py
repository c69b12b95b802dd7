from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from adwarden.domain.errors import KeychainError
from adwarden.storage.keychain_backends import SystemKeychain
from adwarden.storage.keychain_codec import text_length
from adwarden.storage.keychain_manifest import page_name, read_page, write_page
from adwarden.storage.vault import EntryName, Vault, entry_service
from tests.fakes.keychain import READY, MemoryBackend, token

PAGE_1 = page_name("Adwarden", 1)


@pytest.fixture
def backend() -> MemoryBackend:
    return MemoryBackend()


@pytest.fixture
def vault(backend: MemoryBackend) -> Vault:
    return Vault(lambda: backend, lambda: READY)


def service(number: int) -> str:
    return entry_service("Agency app", f"{number:08x}")


def test_a_new_vault_finds_what_an_old_one_put(vault: Vault, backend: MemoryBackend) -> None:
    vault.put(service(1), "@a", token())
    vault.put(service(2), "@b", token())
    vault.put("plain", "c", token())
    vault.delete(service(1), "@a")
    again = Vault(lambda: backend, lambda: READY)
    assert again.known() == (EntryName(service(2), "@b"), EntryName("plain", "c"))


def test_a_page_says_by_itself_what_it_is(vault: Vault, backend: MemoryBackend) -> None:
    vault.put(service(1), "@a", token())
    assert PAGE_1 == ("Adwarden · index · 1", "index")
    assert json.loads(backend.entries[PAGE_1]) == {
        "v": 1,
        "kind": "manifest",
        "entries": {"Adwarden · Agency app": [["00000001", "@a"]]},
    }


def test_the_name_is_listed_before_the_entry_is_written_and_taken_off_after(
    vault: Vault, backend: MemoryBackend
) -> None:
    vault.put(service(1), "@a", token())
    written = [called for method, called in backend.calls if method == "set"]
    assert written == [PAGE_1.service, service(1)]
    backend.calls.clear()
    vault.delete(service(1), "@a")
    deleted = [called for method, called in backend.calls if method == "delete"]
    assert deleted[0] == service(1)
    assert deleted[-1] == PAGE_1.service


def test_an_entry_is_not_written_when_it_cannot_be_listed(
    vault: Vault, backend: MemoryBackend
) -> None:
    backend.failures["set"] = OSError()
    with pytest.raises(KeychainError):
        vault.put(service(1), "@a", token())
    assert service(1) not in [called for _, called in backend.calls]


def test_what_is_listed_already_costs_no_second_writing(
    vault: Vault, backend: MemoryBackend
) -> None:
    vault.put(service(1), "@a", token())
    backend.calls.clear()
    vault.put(service(1), "@a", token("new"))
    assert backend.done(PAGE_1.service) == []


def test_many_entries_fill_pages_that_all_fit(vault: Vault, backend: MemoryBackend) -> None:
    names = [EntryName(service(number), f"@handle_number_{number}") for number in range(200)]
    for name in names:
        vault.put(*name, token())
    pages = {name: text for name, text in backend.entries.items() if name[1] == "index"}
    assert 1 < len(pages) < 12
    assert all(text_length(text) <= 1000 for text in pages.values())
    assert sorted(vault.known()) == sorted(names)
    for name in names:
        vault.delete(*name)
    assert vault.known() == ()
    assert all('"entries":{}' in text for text in backend.entries.values())


def test_a_second_program_on_the_same_keychain_loses_nothing(backend: MemoryBackend) -> None:
    one = Vault(lambda: backend, lambda: READY)
    two = Vault(lambda: backend, lambda: READY)
    one.put(service(1), "@a", token())
    two.put(service(2), "@b", token())
    one.put(service(3), "@c", token())
    two.delete(service(2), "@b")
    expected = (EntryName(service(1), "@a"), EntryName(service(3), "@c"))
    assert one.known() == two.known() == expected


def test_a_page_that_was_removed_or_changed_hides_no_other_and_is_left_alone(
    vault: Vault, backend: MemoryBackend
) -> None:
    names = [EntryName(service(number), f"@handle_number_{number}") for number in range(120)]
    for name in names:
        vault.put(*name, token())
    del backend.entries[page_name("Adwarden", 2)]
    backend.entries[PAGE_1] = "not ours any more"
    again = Vault(lambda: backend, lambda: READY)
    rest = again.known()
    assert set(rest) < set(names)
    assert len(rest) > 20
    again.put(*names[0], token())
    assert names[0] in again.known()
    assert backend.entries[PAGE_1] == "not ours any more"


def test_the_practice_world_has_a_list_of_its_own(backend: MemoryBackend) -> None:
    practice = Vault(lambda: backend, lambda: READY, namespace="Adwarden practice")
    practice.put(entry_service("App", "1234abcd", "Adwarden practice"), "@p", token())
    assert Vault(lambda: backend, lambda: READY).known() == ()
    assert len(practice.known()) == 1


def test_lines_that_make_no_sense_are_skipped() -> None:
    good = EntryName(service(1), "@a")
    entries = {
        "Adwarden · Agency app": [["00000001", "@a"], ["x"], 5, ["\n", "u"], [1, 2], ["", "u"]],
        "other": "text",
    }
    page = json.dumps({"v": 1, "kind": "manifest", "entries": entries})
    assert read_page(page) == (good,)
    assert read_page('{"v":1,"kind":"manifest","entries":[]}') is None
    assert read_page('{"v":1,"kind":"x-app","entries":{}}') is None


def test_names_of_any_shape_survive_a_page() -> None:
    names = (
        EntryName("Adwarden · A · B · id", "@a"),
        EntryName("without any dot", "u"),
        EntryName("Adwarden · Ünïcode 🔑 · id", "@ü"),
    )
    assert read_page(write_page(names)) == names


def listed(backend: MemoryBackend) -> set[EntryName]:
    pages = [text for name, text in backend.entries.items() if name[1] == "index"]
    return {name for page in pages for name in read_page(page) or ()}


def test_a_list_that_was_removed_is_written_anew_from_what_rows_name(
    vault: Vault, backend: MemoryBackend
) -> None:
    names = [EntryName(service(number), f"@handle_number_{number}") for number in range(40)]
    for name in names:
        vault.put(*name, token())
    for page in [one for one in backend.entries if one[1] == "index"]:
        del backend.entries[page]
    vault.relist((*names, EntryName("", "no name"), EntryName("a\nb", "u")))
    assert listed(backend) == set(names)
    backend.calls.clear()
    vault.relist(names)
    assert not [called for method, called in backend.calls if method == "set"]
    written = [text for name, text in backend.entries.items() if name[1] == "index"]
    assert all(text_length(text) <= 1000 for text in written)


def test_the_first_entry_that_is_put_brings_back_what_the_list_has_lost(
    vault: Vault, backend: MemoryBackend
) -> None:
    one, two = EntryName(service(1), "@a"), EntryName(service(2), "@b")
    vault.put(*one, token())
    del backend.entries[PAGE_1]
    again = Vault(lambda: backend, lambda: READY)
    again.put(*two, token(), None, (one, EntryName("", "")))
    assert listed(backend) == {one, two}


def test_a_line_that_another_process_wrote_is_taken_off(
    vault: Vault, backend: MemoryBackend
) -> None:
    vault.put(service(1), "@a", token())
    Vault(lambda: backend, lambda: READY).put(service(2), "@b", token())
    vault.delete(service(2), "@b")
    assert listed(backend) == {EntryName(service(1), "@a")}


class Killed(BaseException):
    """The end of the process, in the middle of whatever it did."""


class DeletingBackend(MemoryBackend):
    """Replaces entries as Windows and macOS do, and is killed at the call of a given number."""

    def __init__(self) -> None:
        super().__init__()
        self.left: int | None = None

    def set_password(self, service: str, username: str, password: str) -> None:
        self._count()
        self.entries.pop((service, username), None)
        self._count()
        super().set_password(service, username, password)

    def delete_password(self, service: str, username: str) -> None:
        self._count()
        super().delete_password(service, username)

    def _count(self) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise Killed


@pytest.mark.parametrize("deletes_first", [True, False])
def test_a_kill_at_any_call_of_a_system_that_deletes_before_it_writes_loses_no_name(
    deletes_first: bool,
) -> None:
    names = [EntryName(service(number), f"@handle_number_{number}") for number in range(40)]

    def begin(backend: MemoryBackend) -> Vault:
        system = SystemKeychain(
            lambda: backend, lambda: READY, delete_first=deletes_first, torn=True
        )
        return Vault(system=system)

    kept = DeletingBackend()
    vault = begin(kept)
    for name in names:
        vault.put(*name, token())
    before = dict(kept.entries)
    assert set(begin(kept).known()) == set(names)
    steps: dict[str, Callable[[Vault], None]] = {
        "put": lambda one: one.put(service(99), "@new", token()),
        "delete": lambda one: one.delete(*names[3]),
    }
    for change in steps.values():
        for number in range(60):
            backend = DeletingBackend()
            backend.entries = dict(before)
            backend.left = number
            try:
                change(begin(backend))
                whole = True
            except Killed:
                whole = False
            backend.left = None
            found = begin(backend).known()
            there = {n for n in backend.entries if n[1].startswith("@")}
            assert there <= set(found), number
            assert len(found) == len(set(found))
            if whole:
                pages = [n for n in backend.entries if n[1] == "index"]
                assert len(pages) == len([n for n in before if n[1] == "index"])
                break
        else:
            raise AssertionError("it never came to its end")
