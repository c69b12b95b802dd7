from __future__ import annotations

import ast
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from adwarden.domain.errors import InputError
from adwarden.domain.handover import CredentialSet
from adwarden.services.handover import env, snippets
from tests.services.handover.keys import ALL, VALUES

Render = Callable[[CredentialSet, str], str]
PYTHON = (snippets.ads_python, snippets.tweepy)
EACH = (*PYTHON, snippets.ads_ruby, snippets.node)
WHOLE = [name for name, family in env.FAMILIES.items() if family.has_user]


@pytest.mark.parametrize("render", EACH)
@pytest.mark.parametrize("family", WHOLE)
def test_a_snippet_reads_the_family_and_has_no_secret(render: Render, family: str) -> None:
    text = render(ALL, family)
    assert not any(value in text for value in VALUES)
    names = env.FAMILIES[family].names
    assert all(names[one] in text for one in ("api_key", "api_secret", "token", "token_secret"))
    assert f"adwarden run @northwind_ads --family {family} -- " in text


@pytest.mark.parametrize("render", PYTHON)
def test_python_reads_exactly_the_variables_that_run_gives(render: Render) -> None:
    tree = ast.parse(render(ALL, "twitter"))
    read = [
        node.slice.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant)
    ]
    assert read == list(env.variables(ALL, "twitter"))[:4]


@pytest.mark.skipif(not shutil.which("node"), reason="needs Node")
@pytest.mark.parametrize("family", WHOLE)
def test_node_takes_it_for_a_module(family: str, tmp_path: Path) -> None:
    path = tmp_path / "who-am-i.mjs"
    path.write_text(snippets.node(ALL, family))
    subprocess.run(["node", "--check", str(path)], check=True, capture_output=True)


@pytest.mark.parametrize("render", EACH)
@pytest.mark.parametrize("handle", ["", "a\nimport os", "x --family y; rm -rf /"])
def test_a_handle_never_leaves_its_comment(render: Render, handle: str) -> None:
    text = render(replace(ALL, handle=handle), "x")
    assert "adwarden run CONNECTION --family x" in text
    assert "rm -rf" not in text


@pytest.mark.parametrize("render", EACH)
def test_names_for_an_app_alone_are_refused(render: Render) -> None:
    with pytest.raises(InputError) as caught:
        render(ALL, "twauth")
    assert caught.value.field == "family"
