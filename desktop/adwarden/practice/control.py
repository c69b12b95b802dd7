"""The control address, for tests in another process: the same switches as ``Faults`` has."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any

from adwarden.practice.faults import Faults, Kind, Shape
from adwarden.practice.journal import Journal
from adwarden.practice.people import Person, PracticeApp
from adwarden.practice.wire import Request, Response, answer_json, encode
from adwarden.practice.world import World

PREFIX = "/_control/"
HEADER = "x-control-token"


class Control:
    """Answers ``POST /_control/<switch>`` with a JSON object, if the control token is right."""

    def __init__(self, world: World, faults: Faults, journal: Journal, token: str) -> None:
        self._world = world
        self._faults = faults
        self._journal = journal
        self._token = token
        self._switches: dict[str, Callable[[Mapping[str, Any]], None]] = {
            "fault": self._fault,
            "clear": lambda _: faults.clear(),
            "skew": self._skew,
            "limit": self._limit,
            "generous": lambda _: faults.limits.be_generous(),
            "strict": lambda _: faults.limits.be_strict(),
            "window": lambda body: faults.limits.last(int(body["seconds"])),
            "reset-limits": lambda _: faults.limits.reset(),
            "suspend": lambda body: faults.suspend(self._person(body)),
            "unsuspend": lambda body: faults.unsuspend(self._person(body)),
            "revoke": lambda body: faults.revoke(self._app(body), self._person(body)),
            "permissions": self._permissions,
            "remove-access": self._remove_access,
            "delete-account": lambda body: faults.delete_account(body["account_id"]),
            "expire-request-tokens": lambda _: faults.expire_request_tokens(),
            "pin": lambda body: faults.next_pin(body["pin"]),
            "clear-journal": lambda _: journal.clear(),
            "keep-last": lambda body: journal.keep_last(int(body["number"])),
        }

    def answer(self, request: Request) -> Response | None:
        """Answer one request; ``None`` when this is off, or not the control address."""
        if not self._token or not request.path.startswith(PREFIX):
            return None
        sent = request.headers.get(HEADER, "")
        if not hmac.compare_digest(sent.encode(), self._token.encode()):
            return Response(403, b"{}")
        name = request.path.removeprefix(PREFIX)
        if request.method == "GET" and name == "counts":
            return answer_json(self._journal.counts())
        if request.method == "GET" and name == "journal":
            return answer_json(self._journal.as_json(request.query.get("prefix", "/")))
        if request.method != "POST" or name not in self._switches:
            return Response(404, b"{}")
        try:
            self._switches[name](json.loads(request.body or b"{}"))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            return Response(400, encode({"error": repr(error)}))
        return answer_json({})

    def _fault(self, body: Mapping[str, Any]) -> None:
        rule = dict(body)
        kind = Kind(rule.pop("kind"))
        if "shape" in rule:
            rule["shape"] = Shape(rule["shape"])
        self._faults.add(kind, **rule)

    def _skew(self, body: Mapping[str, Any]) -> None:
        self._faults.skew = float(body["seconds"])

    def _limit(self, body: Mapping[str, Any]) -> None:
        per_account = bool(body.get("per_account", False))
        self._faults.limits.set(body["endpoint"], int(body["limit"]), per_account=per_account)

    def _permissions(self, body: Mapping[str, Any]) -> None:
        person = self._person(body)
        self._faults.set_permissions(person, body["account_id"], *body["permissions"])

    def _remove_access(self, body: Mapping[str, Any]) -> None:
        self._faults.remove_access(self._person(body), body["account_id"])

    def _person(self, body: Mapping[str, Any]) -> Person:
        person = self._world.person_named(body["screen_name"])
        if person is None:
            raise KeyError(body["screen_name"])
        return person

    def _app(self, body: Mapping[str, Any]) -> PracticeApp:
        app = self._world.app(body["key"])
        if app is None:
            raise KeyError("key")
        return app
