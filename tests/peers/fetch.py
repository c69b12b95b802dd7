"""Fetches the programs of others that must be able to read what Adwarden hands over.

``python -m tests.peers.fetch`` puts them into ``build/peers``, in exact versions that are checked
by hash, and does nothing where they are. Without them the tests that need them are skipped, and
this ends with 0 all the same; it ends with 1 when something came that is not what was locked.
"""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PEERS = ROOT / "build" / "peers"
PATIENCE = 120
"""Seconds for one program that fetches."""

_PIP = ("-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-input")
_STRICT = ("--no-deps", "--require-hashes", "--only-binary", ":all:")
_BRIEF = ("--retries", "1", "--timeout", "20", "--no-warn-conflicts")
# No PyYAML before 6 has a wheel for today's Pythons. Of any wheel the part in Python works
# everywhere; the part in C is left alone by itself where it does not fit.
_OLD = ("--python-version", "3.9", "--implementation", "cp", "--platform", "manylinux1_x86_64")

NODE_NAME, NODE_VERSION = "twitter-api-v2", "1.29.1"
NODE_INTEGRITY = (
    "sha512-"
    "l5U8aP6woe+gv0RViz/YA0YEG/NRtqkO1iXWqxNfrn3MSc2V85u6w44oNDBWhy8zVV9r36SJv/uXNmnfni8Uxw=="
)
"""What the registry's lock files say of that version; it has no dependencies."""


class MissingError(Exception):
    """Something could not be fetched."""


class ForeignError(Exception):
    """Something was fetched that is not what was locked."""


@dataclass(frozen=True)
class Part:
    """Programs that come together: ``made_of`` decides what they are, ``put`` fetches them."""

    name: str
    what: str
    made_of: bytes
    put: Callable[[Path], None]

    @property
    def folder(self) -> Path:
        """Where they are; another folder for other versions, so that none is ever replaced."""
        python = f"{sys.platform} {sys.version_info[:2]}".encode()
        return PEERS / f"{self.name}-{hashlib.sha256(self.made_of + python).hexdigest()[:12]}"


def _packages(lock: Path, *more: str) -> Callable[[Path], None]:
    def put(folder: Path) -> None:
        _run([sys.executable, *_PIP, *_STRICT, *_BRIEF, *more, "--target", folder, "-r", lock])

    return put


def _node_module(folder: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise MissingError("npm is not installed")
    quiet = ("--cache", folder / "cache", "--loglevel", "error", "--fetch-retries", "1")
    _run([npm, "pack", f"{NODE_NAME}@{NODE_VERSION}", "--pack-destination", folder, *quiet])
    (package,) = folder.glob("*.tgz")
    found = base64.b64encode(hashlib.sha512(package.read_bytes()).digest()).decode()
    if f"sha512-{found}" != NODE_INTEGRITY:
        raise ForeignError(f"{package.name} is not the one that was locked")
    _run(
        [npm, "install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund", "--no-save",
         "--no-package-lock", "--prefix", folder, package, *quiet]
    )  # fmt: skip
    shutil.rmtree(folder / "cache")
    package.unlink()


def _run(command: Sequence[str | Path]) -> None:
    try:
        done = subprocess.run(
            command, cwd=PEERS, capture_output=True, text=True, check=False, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        raise MissingError(f"no answer within {PATIENCE} seconds") from None
    if done.returncode == 0:
        return
    lines = [line.strip() for line in (done.stderr or done.stdout).splitlines()]
    said = [line for line in lines if line and "complete log" not in line]  # as npm ends
    if "DO NOT MATCH THE HASHES" in done.stderr or "EINTEGRITY" in done.stderr:
        raise ForeignError("\n".join(said))
    raise MissingError(said[-1][:200] if said else f"ended with {done.returncode}")


_LOCK = ROOT / "requirements-peers.lock"
_OLD_LOCK = ROOT / "requirements-peers-yaml.lock"

PYTHON = Part("python", "twitter-ads, tweepy and python-dotenv", _LOCK.read_bytes(),
              _packages(_LOCK))  # fmt: skip
OLD_YAML = Part("yaml", "PyYAML of before its version 6", _OLD_LOCK.read_bytes(),
                _packages(_OLD_LOCK, *_OLD))  # fmt: skip
NODE = Part("node", f"{NODE_NAME} from the npm registry", NODE_INTEGRITY.encode(), _node_module)
PARTS = (PYTHON, OLD_YAML, NODE)


def fetch(part: Part) -> bool:
    """Put a part in place, also beside another process that does; return whether it was missing.

    Raises ``MissingError`` and ``ForeignError``.
    """
    if part.folder.exists():
        return False
    PEERS.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{part.name}-", dir=PEERS))
    try:
        part.put(beside)
        # In one step, so that whoever finds the folder finds all of it.
        beside.rename(part.folder)
    except OSError:
        if not part.folder.exists():  # another process was first
            raise
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return True


def _clear(part: Part) -> None:
    for old in PEERS.glob(f"{part.name}-*"):
        if old != part.folder:
            shutil.rmtree(old, ignore_errors=True)


def main() -> int:
    """Fetch what is missing, and say so; return 1 when something else came than was locked."""
    foreign = 0
    for part in PARTS:
        try:
            if fetch(part):
                print(f"Fetched for the tests: {part.what}.", flush=True)
                _clear(part)
        except MissingError as error:
            words = f"{part.what} could not be fetched, and their tests are skipped: {error}"
            print(f"peers: {words}", file=sys.stderr)
        except ForeignError as error:
            print(f"peers: {part.what}: {error}", file=sys.stderr)
            foreign = 1
    return foreign


if __name__ == "__main__":
    os.environ.pop("PYTHONPATH", None)
    sys.exit(main())
