"""The sockets: loopback only, no foreign names, bounded bodies, a journal without secrets."""

from __future__ import annotations

import http.client
import socket
import statistics
import threading
import time
from urllib.parse import urlsplit

import pytest
import requests
from requests_oauthlib import OAuth1

from adwarden.domain.errors import NetworkError
from adwarden.practice.server import MAX_BODY, PracticeServer
from adwarden.practice.world import make_world
from tests.practice.conftest import TIMEOUT, MakePractice, Practice

VERIFY = "/1.1/account/verify_credentials.json"


def raw(practice: Practice, text: bytes) -> bytes:
    """Send bytes as they are and return everything that comes back."""
    target = urlsplit(practice.server.url)
    assert target.hostname is not None
    with socket.create_connection((target.hostname, target.port or 0), timeout=TIMEOUT) as line:
        line.sendall(text)
        line.shutdown(socket.SHUT_WR)
        parts = []
        while part := line.recv(65536):
            parts.append(part)
    return b"".join(parts)


def test_it_listens_on_loopback_only(practice: Practice) -> None:
    target = urlsplit(practice.server.url)
    assert (target.scheme, target.hostname) == ("http", "127.0.0.1")
    others = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None)}
    for address in others - {"127.0.0.1"}:
        with pytest.raises((ConnectionError, TimeoutError)):
            socket.create_connection((str(address), target.port or 0), timeout=1).close()


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "", "localhost"])
def test_a_foreign_host_name_is_refused(practice: Practice, host: str) -> None:
    answer = raw(practice, f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 421 ")
    assert b"Practice server: nothing" not in answer


def test_localhost_is_the_same_place(practice: Practice) -> None:
    port = urlsplit(practice.server.url).port
    answer = raw(practice, f"GET / HTTP/1.1\r\nHost: LOCALHOST:{port}\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (f"Content-Length: {MAX_BODY + 1}", 413),
        ("Content-Length: -1", 411),
        ("Content-Length: many", 411),
        ("Transfer-Encoding: chunked", 411),
    ],
)
def test_bodies_are_bounded(practice: Practice, headers: str, status: int) -> None:
    port = urlsplit(practice.server.url).port
    head = f"POST /oauth/authorize HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{headers}\r\n\r\n"
    assert raw(practice, head.encode()).startswith(f"HTTP/1.1 {status} ".encode())


@pytest.mark.parametrize(
    "line",
    ["GET //12/accounts", "GET *", "GET http://evil/12/accounts", "BREW /", "GET /%00%ff?%00=%ff",
     "GET /?" + "a=b&" * 5000, "OPTIONS /12/accounts", "HEAD /", "GET /12"],
)  # fmt: skip
def test_strange_requests_get_an_answer(
    practice: Practice, line: str, caplog: pytest.LogCaptureFixture
) -> None:
    port = urlsplit(practice.server.url).port
    answer = raw(practice, f"{line} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 ")
    assert not caplog.records


def test_a_connection_is_kept(practice: Practice) -> None:
    target = urlsplit(practice.server.url)
    line = http.client.HTTPConnection("127.0.0.1", target.port, timeout=TIMEOUT)
    try:
        for _ in range(3):
            line.request("GET", "/")
            first = line.sock
            answer = line.getresponse()
            assert answer.status == 200
            answer.read()
            assert line.sock is first
    finally:
        line.close()


def test_a_taken_port_is_said() -> None:
    first = PracticeServer(make_world())
    first.start()
    port = urlsplit(first.url).port or 0
    try:
        with pytest.raises(NetworkError) as caught:
            PracticeServer(make_world(), port=port).start()
        assert str(port) in str(caught.value)
    finally:
        first.stop()


@pytest.mark.parametrize("port", [-1, 70000])
def test_an_impossible_port_is_said(port: int) -> None:
    server = PracticeServer(make_world(), port=port)
    with pytest.raises(NetworkError):
        server.start()
    server.stop()


def test_it_stops_and_starts_again_where_it_was(practice: Practice) -> None:
    url, session = practice.server.url, practice.user("contoso")
    assert session.get(url + VERIFY, timeout=TIMEOUT).status_code == 200
    practice.server.stop()
    with pytest.raises(requests.ConnectionError):
        session.get(url + VERIFY, timeout=TIMEOUT)
    practice.server.stop()
    practice.server.start()
    assert practice.server.url == url
    assert session.get(url + VERIFY, timeout=TIMEOUT).status_code == 200


def test_many_at_once(practice: Practice) -> None:
    practice.server.faults.limits.be_generous()
    token, answers = practice.token("agency_ops"), []
    auth = OAuth1(token.app.key, token.app.secret, token.token, token.secret)

    def work() -> None:
        with requests.Session() as session:
            session.trust_env = False
            for _ in range(20):
                answer = session.get(practice.url("/12/accounts"), auth=auth, timeout=TIMEOUT)
                answers.append(answer.status_code)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 160
    entries = practice.server.journal.entries("/12/accounts")
    assert len(entries) == 160
    assert all(entry.signed and entry.nonce_fresh for entry in entries)
    assert all(entry.user_id == practice.person("agency_ops").user_id for entry in entries)


def test_the_journal_holds_no_secret(practice: Practice) -> None:
    practice.server.faults.next_pin("7531902")
    session = practice.connect("contoso")
    session.get(practice.url("/12/accounts?count=7&q=con"), timeout=TIMEOUT)
    journal = practice.server.journal
    text = repr(journal.entries())
    token = practice.token("contoso")
    secrets = [token.token, token.secret, practice.app.key, practice.app.secret, "7531902"]
    assert not [secret for secret in secrets if secret in text]
    assert "oauth_token" not in text
    last = journal.entries("/12/accounts")[-1]
    assert last.query == {"count": "7", "q": "con"}
    assert (last.app, last.status, last.method) == (practice.app.label, 200, "GET")
    assert journal.wait_for(1, "/12/accounts", timeout=0)
    assert not journal.wait_for(2, "/12/accounts", timeout=0)
    assert journal.total == journal.count() > 4
    assert journal.statuses() == {200: journal.total}
    journal.keep_last(2)
    assert journal.count() == 2
    journal.clear()
    assert journal.count() == 0
    assert journal.statuses() == {}


def test_nothing_is_printed_or_logged(
    practice: Practice, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG", logger="adwarden")
    caplog.set_level("DEBUG", logger="oauthlib.oauth1.rfc5849.endpoints")
    auth = practice.signer("contoso")
    practice.plain().get(practice.url(VERIFY), auth=auth, timeout=TIMEOUT)
    assert capsys.readouterr() == ("", "")
    assert not any(practice.token("contoso").token in r.getMessage() for r in caplog.records)


def test_big_worlds_start_at_once(
    make_practice: MakePractice, capsys: pytest.CaptureFixture[str]
) -> None:
    started = time.perf_counter()
    practice = make_practice(accounts=50_000)
    took = time.perf_counter() - started
    practice.server.faults.limits.be_generous()
    session = practice.user("agency_ops")
    body = session.get(practice.url("/12/accounts?count=1000"), timeout=TIMEOUT).json()
    assert len(body["data"]) == 1000
    ids = [account["id"] for account in body["data"][:200]]
    for account_id in ids:
        path = f"/12/accounts/{account_id}/authenticated_user_access"
        assert session.get(practice.url(path), timeout=TIMEOUT).status_code == 200
    own = [e.took for e in practice.server.journal.entries() if "access" in e.path]
    with capsys.disabled():
        print(
            f"\n50,000 ad accounts: serving after {took * 1000:.1f} ms; a signed GET takes the "
            f"server {statistics.median(own) * 1000:.2f} ms"
        )
