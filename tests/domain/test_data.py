"""Our quicker ``dataclass`` does what the standard library's does."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from dataclasses import field

import pytest

from adwarden.domain.data import dataclass


@dataclass(frozen=True, slots=True)
class Ours:
    number: int
    hidden: str = field(default="x", repr=False)
    things: dict[str, int] = field(default_factory=dict)


@dataclasses.dataclass(frozen=True, slots=True)
class Theirs:
    number: int
    hidden: str = field(default="x", repr=False)
    things: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Open:
    number: int = 0


def test_it_is_made_shown_and_compared_alike() -> None:
    ours, theirs = Ours(1, things={"a": 2}), Theirs(1, things={"a": 2})
    assert repr(ours) == repr(theirs).replace("Theirs", "Ours")
    assert ours == Ours(1, "x", {"a": 2})
    assert ours != Ours(2)
    assert Ours.__match_args__ == Theirs.__match_args__
    assert not hasattr(ours, "__dict__")
    assert Ours(1).things is not Ours(1).things


def test_the_standard_functions_work_on_it() -> None:
    ours = Ours(1)
    assert dataclasses.is_dataclass(ours)
    assert dataclasses.replace(ours, number=3) == Ours(3)
    assert dataclasses.asdict(ours) == dataclasses.asdict(Theirs(1))
    assert dataclasses.astuple(ours) == (1, "x", {})
    assert [one.name for one in dataclasses.fields(Ours)] == ["number", "hidden", "things"]
    assert dataclasses.fields(Ours) is not None
    assert Ours.__dataclass_fields__ is Ours.__dataclass_fields__  # worked out once
    assert copy.deepcopy(ours) == ours
    assert pickle.loads(pickle.dumps(Open(2))) == Open(2)


def test_frozen_refuses_changes_and_open_takes_them() -> None:
    ours = Ours(1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        ours.number = 2  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        del ours.number
    with pytest.raises(TypeError):
        Ours()  # type: ignore[call-arg]
    changed = Open()
    changed.number += 1
    assert changed == Open(1)
    with pytest.raises(TypeError):
        hash(changed)
