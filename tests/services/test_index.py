from __future__ import annotations

from pathlib import Path

import pytest

from adwarden.domain.errors import AdwardenError, ErrorCode, StorageError
from adwarden.domain.model import AppAccess, XApp
from adwarden.services.index import Index
from adwarden.storage.directory import DamagedError, Directory
from adwarden.storage.paths import DataFolder

APP = XApp("a1", "x", "Agency app", AppAccess.STANDARD, "Adwarden · Agency app · a1a1", 1.0)


async def test_what_was_prefetched_is_taken_over_once(tmp_path: Path) -> None:
    index = Index(lambda distrust: Directory.open(DataFolder(tmp_path), distrust=distrust))
    index.prefetch()
    assert (await index.snapshot()).apps == ()
    await index.run(lambda d: d.save_app(APP))
    assert (await index.snapshot()).apps == (APP,)
    index.close()


async def test_damage_found_under_way_gives_a_new_index_and_words(tmp_path: Path) -> None:
    opened: list[bool] = []

    def opener(distrust: bool) -> tuple[Directory, AdwardenError | None]:
        opened.append(distrust)
        return Directory.open(DataFolder(tmp_path), distrust=distrust)

    index = Index(opener)
    await index.run(lambda d: d.save_app(APP))

    def fail(_: Directory) -> None:
        raise DamagedError(ErrorCode.STORAGE, "Damaged", "It is damaged.")

    with pytest.raises(StorageError):
        await index.run(fail)
    assert opened == [False, True]
    assert index.trouble is not None
    # What could be read was taken over into the new one.
    assert (await index.snapshot()).apps == (APP,)
    index.close()
