"""What can be said on the command line; imports nothing that a ``--help`` would wait for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adwarden import __version__
from adwarden.domain.data import dataclass

if TYPE_CHECKING:
    import argparse


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


def read(argv: list[str]) -> Options:
    """Read the command line; exits with 2 where it cannot be understood."""
    if not argv:
        return Options()  # the usual start, which has no use for a parser
    found = vars(_parser().parse_args(argv))
    return Options(**{name: value for name, value in found.items() if value is not None})


def _parser() -> argparse.ArgumentParser:
    import argparse

    parser = argparse.ArgumentParser(
        prog="adwarden",
        description="Keeps the tokens of your ads-API connections in the system keychain and "
        "shows what each of them opens. Without a command it opens the window.",
        epilog="Environment: ADWARDEN_DATA_DIR, ADWARDEN_X_API_URL, ADWARDEN_X_ADS_URL; "
        "proxies by HTTPS_PROXY and NO_PROXY. "
        "Exit codes: 0 done, 1 failed, 2 usage, 3 not found or ambiguous, 4 keychain missing or "
        "locked, 5 network or server, 6 needs authorization again.",
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
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")

    listing = commands.add_parser("list", help="print the last known state; no network, no secrets")
    listing.add_argument("--json", dest="as_json", action="store_true", help="as JSON")

    refresh = commands.add_parser("refresh", help="fetch, then print what changed")
    refresh.add_argument(
        "connection",
        nargs="?",
        default="",
        metavar="CONNECTION",
        help="@handle, @handle/app label, or an id; all connections when left out",
    )
    refresh.add_argument("--json", dest="as_json", action="store_true", help="as JSON")

    history = commands.add_parser("history", help="print what has changed; no network")
    history.add_argument(
        "connection",
        nargs="?",
        default="",
        metavar="CONNECTION",
        help="@handle, @handle/app label, or an id; all connections when left out",
    )
    history.add_argument("--json", dest="as_json", action="store_true", help="as JSON")
    history.add_argument(
        "--since", type=_days, default=0, metavar="DAYS", help="only of the last so many days"
    )

    report = commands.add_parser(
        "report", help="who can do what, from the last known state; no network, no secrets"
    )
    report.add_argument(
        "connection",
        nargs="?",
        default="",
        metavar="CONNECTION",
        help="@handle, @handle/app label, or an id; all connections when left out",
    )
    report.add_argument(
        "--format", dest="kind", choices=("csv", "json", "html"), required=True, help="its format"
    )
    report.add_argument(
        "--output",
        metavar="FILE",
        help="write it into FILE instead of standard output, which is also called “-”",
    )
    report.add_argument("--force", action="store_true", help="replace FILE if it is there")

    practice = commands.add_parser(
        "practice", help="run the practice server alone and print its address"
    )
    practice.add_argument(
        "--port", type=_port, default=0, metavar="N", help="listen here (default: any free port)"
    )
    practice.add_argument(
        "--accounts",
        type=_accounts,
        default=30,
        metavar="N",
        help="how many ad accounts there are, up to 50,000 (default: 30)",
    )
    practice.add_argument(
        "--latency",
        type=_milliseconds,
        default=0,
        metavar="MS",
        help="answer every call of the Ads API so many milliseconds later (default: 0)",
    )
    practice.add_argument(
        "--seed", type=int, default=1, metavar="N", help="another world for another number"
    )
    return parser


def _port(text: str) -> int:
    return _between(text, 0, 65_535)


def _days(text: str) -> int:
    return _between(text, 1, 36_500)


def _milliseconds(text: str) -> int:
    return _between(text, 0, 60_000)


def _accounts(text: str) -> int:
    return _between(text, 1, 50_000)


def _between(text: str, least: int, most: int) -> int:
    from argparse import ArgumentTypeError

    try:
        number = int(text)
    except ValueError:
        number = least - 1
    if not least <= number <= most:
        raise ArgumentTypeError(f"{text!r} is not a number from {least} to {most:,}")
    return number
