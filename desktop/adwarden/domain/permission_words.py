"""The permissions of an ad account in words, as X's own pages call them.

The list grows on X's side: a value that is not listed here is described as it came.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from adwarden.domain.data import dataclass

ACCOUNT_ADMIN = "ACCOUNT_ADMIN"
AD_MANAGER = "AD_MANAGER"
CREATIVE_MANAGER = "CREATIVE_MANAGER"
CAMPAIGN_ANALYST = "CAMPAIGN_ANALYST"
ANALYST = "ANALYST"
PARTNER_AUDIENCE_MANAGER = "PARTNER_AUDIENCE_MANAGER"
TWEET_COMPOSER = "TWEET_COMPOSER"


@dataclass(frozen=True, slots=True)
class Permission:
    """One value of ``permissions``: ``label`` for badges, ``name`` as X's own pages write it."""

    value: str
    label: str
    name: str
    meaning: str

    @property
    def wording(self) -> str:
        """The whole meaning in one sentence, for tooltips and screen readers."""
        return f"{self.name}: {self.meaning}"


PERMISSIONS: Mapping[str, Permission] = MappingProxyType(
    {
        item.value: item
        for item in (
            Permission(
                ACCOUNT_ADMIN,
                "Admin",
                "Account administrator",
                "may do everything, including users and account settings",
            ),
            Permission(
                AD_MANAGER,
                "Ad manager",
                "Ad manager",
                "may change campaigns and see statistics; may not manage users or settings",
            ),
            Permission(
                CREATIVE_MANAGER,
                "Creative",
                "Creative manager",
                "may change creatives and see previews; may not create or change campaigns",
            ),
            Permission(
                CAMPAIGN_ANALYST,
                "Campaign analyst",
                "Campaign analyst",
                "may see campaigns and statistics; may not change them",
            ),
            Permission(
                ANALYST,
                "Organic analyst",
                "Organic analyst",
                "may see organic analytics and audience insights; no campaigns at all",
            ),
            Permission(
                PARTNER_AUDIENCE_MANAGER,
                "Partner audiences",
                "Partner audience manager",
                "may manage data-partner audiences only",
            ),
            Permission(
                TWEET_COMPOSER,
                "Posts",
                "Can compose posts",
                "may create promoted-only posts for the advertiser, together with Account "
                "administrator, Ad manager or Creative manager",
            ),
        )
    }
)


def permission(value: str) -> Permission:
    """Return what is known of a permission; an unlisted one is described as it came."""
    known = PERMISSIONS.get(value)
    if known is not None:
        return known
    return Permission(value, value, value, "a permission that X's documents do not describe")
