"""Runs a Python program of others, unchanged, with the practice server in X's place.

``python pointed.py URL PROGRAM``. The one thing that is changed is where requests to X's hosts
go, before they are signed; any other host is refused. What the program was given to sign with is
its own affair.
"""

from __future__ import annotations

import runpy
import sys
from typing import Any
from urllib.parse import urlsplit

import requests

HOSTS = {"ads-api.twitter.com", "api.twitter.com", "ads-api.x.com", "api.x.com"}


def point(url: str) -> None:
    """Send what is meant for X to ``url``; raises ``ConnectionError`` for all else."""
    original = requests.Session.request

    def request(self: requests.Session, method: str, to: str, *more: Any, **options: Any) -> Any:  # noqa: ANN401
        parts = urlsplit(to)
        if parts.scheme != "https" or parts.hostname not in HOSTS:
            raise ConnectionError(f"{parts.hostname} is none of X's hosts")
        path = to.partition(parts.netloc)[2]
        return original(self, method, f"{url}{path}", *more, **options)

    requests.Session.request = request  # type: ignore[assignment, method-assign]


if __name__ == "__main__":
    point(sys.argv[1])
    program = sys.argv[2]
    sys.argv = [program]
    runpy.run_path(program, run_name="__main__")
