"""What can be said on the command line; imports nothing that a ``--help`` would wait for."""

from __future__ import annotations

from adwarden.domain.data import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """The command line, read; ``command`` is empty for the window."""

    command: str = ""
    data_dir: str | None = None
    practice: bool = False
    diagnose: bool = False
    connection: str = ""
    as_json: bool = False
    port: int = 0
    accounts: int = 30
    seed: int = 1
    latency: int = 0
    since: int = 0
    kind: str = ""
    output: str | None = None
    force: bool = False
    file: str = ""
    check: bool = False
    dry_run: bool = False
    yes: bool = False
    replace: bool = False
    family: str = ""
    default: bool = False
    app_name: str = ""
    url: str = ""
    account: str = ""
    capability: str = ""
    shell: str = ""
    words: tuple[str, ...] = ()
    """The command that ``run`` starts, and its own arguments."""


def read(argv: list[str]) -> Options:
    """Read the command line; exits with 2 where it cannot be understood."""
    if not argv:
        return Options()  # the usual start, which has no use for a parser
    from adwarden.command_line import parse

    return Options(**parse(argv))  # type: ignore[arg-type]  # as the parser has them
