from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from adwarden.practice.server import PracticeServer
from adwarden.practice.world import make_world
from tests.cli.outfit import Kept, connect
from tests.test_cli import adwarden
from tests.with_keyring import KeyringSession

pytestmark = pytest.mark.keychain

PRINT = "import json, os; print(json.dumps(dict(os.environ)))"


@pytest.fixture(scope="module")
def server() -> Iterator[PracticeServer]:
    server = PracticeServer(make_world(seed=11))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def kept(tmp_path: Path, server: PracticeServer) -> Kept:
    return connect(tmp_path, server, "contoso", mark="r")


def environment_of(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    assert done.returncode == 0, done.stderr
    found: dict[str, str] = json.loads(done.stdout)
    return found


def test_the_command_has_the_secrets_in_its_environment(tmp_path: Path, kept: Kept) -> None:
    done = adwarden("run", "@contoso", "--", sys.executable, "-c", PRINT, folder=tmp_path)
    found = environment_of(done)
    assert found["X_API_KEY"] == kept.key
    assert found["X_API_SECRET"] == kept.secret
    assert found["X_ACCESS_TOKEN"] == kept.token
    assert found["X_ACCESS_TOKEN_SECRET"] == kept.token_secret
    assert done.stderr == ""
    assert "X_API_KEY" not in os.environ


def test_names_go_by_family_and_stale_ones_go(tmp_path: Path, kept: Kept) -> None:
    stale = {"CONSUMER_KEY": "of-another", "BEARER_TOKEN": "of-another", "ACCOUNT_ID": "18ce54"}
    done = adwarden(
        "run", "@contoso", "--family", "consumer", "--", sys.executable, "-c", PRINT,
        folder=tmp_path, **stale,
    )  # fmt: skip
    found = environment_of(done)
    assert found["CONSUMER_KEY"] == kept.key
    assert found["ACCESS_TOKEN_SECRET"] == kept.token_secret
    assert "BEARER_TOKEN" not in found
    assert found["ACCOUNT_ID"] == "18ce54"
    assert "X_API_KEY" not in found


def test_nothing_is_on_a_command_line_and_the_process_is_the_command(
    tmp_path: Path, kept: Kept
) -> None:
    command = "cat /proc/$$/cmdline | tr '\\0' ' '; echo; echo $$ $PPID; cat /proc/$PPID/cmdline"
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "adwarden", "--data-dir", str(tmp_path),
         "run", kept.id, "--", "sh", "-c", command],
        stdout=subprocess.PIPE, text=True,
    ) as child:  # fmt: skip
        assert child.stdout is not None
        told = child.stdout.read()
    pids = told.splitlines()[1].split()
    assert pids == [str(child.pid), str(os.getpid())]
    assert not any(secret in told for secret in kept.secrets)


@pytest.mark.parametrize("code", [0, 1, 3, 42, 255])
def test_the_exit_code_is_the_commands(tmp_path: Path, kept: Kept, code: int) -> None:
    assert (
        adwarden("run", kept.id, "--", "sh", "-c", f"exit {code}", folder=tmp_path).returncode
        == code
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
def test_signals_reach_the_command(tmp_path: Path, kept: Kept, number: signal.Signals) -> None:
    waits = "import signal, sys; print('ready', flush=True); signal.pause()"
    if number is signal.SIGINT:
        waits = f"import signal; signal.signal(2, signal.SIG_DFL)\n{waits}"
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "adwarden", "--data-dir", str(tmp_path),
         "run", kept.id, "--", sys.executable, "-c", waits],
        stdout=subprocess.PIPE, text=True,
    ) as child:  # fmt: skip
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        child.send_signal(number)
        assert child.wait(20) == -number


def test_signals_are_at_their_defaults(tmp_path: Path, kept: Kept) -> None:
    """A reader that ends early ends the command, as in any shell."""
    done = subprocess.run(
        ["sh", "-c", f"'{sys.executable}' -P -m adwarden --data-dir '{tmp_path}' "
         f"run {kept.id} -- sh -c 'yes; echo no signal >&2' | head -n 1"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("y\n", "no signal\n")
    ignored = adwarden(
        "run", kept.id, "--", "sh", "-c", "grep SigIgn /proc/self/status", folder=tmp_path
    )
    plain = subprocess.run(
        ["grep", "SigIgn", "/proc/self/status"], capture_output=True, text=True, check=True
    )
    assert ignored.stdout == plain.stdout


def test_what_is_after_the_dashes_is_the_commands(tmp_path: Path, kept: Kept) -> None:
    words = ("--family", "x", "--help", "--", "list", "--data-dir")
    done = adwarden("run", kept.id, "--", "printf", "%s\n", *words, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == list(words)


def test_standard_input_is_the_commands(tmp_path: Path, kept: Kept) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "adwarden", "--data-dir", str(tmp_path),
         "run", kept.id, "--", "cat"],
        input="all of it\n", capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout == "all of it\n"


def test_a_command_that_cannot_be_started_ends_as_in_a_shell(tmp_path: Path, kept: Kept) -> None:
    missing = adwarden("run", kept.id, "--", "no-such-command", folder=tmp_path)
    assert missing.returncode == 127
    assert missing.stderr == "adwarden: the command no-such-command was not found\n"
    nameless = adwarden("run", kept.id, "--", "", "x", folder=tmp_path)
    assert nameless.returncode == 127
    assert nameless.stderr == "adwarden: the command with an empty name was not found\n"
    plain = tmp_path / "plain"
    plain.write_text("no program\n")
    refused = adwarden("run", kept.id, "--", str(plain), folder=tmp_path)
    assert refused.returncode == 126
    assert "cannot be started" in refused.stderr
    assert adwarden("run", kept.id, "--", str(tmp_path), folder=tmp_path).returncode == 126
    plain.chmod(0o700)
    assert adwarden("run", kept.id, "--", str(plain), folder=tmp_path).returncode == 126


def test_a_command_has_to_be_named(tmp_path: Path, kept: Kept) -> None:
    for words in ((kept.id,), (kept.id, "--"), (kept.id, "env"), ()):
        done = adwarden("run", *words, folder=tmp_path)
        assert done.returncode == 2
        assert "usage" in done.stderr
    assert adwarden("run", "@nobody", "--", "true", folder=tmp_path).returncode == 3
    assert adwarden("run", "", "--", "true", folder=tmp_path).returncode == 3
    assert (
        adwarden("run", kept.id, "--family", "other", "--", "true", folder=tmp_path).returncode == 2
    )


def test_it_never_touches_the_network(tmp_path: Path, kept: Kept, server: PracticeServer) -> None:
    addresses = {"ADWARDEN_X_API_URL": server.url, "ADWARDEN_X_ADS_URL": server.url}
    before = server.journal.total
    done = adwarden("run", kept.id, "--", "true", folder=tmp_path, **addresses)
    assert done.returncode == 0
    assert server.journal.total == before


def test_a_locked_keychain_is_told_and_nothing_is_run(tmp_path: Path, kept: Kept) -> None:
    with KeyringSession() as session:
        session.start_daemon(None)
        done = adwarden(
            "run", kept.id, "--", "touch", str(tmp_path / "ran"),
            folder=tmp_path, **session.environment,
        )  # fmt: skip
    assert done.returncode == 4
    assert done.stdout == ""
    assert len(done.stderr.split()) > 5
    assert not (tmp_path / "ran").exists()


def test_where_no_process_can_take_anothers_place_it_is_waited_for() -> None:
    """As Windows has it; in a process of its own, since it changes what signals do."""
    script = (
        "import os, sys; from adwarden.cli.running import _supervise\n"
        "code = _supervise(['sh', '-c', 'echo $MARK; exit 7'], {**os.environ, 'MARK': 'there'})\n"
        "try: _supervise(['no-such-command'], dict(os.environ))\n"
        "except FileNotFoundError: sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", script], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (7, "there\n", "")
