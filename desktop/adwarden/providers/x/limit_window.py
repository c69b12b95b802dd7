"""One window of X's rate limits: how it is counted, believed, refused and written down."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from adwarden.domain.data import dataclass
from adwarden.domain.model import RateWindow
from adwarden.providers.base import KnownWindow

if TYPE_CHECKING:
    from adwarden.providers.x.headers import Told

NOT_SENT = -1
WINDOW_SECONDS = 15 * 60

SAME_RESET = 2.0
"""Seconds by which the reset of one window may seem to move from answer to answer."""

_SCARCE = 0.2
_FEW = 100
_AHEAD = 16
"""Requests of a scarce window that are written down as used before the first of them is sent."""

_FIRST_PAUSE = 1.0
"""Seconds that a refusal closes a window at least; doubled by each that follows it."""

Key = tuple[str, str, str]
"""Token, endpoint and ad account (empty for a limit of the token alone)."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """``wall`` gives Unix seconds, ``steady`` seconds that nobody can set."""

    wall: Callable[[], float]
    steady: Callable[[], float]


@dataclass(slots=True)
class Window:
    """``opens`` counts on the clock that nobody can set; ``resets_at`` is for people."""

    key: Key
    limit: int
    remaining: int
    opens: float
    resets_at: float
    heard: float = 0.0
    """The reset as X told it, by X's clock; 0 where X has told nothing."""

    guess: bool = True
    """Whether what follows the reset X told of is our own guess."""

    answered: bool = False
    in_flight: int = 0
    lost: int = 0
    """How many requests ended without X telling what it had counted, ever."""

    noted: int = -1
    """How many requests a restart would believe to be left at most; -1 is as many as there are."""

    refusals: int = 0
    binding: bool = False
    """Whether a refusal proved that it counts although an ad account has one of its own."""

    @property
    def left(self) -> int:
        """How many requests may be sent now."""
        return max(0, self.remaining - self.in_flight)

    def known(self, left: int | None = None) -> KnownWindow:
        """Return what is told of it to others."""
        shown = RateWindow(self.limit, self.left if left is None else left, self.resets_at)
        return KnownWindow(*self.key, shown)

    def shut(self, opens: float, clocks: Clocks) -> None:
        """Set when it opens; the time for people follows from the clock of now."""
        self.opens, self.resets_at = opens, clocks.wall() + opens - clocks.steady()

    def begin_anew(self, clocks: Clocks) -> None:
        """Begin the next one, once this is over."""
        self.remaining, self.noted = max(1, self.limit), -1  # 0 would never open
        self.guess, self.answered, self.binding = True, False, False
        self.shut(clocks.steady() + WINDOW_SECONDS, clocks)

    def send(self) -> KnownWindow | None:
        """Count a request that is about to be sent; return what must be written down before."""
        self.in_flight += 1
        if not self._is_scarce or 0 <= self.noted <= self.left:
            return None
        ahead = 1 if self.limit <= _FEW else _AHEAD
        self.noted = max(0, self.left - (ahead - 1))
        return self.known(self.noted)

    def end(self, clocks: Clocks, *, heard: bool, status: int) -> None:
        """End one request; our own count holds where X does not tell."""
        self.in_flight -= 1
        if not heard and status != NOT_SENT:
            # A request without an answer may have been counted by X too.
            self.remaining = max(0, self.remaining - 1)
            self.lost += 1
        if status > 0 and not self.answered:
            # X begins to count when a request arrives, which is after it was sent.
            self.answered = True
            self.shut(clocks.steady() + WINDOW_SECONDS, clocks)
        if status > 0 and status != 429:
            self.refusals = 0

    def believe(self, told: Told, clocks: Clocks, *, lost: int) -> None:
        """Take in what X told; a late answer of a former window changes nothing.

        ``lost`` requests of the same time may have reached X after the one that it answers here.
        """
        opens = clocks.steady() + told.seconds
        remaining = max(0, told.remaining - lost)
        if self.heard and told.reset <= self.heard + SAME_RESET:
            if self.guess or told.reset < self.heard - SAME_RESET:
                # Should it be none after all, nothing is lost by counting it here too.
                self.remaining = max(0, self.remaining - 1)
                return
            # Answers of parallel requests arrive in any order: within a window the count only
            # falls, and each tells the reset a little too late.
            self.remaining = min(self.remaining, remaining)
            opens = min(self.opens, opens)
        else:
            self.remaining, self.noted = remaining, -1
        self.limit, self.heard = told.limit, told.reset
        self.guess, self.answered = False, True
        self.shut(opens, clocks)

    def join(self, other: Window, clocks: Clocks) -> None:
        """Take in what another process has learned of the same window: the worse one counts."""
        if self.opens <= clocks.steady():
            self.limit, self.remaining, self.noted = other.limit, other.remaining, -1
            self.guess, self.answered = True, True
        else:
            self.remaining = min(self.remaining, other.remaining)
        self.shut(max(self.opens, other.opens), clocks)

    def refuse(self, pause: float, clocks: Clocks, *, heard: bool) -> None:
        """Close it for as long as X said, and not for less than a moment; ``pause`` in seconds."""
        self.binding = not self.key[2]
        self.remaining = 0
        self.refusals += 1
        steady = clocks.steady()
        least = min(_FIRST_PAUSE * 2.0 ** (self.refusals - 1), float(WINDOW_SECONDS))
        opens = steady + pause if pause and not heard else self.opens
        self.shut(max(opens, steady + least), clocks)

    def note(self) -> KnownWindow:
        """Return what may be written down: never more than was promised before."""
        if self._is_scarce and 0 <= self.noted <= self.left:
            return self.known(self.noted)
        self.noted = self.left
        return self.known()

    @property
    def _is_scarce(self) -> bool:
        return self.limit <= _FEW or self.left <= self.limit * _SCARCE
