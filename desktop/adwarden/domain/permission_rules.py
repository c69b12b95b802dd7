"""The table of capabilities: which permission and which X app's access opens what.

It follows X's documents; what they do not say is listed as silent, never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from adwarden.domain.data import dataclass
from adwarden.domain.model import AppAccess
from adwarden.domain.permission_words import (
    ACCOUNT_ADMIN,
    AD_MANAGER,
    ANALYST,
    CAMPAIGN_ANALYST,
    CREATIVE_MANAGER,
    PARTNER_AUDIENCE_MANAGER,
    PERMISSIONS,
    TWEET_COMPOSER,
)


@dataclass(frozen=True, slots=True)
class Rule:
    """Which permissions open one capability, and how surely X's documents say so."""

    key: str
    words: str
    needs: str
    documented: frozenset[str]
    derived: frozenset[str] = frozenset()
    silent: frozenset[str] = frozenset()
    writes: bool = False
    remark: str = ""
    """Follows the permission's name where the answer is yes."""


def _roles(*values: str) -> frozenset[str]:
    return frozenset(values)


POSTS = "promoted-only-posts"
FOREIGN_SETTINGS = "user-settings"
CONVERSIONS = "conversions"
STAFF = _roles(ACCOUNT_ADMIN, AD_MANAGER, CREATIVE_MANAGER)
RULES = (
    Rule(
        "view-campaigns",
        "see campaigns",
        "needs Admin, Ad manager or Campaign analyst",
        _roles(ACCOUNT_ADMIN, AD_MANAGER, CAMPAIGN_ANALYST),
        silent=_roles(CREATIVE_MANAGER),
    ),
    Rule(
        "manage-campaigns",
        "manage campaigns",
        "needs Admin or Ad manager",
        _roles(ACCOUNT_ADMIN, AD_MANAGER),
        writes=True,
    ),
    Rule(
        "statistics",
        "see campaign statistics",
        "needs Admin, Ad manager or Campaign analyst",
        _roles(ACCOUNT_ADMIN, AD_MANAGER, CAMPAIGN_ANALYST),
        silent=_roles(CREATIVE_MANAGER),
    ),
    Rule(
        "creatives",
        "change creatives and see previews",
        "needs Admin, Ad manager or Creative manager",
        _roles(CREATIVE_MANAGER),
        derived=_roles(ACCOUNT_ADMIN, AD_MANAGER),
        writes=True,
    ),
    Rule(POSTS, "create promoted-only posts", "", frozenset(), writes=True),
    Rule(
        CONVERSIONS,
        "send conversions",
        "needs Admin or Ad manager",
        _roles(ACCOUNT_ADMIN, AD_MANAGER),
        writes=True,
    ),
    Rule(
        "organic-analytics",
        "see organic analytics and audience insights",
        "needs Organic analyst or Admin",
        _roles(ANALYST),
        derived=_roles(ACCOUNT_ADMIN),
        silent=_roles(AD_MANAGER, CREATIVE_MANAGER, CAMPAIGN_ANALYST),
    ),
    Rule(
        "partner-audiences",
        "manage partner audiences",
        "needs Partner audience manager",
        _roles(PARTNER_AUDIENCE_MANAGER),
        silent=_roles(ACCOUNT_ADMIN, AD_MANAGER, CREATIVE_MANAGER),
        writes=True,
    ),
    Rule(
        "users-and-settings",
        "manage users and account settings",
        "needs Admin",
        _roles(ACCOUNT_ADMIN),
        writes=True,
        remark="users in X’s ads manager, as the API has no call for them",
    ),
    Rule(FOREIGN_SETTINGS, "edit another user's settings", "", frozenset(), writes=True),
    Rule(
        "billing",
        "see and change billing",
        "",
        frozenset(),
        silent=frozenset(PERMISSIONS) - {TWEET_COMPOSER},
    ),
)

CAPABILITIES: Mapping[str, str] = MappingProxyType({rule.key: rule.words for rule in RULES})
"""Every key of a capability with its words, in the order of display."""

WRITING = frozenset(rule.key for rule in RULES if rule.writes)
"""What changes something, so that a token which may only read cannot do it."""

LEVELS: Mapping[AppAccess, tuple[str, frozenset[str], frozenset[str]]] = MappingProxyType(
    {
        # name, what the level is documented to open, what it is documented to leave closed
        AppAccess.CONVERSION_ONLY: (
            "Conversion Only",
            _roles(CONVERSIONS),
            frozenset(CAPABILITIES) - {CONVERSIONS},
        ),
        AppAccess.LEGACY_ANALYTICS: (
            "Analytics (legacy)",
            _roles("view-campaigns", "statistics"),
            WRITING,
        ),
        AppAccess.LEGACY_CAMPAIGNS: (
            "Campaign Management & Creative (legacy)",
            _roles("view-campaigns", "manage-campaigns", "creatives", POSTS),
            _roles(CONVERSIONS, "partner-audiences"),
        ),
        AppAccess.LEGACY_AUDIENCES: (
            "Custom Audiences (legacy)",
            _roles("partner-audiences"),
            _roles("manage-campaigns", "creatives", POSTS, CONVERSIONS),
        ),
        AppAccess.LEGACY_CONVERSION: (
            "Conversion (legacy)",
            _roles(CONVERSIONS),
            frozenset(CAPABILITIES) - {CONVERSIONS},
        ),
    }
)

LEGACY = frozenset(LEVELS) - {AppAccess.CONVERSION_ONLY}
"""The levels of before July 2023."""

LEGACY_TOKENS = 5
"""User tokens that an app of before July 2023 may be limited to (X: Accessing Ads accounts)."""
