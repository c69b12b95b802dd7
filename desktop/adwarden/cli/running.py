"""``adwarden run``: a command with a connection's secrets in its environment, and nowhere else."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

from adwarden.arguments import Options
from adwarden.cli.at_work import at_work
from adwarden.cli.choosing import choose_one
from adwarden.cli.tree_lines import shown

NOT_FOUND, NOT_STARTED = 127, 126
"""What shells end with for a command that is not there, and for one that cannot be started."""


def run_run(options: Options) -> int:
    """Become the command; returns only where it could not be started, or on Windows."""
    environment = asyncio.run(_environment(options))
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        if os.name == "nt":
            return _supervise(options.words, environment)
        _become(options.words, environment)
    except OSError as error:
        return _refused(options.words[0], error)


async def _environment(options: Options) -> dict[str, str]:
    """Return the environment of the command: this one, with the variables of the connection."""
    from adwarden.services.handover import env

    async with at_work(options) as (services, snapshot):
        connection = choose_one(snapshot, options.connection)
        family = env.family_of(options.family or env.DEFAULT)
        found = await services.accounts.handing_over.variables(connection.id, family.id)
    # Variables of the same family that this connection has no value for would be another's.
    ours = {name for field, name in family.names.items() if field != "account_id"}
    return {name: value for name, value in os.environ.items() if name not in ours} | found


def _become(words: Sequence[str], environment: dict[str, str]) -> NoReturn:
    """Let the command take the place of this process, so that signals and exit code are its own.

    What was in memory here is gone with that.
    """
    for name in ("SIGPIPE", "SIGXFSZ"):
        # Python ignores these, and what is ignored would stay so in the command.
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
    if not words[0]:
        raise FileNotFoundError  # which is what shells say; exec has an error of its own for it
    os.execvpe(words[0], list(words), environment)  # noqa: S606 - no shell, as it must be


def _supervise(words: Sequence[str], environment: dict[str, str]) -> int:
    """Run the command and return its exit code: Windows can put no process in another's place."""
    import shutil
    import subprocess

    program = shutil.which(words[0], path=environment.get("PATH"))
    if program is None:
        raise FileNotFoundError
    # Ctrl+C and Ctrl+Break reach the command by themselves; it decides what they mean.
    for name in ("SIGINT", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    with subprocess.Popen([program, *words[1:]], env=environment) as child:  # noqa: S603
        return child.wait()


def _refused(command: str, error: OSError) -> int:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        name = shown(command) or "with an empty name"
        print(f"adwarden: the command {name} was not found", file=sys.stderr)
        return NOT_FOUND
    why = error.strerror or type(error).__name__
    print(f"adwarden: {shown(command)} cannot be started: {why}", file=sys.stderr)
    return NOT_STARTED
