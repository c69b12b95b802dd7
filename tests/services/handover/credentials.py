"""A whole set of made-up credentials, and the difference between two files, for tests."""

from __future__ import annotations

import difflib

from adwarden.domain.handover import CredentialSet
from adwarden.domain.secret import Secret

KEY, KEY2 = "qX7vR2mK9pL4tB8nZ3wC6yH1d", "7588892kagSNqWge8gB1WwE3p"
API_SECRET = "Vq3xT8nB5kM1zR7cW4jL9pF2hD6gY0sA3eU8iO5tN1bQ7mK4x"
TOKEN = "1234567-Jk8mP3xR6tV9yB2eH5kN8qS1uW4zC7fA0dG3jL6o"
TOKEN_SECRET = "Zp4rT7wX0aD3gJ6mQ9sV2yB5eH8kN1uC4fL7oR0tW3xZ6"
BEARER = "AAAAAAAAAAAAAAAAAAAAAMLheAAAAAAA0%2BuSeid%2BULvsea4JtiGRiSDSJSI%3D"
SECRETS = [KEY, KEY2, API_SECRET, TOKEN, TOKEN_SECRET, BEARER]


def one(**others: str | Secret) -> CredentialSet:
    whole: dict[str, str | Secret] = {
        "api_key": Secret(KEY),
        "api_secret": Secret(API_SECRET),
        "token": Secret(TOKEN),
        "token_secret": Secret(TOKEN_SECRET),
        "handle": "northwind_ads",
        "user_id": "1234567",
    }
    return CredentialSet(**(whole | others))  # type: ignore[arg-type]


def difference(old: str, new: str) -> list[str]:
    found = difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=0)
    return [line for line in found if line[:1] in "+-" and line[:3] not in ("+++", "---")]
