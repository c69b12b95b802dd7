"""The ways from the buttons of notices to what the window can do."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from adwarden.domain.data import dataclass
from adwarden.ui.commands import Commands

if TYPE_CHECKING:
    from adwarden.services.events import RemovalChanged
    from adwarden.ui.vault_watch import VaultWatch


@dataclass(frozen=True, slots=True)
class Ways:
    """What the buttons of the notices do."""

    reconnect: Callable[[str], None]
    focus: Callable[[str], None]
    refresh: Callable[[str], None]
    refresh_all: Callable[[], None]
    unlock: Callable[[], None]
    unlock_file: Callable[[Callable[[], None] | None], None]
    places: Callable[[], None]
    renew_app: Callable[[str], None]
    say: Callable[[str], None]
    revoke_again: Callable[[], None]
    unlock_place: Callable[[str, Callable[[], None]], None]
    removal: Callable[[RemovalChanged], None]


def ways_of(
    commands: Commands,
    focus: Callable[[str], None],
    say: Callable[[str], None],
    vault: Callable[[], VaultWatch],
) -> Ways:
    """Return the ways that lead to the window's commands."""
    return Ways(
        reconnect=commands.reconnect,
        focus=focus,
        refresh=commands.refresh,
        refresh_all=commands.refresh_all,
        unlock=commands.unlock_and_retry,
        unlock_file=lambda then: vault().unlock(then),
        places=lambda: vault().open(),
        renew_app=commands.renew_app,
        say=say,
        revoke_again=commands.revoke_again,
        unlock_place=lambda place, then: commands.unlock(place, then),
        removal=lambda change: commands.removal(change),
    )
