from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adwarden.domain.errors import InputError
from adwarden.domain.secret import MASK
from adwarden.services.handover.formats import FORMATS, Options, masked
from adwarden.services.handover.yaml_mask import hidden
from tests.services.handover.keys import FOUR


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("secret: 'short sec'\n", "secret: '••••'\n"),
        ("secret: \"a \\\" b\"  # mine\n", "secret: \"••••\"  # mine\n"),
        ("token: one two\n  three\nrest: 1\n", "token: ••••\nrest: 1\n"),
        ("refresh_token: >-\n  first\n  second\nrest: 1\n", "refresh_token: ••••\nrest: 1\n"),
        ("bearer_tokens:\n  x: short\n  y: |\n    a\n    b\n",
         "bearer_tokens:\n  x: ••••\n  y: ••••\n"),
        ("{consumerSecret: a b, token: [c d, e]}\n",
         "{consumerSecret: ••••, token: [••••, ••••]}\n"),
        ("a: &x odd one\nb:\n  secret: *x\nlist: [odd one]\nodd one: 1\n",
         "a: ••••\nb:\n  secret: ••••\nlist: [••••]\n••••: 1\n"),
        ("oauth1_token:\n  type: oauth1\n  oauth1: {access_token: a}\n",
         "oauth1_token:\n  type: oauth1\n  oauth1: {access_token: ••••}\n"),
        ("# secret: old one, too\nname: here # token = a b c\n",
         "# secret: ••••\nname: here # token = ••••\n"),
        ("# only: this\n", "# only: this\n"),
        ("# password is hunter2\n", "# password is ••••\n"),
        ("\ufeffsecret: a b\n", "\ufeffsecret: ••••\n"),
        ("secret:\ntoken: ~\nclient_id: ''\nusername: contoso\n",
         "secret:\ntoken: ~\nclient_id: ''\nusername: contoso\n"),
    ],
)  # fmt: skip
def test_a_value_is_hidden_from_end_to_end(text: str, shown: str) -> None:
    assert hidden(text) == shown


VALUES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1).map(
    lambda text: f"<{text}>"
)


@given(st.dictionaries(st.sampled_from(["secret", "access_token", "my-key", "password"]), VALUES))
def test_whatever_stands_below_such_a_name_is_hidden(held: dict[str, str]) -> None:
    text = f"other: 1\ninner: {json.dumps(held)}\n"
    shown = hidden(text)
    assert not any(json.dumps(value)[1:-1] in shown for value in held.values())
    assert shown.count(MASK) == len(held)


def test_what_is_no_yaml_is_not_shown() -> None:
    with pytest.raises(InputError):
        hidden("secret: [\n")


@pytest.mark.parametrize("name", [one.id for one in FORMATS.values() if one.merge])
def test_the_names_that_are_added_can_still_be_read(name: str) -> None:
    plain = FORMATS[name].render(FOUR, Options(app_name="agency"))
    text = masked(plain, FOUR, shared=True)
    assert len(text.splitlines()) == len(plain.splitlines())
    assert ("username: northwind_ads" if name == "twurlrc" else "default_app: agency") in text
