"""What the authorization dialog says in each phase, and what it lets the person choose."""

from __future__ import annotations

from dataclasses import replace

from adwarden.domain.errors import ErrorCode, KeychainError
from adwarden.services.authorizing import Granted
from adwarden.ui.authorize_flow import AuthorizeFlow
from adwarden.ui.authorize_notice import Choice, Message, in_words, message_of
from adwarden.ui.authorize_phase import Phase

BUSY = {
    Phase.STARTING: "Asking X for an authorization page…",
    Phase.EXCHANGING: "Exchanging the PIN for a token…",
    Phase.KEEPING: "Storing the token…",
    Phase.DISCARDING: "Revoking the token at X…",
}

WAITING_OUTSIDE = (
    "Waiting for the PIN. Whoever authorizes signs in at X, and X then shows a number: type it "
    "on the left."
)

_KEYCHAIN_LEVEL = {
    ErrorCode.KEYCHAIN_LOCKED: "warn",
    ErrorCode.KEYCHAIN_DISMISSED: "warn",
    ErrorCode.KEYCHAIN_TIMEOUT: "warn",
}

PaneWords = tuple[str, str, str, str]
"""Icon, its colour, a title and a text, in the place of the page."""


def message_for(flow: AuthorizeFlow, keychain_name: str) -> Message | None:
    """Return what to show on the left for where ``flow`` stands."""
    if flow.phase is Phase.EXCHANGING:
        return Message("info", "Waiting for X’s answer", (_NOT_LOST,)) if flow.leaving else None
    if flow.phase is Phase.DISCARDED:
        line = "The token was revoked at X and forgotten. Start over to authorize again."
        return Message("ok", "Revoked and forgotten", (line,))
    if flow.granted is None:
        return _trouble(flow)
    if flow.phase is Phase.MISMATCH:
        message: Message | None = _mismatch(flow, flow.granted)
    else:
        message = _unstored(flow, flow.granted, keychain_name)
    if message is not None and flow.leaving:
        message = replace(message, lines=(*message.lines, _NOT_LOST))
    return message


def pane_words(flow: AuthorizeFlow) -> PaneWords | None:
    """Return what stands in the place of the page, or ``None`` while the page may stay."""
    granted = flow.granted
    if flow.phase is Phase.STARTING:
        return "globe", "dim", "One moment", "Asking X for an authorization page."
    if flow.phase in (Phase.MISMATCH, Phase.UNSTORED) and granted is not None:
        words = "The token is in memory only. Choose on the left what becomes of it."
        return "shield-check", "ok", f"{_who(granted)} authorized the app", words
    if flow.phase is Phase.FAILED:
        return "circle-alert", "dim", "No page is open", "Start over to open a new one."
    if flow.phase is Phase.DISCARDED:
        return "circle-check", "ok", "Nothing is kept", "Start over to authorize again."
    return None


_NOT_LOST = "The dialog stays open until this is settled, so that nothing granted is lost."


def _trouble(flow: AuthorizeFlow) -> Message | None:
    error = flow.error
    if error is None:
        return None
    if isinstance(error, KeychainError) and flow.phase is Phase.WAITING:
        return message_of(error, "warn", "Then press Continue again: the PIN is still good.")
    if flow.phase is Phase.FAILED or error.code is ErrorCode.INPUT:
        return message_of(error, "bad")
    return message_of(error, "warn", "A new page is opened. The old PIN no longer counts.")


def _unstored(flow: AuthorizeFlow, granted: Granted, keychain_name: str) -> Message | None:
    choices = (
        Choice("Try again" if flow.error else "Keep it", flow.keep, "primary"),
        Choice("Discard and revoke", flow.discard, "danger"),
    )
    error = flow.error
    if error is None:
        if flow.phase is not Phase.UNSTORED:
            return None
        lines = (f"X granted {_who(granted)}’s token while you cancelled. It is in memory only.",)
        return Message("warn", "The token is not stored yet", lines, choices=choices)
    place = keychain_name or "the system keychain"
    shown = message_of(
        error,
        _KEYCHAIN_LEVEL.get(error.code, "bad"),
        f"{_who(granted)}’s token is in memory only, not in {place} yet.",
    )
    return replace(shown, choices=choices)


def _mismatch(flow: AuthorizeFlow, granted: Granted) -> Message:
    expected = granted.attempt.expected
    handle = expected.handle if expected is not None else ""
    lines = [f"{handle} was to be reconnected, but {_who(granted)} authorized the app."]
    detail = ""
    if flow.error is not None:
        lines.append(f"{flow.error.title}. {in_words(flow.error)}")
        detail = flow.error.detail
    choices = (
        Choice("Keep as a new connection", lambda: flow.keep(as_new=True)),
        Choice("Revoke and forget", flow.discard, "danger"),
    )
    return Message("warn", "Another user authorized", tuple(lines), detail, choices)


def _who(granted: Granted) -> str:
    grant = granted.grant
    return f"@{grant.screen_name}" if grant.screen_name else f"User {grant.user_id}"
