"""The first ad accounts of every practice world: each shows one thing that real ones have.

Further ad accounts are made up from the word lists at the end.
"""

from __future__ import annotations

from dataclasses import dataclass

ADMIN = ("ACCOUNT_ADMIN", "TWEET_COMPOSER")
LOYALTY = "LOYALTY_MANAGER"

AGENCY_ROLES: tuple[tuple[str, ...], ...] = (
    ("AD_MANAGER", "TWEET_COMPOSER"),
    ("ACCOUNT_ADMIN",),
    ("AD_MANAGER",),
    ("CREATIVE_MANAGER", "TWEET_COMPOSER"),
    ("CAMPAIGN_ANALYST",),
    ("ANALYST",),
    ("CREATIVE_MANAGER",),
    ("PARTNER_AUDIENCE_MANAGER",),
    ADMIN,
    (LOYALTY,),
    ("AD_MANAGER", LOYALTY),
    (),
)
"""What the agency may do, by ad account in turn: every permission, and one that is new."""


@dataclass(frozen=True, slots=True)
class Part:
    """A written ad account: its name, its advertiser's handle and what is special about it."""

    name: str
    owner: str = ""
    status: str = "ACCEPTED"
    timezone: str = "America/Los_Angeles"
    industry: str = "RETAIL"
    business: str = ""
    deleted: bool = False
    retweeters: int = 1
    full: bool = True


CAST: tuple[Part, ...] = (
    Part("Northwind Outdoor", "northwind_ads", industry="TRAVEL", business="Northwind Traders"),
    Part("Northwind EU", "northwind_ads", "UNDER_REVIEW", "Europe/Berlin", retweeters=2),
    Part("Northwind Winter Sale", "northwind_ads", "REJECTED", retweeters=0),
    Part("Contoso", "contoso", timezone="America/New_York", industry="TECHNOLOGY"),
    Part("Contoso Japan", "contoso", timezone="Asia/Tokyo", industry="TECHNOLOGY"),
    Part("Fabrikam Europe", "fabrikam_eu", timezone="Europe/Paris", industry="HEALTH"),
    Part("Fabrikam (old)", "fabrikam_eu", timezone="Europe/Paris", deleted=True),
    Part("リットウェア 秋のキャンペーン", "litware_jp", timezone="Asia/Tokyo", industry="MEDIA"),
    Part("リットウェア株式会社 広告部 第二チーム", "litware_jp", "UNDER_REVIEW", "Asia/Tokyo"),
    Part("أداتوم للإعلانات", "adatum_media", timezone="Asia/Riyadh", industry="MEDIA"),
    Part("אדטום שיווק (IL) 2024", "adatum_media", timezone="Asia/Jerusalem", retweeters=3),
    Part('<img src=x onerror=alert(1)> & "Toys"', "wingtip_toys", timezone="Europe/London"),
    Part("Wingtip <b>Toys</b> &amp; Games", "wingtip_toys", retweeters=259),
    Part(
        "The Wingtip Toys International Holiday Season Brand Awareness, Reach and Conversions "
        "Account of the North, Middle and South American Regional Marketing Departments, "
        "which nobody has renamed since it was opened",
        "wingtip_toys",
        timezone="America/Sao_Paulo",
    ),
    Part("Tailspin Travel", "tailspin_travel", timezone="Europe/Madrid", industry="TRAVEL"),
    Part("Агентство «Северный ветер»", timezone="Europe/Sofia", industry="AGENCY"),
    Part("Zażółć gęślą jaźń 🦆🎈", timezone="Europe/Warsaw", status="PENDING_TAX_FORM"),
    Part("東京コーヒー焙煎所", timezone="Asia/Tokyo", industry="RESTAURANT"),
    Part("Right‮tfel‬ override", industry="ONLINE_SERVICES"),
    Part("Robert'); DROP TABLE accounts;--", industry="EDUCATION", full=False, retweeters=2),
    Part("Agency house account", "agency_ops", industry="AGENCY", business="Agency Operations"),
)

REACH: dict[str, dict[int, tuple[str, ...]]] = {
    "northwind_ads": {0: ADMIN, 1: ADMIN, 2: ADMIN, 3: ("CAMPAIGN_ANALYST",), 20: ("ANALYST",)},
    "contoso": {
        3: ADMIN,
        4: ("AD_MANAGER", "TWEET_COMPOSER"),
        5: ("CREATIVE_MANAGER",),
        0: ("ANALYST",),
    },
    "fabrikam_eu": {
        5: ("ACCOUNT_ADMIN",),
        6: ADMIN,
        1: ("CAMPAIGN_ANALYST",),
        7: ("ANALYST",),
        9: ("PARTNER_AUDIENCE_MANAGER",),
    },
    "litware_jp": {7: ADMIN, 8: ("AD_MANAGER",), 17: ("CREATIVE_MANAGER", "TWEET_COMPOSER")},
    "adatum_media": {9: ADMIN, 10: ("ACCOUNT_ADMIN",), 11: (LOYALTY,)},
    "wingtip_toys": {11: ADMIN, 12: ("AD_MANAGER", LOYALTY), 13: ADMIN, 19: ()},
    "tailspin_travel": {14: ADMIN, 0: ("ANALYST",)},
}
"""Who besides the agency reaches which ad account of the cast, and with which permissions."""

BRANDS = (
    "Adventure Works", "Alpine Ski House", "Bellows College", "Best For You", "Blue Yonder",
    "City Power", "Coho Vineyard", "Datum", "Fourth Coffee", "Graphic Design Institute",
    "Humongous", "Lamna Healthcare", "Liberty Delightful", "Lucerne Publishing", "Margie's Travel",
    "Munson's Pickles", "Nod Publishers", "Olive Tree", "Relecloud", "School of Fine Art",
    "Southridge Video", "Trey Research", "VanArsdel", "Wide World Importers", "Woodgrove Bank",
    "ミナト製作所", "さくら不動産", "สยามค้าปลีก", "한빛 소프트", "شركة النخيل",
)  # fmt: skip
ENDINGS = (
    "", "Ads", "EU", "UK", "DACH", "Nordics", "LATAM", "APAC", "Japan", "US East", "US West",
    "Brand", "Performance", "App installs", "Launch", "Black Friday", "Always on", "Test",
    "Social", "Video",
)  # fmt: skip
TIMEZONES = (
    "America/Los_Angeles", "America/New_York", "America/Sao_Paulo", "Europe/London",
    "Europe/Berlin", "Asia/Tokyo", "Asia/Kolkata", "Asia/Dubai", "Australia/Sydney", "Etc/UTC",
)  # fmt: skip
STATUSES = (
    "ACCEPTED", "ACCEPTED", "ACCEPTED", "ACCEPTED", "ACCEPTED", "ACCEPTED", "UNDER_REVIEW",
    "REJECTED",
)  # fmt: skip
INDUSTRIES = (
    "AGENCY", "BUSINESS_TO_BUSINESS", "ONLINE_SERVICES", "EDUCATION", "FINANCIAL", "HEALTH",
    "GOVERNMENT", "MEDIA", "MOBILE", "RESTAURANT", "RETAIL", "TECHNOLOGY", "TRAVEL", "OTHER",
)  # fmt: skip
FEATURES = (
    "CPI_CHARGING", "EVENT_TARGETING", "INSTALLED_APP_CATEGORY_TARGETING",
    "MOBILE_CONVERSION_TRANSACTION_VALUE", "OPTIMIZED_ACTION_BIDDING",
    "OPTIMIZED_WEBSITE_CONVERSIONS", "VIDEO_VIEWS_OBJECTIVE", "VIDEO_APP_DOWNLOAD_CARD",
)  # fmt: skip
