"""A screen for the worker, and the program on it for each test."""

from contextlib import ExitStack

import pytest

from tests.x11.program import program_on
from tests.x11.screen import screen_in


@pytest.fixture(scope="session")
def screen(tmp_path_factory):
    """The environment of a virtual screen that all mouse tests of this worker share."""
    with screen_in(tmp_path_factory.mktemp("screen")) as environment:
        yield environment


@pytest.fixture
def start(screen, tmp_path):
    """Start gradviz with words of a command line, and wait until its window is there and has run what it shows."""
    with ExitStack() as running:

        def start(*words, **settings):
            program = running.enter_context(program_on(screen, tmp_path, *words, **settings))
            program.until(lambda now: now.length > 0)
            program.hand.do("search", "--sync", "--onlyvisible", "--name", "gradviz", "windowactivate", "--sync")
            return program

        yield start
