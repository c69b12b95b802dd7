"""What another program overwrites without having seen it is written again, and only that."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

import pytest

from adwarden.domain.errors import ErrorCode, KeychainError
from adwarden.storage import keepass_file
from adwarden.storage import keepass_layout as layout
from adwarden.storage.keepass_place import KeepassPlace
from adwarden.storage.keepass_recent import KEPT_FOR, Recent
from adwarden.storage.keychain_status import KeychainState
from adwarden.storage.vault import Vault
from tests.storage.keepass_parts import (
    PASSWORD,
    content_of,
    entry_titled,
    keepassxc,
    name_of,
    needs_keepassxc,
    new_place,
    second,
    strings,
    text_of,
    token,
    write_content,
)

FILE = "team.kdbx"
TITLE = "@northwind · Agency app"
CONNECTION = f"Adwarden/Connections/{TITLE}"
OLD, NEW = name_of(1), name_of(2)


class Ticks:
    """A clock that stands."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def stale(place: KeepassPlace) -> None:
    """Have another program's write, of what it read before ours, come after ours."""
    other = place.path.with_name("stale.kdbx")
    content = content_of(other)
    entry_titled(content, TITLE).find("IconID").text = "33"  # what it was about
    write_content(other, content)
    other.replace(place.path)


def copied(place: KeepassPlace) -> None:
    """Have another program read the file."""
    shutil.copy(place.path, place.path.with_name("stale.kdbx"))


@pytest.fixture
def place(tmp_path: Path) -> KeepassPlace:
    """Return a file with one entry, which another program has just read."""
    place = new_place(tmp_path)
    place.put_texts({OLD: text_of("1-a")})
    copied(place)
    return place


def test_an_entry_that_was_overwritten_is_written_again(
    place: KeepassPlace, caplog: pytest.LogCaptureFixture
) -> None:
    Vault(system=place.system).put(*NEW, token("2-b"))
    stale(place)
    assert second(place).text(NEW) is None
    with caplog.at_level(logging.WARNING):
        assert place.status().state is KeychainState.READY
    assert "written again" in caplog.text
    assert "2-b" not in caplog.text
    # For everybody; and what the other had written stays.
    assert second(place).text(NEW) == text_of("2-b")
    assert entry_titled(content_of(place.path), TITLE) is not None
    icons = [one.text for one in content_of(place.path).tree.getroot().iter("IconID")]
    assert "33" in icons


def test_a_deletion_that_was_overwritten_is_made_again(place: KeepassPlace) -> None:
    place.put_texts({NEW: text_of("2-b")})
    place.delete([OLD])
    stale(place)
    assert place.text(OLD) is None
    assert second(place).names() == (NEW,)
    assert b"secret-of-1-a" not in content_of(place.path).canonical()


def test_an_heir_is_one_again_with_what_the_other_gave_its_former(place: KeepassPlace) -> None:
    place.succeed(NEW, OLD)
    place.put_texts({NEW: text_of("2-b")})
    before = entry_id(place)
    place.delete([OLD])
    stale(place)
    assert place.names() == (NEW,)
    entry = entry_titled(content_of(second(place).path), TITLE)
    assert strings(entry)["token"] == "2-b"
    assert entry.findtext("IconID") == "33"
    assert entry.findtext("UUID") == before
    assert {one.findtext("UUID") for one in entry.findall("History/Entry")} == {before}


def entry_id(place: KeepassPlace) -> str:
    for entry in content_of(place.path).tree.getroot().iter("Entry"):
        if strings(entry).get(layout.SERVICE) == NEW.service:
            return str(entry.findtext("UUID"))
    raise LookupError


def test_the_next_write_brings_it_back_as_well(place: KeepassPlace) -> None:
    place.put_texts({NEW: text_of("2-b")})
    stale(place)
    place.put_texts({name_of(3): text_of("3-c")})
    assert set(second(place).names()) == {OLD, NEW, name_of(3)}


@pytest.mark.parametrize("how", ["bin", "for good", "renamed"])
@needs_keepassxc
def test_what_a_person_did_to_it_stands(place: KeepassPlace, how: str) -> None:
    place.delete([OLD])
    place.put_texts({NEW: text_of("2-b")})
    if how == "renamed":
        content = content_of(place.path)
        for string in entry_titled(content, TITLE).findall("String"):
            if string.findtext("Key") == layout.SERVICE:
                string.find("Value").text = "something of mine"
        write_content(place.path, content)
    else:
        keepassxc(place.path.parent, "rm", FILE, CONNECTION)
    if how == "for good":
        keepassxc(place.path.parent, "rm", FILE, f"Recycle Bin/{TITLE}")
    assert place.text(NEW) is None
    assert second(place).text(NEW) is None
    assert place.status().state is KeychainState.READY
    root = content_of(place.path).tree.getroot()
    assert len(root.findall(".//Group/Entry")) == (how != "for good")


def test_what_another_adwarden_deleted_stays_deleted(place: KeepassPlace) -> None:
    place.put_texts({NEW: text_of("2-b")})
    second(place).delete([NEW])
    assert place.text(NEW) is None
    assert second(place).names() == (OLD,)


def test_after_some_minutes_the_file_counts_as_it_is(place: KeepassPlace) -> None:
    ticks = Ticks()
    place._recent = Recent(ticks)
    place.put_texts({NEW: text_of("2-b")})
    ticks.now += KEPT_FOR + 1
    stale(place)
    assert place.names() == (OLD,)
    assert not place._recent._written


def test_locking_forgets_it(place: KeepassPlace) -> None:
    place.put_texts({NEW: text_of("2-b")})
    place.lock()
    assert not place._recent._written
    stale(place)
    place.open(PASSWORD)
    assert place.text(NEW) is None


def test_what_cannot_be_written_now_is_written_later_and_reading_goes_on(
    place: KeepassPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.put_texts({NEW: text_of("2-b")})
    stale(place)
    with monkeypatch.context() as patch:

        def full(*args: object, **kwargs: object) -> None:
            raise KeychainError(ErrorCode.KEYCHAIN_FAILED, "full", "", "")

        patch.setattr(keepass_file.KeepassFile, "_write", full)
        assert place.text(NEW) is None
        assert place.text(OLD) == text_of("1-a")
        assert second(place).names() == (OLD,)
    assert place.text(NEW) == text_of("2-b")
    assert second(place).text(NEW) == text_of("2-b")


def test_a_self_test_is_never_repeated(place: KeepassPlace) -> None:
    assert Vault(system=place.system).selftest().error is None
    assert set(place._recent._written) == {OLD}


@needs_keepassxc
def test_keepassxc_that_saves_what_it_read_before_loses_nothing(place: KeepassPlace) -> None:
    folder = place.path.parent
    place.put_texts({NEW: text_of("2-b")})
    keepassxc(folder, "add", "-u", "jo", "stale.kdbx", "Wiki")
    folder.joinpath("stale.kdbx").replace(place.path)
    assert place.text(NEW) == text_of("2-b")
    listed = keepassxc(folder, "ls", "-R", "-f", FILE).splitlines()
    assert "Wiki" in listed
    assert listed.count(CONNECTION) == 2
