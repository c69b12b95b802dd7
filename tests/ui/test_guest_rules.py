from __future__ import annotations

import pytest
from PySide6.QtCore import QUrl

from adwarden.providers.base import GuestRules
from adwarden.ui.guest_rules import (
    allows_frame,
    allows_page,
    allows_resource,
    authority,
    is_pin_page,
    opens_elsewhere,
)

X = GuestRules(
    "https",
    frozenset({"api.x.com", "x.com", "twitter.com"}),
    "api.x.com",
    "/oauth/authorize",
)
LOCAL = GuestRules("http", frozenset({"127.0.0.1:8080"}), "127.0.0.1:8080", "/oauth/authorize")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://API.X.com/a", "api.x.com"),
        ("https://api.x.com:443/a", "api.x.com"),
        ("https://api.x.com:8443/a", "api.x.com:8443"),
        ("http://127.0.0.1:8080/", "127.0.0.1:8080"),
        ("http://[::1]:8080/", "[::1]:8080"),
        ("https://ехample.com/", "xn--ample-ywe6i.com"),
        ("file:///etc/passwd", ""),
    ],
)
def test_authority_is_the_host_as_rules_name_it(url: str, expected: str) -> None:
    assert authority(QUrl(url)) == expected


@pytest.mark.parametrize(
    "url",
    ["https://api.x.com/oauth/authorize?oauth_token=a", "https://x.com/i/flow/login",
     "https://x.com:443/", "https://TWITTER.com/"],
)  # fmt: skip
def test_the_pages_of_x_may_be_shown(url: str) -> None:
    assert allows_page(X, QUrl(url))


@pytest.mark.parametrize(
    "url",
    ["http://x.com/", "https://x.com.evil.example/", "https://evilx.com/", "https://x.com:444/",
     "https://x.com@evil.example/", "https://user:word@x.com/", "https://x.com./",
     "https://sub.x.com/", "file:///etc/passwd", "data:text/html,x", "javascript:alert(1)",
     "view-source:https://x.com/", "chrome://version", "about:blank", "blob:https://x.com/1",
     "ftp://x.com/", "twitter://x.com", "", "https://", "https:///x.com/"],
)  # fmt: skip
def test_nothing_else_may_be_shown(url: str) -> None:
    assert not allows_page(X, QUrl(url))


def test_a_loopback_host_is_the_only_one() -> None:
    assert allows_page(LOCAL, QUrl("http://127.0.0.1:8080/oauth/authorize"))
    for url in ("http://127.0.0.1:8081/", "http://localhost:8080/", "https://127.0.0.1:8080/",
                "https://x.com/", "http://127.0.0.1/"):  # fmt: skip
        assert not allows_page(LOCAL, QUrl(url))
        assert not allows_resource(LOCAL, QUrl(url))


@pytest.mark.parametrize(
    ("url", "part"),
    [
        ("https://abs.twimg.com/a.js", True),
        ("wss://push.example/", True),
        ("data:image/png;base64,AA", True),
        ("blob:https://x.com/1", True),
        ("http://abs.twimg.com/a.js", False),
        ("ws://push.example/", False),
        ("file:///etc/passwd", False),
        ("chrome://version", False),
        ("qrc:/a", False),
        ("custom:thing", False),
    ],
)
def test_parts_of_a_page_are_encrypted(url: str, part: bool) -> None:
    assert allows_resource(X, QUrl(url)) is part


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://challenge.example/", True),
        ("about:blank", True),
        ("about:srcdoc", True),
        ("data:text/html,x", False),
        ("blob:https://x.com/1", False),
        ("file:///etc/passwd", False),
        ("http://x.com/", False),
        ("javascript:1", False),
    ],
)
def test_frames_are_encrypted_or_empty(url: str, allowed: bool) -> None:
    assert allows_frame(X, QUrl(url)) is allowed


def test_sockets_follow_the_scheme_of_the_rules() -> None:
    assert allows_resource(LOCAL, QUrl("ws://127.0.0.1:8080/"))
    assert not allows_resource(LOCAL, QUrl("wss://127.0.0.1:8080/"))


def test_the_pin_is_on_one_page() -> None:
    assert is_pin_page(X, QUrl("https://api.x.com/oauth/authorize?oauth_token=a"))
    assert not is_pin_page(X, QUrl("https://x.com/oauth/authorize"))
    assert not is_pin_page(X, QUrl("https://api.x.com/oauth/authorize2"))


def test_only_web_addresses_are_offered_to_the_browser() -> None:
    assert opens_elsewhere(QUrl("https://accounts.google.com/"))
    for url in ("file:///etc/passwd", "javascript:1", "data:,x", "twitter://a", "", "https:///"):
        assert not opens_elsewhere(QUrl(url))
