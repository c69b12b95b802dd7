"""``adwarden export``: a connection in the format of another tool, printed or in a file."""

from __future__ import annotations

import asyncio
import io
import os
import re
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from adwarden.arguments import Options
from adwarden.cli.at_work import at_work
from adwarden.cli.choosing import choose_one
from adwarden.cli.tree_lines import shown
from adwarden.domain.errors import InputError
from adwarden.domain.handover import CredentialSet
from adwarden.services.handing_over import HandingOver
from adwarden.services.handover import formats
from adwarden.storage.report_file import ExistsError
from adwarden.storage.settings import ADS_URL, API_URL, Settings

_STDOUT = ("-", "/dev/stdout")
_ACCOUNT_ID = re.compile(r"[a-z0-9]{3,20}")
_X = (".x.com", ".twitter.com")


def run_export(options: Options) -> int:
    """Print the connection in a format, or write it into a file for its owner's eyes only."""
    wanted = formats.format_of(options.kind)
    _check(options, wanted)
    if options.output is None or options.output in _STDOUT:
        _print(asyncio.run(_text(options)), wanted)
    else:
        asyncio.run(_write(options, Path(options.output)))
    return 0


def _check(options: Options, wanted: formats.Format) -> None:
    """Refuse what has no meaning for the format, rather than leave it out in silence."""
    if options.output is not None and not options.output.strip():
        raise InputError(
            "The file has no name",
            "--output was given an empty value.",
            "Name a file after --output, or leave it out to have the text printed.",
        )
    for given, name, fits in (
        (options.family, "--family", wanted.families),
        (options.app_name, "--app-name", wanted.id == "xurl"),
        (options.default, "--default", wanted.merge is not None),
        (options.url, "--url", wanted.request),
        (options.account, "--account", wanted.account),
    ):
        if given and not fits:
            raise InputError(
                f"{name} has no meaning here", f"{wanted.title} has nothing of that kind.",
                "Leave it out.",
            )  # fmt: skip
    if options.account and not _ACCOUNT_ID.fullmatch(options.account):
        raise InputError(
            "That is no ad account",
            f"{shown(options.account)} is not what X’s ids look like: small letters and digits.",
            "`adwarden list` prints the ids of all that are known.",
        )
    if wanted.request and not options.url:
        raise InputError(
            "The request has no address",
            "What is signed is one request.",
            "Name its address with --url, such as https://ads-api.x.com/12/accounts.",
        )


def _remark(options: Options, settings: Settings) -> None:
    """Say what is done as asked, and is hardly what was meant."""
    if options.kind == "tap" and not options.account:
        print(
            "adwarden: No ad account is named in it, and the tap wants one: add --account ID.",
            file=sys.stderr,
        )
    host = _host(options.url)
    ours = {_host(settings.get(API_URL)), _host(settings.get(ADS_URL))}
    if host and host not in ours and not host.endswith(_X):
        print(
            f"adwarden: {shown(host)} is none of X’s hosts. The command shows it the API key and "
            "the access token, with a signature that X would take for a request to that host only.",
            file=sys.stderr,
        )


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""  # which is refused when it is signed


def _choices(options: Options) -> formats.Options:
    import secrets

    chosen = formats.Options(
        default=options.default, app_name=options.app_name, url=options.url,
        now=time.time(), nonce=secrets.token_hex(16),
    )  # fmt: skip
    return replace(chosen, family=options.family) if options.family else chosen


@asynccontextmanager
async def _at_hand(options: Options) -> AsyncIterator[tuple[HandingOver, CredentialSet]]:
    async with at_work(options) as (services, snapshot):
        connection = choose_one(snapshot, options.connection)
        handing_over = services.accounts.handing_over
        _remark(options, services.settings)
        yield handing_over, await handing_over.set_of(connection.id, account_id=options.account)


async def _text(options: Options) -> str:
    async with _at_hand(options) as (handing_over, one):
        return handing_over.render(one, options.kind, _choices(options))


async def _write(options: Options, path: Path) -> None:
    async with _at_hand(options) as (handing_over, one):
        await _written(handing_over, one, options, path)


async def _written(
    handing_over: HandingOver, one: CredentialSet, options: Options, path: Path
) -> None:
    draft = await handing_over.draft(one, options.kind, path, _choices(options))
    for sentence in draft.warnings:
        print(f"adwarden: {shown(sentence)}", file=sys.stderr, flush=True)
    try:
        done = await handing_over.write(draft, replace=options.force)
    except ExistsError as error:
        raise InputError(
            error.title,
            error.message,
            "Add --force to replace it. A copy of what it is now stays beside it then.",
        ) from None
    what = "written" if done.changed else "as it was"
    for sentence in (f"{done.real} is {what}.", *done.remarks):
        print(f"adwarden: {shown(sentence)}", file=sys.stderr)
    if done.backup is not None:
        print(f"adwarden: What it was before is in {shown(str(done.backup))}.", file=sys.stderr)


def _print(text: str, wanted: formats.Format) -> None:
    """Print the text as it is: what reads it must not depend on how a terminal is set."""
    text = text if text.endswith("\n") else f"{text}\n"
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode("utf-8", "replace"))
        sys.stdout.buffer.flush()
    else:
        sys.stdout.write(text)
    if wanted.secret and os.isatty(1):
        print(
            "adwarden: these secrets stand on your screen now, and in what your terminal keeps of "
            "it. --output FILE writes them where only you can read them; `adwarden run` needs no "
            "file at all.",
            file=sys.stderr,
        )
