"""What is refused when somebody adds an X app; each refusal names the field it is about."""

from __future__ import annotations

from collections.abc import Iterable

from adwarden.domain.errors import InputError
from adwarden.domain.model import XApp
from adwarden.domain.secret import Secret

MAX_LABEL = 60
"""Characters."""


def check_label(label: str, apps: Iterable[XApp]) -> None:
    """Refuse a name that is empty, too long or taken by one of ``apps``."""
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


def check_keys(key: Secret, secret: Secret) -> None:
    """Refuse what is empty; their shapes are looked at where they are typed."""
    for field, value, what in (("key", key, "API key"), ("secret", secret, "API key secret")):
        if not value:
            raise InputError(
                f"The {what} is missing",
                "Without it no request can be signed.",
                "Copy it from the developer console.",
                field=field,
            )
