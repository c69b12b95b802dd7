"""A few rounds of the kill loop, which is run with hundreds of them by hand."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from tests.flows.outside import ROOT

pytestmark = [pytest.mark.flow, pytest.mark.keychain]


def test_kills_at_random_moments_lose_nothing() -> None:
    path = os.pathsep.join((str(ROOT / "desktop"), str(ROOT)))
    done = subprocess.run(
        [sys.executable, "-m", "tests.kill_loop", "--rounds", "10", "--seed", "12"],
        capture_output=True, text=True, cwd=ROOT, env=os.environ | {"PYTHONPATH": path},
        check=False, timeout=110,
    )  # fmt: skip
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    counts = re.search(r"10 rounds, (\d+) kills", done.stdout)
    assert counts is not None
    assert int(counts.group(1)) >= 10
