"""A person's connection, the practice server, and the programs of others in a folder of theirs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from adwarden.practice.server import PracticeServer
from adwarden.practice.world import make_world
from tests.cli.outfit import Kept, connect
from tests.peers.fetch import NODE, OLD_YAML, PYTHON, Part


@pytest.fixture
def server() -> Iterator[PracticeServer]:
    # Of each test's own: X lets a user list ad accounts five times in a while, and so does this.
    server = PracticeServer(make_world(seed=11))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def kept(tmp_path: Path, server: PracticeServer) -> Kept:
    return connect(tmp_path / "data", server, "contoso", mark="p")


def _folder(part: Part) -> Path:
    if not part.folder.exists():
        pytest.skip(
            f"{part.what} not fetched: `python3 make.py test` without arguments does that first, "
            "`.venv/bin/python -m tests.peers.fetch` does it alone; both need the registries"
        )
    return part.folder


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


@pytest.fixture
def python_peers() -> Path:
    return _folder(PYTHON)


@pytest.fixture
def old_yaml() -> Path:
    return _folder(OLD_YAML)


@pytest.fixture
def node_peers() -> Path:
    _program("node")
    return _folder(NODE) / "node_modules"


@pytest.fixture
def curl() -> str:
    return _program("curl")
