"""Turns what ``backup`` measured into lines with bars."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

ENTRIES = 500
GET_BAR = 1.3
"""Times keyring's own ``get_password``."""

BACKUP_BAR = 1.2
"""Times as many single reads through the vault, without the derivation of the key."""

BULK_BAR_MS = 2000.0

LineOf = tuple[str, float, float, str, str]
"""What, value, bar, unit, detail."""


def measure_backup(answer: Callable[..., dict[str, Any]]) -> list[LineOf]:
    """Measure one read through the vault, and a backup of everything."""
    found = answer("tests.bench.backup", str(ENTRIES))
    count = f"{found['entries']:,.0f}"
    rest, single = found["backup_without_derivation_ms"], found["single_reads_ms"]
    detail = (
        f"{rest:.0f} ms against {single:.0f} ms of {count} single reads; all of them in bulk"
        f" {found['bulk_read_ms']:.0f} ms; with the key derived twice ({found['derive_ms']:.0f} ms)"
        f" {found['backup_ms']:.0f} ms, {found['bytes']:,.0f} bytes; a look into it"
        f" {found['preview_ms']:.0f} ms"
    )
    of_keyring = found["vault_get_ms"] / found["keyring_get_ms"]
    get = f"p50 {found['vault_get_ms']:.1f} ms against {found['keyring_get_ms']:.1f} ms, in turns"
    what = f"a backup of {count} entries without deriving its key"
    return [
        ("one get through the vault, of keyring's own", of_keyring, GET_BAR, "×", get),
        (f"{what}, of {count} single reads", rest / single, BACKUP_BAR, "×", detail),
        (what, rest, BULK_BAR_MS, " ms", detail),
    ]
