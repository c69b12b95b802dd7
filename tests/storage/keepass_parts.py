"""A KeePass file that is quick to open, KeePassXC's console program, and a look inside."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from adwarden.domain.model import Credential
from adwarden.domain.secret import Secret
from adwarden.storage.keepass_content import Content, decode, encode
from adwarden.storage.keepass_header import Kdf, opens, read_header
from adwarden.storage.keepass_keys import MasterKey
from adwarden.storage.keepass_place import KeepassPlace
from adwarden.storage.keychain_codec import encode as entry_text
from adwarden.storage.keychain_status import EntryName

PASSWORD = Secret("correct horse ÄÖ€")
QUICK = Kdf("argon2id", passes=1, memory=64 << 10, lanes=1)
"""Derives in no time, and protects nothing: for tests alone."""

CLI = shutil.which("keepassxc-cli")
needs_keepassxc = pytest.mark.skipif(CLI is None, reason="keepassxc-cli is not installed")


class Clock:
    """A clock that goes one second on at each look."""

    def __init__(self) -> None:
        self.now = 1_790_000_000.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


def new_place(folder: Path, name: str = "team.kdbx", kdf: Kdf = QUICK) -> KeepassPlace:
    """Return a place with a new file, open."""
    place = place_of(folder, name, kdf)
    place.create(PASSWORD)
    return place


def place_of(folder: Path, name: str = "team.kdbx", kdf: Kdf = QUICK) -> KeepassPlace:
    """Return a place for a file of that name."""
    return KeepassPlace(folder / name, kdf=kdf, locks=folder / "locks")


def second(place: KeepassPlace) -> KeepassPlace:
    """Return another program's look at the same file, open."""
    other = place_of(place.path.parent, place.path.name)
    other.open(PASSWORD)
    return other


def name_of(number: int, handle: str = "northwind") -> EntryName:
    """Return the name of a connection's entry."""
    return EntryName(f"Adwarden · Agency app · {number:08x}", f"@{handle}")


def token(text: str = "1234567890-abc") -> Credential:
    """Return a connection's credential."""
    return Credential(
        "x-oauth1-token",
        {"token": Secret(text), "secret": Secret(f"secret-of-{text}")},
        {"user_id": "1234567890", "screen_name": "northwind", "app": "Agency app"},
    )


def text_of(text: str = "1234567890-abc") -> str:
    """Return the text of a connection's entry."""
    return entry_text(token(text))


def app_text(secret: str = "app-secret") -> str:
    """Return the text of an app's entry."""
    return entry_text(
        Credential(
            "x-app",
            {"key": Secret("app-key"), "secret": Secret(secret)},
            {"label": "Agency app", "access": "read_write"},
        )
    )


def content_of(path: Path, password: Secret = PASSWORD) -> Content:
    """Return what is in a file, read past the place."""
    data = path.read_bytes()
    header = read_header(data, path.name)
    key = MasterKey(password).derive(header.kdf)
    assert opens(header, data, key)
    return decode(data, header, key, path.name)


def write_content(path: Path, content: Content, password: Secret = PASSWORD) -> None:
    """Write a file as another program would, over the old one."""
    header = read_header(path.read_bytes(), path.name)
    path.write_bytes(encode(content, MasterKey(password).derive(header.kdf), path.name))


def strings(entry: Any) -> dict[str, str]:  # noqa: ANN401 - lxml has no types
    """Return the fields of an entry in the tree."""
    return {one.findtext("Key"): one.findtext("Value") or "" for one in entry.findall("String")}


def entry_titled(content: Content, title: str) -> Any:  # noqa: ANN401
    """Return the entry of that title, wherever it lies."""
    for entry in content.tree.getroot().find("Root").iter("Entry"):
        if entry.getparent().tag != "History" and strings(entry).get("Title") == title:
            return entry
    raise LookupError(title)


def keepassxc(
    folder: Path, *arguments: str, password: str = PASSWORD.unwrap(), after: str = ""
) -> str:
    """Run KeePassXC's console program on a file and return what it prints."""
    assert CLI is not None
    command, *rest = arguments
    done = subprocess.run(
        [CLI, command, "-q", *rest],
        input=f"{password}\n{after}",
        capture_output=True,
        text=True,
        cwd=folder,
        env=os.environ | {"QT_QPA_PLATFORM": "minimal", "HOME": str(folder), "LC_ALL": "C.UTF-8"},
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
