"""``adwarden --diagnose``: checks what Adwarden stands on and prints one line for each."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable

from adwarden.domain.errors import AdwardenError, ErrorCode
from adwarden.domain.model import FILE, KEYCHAIN, MEMORY
from adwarden.services.tasks import Lane
from adwarden.storage import settings as known
from adwarden.storage.keychain_status import KeychainState
from adwarden.storage.paths import atomic_write
from adwarden.system.hardening import SandboxState
from adwarden.wiring import Base, Services

PAGE_SECONDS = 20.0

Check = Callable[[], Awaitable[str]]


async def diagnose(services: Services, base: Base, sandbox: SandboxState) -> int:
    """Run every check, print its line, and return 0 if all passed, else 1."""
    checks: dict[str, Check] = {
        "data folder": lambda: _data_folder(base),
        "system keychain": lambda: _keychain(services),
        "other keychains": lambda: _others(services),
        "KeePass file": lambda: _file(services),
        "secrets": lambda: _secrets(services),
        "browser engine": lambda: _browser_engine(sandbox),
        "network": lambda: _network(services, base),
    }
    code = 0
    for name, check in checks.items():
        try:
            words = await check()
        except AdwardenError as error:
            code = 1
            words = f"FAILED: {error}" + (f" [{error.detail}]" if error.detail else "")
        print(f"{name}: {words}", file=sys.stdout, flush=True)  # noqa: T201 - the result itself
    return code


async def _data_folder(base: Base) -> str:
    def write(root: object) -> None:
        path = base.folder.root / "diagnose.tmp"
        atomic_write(path, b"written by --diagnose\n")
        path.unlink()

    lane: Lane[object] = Lane("diagnose", workers=1, context=object)
    try:
        await lane.run(write)
    finally:
        lane.close()
    return f"ok, {base.folder.root}"


async def _keychain(services: Services) -> str:
    test = await services.places.of(KEYCHAIN).selftest()
    if test.error is not None:
        raise test.error
    times = ((test.write_ms, "write"), (test.read_ms, "read"), (test.delete_ms, "delete"))
    spoken = ", ".join(f"{what} {took:.0f} ms" for took, what in times if took is not None)
    return f"ok, {test.status.backend}: {spoken}"


async def _others(services: Services) -> str:
    """Say why the other keychains are not used; never a failure."""
    try:
        found = await services.accounts.survey.choices()
    except AdwardenError:
        return "not known, as the system keychain does not answer"
    return " | ".join(f"{one.name}: {one.why}" for one in found if not one.used)


async def _file(services: Services) -> str:
    """Say how the KeePass file is; never a failure: without it, its entries are out of reach."""
    path = services.accounts.vault_file.path
    if path is None:
        return "none in use"
    status = await services.places.status(FILE)
    words = {KeychainState.READY: "open", KeychainState.LOCKED: "locked, as at every start"}
    if status.state in words:
        return f"{words[status.state]}, {path}"
    return f"not usable, {path}: {status.message} {status.remedy}".strip()


async def _secrets(services: Services) -> str:
    """Count what each place holds, and what nothing lists."""
    titles = {KEYCHAIN: "system keychain", FILE: "KeePass file", MEMORY: "memory"}
    parts = [f"new ones go to the {titles[services.places.chosen]}"]
    for place in (KEYCHAIN, FILE):
        if place not in services.places.names:
            continue
        report = await services.accounts.survey.look(place)
        entries = "not readable now" if report.entries is None else f"{report.entries} entries"
        words = f"{titles[place]}: {report.rows} listed, {entries}"
        if report.orphans:
            words += (
                f", {len(report.orphans)} that nothing lists (see “Where secrets are kept” to take "
                "over or delete them)"
            )
        parts.append(words)
    return "; ".join(parts)


async def _browser_engine(sandbox: SandboxState) -> str:
    if sandbox is SandboxState.IMPOSSIBLE_AS_ROOT:
        return "not used: its sandbox does not work as root, so pages open in the system browser"
    from PySide6.QtWebEngineCore import (
        QWebEnginePage,
        QWebEngineProfile,
        qWebEngineChromiumVersion,
    )

    profile = QWebEngineProfile()
    page = QWebEnginePage(profile)
    loaded: asyncio.Queue[bool] = asyncio.Queue()
    page.loadFinished.connect(loaded.put_nowait)
    page.setHtml("<p>Adwarden</p>")
    try:
        async with asyncio.timeout(PAGE_SECONDS):
            good = await loaded.get()
    except TimeoutError:
        good = False
    finally:
        page.deleteLater()
        profile.deleteLater()
    if not good:
        raise _engine_failed()
    off = " (sandbox switched off by the environment)"
    return f"ok, Chromium {qWebEngineChromiumVersion()!s}" + (
        off if sandbox is SandboxState.OFF_BY_ENVIRONMENT else ", sandbox on"
    )


async def _network(services: Services, base: Base) -> str:
    """Ask for a page that needs no key; any answer at all shows that the way is open."""
    practice = services.practice

    def reach(_: object) -> str:
        from adwarden.providers.http import HttpClient

        url = practice.url() if practice else base.settings.get(known.API_URL)
        http = HttpClient(connect_timeout=5, read_timeout=10)
        started = time.perf_counter()
        try:
            answer = http.post(f"{url}/oauth/request_token", auth=lambda request: request)
        finally:
            http.close()
        took = (time.perf_counter() - started) * 1000
        return f"ok, {url} answered {answer.status} in {took:.0f} ms"

    lane: Lane[object] = Lane("diagnose", workers=1, context=object)
    try:
        return await lane.run(reach)
    finally:
        lane.close()


def _engine_failed() -> AdwardenError:
    return AdwardenError(
        ErrorCode.UNEXPECTED,
        "The browser engine does not work",
        "It did not show a page.",
        "In the settings, choose to authorize in the system browser.",
    )
