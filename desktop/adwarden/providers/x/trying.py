"""Sends one request made by hand, signed as any other, and shows how it is signed.

What a server answers is an answer, whatever its status; only what never became one is raised.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping

import requests

from adwarden.domain.errors import AdwardenError, UnreachableError
from adwarden.domain.model import Credential, RateWindow
from adwarden.domain.secret import MASK, Secret
from adwarden.domain.tried import Comparison, Explained, Tried, Wanted
from adwarden.providers.http import Answer, HttpClient
from adwarden.providers.x.headers import Told, retry_after, told_windows
from adwarden.providers.x.limit_window import NOT_SENT
from adwarden.providers.x.limits import Limits
from adwarden.providers.x.oauth1 import signed
from adwarden.providers.x.provider import scope_of
from adwarden.providers.x.signature import Keys, address, explain, prepared
from adwarden.providers.x.tried_words import meaning

MOST = 4 * 1024 * 1024
"""Bytes of an answer that are read; a page of 1,000 ad accounts is about 400 kB."""

_HIDDEN_HEADERS = frozenset({"set-cookie", "authorization"})
_SHORTEST = 6
"""Characters; what is shorter would be found everywhere, and is no secret of X."""


class XTrying:
    """Requests made by hand, of one worker thread; addresses as ``XProvider`` has them."""

    def __init__(
        self,
        http: HttpClient,
        limits: Limits,
        *,
        api_url: str,
        ads_url: str,
        version: str,
        clock: Callable[[], float] = time.time,
        watch: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._http, self._limits = http, limits
        self._api_url, self._ads_url, self._version = api_url, ads_url, version
        self._clock, self._watch = clock, watch

    def send(self, app: Credential, user: Credential, wanted: Wanted) -> Tried:
        """Send it once. Raises ``NetworkError``, and ``RateLimitedError`` before it is sent."""
        url, keys = self._address(wanted), Keys(app, user)
        sent: list[Explained] = []
        signer = signed(app, user)

        def sign(request: requests.PreparedRequest) -> requests.PreparedRequest:
            done = signer(request)
            # As it really goes out: address and header are the libraries' by now.
            header: str | bytes = done.headers["Authorization"]
            text = header if isinstance(header, str) else header.decode()
            sent.append(explain(wanted.method, str(done.url), text))
            return done

        reservation = self._limits.take(scope_of(user), wanted.endpoint, wanted.account_id)
        status, headers = 0, dict[str, str]()
        began = self._watch()
        try:
            answer = self._http.ask(wanted.method, url, auth=sign, most=MOST)
            status = answer.status
            headers = {name.lower(): value for name, value in answer.headers.items()}
        except UnreachableError:
            status = NOT_SENT
            raise
        finally:
            took = (self._watch() - began) * 1_000
            self._limits.give_back(reservation, status, headers)
        return self._tried(answer, headers, took, sent[-1], keys, wanted)

    def explain(self, app: Credential, user: Credential, wanted: Wanted) -> Explained:
        """Sign it without sending it."""
        return prepared(Keys(app, user), wanted.method, self._address(wanted))

    def compare(
        self, app: Credential, user: Credential, wanted: Wanted, pasted: Secret
    ) -> Comparison:
        """Tell how a foreign header, or a curl command, differs from ours; never raises."""
        from adwarden.providers.x.signature_compare import compare

        return compare(Keys(app, user), self.explain(app, user, wanted), pasted.unwrap())

    def _address(self, wanted: Wanted) -> str:
        host = self._api_url if wanted.other_api else self._ads_url
        return address(f"{host}/{wanted.version or self._version}", wanted.path, wanted.parameters)

    def _tried(
        self,
        answer: Answer,
        headers: Mapping[str, str],
        took: float,
        explained: Explained,
        keys: Keys,
        wanted: Wanted,
    ) -> Tried:
        now = self._clock()
        token, account = told_windows(headers, now)
        problem: AdwardenError | None = meaning(answer, wanted, now=now)
        return Tried(
            answer.status,
            answer.reason,
            tuple(
                (name, MASK if name in _HIDDEN_HEADERS else _without(value, keys.secrets))
                for name, value in headers.items()
            ),
            # Servers like to repeat what they were sent, and this is for looking at.
            _without(answer.body.decode("latin-1"), keys.secrets, _MASK_BYTES).encode("latin-1"),
            answer.cut,
            took,
            _window(token, now),
            _window(account, now),
            retry_after(headers, now),
            problem,
            explained,
        )


_MASK_BYTES = MASK.encode().decode("latin-1")


def _without(text: str, secrets: Iterable[Secret], mask: str = MASK) -> str:
    for secret in secrets:
        value = secret.unwrap()
        if len(value) >= _SHORTEST and value in text:
            text = text.replace(value, mask)
    return text


def _window(told: Told | None, now: float) -> RateWindow | None:
    if told is None:
        return None
    # When it ends is told by our own clock, which may not be X's.
    return RateWindow(told.limit, told.remaining, now + told.seconds)
