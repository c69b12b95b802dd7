"""The KeePass file as a place of the vault: its states, its rights, and what others write to it."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import traceback
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from keyring.errors import PasswordDeleteError
from pykeepass import PyKeePass

from adwarden.domain.errors import ErrorCode, KeychainError
from adwarden.domain.secret import Secret
from adwarden.storage import keepass_content, keepass_file, paths
from adwarden.storage.keepass_content import Content
from adwarden.storage.keepass_header import STRONG, Kdf, read_header
from adwarden.storage.keepass_lock import LockTimeoutError, only_writer
from adwarden.storage.keepass_place import KeepassPlace
from adwarden.storage.keychain_status import KeychainState
from adwarden.storage.vault import Vault
from tests.storage.folders import read_only, small_disk
from tests.storage.keepass_parts import (
    PASSWORD,
    QUICK,
    content_of,
    entry_titled,
    name_of,
    new_place,
    place_of,
    second,
    strings,
    text_of,
    token,
    write_content,
)

TITLE = "@northwind · Agency app"


def refused(call: Callable[[], object], code: ErrorCode) -> KeychainError:
    """Return the error of a call, which must bring no frames and no other exception along."""
    with pytest.raises(KeychainError) as caught:
        call()
    assert caught.value.code is code
    assert caught.value.__context__ is None
    frames = {frame.name for frame in traceback.extract_tb(caught.value.__traceback__)}
    assert not frames & {"load", "replace", "derive", "decode", "encode", "_commit", "_decode"}
    assert caught.value.title
    assert caught.value.remedy
    assert PASSWORD.unwrap() not in str(caught.value)
    return caught.value


def test_the_vault_works_with_it_unchanged(tmp_path: Path) -> None:
    place = new_place(tmp_path)
    vault = Vault(system=place.system)
    vault.put(*name_of(1), token())
    vault.put(*name_of(2), token("2-b"))
    assert vault.get(*name_of(1)) == token()
    assert set(vault.known()) == {name_of(1), name_of(2)}
    vault.delete(*name_of(1))
    vault.delete(*name_of(1))
    assert vault.known() == (name_of(2),)
    with pytest.raises(KeychainError) as caught:
        vault.get(*name_of(1))
    assert caught.value.code is ErrorCode.ENTRY_MISSING
    assert "team.kdbx" in caught.value.message
    again = Vault(system=second(place).system)
    assert again.get(*name_of(2)) == token("2-b")


def test_a_self_test_leaves_nothing_in_the_file(tmp_path: Path) -> None:
    place = new_place(tmp_path)
    vault = Vault(system=place.system)
    before = content_of(place.path).canonical()
    assert vault.selftest().passed
    assert content_of(place.path).canonical() == before
    vault.put(*name_of(1), token())
    titles = [
        strings(entry)["Title"] for entry in content_of(place.path).tree.getroot().iter("Entry")
    ]
    assert titles == [TITLE]  # no manifest either


def test_a_practice_vault_sees_its_own_entries_only(tmp_path: Path) -> None:
    place = new_place(tmp_path)
    practice = Vault(system=place.system, namespace="Adwarden practice")
    practice.put("Adwarden practice · App · 1234abcd", "App", token())
    Vault(system=place.system)._thread = None
    assert Vault(system=place.system).known() == ()
    assert [name.username for name in practice.known()] == ["App"]


def test_the_states_of_a_file(tmp_path: Path) -> None:
    place = place_of(tmp_path)
    assert place.status().state is KeychainState.MISSING
    place.create(PASSWORD)
    assert place.status().state is KeychainState.READY
    assert place.status().backend == "KeePass file team.kdbx"
    place.lock()
    assert place.status().state is KeychainState.LOCKED
    vault = Vault(system=place.system)
    locked = refused(lambda: vault.get(*name_of(1)), ErrorCode.KEYCHAIN_LOCKED)
    assert "KeePass" in locked.title
    refused(vault.unlock, ErrorCode.KEYCHAIN_LOCKED)
    place.open(PASSWORD)
    whole = place.path.read_bytes()
    place.path.write_bytes(whole[:-40])
    assert place.status().state is KeychainState.FAILED
    refused(lambda: vault.get(*name_of(1)), ErrorCode.FILE_DAMAGED)
    refused(lambda: place.put_texts({name_of(1): text_of()}), ErrorCode.FILE_DAMAGED)
    assert place.path.read_bytes() == whole[:-40]
    place.path.write_bytes(whole)
    assert place.status().state is KeychainState.READY
    place.path.unlink()
    assert place.status().state is KeychainState.MISSING
    refused(lambda: place.put_texts({name_of(1): text_of()}), ErrorCode.KEYCHAIN_MISSING)
    assert not place.path.exists()
    place.path.mkdir()
    assert "folder" in place.status().message


def test_a_locked_file_that_is_none_is_told_before_a_password_is_asked(tmp_path: Path) -> None:
    place = place_of(tmp_path)
    place.path.write_text("holiday pictures")
    assert place.status().state is KeychainState.FAILED
    assert place.status().code is ErrorCode.FILE_DAMAGED
    place.path.write_bytes(b"")
    assert place.status().code is ErrorCode.FILE_DAMAGED


def test_a_wrong_password_and_a_damaged_file_are_told_apart(tmp_path: Path) -> None:
    place = new_place(tmp_path)
    place.lock()
    for wrong in (Secret("correct horse"), Secret("")):
        refused(lambda wrong=wrong: place.open(wrong), ErrorCode.WRONG_PASSWORD)  # type: ignore[misc]
    assert not place.is_open
    place.path.write_bytes(place.path.read_bytes()[:-10])
    refused(lambda: place.open(PASSWORD), ErrorCode.FILE_DAMAGED)
    assert not place.is_open


def test_a_wrong_password_for_an_open_file_is_refused_and_leaves_it_open(tmp_path: Path) -> None:
    place = new_place(tmp_path)
    refused(lambda: place.open(Secret("wrong")), ErrorCode.WRONG_PASSWORD)
    assert place.status().state is KeychainState.READY


def test_a_new_file_takes_no_other_files_place_and_no_empty_password(tmp_path: Path) -> None:
    place = place_of(tmp_path)
    refused(lambda: place.create(Secret("")), ErrorCode.WRONG_PASSWORD)
    place.path.write_text("mine")
    refused(lambda: place.create(PASSWORD), ErrorCode.KEYCHAIN_FAILED)
    assert place.path.read_text() == "mine"
    nowhere = KeepassPlace(tmp_path / "nowhere" / "x.kdbx", kdf=QUICK, locks=tmp_path)
    refused(lambda: nowhere.create(PASSWORD), ErrorCode.KEYCHAIN_MISSING)


def test_new_files_are_as_costly_to_guess_as_can_be(tmp_path: Path) -> None:
    place = new_place(tmp_path, kdf=STRONG)
    kdf = read_header(place.path.read_bytes(), "").kdf
    assert (kdf.name, kdf.memory, len(kdf.salt)) == ("argon2id", 64 << 20, 32)
    assert kdf.passes * kdf.memory >= 14 * (64 << 20)


@pytest.mark.parametrize("kdf", [Kdf("aes", 5_000), Kdf("argon2d", 1, 64 << 10, 1)])
def test_files_with_other_derivations_keep_theirs(tmp_path: Path, kdf: Kdf) -> None:
    place = second(new_place(tmp_path, kdf=kdf))
    place.put_texts({name_of(1): text_of()})
    kept = read_header(place.path.read_bytes(), "").kdf
    assert (kept.name, kept.passes) == (kdf.name, kdf.passes)
    assert second(place).text(name_of(1)) == text_of()


def test_seeds_change_with_every_write_and_the_salt_with_the_first(tmp_path: Path) -> None:
    place = second(new_place(tmp_path))
    headers = [read_header(place.path.read_bytes(), "")]
    for number in range(3):
        place.put_texts({name_of(number): text_of()})
        headers.append(read_header(place.path.read_bytes(), ""))
    assert len({header.seed for header in headers}) == 4
    salts = [header.kdf.salt for header in headers]
    assert salts[0] != salts[1] == salts[2] == salts[3]


def test_it_never_opens_without_a_password(tmp_path: Path) -> None:
    from pykeepass import PyKeePass
    from pykeepass.exceptions import CredentialsError

    place = second(new_place(tmp_path))
    place.put_texts({name_of(1): text_of()})
    for nothing in (None, ""):
        with pytest.raises(CredentialsError):
            PyKeePass(place.path, password=nothing)
    read = PyKeePass(place.path, password=PASSWORD.unwrap())
    assert [entry.title for entry in read.entries] == [TITLE]


def test_a_password_is_changed_for_everybody(tmp_path: Path) -> None:
    place = new_place(tmp_path)
    place.put_texts({name_of(1): text_of()})
    other = second(place)
    refused(lambda: place.change_password(Secret("no"), Secret("new")), ErrorCode.WRONG_PASSWORD)
    refused(lambda: place.change_password(PASSWORD, Secret("")), ErrorCode.WRONG_PASSWORD)
    place.change_password(PASSWORD, Secret("new"))
    place.put_texts({name_of(2): text_of("2-b")})
    assert place.text(name_of(1)) == text_of()
    status = other.status()
    assert status.state is KeychainState.LOCKED
    assert "changed" in status.message
    refused(lambda: other.put_texts({name_of(3): text_of()}), ErrorCode.KEYCHAIN_LOCKED)
    refused(lambda: other.open(PASSWORD), ErrorCode.WRONG_PASSWORD)
    other.open(Secret("new"))
    assert set(other.names()) == {name_of(1), name_of(2)}


def test_entries_are_read_and_written_in_one_go(tmp_path: Path) -> None:
    place = new_place(tmp_path)
    texts = {name_of(number): text_of(f"{number}-a") for number in range(30)}
    place.put_texts(texts)
    before = place.path.read_bytes()
    place.put_texts(texts)
    assert place.path.read_bytes() == before  # nothing new, nothing written
    assert second(place).all_texts() == texts
    assert place.delete([name_of(1), name_of(2), name_of(99)]) == 2
    assert place.delete([name_of(1)]) == 0
    assert len(second(place).names()) == 28


def test_a_new_file_can_have_its_entries_from_the_start(tmp_path: Path) -> None:
    texts = {name_of(number): text_of(f"{number}-a") for number in range(3)}
    place = place_of(tmp_path)
    place.create(PASSWORD, texts)
    assert place.all_texts() == second(place).all_texts() == texts


def test_when_an_entry_was_changed_is_known(tmp_path: Path) -> None:
    place = new_place(tmp_path)
    place._clock = lambda: 1_790_000_000.0
    place.put_texts({name_of(1): text_of(), name_of(2): text_of()})
    place._clock = lambda: 1_790_000_777.0
    place.put_texts({name_of(2): text_of("2-b")})
    read = PyKeePass(place.path, password=PASSWORD.unwrap()).entries
    times = {one.username: one.mtime.timestamp() for one in read}
    wanted = {name_of(1): 1_790_000_000, name_of(2): 1_790_000_777}
    assert times == {name.username: at for name, at in wanted.items()}


def test_a_name_that_no_file_can_hold_changes_nothing(tmp_path: Path) -> None:
    place = new_place(tmp_path)
    place.put_texts({name_of(1): text_of()})
    vault = Vault(system=place.system)
    with pytest.raises(ValueError, match="not a name"):
        vault.put("Adwarden · \ufffe · 1234abcd", "@x", token())
    assert vault.known() == (name_of(1),)
    assert content_of(place.path).tree.getroot().xpath("count(//Entry)") == 1


# Other programs and the same file ----------------------------------------------------------


def test_what_another_wrote_meanwhile_stays(tmp_path: Path) -> None:
    mine = new_place(tmp_path)
    mine.put_texts({name_of(1): text_of("1-mine")})
    theirs = second(mine)
    theirs.put_texts({name_of(2): text_of("2-theirs"), name_of(1): text_of("1-theirs")})
    assert mine.text(name_of(1)) == text_of("1-theirs")
    theirs.delete([name_of(2)])
    mine.put_texts({name_of(3): text_of("3-mine")})
    assert set(theirs.names()) == {name_of(1), name_of(3)}
    mine.put_texts({name_of(1): text_of("1-again")})
    history = entry_titled(content_of(mine.path), TITLE).findall("History/Entry")
    # Both states are there, neither with the token that was replaced.
    assert [strings(old)["token"] for old in history] == ["", ""]
    assert [strings(old)["screen_name"] for old in history] == ["northwind"] * 2


@pytest.mark.parametrize("times", [1, 3])
def test_what_is_written_in_the_very_moment_before_stays_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    mine = new_place(tmp_path)
    mine.put_texts({name_of(1): text_of()})
    theirs = second(mine)
    write, writes = paths.atomic_write, list(range(100, 100 + times))

    def late(path: Path, data: bytes, **options: object) -> None:
        if writes:
            number = writes.pop()
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(keepass_file, "atomic_write", write)
                theirs.put_texts({name_of(number): text_of(f"{number}-t")})
        write(path, data, **options)  # type: ignore[arg-type]

    # The other one is on another machine, where our lock does not count.
    theirs._locks = tmp_path / "elsewhere"
    monkeypatch.setattr(keepass_file, "atomic_write", late)
    mine.put_texts({name_of(2): text_of("2-b")})
    expected = {name_of(1), name_of(2), *(name_of(100 + n) for n in range(times))}
    assert set(second(mine).names()) == expected


def test_what_replaces_ours_in_the_moment_after_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = new_place(tmp_path)
    theirs = mine.path.read_bytes()
    write, pending = paths.atomic_write, [theirs]

    def overtaken(path: Path, data: bytes, **options: object) -> None:
        write(path, data, **options)  # type: ignore[arg-type]
        if pending:
            path.write_bytes(pending.pop())

    monkeypatch.setattr(keepass_file, "atomic_write", overtaken)
    mine.put_texts({name_of(1): text_of()})
    assert second(mine).names() == (name_of(1),)


def test_a_file_that_never_rests_is_given_up_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = new_place(tmp_path)
    theirs = second(mine)
    theirs._locks = tmp_path / "elsewhere"
    write = paths.atomic_write

    def restless(path: Path, data: bytes, **options: object) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(keepass_file, "atomic_write", write)
            theirs.put_texts({name_of(9): text_of(os.urandom(4).hex())})
        write(path, data, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(keepass_file, "atomic_write", restless)
    refused(lambda: mine.put_texts({name_of(1): text_of()}), ErrorCode.FILE_CHANGED)
    assert second(mine).names() == (name_of(9),)
    assert mine.names() == (name_of(9),)


def test_only_one_adwarden_writes_at_a_time(tmp_path: Path) -> None:
    place = new_place(tmp_path)
    held = only_writer(place.path, tmp_path / "locks")
    with (
        held,
        pytest.raises(LockTimeoutError),
        only_writer(place.path, tmp_path / "locks", patience=0.05),
    ):
        raise AssertionError("two at a time")
    place.put_texts({name_of(1): text_of()})


def test_where_there_can_be_no_locks_it_goes_on(tmp_path: Path) -> None:
    (tmp_path / "locks").touch()
    place = new_place(tmp_path)
    place.put_texts({name_of(1): text_of()})
    assert second(place).names() == (name_of(1),)


def test_an_entry_copied_by_somebody_counts_as_it_was_changed_last(tmp_path: Path) -> None:
    place = new_place(tmp_path)
    place.put_texts({name_of(1): text_of("1-old")})
    content = content_of(place.path)
    entry = entry_titled(content, TITLE)
    copy = deepcopy(entry)
    copy.find("UUID").text = "AAAAAAAAAAAAAAAAAAAAAQ=="
    entry.addnext(copy)
    write_content(place.path, content)
    place.put_texts({name_of(1): text_of("1-new")})
    assert second(place).text(name_of(1)) == text_of("1-new")
    assert place.delete([name_of(1)]) == 1
    assert content_of(place.path).tree.getroot().find("Root").find(".//Entry") is None


def test_history_and_times_are_as_keepass_makes_them(tmp_path: Path) -> None:
    place = new_place(tmp_path)
    place._clock = lambda: 1_790_000_000.9  # all within one second
    for number in range(14):
        told = json.loads(text_of()) | {"app": f"App {number}"}
        place.put_texts({name_of(1): json.dumps(told, separators=(",", ":"))})
    content = content_of(place.path)
    entry = entry_titled(content, TITLE)
    assert [strings(old)["app"] for old in entry.findall("History/Entry")] == [
        f"App {number}" for number in range(3, 13)
    ]
    assert entry.find("History/Entry/History") is None
    stamps = [old.findtext("Times/LastModificationTime") for old in entry.iter("Entry")]
    assert len(set(stamps)) == len(stamps)
    uuid = entry.findtext("UUID")
    assert [old.findtext("UUID") for old in entry.findall("History/Entry")] == [uuid] * 10
    place.delete([name_of(1)])
    root = content_of(place.path).tree.getroot()
    assert root.xpath("count(//Entry)") == 0
    assert root.findtext("Root/DeletedObjects/DeletedObject/UUID") == uuid


# The disk ----------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="files have no modes")
def test_rights_and_links_stay_as_they_are(tmp_path: Path) -> None:
    place = new_place(tmp_path)
    assert place.path.stat().st_mode & 0o777 == 0o600
    place.path.chmod(0o660)
    place.put_texts({name_of(1): text_of()})
    assert place.path.stat().st_mode & 0o777 == 0o660
    (tmp_path / "desk").mkdir()
    link = tmp_path / "desk" / "link.kdbx"
    link.symlink_to(place.path)
    linked = place_of(link.parent, link.name)
    linked.open(PASSWORD)
    linked.put_texts({name_of(2): text_of()})
    assert link.is_symlink()
    assert set(place.names()) == {name_of(1), name_of(2)}
    assert sorted(one.name for one in link.parent.iterdir()) == ["link.kdbx", "locks"]


@pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() != 0, reason="only root can be somebody else"
)
def test_a_file_of_a_team_stays_the_teams(tmp_path: Path) -> None:
    place = new_place(tmp_path)
    os.chown(place.path, 12_345, 54_321)
    place.path.chmod(0o664)
    place.put_texts({name_of(1): text_of()})
    assert place.path.stat().st_gid == 54_321
    assert place.path.stat().st_mode & 0o777 == 0o664


@pytest.mark.skipif(sys.platform == "win32", reason="folders have no modes")
def test_a_read_only_folder_can_be_read_and_says_so(tmp_path: Path) -> None:
    place = new_place(tmp_path)
    place.put_texts({name_of(1): text_of()})
    place._locks = None
    with read_only(tmp_path):
        other = place_of(tmp_path)
        other.open(PASSWORD)
        assert other.text(name_of(1)) == text_of()
        error = refused(lambda: other.put_texts({name_of(2): text_of()}), ErrorCode.KEYCHAIN_FAILED)
        assert "not allowed" in error.message
    assert place.names() == (name_of(1),)


def test_a_full_disk_keeps_all_that_was_confirmed(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "96k") as disk:
        place = new_place(disk)
        place._locks = tmp_path
        kept = {}

        def fill() -> None:
            for number in range(400):
                text = text_of(os.urandom(180).hex())
                place.put_texts({name_of(number): text})
                kept[name_of(number)] = text

        error = refused(fill, ErrorCode.KEYCHAIN_FAILED)
        assert "full" in error.message
        assert len(kept) > 5
        assert place.all_texts() == kept
        assert second(place).all_texts() == kept
        assert not list(disk.glob(".adwarden-*"))


# Damage ------------------------------------------------------------------------------------


@settings(
    max_examples=150, deadline=5_000, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_damage_anywhere_is_told_and_nothing_is_written(
    tmp_path: Path, data: st.DataObject
) -> None:
    path = tmp_path / "whole.kdbx"
    if not path.exists():
        new_place(tmp_path, path.name).put_texts({name_of(1): text_of()})
    broken = bytearray(path.read_bytes())
    kind = data.draw(st.sampled_from(["flip", "cut", "fill"]))
    at = data.draw(st.integers(0, len(broken) - 1))
    if kind == "flip":
        broken[at] ^= 1 << data.draw(st.integers(0, 7))
    elif kind == "cut":
        del broken[at:]
    else:
        # Not beyond the end: what follows a whole file is not looked at by any program.
        at = min(at, len(broken) - 20)
        broken[at : at + 20] = data.draw(st.binary(min_size=20, max_size=20))
    if broken == path.read_bytes():
        return
    place = place_of(tmp_path, "broken.kdbx")
    place.path.write_bytes(broken)
    with pytest.raises(KeychainError) as caught:
        place.open(PASSWORD)
    assert caught.value.code in (
        ErrorCode.FILE_DAMAGED, ErrorCode.FILE_UNSUPPORTED, ErrorCode.WRONG_PASSWORD,
    )  # fmt: skip
    assert caught.value.__context__ is None
    assert place.path.read_bytes() == broken


@pytest.mark.parametrize("value", [b"no \xff UTF-8", b"a \x01 that XML has not"])
def test_a_file_with_a_value_that_would_be_lost_is_only_read(
    tmp_path: Path, value: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = new_place(tmp_path)
    place.put_texts({name_of(1): text_of()})
    content = content_of(place.path)
    plain = keepass_content._inner_cipher

    class Odd:
        def __init__(self, inner: object) -> None:
            self._cipher = plain(inner)

        def encrypt(self, _: bytes) -> bytes:
            return bytes(self._cipher.encrypt(value))

    with monkeypatch.context() as patch:
        patch.setattr(keepass_content, "_inner_cipher", Odd)
        write_content(place.path, content)
    before = place.path.read_bytes()
    assert place.names() == (name_of(1),)
    error = refused(lambda: place.put_texts({name_of(2): text_of()}), ErrorCode.FILE_UNSUPPORTED)
    assert "read, not written" in error.title
    assert place.path.read_bytes() == before


# Secrets -----------------------------------------------------------------------------------


def test_locking_lets_go_of_everything_without_the_collector(tmp_path: Path) -> None:
    place = new_place(tmp_path)
    place.put_texts({name_of(1): text_of("marker-one")})
    assert place.text(name_of(1))
    key = place._key
    assert key is not None
    gc.collect()
    gc.disable()
    try:
        place.lock()
        alive = [one for one in gc.get_objects() if isinstance(one, Content)]
        assert alive == []
    finally:
        gc.enable()
    assert not any(key._composite)
    assert not any(key._derived)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads its own memory")
def test_after_locking_the_memory_is_empty_of_it(tmp_path: Path) -> None:
    texts = {name_of(number): text_of(f"marker-in-memory-{number}") for number in range(500)}
    place = place_of(tmp_path)
    place.create(PASSWORD, texts)
    done = subprocess.run(
        [sys.executable, "-m", "tests.storage.keepass_memory", str(place.path)],
        input=PASSWORD.unwrap(),
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": "desktop:."},
        cwd=Path(__file__).parents[2],
    )
    found = json.loads(done.stdout)
    assert found["open"] >= 1000  # so the search does find what there is
    assert found["locked"] < 100  # what was freed is not overwritten, only mostly given back


def test_the_password_itself_is_not_kept(tmp_path: Path) -> None:
    place = place_of(tmp_path)
    password = "".join(["pass", "phrase ", str(os.getpid())])
    place.create(Secret(password))
    place.lock()
    place.open(Secret(password))
    holders = [one for one in gc.get_referrers(password) if one is not sys._getframe().f_locals]
    assert not [one for one in holders if isinstance(one, (dict, Secret, tuple))]


def test_pykeepass_comes_with_the_first_use_and_not_before() -> None:
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from adwarden.storage.keepass_place import KeepassPlace\n"
        "from adwarden.storage.memory_place import MemoryPlace\n"
        "from adwarden.storage.vault import Vault\n"
        "Vault(system=MemoryPlace().system)\n"
        "place = KeepassPlace(Path('/nowhere/x.kdbx'))\n"
        "Vault(system=place.system).status()\n"
        "late = {'pykeepass', 'construct', 'lxml', 'argon2', 'Cryptodome', 'keyring'}\n"
        "print(sorted(late & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": "desktop"},
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout.strip() == "[]"


def test_the_backend_is_never_chosen_by_keyring(tmp_path: Path) -> None:
    from keyring.core import recommended

    backend = new_place(tmp_path).system.backend()
    assert not recommended(backend)
    with pytest.raises(PasswordDeleteError):
        backend.delete_password(*name_of(1))
    backend.set_password("other service", "me", "any text\x00 at all")
    assert backend.get_password("other service", "me") == "any text\x00 at all"
