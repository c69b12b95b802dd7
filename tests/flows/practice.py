"""The practice server as a process of its own, as somebody would start it in a terminal."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Practice:
    """Where it listens, and the keys of its first app."""

    url: str
    key: str
    secret: str

    @property
    def environment(self) -> dict[str, str]:
        """The two variables that make Adwarden use it in place of X."""
        return {"ADWARDEN_X_API_URL": self.url, "ADWARDEN_X_ADS_URL": self.url}


@contextmanager
def practice_server(*, accounts: int = 30) -> Iterator[Practice]:
    """Run a practice server with that many ad accounts until the block ends."""
    server = subprocess.Popen(
        [sys.executable, "-P", "-m", "adwarden", "practice", "--accounts", str(accounts)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    try:
        assert server.stdout is not None
        told = ""
        for line in server.stdout:
            told += line
            if line.startswith("Users"):
                break
        found = re.search(
            r"^Practice server: (\S+)$.*?API key\s+(\S+)$\s*API key secret\s+(\S+)$",
            told,
            re.MULTILINE | re.DOTALL,
        )
        if found is None:
            raise RuntimeError(f"the practice server did not say how to reach it: {told!r}")
        yield Practice(*found.groups())
    finally:
        server.terminate()
        server.wait(10)
        if server.stdout is not None:
            server.stdout.close()
