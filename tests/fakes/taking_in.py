"""A stand-in for what takes in: finds what a test says, and keeps nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from adwarden.domain.handover import Taken
from adwarden.services.taking_in import Compared, Outcome, Preview, Standing


@dataclass
class FakeTakingIn:
    """``found`` stands for what would be found; ``outcomes`` come one after the other.

    ``step`` is that of the services: it remembers what was asked, waits and fails as a test says.
    """

    step: Callable[..., Awaitable[None]]
    found: tuple[Compared, ...] = ()
    remarks: tuple[str, ...] = ()
    outcomes: list[Outcome] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)

    async def compare(self, taken: Taken) -> Preview:
        self.taken.append(taken)
        await self.step("compare")
        found = self.found or tuple(
            Compared(one, Standing.NEW, "New here: the X app and the access token.",
                     app_label=one.app_name, handle=f"@{one.handle}" if one.handle else "")
            for one in taken.sets
        )  # fmt: skip
        return Preview(taken.format, found, (*taken.remarks, *self.remarks))

    async def adopt(
        self, chosen: Iterable[Compared], *, check: bool = False
    ) -> tuple[Outcome, ...]:
        (one,) = chosen
        await self.step("adopt", one.title, check)
        if self.outcomes:
            return (self.outcomes.pop(0),)
        return (Outcome(one, True, f"{one.handle} was connected.", "a9", f"new {one.handle}"),)
