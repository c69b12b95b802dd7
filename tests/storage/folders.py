"""Folders that cannot be written, made for real: root may write where others may not."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest


def _mount(*arguments: str) -> bool:
    tool = shutil.which("mount")
    if tool is None or os.geteuid() != 0:
        return False
    return subprocess.run([tool, *arguments], check=False, capture_output=True).returncode == 0


@contextlib.contextmanager
def small_disk(at: Path, size: str = "256k") -> Iterator[Path]:
    """A disk of its own of that size, for as long as the block runs; skips where none can be."""
    at.mkdir()
    if not _mount("-t", "tmpfs", "-o", f"size={size},mode=0700", "adwarden-test", str(at)):
        pytest.skip("a disk can only be mounted by root")
    try:
        yield at
    finally:
        subprocess.run(["umount", "-l", str(at)], check=True, capture_output=True)


@contextlib.contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Make the folder and all in it read-only for as long as the block runs."""
    if os.geteuid() != 0:
        folder.chmod(0o500)
        try:
            yield
        finally:
            folder.chmod(0o700)
        return
    if not _mount("--bind", str(folder), str(folder)):
        pytest.skip("root may write anywhere, and mounting is not possible here")
    try:
        if not _mount("-o", "remount,bind,ro", str(folder)):
            pytest.skip("mounting read-only is not possible here")
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True, capture_output=True)
