"""What the kill loop believes to be there, and what it found."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from tests.kill_look import Left

DONE = (
    "connected", "ended", "renewed", "restored", "changed", "moved", "removed", "undone",
)  # fmt: skip
"""What processes tell that is counted."""


@dataclass
class Believed:
    """What was confirmed; ``unsure`` is what was on its way when the process was killed.

    What was removed counts as connected as long as that can be undone. ``gone`` is what was told
    to have ended, and must not come back by itself.
    """

    connected: set[str] = field(default_factory=set)
    unsure: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    key: str = ""
    keys: set[str] = field(default_factory=set)

    def hear(self, what: str, facts: dict[str, str]) -> None:
        """Take in what a process told before it was killed."""
        handle = facts.get("handle", "")
        if what in ("connected", "restored"):
            self.connected.add(handle)
            self.unsure.discard(handle)
            self.gone.discard(handle)
        elif what == "connecting":
            self.gone.discard(handle)
        elif what == "ending":
            self.connected.discard(handle)
            self.unsure.add(handle)
        elif what == "ended":
            self.unsure.discard(handle)
            self.gone.add(handle)
        elif what == "renewing":
            self.keys.add(facts["key"])
        elif what == "renewed":
            self.key, self.keys = facts["key"], set()

    def against(self, left: Left) -> list[str]:
        """Return what is not there although it should be, or the other way round."""
        there = set(left.tokens) | left.apps
        wrong = [f"{name} was confirmed and is lost" for name in self.connected - there]
        wrong += [f"{name} has ended and is listed again" for name in self.gone & there]
        if left.key not in {self.key, *self.keys}:
            wrong.append("the keys of the spare app are neither the old nor the new ones")
        return wrong

    def settle(self, left: Left) -> None:
        """Take what is there for what should be, from now on."""
        self.connected, self.unsure = set(left.tokens) | left.apps, set()
        self.gone -= self.connected
        self.key, self.keys = left.key, set()


@dataclass
class Outcome:
    """What a run of the loop found."""

    rounds: int = 0
    kills: int = 0
    pairs: int = 0
    operations: Counter[str] = field(default_factory=Counter)
    moments: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    steps_finished: int = 0
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def words(self) -> str:
        """Return all of it for people."""
        lines = [
            f"{self.rounds} rounds, {self.kills} kills in {self.seconds:.0f} s,"
            f" {self.pairs} rounds with a second process beside;"
            f" {self.steps_finished} interrupted steps finished at the next start",
            f"done in between: {_counted(self.done)}",
            f"killed during: {_counted(self.operations)}",
            f"killed at: {_counted(self.moments)}",
            f"wrong: {len(self.wrong)}",
            *self.wrong,
        ]
        return "\n".join(lines)


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.most_common())
