"""What is refused when an X app is added or edited; each refusal names the field it is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from adwarden.domain.errors import AdwardenError, ErrorCode, InputError
from adwarden.domain.model import MAX_LABEL as MAX_LABEL
from adwarden.domain.model import XApp
from adwarden.domain.secret import Secret
from adwarden.storage.keychain_codec import tidy


def check_label(label: str, apps: Iterable[XApp], *, leaving: Iterable[XApp] = ()) -> None:
    """Refuse a name that is empty, too long or taken by one of ``apps``.

    Nor may it be that of one that was removed and can still be undone, which is ``leaving``.
    """
    check_visible(label)
    if not label:
        raise InputError(
            "The app has no name",
            "Names tell apps apart in lists and in the keychain.",
            "Give it the name it has in the developer console.",
            field="label",
        )
    if len(label) > MAX_LABEL:
        raise InputError(
            "The name is too long",
            f"A name may have {MAX_LABEL} characters.",
            "Choose a shorter one.",
            field="label",
        )
    if any(app.label.casefold() == label.casefold() for app in apps):
        raise InputError(
            "This name is taken",
            f"There is another X app called “{label}”.",
            "Choose another name.",
            field="label",
        )
    if any(app.label.casefold() == label.casefold() for app in leaving):
        raise InputError(
            "This name is not free yet",
            f"The X app “{label}” was just removed, which can still be undone.",
            "Undo it, try again in ten seconds, or choose another name.",
            field="label",
        )


def check_visible(name: str) -> None:
    """Refuse a name of which nothing is left in the keychain; an empty one is none."""
    if name and not tidy(name):
        raise InputError(
            "This name cannot be seen",
            "All its characters are invisible, or no characters at all.",
            "Type a name with letters or digits.",
            field="label",
        )


def check_keys(key: Secret, secret: Secret) -> None:
    """Refuse what is empty or blank; their shapes are looked at where they are typed."""
    for field, value, what in (("key", key, "API key"), ("secret", secret, "API key secret")):
        if value.is_blank:
            raise InputError(
                f"The {what} is missing",
                "Without it no request can be signed.",
                "Copy it from the developer console.",
                field=field,
            )


def tidied(note: str) -> str:
    """Return a note without blanks at its ends and at the ends of its lines."""
    return "\n".join(line.rstrip() for line in note.strip().splitlines())


def too_long(error: AdwardenError, lengths: Mapping[str, int]) -> AdwardenError:
    """Name the longest of the fields that were changed, where an entry would get too long.

    ``lengths`` are in characters. Any other error is returned as it is.
    """
    if error.code is not ErrorCode.ENTRY_TOO_LARGE:
        return error
    return InputError(
        "There is no room for all of this",
        error.message,
        "Shorten the note, or check that only the value itself was pasted.",
        field=max(lengths, key=lambda name: lengths[name]),
    )
