"""Web servers for the embedded page: a provider's of our own, and one nobody may reach."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import urlsplit

from adwarden.providers.base import GuestRules

PIN_PATH = "/oauth/authorize"
PIN_PAGE = (
    '<div id="oauth_pin"><p><span id="code-desc">Enter this PIN:</span> '
    '<kbd aria-labelledby="code-desc"><code>0468795</code></kbd></p></div>'
)
CONSENT = (
    '<form id="oauth_form"><input name="session" type="password"><button>Allow</button></form>'
)


class Reply:
    """What a path answers."""

    def __init__(
        self, body: str = "", status: int = 200, headers: Mapping[str, str] | None = None
    ) -> None:
        self.body = body
        self.status = status
        self.headers = {"Content-Type": "text/html; charset=utf-8", **(headers or {})}


class Site:
    """Serves what ``pages`` says on a port of its own and remembers every request."""

    def __init__(
        self, pages: dict[str, str | Reply] | None = None, *, tls: ssl.SSLContext | None = None
    ) -> None:
        self.pages: dict[str, str | Reply] = pages or {}
        self.paths: list[str] = []
        self.cookies: list[str | None] = []
        self.passwords: list[str] = []
        """What was sent as ``Authorization`` or ``Proxy-Authorization``."""
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.paths.append(self.path)
                site.cookies.append(self.headers.get("Cookie"))
                for name in ("Authorization", "Proxy-Authorization"):
                    site.passwords += self.headers.get_all(name, [])
                found = site.pages.get(urlsplit(self.path).path, Reply("not here", 404))
                reply = Reply(found) if isinstance(found, str) else found
                body = reply.body.encode()
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET  # noqa: N815

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._scheme = "https" if tls else "http"
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._server.server_port}"

    @property
    def url(self) -> str:
        return f"{self._scheme}://{self.host}"

    @property
    def rules(self) -> GuestRules:
        return GuestRules(self._scheme, frozenset({self.host}), self.host, PIN_PATH)

    def start_url(self, token: str = "REQ") -> str:
        return f"{self.url}{PIN_PATH}?oauth_token={token}"

    def __enter__(self) -> Site:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
