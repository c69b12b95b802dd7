"""Takes over everything of a place that nothing lists here: apps first, then their users' tokens.

What belonged to a data folder that is lost, or to somebody else's, comes in one go like that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from adwarden.domain.data import dataclass
from adwarden.domain.errors import AdwardenError
from adwarden.services.of_place import OF_PLACE
from adwarden.services.survey import Orphan, Survey


@dataclass(frozen=True, slots=True)
class TakenOver:
    """How many are listed now, and why others are not, by what people call them.

    ``skipped`` is how many nobody came to, as it was stopped before.
    """

    done: int
    failed: tuple[tuple[str, AdwardenError], ...] = ()
    skipped: int = 0


def takeable(orphans: Iterable[Orphan]) -> tuple[Orphan, ...]:
    """Return what can be listed here, in the order in which that works."""
    left = [one for one in orphans if one.going is None]
    # Of two entries with the keys of one app the first is enough.
    apps = {one.app: one for one in reversed(left) if one.app and one.can_be_taken}
    tokens = (one for one in left if one.of_app in apps or (one.can_be_taken and not one.app))
    return (*(one for one in left if apps.get(one.app) is one), *tokens)


async def take_over_all(
    survey: Survey,
    orphans: Iterable[Orphan],
    told: Callable[[int, int, str], None] = lambda _done, _total, _name: None,
    stopped: Callable[[], bool] = lambda: False,
) -> TakenOver:
    """List all that can be; one that fails holds up no other, a place that fails does.

    ``told`` hears how many of how many have had their turn, and the name of the next one.
    ``stopped`` is asked before each whether that is enough. What was not come to stays where it is,
    and can be taken over later.
    """
    wanted = takeable(orphans)
    failed: list[tuple[str, AdwardenError]] = []
    for number, orphan in enumerate(wanted):
        if stopped():
            return TakenOver(number - len(failed), tuple(failed), len(wanted) - number)
        told(number, len(wanted), orphan.name)
        try:
            await survey.take_over(orphan)
        except AdwardenError as error:
            failed.append((orphan.name, error.with_traceback(None)))
            if error.code in OF_PLACE:
                come_to = number + 1
                return TakenOver(come_to - len(failed), tuple(failed), len(wanted) - come_to)
    return TakenOver(len(wanted) - len(failed), tuple(failed))
