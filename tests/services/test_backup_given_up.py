"""A backup that nobody waits for any more: there is none, and nothing was replaced."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from adwarden.storage import backup_file, report_file
from tests.services.backup_house import OPEN_SESAME, open_house
from tests.services.test_backup import furnish


@pytest.mark.parametrize("moment", ["built", "written", "named"])
async def test_a_backup_that_was_given_up_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """The thread goes on after the dialog was closed: it must not write behind one's back."""
    path, at, go, over = tmp_path / "late.kdbx", *(threading.Event() for _ in range(3))
    name = {"built": "_built", "written": "_write", "named": "_put"}[moment]
    module = backup_file if moment == "built" else report_file
    real, write = getattr(module, name), backup_file.write_backup

    def held(*args: object, **kwargs: object) -> object:
        found = real(*args, **kwargs)
        at.set()
        assert go.wait(20)
        return found

    def told(*args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        try:
            write(*args, **kwargs)
        finally:
            over.set()

    monkeypatch.setattr(module, name, held)
    monkeypatch.setattr(backup_file, "write_backup", told)
    async with open_house(tmp_path / "house") as house:
        await furnish(house)
        task = asyncio.create_task(house.backup.write(path, OPEN_SESAME))
        assert await asyncio.to_thread(at.wait, 20)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        go.set()
        assert await asyncio.to_thread(over.wait, 20)
    assert os.listdir(tmp_path) == ["house"]  # noqa: PTH208 - of a test


async def test_a_backup_that_was_given_up_replaces_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, at, go, over = tmp_path / "old.kdbx", *(threading.Event() for _ in range(3))
    path.write_bytes(b"the one before")
    real, write = report_file._write, backup_file.write_backup

    def held(temp: Path, pieces: Iterable[bytes]) -> None:
        real(temp, pieces)
        at.set()
        assert go.wait(20)

    def told(*args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        try:
            write(*args, **kwargs)
        finally:
            over.set()

    monkeypatch.setattr(report_file, "_write", held)
    monkeypatch.setattr(backup_file, "write_backup", told)
    async with open_house(tmp_path / "house") as house:
        await furnish(house)
        task = asyncio.create_task(house.backup.write(path, OPEN_SESAME, replace=True))
        assert await asyncio.to_thread(at.wait, 20)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        go.set()
        assert await asyncio.to_thread(over.wait, 20)
    assert path.read_bytes() == b"the one before"
