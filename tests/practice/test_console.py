"""The practice server in a terminal says how to use it and ends when it is told to."""

from __future__ import annotations

import io
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from adwarden.domain.errors import InputError
from adwarden.practice.console import CONTROL_VARIABLE, describe, serve
from adwarden.practice.world import make_world
from tests.practice.conftest import CONTROL, TIMEOUT

DESKTOP = Path(__file__).parents[2] / "desktop"
PROGRAM = (
    "import sys; from adwarden.practice.console import serve;"
    "sys.exit(serve(port=0, accounts=40, seed=2, out=sys.stdout))"
)


def test_everything_one_needs_is_printed() -> None:
    world = make_world(accounts=50_000)
    text = describe(world, "http://127.0.0.1:8642")
    assert "ADWARDEN_X_API_URL=http://127.0.0.1:8642\n" in text
    assert "ADWARDEN_X_ADS_URL=http://127.0.0.1:8642\n" in text
    assert "50,000 ad accounts" in text
    assert all(app.key in text and app.secret in text for app in world.apps)
    assert all(f"@{person.screen_name} " in text for person in world.people)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_told_to_stop(number: signal.Signals) -> None:
    environment = {**os.environ, "PYTHONPATH": str(DESKTOP), CONTROL_VARIABLE: CONTROL}
    command = [sys.executable, "-X", "utf8", "-c", PROGRAM]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            found = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
            assert found is not None
            with requests.Session() as session:
                session.trust_env = False
                page = session.get(found[0], timeout=TIMEOUT)
                assert "nothing here is X" in page.text
                answer = session.post(
                    found[0] + "/_control/clear",
                    headers={"X-Control-Token": CONTROL},
                    timeout=TIMEOUT,
                )
                assert answer.status_code == 200
            process.send_signal(number)
            assert process.wait(TIMEOUT) == 0
        finally:
            process.kill()


def test_an_impossible_world_is_refused_before_anything_is_printed() -> None:
    out = io.StringIO()
    with pytest.raises(InputError):
        serve(port=0, accounts=0, seed=1, out=out)
    assert out.getvalue() == ""
