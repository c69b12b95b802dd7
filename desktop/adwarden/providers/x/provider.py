"""X: OAuth 1.0a with a PIN, and the X Ads API; OAuth 1.0a signs every call."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote, urlsplit

from adwarden.domain.errors import ErrorCode, NetworkError, RateLimitedError, UnreachableError
from adwarden.domain.lookups import FundingInstrument, KnownHandle
from adwarden.domain.model import Access, AdAccount, Credential, Page, PromotableUser
from adwarden.domain.secret import Secret
from adwarden.providers.base import AuthorizationRequest, Grant, GuestRules, Identity
from adwarden.providers.http import Answer, HttpClient, is_loopback
from adwarden.providers.x import ads, lookups
from adwarden.providers.x.app_only import AppOnly
from adwarden.providers.x.limit_window import NOT_SENT
from adwarden.providers.x.limits import Limits, limit_reached
from adwarden.providers.x.oauth1 import PinFlow, signed
from adwarden.providers.x.problems import Step, refusal

if TYPE_CHECKING:
    from adwarden.providers.x.trying import XTrying

T = TypeVar("T")

PAGE_SIZE = "1000"
"""The most a page can have (X Ads API, Pagination): fewest calls of a scarce limit."""

# X's own pages of the sign-in (api.x.com sends people there and back).
PAGE_HOSTS = frozenset({"x.com", "mobile.x.com", "www.x.com", "twitter.com", "mobile.twitter.com"})


class XProvider:
    """X for one worker thread; ``limits`` is shared by all of them.

    ``api_url`` and ``ads_url`` are checked addresses without a slash at the end.
    """

    id = "x"

    def __init__(
        self,
        http: HttpClient,
        limits: Limits,
        *,
        api_url: str,
        ads_url: str,
        version: str = "12",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._http = http
        self._limits = limits
        self._api_url = api_url
        self._ads_host, self._version = ads_url, version
        self._ads_url = f"{ads_url}/{version}"
        self._clock = clock
        self._flow = PinFlow(http, api_url, clock=clock)
        self._app_only = AppOnly(http, api_url, clock=clock)

    def guest_rules(self) -> GuestRules:
        """Return the hosts of the sign-in; a loopback API host stands for all of them."""
        return guest_rules(self._api_url)

    def begin(self, app: Credential, *, screen_name: str = "") -> AuthorizationRequest:
        """Fetch a request token for the PIN flow."""
        return self._flow.begin(app, screen_name=screen_name)

    def finish(self, app: Credential, request: AuthorizationRequest, verifier: str) -> Grant:
        """Exchange the PIN; a refused PIN burns the request token."""
        return self._flow.finish(app, request, verifier)

    def verify(self, app: Credential, user: Credential) -> Identity:
        """Ask X whose token this is, and what ``x-access-level`` it has."""
        url = f"{self._api_url}/1.1/account/verify_credentials.json"
        params = {"include_entities": "false", "skip_status": "true"}
        return ads.read_identity(self._get(app, user, "GET verify_credentials", "", url, params))

    def revoke(self, app: Credential, user: Credential) -> None:
        """Make X forget the token; that it was dead before is as good."""
        answer = self._flow.revoke(app, user)
        if answer.status == 200:
            return
        error = refusal(answer, Step.CALL, now=self._clock())
        # Code 32 is no proof: our app keys may be wrong, and then the token lives on.
        if error.code is not ErrorCode.REVOKED:
            raise error

    def bearer(self, app: Credential) -> Secret:
        """Fetch the app-only bearer token; X gives the same one until it is invalidated."""
        return self._app_only.fetch(app)

    def invalidate_bearer(
        self, app: Credential, bearer: Secret, owner: Credential | None = None
    ) -> None:
        """Make X forget the bearer token."""
        self._app_only.invalidate(app, bearer, owner)

    def accounts(self, app: Credential, user: Credential, *, cursor: str = "") -> Page[AdAccount]:
        """Return a page of the ad accounts this token reaches."""
        url = f"{self._ads_url}/accounts"
        return ads.read_accounts(
            self._get(app, user, "GET accounts", "", url, _page_params(cursor))
        )

    def access(self, app: Credential, user: Credential, account_id: str) -> Access:
        """Return the permissions of the token's user on this ad account."""
        url = f"{self._account_url(account_id)}/authenticated_user_access"
        return ads.read_access(
            self._get(app, user, "GET authenticated_user_access", account_id, url, {})
        )

    def promotable_users(
        self, app: Credential, user: Credential, account_id: str, *, cursor: str = ""
    ) -> Page[PromotableUser]:
        """Return a page of the ad account's promotable users."""
        url = f"{self._account_url(account_id)}/promotable_users"
        return ads.read_promotable_users(
            self._get(app, user, "GET promotable_users", account_id, url, _page_params(cursor))
        )

    def users(
        self, app: Credential, user: Credential, user_ids: Sequence[str]
    ) -> tuple[KnownHandle, ...]:
        """Ask for the names of up to 100 users, which X charges for."""
        url = f"{self._api_url}/2/users"
        answer = self._get(app, user, "GET users", "", url, {"ids": ",".join(user_ids)})
        return lookups.read_users(answer, user_ids, self._clock())

    def funding_instruments(
        self, app: Credential, user: Credential, account_id: str, *, cursor: str = ""
    ) -> Page[FundingInstrument]:
        """Return a page of what pays for the ad account."""
        url = f"{self._account_url(account_id)}/funding_instruments"
        return lookups.read_funding(
            self._get(app, user, "GET funding_instruments", account_id, url, _page_params(cursor))
        )

    def features(self, app: Credential, user: Credential, account_id: str) -> tuple[str, ...]:
        """Return the names of the ad account's features."""
        url = f"{self._account_url(account_id)}/features"
        return lookups.read_features(self._get(app, user, "GET features", account_id, url, {}))

    def trying(self) -> XTrying:
        """Return what sends requests made by hand, to the same addresses."""
        from adwarden.providers.x.trying import XTrying  # seldom needed

        return XTrying(
            self._http, self._limits, api_url=self._api_url, ads_url=self._ads_host,
            version=self._version, clock=self._clock,
        )  # fmt: skip

    def close(self) -> None:
        """Close the connections to X."""
        self._http.close()

    def _account_url(self, account_id: str) -> str:
        # The id comes from the network and becomes a path: it must stay one segment of it.
        if not account_id.strip("."):
            # Dots alone would be another place, however they are written.
            raise NetworkError(
                ErrorCode.UNEXPECTED_ANSWER,
                "This ad account has an impossible ID",
                "Nothing can be asked about it.",
                "Refresh again later.",
            )
        return f"{self._ads_url}/accounts/{quote(account_id, safe='')}"

    def _get(
        self,
        app: Credential,
        user: Credential,
        endpoint: str,
        account_id: str,
        url: str,
        params: Mapping[str, str],
    ) -> Answer:
        reservation = self._limits.take(scope_of(user), endpoint, account_id)
        status, headers = 0, dict[str, str]()
        try:
            answer = self._http.get(url, auth=signed(app, user), params=params)
            status, headers = answer.status, dict(answer.headers)
        except UnreachableError:
            status = NOT_SENT
            raise
        finally:
            lowered = {name.lower(): value for name, value in headers.items()}
            window = self._limits.give_back(reservation, status, lowered)
        if status == 200:
            return answer
        error = refusal(answer, Step.CALL, now=self._clock())
        # When it goes on is told by our own clock, which may not be X's.
        raise limit_reached(window) if isinstance(error, RateLimitedError) else error


def guest_rules(api_url: str) -> GuestRules:
    """Return which pages the embedded browser may show for this API address."""
    address = urlsplit(api_url)
    host = address.netloc.lower()
    extra = frozenset() if is_loopback(address.hostname or "") else PAGE_HOSTS
    return GuestRules(
        scheme=address.scheme,
        hosts=extra | {host},
        pin_host=host,
        pin_path=f"{address.path}/oauth/authorize",
    )


def scope_of(user: Credential) -> str:
    """Name the token that a rate limit belongs to, without naming the token itself."""
    return f"{user.facts.get('app', '')}/{user.facts.get('user_id', '')}"


def _page_params(cursor: str) -> dict[str, str]:
    params = {"count": PAGE_SIZE}
    if cursor:
        params["cursor"] = cursor
    return params
