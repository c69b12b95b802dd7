"""What people gave an entry in KeePassXC stays when Adwarden writes it anew; old secrets go."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from adwarden.domain.errors import ErrorCode, KeychainError
from adwarden.storage import keepass_layout as layout
from adwarden.storage.keepass_content import Content
from adwarden.storage.keepass_place import KeepassPlace
from adwarden.storage.keychain_status import EntryName
from adwarden.storage.vault import Vault
from tests.storage.keepass_parts import (
    PASSWORD,
    app_text,
    content_of,
    entry_titled,
    keepassxc,
    name_of,
    needs_keepassxc,
    new_place,
    place_of,
    second,
    strings,
    text_of,
    write_content,
)

FILE = "team.kdbx"
CONNECTION = "Adwarden/Connections/@northwind · Agency app"
OLD, NEW, LATER = name_of(1), name_of(2), name_of(3)
RENAMED = EntryName("Adwarden · Brand app · 00000009", "@northwind")
ICON = "AAECAwQFBgcICQoLDA0ODw=="


def decorate(entry: Any) -> None:  # noqa: ANN401 - lxml has no types
    """Give an entry what KeePassXC's window can give one."""
    entry.find("IconID").text = "12"
    for tag, text in (
        ("CustomIconUUID", ICON), ("ForegroundColor", "#FF0000"), ("BackgroundColor", "#00FF00"),
        ("OverrideURL", "cmd://x"), ("Tags", "client;urgent"),
    ):  # fmt: skip
        etree.SubElement(entry, tag).text = text
    for key, value, protected in (("Cost centre", "4711", False), ("Door", "0815", True)):
        string = etree.SubElement(entry, "String")
        etree.SubElement(string, "Key").text = key
        node = etree.SubElement(string, "Value")
        node.text = value
        if protected:
            node.set("Protected", "True")
    entry.find("Times/Expires").text = "True"
    entry.find("Times/UsageCount").text = "7"
    entry.find("AutoType/Enabled").text = "True"
    item = etree.SubElement(entry.find("CustomData"), "Item")
    etree.SubElement(item, "Key").text = "plugin"
    etree.SubElement(item, "Value").text = "its own"


def decorated(folder: Path, title: str = "") -> KeepassPlace:
    """Return a file with one entry that somebody has given much."""
    place = new_place(folder)
    place.put_texts({OLD: text_of("1-a")})
    content = content_of(place.path)
    entry = the(content, OLD)
    decorate(entry)
    if title:
        next(s for s in entry.findall("String") if s.findtext("Key") == "Title").find(
            "Value"
        ).text = title
    write_content(place.path, content)
    return place


def the(content: Content, name: EntryName) -> Any:  # noqa: ANN401
    """Return the entry of that name, were it in the recycle bin."""
    for entry in content.tree.getroot().find("Root").iter("Entry"):
        if entry.getparent().tag != "History":
            found = strings(entry)
            if (found.get(layout.SERVICE), found.get(layout.USER)) == name:
                return entry
    raise LookupError(name)


def succeed(place: KeepassPlace, name: EntryName, former: EntryName, text: str) -> None:
    """Write an entry in the place of another, as a change of a credential does."""
    place.succeed(name, former)
    place.put_texts({name: text})


def persons(entry: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return all of an entry that is neither ours nor its past."""
    found = {
        node.tag: etree.tostring(node)
        for node in entry
        if node.tag not in ("UUID", "Times", "String", "History")
    }
    for tag in ("CreationTime", "Expires", "ExpiryTime", "UsageCount", "LocationChanged"):
        found[tag] = entry.findtext(f"Times/{tag}")
    found["strings"] = {
        key: value
        for key, value in strings(entry).items()
        if key not in layout.owned(strings(entry))
    }
    return found


def plain(path: Path) -> bytes:
    """Return all that is in a file, decrypted."""
    return content_of(path).canonical()


def test_what_is_a_persons_stays(tmp_path: Path) -> None:
    place = decorated(tmp_path, title="Our best client")
    before = the(content_of(place.path), OLD)
    succeed(place, RENAMED, OLD, text_of("1-a"))
    both = content_of(place.path)
    # Until the old one is deleted it is as it was: a crash in between has lost nothing.
    assert etree.tostring(the(both, OLD)) == etree.tostring(before)
    new = the(both, RENAMED)
    assert new.getprevious().findtext("UUID") == before.findtext("UUID")
    assert new.findtext("UUID") != before.findtext("UUID")
    assert persons(new) == persons(before)
    assert strings(new)["Title"] == "Our best client"
    assert place.text(RENAMED) == text_of("1-a")
    place.delete([OLD])
    assert place.names() == (RENAMED,)
    assert persons(the(content_of(place.path), RENAMED)) == persons(before)


def test_of_several_heirs_the_last_is_listed_last(tmp_path: Path) -> None:
    place = decorated(tmp_path)
    place.put_texts({EntryName("Adwarden · Agency app · 000000aa", "@contoso"): text_of("9-z")})
    for number in (2, 3, 4):
        succeed(place, name_of(number), OLD, text_of(f"{number}-b"))
    listed = [name.service[-1] for name in second(place).names()]
    assert listed == ["1", "2", "3", "4", "a"]


def test_a_title_and_a_user_name_that_are_still_ours_follow(tmp_path: Path) -> None:
    place = decorated(tmp_path)
    succeed(place, EntryName(RENAMED.service, "@contoso"), OLD, text_of("1-a"))
    values = strings(the(content_of(place.path), EntryName(RENAMED.service, "@contoso")))
    assert (values["Title"], values["UserName"]) == ("@contoso · Brand app", "@contoso")
    (past,) = the(content_of(place.path), EntryName(RENAMED.service, "@contoso")).findall(
        "History/Entry"
    )
    assert strings(past)["Title"] == "@northwind · Agency app"


def test_its_past_goes_with_it_and_brought_back_it_is_still_the_entry(tmp_path: Path) -> None:
    place = decorated(tmp_path)
    succeed(place, NEW, OLD, text_of("1-a"))
    place.delete([OLD])
    succeed(place, RENAMED, NEW, text_of("1-a"))
    place.delete([NEW])
    content = content_of(place.path)
    entry = the(content, RENAMED)
    states = entry.findall("History/Entry")
    assert [strings(one)["Title"] for one in states] == ["@northwind · Agency app"] * 2
    assert {one.findtext("UUID") for one in states} == {entry.findtext("UUID")}
    # As KeePassXC's "Restore" does: the past state in the place of the present one.
    for tag in ("String",):
        for node in entry.findall(tag):
            entry.remove(node)
        for node in states[0].findall(tag):
            entry.append(node)
    write_content(place.path, content)
    assert place.text(RENAMED) == text_of("1-a")


def test_replaced_secrets_are_in_no_past_state(tmp_path: Path) -> None:
    place = decorated(tmp_path)
    content = content_of(place.path)
    entry = the(content, OLD)
    state = etree.SubElement(etree.SubElement(entry, "History"), "Entry")
    for node in entry:
        if node.tag != "History":
            state.append(etree.fromstring(etree.tostring(node)))
    # Somebody broke the list of fields once, and kept a copy of the token under another name.
    for string in state.findall("String"):
        if string.findtext("Key") == layout.FIELDS:
            string.find("Value").text = "nonsense"
        if string.findtext("Key") == "Cost centre":
            string.find("Value").text = "1-a"
    write_content(place.path, content)
    succeed(place, NEW, OLD, text_of("2-b"))
    assert b">1-a<" in plain(place.path)
    place.delete([OLD])
    left = plain(place.path)
    assert b">1-a<" not in left
    assert b"secret-of-1-a" not in left
    assert b">2-b<" in left
    states = the(content_of(place.path), NEW).findall("History/Entry")
    assert len(states) == 2
    assert strings(states[1])["Door"] == "0815"
    assert strings(states[1])["screen_name"] == "northwind"


def test_a_past_state_without_its_secrets_is_no_credential(tmp_path: Path) -> None:
    place = decorated(tmp_path)
    succeed(place, NEW, OLD, text_of("2-b"))
    place.delete([OLD])
    content = content_of(place.path)
    entry = the(content, NEW)
    past = entry.find("History/Entry")
    for node in entry.findall("String"):
        entry.remove(node)
    for node in past.findall("String"):
        entry.append(node)
    write_content(place.path, content)
    vault = Vault(system=place.system)
    with pytest.raises(KeychainError) as caught:
        vault.get(*NEW)
    assert caught.value.code is ErrorCode.ENTRY_DAMAGED


def test_a_secret_that_is_dropped_is_gone_and_the_others_stay(tmp_path: Path) -> None:
    place = new_place(tmp_path)
    app = EntryName("Adwarden · Agency app · 99990000", "Agency app")
    again = EntryName("Adwarden · Agency app · 99990001", "Agency app")
    with_bearer = json.loads(app_text()) | {"bearer": "AAAA-bearer"}
    place.put_texts({app: json.dumps(with_bearer, separators=(",", ":"))})
    succeed(place, again, app, app_text())
    place.delete([app])
    assert place.text(again) == app_text()
    assert b"AAAA-bearer" not in plain(place.path)


def test_no_more_past_than_the_file_allows(tmp_path: Path) -> None:
    place = new_place(tmp_path)
    content = content_of(place.path)
    content.tree.getroot().find("Meta/HistoryMaxItems").text = "3"
    write_content(place.path, content)
    names = [name_of(number) for number in range(6)]
    place.put_texts({names[0]: text_of()})
    for former, name in pairwise(names):
        succeed(place, name, former, text_of())
        place.delete([former])
    assert len(the(content_of(place.path), names[-1]).findall("History/Entry")) == 3


def test_one_that_lies_in_the_recycle_bin_has_no_heir_and_goes(tmp_path: Path) -> None:
    place = decorated(tmp_path, title="thrown away")
    content = content_of(place.path)
    root = content.tree.getroot()
    entry = the(content, OLD)
    for node in root.iter("Group"):
        if node.findtext("Name") == "Connections":
            root.find("Meta/RecycleBinUUID").text = node.findtext("UUID")
    write_content(place.path, content)
    assert entry is not None
    succeed(place, NEW, OLD, text_of("2-b"))
    assert "thrown away" not in strings(the(content_of(place.path), NEW)).values()
    assert place.delete([OLD]) == 1
    assert b"secret-of-1-a" not in plain(place.path)


def test_without_a_former_one_it_is_as_any_new_entry(tmp_path: Path) -> None:
    place = new_place(tmp_path)
    succeed(place, NEW, OLD, text_of("2-b"))
    entry = the(content_of(place.path), NEW)
    assert entry.find("History") is None
    # Only the next entry of that name is meant.
    place.delete([NEW])
    place.put_texts({OLD: text_of("1-a"), LATER: text_of("3-c")})
    assert the(content_of(place.path), LATER).find("History") is None


@needs_keepassxc
def test_keepassxc_shows_all_of_it_after_a_change(tmp_path: Path) -> None:
    place = new_place(tmp_path)
    place.put_texts({OLD: text_of("1-a")})
    keepassxc(tmp_path, "mkdir", FILE, "Clients")
    keepassxc(tmp_path, "edit", "-t", "Our client", "--notes", "ask Jo", FILE, CONNECTION)
    keepassxc(tmp_path, "mv", FILE, "Adwarden/Connections/Our client", "Clients")
    (tmp_path / "contract.txt").write_bytes(b"signed by both")
    mine = ("Clients/Our client", "contract.txt")
    keepassxc(tmp_path, "attachment-import", FILE, *mine, "contract.txt")
    content = content_of(place.path)
    tags = the(content, OLD).find("Tags")
    (tags if tags is not None else etree.SubElement(the(content, OLD), "Tags")).text = "client"
    write_content(place.path, content)
    succeed(place, RENAMED, OLD, text_of("2-b"))
    place.delete([OLD])
    show = ("show", "-s", "--all", "--show-attachments", FILE, "Clients/Our client")
    shown = keepassxc(tmp_path, *show).splitlines()
    for line in ("Title: Our client", "Notes: ask Jo", "Tags: client", "token: 2-b"):
        assert line in shown
    assert any("contract.txt" in line for line in shown)
    keepassxc(tmp_path, "attachment-export", FILE, *mine, "out.txt")
    assert (tmp_path / "out.txt").read_bytes() == b"signed by both"
    assert keepassxc(tmp_path, "ls", "-R", "-f", FILE).count("Our client") == 1
    # KeePassXC writes it, with its past, and it is still ours.
    keepassxc(tmp_path, "edit", "--notes", "ask Al", FILE, "Clients/Our client")
    assert place.text(RENAMED) == text_of("2-b")
    entry = entry_titled(content_of(place.path), "Our client")
    titles = [strings(one)["Title"] for one in entry.findall("History/Entry")]
    assert titles[0] == "@northwind · Agency app"
    assert titles[-1] == "Our client"
    assert "secret-of-1-a" not in keepassxc(tmp_path, "export", FILE)


@needs_keepassxc
def test_what_is_deleted_is_gone_with_its_past_its_attachments_and_the_bin(tmp_path: Path) -> None:
    place = new_place(tmp_path)
    place.put_texts({OLD: text_of("1-a"), LATER: text_of("3-c")})
    names = ("@northwind · Agency app", "scan.bin")
    (tmp_path / "scan.bin").write_bytes(b"a scan of the secret " * 9)
    for title in ("mine", "other"):
        keepassxc(tmp_path, "edit", "-t", title, FILE, CONNECTION)
    keepassxc(
        tmp_path, "attachment-import", FILE, "Adwarden/Connections/mine", *names[1:], "scan.bin"
    )
    keepassxc(tmp_path, "rm", FILE, "Adwarden/Connections/mine")
    doomed = OLD if place.text(OLD) is None else LATER
    stays = LATER if doomed is OLD else OLD
    found = json.loads(text_of("1-a" if doomed is OLD else "3-c"))["secret"].encode()
    assert found in plain(place.path)
    assert b"a scan of" in plain(place.path)
    assert place.delete([doomed]) == 1
    assert found not in plain(place.path)
    assert b"a scan of" not in plain(place.path)
    assert place.names() == (stays,)
    assert "other" in keepassxc(tmp_path, "ls", "-R", "-f", FILE)
    fresh = place_of(tmp_path)
    fresh.open(PASSWORD)
    assert fresh.names() == (stays,)
