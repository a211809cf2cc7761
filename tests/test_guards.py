"""The guards of conftest.py do catch what they are there for: they are run on tests that break the rules."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BREAKING = """
import threading
import time
import warnings

import pytest
from PySide6.QtCore import QObject, QSettings, QThreadPool, QTimer, QVariantAnimation, qWarning
from PySide6.QtWidgets import QWidget

kept = []

def test_left_timer(qtbot):
    kept.append(QTimer())
    kept[-1].start(100_000)

def test_left_animation(qtbot):
    kept.append(QVariantAnimation(startValue=0.0, endValue=1.0, duration=100_000))
    kept[-1].start()

def test_left_widget(qtbot):
    kept.append(QWidget())

def test_left_thread():
    threading.Thread(target=time.sleep, args=(3,)).start()

def test_left_job(qtbot):
    kept.append(QThreadPool())
    kept[-1].start(lambda: time.sleep(1))

def test_qt_warning(qtbot):
    qWarning("something is wrong")

def test_python_warning():
    warnings.warn("something is old", DeprecationWarning)

def test_clean_widget(qtbot):
    widget = QWidget()
    qtbot.addWidget(widget)
    QTimer(widget).start(100_000)

def test_clean_thread():
    threading.Thread(target=time.sleep, args=(0.1,)).start()

def test_clean_ring():
    holder = QObject()
    holder.itself, holder.timer = holder, QTimer()
    holder.timer.start(100_000)

def test_clean_settings(tmp_path_factory):
    settings = QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "gradviz", "gradviz")
    assert str(tmp_path_factory.getbasetemp().name) in settings.fileName()

@pytest.mark.x11
def test_mouse():
    pass
"""


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """What pytest says of tests that break the rules, on a machine without the programs of the mouse tests."""
    folder = tmp_path_factory.mktemp("breaking")
    (folder / "test_breaking.py").write_text(BREAKING, "utf-8")
    options = ["-c", "pyproject.toml", "--rootdir", ".", "-p", "tests.conftest", "-p", "no:cacheprovider", "-rA"]
    options += [f"--basetemp={folder / 'its-own'}", folder / "test_breaking.py"]
    command = [sys.executable, "-m", "pytest", *options]
    settings = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    settings |= {"PATH": str(folder), "COLUMNS": "200"}
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=settings, check=False).stdout


@pytest.mark.parametrize("thing", ["timer", "animation", "widget", "thread", "job"])
def test_what_outlives_a_test_fails_it(report, thing):
    assert re.search(rf"ERROR .*test_left_{thing} .*outlives the test", report), report


def test_a_warning_fails_a_test(report):
    assert re.search("FAILED .*test_qt_warning", report), report
    assert re.search("FAILED .*test_python_warning", report), report


def test_what_ends_with_the_test_is_fine(report):
    assert set(re.findall(r"test_clean_\w+", report)) == set(re.findall(r"test_clean_\w+", BREAKING))
    assert not re.search(r"(FAILED|ERROR) .*test_clean", report), report


def test_mouse_tests_are_skipped_with_the_reason(report):
    assert "the mouse tests need" in report
