"""The ``~/.twurlrc`` of twurl, which the Ads SDKs for Python and Ruby and ``t`` read as well.

By handle and consumer key it holds a mapping ``username, consumer_key, consumer_secret, token,
secret``; ``configuration.default_profile`` names one, ``bearer_tokens`` has one a consumer key.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adwarden.domain.errors import InputError
from adwarden.domain.handover import CredentialSet, Taken
from adwarden.domain.secret import Secret
from adwarden.domain.token_shapes import user_of_token
from adwarden.services.handover import yaml_text
from adwarden.services.handover.entries import (
    handle_of,
    mapping_in,
    missing_words,
    named,
    secret_in,
    sentence,
    text_in,
)
from adwarden.services.handover.yaml_edit import Wanted, edit
from adwarden.services.handover.yaml_text import Data

FORMAT = "twurlrc"
FILE_NAME = ".twurlrc"

_NO_TWURLRC = "This is no .twurlrc"
_NOT_WRITTEN = "No profile of twurl can be made of this"
_NEW = "---\n"  # as Ruby begins its files
_FIELDS = (
    ("consumer secret", "api_secret"),
    ("token", "token"),
    ("token secret", "token_secret"),
)  # fmt: skip


def read(text: str) -> Taken:
    """Return every profile of a ``.twurlrc`` as a set, also those that are not whole.

    Remarks say what is missing and what was left out. Raises ``InputError`` for what is no YAML
    and what is no ``.twurlrc``.
    """
    data = yaml_text.load(text)
    if data is None:
        return Taken(FORMAT, (), ("The file is empty.",))
    if not isinstance(data, dict):
        raise InputError(_NO_TWURLRC, "It is no mapping of names to values.", _WHICH)
    reading = _Reading(mapping_in(data, "bearer_tokens", _NO_TWURLRC))
    sets = list(reading.profiles(mapping_in(data, "profiles", _NO_TWURLRC)))
    sets.extend(reading.bearers_alone())
    if not sets:
        reading.remarks.append("The file holds no profile.")
    return Taken(FORMAT, tuple(sets), tuple(reading.remarks))


_WHICH = "Is it the right file? twurl keeps its own in the home folder."


class _Reading:
    """One way through a file; collects remarks, and the bearer tokens that nobody claimed."""

    def __init__(self, bearers: dict[str, Data]) -> None:
        self._bearers = {key.strip(): text_in(bearers, key) for key in bearers}
        self._claimed: set[str] = set()
        self.remarks: list[str] = []

    def profiles(self, profiles: dict[str, Data]) -> Iterator[CredentialSet]:
        for number, (name, keys) in enumerate(profiles.items(), 1):
            place = named("profile", name, number)
            if not isinstance(keys, dict) or not keys:
                self.remarks.append(f"{sentence(place)} holds nothing and was left out.")
                continue
            for count, (key, entry) in enumerate(keys.items(), 1):
                where = f"{place}, consumer key {count}"
                if isinstance(entry, dict):
                    yield self._set(name, key, entry, where)
                else:
                    words = f"{sentence(where)} has no mapping of names to values."
                    self.remarks.append(f"{words} It was left out.")

    def _set(self, name: str, key: str, entry: dict[str, Data], where: str) -> CredentialSet:
        inner = text_in(entry, "consumer_key")
        if inner and inner != key.strip():
            words = "is filed under another consumer key than it has; the one it has was taken."
            self.remarks.append(f"{sentence(where)} {words}")
        api_key = inner or key.strip()
        username = text_in(entry, "username") or name
        token = text_in(entry, "token")
        bearer = self._bearers.get(api_key, "")
        self._claimed.add(api_key)
        one = CredentialSet(
            api_key=Secret(api_key),
            api_secret=secret_in(entry, "consumer_secret"),
            token=Secret(token),
            token_secret=secret_in(entry, "secret"),
            bearer=Secret(bearer),
            handle=handle_of(username),
            user_id=user_of_token(token),
            at=where,
        )
        missing = [words for words, part in _FIELDS if not getattr(one, part)]
        if missing:
            self.remarks.append(missing_words(missing, where))
        if not one.handle:
            self.remarks.append(f"The user name of {where} is no handle and was left out.")
        return one

    def bearers_alone(self) -> Iterator[CredentialSet]:
        """Go through bearer tokens of consumer keys that no profile has."""
        for number, (key, bearer) in enumerate(self._bearers.items(), 1):
            if bearer and key not in self._claimed:
                where = f"bearer token {number}"
                self.remarks.append(f"{sentence(where)} belongs to a consumer key without profile.")
                yield CredentialSet(api_key=Secret(key), bearer=Secret(bearer), at=where)


def merged(old: str, sets: Sequence[CredentialSet], *, default: bool) -> str:
    """Return the file ``old`` (empty: a new one) with a profile for each set.

    A profile of the same handle and consumer key gets the new values; all else stays to the
    letter. ``default`` makes the first set twurl's default profile, as it becomes where there is
    none yet: without one neither twurl nor the SDKs work. A set without handle is filed under its
    user id. Raises ``InputError`` for sets that are not whole, and for a file that cannot be read
    or is no ``.twurlrc``.
    """
    data = yaml_text.load(old)
    if data is not None and not isinstance(data, dict):
        raise InputError(_NO_TWURLRC, "It is no mapping of names to values.", _WHICH)
    profiles = mapping_in(data, "profiles", _NO_TWURLRC)
    configuration = mapping_in(data, "configuration", _NO_TWURLRC)
    bearers: dict[str, Wanted] = {}
    # Names as the file spells them: handles are the same in whatever case.
    spelled = {name.casefold(): name for name in profiles}
    wanted: dict[str, dict[str, Wanted]] = {}
    first: list[str] = []
    for one in sets:
        _refuse_incomplete(one)
        api_key = one.api_key.unwrap()
        bare = one.handle.removeprefix("@") or one.user_id or user_of_token(one.token.unwrap())
        name = spelled.setdefault(bare.casefold(), bare)
        wanted.setdefault(name, {})[api_key] = {
            "username": name,
            "consumer_key": api_key,
            "consumer_secret": one.api_secret.unwrap(),
            "token": one.token.unwrap(),
            "secret": one.token_secret.unwrap(),
        }
        if one.bearer:
            bearers[api_key] = one.bearer.unwrap()
        first = first or [name, api_key]
    changes: dict[str, Wanted] = {}
    if wanted:
        changes["profiles"] = wanted
    if first and (default or not configuration.get("default_profile")):
        changes["configuration"] = {"default_profile": first}
    if bearers:
        changes["bearer_tokens"] = bearers
    return edit(old or _NEW, changes) if changes else old


def _refuse_incomplete(one: CredentialSet) -> None:
    missing = [words for words, part in (("consumer key", "api_key"), *_FIELDS)
               if not getattr(one, part)]  # fmt: skip
    if missing:
        words = missing_words(missing, "the connection")
        raise InputError(_NOT_WRITTEN, words, "Give the connection what it lacks, then try again.")
    if not (one.handle or one.user_id or user_of_token(one.token.unwrap())):
        words = "Neither the handle nor the id of its user is known, and twurl files by that."
        raise InputError(_NOT_WRITTEN, words, "Check the connection, then try again.")
