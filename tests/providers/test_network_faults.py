"""What a network can do to a request, with real sockets, certificates and proxies on loopback."""

from __future__ import annotations

import base64
import datetime
import select
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
import requests.adapters
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from adwarden.domain.errors import ErrorCode, NetworkError, UnreachableError
from adwarden.providers.http import HttpClient
from tests.providers.test_http import Server, plain, unsigned

DAY = datetime.timedelta(days=1)
PASSWORD = "proxy-password-41"


class Authority:
    """A certificate authority that this process trusts, and the certificates it gives out."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
        made = self._builder(self._name, self._key, DAY).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        self.file = folder / "authority.pem"
        certificate = made.sign(self._key, hashes.SHA256())
        self.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def context(self, host: str, *, until: datetime.timedelta = DAY) -> ssl.SSLContext:
        """Return what a server needs to be ``host``; ``until`` counts from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        made = (
            self._builder(subject, key, until)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        path = self._folder / f"{host}.pem"
        path.write_bytes(
            made.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, until: datetime.timedelta
    ) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - 3 * DAY)
            .not_valid_after(now + until)
        )


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """Return an authority that is in the trust store of this process."""
    made = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.file))
    return made


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    started: list[Server] = []

    def start(
        *replies: Callable[[BaseHTTPRequestHandler], None], context: ssl.SSLContext | None = None
    ) -> Server:
        started.append(Server(*replies, context=context))
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def ask() -> Iterator[Callable[[str], bytes]]:
    """Return what reads an address and gives the body; a new client asks, as at a start."""
    clients: list[HttpClient] = []

    def asked(url: str) -> bytes:
        clients.append(HttpClient(connect_timeout=3, read_timeout=1))
        return clients[-1].get(url, auth=unsigned).body

    yield asked
    for client in clients:
        client.close()


def _refused(call: Callable[[], object], code: ErrorCode) -> NetworkError:
    with pytest.raises(NetworkError) as caught:
        call()
    assert caught.value.code is code
    assert caught.value.title
    assert caught.value.remedy
    return caught.value


# Certificates


def test_a_good_certificate_is_accepted(
    authority: Authority, serve: Callable[..., Server], ask: Callable[[str], bytes]
) -> None:
    server = serve(plain(b"hello"), context=authority.context("localhost"))
    assert ask(f"https://localhost:{server.port}/") == b"hello"


def test_an_expired_certificate_is_refused_and_said(
    authority: Authority, serve: Callable[..., Server], ask: Callable[[str], bytes]
) -> None:
    server = serve(plain(b"hello"), context=authority.context("localhost", until=-DAY))
    error = _refused(lambda: ask(f"https://localhost:{server.port}/"), ErrorCode.TLS)
    assert "has expired" in error.message
    assert "clock" in error.message
    assert server.seen == []


def test_another_servers_certificate_is_refused_and_said(
    authority: Authority, serve: Callable[..., Server], ask: Callable[[str], bytes]
) -> None:
    server = serve(plain(b"hello"), context=authority.context("api.evil.example"))
    error = _refused(lambda: ask(f"https://localhost:{server.port}/"), ErrorCode.TLS)
    assert error.message == "The certificate is not that of localhost, but another server's."
    assert "evil" not in str(error) + error.detail
    assert server.seen == []


def test_a_certificate_of_an_unknown_authority_is_refused(
    tmp_path: Path, serve: Callable[..., Server], ask: Callable[[str], bytes]
) -> None:
    server = serve(plain(b"hello"), context=Authority(tmp_path).context("localhost"))
    error = _refused(lambda: ask(f"https://localhost:{server.port}/"), ErrorCode.TLS)
    assert "could not be verified" in error.message
    assert server.seen == []


def test_an_authority_that_only_a_library_knows_is_refused(
    authority: Authority,
    serve: Callable[..., Server],
    ask: Callable[[str], bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "library").mkdir()
    other = Authority(tmp_path / "library")
    monkeypatch.setattr(requests.adapters, "DEFAULT_CA_BUNDLE_PATH", str(other.file))
    server = serve(plain(b"hello"), context=other.context("localhost"))
    _refused(lambda: ask(f"https://localhost:{server.port}/"), ErrorCode.TLS)
    assert server.seen == []


def test_a_server_without_encryption_at_an_https_address_is_refused(
    serve: Callable[..., Server], ask: Callable[[str], bytes]
) -> None:
    server = serve(plain(b"hello"))
    _refused(lambda: ask(f"https://localhost:{server.port}/"), ErrorCode.TLS)
    assert server.seen == []


# Names, proxies


def test_a_name_that_nobody_knows_is_said(ask: Callable[[str], bytes]) -> None:
    error = _refused(lambda: ask("https://api.x.invalid/"), ErrorCode.NO_NETWORK)
    assert error.message == "The address of api.x.invalid could not be found."
    assert isinstance(error, UnreachableError)


class Tunnel:
    """A proxy that lets those through who say the password, to one port of this computer."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.asked: list[bytes] = []
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def stop(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            with client:
                client.settimeout(5)
                self._tunnel(client)

    def _tunnel(self, client: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(4096)
        self.asked.append(head)
        known = base64.b64encode(f"me:{PASSWORD}".encode())
        if known not in head:
            client.sendall(
                b"HTTP/1.1 407 Proxy Authentication Required\r\n"
                b'Proxy-Authenticate: Basic realm="office"\r\nContent-Length: 0\r\n\r\n'
            )
            return
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with socket.create_connection(("127.0.0.1", self._port)) as server:
            ends = {client: server, server: client}
            while ends:
                for one in select.select(list(ends), [], [], 5)[0]:
                    data = one.recv(65536)
                    if not data:
                        return
                    ends[one].sendall(data)


@pytest.fixture
def tunnel(
    authority: Authority, serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Tunnel]:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    server = serve(plain(b"hello"), context=authority.context("api.x.invalid"))
    made = Tunnel(server.port)
    yield made
    made.stop()


@pytest.mark.parametrize("who", ["", f"me:{PASSWORD}-wrong@"])
def test_a_proxy_that_wants_a_password_is_named_with_the_remedy(
    tunnel: Tunnel, ask: Callable[[str], bytes], monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://{who}127.0.0.1:{tunnel.port}")
    error = _refused(lambda: ask("https://api.x.invalid/"), ErrorCode.PROXY)
    assert error.title == "The proxy wants a password"
    assert "HTTPS_PROXY" in error.remedy
    assert PASSWORD not in f"{error} {error.detail} {error!r}"
    assert len(tunnel.asked) == 1


def test_a_proxy_gets_its_password_and_lets_through(
    tunnel: Tunnel, ask: Callable[[str], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:{PASSWORD}@127.0.0.1:{tunnel.port}")
    assert ask("https://api.x.invalid/") == b"hello"
    (head,) = tunnel.asked
    assert head.startswith(b"CONNECT api.x.invalid:443 ")


def test_a_proxy_that_is_not_there_is_named(
    ask: Callable[[str], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
    error = _refused(lambda: ask("https://api.x.invalid/"), ErrorCode.PROXY)
    assert error.title == "The proxy refused"


# Breaks


def _reset(handler: BaseHTTPRequestHandler, sent: bytes) -> None:
    """Send something, then have the kernel answer with a reset instead of an end."""
    handler.wfile.write(sent)
    handler.wfile.flush()
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    # The handler keeps the descriptor open in its files: those close with it.
    handler.close_connection = True
    handler.rfile.close()
    handler.wfile.close()
    handler.connection.close()


@pytest.mark.parametrize(
    "sent",
    [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"],
    ids=["before the head", "in the head", "in the body"],
)
def test_a_reset_in_the_middle_is_a_connection_that_broke(
    serve: Callable[..., Server], ask: Callable[[str], bytes], sent: bytes
) -> None:
    server = serve(lambda handler: _reset(handler, sent))
    error = _refused(lambda: ask(f"http://127.0.0.1:{server.port}/"), ErrorCode.NO_NETWORK)
    # It was sent: whoever counts requests must count it.
    assert not isinstance(error, UnreachableError)
    assert "could not be reached" not in str(error)
    assert len(server.seen) == 1


def test_silence_in_the_middle_of_a_body_is_given_up(
    serve: Callable[..., Server], ask: Callable[[str], bytes]
) -> None:
    done = threading.Event()

    def half(handler: BaseHTTPRequestHandler) -> None:
        plain(b"half", length=8)(handler)
        handler.wfile.flush()
        done.wait(20)

    server = serve(half)
    error = _refused(lambda: ask(f"http://127.0.0.1:{server.port}/"), ErrorCode.NO_NETWORK)
    done.set()
    assert error.remedy
