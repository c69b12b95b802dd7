"""A person at the practice server's pages, without a browser: signs in, allows, reads the PIN."""

from __future__ import annotations

import re

import requests

TIMEOUT = 10.0


def authorize(url: str, handle: str, *, allow: bool = True) -> str:
    """Follow the authorization page as ``handle`` and return the PIN; empty when cancelled."""
    with requests.Session() as browser:
        browser.trust_env = False
        page = browser.get(url, timeout=TIMEOUT).text
        action = url.split("?", 1)[0]
        signed_in = browser.post(
            action,
            data={**_hidden(page), "session[username_or_email]": handle},
            timeout=TIMEOUT,
        ).text
        decision = {} if allow else {"cancel": "Cancel"}
        done = browser.post(action, data={**_hidden(signed_in), **decision}, timeout=TIMEOUT).text
    found = re.search(r"<code>\s*(\d+)\s*</code>", done)
    return found.group(1) if found else ""


def _hidden(page: str) -> dict[str, str]:
    inputs = re.findall(r"<input[^>]*type=\"hidden\"[^>]*>", page)
    fields: dict[str, str] = {}
    for tag in inputs:
        name = re.search(r'name="([^"]*)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        if name is not None:
            fields[name.group(1)] = value.group(1) if value else ""
    return fields
