"""Puts the parts together: one request in, one answer out, wrong on purpose where asked."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

from adwarden.practice import pages
from adwarden.practice.ads import AdsApi
from adwarden.practice.consent import ConsentPages
from adwarden.practice.control import Control
from adwarden.practice.faults import Fault, Faults, Kind, Shape
from adwarden.practice.gate import Gate
from adwarden.practice.journal import Entry, Journal, harmless
from adwarden.practice.limits import Limits
from adwarden.practice.oauth import OAuthApi
from adwarden.practice.roles import Roles
from adwarden.practice.tokens import AccessTokens, RequestTokens
from adwarden.practice.users import UsersApi
from adwarden.practice.wire import (
    HTML,
    Request,
    Response,
    ads_error,
    encode,
    gateway_error,
    is_ads,
    plain_error,
    xml_errors,
    xml_hash,
)
from adwarden.practice.world import World

_CODES = {
    400: ("INVALID_PARAMETER", 214),
    401: ("UNAUTHORIZED_ACCESS", 89),
    403: ("UNAUTHORIZED_CLIENT_APPLICATION", 220),
    404: ("NOT_FOUND", 34),
    429: ("TOO_MANY_REQUESTS", 88),
    500: ("INTERNAL_ERROR", 131),
    503: ("OVER_CAPACITY", 130),
}
_SOME_PAGE = (
    b"<!doctype html><html><head><title>Welcome</title></head><body><h1>Network sign-in</h1>"
    b"<p>Please accept the terms of use to go on.</p></body></html>"
)


class Site:
    """Everything behind the sockets. ``stopping`` ends delays that are under way."""

    def __init__(
        self,
        world: World,
        *,
        clock: Callable[[], float],
        control_token: str,
        stopping: threading.Event,
    ) -> None:
        self._world = world
        self._clock = clock
        self._stopping = stopping
        self.url = ""
        self.journal = Journal()
        access_tokens = self._tokens = AccessTokens(world)
        request_tokens = RequestTokens(self.now)
        roles = Roles(world)
        counts = Limits(self.now)
        self.faults = Faults(roles, counts, access_tokens, request_tokens)
        self.gate = Gate(world, access_tokens, request_tokens, self.now)
        self._ads = AdsApi(world, roles, self.gate, counts)
        self._control = Control(world, self.faults, self.journal, control_token)
        self._parts = (
            OAuthApi(self.gate),
            ConsentPages(world, access_tokens, request_tokens),
            UsersApi(world, roles, self.gate, counts),
        )

    def now(self) -> float:
        """Return the server's time in Unix seconds, moved when the clock is to be wrong."""
        return self._clock() + self.faults.skew

    def answer(self, request: Request) -> Response:
        """Answer one request and write it down."""
        controlled = self._control.answer(request)
        if controlled is not None:
            return controlled
        started = time.perf_counter()
        response = self._with_faults(request)
        self.journal.add(
            Entry(
                method=request.method,
                path=request.path,
                query=harmless(request.query),
                status=0 if response.dropped else response.status,
                at=self.now(),
                took=time.perf_counter() - started,
                app=request.trace.app,
                user_id=request.trace.user_id,
                signed=request.trace.signed,
                nonce_fresh=request.trace.nonce_fresh,
            )
        )
        return response

    def _with_faults(self, request: Request) -> Response:
        rules = self.faults.matching(request.method, request.path)
        for rule in rules:
            if rule.kind is Kind.LATENCY:
                self._stopping.wait(rule.seconds)
        for rule in rules:
            instead = _instead(rule, request)
            if instead is not None:
                return instead
        response = self._route(request)
        for rule in rules:
            response = _spoiled(rule, response, request)
        return response

    def _route(self, request: Request) -> Response:
        if is_ads(request.path):
            return self._ads.answer(request)
        for part in self._parts:
            response = part.answer(request)
            if response is not None:
                return response
        if request.path == "/" and request.method == "GET":
            owner = self._world.people[0]
            owned = [self._tokens.current(app, owner) for app in self._world.apps]
            return pages.home(self.url, self._world.apps, self._world.people, owned)
        return gateway_error(404, 34, "Sorry, that page does not exist.")


def _instead(rule: Fault, request: Request) -> Response | None:
    """Return what is answered without doing any work."""
    headers = rule.headers
    if rule.kind is Kind.ERROR:
        return _error(rule, request).with_headers(headers)
    if rule.kind is Kind.HTML:
        text = rule.text.encode() or _SOME_PAGE
        return Response(rule.status, text, HTML, headers)
    if rule.kind is Kind.BODY:
        return Response(rule.status, rule.text.encode(), rule.content_type, headers)
    if rule.kind is Kind.DROP:
        return Response(0, dropped=True)
    if rule.kind is Kind.REDIRECT:
        return Response(302, headers={**headers, "location": rule.location})
    return None


def _error(rule: Fault, request: Request) -> Response:
    word, digits = _CODES.get(rule.status, ("INTERNAL_ERROR", 131))
    message = rule.text or "Made to fail"
    code = int(rule.code) if rule.code.isdigit() else digits
    if rule.shape is Shape.ADS:
        return ads_error(rule.status, rule.code or word, message)
    if rule.shape is Shape.XML:
        return xml_errors(rule.status, code, message)
    if rule.shape is Shape.HASH:
        return xml_hash(rule.status, message, request.path)
    if rule.shape is Shape.TEXT:
        return plain_error(rule.status, message)
    if rule.shape is Shape.EMPTY:
        return Response(rule.status)
    return gateway_error(rule.status, code, message)


def _spoiled(rule: Fault, response: Response, request: Request) -> Response:
    """Return a right answer with something wrong in it."""
    if rule.kind is Kind.DROP_AFTER:
        return replace(response, dropped=True)
    if rule.kind is Kind.CUT_JSON:
        return replace(response, body=response.body[: len(response.body) // 2])
    if rule.kind is Kind.SHORT_BODY:
        return replace(response, sent=len(response.body) // 2)
    if rule.kind in (Kind.UNCONFIRMED, Kind.NO_SECRET):
        gone = "oauth_callback_confirmed" if rule.kind is Kind.UNCONFIRMED else "oauth_token_secret"
        fields = [pair for pair in parse_qsl(response.body.decode()) if pair[0] != gone]
        return replace(response, body=urlencode(fields).encode())
    if rule.kind is Kind.EMPTY_PAGE and b'"data":[' in response.body:
        return replace(response, body=encode({**json.loads(response.body), "data": []}))
    asked = request.query.get("cursor")
    if rule.kind is Kind.SAME_CURSOR and asked and b'"next_cursor":' in response.body:
        head, _, tail = response.body.partition(b'"next_cursor":')
        rest = tail[tail.index(b",") :]
        return replace(response, body=head + b'"next_cursor":' + encode(asked) + rest)
    return response
