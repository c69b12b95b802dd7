from __future__ import annotations

import datetime
import gzip
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from requests import PreparedRequest

from adwarden.domain.errors import ErrorCode, NetworkError, UnreachableError
from adwarden.providers import http
from adwarden.providers.http import HttpClient, is_loopback

Reply = Callable[[BaseHTTPRequestHandler], None]


def unsigned(request: PreparedRequest) -> PreparedRequest:
    return request


def plain(text: bytes, *, length: int | None = None, status: int = 200) -> Reply:
    """Return what answers with this body, announcing ``length`` bytes of it."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(text) if length is None else length))
        handler.end_headers()
        handler.wfile.write(text)

    return reply


class Server:
    """A server that answers as told, one reply after the other; the last one stays."""

    def __init__(self, *replies: Reply, context: ssl.SSLContext | None = None) -> None:
        self.replies = list(replies)
        self.seen: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.seen.append(self.path)
                outer.replies[min(len(outer.seen), len(outer.replies)) - 1](self)

            def do_POST(self) -> None:
                self.do_GET()

            def do_DELETE(self) -> None:
                self.do_GET()

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *args: object) -> None:
                """Say nothing of connections that the test broke."""

        self._server = Quiet(("127.0.0.1", 0), Handler)
        if context is not None:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    started: list[Server] = []

    def start(*replies: Reply, context: ssl.SSLContext | None = None) -> Server:
        started.append(Server(*replies, context=context))
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def client() -> Iterator[HttpClient]:
    client = HttpClient(connect_timeout=2, read_timeout=0.5)
    yield client
    client.close()


def _error(call: Callable[[], object]) -> NetworkError:
    with pytest.raises(NetworkError) as caught:
        call()
    assert caught.value.__cause__ is None
    assert caught.value.title
    assert caught.value.remedy
    return caught.value


def test_silence_is_given_up_after_the_time_limit(
    serve: Callable[..., Server], client: HttpClient
) -> None:
    done = threading.Event()
    server = serve(lambda _: done.wait(10) and None)
    error = _error(lambda: client.post(f"http://127.0.0.1:{server.port}/x", auth=unsigned))
    done.set()
    assert error.code is ErrorCode.NO_NETWORK


def test_nobody_there(client: HttpClient) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    error = _error(lambda: client.post(f"http://127.0.0.1:{port}/secret?x=1", auth=unsigned))
    assert error.code is ErrorCode.NO_NETWORK
    assert isinstance(error, UnreachableError)
    assert "secret" not in str(error) + error.detail


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_body_that_is_cut_off_is_a_connection_that_broke(
    serve: Callable[..., Server], client: HttpClient, method: str
) -> None:
    server = serve(plain(b"half", length=8), plain(b"whole"))
    call = getattr(client, method)
    error = _error(lambda: call(f"http://127.0.0.1:{server.port}/", auth=unsigned))
    assert error.code is ErrorCode.NO_NETWORK
    assert not isinstance(error, UnreachableError)
    # Whoever counts the requests decides whether there is another one.
    assert len(server.seen) == 1


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_no_answer_is_asked_for_again_by_itself(
    serve: Callable[..., Server], client: HttpClient, status: int
) -> None:
    server = serve(plain(b"no", status=status))
    assert client.get(f"http://127.0.0.1:{server.port}/", auth=unsigned).status == status
    assert len(server.seen) == 1


def test_a_body_without_end_is_refused(
    serve: Callable[..., Server], client: HttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "MAX_BODY", 100_000)
    server = serve(plain(b"x" * 200_000))
    error = _error(lambda: client.get(f"http://127.0.0.1:{server.port}/", auth=unsigned))
    assert error.code is ErrorCode.UNEXPECTED_ANSWER


def test_redirects_come_back_as_they_are(serve: Callable[..., Server], client: HttpClient) -> None:
    other = serve(plain(b"stolen"))

    def elsewhere(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(302)
        handler.send_header("Location", f"http://127.0.0.1:{other.port}/")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    server = serve(elsewhere)
    assert client.get(f"http://127.0.0.1:{server.port}/", auth=unsigned).status == 302
    assert other.seen == []


def test_a_proxy_never_sees_what_stays_on_this_computer(
    serve: Callable[..., Server], client: HttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy, server = serve(plain(b"proxy")), serve(plain(b"direct"))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert client.get(f"http://127.0.0.1:{server.port}/", auth=unsigned).body == b"direct"
    assert proxy.seen == []


def test_a_proxy_that_refuses_is_named(
    serve: Callable[..., Server], client: HttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = serve(plain(b"no", status=403))
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{proxy.port}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    error = _error(lambda: client.post("https://api.x.invalid/", auth=unsigned))
    assert error.code is ErrorCode.PROXY


def test_a_certificate_that_nobody_vouches_for_is_refused(
    serve: Callable[..., Server], client: HttpClient, tmp_path: Path
) -> None:
    server = serve(plain(b"hello"), context=_self_signed(tmp_path))
    error = _error(lambda: client.post(f"https://127.0.0.1:{server.port}/", auth=unsigned))
    assert error.code is ErrorCode.TLS
    assert server.seen == []


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("api.x.com", False),
        ("10.0.0.1", False),
        ("localhost.evil.example", False),
        ("", False),
    ],
)
def test_what_is_this_computer(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


def _self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    path.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def test_of_a_long_body_as_much_is_read_as_was_asked_for(
    serve: Callable[..., Server], client: HttpClient
) -> None:
    server = serve(plain(b"x" * 1_000_000, status=404))
    url = f"http://127.0.0.1:{server.port}/x"
    cut = client.ask("DELETE", url, auth=unsigned, most=1_000)
    assert (cut.status, cut.reason, cut.body, cut.cut) == (404, "Not Found", b"x" * 1_000, True)
    whole = client.ask("GET", url, auth=unsigned, most=1_000_000)
    assert (len(whole.body), whole.cut) == (1_000_000, False)


def test_a_body_that_unpacks_to_very_much_is_cut(
    serve: Callable[..., Server], client: HttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "MAX_BODY", 10_000)
    packed = gzip.compress(b"\0" * 5_000_000)

    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Encoding", "gzip")
        handler.send_header("Content-Length", str(len(packed)))
        handler.end_headers()
        handler.wfile.write(packed)

    server = serve(reply)
    url = f"http://127.0.0.1:{server.port}/x"
    assert client.ask("GET", url, auth=unsigned, most=1_000).body == b"\0" * 1_000
    with pytest.raises(NetworkError, match="too large"):
        client.get(url, auth=unsigned)
