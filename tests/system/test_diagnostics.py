from __future__ import annotations

import gc
import io
import logging
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from adwarden.domain.secret import Secret
from adwarden.system.diagnostics import QUIET, Diagnostics, PrivateFile
from adwarden.system.redaction import Redactor
from tests.storage.folders import small_disk

TOKEN = "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb"
PLANTED = "planted value"


@pytest.fixture
def diagnostics() -> Iterator[Diagnostics]:
    redactor = Redactor()
    redactor.learn(Secret(PLANTED))
    levels = {name: logging.getLogger(name).level for name in QUIET}
    made = Diagnostics(redactor)
    yield made
    made.close()
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def log_of(folder: Path) -> str:
    return (folder / "adwarden.log").read_text()


def test_the_log_is_private_and_clean(diagnostics: Diagnostics, tmp_path: Path) -> None:
    console = io.StringIO()
    assert diagnostics.start_log(tmp_path / "logs", "DEBUG", console) == []
    log = logging.getLogger("adwarden.test")
    log.debug("working with %s", TOKEN)
    log.warning("oauth_token_secret=%s and %r", "abc123", {"x": PLANTED})
    try:
        raise ValueError(f"bad answer {TOKEN} {PLANTED}")
    except ValueError:
        log.exception("it failed")
    text = log_of(tmp_path / "logs")
    assert "working with" in text
    assert "Traceback" in text
    assert "working with" not in console.getvalue()
    assert "it failed" in console.getvalue()
    for out in (text, console.getvalue()):
        assert TOKEN not in out
        assert PLANTED not in out
        assert "abc123" not in out
    assert stat.S_IMODE((tmp_path / "logs" / "adwarden.log").stat().st_mode) == 0o600


def test_libraries_stay_quiet_even_when_somebody_lowers_their_level(
    diagnostics: Diagnostics, tmp_path: Path
) -> None:
    diagnostics.start_log(tmp_path, "DEBUG")
    for name in QUIET:
        assert not logging.getLogger(f"{name}.part").isEnabledFor(logging.DEBUG)
        for logger in (logging.getLogger(name), logging.getLogger(f"{name}.part")):
            logger.setLevel(logging.DEBUG)
            logger.debug("quiet please")
            logger.warning("heard from %s", logger.name)
            logger.setLevel(logging.NOTSET)
    text = log_of(tmp_path)
    assert "quiet please" not in text
    assert all(f"heard from {name}.part" in text for name in QUIET)


LIBRARIES = (
    "asyncio", "construct", "jeepney", "keyring", "keyring.backends.SecretService", "oauthlib",
    "oauthlib.oauth1.rfc5849", "pykeepass", "pykeepass.pykeepass", "qasync", "requests",
    "requests_oauthlib", "requests_oauthlib.oauth1_auth", "secretstorage",
    "urllib3.connectionpool", "urllib3.util.retry", "adwarden.storage.vault", "qt", "some.other",
)  # fmt: skip


@pytest.mark.parametrize("name", LIBRARIES)
def test_no_secret_comes_through_any_logger_at_any_level(
    diagnostics: Diagnostics, tmp_path: Path, name: str
) -> None:
    console = io.StringIO()
    diagnostics.start_log(tmp_path, "DEBUG", console)
    logger = logging.getLogger(name)
    logger.setLevel(logging.DEBUG)
    for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.CRITICAL):
        logger.log(level, "in the text " + PLANTED + TOKEN)  # noqa: G003 - as others do
        logger.log(level, "as arguments %s %r", PLANTED, {"oauth_token_secret": PLANTED})
        logger.log(level, "quoted %s", quote(PLANTED, safe=""))
        logger.log(level, "in an object %s", Secret(PLANTED))
        try:
            raise KeyError(PLANTED, TOKEN)
        except KeyError:
            logger.log(level, "with a trace", exc_info=True, stack_info=True)
    logger.setLevel(logging.NOTSET)
    for text in (log_of(tmp_path), console.getvalue()):
        assert text.count("with a trace") >= 2
        for secret in (PLANTED, TOKEN, quote(PLANTED, safe="")):
            assert secret not in text


def test_what_is_said_with_neither_file_nor_console_is_clean_too(
    diagnostics: Diagnostics, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = io.StringIO()
    monkeypatch.setattr(sys, "stderr", said)
    before = logging.lastResort
    (tmp_path / "file").touch()
    diagnostics.start_log(tmp_path / "file", "DEBUG")
    assert logging.lastResort is not None
    assert logging.lastResort is not before
    record = logging.LogRecord("urllib3", logging.WARNING, "", 1, f"lost {PLANTED}", (), None)
    logging.lastResort.handle(record)
    assert "lost" in said.getvalue()
    assert PLANTED not in said.getvalue()
    diagnostics.close()
    assert logging.lastResort is before


def test_a_line_break_in_a_message_begins_no_record(
    diagnostics: Diagnostics, tmp_path: Path
) -> None:
    diagnostics.start_log(tmp_path, "INFO")
    logging.getLogger("adwarden").info("name\n2026-01-01 forged\rline\0")
    lines = log_of(tmp_path).splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("    2026-01-01 forged\\rline\\0")


def test_wrong_arguments_and_lone_surrogates_do_not_reach_stderr(
    diagnostics: Diagnostics, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    diagnostics.start_log(tmp_path, "INFO")
    for message, arguments in (("%d and %s", (TOKEN,)), ("name \ud800", ())):
        record = logging.LogRecord("adwarden", logging.INFO, "", 1, message, arguments, None)
        for handler in diagnostics._handlers:  # past those of pytest, which raise
            handler.handle(record)
    assert "wrong arguments" in log_of(tmp_path)
    assert TOKEN not in log_of(tmp_path)
    assert capsys.readouterr().err == ""


def test_the_log_is_cut_into_a_few_private_files(tmp_path: Path) -> None:
    handler = PrivateFile(tmp_path / "adwarden.log", largest=500)
    for number in range(200):
        handler.handle(logging.makeLogRecord({"msg": f"line {number} {'x' * 40}"}))
    handler.close()
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["adwarden.log", "adwarden.log.1", "adwarden.log.2", "adwarden.log.3"]
    assert all(path.stat().st_size < 600 for path in tmp_path.iterdir())
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in tmp_path.iterdir())
    assert "line 199" in log_of(tmp_path)


def test_a_full_disk_stops_only_the_log(
    diagnostics: Diagnostics, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with small_disk(tmp_path / "disk") as disk:
        diagnostics.start_log(disk, "INFO")
        for _ in range(400):
            logging.getLogger("adwarden").info("fill %s", "x " * 1000)
        diagnostics.close()
    assert capsys.readouterr().err == ""


def test_a_log_folder_that_cannot_be_is_said(diagnostics: Diagnostics, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (failed,) = diagnostics.start_log(tmp_path / "file", "INFO")
    assert "log" in failed
    assert diagnostics.catch_crashes(tmp_path / "file") != []


def test_a_report_has_the_trace_and_no_secret_and_no_locals(diagnostics: Diagnostics) -> None:
    def fail() -> None:
        local_value = "a local that nobody may see"
        try:
            raise KeyError(PLANTED)
        except KeyError as error:
            raise ValueError(f"token {TOKEN}", len(local_value)) from error

    with pytest.raises(ValueError, match="token") as caught:
        fail()
    text = diagnostics.report(
        caught.value, versions={"Adwarden": "1.2", "Qt": "6.11.3"}, task="refresh c1"
    )
    for part in ("Adwarden 1.2", "Qt 6.11.3", "Python 3", "refresh c1", "in fail", "KeyError"):
        assert part in text
    assert "The above exception was the direct cause" in text
    for part in (TOKEN, PLANTED, "local that nobody may see'"):
        assert part not in text


def test_a_report_of_endless_recursion_and_of_a_broken_error(diagnostics: Diagnostics) -> None:
    class BrokenError(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no text")

    def deeper(number: int) -> int:
        return deeper(number + 1) + 1

    with pytest.raises(RecursionError) as caught:
        deeper(0)
    assert len(diagnostics.report(caught.value, versions={})) < 100_000
    assert "BrokenError" in diagnostics.report(BrokenError(), versions={})


def test_what_nobody_caught_is_forwarded(diagnostics: Diagnostics) -> None:
    heard: list[tuple[str, str]] = []
    before = sys.excepthook, threading.excepthook, sys.unraisablehook
    diagnostics.install_hooks(lambda error, where: heard.append((str(error), where)))

    def fail() -> None:
        raise ValueError("in a thread")

    def leave() -> None:
        raise SystemExit

    class Rude:
        def __del__(self) -> None:
            raise ValueError("in clean-up")

    for target in (fail, leave):
        thread = threading.Thread(target=target, name="worker")
        thread.start()
        thread.join()
    Rude()
    gc.collect()
    error = ValueError("at the top")
    sys.excepthook(ValueError, error, None)
    diagnostics.close()
    assert [text for text, _ in heard] == ["in a thread", "in clean-up", "at the top"]
    assert heard[0][1] == "thread worker"
    assert (sys.excepthook, threading.excepthook, sys.unraisablehook) == before


def test_a_funnel_that_fails_is_logged_and_not_entered_again(
    diagnostics: Diagnostics, tmp_path: Path
) -> None:
    diagnostics.start_log(tmp_path, "INFO")
    calls: list[str] = []

    def funnel(error: BaseException, where: str) -> None:
        calls.append(where)
        sys.excepthook(OSError, OSError("inner"), None)
        raise RuntimeError("funnel broke")

    diagnostics.install_hooks(funnel)
    sys.excepthook(ValueError, ValueError("outer"), None)
    assert calls == ["main thread"]
    text = log_of(tmp_path)
    assert all(part in text for part in ("outer", "inner", "funnel broke"))


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGSEGV")
def test_a_crash_is_noted_in_a_private_file(tmp_path: Path) -> None:
    script = """
import sys, faulthandler
from pathlib import Path
from adwarden.system.diagnostics import Diagnostics
from adwarden.system.redaction import Redactor
diagnostics = Diagnostics(Redactor())
assert diagnostics.catch_crashes(Path(sys.argv[1])) == []
faulthandler._sigsegv()
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        timeout=60,
    )
    assert done.returncode < 0
    crash = tmp_path / "crash.log"
    assert "Segmentation fault" in crash.read_text()
    assert stat.S_IMODE(crash.stat().st_mode) == 0o600
