"""What cannot be understood is told by the command that was meant, with its own usage."""

from __future__ import annotations

import pytest

from adwarden.command_line import parse


def refusal(capsys: pytest.CaptureFixture[str], *said: str) -> str:
    with pytest.raises(SystemExit) as ended:
        parse(said)
    assert ended.value.code == 2
    return capsys.readouterr().err


@pytest.mark.parametrize(
    "command", [("sh", "-c", "true"), ("env",), ("env", "--data-dir", "x"), ("-c", "true")]
)
def test_a_command_without_the_dashes_before_it(
    capsys: pytest.CaptureFixture[str], command: tuple[str, ...]
) -> None:
    told = refusal(capsys, "run", "@contoso", *command)
    assert "-- is missing before the command: adwarden run CONNECTION -- COMMAND" in told
    assert told.startswith("usage: adwarden run [-h]")
    assert "unrecognized" not in told


def test_a_command_that_is_missing_has_the_usage_of_run(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for said in (("run", "@contoso"), ("run", "@contoso", "--")):
        told = refusal(capsys, *said)
        assert told.startswith("usage: adwarden run [-h]")
        assert "the command is missing" in told


@pytest.mark.parametrize(
    ("said", "usage", "strange"),
    [
        (("list", "--bogus"), "usage: adwarden list", "--bogus"),
        (("show", "@contoso", "@litware"), "usage: adwarden show", "@litware"),
        (("run", "@contoso", "--bogus", "--", "env"), "usage: adwarden run", "--bogus"),
        (("--bogus",), "usage: adwarden [-h] [--version]", "--bogus"),
    ],
)
def test_what_no_command_knows(
    capsys: pytest.CaptureFixture[str], said: tuple[str, ...], usage: str, strange: str
) -> None:
    told = refusal(capsys, *said)
    assert told.startswith(usage)
    assert f"unrecognized arguments: {strange}" in told


def test_what_is_understood_is_values_alone() -> None:
    assert parse(("run", "@contoso", "--", "sh", "-c", "true", "--", "x")) == {
        "practice": False, "diagnose": False, "command": "run", "connection": "@contoso",
        "words": ("sh", "-c", "true", "--", "x"),
    }  # fmt: skip
