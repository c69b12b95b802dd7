"""Keys and tokens for tests: of the shapes that X gives, and of nobody."""

from __future__ import annotations

import string
from dataclasses import replace

from hypothesis import strategies as st

from adwarden.domain.handover import CredentialSet, Taken
from adwarden.domain.secret import Secret
from adwarden.services.handover.naming import SECRETS

KEY = "xvz1evFS4wEEPTGEFPHBog123"
KEY_SECRET = "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBwL8yPq12"
TOKEN = "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb"
TOKEN_SECRET = "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE12ab"
OTHER_KEY = "9Hnbq2RmVw0aZ7xKcTgYp4LdE"
OTHER_KEY_SECRET = "Qw8eRt5yUi2oPa9sDf6gHj3kLz0xCv7bNm4QaWsEdRfTgYhUj1"
OTHER_TOKEN = "15790420-Zt5Yx8Wq2Vr9Us3Pn6Mo1Lk4Jh7Gi0Fe2Dc5Ba8Z"
OTHER_TOKEN_SECRET = "bV3nM8cX5zL1kJ6hG9fD2sA4pO7iU0yT3rE6wQ8aZx1Cv"
BEARER = (
    "AAAAAAAAAAAAAAAAAAAAAMLheAAAAAAA0%2BuSeid%2BULvsea4JtiGRiSDSJSI%3DEUifiRBkKG5E2XzMDjRfl76Z"
    "C9Ub0wnz4XsNiRVBChTYbJcE3F"
)
CLIENT_ID = "Wm5PbTQxckh1d2VvcGtTbEl4RXI6MTpjaQ"
CLIENT_SECRET = "zT3-kd83JfQ_Ls02mvPq9wXyZa1Bc2De3Fg4Hi5Jk6Lm7No8P"

FOUR = CredentialSet(
    Secret(KEY), Secret(KEY_SECRET), Secret(TOKEN), Secret(TOKEN_SECRET), handle="northwind_ads",
    user_id="370773112",
)  # fmt: skip
ALL = replace(
    FOUR,
    bearer=Secret(BEARER),
    client_id=Secret(CLIENT_ID),
    client_secret=Secret(CLIENT_SECRET),
    account_id="18ce54d4x5t",
)
VALUES = (KEY, KEY_SECRET, TOKEN, TOKEN_SECRET, BEARER, CLIENT_ID, CLIENT_SECRET)
PLAIN_NAMES = ("northwind", "NORTHWIND_ADS", "Agency app", "the second one", "Müller & Söhne")
OTHER_VALUES = (OTHER_KEY, OTHER_KEY_SECRET, OTHER_TOKEN, OTHER_TOKEN_SECRET)


def secrets_of(one: CredentialSet) -> dict[str, str]:
    """Return what a set holds, by its fields."""
    held = {name: getattr(one, name).unwrap() for name in SECRETS}
    return {name: value for name, value in held.items() if value}


def only(taken: Taken) -> CredentialSet:
    """Return the one set of a text."""
    assert len(taken.sets) == 1, taken
    return taken.sets[0]


def four_of(one: CredentialSet) -> tuple[str, str, str, str]:
    """Return key, secret, token, token secret."""
    return (
        one.api_key.unwrap(), one.api_secret.unwrap(), one.token.unwrap(), one.token_secret.unwrap()
    )  # fmt: skip


def words_of(taken: Taken) -> str:
    """Return everything that a person is shown of what was taken."""
    shown = [
        f"{one.at}\n{one.app_name}\n{one.handle}\n{one.user_id}\n{one.account_id}"
        for one in taken.sets
    ]
    return "\n".join((*taken.remarks, *shown))


def _mixed(size: int) -> st.SearchStrategy[str]:
    # With all kinds of characters, as random ones have; the rest is drawn.
    alphabet = string.ascii_letters + string.digits
    return st.text(alphabet, min_size=size - 3, max_size=size - 3).map(lambda text: f"a7Q{text}")


def sets() -> st.SearchStrategy[CredentialSet]:
    """Draw sets of the shapes of today, with unlike values."""
    return st.builds(
        lambda key, secret, user, token, token_secret: CredentialSet(
            Secret(key), Secret(secret), Secret(f"{user}-{token}"), Secret(token_secret),
            handle="northwind_ads", user_id=str(user),
        ),
        _mixed(25), _mixed(50), st.integers(1, 10**19), _mixed(40), _mixed(45),
    )  # fmt: skip
