"""``adwarden find``: which connection can do something on an ad account, from the index alone."""

from __future__ import annotations

from typing import Any

from adwarden.arguments import Options
from adwarden.cli.listing import print_json, shown
from adwarden.cli.opening import last_known
from adwarden.domain.errors import AuthorizationError, ErrorCode, NotFoundError
from adwarden.domain.model import Snapshot
from adwarden.domain.permissions import CAPABILITIES
from adwarden.services.choosing import Answer, Way, who_can


def run_find(options: Options) -> int:
    """Print who can do it, the one with the least power first; 3 where nobody can."""
    with last_known(options) as (_, directory):
        snapshot = directory.snapshot()
    answer = who_can(snapshot, options.account, options.capability)
    if not answer.asked:
        raise NotFoundError(
            ErrorCode.NOT_FOUND,
            "No connection reaches this ad account",
            f"“{shown(options.account)}” is not the id of one that is known here.",
            "`adwarden list` prints them all; `adwarden refresh` fetches what is new.",
        )
    if options.as_json:
        print_json(_as_json(answer, snapshot))
    else:
        _print(answer, snapshot)
    if not answer.ways:
        raise _nobody(answer)
    if answer.ways[0].lost:
        raise AuthorizationError(
            ErrorCode.REVOKED,
            "No connection that can do this works now",
            f"The best of them is {shown(answer.ways[0].through.connection.handle)}.",
            "Connect it again in the window: select it, then Reconnect.",
        )
    return 0


def _print(answer: Answer, snapshot: Snapshot) -> None:
    labels = {app.id: app.label for app in snapshot.apps}
    for way in answer.ways:
        connection = way.through.connection
        name = shown(f"{connection.handle}/{labels.get(connection.app_id, '')}")
        print(f"{name}  {connection.id}  {shown(way.why)}")


def _nobody(answer: Answer) -> NotFoundError:
    reasons = "; ".join(
        f"{shown(through.connection.handle)}: {shown(why)}" for through, why in answer.refusals
    )
    return NotFoundError(
        ErrorCode.NOT_FOUND,
        f"No connection can {CAPABILITIES[answer.capability]} here",
        f"{reasons}.",
        "Have somebody who may grant it do so in X’s ads manager, then refresh.",
    )


def _as_json(answer: Answer, snapshot: Snapshot) -> dict[str, Any]:
    labels = {app.id: app.label for app in snapshot.apps}
    return {
        "account_id": answer.account_id,
        "account_name": answer.account_name,
        "capability": answer.capability,
        "connections": [_way_json(way, labels) for way in answer.ways],
        "refused": [
            {
                "connection_id": through.connection.id,
                "screen_name": through.connection.screen_name,
                "reason": why,
            }
            for through, why in answer.refusals
        ],
    }


def _way_json(way: Way, labels: dict[str, str]) -> dict[str, Any]:
    connection, access = way.through.connection, way.through.entry.access
    return {
        "connection_id": connection.id,
        "screen_name": connection.screen_name,
        "user_id": connection.user_id,
        "app": connection.app_id,
        "app_label": labels.get(connection.app_id, ""),
        "state": connection.state.value,
        "verdict": way.verdict.value,
        "basis": way.basis.value,
        "reason": way.reason,
        "permissions": list(access.permissions) if access else None,
        "method": way.method.value,
        "can": way.can,
        "of": len(CAPABILITIES),
        "ad_accounts": way.reaches,
        "works": not way.lost,
        "why": way.why,
    }
