"""``adwarden import``: shows what another tool's file holds, asks, and takes it in."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from adwarden.arguments import Options
from adwarden.cli.at_work import at_work
from adwarden.cli.listing import print_json, shown
from adwarden.domain.errors import AdwardenError, ErrorCode, InputError
from adwarden.domain.handover import Taken
from adwarden.domain.model import MEMORY
from adwarden.services.handover import target
from adwarden.services.handover.reading import take
from adwarden.services.taking_in import Compared, Outcome, Preview, Standing

_STDIN = "-"
_CHOOSABLE = (Standing.NEW, Standing.CONTRADICTS)


def run_import(options: Options) -> int:
    """Take in what is chosen; 0 where all of the file is here then, or was not wanted."""
    path = None if options.file == _STDIN else Path(options.file)
    text = _standard_input() if path is None else target.read_source(path, pipes=True)
    taken = take(path.name if path else "", text)
    preview = asyncio.run(_compare(options, taken))
    if not options.as_json:
        _print(preview)
    chosen = _chosen(options, preview, may_ask=path is not None)
    outcomes: tuple[Outcome, ...] = ()
    if chosen:
        outcomes = asyncio.run(_adopt(options, chosen))
    if options.as_json:
        print_json(_as_json(preview, chosen, outcomes))
    else:
        for one in outcomes:
            print(shown(one.words), file=sys.stdout if one.done else sys.stderr)
        if any(one.done and one.connection_id for one in outcomes):
            print("adwarden: `adwarden refresh` fetches their ad accounts.", file=sys.stderr)
    if options.dry_run:
        return 0
    if chosen is None:
        raise InputError(
            "Nothing was taken in",
            "There is nobody here to ask." if not options.as_json else "--json asks nobody.",
            "Add --yes to take in all that is new, or --dry-run to have it shown only.",
        )
    if path is not None and path.is_file():  # of a pipe nothing is left
        _offer_removal(path, text, preview, outcomes, asks=_asks(options))
    return _code(options, preview, outcomes)


async def _compare(options: Options, taken: Taken) -> Preview:
    async with at_work(options, of_listed=False) as (services, _):
        return await services.accounts.taking_in.compare(taken)


async def _adopt(options: Options, chosen: Iterable[Compared]) -> tuple[Outcome, ...]:
    async with at_work(options, of_listed=False) as (services, _):
        if services.places.chosen == MEMORY:
            raise InputError(
                "Nothing was taken in",
                "New secrets are kept in memory only, by the settings: they would be gone with "
                "this command.",
                "Choose another place in the window’s settings, or bring them in there.",
            )
        return await services.accounts.taking_in.adopt(chosen, check=options.check)


def _standard_input() -> str:
    from adwarden.services.handover.target_text import LIMIT, text_of
    from adwarden.services.handover.target_words import too_large

    name, data = Path("standard input"), sys.stdin.buffer.read(LIMIT + 1)
    if len(data) > LIMIT:
        raise too_large(name, LIMIT)
    return text_of(data, name)


# Choosing


def _asks(options: Options) -> bool:
    return not options.yes and not options.as_json and sys.stdin.isatty() and sys.stderr.isatty()


def _chosen(options: Options, preview: Preview, *, may_ask: bool) -> tuple[Compared, ...] | None:
    """Return what is to be taken in; ``None`` where somebody should say, and nobody can."""
    offered = [one for one in preview.sets if one.standing in _CHOOSABLE]
    if options.dry_run or not offered:
        return ()
    if options.yes:
        wanted = _CHOOSABLE if options.replace else (Standing.NEW,)
        return tuple(one for one in offered if one.standing in wanted)
    if not may_ask or not _asks(options):
        return None
    return tuple(one for one in offered if _agrees(one))


def _agrees(one: Compared) -> bool:
    if one.standing is Standing.NEW:
        return _yes(f"Take in {one.title}? [Y/n] ", otherwise=True)
    if one.beside:
        return _yes(f"{one.why} Take in {one.title}? [y/N] ", otherwise=False)
    return _yes(f"{one.why} Replace it by {one.title} of the file? [y/N] ", otherwise=False)


def _yes(question: str, *, otherwise: bool) -> bool:
    print(shown(question), end="", file=sys.stderr, flush=True)
    answer = sys.stdin.readline()
    if not answer:
        print(file=sys.stderr)
        return False  # the end of the input is nobody's yes
    return answer.strip().casefold() in ("y", "yes") if answer.strip() else otherwise


# Telling


def _print(preview: Preview) -> None:
    count = len(preview.sets)
    print(f"{count} credential {'set' if count == 1 else 'sets'}, read as {preview.format}")
    for one in preview.sets:
        where = f"  ({shown(one.one.at)})" if one.one.at else ""
        print(f"  {one.standing.value:<11}  {shown(one.title)}{where}")
        print(f"  {'':<11}  {shown(one.why)}")
    for remark in preview.remarks:
        print(f"adwarden: {shown(remark)}", file=sys.stderr)


def _offer_removal(
    path: Path, text: str, preview: Preview, outcomes: Sequence[Outcome], *, asks: bool
) -> None:
    """Say that the file still holds the secrets; remove it only for a person who says so.

    It may have been taken in an earlier time: what counts is that all of it is kept.
    """
    known = sum(one.standing is Standing.KNOWN for one in preview.sets)
    done = sum(one.done for one in outcomes)
    whole = known + done == len(preview.sets)
    if not whole and not done:
        return
    name, real = shown(path.name), target.led_to(path)
    print(f"adwarden: {name} still holds these secrets.", file=sys.stderr)
    words = f"Remove {name}, with all else that it holds? [y/N] "
    if real is not None:
        words = (
            f"{name} is a link. Remove it and {shown(str(real))}, with all that is in it? [y/N] "
        )
    if not whole or not asks:
        print("adwarden: Remove it when nothing else needs it.", file=sys.stderr)
    elif _yes(words, otherwise=False):
        for sentence in target.remove(path, was=text):
            print(f"adwarden: {sentence}", file=sys.stderr)


def _code(options: Options, preview: Preview, outcomes: Sequence[Outcome]) -> int:
    errors = [one.error for one in outcomes if one.error is not None]
    if errors:
        return errors[0].exit_code
    left = [
        one
        for one in preview.sets
        if one.standing is Standing.INCOMPLETE
        or (one.standing is Standing.CONTRADICTS and options.yes and not options.replace)
    ]
    if not left:
        return 0
    contradicts = any(one.standing is Standing.CONTRADICTS for one in left)
    raise AdwardenError(
        ErrorCode.INPUT,
        "Not all of it was taken in",
        f"{len(left)} of {len(preview.sets)} "
        + ("contradict what is kept, or are not complete." if contradicts else "are incomplete."),
        _way_on(left) if contradicts else "",
    )


def _way_on(left: Sequence[Compared]) -> str:
    if any(one.standing is Standing.CONTRADICTS and not one.beside for one in left):
        return "Add --replace to have what is kept replaced."
    return "Add --replace and --check to take it in once X has said whose it is."


def _as_json(
    preview: Preview, chosen: Sequence[Compared] | None, outcomes: Sequence[Outcome]
) -> dict[str, Any]:
    ended = dict(zip(map(id, chosen or ()), outcomes, strict=True))
    return {
        "format": preview.format,
        "remarks": list(preview.remarks),
        "sets": [_set_json(one, ended.get(id(one))) for one in preview.sets],
    }


def _set_json(one: Compared, outcome: Outcome | None) -> dict[str, Any]:
    return {
        "at": one.one.at,
        "standing": one.standing.value,
        "why": one.why,
        "app": one.app_id or None,
        "app_label": one.app_label,
        "connection_id": one.connection_id or None,
        "handle": one.handle,
        "writes": list(one.parts),
        "result": None
        if outcome is None
        else {
            "done": outcome.done,
            "words": outcome.words,
            "app": outcome.app_id or None,
            "connection_id": outcome.connection_id or None,
        },
    }
