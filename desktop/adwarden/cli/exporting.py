"""``adwarden export``: a connection in the format of another tool, printed or in a file."""

from __future__ import annotations

import asyncio
import io
import os
import sys
import time
from dataclasses import replace
from pathlib import Path

from adwarden.arguments import Options
from adwarden.cli.at_work import at_work
from adwarden.cli.choosing import choose_one
from adwarden.cli.tree_lines import shown
from adwarden.domain.errors import InputError
from adwarden.domain.handover import CredentialSet
from adwarden.services.handing_over import HandingOver
from adwarden.services.handover import formats
from adwarden.storage.report_file import ExistsError

_STDOUT = ("-", "/dev/stdout")


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
    ):
        if given and not fits:
            raise InputError(
                f"{name} has no meaning here", f"{wanted.title} has nothing of that kind.",
                "Leave it out.",
            )  # fmt: skip
    if wanted.request and not options.url:
        raise InputError(
            "The request has no address",
            "What is signed is one request.",
            "Name its address with --url, such as https://ads-api.x.com/12/accounts.",
        )


def _choices(options: Options) -> formats.Options:
    import secrets

    chosen = formats.Options(
        default=options.default, app_name=options.app_name, url=options.url,
        now=time.time(), nonce=secrets.token_hex(16),
    )  # fmt: skip
    return replace(chosen, family=options.family) if options.family else chosen


async def _set(options: Options) -> tuple[HandingOver, CredentialSet]:
    async with at_work(options) as (services, snapshot):
        connection = choose_one(snapshot, options.connection)
        handing_over = services.accounts.handing_over
        return handing_over, await handing_over.set_of(connection.id, account_id=options.account)


async def _text(options: Options) -> str:
    handing_over, one = await _set(options)
    return handing_over.render(one, options.kind, _choices(options))


async def _write(options: Options, path: Path) -> None:
    handing_over, one = await _set(options)
    draft = await handing_over.draft(one, options.kind, path, _choices(options))
    for sentence in draft.warnings:
        print(f"adwarden: {shown(sentence)}", file=sys.stderr, flush=True)
    try:
        done = await handing_over.write(draft, replace=options.force)
    except ExistsError as error:
        raise InputError(error.title, error.message, "Add --force to replace it.") from None
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
