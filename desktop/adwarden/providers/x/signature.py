"""What the signature of a request is made of: parameter string, base string and header.

Everything is worked out by ``oauthlib``'s own functions, after RFC 5849, section 3.4, and the page
"Creating a signature" of docs.x.com.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, cast
from urllib.parse import quote, urlencode, urlsplit

from oauthlib.common import generate_nonce, generate_timestamp
from oauthlib.oauth1 import Client
from oauthlib.oauth1.rfc5849 import signature, utils

from adwarden.domain.data import dataclass
from adwarden.domain.model import Credential
from adwarden.domain.requests import Pairs
from adwarden.domain.secret import MASK, Secret
from adwarden.domain.tried import Explained, Masked

OPEN = frozenset({"oauth_nonce", "oauth_timestamp", "oauth_version", "oauth_signature_method"})
"""The fields of a header that say nothing of app, user or secrets."""

HIDDEN = frozenset(
    {"oauth_consumer_key", "oauth_token", "oauth_signature", "oauth_verifier", "oauth_callback"}
)

_FIELD = re.compile(r'([A-Za-z0-9_%.-]+)="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Keys:
    """What a request is signed with: the app's keys and the user's token."""

    app: Credential
    user: Credential

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """All four."""
        return (*self.app.secrets.values(), *self.user.secrets.values())


def address(base: str, path: str, parameters: Pairs) -> str:
    """Return the whole address; blanks become ``%20``, which every server reads alike."""
    query = urlencode(parameters, quote_via=quote, safe="")
    return f"{base}/{path}" + (f"?{query}" if query else "")


def prepared(keys: Keys, method: str, url: str) -> Explained:
    """Sign a request that is not sent, with a nonce and the time of now."""
    client = Client(
        keys.app.secrets["key"].unwrap(),
        client_secret=keys.app.secrets["secret"].unwrap(),
        resource_owner_key=keys.user.secrets["token"].unwrap(),
        resource_owner_secret=keys.user.secrets["secret"].unwrap(),
        nonce=generate_nonce(),
        timestamp=generate_timestamp(),
    )
    _, headers, _ = client.sign(url, cast("Any", method))
    return explain(method, url, headers["Authorization"])


def explain(method: str, url: str, authorization: str) -> Explained:
    """Return what the signature in this header, made by ``oauthlib``, was made of."""
    collected = signature.collect_parameters(
        uri_query=urlsplit(url).query, headers={"Authorization": authorization}
    )
    parameter_string = normalized(collected)
    base_uri = signature.base_string_uri(url)
    whole = base_string(method, base_uri, parameter_string)
    stamp = dict(collected).get("oauth_timestamp", "")
    masked_string = _masked(parameter_string.split("&"), "=")
    head = base_string(method, base_uri, "")
    return Explained(
        method,
        url,
        Secret(parameter_string),
        Secret(whole),
        Secret(authorization),
        int(stamp) if stamp.isascii() and stamp.isdigit() else 0,
        Masked(
            "&".join(masked_string),
            # Encoded once more: what divided the parameters before does so in this form now.
            head + "%26".join(_masked(utils.escape(parameter_string).split("%26"), "%3D")),
            f"{MASK}&{MASK}",
            masked_header(authorization),
        ),
    )


def normalized(pairs: Sequence[tuple[str, str]]) -> str:
    """Return the parameter string: sorted, encoded, and put together."""
    return signature.normalize_parameters(cast("Any", pairs))


def base_string(method: str, base_uri: str, parameter_string: str) -> str:
    """Return what is signed."""
    return signature.signature_base_string(cast("Any", method), base_uri, parameter_string)


def masked_header(authorization: str) -> str:
    """Return a header made by ``oauthlib`` with key, token and signature masked."""
    return _FIELD.sub(
        lambda found: found.group() if found[1] in OPEN else f'{found[1]}="{MASK}"', authorization
    )


def _masked(parts: Sequence[str], sign: str) -> list[str]:
    masked = []
    for part in parts:
        name, between, value = part.partition(sign)
        masked.append(f"{name}{between}{MASK if name in HIDDEN else value}")
    return masked
