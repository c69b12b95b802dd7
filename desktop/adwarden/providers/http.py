"""Signed requests over one session: time limits always, no redirects, retries of our own.

Knows nothing of X; every failure on the way becomes an ``AdwardenError`` without raw text in it.
"""

from __future__ import annotations

import ipaddress
import random
import ssl
import threading
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

import requests
import truststore
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict

from adwarden import __version__
from adwarden.domain.data import dataclass
from adwarden.domain.errors import ErrorCode, NetworkError

Signer = Callable[[requests.PreparedRequest], requests.PreparedRequest]
"""Adds the signature to a request that is about to be sent (``requests_oauthlib.OAuth1``)."""

MAX_BODY = 32 * 1024 * 1024
"""Bytes; a page of 1,000 ad accounts is about 400 kB."""

MAX_TRIES = 4
RETRIED_STATUS = frozenset({500, 502, 504})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server sent back: status, headers (case-insensitive) and the whole body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text; what is not UTF-8 is replaced, never an error."""
        return self.body.decode("utf-8", "replace")


class _TrustedAdapter(HTTPAdapter):
    """Checks certificates against the system's own trust store, as a company's CA lives there."""

    def init_poolmanager(
        self, connections: int, maxsize: int, block: bool = False, **pool: object
    ) -> None:
        pool["ssl_context"] = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        super().init_poolmanager(connections, maxsize, block, **pool)


class HttpClient:
    """One ``requests`` session for one worker thread.

    ``connect_timeout`` and ``read_timeout`` are seconds. Reads are tried again after dropped
    connections and 500, 502 and 504, each time newly signed: urllib3's own retry would send the
    same nonce again, which a server must refuse (RFC 5849, section 3.3).
    """

    def __init__(
        self,
        *,
        connect_timeout: float = 5.0,
        read_timeout: float = 30.0,
        wait: Callable[[float], bool] | None = None,
    ) -> None:
        self._timeout = (connect_timeout, read_timeout)
        self._closing = threading.Event()
        self._wait = wait or self._closing.wait
        self._session, self._direct = _session(), _session()
        # A proxy from the environment must not see what is meant for this computer alone.
        self._direct.trust_env = False

    def get(self, url: str, *, auth: Signer, params: Mapping[str, str] | None = None) -> Answer:
        """Read ``url``, trying again where that is safe; raises ``NetworkError``."""
        delay = 0.4
        for attempt in range(1, MAX_TRIES + 1):
            last = attempt == MAX_TRIES
            try:
                answer = self._send("GET", url, auth, params, None)
            except NetworkError as error:
                if last or error.code is not ErrorCode.NO_NETWORK:
                    raise
            else:
                if last or answer.status not in RETRIED_STATUS:
                    return answer
            # Full jitter, so that several programs do not come back at the same moment.
            if self._wait(random.uniform(delay / 2, delay)):  # noqa: S311 - not a secret
                raise NetworkError(ErrorCode.CANCELLED, "Stopped", "The program is closing.", "")
            delay = min(delay * 2, 8.0)
        raise AssertionError("the last attempt returns or raises")

    def post(self, url: str, *, auth: Signer, data: Mapping[str, str] | None = None) -> Answer:
        """Send a form once, never again by itself; raises ``NetworkError``."""
        return self._send("POST", url, auth, None, data or {})

    def close(self) -> None:
        """End a wait between two tries and close the connections."""
        self._closing.set()
        self._session.close()
        self._direct.close()

    def _send(
        self,
        method: str,
        url: str,
        auth: Signer,
        params: Mapping[str, str] | None,
        data: Mapping[str, str] | None,
    ) -> Answer:
        host = urlsplit(url).hostname or ""
        session = self._direct if is_loopback(host) else self._session
        try:
            with session.request(
                method,
                url,
                params=dict(params) if params else None,
                data=dict(data) if data is not None else None,
                auth=auth,
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
            ) as response:
                body = _read(response)
                return Answer(response.status_code, CaseInsensitiveDict(response.headers), body)
        except requests.RequestException as error:
            # The library's text can hold the address with its parameters: only its kind is kept.
            raise _in_words(error, host) from None


def _session() -> requests.Session:
    session = requests.Session()
    session.mount("https://", _TrustedAdapter())
    session.headers["User-Agent"] = f"Adwarden/{__version__}"
    return session


def is_loopback(host: str) -> bool:
    """Tell whether ``host`` is this computer and can be nothing else."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _read(response: requests.Response) -> bytes:
    chunks: list[bytes] = []
    size = 0
    for chunk in response.iter_content(64 * 1024):
        size += len(chunk)
        if size > MAX_BODY:
            raise NetworkError(
                ErrorCode.UNEXPECTED_ANSWER,
                "The answer is too large",
                f"The server sent more than {MAX_BODY // 1024 // 1024} MB for one page.",
                "Check that the address in the settings is X's own.",
            )
        chunks.append(chunk)
    return b"".join(chunks)


def _in_words(error: requests.RequestException, host: str) -> NetworkError:
    detail = type(error).__name__
    if isinstance(error, requests.exceptions.SSLError):
        return NetworkError(
            ErrorCode.TLS,
            "The secure connection could not be made",
            f"The certificate of {host} could not be verified.",
            "If your company inspects traffic, its certificate must be in the system's trust "
            "store. Otherwise do not go on: somebody may be reading along.",
            detail=detail,
        )
    if isinstance(error, requests.exceptions.ProxyError):
        return NetworkError(
            ErrorCode.PROXY,
            "The proxy refused",
            f"The proxy from the environment did not open the way to {host}.",
            "Check HTTPS_PROXY and NO_PROXY.",
            detail=detail,
        )
    if isinstance(error, requests.Timeout):
        return NetworkError(
            ErrorCode.NO_NETWORK,
            "No answer in time",
            f"{host} did not answer.",
            "Check the network connection and try again.",
            detail=detail,
        )
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return NetworkError(
            ErrorCode.NO_NETWORK,
            "The connection broke off",
            f"The answer of {host} was cut off in the middle.",
            "Try again.",
            detail=detail,
        )
    if isinstance(error, requests.ConnectionError):
        return NetworkError(
            ErrorCode.NO_NETWORK,
            "No connection",
            f"{host} could not be reached.",
            "Check the network connection and try again.",
            detail=detail,
        )
    return NetworkError(
        ErrorCode.UNEXPECTED_ANSWER,
        "The request could not be made",
        f"The exchange with {host} failed in an unexpected way.",
        "Try again; if it stays, check the addresses in the settings.",
        detail=detail,
    )
