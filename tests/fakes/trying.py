"""A stand-in for what tries requests: it signs with made-up keys, and nothing is sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from adwarden.domain.answer_words import read_body
from adwarden.domain.errors import InputError
from adwarden.domain.model import Credential
from adwarden.domain.secret import Secret
from adwarden.domain.tried import Comparison, Explained
from adwarden.providers.x.signature import Keys, address, prepared
from adwarden.providers.x.signature_compare import compare
from adwarden.services.trying import Outcome, Wish, plan_of
from tests.services.handover.keys import KEY, KEY_SECRET, TOKEN, TOKEN_SECRET

KEYS = Keys(
    Credential("app", {"key": Secret(KEY), "secret": Secret(KEY_SECRET)}),
    Credential("user", {"token": Secret(TOKEN), "secret": Secret(TOKEN_SECRET)}),
)
BODY = b'{"data": [{"id": "18ce54d4x5t", "name": "Northwind"}, {"id": "x2"}], "next_cursor": null}'


@dataclass
class FakeTrying:
    """``outcome`` is what comes back, with the signature of what was asked for."""

    step: Callable[..., Awaitable[None]]
    outcome: Outcome | None = None
    sent: list[Wish] = field(default_factory=list)

    def signed(self, wish: Wish) -> Explained:
        wanted = plan_of(wish).wanted
        url = address("https://ads-api.x.com/12", wanted.path, wanted.parameters)
        return prepared(KEYS, wanted.method, url)

    async def send(self, wish: Wish, *, unlocked: bool = False) -> Outcome:
        if wish.method != "GET" and not unlocked:
            raise InputError("This request could change something", "", field="method")
        explained = self.signed(wish)
        await self.step("send", wish)
        self.sent.append(wish)
        return replace(self.outcome or answer(), explained=explained)

    async def explain(self, wish: Wish) -> Explained:
        explained = self.signed(wish)
        await self.step("explain", wish)
        return explained

    async def compare(self, wish: Wish, pasted: Secret) -> Comparison:
        explained = self.signed(wish)
        await self.step("compare", wish)
        return compare(KEYS, explained, pasted.unwrap())


def answer(body: bytes = BODY) -> Outcome:
    """Return an answer that is all right."""
    return Outcome(
        200, "200 OK", "It worked.", 132,
        ("This token: 4 of 5 requests left; all again at 18:30, in 12 minutes.",),
        ("This token may read and write.",), (("content-type", "application/json"),),
        read_body(body), None, None, (), False,
        prepared(KEYS, "GET", "https://ads-api.x.com/12/accounts"),
    )  # fmt: skip
