"""The same refresh with X's own Python SDK, one call after the other: prints one line of JSON.

``python -m tests.bench.sync_sdk URL KEY SECRET TOKEN TOKEN_SECRET``. The SDK comes from a folder
of its own, see ``sync``; where it is not installed, this ends with an ImportError.
"""

from __future__ import annotations

import json
import os
import sys
import time
from importlib import import_module
from typing import Any

os.environ["NO_PROXY"] = "127.0.0.1"


def main(url: str, *keys: str) -> dict[str, float]:
    """List the ad accounts, then access and promotable users of each, as its README shows."""
    # By name, as it has no types and is not there where the types are checked.
    request: Any = import_module("twitter_ads.http").Request
    request._DEFAULT_DOMAIN = url
    client: Any = import_module("twitter_ads.client").Client(*keys)
    account_class: Any = import_module("twitter_ads.account").Account
    version = import_module("twitter_ads").API_VERSION
    began = time.perf_counter()
    calls = 1
    found = list(account_class.all(client, count=1000))
    users = 0
    for account in found:
        path = f"/{version}/accounts/{account.id}/authenticated_user_access"
        request(client, "get", path).perform()
        users += len(list(account.promotable_users(count=1000)))
        calls += 2
    return {
        "seconds": time.perf_counter() - began,
        "accounts": len(found),
        "users": users,
        "calls": calls,
    }


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:6])), flush=True)
