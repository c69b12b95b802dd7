"""The places of secrets in words: their states, their troubles, and what can be done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from adwarden.domain.errors import AdwardenError
from adwarden.domain.model import FILE, KEYCHAIN, MEMORY
from adwarden.storage.keychain_status import KeychainState, KeychainStatus, SelfTest
from adwarden.ui.notices import FILE_NOTICE, Level, Notice, Remedy
from adwarden.ui.phrases import PLACE_WORDS, counted

if TYPE_CHECKING:
    from adwarden.services.moving import Left, Moved
    from adwarden.services.orphans import Orphan
    from adwarden.services.survey import PlaceReport
    from adwarden.services.taking_over import TakenOver

TITLES = PLACE_WORDS
ABOUT = {
    KEYCHAIN: "The keychain of your desktop. Most desktops unlock it when you sign in.",
    FILE: "An encrypted file with a master password: for computers without a keychain, for a "
    "stick, for a folder that a team shares. Each entry is used by one person’s Adwarden.",
    MEMORY: "Nothing is written. When Adwarden quits, the secrets are gone.",
}
_STATES = {
    KeychainState.READY: ("Unlocked", "ok", "lock-open"),
    KeychainState.LOCKED: ("Locked", "warn", "lock"),
    KeychainState.MISSING: ("Not there", "bad", "circle-alert"),
    KeychainState.NO_COLLECTION: ("Not set up yet", "warn", "lock"),
    KeychainState.UNKNOWN: ("Not checked yet", "dim", "circle-help"),
    KeychainState.FAILED: ("Failed", "bad", "triangle-alert"),
}


def state_words(place: str, status: KeychainStatus) -> tuple[str, str, str]:
    """Return a state in words, its colour and its icon."""
    if place == FILE and status.backend == "KeePass file":
        return "None in use", "dim", "circle-help"
    if place == MEMORY:
        return "Ready", "ok", "circle-check"
    return _STATES[status.state]


def trouble_words(place: str, status: KeychainStatus) -> tuple[str, str]:
    """Return what is wrong and what helps; both empty where nothing is."""
    unused = place == FILE and status.backend == "KeePass file"
    if status.state in (KeychainState.READY, KeychainState.UNKNOWN) or unused:
        return "", ""
    return status.message, status.remedy


def count_words(report: PlaceReport, apps: int, connections: int) -> str:
    """Return how much is kept in a place."""
    if not report.rows and not report.entries:
        if report.status.state is KeychainState.LOCKED:
            return "Nothing on the list is kept here. What else is in it can be told once unlocked."
        # It is there, and could not be asked, or not yet.
        unseen = report.status.state in (KeychainState.FAILED, KeychainState.UNKNOWN)
        return "Nothing on the list is kept here." if unseen else "Nothing is kept here."
    kept = (
        f"{counted(apps, 'X app', 'X apps')} and "
        f"{counted(connections, 'connection', 'connections')} are kept here"
    )
    if report.entries is None:
        return f"{kept}."
    if report.missing:
        gone = counted(report.missing, "entry is", "entries are")
        kept += f", of which {gone} not there any more, or damaged"
    if not report.rows:
        return f"It holds {counted(report.entries, 'entry', 'entries')} of Adwarden."
    return f"{kept}; the place holds {counted(report.entries, 'entry', 'entries')} of Adwarden."


def memory_words(report: PlaceReport) -> str:
    """Return what is to be said of what is kept in memory only, or has gone with a session."""
    there = report.rows if report.entries is None else min(report.rows, report.entries)
    lost = report.rows - there
    found = []
    if lost:
        them = "1 went" if lost == 1 else f"{lost:,} went"
        found.append(
            f"{them} with an earlier session: authorize again, or enter the app’s keys again."
        )
    if there:
        it, verb = ("it", "is") if there == 1 else ("them", "are")
        subject = {(1, True): "1", (1, False): "It"}.get((there, bool(lost)), "They")
        if lost and there > 1:
            subject = f"{there:,}"
        found.append(f"{subject} {verb} lost when Adwarden quits. Move {it} to keep {it}.")
    return " ".join(found)


def tested_words(test: SelfTest) -> tuple[str, str]:
    """Return how a test went, and its role."""
    times = ((test.write_ms, "written"), (test.read_ms, "read"), (test.delete_ms, "deleted"))
    spoken = ", ".join(f"{what} in {took:.0f} ms" for took, what in times if took is not None)
    if test.error is None:
        return f"Test passed: an entry was {spoken}.", "ok"
    begun = f" Before that it was {spoken}." if spoken else ""
    return f"Test failed: {error_words(test.error)}{begun}", "error"


def error_words(error: AdwardenError) -> str:
    """Return an error in one line."""
    return " ".join(part for part in (f"{error.title}.", error.message, error.remedy) if part)


def shared_words(place: str) -> str:
    """Return what taking an entry over means where a place may be shared, else nothing."""
    if place != FILE:
        return ""
    return (
        " If it is a colleague’s, they lose it. Ask them first, or add the X app and connect the "
        "account here yourself, which gives you entries of your own."
    )


def delete_words(orphan: Orphan) -> tuple[str, ...]:
    """Return what deleting an entry that nothing lists means, a paragraph each."""
    why = orphan.why.replace(": ", ", ")  # a colon would make a heading of it
    words = [f"{why} It is deleted for good, which can be undone for ten seconds."]
    if orphan.others:
        what = "these keys" if orphan.keys else "this token"
        told = f"If that data folder is still used, it loses {what} and has no other copy."
        ask = " If it is a colleague’s, ask them first." if orphan.kept.place == FILE else ""
        words.append(f"{told}{ask}")
    words.append(
        "At X nothing changes: the keys go on working there."
        if orphan.keys
        else "At X nothing changes, so that a token in it goes on working, and can no longer be "
        "revoked from here."
    )
    return tuple(words)


def taken_words(taken: TakenOver) -> tuple[str, str]:
    """Return how taking everything over ended, and its role."""
    words = [f"{counted(taken.done, 'entry was', 'entries were')} taken over."]
    if taken.skipped:
        words.append(f"Stopped before {taken.skipped:,} more.")
    if taken.failed:
        name, error = taken.failed[0]
        words.append(f"{name} could not be: {error_words(error)}")
        if more := len(taken.failed) - 1:
            words.append(f"And {more:,} more could not be.")
    elif not taken.skipped:
        words.append("Refresh to fetch the ad accounts.")
    return " ".join(words), "error" if taken.failed else "dim"


def moved_words(moved: Moved) -> tuple[str, str]:
    """Return how a move ended, and its role."""
    words = [f"{counted(len(moved.done), 'secret was', 'secrets were')} moved."]
    if moved.skipped:
        words.append(f"Stopped before {moved.skipped:,} more.")
    if moved.left:
        stay = "1 stays where it was" if len(moved.left) == 1 else (
            f"{len(moved.left):,} stay where they were"
        )  # fmt: skip
        words.append(f"{stay}: {_why_left(moved.left)}")
    words += stays_words(moved.stays)
    return " ".join(words), "error" if moved.left or moved.stays else "dim"


def _why_left(left: Sequence[Left]) -> str:
    """Return why each stays; what all of them fail of is said once."""
    same = {one.error.title for one in left}
    if len(left) > 1 and len(same) == 1:
        return error_words(left[0].error)
    words = " ".join(f"{one.name}: {one.error.title}." for one in left[:5])
    return words if len(left) <= 5 else f"{words} And {len(left) - 5:,} more."


def stays_words(stays: Sequence[Left]) -> list[str]:
    """Return what is to be said of old copies that could not be deleted."""
    if not stays:
        return []
    copies = (
        f"The old copy of {stays[0].name} is still where it was, and the secret in it is as good"
        if len(stays) == 1
        else f"The old copies of {len(stays):,} are still where they were, and what is in them is "
        "as good"
    )
    why = dict.fromkeys(error_words(one.error) for one in stays)
    return [f"{copies} as before. {' '.join(why)}"]


def file_notice(status: KeychainStatus, rows: int, unlock: Remedy, places: Remedy) -> Notice | None:
    """Return the notice about the KeePass file, ``None`` where there is nothing to tell."""
    names = "name" if rows == 1 else "names"
    kept = f"Only the {names} of {counted(rows, 'connection', 'connections')} can be seen. "
    lead = kept if rows else ""
    match status.state:
        case KeychainState.LOCKED:
            title, level = f"{status.backend} is locked.", Level.INFO
            return Notice(FILE_NOTICE, level, title, f"{lead}{status.message}", buttons=(unlock,))
        case KeychainState.MISSING:
            title = status.title or "The KeePass file is not there"
            again = Remedy("Try again", unlock.run)
            buttons = (places,) if status.backend == "KeePass file" else (again, places)
            return Notice(
                FILE_NOTICE, Level.WARN, f"{title}.", f"{lead}{status.message}", status.remedy,
                buttons=buttons,
            )  # fmt: skip
        case KeychainState.FAILED:
            title = status.title or "The KeePass file failed"
            return Notice(
                FILE_NOTICE, Level.ERROR, f"{title}.", status.message, status.remedy,
                buttons=(Remedy("Try again", unlock.run), places),
            )  # fmt: skip
    return None
