"""The one way in which the rest of the program hears of an X app as it is now."""

from __future__ import annotations

from contextlib import suppress

from adwarden.domain.errors import NotFoundError
from adwarden.services.events import AppSaved
from adwarden.services.hub import Hub
from adwarden.services.roster import Roster


def tell_app(roster: Roster, hub: Hub, app_id: str) -> None:
    """Tell of an app, without the secrets that are on their way out.

    Nothing is told of one that has gone, or is hidden: whoever brings it back tells of it.
    """
    with suppress(NotFoundError):
        hub.emit(AppSaved(roster.seen(roster.app(app_id))))
