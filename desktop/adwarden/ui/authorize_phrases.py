"""What the authorization dialog says in each phase, and what it lets the person choose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from adwarden.domain.errors import LOCKED, ErrorCode, KeychainError
from adwarden.services.authorizing import Granted
from adwarden.ui.authorize_errors import in_doubt, never_sent
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


def message_for(
    flow: AuthorizeFlow,
    keychain_name: str,
    enter_keys: Callable[[], None],
    send_again: Callable[[], None],
) -> Message | None:
    """Return what to show on the left for where ``flow`` stands.

    ``enter_keys`` opens the dialog for the app's keys, where they are what is missing;
    ``send_again`` sends the PIN that is there once more.
    """
    if flow.phase is Phase.EXCHANGING:
        return Message("info", "Waiting for X’s answer", (_NOT_LOST,)) if flow.leaving else None
    if flow.phase is Phase.DISCARDED:
        return _discarded(flow)
    if flow.granted is None:
        message = _trouble(flow, Choice("Try again", send_again))
        if message is not None and flow.error and flow.error.code is ErrorCode.APP_KEYS:
            message = replace(message, choices=(Choice("Enter the keys again", enter_keys),))
        elif message is not None and flow.error and flow.error.code in LOCKED:
            # With the PIN in hand it goes on from there; both begin with the unlocking.
            go_on = send_again if flow.phase is Phase.WAITING else flow.again
            message = replace(message, choices=(Choice("Unlock …", go_on, "primary"),))
        return message
    if flow.phase is Phase.MISMATCH:
        message = _mismatch(flow, flow.granted)
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


_ALIVE = (
    "it stays valid at X until the user removes the app in X’s settings › Security and account "
    "access › Apps and sessions › Connected apps."
)

_IF_FORGOTTEN = f"As a last resort the token can be forgotten without revoking; {_ALIVE}"


def _discarded(flow: AuthorizeFlow) -> Message:
    if flow.not_revoked:
        lines = (f"The token was forgotten here, but {_ALIVE}",)
        return Message("warn", "Forgotten, not revoked", lines)
    line = "The token was revoked at X and forgotten. Start over to authorize again."
    return Message("ok", "Revoked and forgotten", (line,))


_NOT_SEEN = "X has not seen the PIN: it is still good, as is the page."
_MAYBE_USED = (
    "Whether X has got the PIN is not known, and it may be used up. Try again first: either it "
    "still works, or X says that it is used up; then a new page is opened."
)


def _trouble(flow: AuthorizeFlow, again: Choice) -> Message | None:
    error = flow.error
    if error is None:
        return None
    if flow.phase is Phase.WAITING and (never_sent(error) or in_doubt(error)):
        line = _NOT_SEEN if never_sent(error) else _MAYBE_USED
        return replace(message_of(error, "warn", line), choices=(again,))
    if isinstance(error, KeychainError) and flow.phase is Phase.WAITING:
        return message_of(error, "warn", "Then press Continue again: the PIN is still good.")
    if error.code in (ErrorCode.SERVER, ErrorCode.RATE_LIMITED) and flow.phase is Phase.WAITING:
        return message_of(error, "warn", "X has not taken the PIN: press Continue again later.")
    if flow.phase is Phase.FAILED or error.code is ErrorCode.INPUT:
        return message_of(error, "bad")
    return message_of(error, "warn", "A new page is opened. The old PIN no longer counts.")


def _unstored(flow: AuthorizeFlow, granted: Granted, keychain_name: str) -> Message | None:
    # Once revoking has failed, "Try again" would not say what of.
    again = flow.error is not None and not flow.not_revoked
    choices = (
        Choice("Try again" if again else "Keep it", flow.keep, "primary"),
        Choice("Discard and revoke", flow.discard, "danger"),
        *_last_resort(flow),
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
        _IF_FORGOTTEN if flow.not_revoked else "",
    )
    return replace(shown, choices=choices)


def _last_resort(flow: AuthorizeFlow) -> tuple[Choice, ...]:
    if not flow.not_revoked:
        return ()
    return (Choice("Forget without revoking", flow.forget, "danger"),)


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
        *_last_resort(flow),
    )
    if flow.not_revoked:
        lines.append(_IF_FORGOTTEN)
    return Message("warn", "Another user authorized", tuple(lines), detail, choices)


def _who(granted: Granted) -> str:
    grant = granted.grant
    return f"@{grant.screen_name}" if grant.screen_name else f"User {grant.user_id}"
