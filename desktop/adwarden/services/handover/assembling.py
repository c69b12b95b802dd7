"""Makes sets of names with values: what stands together, and which app a lone token belongs to.

Nothing is guessed: where two readings are possible, what is in doubt is left out, with a remark.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field

from adwarden.domain.data import dataclass
from adwarden.domain.handover import CredentialSet
from adwarden.domain.key_shapes import Shape, shape_of
from adwarden.domain.secret import Secret
from adwarden.domain.token_shapes import user_of_token
from adwarden.services.handover.naming import (
    ABOUT,
    SECRETS,
    Name,
    is_example,
    is_of_vendor,
    recognise,
    safe_name,
    value_of,
)

MOST_SETS = 1000
"""Sets that are taken from one text; nobody has more, and a made-up file may."""

EXAMPLES = "Where a value belongs stands the example text of a template: that was left out."
DOUBTFUL = (
    "Several apps are named, and nothing says which of them a token belongs to: it was taken "
    "without an app."
)

_APP, _USER = ("api_key", "api_secret"), ("token", "token_secret")
_EXTRA = ("bearer", "client_id", "client_secret")
_SHAPES = {
    "api_key": Shape.API_KEY,
    "api_secret": Shape.API_SECRET,
    "token": Shape.ACCESS_TOKEN,
    "token_secret": Shape.API_SECRET,
    "bearer": Shape.BEARER,
}
_ABOUT_SHAPES = {
    "handle": re.compile(r"@?[A-Za-z0-9_]{1,50}"),
    "user_id": re.compile(r"[0-9]{1,20}"),
    "account_id": re.compile(r"[a-z0-9]{3,20}"),
}


@dataclass(frozen=True, slots=True)
class Named:
    """A name with its value. ``path`` is where it stands: the names of the objects around it.

    ``where`` says the same in words for a person; empty has it told by the names. ``weak`` lets
    ``key``, ``secret`` and ``token`` count alone.
    """

    name: str
    value: str = field(repr=False)
    path: tuple[str, ...] = ()
    where: str = ""
    weak: bool = False


class _Group:
    """What has one prefix and one suffix in one place."""

    def __init__(self, named: Named, name: Name) -> None:
        self.place = named.path + name.prefix + name.suffix
        self.where = named.where or _where(name)
        self.vendor = is_of_vendor(name.prefix)
        self.given: dict[str, dict[str, str]] = {}
        self.values: dict[str, str] = {}

    def settle(self) -> Iterator[str]:
        """Decide what each value is; yields remarks on what was left out."""
        self._settle_weak()
        for one, given in self.given.items():
            values = list(dict.fromkeys(given.values()))
            fitting = [value for value in values if shape_of(value) is _SHAPES.get(one)]
            if len(values) > 1 and len(fitting) == 1:
                values = fitting
            if len(values) == 1:
                self.values[one] = values[0]
            elif values:
                yield (
                    "Two names for the same thing have different values, and none of the values "
                    f"was taken ({self.where})."
                )

    def _settle_weak(self) -> None:
        given = self.given
        key, secret, token = (given.pop(name, {}) for name in ("key", "secret", "token?"))
        for one, weak in (("api_key", key), ("token", token)):
            if weak:
                given.setdefault(one, weak)
        if secret:
            of_app = "api_secret" not in given and (bool(key) or "token" not in given)
            given.setdefault("api_secret" if of_app else "token_secret", secret)
        if "client_key" in given.get("api_key", {}) and "client_id" not in given:
            # Libraries of OAuth 1 call the app a client; its secret then is the app's.
            moved = given.pop("client_secret", {})
            if moved:
                given.setdefault("api_secret", moved)

    @property
    def believable(self) -> bool:
        """Whether these are X's: a name like API_KEY alone may be anybody's."""
        values = self.values
        if self.vendor:
            return self.holds(SECRETS)
        if any("consumer" in name for one in _APP for name in self.given.get(one, ())):
            return self.holds(SECRETS)
        fits = {one for one in values if shape_of(values[one]) is _SHAPES.get(one)}
        return bool(fits & {"token", "bearer"}) or fits >= set(_APP) or values.keys() >= set(_USER)

    def holds(self, fields: Iterable[str]) -> bool:
        """Tell whether it has a value for any of these."""
        return any(one in self.values for one in fields)


class _Making:
    """A set while it is put together."""

    def __init__(self, user: _Group | None, app: _Group | None) -> None:
        self.places = [group.place for group in (user, app) if group]
        self.app = app
        main = user or app
        self.where = main.where if main else ""
        self.values = {**(app.values if app and app is not user else {})}
        if app is not user:
            # What one user's part says of its user is not another one's.
            self.values = {one: self.values[one] for one in (*_APP, *_EXTRA, "app_name")
                           if one in self.values}  # fmt: skip
        self.values |= user.values if user else {}

    def fill(self, group: _Group, fields: Iterable[str]) -> None:
        """Take over what is not known yet."""
        for one in fields:
            if one in group.values:
                self.values.setdefault(one, group.values[one])

    def is_under(self, place: tuple[str, ...]) -> bool:
        """Tell whether it stands in that place or inside it."""
        return any(own[: len(place)] == place for own in self.places)

    def finished(self) -> CredentialSet:
        values = self.values
        secrets = {one: Secret(values[one]) for one in SECRETS if one in values}
        about = {one: values[one] for one in ABOUT if one in values}
        about.setdefault("user_id", user_of_token(values.get("token", "")))
        about["handle"] = about.get("handle", "").removeprefix("@")
        return CredentialSet(**secrets, **about, at=self.where)  # type: ignore[arg-type]


def assemble(pairs: Iterable[Named]) -> tuple[tuple[CredentialSet, ...], tuple[str, ...]]:
    """Return the sets of these names, in their order, and remarks on what is in doubt."""
    remarks: list[str] = []
    groups = _grouped(pairs, remarks)
    real = [group for group in groups if group.believable]
    making = _paired([group for group in real if group.holds((*_APP, *_USER))], remarks)
    for group in groups:
        if group.holds((*_APP, *_USER)):
            continue
        extra = [one for one in _EXTRA if one in group.values]
        whose = _sets_meant(making, group)
        alone = len(whose) == 1 or (group.place and all(one.is_under(group.place) for one in whose))
        for one in whose:
            one.fill(group, ABOUT if alone else ("app_name",))
        if extra and whose:
            for one in whose:
                one.fill(group, extra)
        elif extra and group in real:
            making.append(_Making(None, group))
    sets: dict[tuple[Secret, ...], CredentialSet] = {}
    for one in making:
        made = one.finished()
        sets.setdefault(tuple(getattr(made, name) for name in SECRETS), made)
    if len(sets) > MOST_SETS:
        remarks.append(f"Only the first {MOST_SETS:,} sets were taken.")
    return tuple(sets.values())[:MOST_SETS], tuple(dict.fromkeys(remarks))


def _grouped(pairs: Iterable[Named], remarks: list[str]) -> list[_Group]:
    groups: dict[tuple[tuple[str, ...], ...], _Group] = {}
    for named in pairs:
        name = recognise(named.name, weak=named.weak)
        if name is None:
            continue
        secret = name.weak or name.field in SECRETS
        value = value_of(named.value) if secret else _about(name.field, named.value)
        if not value:
            if secret and is_example(named.value):
                remarks.append(EXAMPLES)
            continue
        group = groups.setdefault((named.path, name.prefix, name.suffix), _Group(named, name))
        given = group.given.setdefault("token?" if name.weak and name.field == "token"
                                       else name.field, {})  # fmt: skip
        if given.get(name.base, value) != value:
            remarks.append(
                f"{safe_name(named.name)} is there more than once with different values: the last "
                "one counts, as in a shell."
            )
        given[name.base] = value
    for group in groups.values():
        remarks.extend(group.settle())
    return [group for group in groups.values() if group.values]


def _paired(groups: Sequence[_Group], remarks: list[str]) -> list[_Making]:
    """Give every user's part its app: its own, else the nearest around it, else the only one."""
    apps = {group.place: group for group in groups if group.holds(_APP)}
    unlike = {tuple(app.values.get(one, "") for one in _APP): app for app in apps.values()}
    made: list[tuple[_Group, _Group | None]] = []
    for group in groups:
        if group.holds(_APP):
            made.append((group, group))
            continue
        around = (group.place[:size] for size in range(len(group.place) - 1, -1, -1))
        app = next((apps[place] for place in around if place in apps), None)
        if app is None and len(unlike) == 1:
            app = next(iter(unlike.values()))
        if app is None and unlike:
            remarks.append(DOUBTFUL)
        made.append((group, app))
    used = {app.place for group, app in made if app is not None and app is not group}
    return [
        _Making(group, app)
        for group, app in made
        # An app that found its users is no set by itself.
        if group.holds(_USER) or group.place not in used
    ]


def _sets_meant(making: Sequence[_Making], group: _Group) -> list[_Making]:
    """Return the sets that a group without keys and tokens says more of."""
    under = [one for one in making if group.place and one.is_under(group.place)]
    if under or len(making) < 2:
        return under or list(making)
    apps = {tuple(one.values.get(name, "") for name in _APP) for one in making}
    return list(making) if len(apps) == 1 else []


def _about(one: str, raw: str) -> str:
    """Return a handle, an id or a name that may be shown; empty where something else stands."""
    text = raw.strip()
    shape = _ABOUT_SHAPES.get(one)
    if shape is not None and not shape.fullmatch(text):
        return ""
    return safe_name(text, "", 200) if value_of(text.replace(" ", "")) else ""


def _where(name: Name) -> str:
    before = "_".join(name.prefix).upper()
    after = "_".join(name.suffix).upper()
    if not before and not after:
        return "the names without a prefix"
    shown = safe_name(f"{before + '_' if before else ''}…{'_' + after if after else ''}")
    return f"the names {shown}"
