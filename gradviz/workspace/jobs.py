"""Work in the background: pure functions on immutable arguments, answered on the interface's thread."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, Signal

from gradviz.errors import GradvizError, LimitError


class _Desk(QObject):
    """Where workers hand in what came of a job; it lives as long as one of them does."""

    ended = Signal(object, object, object)


@contextmanager
def _no_sweeping() -> Iterator[None]:
    """Keep Python from sweeping up rings of garbage on this thread: widgets among them may only go on their own."""
    was_sweeping = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_sweeping:
            gc.enable()


class _Job(QRunnable):
    """One call of a function, whose outcome is handed in at a desk."""

    def __init__(self, function: Callable[..., Any], arguments: tuple[Any, ...], desk: _Desk) -> None:
        super().__init__()
        self.setAutoDelete(False)
        self._function, self._arguments, self._desk = function, arguments, desk
        self.void = threading.Event()

    def run(self) -> None:
        """Call the function on the worker's thread, and hand in what came of it, whatever that is."""
        outcome: Any = None
        error: GradvizError | None = GradvizError("the work in the background ended unexpectedly")
        try:
            if not self.void.is_set():
                with _no_sweeping():
                    outcome = self._function(*self._arguments, cancelled=self.void.is_set)
            error = None
        except GradvizError as refused:
            error = refused
        except MemoryError:
            error = LimitError("there is not enough memory for this")
        finally:
            self._desk.ended.emit(self, outcome, error)


@dataclass(frozen=True)
class _Answer:
    """Who waits for a job, and under which key."""

    key: str
    done: Callable[[Any], None]
    failed: Callable[[GradvizError], None]


class Jobs(QObject):
    """One worker; a newer job under the same key voids the older one's result."""

    idle = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        """Start with nothing to do."""
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._desk = _Desk()
        self._running: dict[_Job, _Answer] = {}
        self._is_closed = False
        self._desk.ended.connect(self._finish, Qt.ConnectionType.QueuedConnection)

    @property
    def is_busy(self) -> bool:
        """Tell whether an outcome is still to come that somebody waits for."""
        return any(not job.void.is_set() for job in self._running)

    def is_running(self, key: str) -> bool:
        """Tell whether an outcome is still to come for `key`."""
        return any(answer.key == key and not job.void.is_set() for job, answer in self._running.items())

    def run(
        self,
        key: str,
        function: Callable[..., Any],
        *args: Any,
        done: Callable[[Any], None],
        failed: Callable[[GradvizError], None],
    ) -> None:
        """Call `function(*args, cancelled=...)` in the background, then `done` or `failed` on this thread.

        `cancelled()` turns true when the result is no longer wanted; what comes of such a call is dropped. After
        `close` nothing is begun.
        """
        self.cancel(key)
        if self._is_closed:
            return
        job = _Job(function, args, self._desk)
        self._running[job] = _Answer(key, done, failed)
        self._pool.start(job)

    def cancel(self, key: str) -> None:
        """Void whatever runs or waits under `key`."""
        for job, answer in self._running.items():
            if answer.key == key:
                job.void.set()

    def close(self) -> None:
        """Void everything, for good, and wait for the worker to stop."""
        self._is_closed = True
        for job in self._running:
            job.void.set()
        self._pool.waitForDone()
        self._running.clear()

    def _finish(self, job: _Job, outcome: Any, error: GradvizError | None) -> None:
        answer = self._running.pop(job, None)
        if answer is None or job.void.is_set():
            return
        if error is None:
            answer.done(outcome)
        else:
            answer.failed(error)
        if not self.is_busy:
            self.idle.emit()
