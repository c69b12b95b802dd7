"""Who a token belongs to: ``account/verify_credentials``, ``users/me`` and ``users``."""

from __future__ import annotations

import time
from collections.abc import Callable

from adwarden.practice import limits
from adwarden.practice.gate import Check, Gate, Refusal
from adwarden.practice.keys import number
from adwarden.practice.limits import Limits
from adwarden.practice.people import Person
from adwarden.practice.roles import Roles
from adwarden.practice.wire import Request, Response, answer_json, encode, gateway_error
from adwarden.practice.world import FIRST_DAY, World

_MOST_IDS = 100
_Show = Callable[[Person, Request], dict[str, object]]


class UsersApi:
    """Answers the calls about users on the API host."""

    def __init__(self, world: World, roles: Roles, gate: Gate, counts: Limits) -> None:
        self._world = world
        self._roles = roles
        self._gate = gate
        self._limits = counts

    def answer(self, request: Request) -> Response | None:
        """Answer one request; ``None`` when the path is not one of these."""
        if request.method != "GET":
            return None
        if request.path == "/1.1/account/verify_credentials.json":
            return self._own(request, limits.VERIFY, self._verify_credentials)
        if request.path == "/2/users/me":
            return self._own(request, limits.ME, self._me)
        if request.path == "/2/users":
            return self._users(request)
        return None

    def _own(self, request: Request, endpoint: str, show: _Show) -> Response:
        check = self._gate.user_call(request)
        if check.refusal or not check.access or not check.app:
            return refused(check)
        person = check.access.person
        verdict = self._limits.take(endpoint, check.access.token)
        level = self._gate.access_tokens.level(check.app, person)
        headers = {**verdict.headers, "x-access-level": level}
        if not verdict.allowed:
            return too_many().with_headers(headers)
        if person.user_id in self._roles.suspended:
            return suspended().with_headers(headers)
        return answer_json(show(person, request), headers=headers)

    def _verify_credentials(self, person: Person, request: Request) -> dict[str, object]:
        created = FIRST_DAY - number(self._world.seed, "created", person.user_id) % 10**8
        shown: dict[str, object] = {
            "id": int(person.user_id),
            "id_str": person.user_id,
            "name": person.name,
            "screen_name": person.screen_name,
            "location": "",
            "description": "",
            "url": None,
            "protected": False,
            "followers_count": number(self._world.seed, "followers", person.user_id) % 50_000,
            "friends_count": 2,
            "created_at": time.strftime("%a %b %d %H:%M:%S +0000 %Y", time.gmtime(created)),
            "verified": False,
            "statuses_count": 5,
            "lang": None,
            "profile_image_url_https": "",
            "default_profile": True,
            "default_profile_image": True,
            "suspended": False,
            "needs_phone_verification": False,
        }
        if request.query.get("include_email") == "true":
            shown["email"] = f"{person.screen_name}@practice.example"
        return shown

    def _me(self, person: Person, _request: Request) -> dict[str, object]:
        return {"data": _user(person)}

    def _users(self, request: Request) -> Response:
        headers, problem = self._may_look_up(request)
        if problem:
            return problem.with_headers(headers)
        ids = [part for part in request.query.get("ids", "").split(",") if part]
        if not 1 <= len(ids) <= _MOST_IDS or not all(i.isascii() and i.isdigit() for i in ids):
            title = {
                "errors": [{"message": "The `ids` query parameter takes 1 to 100 user ids"}],
                "title": "Invalid Request",
                "detail": "One or more parameters to your request was invalid.",
                "type": "https://api.x.com/2/problems/invalid-request",
            }
            return Response(400, encode(title), headers=headers)
        found: list[dict[str, object]] = []
        missing: list[dict[str, object]] = []
        for user_id in dict.fromkeys(ids):
            person = self._world.user(user_id)
            if person is None or user_id in self._roles.suspended:
                missing.append(_not_found(user_id))
            else:
                found.append(_user(person))
        body: dict[str, object] = {}
        if found:
            body["data"] = found
        if missing:
            body["errors"] = missing
        return answer_json(body, headers=headers)

    def _may_look_up(self, request: Request) -> tuple[dict[str, str], Response | None]:
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            app = self._gate.access_tokens.app_of_bearer(bearer.strip())
            if app is None:
                return {}, gateway_error(401, 89, "Invalid or expired token.")
            request.trace.app = app.label
            token, level = bearer, "read"
        else:
            check = self._gate.user_call(request)
            if check.refusal or not check.access or not check.app:
                return {}, refused(check)
            token = check.access.token
            level = self._gate.access_tokens.level(check.app, check.access.person)
            if check.access.person.user_id in self._roles.suspended:
                return {}, suspended()
        verdict = self._limits.take(limits.USERS, token)
        headers = {**verdict.headers, "x-access-level": level}
        return headers, None if verdict.allowed else too_many()


def refused(check: Check) -> Response:
    """Return what the API host says to a request that is not let in."""
    if check.refusal is Refusal.MISSING:
        return gateway_error(400, 215, "Bad Authentication data.")
    if check.refusal is Refusal.CLOCK:
        return gateway_error(401, 135, "Timestamp out of bounds")
    if check.refusal is Refusal.TOKEN:
        return gateway_error(401, 89, "Invalid or expired token.")
    if check.refusal is Refusal.APP_SUSPENDED:
        return gateway_error(401, 416, "Invalid / suspended application")
    return gateway_error(401, 32, "Could not authenticate you.")


def too_many() -> Response:
    """Return the API host's answer when a rate limit is used up."""
    return gateway_error(429, 88, "Rate limit exceeded")


def suspended() -> Response:
    """Return the API host's answer to a suspended user's token."""
    return gateway_error(
        403, 64, "Your account is suspended and is not permitted to access this feature."
    )


def _user(person: Person) -> dict[str, object]:
    return {"id": person.user_id, "name": person.name, "username": person.screen_name}


def _not_found(user_id: str) -> dict[str, object]:
    return {
        "value": user_id,
        "detail": f"Could not find user with ids: [{user_id}].",
        "title": "Not Found Error",
        "resource_type": "user",
        "parameter": "ids",
        "resource_id": user_id,
        "type": "https://api.x.com/2/problems/resource-not-found",
    }
