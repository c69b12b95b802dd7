"""What taking in says: what a set is, what it is to what is kept, what comes and came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from adwarden.domain.data import dataclass
from adwarden.domain.model import MEMORY, Connection, XApp
from adwarden.services.taking_in import Compared, Outcome, Preview, Standing
from adwarden.ui.badges import Badge
from adwarden.ui.phrases import PLACE_NAMES, PLACE_WORDS, counted
from adwarden.ui.search import shortened, visible

_FORMATS = {
    "twurlrc": "twurl’s configuration",
    "xurl": "xurl’s configuration",
    "env": "environment variables",
    "postman": "a Postman environment",
    "json": "JSON",
    "text": "free text",
}
_MARKS = {
    Standing.NEW: ("New", "dot", "accent"),
    Standing.KNOWN: ("Known", "dash", "dim"),
    Standing.CONTRADICTS: ("Contradicts", "diamond", "warn"),
    Standing.INCOMPLETE: ("Incomplete", "ring", "bad"),
}
LEFT_OUT = Badge("Left out", "Left out: it was not chosen", "dim", mark="dash")
NOT_BEGUN = Badge("Not begun", "Not begun, as it was stopped before", "dim", mark="dash")
WORKING = Badge("Being brought in", "Being brought in", "accent", mark="dot")

STAYS_ELSEWHERE = (
    "That does not remove copies in backups and snapshots, in the history of a version control "
    "system, in a shell’s history, or in an editor’s swap and undo files. Where others may have "
    "seen the secrets, regenerate them at X."
)
"""What removing a file does not do."""


@dataclass(frozen=True, slots=True)
class Here:
    """What the words need to know of what is kept: rows by their ids, the place for what is new."""

    app: Callable[[str], XApp | None]
    connection: Callable[[str], Connection | None]
    chosen: Callable[[], str]


def lines(text: str) -> str:
    """Return how much of a text came in; nothing of the text itself."""
    rows = counted(len(text.splitlines()), "line", "lines")
    return f"{rows}, {counted(len(text), 'character', 'characters')}"


def user(one: Compared) -> str:
    """Return whose token a set is, as far as the file tells."""
    if one.handle:
        return shortened(visible(one.handle))
    held = one.one
    if held.token or held.token_secret:
        return "User not named"
    return "No token" if held.api_key else "No keys"


def app(one: Compared) -> str:
    """Return the name of a set's X app."""
    # What it would be called here, where the file does not tell.
    return shortened(visible(one.app_label)) or ("X app" if one.one.api_key else "—")


def at(one: Compared) -> str:
    """Return where a set stands in what was read."""
    return shortened(visible(one.one.at))


def badge(one: Compared) -> Badge:
    """Return what a set is to what is kept, with the reason as its wording."""
    text, mark, colour = _MARKS[one.standing]
    return Badge(text, f"{text}: {visible(one.why)}", colour, mark=mark)


def result_badge(outcome: Outcome) -> Badge:
    """Return what became of a set."""
    words = visible(outcome.words)
    if not outcome.done:
        text = "In part" if _half(outcome) else "Not brought in"
        return Badge(text, f"{text}: {words}", "bad", mark="diamond")
    if outcome.compared.standing is Standing.KNOWN:
        return Badge("Here already", f"Here already: {words}", "dim", mark="dash")
    return Badge("Brought in", f"Brought in: {words}", "ok", mark="dot")


def place_of(one: Compared, here: Here) -> str:
    """Return the place that a set is kept in, or would be; empty where it cannot be kept."""
    if one.standing is Standing.INCOMPLETE:
        return ""
    rows = (here.connection(one.connection_id), here.app(one.app_id))
    row = rows[0] if one.one.token else rows[1]
    if row is None:
        # What is known and not kept stands before it in the file, and is told there.
        return "" if one.standing is Standing.KNOWN else here.chosen()
    return row.place


def place_after(outcome: Outcome, here: Here) -> str:
    """Return the place that a set is kept in now; empty where it is not, or not all of it."""
    if not outcome.done:
        return ""
    row = here.connection(outcome.connection_id) or here.app(outcome.app_id)
    return row.place if row is not None else place_of(outcome.compared, here)


def kept_in(place: str) -> str:
    """Return a place in a word or two; empty without any."""
    return PLACE_WORDS.get(place, place).partition(",")[0]


def what_then(one: Compared, place: str) -> str:
    """Return what comes of choosing a set."""
    name = PLACE_NAMES.get(place, place)
    if one.standing is Standing.NEW:
        ends = ", until Adwarden is closed" if place == MEMORY else ""
        return f"Brought in, it is kept in {name}{ends}."
    if one.standing is Standing.CONTRADICTS and one.beside:
        return f"If you choose it, nothing that is kept in {name} changes."
    if one.standing is Standing.CONTRADICTS:
        return (
            f"Choose it only if this one is right: it replaces what is kept in {name}, which "
            "cannot be got back."
        )
    if one.standing is Standing.KNOWN:
        return "There is nothing to bring in."
    return "It cannot be brought in. Complete it where it comes from, or enter it by hand."


def spoken(one: Compared, place: str) -> str:
    """Return a line of the preview for screen readers."""
    parts = (user(one), app(one), at(one), badge(one).wording, kept_in(place))
    return ", ".join(part for part in parts if part)


def summary(preview: Preview) -> str:
    """Return what was read, and how much of it is what."""
    found = Counter(one.standing for one in preview.sets)
    words = {
        Standing.NEW: "new",
        Standing.KNOWN: "known",
        Standing.CONTRADICTS: "in contradiction to what is kept",
        Standing.INCOMPLETE: "incomplete",
    }
    counts = [f"{found[one]:,} {words[one]}" for one in words if found[one]]
    kind = _FORMATS.get(preview.format, preview.format)
    sets = counted(len(preview.sets), "credential set", "credential sets")
    return f"{sets}, read as {kind}: {', '.join(counts)}. Nothing has been kept yet."


def half(count: int) -> str:
    """Return how far it came before something kept the rest from coming."""
    return f"{counted(count, 'set is', 'sets are')} done with. The rest waits."


def found_in(name: str) -> str:
    """Return the title of what was found; ``name`` is the file’s, empty for what was pasted."""
    return f"What is in {visible(name)}" if name else "What you pasted"


def result_title(outcomes: Sequence[Outcome], chosen: int) -> str:
    """Return how it ended, in few words."""
    done = sum(one.done for one in outcomes)
    if done == chosen:
        return "Brought in" if done == 1 else f"All {done:,} were brought in"
    if not done:
        return "Nothing was brought in"
    return f"{done:,} of {chosen:,} were brought in"


def result_words(outcomes: Sequence[Outcome], chosen: int, *, checked: bool) -> str:
    """Return what else is to be known of how it ended."""
    done = [one for one in outcomes if one.done]
    failed, stopped = len(outcomes) - len(done), chosen - len(outcomes)
    words = []
    if failed:
        words.append(f"{failed:,} could not be brought in: choose its line to see why.")
    if stopped:
        words.append(f"{counted(stopped, 'set was', 'sets were')} not begun, as you stopped it.")
    if any(one.connection_id for one in done):
        words.append(
            "X has confirmed the tokens; their ad accounts are being fetched."
            if checked
            else "X was not asked: whether the tokens work is known once they are checked."
        )
    return " ".join(words)


def still_there(name: str, *, pasted: bool, whole: bool) -> str:
    """Return where the secrets lie about still; ``whole`` where all that was found is here."""
    if pasted:
        return "The text may still be on the clipboard, and where you copied it from."
    more = "" if whole else " Not all of it is here: remove it yourself once nothing needs it."
    return f"{visible(name)} still holds these secrets, open to every program you run.{more}"


def _half(outcome: Outcome) -> bool:
    return outcome.error is not None and outcome.words != str(outcome.error)
