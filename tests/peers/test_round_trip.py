"""What is handed over is taken in again on another computer, through the console alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from adwarden.services.handover.formats import FORMATS
from tests.cli.outfit import Kept
from tests.test_cli import adwarden
from tests.with_keyring import KeyringSession

pytestmark = pytest.mark.keychain

FORMS = [
    ("env", "--family", "x"),
    ("env", "--family", "x-oauth"),
    ("env", "--family", "twitter"),
    ("env", "--family", "api"),
    ("json",),
    ("twurlrc", "--default"),
    ("xurl",),
    ("tap", "--account", "18ce54d4x5t"),
    ("postman",),
]

READ_AS = {"tap": "json"}
SHOWN = 'printf "%s\\n" "$X_API_KEY" "$X_API_SECRET" "$X_ACCESS_TOKEN" "$X_ACCESS_TOKEN_SECRET"'


@pytest.fixture
def elsewhere() -> Iterator[dict[str, str]]:
    """Yield the environment of another computer: a home, and a keychain with nothing in it."""
    with KeyringSession() as session:
        session.start_daemon()
        yield session.environment


def test_every_format_that_holds_secrets_is_tried() -> None:
    assert {name for name, one in FORMATS.items() if one.secret} == {form[0] for form in FORMS}


@pytest.mark.parametrize("form", FORMS, ids=" ".join)
def test_another_computer_has_the_same_credentials(
    tmp_path: Path, kept: Kept, elsewhere: dict[str, str], form: tuple[str, ...]
) -> None:
    file, there = tmp_path / "handed-over", tmp_path / "there"
    done = adwarden(
        "export", kept.id, "--format", *form, "--output", str(file), folder=tmp_path / "data"
    )
    assert done.returncode == 0, done.stderr
    assert not any(secret in done.stdout + done.stderr for secret in kept.secrets)
    taken = adwarden("import", str(file), "--yes", "--json", folder=there, **elsewhere)
    assert taken.returncode == 0, taken.stderr
    assert not any(secret in taken.stdout + taken.stderr for secret in kept.secrets)
    told = json.loads(taken.stdout)
    assert told["format"] == READ_AS.get(form[0], form[0])
    (one,) = told["sets"]
    assert one["standing"] == "new"
    assert one["result"]["done"] is True
    connection = one["result"]["connection_id"]
    # By the names that they get there, so that each is what it was.
    same = adwarden("run", connection, "--", "sh", "-c", SHOWN, folder=there, **elsewhere)
    assert same.returncode == 0, same.stderr
    back = tuple(same.stdout.split())
    assert [mine == theirs for mine, theirs in zip(back, kept.secrets, strict=True)] == [True] * 4
