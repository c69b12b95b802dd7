"""Times the vault on the real keyring, and a backup of everything; prints one line of JSON.

``python -m tests.bench.backup [ENTRIES]`` needs a session bus with an unlocked keyring of its own
(``python -m tests.stage``). Times in milliseconds; the key derivation is timed by itself.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import keyring.backends.SecretService

from adwarden.domain.model import KEYCHAIN, AppAccess, Connection, Credential, XApp
from adwarden.domain.secret import Secret
from adwarden.services.backup import Backup
from adwarden.services.hub import Hub
from adwarden.services.index import Index
from adwarden.services.keychain import Keychain
from adwarden.services.places import Places
from adwarden.services.rewriting import Rewriting
from adwarden.services.roster import Roster, entry_of
from adwarden.storage import keepass_keys
from adwarden.storage.directory import Directory
from adwarden.storage.keepass_header import Kdf
from adwarden.storage.keychain_backends import system_keychain
from adwarden.storage.keychain_codec import encode
from adwarden.storage.keychain_status import EntryName
from adwarden.storage.paths import DataFolder
from adwarden.storage.vault import Vault

Rows = list[tuple[XApp | Connection, Credential]]
PASSWORD = Secret("correct horse battery staple")
APPS = 20
GETS = 60


def main() -> int:
    """Fill the keyring, then read and back up in every way."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    rows = _rows(count)
    system = system_keychain()
    vault = Vault(system=system)
    vault.status()
    backend = system.backend()
    for row, credential in rows:
        # Not by the vault: its manifest and its reading back are not what is timed here.
        backend.set_password(*entry_of(row)[:2], encode(credential))
    names = [entry_of(row)[:2] for row, _ in rows]
    found: dict[str, float] = {"entries": len(names)}
    plain = keyring.backends.SecretService.Keyring()  # type: ignore[no-untyped-call]
    pairs = [(_spent(plain.get_password, *name), _spent(vault.get, *name)) for name in names[:GETS]]
    found["keyring_get_ms"] = statistics.median(one for one, _ in pairs)
    found["vault_get_ms"] = statistics.median(one for _, one in pairs)
    found["single_reads_ms"] = _spent(lambda: [vault.get(*name) for name in names])
    found["bulk_read_ms"] = _spent(lambda: vault.read_all(_entries(rows)))
    vault.close()
    with tempfile.TemporaryDirectory() as folder:
        found |= asyncio.run(_backup(Path(folder), rows))
    print(json.dumps({name: round(value, 2) for name, value in found.items()}))
    return 0


async def _backup(folder: Path, rows: Rows) -> dict[str, float]:
    """Back up and look into it; what deriving the key takes is told apart."""
    index = Index(lambda distrust: Directory.open(DataFolder(folder), distrust=distrust))
    places = Places({KEYCHAIN: Keychain(Vault)})
    roster = Roster()
    for row, _ in rows:
        roster.put_app(row) if isinstance(row, XApp) else roster.put_connection(row)
    rewriting = Rewriting(roster, index, places, Hub(), namespace="Adwarden", home="bench")
    backup = Backup(roster, index, places, rewriting, namespace="Adwarden")
    await places.status()

    path = folder / "bench.kdbx"
    deriving = _timed_derivation()
    await backup.write(path, PASSWORD)  # loads what is loaded once in a run
    spent, derived = [], []
    for _ in range(3):
        deriving.clear()
        began = time.perf_counter()
        written = await backup.write(path, PASSWORD, replace=True)
        spent.append((time.perf_counter() - began) * 1000)
        derived.append(sum(deriving))
    assert written.apps + written.connections == len(rows)
    began = time.perf_counter()
    preview = await backup.preview(path, PASSWORD)
    looked = (time.perf_counter() - began) * 1000
    assert {item.standing.value for item in preview.items} == {"same"}
    places.close()
    index.close()
    return {
        "derive_ms": statistics.median(derived),
        "backup_ms": statistics.median(spent),
        "backup_without_derivation_ms": statistics.median(
            whole - part for whole, part in zip(spent, derived, strict=True)
        ),
        "preview_ms": looked,
        "bytes": path.stat().st_size,
    }


def _timed_derivation() -> list[float]:
    """Have each derivation of a key note its milliseconds in the list returned."""
    spent: list[float] = []
    derive = keepass_keys._derive

    def timed(composite: bytes, kdf: Kdf) -> bytes:
        began = time.perf_counter()
        try:
            return derive(composite, kdf)
        finally:
            spent.append((time.perf_counter() - began) * 1000)

    keepass_keys._derive = timed
    return spent


def _rows(count: int) -> Rows:
    made: Rows = []
    for number in range(APPS):
        app = XApp(
            f"app{number}", "x", f"Agency app {number}", AppAccess.STANDARD,
            f"Adwarden · Agency app {number} · {number:08x}", 0.0,
        )  # fmt: skip
        secrets = {"key": Secret(f"{number}" + "k" * 24), "secret": Secret("s" * 50)}
        made.append((app, Credential("x-app", secrets, {"app": app.id, "label": app.label})))
    for number in range(count - APPS):
        one = Connection(
            f"c{number}", f"app{number % APPS}", str(number), f"handle{number}",
            f"Adwarden · Agency app {number % APPS} · {number + 4096:08x}", 0.0,
        )  # fmt: skip
        secrets = {"token": Secret(f"{number}-{'t' * 40}"), "secret": Secret("s" * 45)}
        facts = {"user_id": one.user_id, "screen_name": one.screen_name, "app": one.app_id}
        made.append((one, Credential("x-oauth1-token", secrets, facts)))
    return made


def _entries(rows: Rows) -> list[EntryName]:
    return [EntryName(*entry_of(row)[:2]) for row, _ in rows]


def _spent(call: Callable[..., object], *arguments: object) -> float:
    began = time.perf_counter()
    call(*arguments)
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    sys.exit(main())
