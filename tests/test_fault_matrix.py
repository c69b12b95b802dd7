"""The table of faults names what there is: every test of it, every code of X, and the document."""

from __future__ import annotations

import ast
from functools import cache

import pytest

from tests.flows.matrix import MATRIX, Fault, table
from tests.flows.outside import ROOT
from tests.providers.x.test_every_code import ADS, OAUTH, PROBLEMS

WANTED = {
    "Keychain": ("missing", "locked", "dismissed", "minute", "killed", "write", "read", "delete",
                 "something else", "removed", "1,000"),
    "Disk": ("full", "read-only", "permission", "index", "settings"),
    "Network": ("none", "name", "self-signed", "expired", "another host", "proxy", "captive",
                "reset", "silence"),
    "Program": ("killed", "twice", "clock", "sleeps"),
}  # fmt: skip
"""What the table must at least be about, by a word of it."""


@cache
def _tests_of(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / "tests" / file).read_text())
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(one.name for one in ast.walk(tree) if isinstance(one, kinds))


@pytest.mark.parametrize("fault", MATRIX, ids=lambda one: f"{one.part}: {one.what}")
def test_every_fault_is_shown_by_tests_that_exist(fault: Fault) -> None:
    assert fault.tests
    for test in fault.tests:
        file, _, name = test.partition("::")
        assert name in _tests_of(file), test
    assert fault.outcome.endswith((".", "”"))


def test_what_is_shown_in_its_true_length_exists_and_is_in_the_table() -> None:
    shown = {name for one in MATRIX for name in one.slow}
    there = _tests_of("slow_faults.py")
    assert shown == {name for name in there if not name.startswith("_") and name != "main"}


def test_nothing_is_forgotten() -> None:
    for part, words in WANTED.items():
        about = " / ".join(one.what for one in MATRIX if one.part == part)
        assert not [word for word in words if word not in about], part


def test_every_code_of_x_is_in_the_table() -> None:
    listed = [code for one in MATRIX for code in one.codes]
    assert len(listed) == len(set(listed))
    shown = {one.code or str(one.status) for one in (*OAUTH, *ADS)}
    shown |= {"client-not-enrolled", "client-forbidden", "oauth1-permissions"}
    assert len(PROBLEMS) == 3
    assert set(listed) == shown


def test_the_document_has_the_table() -> None:
    assert table() in (ROOT / "SECURITY.md").read_text()
