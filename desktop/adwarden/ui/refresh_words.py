"""What the window says of refreshes: how far they are, until when they wait, why none can run."""

from __future__ import annotations

from adwarden.ui.phrases import ad_accounts, time_of_day
from adwarden.ui.store import Progress, State


def progress_words(progress: Progress) -> str:
    """Return how far it is, and when it goes on where everything waits."""
    if progress.reason and progress.resumes_at is None:
        return "Waiting for another Adwarden"
    if progress.total:
        words = f"{progress.done:,} of {ad_accounts(progress.total)}"
    elif progress.done:
        words = f"{ad_accounts(progress.done)} so far"
    else:
        words = "Reading the list of ad accounts"
    if progress.resumes_at is None:
        return words
    resumes = f"resumes at {time_of_day(progress.resumes_at)}"
    if not progress.total:
        so_far = f"{words}, waiting for the list" if progress.done else "Waiting"
        return f"{so_far}, {resumes}"
    return f"{words}, {resumes}"


def refresh_tip(state: State, now: float) -> str:
    """Return why Refresh cannot do more now; empty where nothing is in its way."""
    progress = state.progress()
    if progress is not None:
        words = f"Refreshing: {progress_words(progress)}."
        return f"{words} {progress.reason}".strip() if progress.reason else words
    window = state.exhausted(now)
    if window is None:
        return ""
    at = time_of_day(window.window.resets_at)
    return (
        f"{window.endpoint} allows {window.window.limit:,} requests in 15 minutes, and they are "
        f"used. What is begun now waits and resumes at {at}."
    )


def whose(state: State, scope: str) -> str:
    """Return the handle of the connection that a rate limit counts for, empty for no known one."""
    there = state.connections.values()
    return next((one.handle for one in there if f"{one.app_id}/{one.user_id}" == scope), "")
