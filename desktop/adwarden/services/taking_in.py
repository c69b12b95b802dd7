"""Takes in what other tools' files hold: says what is new, known or in the way, then keeps it.

Nothing is kept that was not chosen, and each set ends with words on what became of it.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING

from adwarden.domain.errors import AdwardenError, InputError
from adwarden.domain.handover import CredentialSet, Taken
from adwarden.domain.model import AppAccess, AppState, Connection, Credential, XApp
from adwarden.domain.secret import Secret
from adwarden.services.apps import OPTIONAL, Apps
from adwarden.services.pasting import Pasting
from adwarden.services.places import Places
from adwarden.services.proving import try_keys
from adwarden.services.roster import Roster
from adwarden.services.taking_in_looks import Compared, Held, Known, Outcome, Preview, Standing
from adwarden.services.taking_in_words import free_label

if TYPE_CHECKING:
    from adwarden.services.authorizing import Platforms

__all__ = ["Compared", "Outcome", "Preview", "Standing", "TakingIn"]

_HANDLE = re.compile(r"\w{1,15}", re.ASCII)
_PROVIDER = "x"
"""Whose tools' files these are."""

AddApp = Callable[[str, Secret, Secret, AppAccess], Awaitable[XApp]]
RenewApp = Callable[[str, Secret, Secret], Awaitable[XApp]]


class TakingIn:
    """Compares and adopts; comparing raises ``KeychainError`` where a place must be unlocked first.

    ``add_app`` and ``renew_app`` are those of ``Accounts``.
    """

    def __init__(
        self,
        roster: Roster,
        places: Places,
        platforms: Platforms,
        apps: Apps,
        pasting: Pasting,
        *,
        add_app: AddApp,
        renew_app: RenewApp,
    ) -> None:
        self._roster, self._places, self._platforms = roster, places, platforms
        self._apps, self._pasting = apps, pasting
        self._add_app, self._renew_app = add_app, renew_app

    async def compare(self, taken: Taken) -> Preview:
        """Say of every set what it is to what is kept here; nothing is changed, X is not asked.

        A set that comes after another of the same file is compared with that one, too.
        """
        for one in taken.sets:
            self._note(one)
        known = Known(self._roster, self._places)
        found = [await known.look(one, remember=True) for one in taken.sets]
        return Preview(taken.format, tuple(found), (*taken.remarks, *known.remarks))

    async def adopt(
        self, chosen: Iterable[Compared], *, check: bool = False
    ) -> tuple[Outcome, ...]:
        """Keep what was chosen of a preview, in its order; returns one outcome for each.

        The app comes first, then the token. With ``check`` X confirms both before they are kept.
        What contradicts replaces what is kept: who chooses it wants that. ``app_label`` of what
        was chosen is the name that a new app gets.
        """
        return tuple([await self._adopt(one, check=check) for one in chosen])

    async def _adopt(self, chosen: Compared, *, check: bool) -> Outcome:
        """Look again first: what was kept since must not be replaced by an old choice."""
        done: list[str] = []
        now, app_id = chosen, chosen.app_id
        try:
            now = await Known(self._roster, self._places).look(chosen.one)
            app_id = now.app_id
            if now.standing is Standing.INCOMPLETE:
                raise _incomplete(now)
            if now.standing is Standing.KNOWN:
                return Outcome(now, True, f"{now.title} is here already.")
            agreed = chosen.parts if chosen.standing is Standing.CONTRADICTS else ()
            # A set before it in the same file may have done a part; nothing may have been added.
            if now.standing is Standing.CONTRADICTS and not set(now.parts) <= set(agreed):
                raise _changed(now)
            app = await self._take_app(now, chosen.app_label, done, check=check)
            app_id = app.id
            connection = await self._take_token(now, app, done, check=check)
            return Outcome(now, True, _listed(done), app.id, connection.id if connection else "")
        except AdwardenError as error:
            kept = f"{_listed(done)} " if done else ""
            return Outcome(now, False, f"{kept}{error}", app_id, "", error)

    async def _take_app(self, now: Compared, label: str, done: list[str], *, check: bool) -> XApp:
        one, app = now.one, self._roster.app(now.app_id) if now.app_id else None
        optional = {name: getattr(one, name) for name in now.parts if name in OPTIONAL}
        if app is None:
            if check:
                await self._try(one)
            app = await self._add_app(
                self._free(label or one.app_name), one.api_key, one.api_secret, AppAccess.UNKNOWN
            )
            done.append(f"The X app “{app.label}” was added.")
        elif "keys" in now.parts:
            if check and app.state is AppState.WORKING:
                await self._apps.weigh_keys(app.id, one.api_key, one.api_secret)
            elif check:
                await self._try(one)
            app = await self._renew_app(app.id, one.api_key, one.api_secret)
            done.append(f"The API key secret of {app.label} was replaced.")
        if optional:
            app = await self._apps.edit(
                app.id, label=app.label, access=app.access, note=app.note, secrets=optional
            )
            names = " and ".join(name.replace("_", " ") for name in optional)
            done.append(f"The {names} of {app.label} was kept.")
        return app

    async def _take_token(
        self, now: Compared, app: XApp, done: list[str], *, check: bool
    ) -> Connection | None:
        if "token" not in now.parts:
            return None
        one = now.one
        if check:
            made = await self._pasting.add(
                app.id, one.token, one.token_secret, pasted=False, may_replace=now.connection_id
            )
        else:
            name = one.handle if _HANDLE.fullmatch(one.handle) else ""
            made = await self._pasting.keep_unasked(app.id, one.token, one.token_secret, name)
        how = "has another token now" if made.id == now.connection_id else "was connected"
        whether = "X confirmed it" if check else "X was not asked whether it works"
        done.append(f"{made.handle} {how} through {app.label}; {whether}.")
        return made

    async def _try(self, one: CredentialSet) -> None:
        keys = Credential("", {"key": one.api_key, "secret": one.api_secret})
        await try_keys(self._platforms[_PROVIDER], self._places, keys)

    def _free(self, wanted: str) -> str:
        """Return a name for a new app that no other has."""
        apps = (*self._roster.apps, *self._roster.leaving)
        return free_label(wanted, (app.label for app in apps))

    def _note(self, one: CredentialSet) -> None:
        """Have what a file holds kept out of logs, whether it is taken in or not."""
        held: Held = {
            name: value
            for name in ("api_key", "api_secret", "token", "token_secret", *OPTIONAL)
            if (value := getattr(one, name))
        }
        self._places.note(Credential("file", held))


def _listed(done: list[str]) -> str:
    return " ".join(done)


def _incomplete(now: Compared) -> InputError:
    return InputError(
        f"{now.title} is not complete", now.why, "Complete it in the file, or enter it by hand."
    )


def _changed(now: Compared) -> InputError:
    return InputError(
        f"{now.title} was left out",
        f"What is kept here has changed since you looked: {now.why}",
        "Look at the file again.",
    )
