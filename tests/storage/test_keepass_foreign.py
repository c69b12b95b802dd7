"""One file with KeePassXC: it reads what we wrote, we read what it changed, nothing is lost."""

from __future__ import annotations

import base64
import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from adwarden.domain.errors import ErrorCode, KeychainError
from adwarden.domain.secret import Secret
from adwarden.storage import keepass_layout as layout
from adwarden.storage.keepass_content import Content
from adwarden.storage.keepass_header import read_header
from adwarden.storage.keepass_place import KeepassPlace
from adwarden.storage.keychain_status import EntryName, KeychainState
from tests.storage.keepass_parts import (
    PASSWORD,
    QUICK,
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
APP = EntryName("Adwarden · Agency app · 99990000", "Agency app")
CONNECTION = "Adwarden/Connections/@northwind · Agency app"
BLOB = bytes(range(256)) * 40


def rich(content: Content) -> None:
    """Put in what KeePassXC's console program cannot, but its window, KeePass and plug-ins can."""
    root = content.tree.getroot()
    meta, group = root.find("Meta"), root.find("Root/Group")
    meta.append(
        etree.fromstring(
            "<CustomIcons><Icon><UUID>AAECAwQFBgcICQoLDA0ODw==</UUID><Data>iVBORw0KGgo=</Data>"
            "<Name>Brand</Name></Icon></CustomIcons>"
        )
    )
    meta.append(
        etree.fromstring(
            "<CustomData><Item><Key>plugin</Key><Value>x &lt; y</Value>"
            "<LastModificationTime>AAAAAAAAAAA=</LastModificationTime></Item></CustomData>"
        )
    )
    group.insert(
        2,
        etree.fromstring(
            "<CustomData><Item><Key>group key</Key><Value>v</Value></Item></CustomData>"
        ),
    )
    entry = etree.fromstring(
        """<Entry><UUID>EBESExQVFhcYGRobHB0eHw==</UUID><IconID>7</IconID>
        <CustomIconUUID>AAECAwQFBgcICQoLDA0ODw==</CustomIconUUID>
        <ForegroundColor>#112233</ForegroundColor><BackgroundColor>#445566</BackgroundColor>
        <OverrideURL>cmd://firefox {URL}</OverrideURL><Tags>a;b c</Tags>
        <QualityCheck>False</QualityCheck>
        <PreviousParentGroup>EBESExQVFhcYGRobHB0eHw==</PreviousParentGroup>
        <Times><LastModificationTime>AAAAAAAAAAA=</LastModificationTime>
        <Expires>True</Expires><ExpiryTime>AAAAAAAAAAA=</ExpiryTime></Times>
        <String><Key>Title</Key><Value>Ein "Titel" &amp; ]]&gt; 😀</Value></String>
        <String><Key>UserName</Key><Value>   </Value></String>
        <String><Key>Password</Key><Value Protected="True">p&#9;w</Value></String>
        <String><Key>a "quoted" name</Key><Value Protected="True">1</Value></String>
        <String><Key>hidden elsewhere</Key><Value Protected="False">2</Value></String>
        <String><Key>label</Key><Value>not ours</Value></String>
        <AutoType><Enabled>True</Enabled><DataTransferObfuscation>0</DataTransferObfuscation>
        <DefaultSequence>{USERNAME}</DefaultSequence>
        <Association><Window>A*</Window><KeystrokeSequence>x</KeystrokeSequence></Association>
        <Association><Window>B*</Window><KeystrokeSequence/></Association></AutoType>
        <CustomData><Item><Key>k</Key><Value>v</Value></Item></CustomData></Entry>""",
        etree.XMLParser(remove_blank_text=True),
    )
    notes = etree.SubElement(etree.SubElement(entry, "String"), "Key")
    notes.text = "Notes"
    etree.SubElement(notes.getparent(), "Value").text = "one\r\ntwo\nthree\rfour"
    old = deepcopy(entry)
    etree.SubElement(entry, "History").append(old)
    group.append(entry)
    deleted = root.find("Root/DeletedObjects")
    if deleted is None:
        deleted = etree.SubElement(root.find("Root"), "DeletedObjects")
    one = etree.SubElement(deleted, "DeletedObject")
    etree.SubElement(one, "UUID").text = "ICEiIyQlJicoKSorLC0uLw=="
    etree.SubElement(one, "DeletionTime").text = "AAAAAAAAAAA="


def without_ours(content: Content) -> bytes:
    """Return everything of a file but what is Adwarden's."""
    root = deepcopy(content.tree.getroot())
    for entry in list(root.find("Root").iter("Entry")):
        if layout.SERVICE in strings(entry) and entry.getparent() is not None:
            entry.getparent().remove(entry)
    for group in list(root.find("Root").iter("Group")):
        if group.findtext("Name") in ("Adwarden", "X apps", "Connections"):
            group.getparent().remove(group)
    for one in root.findall("Root/DeletedObjects/DeletedObject"):
        if one.findtext("UUID") != "ICEiIyQlJicoKSorLC0uLw==":
            one.getparent().remove(one)
    root.find("Meta/MasterKeyChanged").text = None  # ours to set, with the password
    return bytes(etree.tostring(root)) + attachments(content)


def attachments(content: Content) -> bytes:
    return b"|".join(one.data for one in content.inner["binary"])


def header_facts(path: Path) -> tuple[Any, ...]:
    header = content_of(path).head.value
    kdf = read_header(path.read_bytes(), "").kdf.salted(b"")
    dynamic = header.dynamic_header
    return header.minor_version, kdf, dynamic.cipher_id.data, sorted(dynamic)


@pytest.fixture
def rich_place(tmp_path: Path) -> KeepassPlace:
    """Return a file that others used for years before Adwarden came."""
    place = new_place(tmp_path)
    place.lock()

    def xc(*arguments: str, after: str = "") -> None:
        keepassxc(tmp_path, *arguments, after=after)

    xc("mkdir", FILE, "Bank")
    xc("add", "-u", "me", "-p", FILE, "Bank/Giro", after="pin1\npin1\n")
    xc("edit", "-u", "me too", "--notes", "lines\\nof notes", FILE, "Bank/Giro")
    (tmp_path / "scan.bin").write_bytes(BLOB)
    xc("attachment-import", FILE, "Bank/Giro", "scan.bin", "scan.bin")
    xc("add", "-u", "gone", FILE, "Bank/Old")
    xc("rm", FILE, "Bank/Old")
    content = content_of(place.path)
    rich(content)
    write_content(place.path, content)
    return second(place)


@needs_keepassxc
def test_everything_foreign_stays_as_it_is(rich_place: KeepassPlace) -> None:
    before = content_of(rich_place.path)
    facts = header_facts(rich_place.path)
    assert BLOB in attachments(before)
    assert rich_place.names() == ()
    rich_place.put_texts({name_of(number): text_of(f"{number}-a") for number in range(5)})
    rich_place.put_texts({APP: app_text()})
    rich_place.put_texts({name_of(1): text_of("1-changed")})
    rich_place.delete([name_of(2)])
    rich_place.change_password(PASSWORD, PASSWORD)
    after = content_of(rich_place.path)
    assert without_ours(after) == without_ours(before)
    assert header_facts(rich_place.path) == facts
    assert len(rich_place.names()) == 5
    export = keepassxc(rich_place.path.parent, "export", FILE)
    assert "Ein &quot;Titel&quot;" in export or 'Ein "Titel"' in export
    # Taking all of ours out again leaves the file as it was found, but for two empty groups.
    rich_place.delete(rich_place.names())
    assert without_ours(content_of(rich_place.path)) == without_ours(before)


@needs_keepassxc
def test_keepassxc_reads_what_was_written(tmp_path: Path) -> None:
    place = new_place(tmp_path)
    place.put_texts({name_of(1): text_of(), APP: app_text()})
    listed = keepassxc(tmp_path, "ls", "-R", "-f", FILE).splitlines()
    assert listed == [
        "Adwarden/",
        "Adwarden/Connections/",
        CONNECTION,
        "Adwarden/X apps/",
        "Adwarden/X apps/Agency app",
    ]
    shown = keepassxc(tmp_path, "show", "--all", FILE, CONNECTION)
    for line in (
        "UserName: @northwind", "Password: PROTECTED", "token: PROTECTED",
        "user_id: 1234567890", "screen_name: northwind", "URL: ",
    ):  # fmt: skip
        assert line in shown.splitlines()
    assert "secret-of" not in shown
    assert keepassxc(tmp_path, "show", "-s", "-a", "token", FILE, CONNECTION) == (
        "1234567890-abc\n"
    )
    # Nothing in it that KeePassXC would try to replace.
    assert "{" not in re.sub(r"Uuid: \{.*\}", "", shown)
    info = keepassxc(tmp_path, "db-info", FILE)
    assert "Argon2id" in info
    assert "AES" in info


@needs_keepassxc
def test_what_keepassxc_changed_is_read(tmp_path: Path) -> None:
    place = new_place(tmp_path)
    place.put_texts({name_of(1): text_of(), APP: app_text()})
    keepassxc(
        tmp_path, "edit", "-t", "Our client", "-u", "somebody", "--notes", "mine", "-p", FILE,
        CONNECTION, after="changed\nchanged\n",
    )  # fmt: skip
    text = place.text(name_of(1))
    assert text is not None
    assert '"secret":"changed"' in text
    place.put_texts({name_of(1): text_of("5-new")})
    shown = keepassxc(tmp_path, "show", "-s", "--all", FILE, "Adwarden/Connections/Our client")
    assert "UserName: somebody" in shown
    assert "Notes: mine" in shown
    assert "token: 5-new" in shown
    history = entry_titled(content_of(place.path), "Our client").findall("History/Entry")
    # What KeePassXC kept of secrets that were replaced goes, and nothing else of it.
    assert [strings(old)["Password"] for old in history] == ["", ""]
    assert [strings(old)["Title"] for old in history] == ["@northwind · Agency app", "Our client"]


@needs_keepassxc
def test_what_lies_in_the_recycle_bin_is_gone(tmp_path: Path) -> None:
    place = new_place(tmp_path)
    place.put_texts({name_of(1): text_of(), APP: app_text()})
    keepassxc(tmp_path, "rm", FILE, CONNECTION)
    assert place.names() == (APP,)
    assert place.text(name_of(1)) is None
    place.put_texts({name_of(2): text_of("7-again")})
    assert place.text(name_of(2)) == text_of("7-again")
    binned = "Recycle Bin/@northwind · Agency app"
    assert keepassxc(tmp_path, "show", "-s", "-a", "token", FILE, binned) == "1234567890-abc\n"
    assert keepassxc(tmp_path, "show", "-s", "-a", "token", FILE, CONNECTION) == "7-again\n"
    # What Adwarden is told to delete must not lie about in there.
    assert place.delete([name_of(1)]) == 1
    assert "1234567890-abc" not in keepassxc(tmp_path, "export", FILE)
    assert place.delete([name_of(1)]) == 0


@needs_keepassxc
def test_entries_are_found_where_a_person_put_them(tmp_path: Path) -> None:
    place = new_place(tmp_path)
    place.put_texts({name_of(1): text_of()})
    keepassxc(tmp_path, "mkdir", FILE, "Clients")
    keepassxc(tmp_path, "mv", FILE, CONNECTION, "Clients")
    assert place.text(name_of(1)) == text_of()
    place.put_texts({name_of(1): text_of("8-b")})
    assert "token: 8-b" in keepassxc(
        tmp_path, "show", "-s", "--all", FILE, "Clients/@northwind · Agency app"
    )


@needs_keepassxc
def test_two_copies_of_a_file_are_merged_by_keepassxc(tmp_path: Path) -> None:
    here = new_place(tmp_path)
    here.put_texts({name_of(1): text_of("1-a"), name_of(2): text_of("2-a")})
    (tmp_path / "copy.kdbx").write_bytes(here.path.read_bytes())
    there = place_of(tmp_path, "copy.kdbx")
    there.open(PASSWORD)
    here.put_texts({name_of(1): text_of("1-here"), name_of(3): text_of("3-here")})
    there.put_texts({name_of(2): text_of("2-there"), name_of(4): text_of("4-there")})
    keepassxc(tmp_path, "merge", "-s", FILE, "copy.kdbx")
    assert here.all_texts() == {
        name_of(1): text_of("1-here"),
        name_of(2): text_of("2-there"),
        name_of(3): text_of("3-here"),
        name_of(4): text_of("4-there"),
    }


@needs_keepassxc
def test_a_file_that_keepassxc_made_is_used_or_refused_in_words(tmp_path: Path) -> None:
    keepassxc(
        tmp_path, "db-create", "-t", "100", "-p", "made.kdbx",
        password=PASSWORD.unwrap(), after=f"{PASSWORD.unwrap()}\n",
    )  # fmt: skip
    place = place_of(tmp_path, "made.kdbx")
    if place.status().state is KeychainState.LOCKED:
        place.open(PASSWORD)
        place.put_texts({name_of(1): text_of()})
        assert CONNECTION in keepassxc(tmp_path, "ls", "-R", "-f", "made.kdbx")
    else:
        with pytest.raises(KeychainError) as caught:
            place.open(PASSWORD)
        assert caught.value.code is ErrorCode.FILE_UNSUPPORTED
        assert "KDBX 3.1" in caught.value.message
        assert "KDBX 4" in caught.value.remedy


@needs_keepassxc
@pytest.mark.parametrize("cipher", ["aes256", "chacha20", "twofish"])
@pytest.mark.parametrize("compressed", [True, False])
def test_files_of_every_encryption(tmp_path: Path, cipher: str, compressed: bool) -> None:
    place = new_place(tmp_path)
    content = content_of(place.path)
    dynamic = content.head.value.dynamic_header
    dynamic.cipher_id.data = cipher
    dynamic.compression_flags.data.compression = compressed
    write_content(place.path, content)
    place.put_texts({name_of(1): text_of()})
    assert second(place).text(name_of(1)) == text_of()
    shown = keepassxc(tmp_path, "show", "-s", "--all", FILE, CONNECTION)
    assert "token: 1234567890-abc" in shown


@needs_keepassxc
def test_a_file_with_a_key_file_is_refused_as_a_wrong_password(tmp_path: Path) -> None:
    place = new_place(tmp_path)
    place.lock()
    (tmp_path / "key.bin").write_bytes(bytes(64))
    keepassxc(tmp_path, "db-edit", "--set-key-file", "key.bin", FILE)
    with pytest.raises(KeychainError) as caught:
        place.open(PASSWORD)
    assert caught.value.code is ErrorCode.WRONG_PASSWORD
    assert "key file" in caught.value.remedy


@needs_keepassxc
def test_a_password_with_any_letters_is_the_same_for_both(tmp_path: Path) -> None:
    place = KeepassPlace(tmp_path / FILE, kdf=QUICK, locks=tmp_path)
    for password in ("пароль 密碼 😀", "e\u0301 is not \u00e9", " spaces ", '"quotes" {TITLE}'):
        place.path.unlink(missing_ok=True)
        place.create(Secret(password))
        place.put_texts({name_of(1): text_of()})
        listed = keepassxc(tmp_path, "ls", "-R", "-f", FILE, password=password)
        assert CONNECTION in listed


def test_our_uuids_tell_neither_time_nor_machine(tmp_path: Path) -> None:
    place = new_place(tmp_path)
    place.put_texts({name_of(1): text_of(), APP: app_text()})
    found = [one.text for one in content_of(place.path).tree.getroot().find("Root").iter("UUID")]
    assert len(found) == 6
    assert all(base64.b64decode(one)[6] >> 4 == 4 for one in found)


def test_pykeepass_gives_the_file_another_password(tmp_path: Path) -> None:
    from pykeepass import PyKeePass

    place = new_place(tmp_path, FILE)
    place.put_texts({name_of(1): text_of("1")})
    foreign = PyKeePass(str(place.path), password=PASSWORD.unwrap())
    made = foreign.credchange_date
    assert made is not None
    assert foreign.credchange_required is False
    foreign.password = "another one"
    foreign.save()
    place.lock()
    place.open(Secret("another one"))
    assert place.text(name_of(1)) == text_of("1")
    place.change_password(Secret("another one"), PASSWORD)
    assert PyKeePass(str(place.path), password=PASSWORD.unwrap()).credchange_date >= made


def test_a_file_that_does_not_say_when_its_password_changed_gets_another(tmp_path: Path) -> None:
    place = new_place(tmp_path, FILE)
    place.put_texts({name_of(1): text_of("1")})
    content = content_of(place.path)
    meta = content.tree.getroot().find("Meta")
    for one in [one for one in meta if one.tag.startswith("MasterKey")]:
        meta.remove(one)
    write_content(place.path, content)
    again = second(place)
    again.change_password(PASSWORD, Secret("new"))
    assert again.text(name_of(1)) == text_of("1")
    found = content_of(place.path, Secret("new")).tree.getroot().findtext("Meta/MasterKeyChanged")
    assert found


@needs_keepassxc
def test_a_new_file_says_of_itself_what_keepassxc_would(tmp_path: Path) -> None:
    ours = content_of(new_place(tmp_path, FILE).path).tree.getroot().find("Meta")
    words = f"{PASSWORD.unwrap()}\n"
    keepassxc(tmp_path, "db-create", "-p", "-t", "100", "theirs.kdbx", after=words)
    theirs = etree.fromstring(keepassxc(tmp_path, "export", "theirs.kdbx").encode()).find("Meta")
    # Lists that are empty, and that nobody counts on.
    wanted = {one.tag for one in theirs} - {"CustomIcons", "Binaries"}
    assert wanted <= {one.tag for one in ours}
    same = ("MasterKeyChangeRec", "MasterKeyChangeForce", "RecycleBinUUID", "EntryTemplatesGroup")
    assert [ours.findtext(tag) for tag in same] == [theirs.findtext(tag) for tag in same]
    assert all(one.text for one in ours if one.tag.endswith("Changed"))
