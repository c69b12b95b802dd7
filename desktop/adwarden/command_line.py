"""The parser of the command line: its options and commands, each with its help.

It is imported by what somebody waits for at a prompt, ``--help`` among it: it imports nothing
but ``argparse`` itself, and only the command that was named gets its options.
"""

from __future__ import annotations

import argparse
import os

from adwarden import __version__

TYPE_CHECKING = False  # the name alone is what type checkers look for; typing takes milliseconds
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Sequence
    from typing import Any

_CONNECTION = "@handle, @handle/app label, or an id"
_END = "--"
"""After it, everything is the command that ``run`` starts."""

_RUN = "adwarden run CONNECTION -- COMMAND …"
_REFUSE = "refuse"
"""By this name the parser of the command that was named says how it refuses."""


def parse(argv: Sequence[str]) -> dict[str, object]:
    """Read the command line; exits with 2 where it cannot be understood, with 0 for help.

    Returns the values by name; what was not said has no place in it.
    """
    said = list(argv)
    cut = said.index(_END) if _END in said else len(said)
    parser = make_parser(frozenset(said) & COMMANDS.keys())
    # Not left to argparse: options of the command that is run must never be taken for ours.
    known, strange = parser.parse_known_args(said[:cut] if "run" in said[:cut] else said)
    found = vars(known)
    # Its usage has the options that were meant; the program's own has none of them.
    refuse = found.pop(_REFUSE, parser.error)
    if found.get("command") == "run":
        found["words"] = tuple(said[cut + 1 :])
        if strange and cut == len(said):
            refuse(f"-- is missing before the command: {_RUN}")
        if not found["words"]:
            refuse(f"the command is missing: {_RUN}")
    if strange:
        refuse(f"unrecognized arguments: {' '.join(strange)}")
    return {name: value for name, value in found.items() if value is not None}


def make_parser(wanted: Container[str] | None = None) -> argparse.ArgumentParser:
    """Return the parser; with ``wanted`` only these commands can be read, all without it."""
    parser = argparse.ArgumentParser(
        prog="adwarden",
        description="Keeps the tokens of your ads-API connections in the system keychain and "
        "shows what each of them opens. Without a command it opens the window.",
        epilog="`adwarden COMMAND --help` tells more about a command. "
        "Environment: ADWARDEN_DATA_DIR, ADWARDEN_X_API_URL, ADWARDEN_X_ADS_URL; "
        "proxies by HTTPS_PROXY and NO_PROXY. "
        "Exit codes: 0 done, 1 failed, 2 usage, 3 not found or ambiguous, 4 keychain missing or "
        "locked, 5 network or server, 6 needs authorization again.",
        formatter_class=_formatter,
    )
    parser.add_argument("--version", action="version", version=f"Adwarden {__version__}")
    parser.add_argument(
        "--data-dir", metavar="DIR", help="keep settings and the last known state in this folder"
    )
    parser.add_argument(
        "--practice",
        action="store_true",
        help="use the built-in practice server, with a data folder and keychain entries of its own",
    )
    parser.add_argument(
        "--diagnose",
        action="store_true",
        help="open the window, check keychain, browser engine, data folder and network, and exit",
    )
    commands = parser.add_subparsers(
        title="commands", dest="command", metavar="COMMAND", parser_class=_Command
    )
    for name, (told, fill) in COMMANDS.items():
        named = wanted is None or name in wanted
        about = _sentence(told)
        commands.add_parser(name, help=told, description=about, fill=fill if named else None)
    return parser


class _Command(argparse.ArgumentParser):
    """The parser of a command; one that nobody named is none, as each takes its time."""

    def __init__(
        self,
        *,
        fill: Callable[[argparse.ArgumentParser], None] | None,
        **how: Any,  # noqa: ANN401 - whatever the standard one takes
    ) -> None:
        if fill is not None:
            super().__init__(**how, formatter_class=_formatter)
            fill(self)
            self.set_defaults(**{_REFUSE: self.error})


def _formatter(prog: str) -> argparse.HelpFormatter:
    """Return what lays help out; it asks for the width itself, as ``shutil`` takes milliseconds."""
    try:
        width = int(os.environ.get("COLUMNS", "0"))
        if width <= 0:
            width = os.get_terminal_size(1).columns
    except (ValueError, OSError):
        width = 80
    return argparse.HelpFormatter(prog, width=max(width, 40) - 2)


def _sentence(told: str) -> str:
    return f"{told[0].upper()}{told[1:]}."


# The commands


def _as_json(one: argparse.ArgumentParser) -> None:
    one.add_argument("--json", dest="as_json", action="store_true", help="as JSON")


def _one_or_all(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "connection",
        nargs="?",
        default="",
        metavar="CONNECTION",
        help=f"{_CONNECTION}; all connections when left out",
    )


def _connection(one: argparse.ArgumentParser) -> None:
    one.add_argument("connection", metavar="CONNECTION", help=_CONNECTION)


def _refresh(one: argparse.ArgumentParser) -> None:
    _one_or_all(one)
    _as_json(one)


def _show(one: argparse.ArgumentParser) -> None:
    _connection(one)
    _as_json(one)


def _find(one: argparse.ArgumentParser) -> None:
    from adwarden.domain.permission_rules import CAPABILITIES

    keys = ", ".join(CAPABILITIES)
    one.description = (
        "Say which connection can do something on an ad account: the one that may do least "
        f"beside it comes first. CAPABILITY is one of: {keys}."
    )
    one.add_argument("--account", metavar="ID", required=True, help="the ad account")
    one.add_argument(
        "--can",
        dest="capability",
        choices=tuple(CAPABILITIES),
        metavar="CAPABILITY",
        required=True,
        help="what is to be done, such as manage-campaigns",
    )
    _as_json(one)


def _history(one: argparse.ArgumentParser) -> None:
    _one_or_all(one)
    _as_json(one)
    one.add_argument(
        "--since", type=_days, default=0, metavar="DAYS", help="only of the last so many days"
    )


def _report(one: argparse.ArgumentParser) -> None:
    _one_or_all(one)
    one.add_argument(
        "--format", dest="kind", choices=("csv", "json", "html"), required=True, help="its format"
    )
    one.add_argument(
        "--output",
        metavar="FILE",
        help="write it into FILE instead of standard output, which is also called “-”",
    )
    one.add_argument("--force", action="store_true", help="replace FILE if it is there")


def _import(one: argparse.ArgumentParser) -> None:
    from adwarden.command_tools import fill_import

    fill_import(one)


def _export(one: argparse.ArgumentParser) -> None:
    from adwarden.command_tools import fill_export

    _connection(one)
    fill_export(one)


def _run(one: argparse.ArgumentParser) -> None:
    from adwarden.command_tools import fill_run

    _connection(one)
    fill_run(one)


def _completion(one: argparse.ArgumentParser) -> None:
    from adwarden.command_tools import fill_completion

    fill_completion(one)


def _practice(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--port", type=_port, default=0, metavar="N", help="listen here (default: any free port)"
    )
    one.add_argument(
        "--accounts",
        type=_accounts,
        default=30,
        metavar="N",
        help="how many ad accounts there are, up to 50,000 (default: 30)",
    )
    one.add_argument(
        "--latency",
        type=_milliseconds,
        default=0,
        metavar="MS",
        help="answer every call of the Ads API so many milliseconds later (default: 0)",
    )
    one.add_argument(
        "--seed", type=int, default=1, metavar="N", help="another world for another number"
    )


COMMANDS: dict[str, tuple[str, Callable[[argparse.ArgumentParser], None]]] = {
    "list": ("print the last known state; no network, no secrets", _as_json),
    "show": ("print what is known of one connection; no network, no secrets", _show),
    "find": ("say which connection can do something on an ad account, least power first", _find),
    "refresh": ("fetch, then print what changed", _refresh),
    "import": ("take keys and tokens in from another tool’s file", _import),
    "export": ("hand a connection over in another tool’s own format", _export),
    "run": ("run a command with a connection’s secrets in its environment only", _run),
    "history": ("print what has changed; no network", _history),
    "report": ("who can do what, from the last known state; no network, no secrets", _report),
    "practice": ("run the practice server alone and print its address", _practice),
    "completion": ("print what has a shell complete these commands", _completion),
}
"""Every command: what it does in words, and what adds its options to a parser."""


def _port(text: str) -> int:
    return _between(text, 0, 65_535)


def _days(text: str) -> int:
    return _between(text, 1, 36_500)


def _milliseconds(text: str) -> int:
    return _between(text, 0, 60_000)


def _accounts(text: str) -> int:
    return _between(text, 1, 50_000)


def _between(text: str, least: int, most: int) -> int:
    try:
        number = int(text)
    except ValueError:
        number = least - 1
    if not least <= number <= most:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from {least} to {most:,}")
    return number
