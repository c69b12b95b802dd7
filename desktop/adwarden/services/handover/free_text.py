"""Keys and tokens in any text: a chat message, a piece of a program, the page they were copied of.

They are recognised by their shapes and by the labels beside them. The secret of an app and that
of a token look alike: without a label only their lengths can tell, and where these do not, both
are left out with a remark.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import count

from adwarden.domain.handover import Taken
from adwarden.domain.key_shapes import Shape, shape_of
from adwarden.services.handover.assembling import Named, assemble
from adwarden.services.handover.naming import BASES, OTHERS, WEAK, keylike, words_of

UNCLEAR = (
    "Secrets were found, and nothing tells the one of the app from the one of the token: they "
    "were left out. Write what each is in front of it, such as “API key secret:”."
)
SHUFFLED = (
    "Several tokens or apps were found, and which secret belongs to which does not show: the "
    "secrets were left out."
)
UNCLAIMED = (
    "Several apps were found, and which of them a bearer token or a client id is of does not show: "
    "it was left out."
)
CUT = "The text ends in the midst of a value: that one was left out, as the rest of it is missing."
MISLABELLED = "A label says something else than what stands beside it looks like: the look counts."

_RUN = re.compile(r"A{18,}[A-Za-z0-9%+/=_-]{40,200}|[A-Za-z0-9%_-]{18,200}")
_FITS = {
    "api_key": Shape.API_KEY,
    "api_secret": Shape.API_SECRET,
    "token": Shape.ACCESS_TOKEN,
    "token_secret": Shape.API_SECRET,
    "bearer": Shape.BEARER,
}
_TOKEN, _BEARER = Shape.ACCESS_TOKEN, Shape.BEARER
_CERTAIN = {Shape.ACCESS_TOKEN: "token", Shape.BEARER: "bearer", Shape.API_KEY: "api_key"}
_LENGTHS = {
    "api_secret": {*range(35, 45), *range(46, 51)},
    "token_secret": {*range(40, 46)},
}
"""What X gives and gave; 45 characters are a token's secret, and 50 an app's, today."""

_OWNERS = {"api_secret": "api_key", "token_secret": "token"}
_USER = ("token", "token_secret")
_OF_AN_APP = (_USER, ("bearer",), ("client_id", "client_secret"))
"""What belongs to the app beside which it stands, as far as it shows which that is."""

_NAMES = {
    "api_key": "consumer_key",
    "api_secret": "consumer_secret",
    "token": "access_token",
    "token_secret": "access_token_secret",
    "bearer": "bearer_token",
    "client_id": "client_id",
    "client_secret": "client_secret",
}
_ASSIGNED = re.compile(
    r"""(?:^|[\s,;({])["']?(?P<name>[A-Za-z_][\w.-]{4,80})["']?\s*[:=]\s*["'`]?$"""
)
_COLON = re.compile(r"""[:=]\s*["'`]?$""")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_LABEL = 120
_MOST_WORDS = 5
_SECRET = "secret?"  # noqa: S105 - stands for one whose owner is not known yet


class _Set:
    """What stands together, while it is read."""

    def __init__(self) -> None:
        self.fields: dict[str, str] = {}
        self.secrets: list[str] = []
        self.labelled = False

    def has_room(self, field: str) -> bool:
        """Tell whether this would be the first of its kind."""
        return len(self.secrets) < len(_OWNERS) if field == _SECRET else field not in self.fields

    def settle(self) -> bool:
        """Find whose each unlabelled secret is; false where there is more than one way, or none."""
        roles = [role for role, owner in _OWNERS.items()
                 if role not in self.fields and owner in self.fields]  # fmt: skip
        ways = list(_ways(self.secrets, roles))
        if len(ways) == 1:
            self.fields |= ways[0]
        return len(ways) == 1

    @property
    def counts(self) -> bool:
        """Whether there is enough to be sure that it is no other text that looks like a key."""
        return self.labelled or bool({"token", "bearer", "api_secret"} & self.fields.keys())


def read(text: str) -> Taken:
    """Read what looks like keys and tokens of X; ``sets`` is empty where nothing does."""
    remarks: list[str] = []
    found = list(_found(text, remarks))
    sets = _split(found)
    settled = [one.settle() for one in sets]
    if not all(settled):
        remarks.append(UNCLEAR)
    if len(sets) > 1:
        for secret, owner in _OWNERS.items():
            # Rows are whole; where one is not, columns may have been read as rows.
            if any((secret in one.fields) != (owner in one.fields) for one in sets):
                dropped = [one.fields.pop(secret, "") for one in sets]
                if any(dropped):
                    remarks.append(SHUFFLED)
    kept = [one for one in sets if one.counts]
    made, more = assemble(list(_named(kept, remarks)))
    return Taken("text", made, tuple(dict.fromkeys((*remarks, *more))))


def _found(text: str, remarks: list[str]) -> Iterator[tuple[str, str, bool]]:
    """Return field, value, and whether a label said so, of each value, in the text's order."""
    seen: set[str] = set()
    whole = _without_stump(text)
    if len(whole) < len(text):
        remarks.append(CUT)
    for value, shape, label, gap in _labelled(whole):
        if value in seen:
            continue
        field = _field_of(label)
        labelled = field is not None and _FITS.get(field, shape) is shape
        if field in _CERTAIN.values() and not labelled and shape in (_TOKEN, _BEARER):
            remarks.append(MISLABELLED)
        if not labelled:
            certain = shape in (_TOKEN, _BEARER)
            if not certain and (not _mixed(value) or _is_something_else(gap)):
                continue
            field = _CERTAIN.get(shape, _SECRET)
        assert field is not None
        seen.add(value)
        yield field, value, labelled


def _without_stump(text: str) -> str:
    """Return a text without the value at its end whose closing quote is missing."""
    line = text.rstrip().rpartition("\n")[2]
    opened = max(line.rfind(quote) for quote in "\"'`")
    if opened < 0 or line.count(line[opened]) % 2 == 0 or not _RUN.fullmatch(line[opened + 1 :]):
        return text
    return text.rstrip()[: opened - len(line)]


def _labelled(text: str) -> list[tuple[str, Shape, str, str]]:
    """Return each value with its shape, its label, and the text in front of it."""
    values: list[tuple[str, Shape]] = []
    gaps: list[str] = []
    before = 0
    for run in _RUN.finditer(text):
        value = run[0].strip("_-")
        shape = shape_of(value)
        gap = text[max(before, run.start() - _LABEL) : run.start()]
        if shape is Shape.UNKNOWN and (
            # The name of a variable is the label of what follows it.
            _field_of(value) is not None
            or _field_of(_label(gap, first=not values)) not in ("client_id", "client_secret")
        ):
            continue
        values.append((value, shape))
        gaps.append(gap)
        before = run.end()
    after = text[before : before + _LABEL].split("\n", 1)[0]
    ahead = bool(gaps) and _field_of(_label(gaps[0], first=True)) is not None
    if not ahead and _field_of(after) is not None:
        # What a value is stands behind it, up to the end of its line.
        labels = [*(gap.split("\n", 1)[0] for gap in gaps[1:]), after]
    else:
        labels = [_label(gap, first=not at) for at, gap in enumerate(gaps)]
        if not ahead:
            labels = [
                ""
                if label and label in gap.rpartition("\n")[2] and not _COLON.search(gap)
                else label
                for label, gap in zip(labels, gaps, strict=True)
            ]
    return [
        (value, shape, label, gap)
        for (value, shape), label, gap in zip(values, labels, gaps, strict=False)
    ]


def _split(found: Sequence[tuple[str, str, bool]]) -> list[_Set]:
    sets = [_Set()]
    for field, value, labelled in found:
        if not sets[-1].has_room(field):
            sets.append(_Set())
        one = sets[-1]
        one.labelled |= labelled
        if field == _SECRET:
            one.secrets.append(value)
        else:
            one.fields[field] = value
    return sets


def _named(sets: Sequence[_Set], remarks: list[str]) -> Iterator[Named]:
    """Name what the sets hold; what may be of several apps stands in none of their places."""
    many = len(sets) > 1
    apart = {field for part in _OF_AN_APP if not _in_step(sets, part) for field in part}
    kind = "app" if apart.issuperset(_USER) else "set"
    apps, tokens = count(1), count(1)
    for one in sets:
        here = f"{kind} {next(apps)}" if one.fields.keys() - apart else ""
        its = f"token {next(tokens)}" if apart.intersection(_USER, one.fields) else ""
        for field, value in one.fields.items():
            if field not in apart:
                path, where = ((here,), here) if many else ((), "the text")
            elif field in _USER:
                path, where = (its,), its
            else:
                remarks.append(UNCLAIMED)
                continue
            yield Named(_NAMES[field], value, path, where)


def _in_step(sets: Sequence[_Set], part: Sequence[str]) -> bool:
    """Tell whether it shows which app such a part belongs to.

    With several apps it does where each has one, always before it or always behind it: else
    apps and tokens may be listed one after the other, and neighbours are of no meaning.
    """
    if sum("api_key" in one.fields for one in sets) < 2:
        return True
    sides: set[bool | None] = set()
    for one in sets:
        order = list(one.fields)
        places = [order.index(field) for field in part if field in order]
        whole = bool(places) and "api_key" in order
        sides.add(min(places) > order.index("api_key") if whole else None)
    return len(sides) == 1 and None not in sides


def _ways(secrets: Sequence[str], roles: Sequence[str]) -> Iterator[Mapping[str, str]]:
    """Return every way to give all these secrets, two at most, to unlike roles."""
    if not secrets:
        yield {}
        return
    for role in roles:
        if len(secrets[0]) in _LENGTHS[role]:
            for others in _ways(secrets[1:], [one for one in roles if one != role]):
                yield {role: secrets[0], **others}


def _label(gap: str, *, first: bool) -> str:
    """Return the words in front of a value: on its line, or else on one of its own before it."""
    lines = gap.split("\n")
    if _has_letters(lines[-1]):
        return lines[-1]
    # The first line of the others belongs to the value before.
    others = [line for line in lines[0 if first else 1 : -1] if _has_letters(line)]
    return others[-1] if others else ""


def _has_letters(line: str) -> bool:
    return any(map(str.isalpha, line))


def _field_of(label: str) -> str | None:
    """Return what the last name in a label means."""
    words = words_of(_TAG.sub(" ", label))
    for end in range(len(words), max(0, len(words) - _MOST_WORDS), -1):
        for start in range(max(0, end - _MOST_WORDS), end):
            field = BASES.get("_".join(words[start:end]))
            if field in _NAMES:
                return field
    return None


def _is_something_else(gap: str) -> bool:
    """Tell whether a value has a name of its own that is none of X's: a nonce, a commit."""
    assigned = _ASSIGNED.search(gap)
    if assigned is None:
        return False
    words = words_of(assigned["name"])
    return not words or words[-1].removesuffix("s") not in WEAK or not OTHERS.isdisjoint(words)


def _mixed(value: str) -> bool:
    """Tell whether a text looks random, as keys do; commits, ids and long words do not."""
    kinds = (str.isupper, str.islower, str.isdigit)
    return keylike(value) and all(any(map(kind, value)) for kind in kinds)
