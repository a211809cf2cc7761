"""What holds for every test: no display, one application, settings of its own, and nothing outlives it."""

import ctypes
import gc
import itertools
import os
import shutil
import sys
import tempfile
import threading
import time
import weakref

import pytest
import shiboken6
from hypothesis import HealthCheck, settings
from PySide6.QtCore import QAbstractAnimation, QCoreApplication, QEvent, QSettings, QThread, QThreadPool, QTimer
from PySide6.QtWidgets import QApplication

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
RUNTIME_FOLDER = tempfile.TemporaryDirectory(prefix="gradviz-tests-", ignore_cleanup_errors=True)
os.environ.setdefault("XDG_RUNTIME_DIR", RUNTIME_FOLDER.name)  # Qt warns without one, and a warning fails

settings.register_profile(
    "gradviz",
    deadline=None,  # how long an example takes is the machine's affair
    derandomize="GRADVIZ_EXAMPLES" not in os.environ,  # whoever asks for more examples wants others, too
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("gradviz")

MOUSE_PROGRAMS = ("Xvfb", "xdotool", "openbox")
BUSY = {
    QTimer: QTimer.isActive,
    QThread: QThread.isRunning,
    QThreadPool: QThreadPool.activeThreadCount,
    QAbstractAnimation: lambda animation: animation.state() == QAbstractAnimation.State.Running,
}
BELOW_QT = {"ops", "graph", "engine", "formats", "test_every_op.py", "test_opened_ops.py"}
known = weakref.WeakSet()
"""The timers, animations, threads and pools that searches have come upon."""
folders, searches = itertools.count(), itertools.count()


def pytest_runtest_setup(item):
    if item.get_closest_marker("x11") and (reason := why_no_mouse()):
        pytest.skip(reason)


def why_no_mouse():
    """Say why real mouse tests cannot run here, or nothing where they can."""
    if sys.platform != "linux":
        return "the mouse tests need X11"
    missing = [program for program in MOUSE_PROGRAMS if not shutil.which(program)]
    if missing:
        return f"the mouse tests need {', '.join(missing)}"
    try:
        ctypes.CDLL("libxcb-cursor.so.0")
    except OSError:
        return "the mouse tests need libxcb-cursor0"
    return ""


@pytest.fixture(scope="session", autouse=True)
def application(qapp):
    """The one QApplication, made before a picture could make a lesser one."""
    return qapp


@pytest.fixture(autouse=True)
def own_settings(application, tmp_path_factory):
    """Keep what a test remembers in a folder of its own."""
    folder = tmp_path_factory.getbasetemp() / f"settings-{next(folders)}"
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(folder))


@pytest.fixture(autouse=True)
def nothing_outlives_the_test(request, application):
    """Fail the test that leaves a running timer, animation or thread, or a top-level widget, behind.

    Tests of rooms below Qt have none, and are too many to look.
    """
    if request.path.parent.name in BELOW_QT or request.path.name in BELOW_QT:
        yield
        return
    widgets, threads, busy = QApplication.topLevelWidgets(), set(threading.enumerate()), find_busy_objects()
    if next(searches) % 100 == 0:
        gc.unfreeze()
        gc.collect()
    gc.freeze()  # what exists by now is known: later searches, and Python's own for garbage, look at what is new
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    if find_busy_objects() - busy:
        gc.collect()  # garbage in rings does not count
    left = [*(find_busy_objects() - busy)]
    left += [widget for widget in QApplication.topLevelWidgets() if widget not in widgets and not is_qts_own(widget)]
    left += find_running_threads(threads)
    assert not left, f"outlives the test: {left}"


def find_busy_objects():
    """Return the timers, animations, threads and pools that run, as far as Python knows them."""
    kinds = tuple(BUSY)
    known.update(each for each in gc.get_objects() if issubclass(type(each), kinds))
    valid = [each for each in known if shiboken6.isValid(each)]
    return {each for each in valid if next(busy for kind, busy in BUSY.items() if isinstance(each, kind))(each)}


def find_running_threads(before):
    """Return Python's own threads that are new and do not end within a second."""
    deadline = time.monotonic() + 1
    for thread in set(threading.enumerate()) - before:
        if not isinstance(thread, threading._DummyThread):  # stands for a thread that Qt made and ends
            thread.join(max(0, deadline - time.monotonic()))
    left = set(threading.enumerate()) - before
    return [thread for thread in left if not isinstance(thread, threading._DummyThread)]


def is_qts_own(widget):
    """Say whether Qt made the widget by itself, as it does for tooltips."""
    return widget.metaObject().className() == "QTipLabel"
