from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adwarden.domain.errors import InputError
from adwarden.domain.request_catalog import CATEGORIES, HELP
from adwarden.domain.requests import (
    LONGEST_QUERY,
    OFFERED,
    Typed,
    catalog,
    checked,
    complete,
    filled,
    find,
    parse,
    path_of,
)

CANARY = "kanarienvogel"


def test_the_catalog_holds_together() -> None:
    found = catalog()
    assert len(found) > 90
    assert len({one.path for one in found}) == len(found)
    assert {one.category for one in found} == {title for title, _ in CATEGORIES.values()}
    for one in found:
        assert parse(one.path).text == one.path
        assert find(parse(one.path)) is one
        assert one.page.startswith("https://docs.x.com/")
        names = [parameter.name for parameter in one.parameters]
        assert len(set(names)) == len(names)
        assert all(parameter.help for parameter in one.parameters)
    used = {parameter.name for one in found for parameter in one.parameters}
    assert set(HELP) <= used
    assert {name for name in used if name not in HELP and not name.endswith("_ids")} == set()


def test_what_x_documents_of_a_path_is_there() -> None:
    one = find(parse("accounts/18ce54d4x5t/targeting_criteria"))
    assert one is not None
    assert one.places == ("account_id",)
    assert [parameter.name for parameter in one.parameters if parameter.required] == [
        "line_item_ids"
    ]


@pytest.mark.parametrize(
    ("typed", "parts", "version", "parameters"),
    [
        ("accounts", ("accounts",), "", ()),
        (" /accounts/ ", ("accounts",), "", ()),
        ("/12/accounts", ("accounts",), "12", ()),
        ("11/accounts?count=5&q=a%20b", ("accounts",), "11", (("count", "5"), ("q", "a b"))),
        ("1.1/account/verify_credentials.json", ("account", "verify_credentials.json"), "1.1", ()),
        ("2/users/me", ("users", "me"), "2", ()),
        ("accounts/:account_id/campaigns", ("accounts", ":account_id", "campaigns"), "", ()),
        ("accounts/18ce-5~4.d/media_library/13_909", ("accounts", "18ce-5~4.d", "media_library",
         "13_909"), "", ()),
    ],
)  # fmt: skip
def test_a_path_is_read(
    typed: str, parts: tuple[str, ...], version: str, parameters: tuple[tuple[str, str], ...]
) -> None:
    assert parse(typed) == Typed(parts, version, parameters)


def test_only_two_versions_are_of_the_other_host() -> None:
    assert parse("1.1/x").other_api
    assert parse("2/x").other_api
    assert not parse("12/x").other_api
    assert not parse("accounts/2/x").other_api


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "/",
        "///",
        "12",
        "2/",
        f"https://evil.example/{CANARY}",
        f"//{CANARY}/accounts",
        f"{CANARY}@evil.example/accounts",
        f"\\\\evil\\{CANARY}",
        f"accounts/../{CANARY}",
        f"accounts/./{CANARY}",
        f"accounts/.../{CANARY}",
        f"accounts/%2e%2e/{CANARY}",
        f"accounts/{CANARY} campaigns",
        f"accounts/{CANARY}\ncampaigns",
        f"accounts/{CANARY}#part",
        f"accounts?q={CANARY}#part",
        f"accounts/{CANARY}/ünïcode",
        f"accounts/{CANARY}/\ud800",
        f"accounts/{CANARY}/\x00",
        f"accounts//{CANARY}",
        f"accounts/{CANARY}::x",
        f"accounts/{CANARY};a=b",
        f"{CANARY}/" * 200,
        f"accounts?{CANARY}=" + "x" * 20_000,
        f"accounts?{CANARY}&" + "&".join(f"a{n}=1" for n in range(200)),
    ],
)
def test_a_path_that_is_none_is_refused_in_words(typed: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(typed)
    assert caught.value.field == "path"
    assert caught.value.title
    assert caught.value.remedy
    assert CANARY not in str(caught.value)
    assert "  " not in str(caught.value)
    assert "..." not in str(caught.value)


ADS, API = "https://ads-api.x.com", "https://api.x.com/"


@pytest.mark.parametrize(
    ("pasted", "path"),
    [
        (f"{ADS}/12/accounts?count=5", "12/accounts?count=5"),
        (f" {ADS.upper()}/11/accounts/:account_id\n", "11/accounts/:account_id"),
        (f"{API}1.1/account/verify_credentials.json", "1.1/account/verify_credentials.json"),
        (f"{API}2/users/me", "2/users/me"),
    ],
)
def test_of_an_address_that_is_asked_anyway_the_path_stays(pasted: str, path: str) -> None:
    assert path_of(pasted, ADS, API) == path
    # One server may be both, as the practice server is.
    both = pasted.strip().lower().replace("ads-api.x.com", "h").replace("api.x.com", "h")
    assert path_of(both, "https://h", "https://h") == path


@pytest.mark.parametrize(
    "pasted",
    [
        "accounts",
        "",
        f"{ADS}.evil.example/12/accounts",
        f"{ADS}@evil.example/12/accounts",
        "http://ads-api.x.com/12/accounts",
        "https://ads-api.x.com:444/12/accounts",
        f"{ADS}/accounts",  # without a version it would not go there
        f"{ADS}/2/users/me",  # it would go to the other host
        f"{API}12/accounts",
        f"https://evil.example/{ADS}/12/accounts",
    ],
)
def test_any_other_address_is_as_it_was_pasted(pasted: str) -> None:
    assert path_of(pasted, ADS, API) == pasted


def test_ids_take_their_places() -> None:
    typed = parse("accounts/:account_id/campaigns/:campaign_id")
    assert filled(typed, "18ce54", {"campaign_id": " 8wku2 "}) == "accounts/18ce54/campaigns/8wku2"
    assert filled(parse("accounts/abc/campaigns"), "other") == "accounts/abc/campaigns"


@pytest.mark.parametrize("account", ["", "..", ".", "a/b", "a b", ":account_id", "x" * 300, "ü"])
def test_an_account_id_stays_one_part_of_the_path(account: str) -> None:
    with pytest.raises(InputError) as caught:
        filled(parse("accounts/:account_id"), account)
    assert caught.value.field == "account"


def test_an_id_that_is_missing_is_named_where_it_is_known() -> None:
    with pytest.raises(InputError, match=":campaign_id"):
        filled(parse("accounts/:account_id/campaigns/:campaign_id"), "abc")
    with pytest.raises(InputError) as caught:
        filled(parse(f"accounts/:{CANARY}"))
    assert CANARY not in str(caught.value)


def test_empty_parameters_are_left_out() -> None:
    given_ones = (("count", "5"), ("cursor", ""), (" q ", "a b"), ("", ""))
    assert checked(given_ones) == (("count", "5"), ("q", "a b"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("", CANARY),
        ("a b", CANARY),
        ("a&b", CANARY),
        ("ü", CANARY),
        ("oauth_token", CANARY),
        ("OAUTH_nonce", CANARY),
        ("q", f"{CANARY}\n"),
        ("q", f"{CANARY}\ud800"),
        ("q", CANARY * LONGEST_QUERY),
    ],
)
def test_parameters_that_cannot_be_sent_are_refused(name: str, value: str) -> None:
    with pytest.raises(InputError) as caught:
        checked((("count", "1"), (name, value)))
    assert CANARY not in str(caught.value)
    assert caught.value.field.startswith("parameter")


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("", "accounts"),
        ("acc", "accounts"),
        ("accounts/:account_id/camp", "accounts/:account_id/campaigns"),
        ("accounts/18ce54/li", "accounts/18ce54/line_items"),
        ("/12/accounts/18ce54/li", "accounts/18ce54/line_items"),
        ("accounts/18ce54/campaigns/8wku2", "accounts/18ce54/campaigns/:campaign_id"),
        ("accounts/18", "accounts/:account_id"),
        ("funding", "accounts/:account_id/funding_instruments"),
        ("line item", "accounts/:account_id/line_items"),
        ("whose", "1.1/account/verify_credentials.json"),
        ("stats/j", "stats/jobs/accounts/:account_id"),
        ("reach of", "stats/accounts/:account_id/reach/campaigns"),
    ],
)
def test_what_is_typed_is_completed(typed: str, first: str) -> None:
    found = complete(typed)
    assert found[0].text == first
    assert len(found) <= OFFERED


def test_nothing_fits_what_is_nowhere() -> None:
    assert complete("qqqq") == ()
    assert complete("accounts/18ce54/nothing_like_it") == ()


@given(st.text(max_size=80))
def test_no_text_makes_the_completion_fail(text: str) -> None:
    for one in complete(text):
        assert one.endpoint in catalog()


pieces = st.sampled_from(
    ["accounts", "/", ":account_id", "..", ".", "?", "#", "%2e", "http://", "@", " ", "a=b", "&"]
)


@given(st.one_of(st.text(max_size=60), st.lists(pieces, max_size=10).map("".join)))
def test_what_is_read_goes_nowhere_else(text: str) -> None:
    try:
        path = filled(parse(text), "abc12", {})
    except InputError:
        return
    parts = path.split("/")
    assert all(part.strip(".") for part in parts)
    assert not set(path) & set("?#%@\\: \n")
    assert path.isascii()
