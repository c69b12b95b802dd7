"""The Ads API: ad accounts and what lies below them, for the user whose token signed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from adwarden.practice import cast, limits, paging
from adwarden.practice.gate import Check, Gate, Refusal
from adwarden.practice.keys import digest
from adwarden.practice.limits import Limits
from adwarden.practice.people import AppKind, Person
from adwarden.practice.roles import Roles
from adwarden.practice.shapes import Funding, account_fields, user_fields
from adwarden.practice.wire import Request, Response, ads_error, answer_json, gateway_error
from adwarden.practice.world import World

VERSION = "12"
_OLD_VERSIONS = ("11",)


@dataclass(frozen=True, slots=True)
class _Call:
    """One call that was let in: who asks, about which ad account."""

    request: Request
    person: Person
    token: str
    index: int = -1
    account_id: str = ""


class AdsApi:
    """Answers everything under a version number."""

    def __init__(self, world: World, roles: Roles, gate: Gate, counts: Limits) -> None:
        self._world = world
        self._roles = roles
        self._gate = gate
        self._limits = counts
        self._cursors = paging.Cursors(world.seed)
        self._below: dict[str, tuple[str, Callable[[_Call], Response]]] = {
            "": (limits.ONE_ACCOUNT, self._account),
            "authenticated_user_access": (limits.ACCESS, self._access),
            "promotable_users": (limits.PROMOTABLE, self._promotable_users),
            "funding_instruments": (limits.FUNDING, self._funding_instruments),
            "features": (limits.FEATURES, self._features),
        }

    def answer(self, request: Request) -> Response:
        """Answer one request, with the headers that say which version this is."""
        version, *path = request.path.strip("/").split("/")
        headers = {"x-current-api-version": VERSION}
        if version in _OLD_VERSIONS:
            headers["x-api-warn"] = "deprecated"
        elif version != VERSION:
            return _no_route().with_headers(headers)
        return self._route(request, path).with_headers(headers)

    def _route(self, request: Request, path: list[str]) -> Response:
        known = path[:1] == ["accounts"] and len(path) <= 4
        below = path[2] if len(path) > 2 else ""
        if not known or below not in self._below or (len(path) == 4 and below[:4] != "prom"):
            return _no_route()
        check = self._gate.user_call(request)
        if check.refusal or not check.access or not check.app:
            return refused(check)
        app, person = check.app, check.access.person
        level = {"x-access-level": self._gate.access_tokens.level(app, person)}
        if app.kind is AppKind.NOT_APPROVED:
            return ads_error(
                403,
                "UNAUTHORIZED_CLIENT_APPLICATION",
                "The client application making this request does not have access to "
                "Twitter Ads API",
            ).with_headers(level)
        if person.user_id in self._roles.suspended:
            return ads_error(
                403, "CURRENT_USER_SUSPENDED", "The current user is suspended"
            ).with_headers(level)
        if request.method != "GET":
            if app.kind is AppKind.READ_ONLY:
                return ads_error(
                    403, "READONLY_CLIENT_APPLICATION", "This application may only read"
                )
            return ads_error(405, "METHOD_NOT_ALLOWED", f"{request.method} is not possible here")
        call = _Call(request, person, check.access.token)
        if len(path) == 1:
            return self._counted(call, limits.ACCOUNTS, self._accounts).with_headers(level)
        endpoint, handler = self._below[below]
        if len(path) == 4:
            handler = self._promotable_user
        call = _Call(request, person, call.token, self._index(path[1]), path[1])
        return self._counted(call, endpoint, handler).with_headers(level)

    def _index(self, account_id: str) -> int:
        index = self._world.index_of(account_id)
        return -1 if index is None else index

    def _counted(
        self, call: _Call, endpoint: str, handler: Callable[[_Call], Response]
    ) -> Response:
        verdict = self._limits.take(endpoint, call.token, call.account_id)
        if verdict.allowed and call.request.query.get("with_total_count") == "true":
            total = self._limits.take(limits.TOTAL_COUNT, call.token)
            if not total.allowed or endpoint != limits.ACCOUNTS:
                verdict = total
        if not verdict.allowed:
            return ads_error(
                429, "TOO_MANY_REQUESTS", "Too many requests for this endpoint"
            ).with_headers(verdict.headers)
        params = {"account_id": call.account_id} if call.account_id else {}
        if call.account_id:
            problem = self._no_role(call)
            if problem:
                return problem.with_headers(verdict.headers)
        try:
            return handler(call).with_headers(verdict.headers)
        except paging.BadParameterError as error:
            return paging.bad_parameter(error, params).with_headers(verdict.headers)

    def _no_role(self, call: _Call) -> Response | None:
        params = {"account_id": call.account_id}
        reached = call.index >= 0 and self._roles.permissions(call.person, call.index) is not None
        if not reached:
            return ads_error(
                403,
                "ACCOUNT_NOT_FOUND",
                f"Account {call.account_id[:40]} was not found",
                params,
            )
        if self._is_deleted(call.index) and call.request.query.get("with_deleted") != "true":
            return ads_error(
                404, "NOT_FOUND", f"Resource {call.account_id[:40]} was not found", params
            )
        return None

    def _is_deleted(self, index: int) -> bool:
        written = index < len(cast.CAST) and cast.CAST[index].deleted
        return written or self._world.account_id(index) in self._roles.deleted

    def _accounts(self, call: _Call) -> Response:
        query = paging.read(call.request.query, "account_ids", path={})
        prefix = str(query.params.get("q", "")).casefold()
        folded = self._world.folded_names if prefix else []

        def visible(index: int) -> bool:
            if self._roles.permissions(call.person, index) is None:
                return False
            if prefix and not folded[index].startswith(prefix):
                return False
            return query.with_deleted or not self._is_deleted(index)

        order: Sequence[int] = self._roles.reach(call.person)
        if query.ids is not None:
            order = [index for index in map(self._index, query.ids) if index >= 0]
        elif query.sort_field:
            reached = set(order)
            everything = self._world.in_order(query.sort_field, falling=query.falling)
            order = [index for index in everything if index in reached]
        collection = f"accounts {call.person.user_id} {call.request.query.get('sort_by', '')}"
        show = self._show_listed
        return paging.answer(query, collection, order, visible, show, self._cursors)

    def _show_listed(self, index: int) -> dict[str, object]:
        return account_fields(self._world.account(index), deleted=self._is_deleted(index))

    def _account(self, call: _Call) -> Response:
        account = self._world.account(call.index)
        fields = account_fields(account, deleted=self._is_deleted(call.index))
        return _single({**fields, "industry_type": account.industry_type}, call.account_id)

    def _access(self, call: _Call) -> Response:
        permissions = self._roles.permissions(call.person, call.index) or ()
        data: dict[str, object] = {
            "user_id": call.person.user_id,
            "permissions": list(permissions),
        }
        return _single(data, call.account_id)

    def _promotable_users(self, call: _Call) -> Response:
        path = {"account_id": call.account_id}
        query = paging.read(call.request.query, "promotable_user_ids", path=path)
        users = self._world.promotable_users(call.index)
        order: Sequence[int] = range(len(users))
        if query.ids is not None:
            order = [place for place in order if users[place].id in query.ids]
        elif query.sort_field and query.sort_field != "name":
            field = query.sort_field
            order = sorted(order, key=lambda i: str(getattr(users[i], field)))
            order = order[::-1] if query.falling else order
        collection = f"users {call.account_id} {call.request.query.get('sort_by', '')}"
        return paging.answer(
            query,
            collection,
            order,
            lambda place: query.with_deleted or not users[place].deleted,
            lambda place: user_fields(users[place]),
            self._cursors,
        )

    def _promotable_user(self, call: _Call) -> Response:
        wanted = call.request.path.rstrip("/").rpartition("/")[2]
        with_deleted = call.request.query.get("with_deleted") == "true"
        for user in self._world.promotable_users(call.index):
            if user.id == wanted and (with_deleted or not user.deleted):
                return _single(user_fields(user), call.account_id, promotable_user_id=wanted)
        return ads_error(
            404,
            "PROMOTABLE_USER_NOT_FOUND",
            "Promotable user was not found",
            {"account_id": call.account_id, "promotable_user_id": wanted[:40]},
        )

    def _funding_instruments(self, call: _Call) -> Response:
        path = {"account_id": call.account_id}
        query = paging.read(call.request.query, "funding_instrument_ids", path=path)
        bits = digest(self._world.seed, "funding", call.index)
        show = Funding(call.account_id, call.index, bits).show
        return paging.answer(
            query,
            f"funding {call.account_id}",
            range(bits[0] % 3),
            lambda place: query.ids is None or show(place)["id"] in query.ids,
            show,
            self._cursors,
        )

    def _features(self, call: _Call) -> Response:
        bits = digest(self._world.seed, "features", call.index)
        data = [name for place, name in enumerate(cast.FEATURES) if bits[place] % 4]
        params = {"account_id": call.account_id}
        return answer_json({"data": data, "request": {"params": params}})


def refused(check: Check) -> Response:
    """Return what the Ads API says to a request that is not let in."""
    if check.refusal is Refusal.MISSING:
        return gateway_error(400, 215, "Bad Authentication data")
    if check.refusal is Refusal.CLOCK:
        return gateway_error(401, 135, "Timestamp out of bounds")
    return ads_error(401, "UNAUTHORIZED_ACCESS", "This request is not properly authenticated")


def _no_route() -> Response:
    return ads_error(404, "ROUTE_NOT_FOUND", "The requested resource could not be found")


def _single(data: dict[str, object], account_id: str, **params: str) -> Response:
    shown = {**params, "account_id": account_id}
    return answer_json({"data": data, "request": {"params": shown}})
