"""Where work runs: named tasks with owners on the loop, and lanes of daemon threads beside it.

A lane never delays quitting, and a failure that nobody awaits reaches the one funnel.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from adwarden.domain.data import dataclass
from adwarden.domain.errors import AdwardenError

if TYPE_CHECKING:
    import asyncio

C = TypeVar("C")
T = TypeVar("T")

Funnel = Callable[[BaseException, str], None]
"""Receives what a task let out, and the task's name."""


@dataclass(frozen=True, slots=True)
class _Job(Generic[C]):
    call: Callable[[C], Any]
    future: Future[Any]


class Lane(Generic[C]):
    """A fixed number of daemon threads that serve one queue, first in first out.

    Every thread makes its own ``context`` (an HTTP session, a database) before its first job.
    Daemon threads, because a call that hangs in the kernel or behind a prompt must not keep the
    process alive: an executor's threads are joined at exit.
    """

    def __init__(self, name: str, *, workers: int, context: Callable[[], C]) -> None:
        self._name = name
        self._workers = workers
        self._context = context
        self._queue: SimpleQueue[_Job[C] | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._load = 0
        self._closed = False

    def submit(self, call: Callable[[C], T]) -> Future[T]:
        """Queue ``call`` for a thread and its context; raises ``RuntimeError`` after ``close``."""
        future: Future[T] = Future()
        with self._lock:
            if self._closed:
                raise RuntimeError(f"lane {self._name} is closed")
            self._load += 1
            if len(self._threads) < min(self._load, self._workers):
                self._start_thread()
            self._queue.put(_Job(call, future))
        return future

    async def run(self, call: Callable[[C], T]) -> T:
        """Run ``call`` with a thread's context and return its result, or raise what it raised.

        Cancelling stops the waiting at once: a job that has not begun is dropped, the result of
        one that has begun is thrown away.
        """
        import asyncio

        waiting = asyncio.wrap_future(self.submit(call))
        try:
            return await waiting
        except asyncio.CancelledError:
            if waiting.done() and not waiting.cancelled():
                # It failed at the very moment of the cancellation; nobody will ask for it.
                waiting.exception()
            raise

    def close(self) -> None:
        """Take no more work and let the threads end by themselves; never waits."""
        with self._lock:
            self._closed = True
            for _ in self._threads:
                self._queue.put(None)

    def _start_thread(self) -> None:
        name = f"adwarden-{self._name}-{len(self._threads) + 1}"
        thread = threading.Thread(target=self._serve, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _serve(self) -> None:
        context: C | None = None
        while (job := self._queue.get()) is not None:
            if job.future.set_running_or_notify_cancel():
                try:
                    # Made at the first job, so that a failure has somebody to be told to.
                    context = self._context() if context is None else context
                    result = job.call(context)
                except BaseException as error:  # noqa: BLE001 - carried to whoever awaits it
                    job.future.set_exception(_without_frames(error))
                else:
                    job.future.set_result(result)
                    del result
            # A waiting thread must not keep the last job's result and secrets alive.
            del job
            with self._lock:
                self._load -= 1
        close = getattr(context, "close", None)
        if close is not None:
            close()


def _without_frames(error: BaseException) -> BaseException:
    """Let an expected failure be its words only, as a dialog may keep it for long.

    The frames below it, and the libraries' own errors, hold the signer with its keys in plain text.
    """
    if isinstance(error, AdwardenError):
        error.__context__ = error.__cause__ = None
        return error.with_traceback(None)
    return error


class Tasks:
    """Every coroutine that nobody awaits: it has a name and an owner, and ends with the owner."""

    def __init__(self, funnel: Funnel) -> None:
        self._funnel = funnel
        self._tasks: dict[asyncio.Task[None], object] = {}
        self._closed = False

    def spawn(
        self, owner: object, name: str, coro: Coroutine[Any, Any, None]
    ) -> asyncio.Task[None]:
        """Start ``coro`` for ``owner``; what it lets out goes to the funnel."""
        import asyncio

        task = asyncio.get_running_loop().create_task(coro, name=name)
        # The loop itself holds tasks weakly; this keeps them from vanishing in mid-air.
        self._tasks[task] = owner
        task.add_done_callback(self._ended)
        if self._closed:
            task.cancel()
        return task

    def cancel(self, owner: object) -> None:
        """Cancel everything that was started for ``owner``."""
        for task, its_owner in list(self._tasks.items()):
            if its_owner is owner:
                task.cancel()

    def running(self) -> tuple[str, ...]:
        """Return the names of what is still running."""
        return tuple(task.get_name() for task in self._tasks)

    async def close(self) -> None:
        """Cancel everything, whoever owns it, and wait until it has ended."""
        import asyncio

        self._closed = True
        current = asyncio.current_task()
        pending = [task for task in self._tasks if task is not current]
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.pop(task, None)
        if task.cancelled():
            return
        error = task.exception()
        if error is not None:
            self._funnel(error, task.get_name())
