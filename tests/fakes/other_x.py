"""Another implementation of X, small and written apart from the practice server.

Two hosts on two ports, no rate-limit headers, no v1.1 calls but the three OAuth steps: what a
program may rely on is what X documents, and not what the practice server happens to do.
"""

from __future__ import annotations

import json
import secrets
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlencode, urlsplit

from oauthlib.oauth1 import Client
from oauthlib.oauth1.rfc5849 import signature

KEY = "otherkey1234567890ABCDEFG"
SECRET = "othersecret" + "z" * 39
PIN = "0042137"
USER_ID = "6253282"
HANDLE = "other_user"

PAGE = """<!doctype html><title>Authorize</title><form method="post" id="oauth_form">
<input type="hidden" name="oauth_token" value="{token}">
<input type="submit" id="allow" value="Authorize app"></form>"""
PIN_PAGE = """<!doctype html><div id="oauth_pin"><p><span id="code-desc">Next, return to the app
and enter this PIN to complete the authorization process:</span>
<kbd aria-labelledby="code-desc"><code>{pin}</code></kbd></p></div>"""

ACCOUNTS = {
    "abc12": ("First ünïcode account", ["ACCOUNT_ADMIN"]),
    "xyz98": ("Second account", ["AD_MANAGER", "TWEET_COMPOSER", "SOMETHING_ELSE"]),
}


@dataclass
class OtherX:
    """Both hosts; ``calls`` lists the paths in order, ``bad`` what was wrongly signed."""

    calls: list[str] = field(default_factory=list)
    bad: list[str] = field(default_factory=list)
    nonces: set[str] = field(default_factory=set)
    requests: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer.answer(self)

            def do_POST(self) -> None:
                outer.answer(self)

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self.api = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.ads = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._threads = [
            threading.Thread(target=server.serve_forever, args=(0.05,))
            for server in (self.api, self.ads)
        ]
        for server in (self.api, self.ads):
            server.daemon_threads = True
        for thread in self._threads:
            thread.start()

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.api.server_address[1]}"

    @property
    def ads_url(self) -> str:
        return f"http://127.0.0.1:{self.ads.server_address[1]}"

    def stop(self) -> None:
        for server in (self.api, self.ads):
            server.shutdown()
            server.server_close()
        for thread in self._threads:
            thread.join()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0)).decode()
        url = urlsplit(request.path)
        self.calls.append(f"{request.command} {url.path}")
        if url.path == "/oauth/authorize":
            token = dict(parse_qsl(url.query)).get("oauth_token") or dict(parse_qsl(body)).get(
                "oauth_token", ""
            )
            page = PAGE if request.command == "GET" else PIN_PAGE
            self._send(request, 200, page.format(token=token, pin=PIN), "text/html")
            return
        given = self._signed(request, body)
        if given is None:
            self.bad.append(request.path)
            self._send(request, 401, "Failed to validate oauth signature and token", "text/plain")
            return
        status, text, kind = self._api(url.path, given)
        self._send(request, status, text, kind)

    def _api(self, path: str, given: dict[str, str]) -> tuple[int, str, str]:
        form = "text/html;charset=utf-8"
        if path == "/oauth/request_token":
            token = secrets.token_hex(13)
            self.requests[token] = secrets.token_hex(16)
            answer = {"oauth_token": token, "oauth_token_secret": self.requests[token]}
            return 200, urlencode({**answer, "oauth_callback_confirmed": "true"}), form
        if path == "/oauth/access_token":
            if given.get("oauth_verifier") != PIN:
                return 401, "Error processing your OAuth request: Invalid oauth_verifier", form
            token = f"{USER_ID}-{secrets.token_hex(20)}"
            self.tokens[token] = secrets.token_hex(22)
            answer = {"oauth_token": token, "oauth_token_secret": self.tokens[token]}
            return 200, urlencode({**answer, "user_id": USER_ID, "screen_name": HANDLE}), form
        json_kind = "application/json"
        parts = path.strip("/").split("/")
        if path == "/12/accounts":
            data = [
                {"id": key, "name": name, "deleted": False, "approval_status": "ACCEPTED"}
                for key, (name, _) in ACCOUNTS.items()
            ]
            return 200, json.dumps({"data": data, "next_cursor": None}), json_kind
        if parts[:2] == ["12", "accounts"] and len(parts) == 4 and parts[2] in ACCOUNTS:
            if parts[3] == "authenticated_user_access":
                found = {"user_id": int(USER_ID), "permissions": ACCOUNTS[parts[2]][1]}
                return 200, json.dumps({"data": found}), json_kind
            if parts[3] == "promotable_users":
                user = {"id": "p1", "user_id": USER_ID, "promotable_user_type": "FULL"}
                return 200, json.dumps({"data": [user], "next_cursor": None}), json_kind
        return 404, "<html><body>Not Found</body></html>", "text/html"

    def _signed(self, request: BaseHTTPRequestHandler, body: str) -> dict[str, str] | None:
        header = request.headers.get("Authorization", "")
        if not header.startswith("OAuth "):
            return None
        url = f"http://{request.headers['Host']}{request.path}"
        params = signature.collect_parameters(
            uri_query=urlsplit(url).query,
            body=body,
            headers={"Authorization": header},
            exclude_oauth_signature=False,
        )
        given = dict(params)
        sign = given.pop("oauth_signature")
        token = given.get("oauth_token", "")
        secret = self.requests.get(token) or self.tokens.get(token) or ""
        pairs = sorted((name, value) for name, value in params if name != "oauth_signature")
        base = signature.signature_base_string(
            "POST" if request.command == "POST" else "GET",
            signature.base_string_uri(url),
            signature.normalize_parameters(pairs),  # type: ignore[arg-type]
        )
        client = Client(KEY, client_secret=SECRET, resource_owner_secret=secret)
        mine = signature.sign_hmac_sha1_with_client(base, client)
        fresh = given["oauth_nonce"] not in self.nonces
        self.nonces.add(given["oauth_nonce"])
        return given if mine == sign and fresh and given["oauth_consumer_key"] == KEY else None

    def _send(self, request: BaseHTTPRequestHandler, status: int, text: str, kind: str) -> None:
        data = text.encode()
        request.send_response(status)
        request.send_header("Content-Type", kind)
        request.send_header("Content-Length", str(len(data)))
        request.end_headers()
        request.wfile.write(data)
