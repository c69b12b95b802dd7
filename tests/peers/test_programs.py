"""What is handed over, read by the real programs; the practice server checks every signature.

Run with ``-rP`` to see what the programs say.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from adwarden.practice.cast import CAST
from adwarden.practice.server import PracticeServer
from tests.cli.outfit import Kept
from tests.test_cli import adwarden

pytestmark = pytest.mark.keychain

HERE = Path(__file__).resolve().parent
ACCOUNT = re.compile(r"^[a-z0-9]{5,12} \S.*$", re.MULTILINE)
LISTS = "for account in CLIENT.accounts(): print(account.id, account.name)\n\n"


def exported(folder: Path, name: str, *words: str) -> Path:
    """Have the connection written in a format into a file, as a person does on the console."""
    path = folder / name
    done = adwarden(
        "export", "@contoso", *words, "--output", str(path), folder=folder / "data"
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert path.stat().st_mode & 0o777 == 0o600
    return path


def pointed(server: PracticeServer, program: Path, *folders: Path) -> list[str]:
    """Return the command that runs a Python program with these packages."""
    packages = os.pathsep.join(map(str, folders))
    command = ["env", f"PYTHONPATH={packages}", sys.executable, "-P"]
    return [*command, str(HERE / "pointed.py"), server.url, str(program)]


def said(who: str, done: subprocess.CompletedProcess[str], one: Kept) -> str:
    """Return what the program printed; it must have ended well and kept the secrets to itself."""
    assert done.returncode == 0, done.stderr
    assert not any(secret in done.stdout + done.stderr for secret in one.secrets)
    print(f"{who}: {done.stdout.strip()}")
    return done.stdout


def accepted(server: PracticeServer, one: Kept, path: str, before: int) -> None:
    """Hold that the server was asked for ``path``, signed for this user, and answered with 200."""
    new = server.journal.entries()[-(server.journal.total - before) :]
    assert [(entry.path, entry.status) for entry in new] == [(path, 200)]
    assert all(entry.signed and entry.nonce_fresh for entry in new)
    assert {entry.user_id for entry in new} == {one.user_id}


def home_with_twurlrc(folder: Path) -> Path:
    home = folder / "home"
    home.mkdir()
    exported(folder, "home/.twurlrc", "--format", "twurlrc", "--default")
    return home


def console_of_the_sdk(
    server: PracticeServer, home: Path, *folders: Path
) -> subprocess.CompletedProcess[str]:
    """Run the console that comes with X's SDK, which reads ``~/.twurlrc``, and list accounts."""
    program = folders[-1] / "bin" / "twitter-ads"
    return subprocess.run(
        pointed(server, program, *folders),
        input=LISTS, capture_output=True, text=True, check=False, timeout=60,
        env=os.environ | {"HOME": str(home)},
    )  # fmt: skip


def lists_all(text: str, server: PracticeServer, one: Kept) -> None:
    """Hold that a program listed every ad account that this user reaches, with its name."""
    person = server.world.person_named(one.handle)
    assert person is not None
    places = [at for at in server.world.reach(person) if server.world.permissions(person, at)]
    places = [at for at in places if not (at < len(CAST) and CAST[at].deleted)]
    wanted = {f"{server.world.account_id(at)} {server.world.name(at)}" for at in places}
    assert wanted
    assert set(ACCOUNT.findall(text.replace(">>> ", "").replace("... ", ""))) == wanted


@pytest.mark.parametrize("family", ["x", "x-ads", "twitter", "consumer"])
def test_xs_sdk_lists_accounts_from_the_environment(
    tmp_path: Path, server: PracticeServer, kept: Kept, python_peers: Path, family: str
) -> None:
    names = ("--family", family)
    program = exported(tmp_path, "list_accounts.py", "--format", "ads-python", *names)
    before = server.journal.total
    done = adwarden(
        "run", "@contoso", *names, "--", *pointed(server, program, python_peers),
        folder=tmp_path / "data",
    )  # fmt: skip
    lists_all(said("twitter-ads, environment", done, kept), server, kept)
    accepted(server, kept, "/11/accounts", before)


def test_xs_sdk_lists_accounts_from_a_twurlrc_where_its_reader_still_works(
    tmp_path: Path, server: PracticeServer, kept: Kept, python_peers: Path, old_yaml: Path
) -> None:
    home = home_with_twurlrc(tmp_path)
    before = server.journal.total
    done = console_of_the_sdk(server, home, old_yaml, python_peers)
    lists_all(said("twitter-ads, .twurlrc, PyYAML 5.4.1", done, kept), server, kept)
    accepted(server, kept, "/11/accounts", before)


def test_with_a_current_pyyaml_xs_sdk_reads_no_twurlrc_at_all(
    tmp_path: Path, server: PracticeServer, kept: Kept, python_peers: Path
) -> None:
    """If this fails, the SDK can read again: the README and the format's words are to follow."""
    home = home_with_twurlrc(tmp_path)
    done = console_of_the_sdk(server, home, python_peers)
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    print(f"twitter-ads, .twurlrc, current PyYAML: {last}")
    assert last == "TypeError: load() missing 1 required positional argument: 'Loader'"
    (home / ".twurlrc").write_text("{}\n")
    assert console_of_the_sdk(server, home, python_peers).stderr.splitlines()[-1] == last


def test_a_current_pyyaml_reads_the_same_profile(
    tmp_path: Path, server: PracticeServer, kept: Kept, python_peers: Path
) -> None:
    """The same steps as in the SDK's console, but for the call that is no longer there."""
    home = home_with_twurlrc(tmp_path)
    program = tmp_path / "reads.py"
    program.write_text(
        "import pathlib, yaml\n"
        "from twitter_ads.client import Client\n"
        "found = yaml.safe_load((pathlib.Path.home() / '.twurlrc').read_text())\n"
        "name, key = found['configuration']['default_profile']\n"
        "one = found['profiles'][name][key]\n"
        "keys = ('consumer_key', 'consumer_secret', 'token', 'secret')\n"
        "CLIENT = Client(*(one[key] for key in keys))\n"
        f"{LISTS}"
    )
    done = subprocess.run(
        pointed(server, program, python_peers),
        capture_output=True, text=True, check=False, timeout=60,
        env=os.environ | {"HOME": str(home)},
    )  # fmt: skip
    lists_all(said("twitter-ads, .twurlrc, yaml.safe_load", done, kept), server, kept)


def test_tweepy_verifies_credentials_from_an_env_file(
    tmp_path: Path, server: PracticeServer, kept: Kept, python_peers: Path
) -> None:
    exported(tmp_path, ".env", "--format", "env")
    program = exported(tmp_path, "who_am_i.py", "--format", "tweepy")
    reads = tmp_path / "reads.py"
    reads.write_text(
        "import runpy\nfrom dotenv import load_dotenv\n"
        f"assert load_dotenv({str(tmp_path / '.env')!r})\n"
        f"runpy.run_path({str(program)!r})\n"
    )
    before = server.journal.total
    done = subprocess.run(
        pointed(server, reads, python_peers),
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert said("tweepy, .env by python-dotenv", done, kept) == "contoso\n"
    accepted(server, kept, "/1.1/account/verify_credentials.json", before)


def test_tweepy_verifies_credentials_when_a_shell_reads_the_env_file(
    tmp_path: Path, server: PracticeServer, kept: Kept, python_peers: Path
) -> None:
    exported(tmp_path, ".env", "--format", "env", "--family", "twitter")
    program = exported(tmp_path, "who_am_i.py", "--format", "tweepy", "--family", "twitter")
    before = server.journal.total
    done = subprocess.run(
        ["sh", "-c", 'set -a; . ./.env; exec "$@"', "sh", *pointed(server, program, python_peers)],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert said("tweepy, .env by sh", done, kept) == "contoso\n"
    accepted(server, kept, "/1.1/account/verify_credentials.json", before)


def test_a_node_client_says_whose_token_it_is(
    tmp_path: Path, server: PracticeServer, kept: Kept, node_peers: Path
) -> None:
    program = exported(tmp_path, "who-am-i.mjs", "--format", "node")
    (tmp_path / "node_modules").symlink_to(node_peers)
    before = server.journal.total
    done = adwarden(
        "run", "@contoso", "--", "node", "--require", str(HERE / "pointed.cjs"), str(program),
        folder=tmp_path / "data", PRACTICE_URL=server.url, PEER_MODULES=str(node_peers),
    )  # fmt: skip
    assert said("twitter-api-v2, environment", done, kept) == "contoso\n"
    accepted(server, kept, "/2/users/me", before)


def test_curl_runs_the_exported_command_once(
    tmp_path: Path, server: PracticeServer, kept: Kept, curl: str
) -> None:
    # What is encoded in it, and what a shell would take for its own, arrives as it was signed.
    url = f"{server.url}/12/accounts?q=Contoso%20Ja&sort_by=name-desc&with_deleted=true&count=5"
    script = exported(tmp_path, "request.sh", "--format", "curl", "--url", url)
    (tmp_path / ".curlrc").write_text('silent\nwrite-out = "%{stderr}%{http_code}"\n')

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", str(script)],
            capture_output=True, text=True, check=False, timeout=60,
            env=os.environ | {"CURL_HOME": str(tmp_path)},
        )  # fmt: skip

    before = server.journal.total
    done = run()
    assert done.returncode == 0
    names = [account["name"] for account in json.loads(done.stdout)["data"]]
    print(f"curl: {done.stderr} {names}")
    assert (done.stderr, names) == ("200", ["Contoso Japan"])
    assert not any(one in script.read_text() for one in (kept.secret, kept.token_secret))
    accepted(server, kept, "/12/accounts", before)
    assert run().stderr == "401"  # as the nonce was used
