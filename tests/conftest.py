"""What every test stands on: a desktop session of its own, one loop, and no leftovers.

Each xdist worker gets a home, an X display, a session bus and an unlocked keychain, so that
workers share nothing; ``async def`` tests run on the product's own kind of loop.
"""

from __future__ import annotations

import asyncio
import gc
import inspect
import os
import sys
import threading
import time
from collections.abc import Coroutine, Iterator
from contextlib import ExitStack
from typing import cast

import hypothesis
import pytest
import qasync
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QApplication

PATIENCE = 5.0
"""Seconds that threads get to end after a test."""

LIMIT = 100.0
"""Seconds an ``async def`` test may take. Less than pytest-timeout's, which ends the whole worker:
inside Qt's loop nothing gentler reaches a test that waits for ever."""

_KEPT: list[qasync.QEventLoop] = []

SERVED = "process_request_thread"
"""Threads of ``ThreadingHTTPServer``; they last as long as a client keeps its connection."""

# The same examples in every run, so that a change fails by its own fault only; new ones are looked
# for with ``--hypothesis-profile=explore``.
hypothesis.settings.register_profile("adwarden", deadline=None, max_examples=60, derandomize=True)
hypothesis.settings.register_profile("explore", deadline=None, max_examples=1500, print_blob=True)
hypothesis.settings.load_profile("adwarden")


def pytest_configure(config: pytest.Config) -> None:
    """Set the stage of this process, unless it only hands tests out to workers."""
    hands_out = getattr(config.option, "numprocesses", None) and not hasattr(config, "workerinput")
    if hands_out or config.option.collectonly or sys.platform != "linux":
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        return
    from tests.stage import Stage, StageError  # what it is made of exists on Linux only

    stack = ExitStack()
    config.add_cleanup(stack.close)
    try:
        stage = stack.enter_context(Stage())
    except StageError as error:
        raise pytest.UsageError(str(error)) from error
    for name in stage.dropped:
        os.environ.pop(name, None)
    os.environ.update(stage.env)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what needs a desktop that this system does not have."""
    if sys.platform != "linux":
        reason = "the private session bus with GNOME keyring exists on Linux only"
        for item in items:
            if item.get_closest_marker("keychain"):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(
    collector: pytest.Module | pytest.Class, name: str, obj: object
) -> None:
    """Give every ``async def`` test the loop."""
    if inspect.iscoroutinefunction(obj) and collector.istestfunction(obj, name):
        pytest.mark.usefixtures("loop")(obj)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run an ``async def`` test to its end on the loop."""
    if not inspect.iscoroutinefunction(pyfuncitem.function):
        return None
    loop = cast("asyncio.AbstractEventLoop", pyfuncitem.funcargs["loop"])
    names = inspect.signature(pyfuncitem.obj).parameters
    arguments = {name: pyfuncitem.funcargs[name] for name in names}
    loop.run_until_complete(_within_limit(pyfuncitem.obj(**arguments)))
    return True


async def _within_limit(test: Coroutine[object, object, object]) -> None:
    async with asyncio.timeout(LIMIT):
        await test


class _Application(QApplication):
    """The test process's application, set up as the product's."""

    def __init__(self, arguments: list[str]) -> None:
        QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)
        super().__init__(arguments)
        # Otherwise closing a window ends the loop under the test.
        self.setQuitOnLastWindowClosed(False)


@pytest.fixture(scope="session")
def qapp_cls() -> type[QApplication]:
    """Return the class that pytest-qt makes the one application from."""
    return _Application


@pytest.fixture
def loop(qapp: QApplication) -> Iterator[qasync.QEventLoop]:
    """Yield a loop on Qt's own; fails the test for tasks left over and errors nobody saw."""
    unseen: list[str] = []
    loop = qasync.QEventLoop(qapp)
    # Collected on some other thread, its timers would be stopped from there: Qt aborts at that.
    _KEPT.append(loop)
    loop.set_exception_handler(
        lambda _loop, context: unseen.append(f"{context['message']}: {context.get('exception')!r}")
    )
    asyncio.set_event_loop(loop)
    yield loop
    left = [task for task in asyncio.all_tasks(loop) if not task.done()]
    names = [f"{task.get_name()}: {task.get_coro()!r}" for task in left]
    for task in left:
        task.cancel()
    if left:
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
    loop.run_until_complete(loop.shutdown_asyncgens())
    asyncio.set_event_loop(None)
    loop.close()
    assert not names, f"tasks left over: {names}"
    assert not unseen, f"errors nobody saw: {unseen}"


@pytest.fixture(scope="session", autouse=True)
def _collected_here() -> Iterator[None]:
    """Keep the automatic collector off: on a worker's thread it would destroy Qt objects."""
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(autouse=True)
def _collect_now_and_then() -> Iterator[None]:
    """Collect on the main thread, all of it from time to time."""
    yield
    young, _, old = gc.get_count()
    if old > 20:
        gc.collect()
    elif young > 2_000:
        gc.collect(1)


@pytest.fixture(autouse=True)
def _no_threads_left() -> Iterator[None]:
    """Fail a test whose threads go on after it."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + PATIENCE
    for thread in set(threading.enumerate()) - before:
        if SERVED in thread.name or isinstance(thread, threading._DummyThread):
            continue  # _DummyThread: one of Qt's that called into Python; not ours to end
        thread.join(max(0.0, deadline - time.monotonic()))
        assert not thread.is_alive(), f"thread left over: {thread.name}"
