"""Takes values out of what was read that stand in each other's place, as their looks tell.

A set that says the right names over the wrong values would be kept, and no call would work.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from adwarden.domain.handover import NONE, CredentialSet, Taken
from adwarden.domain.key_shapes import Advice, Weight, advise
from adwarden.domain.token_shapes import advise_token
from adwarden.services.handover.entries import sentence
from adwarden.services.handover.naming import SECRETS

_APP = {"key": "api_key", "secret": "api_secret"}
_USER = {"token": "token", "secret": "token_secret"}
_NAMES = {
    "api_key": "API key",
    "api_secret": "API key secret",
    "token": "access token",
    "token_secret": "access token secret",
}


def without_mix_ups(taken: Taken) -> Taken:
    """Return what was read without them, each with a remark; which is which is for a person."""
    remarks: list[str] = []
    sets = tuple(_without(one, remarks) for one in taken.sets)
    # One without anything left says no more than the remark.
    left = tuple(one for one in sets if any(getattr(one, name) for name in SECRETS))
    return replace(taken, sets=left, remarks=(*taken.remarks, *dict.fromkeys(remarks)))


def _without(one: CredentialSet, remarks: list[str]) -> CredentialSet:
    app = advise(one.api_key.unwrap(), one.api_secret.unwrap())
    user = advise_token(one.token.unwrap(), one.token_secret.unwrap())
    found = [(advice, _APP) for advice in app] + [(advice, _USER) for advice in user]
    for advice, fields in found:
        if advice.swap or advice.weight is Weight.CERTAIN:
            one = _dropped(one, advice, fields, remarks)
    return one


def _dropped(
    one: CredentialSet, advice: Advice, fields: Mapping[str, str], remarks: list[str]
) -> CredentialSet:
    wrong = fields[advice.field]
    # Where the two look exchanged, neither is what it says.
    gone = [name for name in fields.values() if getattr(one, name)] if advice.swap else [wrong]
    where = f"{sentence(one.at)}, {_NAMES[wrong]}" if one.at else sentence(_NAMES[wrong])
    what = "Both were" if len(gone) > 1 else "It was"
    remarks.append(f"{where}: {advice.words} {what} left out.")
    return replace(one, **dict.fromkeys(gone, NONE))  # type: ignore[arg-type]
