"""Troubles that stop one thing and would stop the next as well: it is not tried then."""

from __future__ import annotations

from adwarden.domain.errors import OF_ALL, AdwardenError
from adwarden.services.of_place import OF_PLACE


class Troubles:
    """What has been met in one round over many connections."""

    def __init__(self) -> None:
        self._met: dict[str, AdwardenError] = {}

    def of(self, *places: str) -> AdwardenError | None:
        """Return what stops everything whose secrets are in these places, if anything does."""
        met = (self._met.get(place) for place in ("", *places))
        return next(filter(None, met), None)

    def learn(self, error: AdwardenError, place: str) -> None:
        """Note an error that others would meet; ``place`` is whose, unless the error tells."""
        if error.code in OF_ALL:
            self._met[""] = error
        elif error.code in OF_PLACE:
            self._met[getattr(error, "place", "") or place] = error
