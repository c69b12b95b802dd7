"""Signed requests over one session: time limits always, no redirects, no tries by itself.

Knows nothing of X; every failure on the way becomes an ``AdwardenError`` without raw text in it.
"""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
import truststore
import urllib3
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict

from adwarden import __version__
from adwarden.domain.data import dataclass
from adwarden.domain.errors import ErrorCode, NetworkError, UnreachableError

Signer = Callable[[requests.PreparedRequest], requests.PreparedRequest]
"""Adds the signature to a request that is about to be sent (``requests_oauthlib.OAuth1``)."""

_NOT_YET_VALID, _EXPIRED, _ANOTHER_HOST = 9, 10, (62, 64)
"""OpenSSL's numbers for what can be wrong with a certificate (``x509_vfy.h``)."""

MAX_BODY = 32 * 1024 * 1024
"""Bytes; a page of 1,000 ad accounts is about 400 kB."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server sent back: status, headers (case-insensitive) and the body.

    ``reason`` are the server's words for the status. ``cut`` tells that the body goes on, which
    happens to what was asked for by ``HttpClient.ask`` alone.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    reason: str = ""
    cut: bool = False

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

    def proxy_manager_for(self, proxy: str, **pool: Any) -> Any:  # noqa: ANN401 - urllib3's
        """Check the same way through a proxy, which is where companies inspect traffic."""
        pool["ssl_context"] = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        return super().proxy_manager_for(proxy, **pool)

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:  # noqa: ANN401
        """Leave out the library's own list of authorities: it would count beside the system's."""
        super().cert_verify(conn, url, verify, cert)  # type: ignore[no-untyped-call]
        if verify is True:
            conn.ca_certs = None


class HttpClient:
    """One ``requests`` session for one worker thread; every request is sent once.

    ``connect_timeout`` and ``read_timeout`` are seconds. Trying again is left to whoever counts
    requests, as every try counts for X's limits and needs a signature of its own: urllib3's own
    retry would send the same nonce again, which a server must refuse (RFC 5849, section 3.3).
    """

    def __init__(self, *, connect_timeout: float = 5.0, read_timeout: float = 30.0) -> None:
        self._timeout = (connect_timeout, read_timeout)
        self._session, self._direct = _session(), _session()
        # A proxy from the environment must not see what is meant for this computer alone.
        self._direct.trust_env = False

    def get(self, url: str, *, auth: Signer, params: Mapping[str, str] | None = None) -> Answer:
        """Read ``url``; raises ``NetworkError``."""
        return self._send("GET", url, auth, params, None)

    def post(self, url: str, *, auth: Signer, data: Mapping[str, str] | None = None) -> Answer:
        """Send a form; raises ``NetworkError``."""
        return self._send("POST", url, auth, None, data or {})

    def ask(self, method: str, url: str, *, auth: Signer, most: int) -> Answer:
        """Send a request without a body; of the answer ``most`` bytes are read.

        Raises ``NetworkError``.
        """
        return self._send(method, url, auth, None, None, most)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()
        self._direct.close()

    def _send(
        self,
        method: str,
        url: str,
        auth: Signer,
        params: Mapping[str, str] | None,
        data: Mapping[str, str] | None,
        most: int = 0,
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
                body = _read(response, most)
                return Answer(
                    response.status_code,
                    CaseInsensitiveDict(response.headers),
                    body[:most] if most else body,
                    response.reason or "",
                    cut=bool(most) and len(body) > most,
                )
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


def _read(response: requests.Response, most: int = 0) -> bytes:
    """Return the body; of one that may be cut a little more than ``most`` bytes, to tell."""
    chunks: list[bytes] = []
    size = 0
    for chunk in response.iter_content(64 * 1024):
        size += len(chunk)
        if most and size > most:
            chunks.append(chunk)
            break
        if size > MAX_BODY:
            raise NetworkError(
                ErrorCode.UNEXPECTED_ANSWER,
                "The answer is too large",
                f"The server sent more than {MAX_BODY // 1024 // 1024} MB for one page.",
                "Check that the address in the settings is X's own.",
            )
        chunks.append(chunk)
    return b"".join(chunks)


def _never_left(error: requests.RequestException) -> bool:
    """Tell whether the connection failed, and not what was said over it."""
    if isinstance(error, requests.exceptions.SSLError | requests.exceptions.ProxyError):
        return True
    return isinstance(error, requests.exceptions.ConnectTimeout) or isinstance(
        _reason(error), urllib3.exceptions.NewConnectionError
    )


def _reason(error: requests.RequestException) -> object:
    """Return what made urllib3 give up, or ``None``."""
    return getattr(error.args[0] if error.args else None, "reason", None)


def _untrusted(error: requests.RequestException, host: str) -> str:
    """Return what is wrong with a certificate, as far as OpenSSL says."""
    args = getattr(_reason(error), "args", ())
    code = getattr(args[0] if args else None, "verify_code", 0)
    if code in (_NOT_YET_VALID, _EXPIRED):
        when = "has expired" if code == _EXPIRED else "is not valid yet"
        return f"The certificate of {host} {when}, or the clock of this computer is wrong."
    if code in _ANOTHER_HOST:
        return f"The certificate is not that of {host}, but another server's."
    return f"The certificate of {host} could not be verified."


def _in_words(error: requests.RequestException, host: str) -> NetworkError:
    detail = type(error).__name__
    kind = UnreachableError if _never_left(error) else NetworkError
    if isinstance(error, requests.exceptions.SSLError):
        return kind(
            ErrorCode.TLS,
            "The secure connection could not be made",
            _untrusted(error, host),
            "If your company inspects traffic, its certificate must be in the system's trust "
            "store. Otherwise do not go on: somebody may be reading along.",
            detail=detail,
        )
    if isinstance(error, requests.exceptions.ProxyError):
        if "407" in str(getattr(_reason(error), "original_error", "")):
            return kind(
                ErrorCode.PROXY,
                "The proxy wants a password",
                f"The proxy from the environment opens the way to {host} to those it knows only.",
                "Put the user name and the password for it into HTTPS_PROXY: "
                "http://name:password@proxy:port",
                detail=detail,
            )
        return kind(
            ErrorCode.PROXY,
            "The proxy refused",
            f"The proxy from the environment did not open the way to {host}.",
            "Check HTTPS_PROXY and NO_PROXY.",
            detail=detail,
        )
    if isinstance(error, requests.Timeout):
        return kind(
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
    if isinstance(error, requests.ConnectionError) and kind is not UnreachableError:
        return NetworkError(
            ErrorCode.NO_NETWORK,
            "The connection broke off",
            f"{host} was reached, but the connection ended before it had answered.",
            "Check the network connection and try again.",
            detail=detail,
        )
    if isinstance(error, requests.ConnectionError):
        unknown = isinstance(_reason(error), urllib3.exceptions.NameResolutionError)
        return kind(
            ErrorCode.NO_NETWORK,
            "No connection",
            f"The address of {host} could not be found."
            if unknown
            else f"{host} could not be reached.",
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
