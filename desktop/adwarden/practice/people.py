"""The X users of the practice world who can authorize, and the X apps that are ready to use.

All names are made up. The keys are public and open nothing but a practice server.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from adwarden.practice.keys import number


@dataclass(frozen=True, slots=True)
class Person:
    """An X user who can choose to authorize an app on the practice pages."""

    user_id: str
    screen_name: str
    name: str
    suspended: bool = False
    hint: str = ""


class AppKind(Enum):
    """How X treats an app."""

    READY = "ready"
    SUSPENDED = "suspended"
    NOT_APPROVED = "not-approved"
    READ_ONLY = "read-only"
    CALLBACK_ONLY = "callback-only"
    PIN_ONLY = "pin-only"


@dataclass(frozen=True, slots=True)
class PracticeApp:
    """A made-up X app; ``note`` says in words how the practice server treats it."""

    label: str
    key: str
    secret: str
    note: str
    kind: AppKind = AppKind.READY

    @property
    def access_level(self) -> str:
        """The permission of the app as the ``x-access-level`` header spells it."""
        return "read" if self.kind is AppKind.READ_ONLY else "read-write"


AGENCY = "agency_ops"

_PEOPLE = (
    (AGENCY, "Agency Operations", False, "all ad accounts"),
    ("northwind_ads", "Northwind Outdoor", False, "several accounts"),
    ("contoso", "Contoso", False, "a role of each kind"),
    ("fabrikam_eu", "Fabrikam Europe GmbH", False, "mostly analyst"),
    ("litware_jp", "リットウェア株式会社", False, "Japanese names"),
    ("adatum_media", "أداتوم للإعلام", False, "Arabic names"),
    ("wingtip_toys", '<b>Wingtip</b> & Toys "Club"', False, "names like markup"),
    ("proseware", "Proseware", False, "no ad accounts"),
    ("tailspin_travel", "Tailspin Travel", True, "suspended"),
)

_APPS = (
    ("Practice app", "ReadyOne", "ready for everything", AppKind.READY),
    ("Second practice app", "ReadyTwo", "ready for everything", AppKind.READY),
    ("Suspended app", "Suspended", "refused at the first step, error 416", AppKind.SUSPENDED),
    (
        "App without Ads access",
        "NoAdsAccess",
        "authorizes, then the Ads API answers UNAUTHORIZED_CLIENT_APPLICATION",
        AppKind.NOT_APPROVED,
    ),
    ("Read-only app", "ReadOnly", "its tokens may only read", AppKind.READ_ONLY),
    (
        "Callback-only app",
        "CallbackOnly",
        "does not allow the PIN flow, error 415",
        AppKind.CALLBACK_ONLY,
    ),
    ("PIN-only app", "PinOnly", "allows nothing but the PIN flow, error 417", AppKind.PIN_ONLY),
)


def make_people(seed: int) -> tuple[Person, ...]:
    """Return the users of one world; ids are short and long ones, as on X."""
    return tuple(
        Person(_user_id(seed, place, handle), handle, name, suspended, hint)
        for place, (handle, name, suspended, hint) in enumerate(_PEOPLE)
    )


def make_apps() -> tuple[PracticeApp, ...]:
    """Return the ready X apps; they are the same for every seed."""
    return tuple(
        PracticeApp(
            label,
            f"Practice{word}Key".ljust(25, "0"),
            f"Practice{word}SecretThatOpensNothing".ljust(50, "0"),
            note,
            kind,
        )
        for label, word, note, kind in _APPS
    )


def _user_id(seed: int, place: int, handle: str) -> str:
    value = number(seed, "user", handle)
    if place % 3 == 1:
        return str(10**7 + value % (9 * 10**7))
    if place % 3 == 2:
        return str(10**9 + value % (3 * 10**9))
    return str(7 * 10**17 + value % 10**17)
