"""Leaving: revokes and removes every connection of an app, or of one user over all apps.

What X does not forget stays listed, with the reason and what a person can do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress

from adwarden.domain.data import dataclass
from adwarden.domain.errors import AdwardenError, ErrorCode, NotFoundError
from adwarden.domain.model import Connection
from adwarden.services.endings import Endings
from adwarden.services.roster import Roster

_OF_ALL = frozenset(
    {
        ErrorCode.NO_NETWORK,
        ErrorCode.TLS,
        ErrorCode.PROXY,
        ErrorCode.CLOCK,
        ErrorCode.KEYCHAIN_LOCKED,
        ErrorCode.KEYCHAIN_DISMISSED,
        ErrorCode.KEYCHAIN_MISSING,
        ErrorCode.KEYCHAIN_TIMEOUT,
    }
)
"""Troubles that the next connection would have as well."""


@dataclass(frozen=True, slots=True)
class Left:
    """How it went with one connection; ``error`` is why it stays, ``None`` when it is gone."""

    connection_id: str
    handle: str
    app_label: str
    error: AdwardenError | None = None


class Leaving:
    """``pause`` stops what is done with a connection."""

    def __init__(self, roster: Roster, endings: Endings, pause: Callable[[str], object]) -> None:
        self._roster, self._endings, self._pause = roster, endings, pause

    async def revoke_all(
        self,
        ids: Iterable[str],
        told: Callable[[Left], None] = lambda _: None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> tuple[Left, ...]:
        """Revoke and remove connections one after the other; ``told`` gets each as it ends.

        ``stopped`` is asked between two. What comes after a trouble that all have is not tried,
        and stays for the same reason.
        """
        ended: list[Left] = []
        trouble: AdwardenError | None = None
        for connection_id in ids:
            if stopped():
                break
            with suppress(NotFoundError):
                connection = self._roster.connection(connection_id)
                label = self._roster.app(connection.app_id).label
                error = trouble or await self._end(connection)
                if error is not None and error.code in _OF_ALL:
                    trouble = error
                ended.append(Left(connection_id, connection.handle, label, error))
                told(ended[-1])
        return tuple(ended)

    async def _end(self, connection: Connection) -> AdwardenError | None:
        self._pause(connection.id)
        try:
            await self._endings.connection(
                connection.id, revoke=True, later=False, of=connection.entry
            )
        except NotFoundError:
            return None
        except AdwardenError as error:
            return error
        return None
