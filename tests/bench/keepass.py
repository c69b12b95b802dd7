"""Times a KeePass file of 500 entries; prints one line of JSON, in milliseconds.

``python -m tests.bench.keepass [ENTRIES]``. The key derivation is the one of new files.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from adwarden.domain.model import Credential
from adwarden.domain.secret import Secret
from adwarden.storage.keepass_place import KeepassPlace
from adwarden.storage.keychain_codec import encode
from adwarden.storage.keychain_status import EntryName
from adwarden.storage.vault import Vault

PASSWORD = Secret("correct horse battery staple")


def main() -> int:
    """Fill a file in one go, then read, write and open it in every way that there is."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    found: dict[str, float] = {"entries": count}
    with tempfile.TemporaryDirectory() as folder:
        place = KeepassPlace(Path(folder, "bench.kdbx"), locks=Path(folder, "locks"))
        found["create"] = _spent(lambda: place.create(PASSWORD))
        texts = dict(_entry(number) for number in range(count))
        found["write all in one go"] = _spent(lambda: place.put_texts(texts))
        found["bytes"] = place.path.stat().st_size
        place.lock()
        found["open"] = _spent(lambda: place.open(PASSWORD))
        found["read all in one go"] = _spent(place.all_texts)
        assert place.all_texts() == texts
        vault = Vault(system=place.system)
        backend = place.system.backend()
        names = list(texts)
        found["get by the backend"] = _median(lambda n: backend.get_password(*names[n]), 200)
        found["get by the vault"] = _median(lambda n: vault.get(*names[n]), 200)
        found["first put, with a new salt"] = _spent(lambda: _put(vault, count))
        found["put"] = _median(lambda n: _put(vault, count + 1 + n), 10)
        found["delete"] = _median(lambda n: vault.delete(*names[n]), 10)
        found["self-test"] = _spent(vault.selftest)
        found["lock"] = _spent(place.lock)
    print(json.dumps({name: round(value, 3) for name, value in found.items()}))
    return 0


def _entry(number: int) -> tuple[EntryName, str]:
    return _name(number), encode(_credential(number))


def _name(number: int) -> EntryName:
    return EntryName(f"Adwarden · Agency app {number % 20} · {number:08x}", f"@handle{number}")


def _credential(number: int) -> Credential:
    return Credential(
        "x-oauth1-token",
        {"token": Secret(f"{number}-{'t' * 40}"), "secret": Secret("s" * 45)},
        {"user_id": str(number), "screen_name": f"handle{number}", "app": "Agency app"},
    )


def _put(vault: Vault, number: int) -> None:
    vault.put(*_name(number), _credential(number))


def _spent(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000


def _median(call: Callable[[int], object], times: int) -> float:
    return statistics.median(_spent(lambda n=n: call(n)) for n in range(times))  # type: ignore[misc]


if __name__ == "__main__":
    sys.exit(main())
