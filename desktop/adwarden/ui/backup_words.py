"""What a preview and a restore say: lines, choices and outcomes, in words."""

from __future__ import annotations

from collections import Counter

from adwarden.domain.backup import Item, Side, Standing
from adwarden.domain.model import ConnectionState
from adwarden.services.restoring import Preview, Restored
from adwarden.ui.phrases import counted, exact, freshness

_STATES = {
    ConnectionState.WORKING: "working",
    ConnectionState.ATTENTION: "needs attention",
    ConnectionState.REVOKED: "revoked",
    ConnectionState.REVOKING: "being revoked",
    ConnectionState.NEEDS_AUTHORIZATION: "must be authorized again",
    ConnectionState.UNKNOWN: "not checked",
}


def standing(item: Item) -> str:
    """Return how a line stands to what is here."""
    if item.standing is Standing.NEW:
        return "New"
    if item.standing is Standing.SAME:
        return "The same here"
    if item.standing is Standing.NO_APP:
        return "Its X app is neither here nor in the backup"
    found = _difference(item)
    if not item.leaving:
        return found
    return f"Being removed here. {found}" if found else "Being removed here"


def _difference(item: Item) -> str:
    if item.here_lost:
        return "Here without its keys" if item.is_app else "Here without its token"
    if not item.differs:
        return ""
    words = "Differs: " + ", ".join(item.differs)
    if "token" not in item.differs or item.here_state is None:
        return words
    age = {Side.HERE: "newer here, ", Side.BACKUP: "older here, "}.get(item.newer, "here ")
    return f"{words} · {age}{_STATES[item.here_state]}"


def outcome(item: Item, taken: bool, app_taken: bool = True) -> str:
    """Return what will come of a line."""
    if item.standing is Standing.SAME:
        return "Stays"
    if item.standing is Standing.NO_APP:
        return "Cannot be restored"
    if item.standing is Standing.NEW:
        if not app_taken:
            return "Left out, without its app"
        return "Added" if taken else "Left out"
    if item.leaving:
        if not taken:
            return "Removed, as begun"
        return "Brought back, with what differs" if item.differs else "Brought back"
    return "Replaced from the backup" if taken else "Kept as it is here"


def dates(item: Item) -> str:
    """Return both dates of a connection, for a tooltip; empty for an app."""
    if item.is_app:
        return ""
    lines = [f"In the backup: {_authorized(item.since)}"]
    if item.here_since is not None:
        lines.append(f"Here: {_authorized(item.here_since)}")
    return "\n".join(lines)


def _authorized(moment: float) -> str:
    return f"authorized {exact(moment)}" if moment > 0 else "the day is not known"


def summary(preview: Preview, now: float) -> str:
    """Return what the backup is and how much of it is what."""
    found = Counter(item.standing for item in preview.items)
    parts = [
        counted(found[Standing.NEW], "new entry", "new entries"),
        f"{found[Standing.SAME]:,} the same",
        f"{found[Standing.DIFFERS]:,} different",
    ]
    if found[Standing.NO_APP]:
        parts.append(f"{found[Standing.NO_APP]:,} without their X app")
    if preview.unread:
        parts.append(f"{preview.unread:,} that cannot be read")
    age, _ = freshness(preview.made_at, now, float("inf"))
    made = f"Made {exact(preview.made_at)} ({age}) by Adwarden {preview.program}."
    return f"{made} {', '.join(parts)}."


def result(done: Restored) -> tuple[str, ...]:
    """Return what became of a restore, a paragraph each."""
    back = f", {len(done.brought_back):,} brought back" if done.brought_back else ""
    words = [
        f"{counted(len(done.added), 'entry was', 'entries were')} added, "
        f"{len(done.replaced):,} replaced{back}; {done.skipped:,} stayed as they are."
    ]
    if done.added or done.replaced:
        words.append("Whether the restored connections work is not known before they are checked.")
    if done.homeless:
        words.append(f"Left out, as their X app is not here: {_names(done.homeless)}.")
    words += [f"{name} could not be kept: {error}" for name, error in done.failed[:5]]
    if len(done.failed) > 5:
        words.append(f"So could {len(done.failed) - 5:,} more not.")
    if done.stopped is not None:
        words.append(
            f"It stopped before its end. {done.stopped} What was brought in is whole; restore "
            "again to go on."
        )
    return tuple(words)


def _names(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:6])
    return f"{shown} and {len(names) - 6:,} more" if len(names) > 6 else shown
