"""The practice server's sockets: HTTP/1.1 on 127.0.0.1 only, for local programs and browsers.

Tokens are kept in memory, but derived from the world's seed: one that was granted before a
restart with the same seed works after it, and revocations end with the process.
"""

from __future__ import annotations

import logging
import os
import selectors
import socket
import socketserver
import sys
import threading
import time
from collections.abc import Callable
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from adwarden.domain.errors import ErrorCode, NetworkError
from adwarden.practice.faults import Faults
from adwarden.practice.journal import Journal
from adwarden.practice.site import Site
from adwarden.practice.wire import Request, Response
from adwarden.practice.world import World

MAX_BODY = 64 * 1024
IDLE = 60
"""Seconds after which a silent connection is closed."""

_log = logging.getLogger(__name__)
_PATIENCE = 2.0


class PracticeServer:
    """A stand-in for X's API and Ads hosts, both on one address.

    ``port`` 0 takes a free one. ``clock`` gives Unix seconds. The control address answers only
    when ``control_token`` is not empty.
    """

    def __init__(
        self,
        world: World,
        *,
        port: int = 0,
        clock: Callable[[], float] = time.time,
        control_token: str = "",
    ) -> None:
        self.world = world
        self._port = port
        self._stopping = threading.Event()
        self._site = Site(world, clock=clock, control_token=control_token, stopping=self._stopping)
        self._http: _HttpServer | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The address, such as ``http://127.0.0.1:40123``; empty before the start."""
        return self._site.url

    @property
    def faults(self) -> Faults:
        """What can be made to go wrong."""
        return self._site.faults

    @property
    def journal(self) -> Journal:
        """What was asked so far."""
        return self._site.journal

    def start(self) -> None:
        """Bind and serve on daemon threads; raises ``NetworkError`` when the port is taken."""
        # oauthlib writes whole base strings at DEBUG.
        logging.getLogger("oauthlib").setLevel(logging.WARNING)
        try:
            self._http = _HttpServer(self._port, self._site)
        except (OSError, OverflowError) as error:
            raise NetworkError(
                ErrorCode.NO_NETWORK,
                "The practice server cannot start",
                f"Port {self._port} on 127.0.0.1 cannot be used.",
                "Another program may be using it: close that, or choose another port.",
                detail=str(error),
            ) from error
        # A stopped server that starts again is found where it was.
        self._port = self._http.server_port
        self._stopping.clear()
        self._site.url = f"http://127.0.0.1:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve, name="practice", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Close everything; running delays end at once. Without a start it does nothing."""
        self._stopping.set()
        if self._http is not None and self._thread is not None:
            self._http.wake()
            self._thread.join()
            self._http.close_all()
            self._http = None


class _HttpServer(ThreadingHTTPServer):
    """Threads, and the list of open connections that ``stop`` needs."""

    daemon_threads = True
    request_queue_size = 128
    # On Windows this flag would let a second program take the same port.
    allow_reuse_address = os.name == "posix"

    def __init__(self, port: int, site: Site) -> None:
        self.site = site
        self._open: set[socket.socket] = set()
        self._quiet = threading.Condition()
        super().__init__(("127.0.0.1", port), _Handler)
        self.timeout = 0
        self._awake, self._alarm = socket.socketpair()
        self.hosts = {f"{name}:{self.server_port}" for name in ("127.0.0.1", "localhost")}

    def serve(self) -> None:
        """Accept connections until ``wake``; sleeps in between, where the base class polls."""
        with selectors.DefaultSelector() as selector:
            selector.register(self, selectors.EVENT_READ)
            selector.register(self._awake, selectors.EVENT_READ)
            while not any(key.fileobj is self._awake for key, _ in selector.select()):
                self.handle_request()

    def wake(self) -> None:
        """End ``serve``."""
        self._alarm.send(b"!")

    def server_bind(self) -> None:
        """Bind without asking the name server who we are, as the base class does."""
        socketserver.TCPServer.server_bind(self)
        self.server_name = "127.0.0.1"
        self.server_port = int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        with self._quiet:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401
        super().shutdown_request(request)
        with self._quiet:
            self._open.discard(request)
            self._quiet.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """Log a mistake of ours; a browser that hangs up is no news."""
        if not isinstance(sys.exc_info()[1], OSError):
            _log.error("The practice server failed on a request", exc_info=True)

    def close_all(self) -> None:
        """Close the listening socket and every connection, and wait for their threads."""
        self.server_close()
        self._awake.close()
        self._alarm.close()
        with self._quiet:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # The other side was quicker.
            self._quiet.wait_for(lambda: not self._open, _PATIENCE)


class _Handler(BaseHTTPRequestHandler):
    """Reads requests and writes answers; knows nothing about X."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = IDLE
    server: _HttpServer

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing: request lines hold tokens."""

    def _serve(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        host = headers.get("host", "").lower()
        if host not in self.server.hosts:
            # A name that was made to point here by somebody else's name server.
            self._write(Response(421, b"This is a practice server on loopback."), close=True)
            return
        length = headers.get("content-length", "0")
        if "transfer-encoding" in headers or not (length.isascii() and length.isdigit()):
            self._write(Response(411, b""), close=True)
            return
        if int(length) > MAX_BODY:
            self._write(Response(413, b""), close=True)
            return
        body = self.rfile.read(int(length))
        path, _, query = self.path.partition("?")
        request = Request(
            self.command,
            f"http://{host}{self.path}",
            path,
            dict(parse_qsl(query, keep_blank_values=True)),
            headers,
            body,
        )
        self._write(self.server.site.answer(request))

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = do_PATCH = _serve  # noqa: N815

    def _write(self, response: Response, *, close: bool = False) -> None:
        if response.dropped:
            self.close_connection = True
            return
        now = self.server.site.now() + self.server.site.faults.limits.passed
        lines = [
            f"HTTP/1.1 {response.status} {_phrase(response.status)}",
            f"date: {formatdate(now, usegmt=True)}",
            f"content-length: {len(response.body)}",
        ]
        if response.body:
            lines.append(f"content-type: {response.content_type}")
        lines += [f"{name}: {value}" for name, value in response.headers.items()]
        if close or response.sent is not None:
            self.close_connection = True
            lines.append("connection: close")
        body = b"" if self.command == "HEAD" else response.body[: response.sent]
        self.wfile.write("\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + body)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
