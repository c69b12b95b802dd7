"""``adwarden --diagnose``: checks what Adwarden stands on and prints one line for each."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable

from adwarden.domain.errors import AdwardenError, ErrorCode
from adwarden.domain.model import FILE, KEYCHAIN, MEMORY, Credential
from adwarden.domain.secret import Secret
from adwarden.services.tasks import Lane
from adwarden.storage import settings as known
from adwarden.storage.keychain_status import KeychainState, SelfTest
from adwarden.storage.paths import atomic_write
from adwarden.system import terminal
from adwarden.system.hardening import SandboxState
from adwarden.wiring import Base, Services

PAGE_SECONDS = 20.0

NOT_TESTED = "not tested: run this on a terminal and enter its master password there"

Check = Callable[[], Awaitable[str]]
Ask = Callable[[str], Awaitable[Secret | None]]
"""Asks for a password with these words; ``None`` when nobody is there, or wants to give it."""


async def diagnose(services: Services, base: Base, sandbox: SandboxState) -> int:
    """Run every check, print its line, and return 0 if all passed, else 1.

    On a terminal the KeePass file's master password is asked for, which may be left out.
    """
    checks: dict[str, Check] = {
        "data folder": lambda: _data_folder(base),
        "system keychain": lambda: _keychain(services),
        "other keychains": lambda: _others(services),
        "KeePass file": lambda: _file(services, ask_on_terminal),
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


async def ask_on_terminal(prompt: str) -> Secret | None:
    """Ask the person who started this; the password is not shown, and is nowhere else."""
    if not terminal.is_there():
        return None
    lane: Lane[object] = Lane("terminal", workers=1, context=object)
    try:
        with terminal.unseen():
            return await lane.run(lambda _: terminal.ask_password(prompt))
    finally:
        lane.close()


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
    return _told(await services.places.of(KEYCHAIN).selftest())


def _told(test: SelfTest) -> str:
    """Return the times of a self-test; raises what stopped it."""
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


async def _file(services: Services, ask: Ask) -> str:
    """Say how the KeePass file is, and test it where somebody gives its master password.

    Locked, or out of reach, it is no failure: all that is not in it works without it.
    """
    path, place = services.accounts.vault_file.path, services.places.of(FILE)
    if path is None:
        return "none in use"
    status = await services.places.status(FILE)
    opened = ""
    if status.state is KeychainState.LOCKED:
        password = await ask(f"Master password of {path} (empty: leave it locked): ")
        if password is None:
            return f"locked, as at every start, {path}; {NOT_TESTED}"
        place.note(Credential("master-password", {"password": password}))
        started = time.perf_counter()
        # Past what the window does with an opened file: a diagnosis finishes nobody's work.
        status = await place.change(lambda vault: vault.enter(password))
        opened = f"; opened in {(time.perf_counter() - started) * 1000:.0f} ms"
    if status.state is not KeychainState.READY:
        return f"not usable, {path}: {status.message} {status.remedy}".strip()
    return f"{_told(await place.selftest())}{opened}, {path}"


async def _secrets(services: Services) -> str:
    """Count what each place holds, and what nothing lists."""
    titles = {KEYCHAIN: "system keychain", FILE: "KeePass file", MEMORY: "memory"}
    missing = 0
    parts = [f"new ones go to the {titles[services.places.chosen]}"]
    for place in (KEYCHAIN, FILE):
        if place not in services.places.names:
            continue
        report = await services.accounts.survey.look(place)
        entries = "not readable now" if report.entries is None else f"{report.entries} entries"
        entries = "1 entry" if report.entries == 1 else entries
        words = f"{titles[place]}: {report.rows} listed, {entries}"
        coming = sum(one.comes for one in report.orphans)
        if coming:
            words += f", {coming} that the next start of Adwarden lists again, as its list was lost"
        if strange := len(report.orphans) - coming:
            words += (
                f", {strange} that nothing lists (see “Where secrets are kept” to take over or "
                "delete them)"
            )
        missing += report.missing
        parts.append(f"{words}, {report.missing} not there or damaged" if report.missing else words)
    if missing:
        raise _secrets_missing("; ".join(parts))
    return "; ".join(parts)


def _secrets_missing(found: str) -> AdwardenError:
    return AdwardenError(
        ErrorCode.ENTRY_MISSING,
        "Something is listed whose secret is not there",
        f"It was removed or changed outside Adwarden ({found}).",
        "Authorize those accounts again, and enter the keys of those X apps again.",
    )


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
