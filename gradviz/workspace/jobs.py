"""Work in the background: pure functions on immutable arguments, answered on the interface's thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, Signal

from gradviz.errors import GradvizError, LimitError


class _Job(QRunnable):
    """One call of a function, whose outcome is handed back through `report`."""

    def __init__(self, call: Callable[[], Any], report: Callable[[_Job, Any, GradvizError | None], None]) -> None:
        super().__init__()
        self.setAutoDelete(False)
        self._call, self._report = call, report
        self.void = threading.Event()

    def run(self) -> None:
        """Call the function on the worker's thread, and report what came of it."""
        if self.void.is_set():
            self._report(self, None, None)
            return
        try:
            outcome = self._call()
        except GradvizError as error:
            self._report(self, None, error)
        except MemoryError:
            self._report(self, None, LimitError("there is not enough memory for this"))
        else:
            self._report(self, outcome, None)


class Jobs(QObject):
    """One worker; a newer job under the same key voids the older one's result."""

    _ended = Signal(object, object, object)
    idle = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        """Start with nothing to do."""
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._running: dict[_Job, tuple[str, Callable[[Any], None], Callable[[GradvizError], None]]] = {}
        self._ended.connect(self._finish, Qt.ConnectionType.QueuedConnection)

    @property
    def is_busy(self) -> bool:
        """Tell whether an outcome is still to come that somebody waits for."""
        return any(not job.void.is_set() for job in self._running)

    def is_running(self, key: str) -> bool:
        """Tell whether an outcome is still to come for `key`."""
        return any(other == key and not job.void.is_set() for job, (other, _done, _failed) in self._running.items())

    def run(
        self,
        key: str,
        function: Callable[..., Any],
        *args: Any,
        done: Callable[[Any], None],
        failed: Callable[[GradvizError], None],
    ) -> None:
        """Call `function(*args, cancelled=...)` in the background, then `done` or `failed` on this thread.

        `cancelled()` turns true when the result is no longer wanted; what comes of such a call is dropped.
        """
        self.cancel(key)
        void = threading.Event()
        job = _Job(lambda: function(*args, cancelled=void.is_set), self._ended.emit)
        job.void = void
        self._running[job] = (key, done, failed)
        self._pool.start(job)

    def cancel(self, key: str) -> None:
        """Void whatever runs or waits under `key`."""
        for job, (other, _done, _failed) in self._running.items():
            if other == key:
                job.void.set()

    def close(self) -> None:
        """Void everything and wait for the worker to stop."""
        for job in self._running:
            job.void.set()
        self._pool.waitForDone()
        self._running.clear()

    def _finish(self, job: _Job, outcome: Any, error: GradvizError | None) -> None:
        entry = self._running.pop(job, None)
        if entry is not None and not job.void.is_set():
            _key, done, failed = entry
            if error is None:
                done(outcome)
            else:
                failed(error)
        if not self.is_busy:
            self.idle.emit()
