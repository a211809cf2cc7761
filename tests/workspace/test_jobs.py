import gc
import threading
import time

import pytest

from gradviz.errors import FormatError, GradvizError, LimitError
from gradviz.workspace import Jobs


@pytest.fixture
def jobs(qtbot):
    jobs = Jobs()
    yield jobs
    jobs.close()


class Gate:
    """Work that waits until it is let through, and says whether it was wanted to the end."""

    def __init__(self):
        self.begun, self.open = threading.Event(), threading.Event()

    def __call__(self, answer, cancelled):
        self.begun.set()
        assert self.open.wait(20)
        return answer, cancelled()


@pytest.fixture
def gate():
    gate = Gate()
    yield gate
    gate.open.set()


def start(jobs, key, function, *args):
    """Start a job and return the lists in which its outcome and its error will stand."""
    outcomes, errors = [], []
    jobs.run(key, function, *args, done=outcomes.append, failed=errors.append)
    return outcomes, errors


def test_the_outcome_comes_back_on_the_thread_of_the_interface(jobs, qtbot):
    outcomes = []

    def take(worker):
        outcomes.append((worker, threading.get_ident()))

    jobs.run("key", lambda cancelled: threading.get_ident(), done=take, failed=pytest.fail)
    qtbot.waitUntil(lambda: bool(outcomes))
    [(worker, interface)] = outcomes
    assert interface == threading.get_ident() != worker


def test_a_newer_job_voids_the_older_one_of_its_key(jobs, gate, qtbot):
    older, _ = start(jobs, "key", gate, "older")
    qtbot.waitUntil(gate.begun.is_set)
    newer, _ = start(jobs, "key", gate, "newer")
    other, _ = start(jobs, "other", gate, "other")
    gate.open.set()
    qtbot.waitUntil(lambda: bool(newer and other))
    assert older == []
    assert newer == [("newer", False)]


def test_a_voided_job_is_told_so_while_it_runs(jobs, qtbot):
    seen = []
    begun = threading.Event()

    def work(cancelled):
        begun.set()
        while not cancelled():
            pass
        seen.append("cancelled")

    outcomes, _ = start(jobs, "key", work)
    qtbot.waitUntil(begun.is_set)
    jobs.cancel("key")
    assert not jobs.is_busy
    qtbot.waitUntil(lambda: seen == ["cancelled"])
    assert outcomes == []


def test_a_job_that_was_voided_before_its_turn_never_runs(jobs, gate, qtbot):
    start(jobs, "gate", gate, "first")
    started = []
    start(jobs, "key", lambda cancelled: started.append("voided"))
    jobs.cancel("key")
    last, _ = start(jobs, "last", lambda cancelled: "last")
    gate.open.set()
    qtbot.waitUntil(lambda: bool(last))
    assert started == []


def test_a_refusal_comes_back_as_the_error(jobs, qtbot):
    def refuse(cancelled):
        raise FormatError("no {what}", what="file")

    outcomes, errors = start(jobs, "key", refuse)
    qtbot.waitUntil(lambda: bool(errors))
    assert str(errors[0]) == "no file"
    assert outcomes == []
    assert not jobs.is_busy


def test_a_lack_of_memory_is_a_sentence(jobs, qtbot):
    def exhaust(cancelled):
        raise MemoryError

    _, errors = start(jobs, "key", exhaust)
    qtbot.waitUntil(lambda: bool(errors))
    assert isinstance(errors[0], LimitError)


def test_even_a_fault_of_the_program_ends_the_waiting(jobs, qtbot):
    def break_down(cancelled):
        return {}["nothing"]

    with qtbot.captureExceptions() as faults:
        _, errors = start(jobs, "key", break_down)
        qtbot.waitUntil(lambda: bool(errors))
    assert [kind for kind, _, _ in faults] == [KeyError]
    assert type(errors[0]) is GradvizError
    assert not jobs.is_busy


def test_jobs_say_when_nothing_is_left_to_do(jobs, qtbot):
    with qtbot.waitSignal(jobs.idle):
        start(jobs, "key", lambda cancelled: None)


def test_closing_waits_for_the_worker_and_drops_what_comes_of_it(jobs, gate, qtbot):
    outcomes, errors = start(jobs, "key", lambda cancelled: [cancelled() for _ in iter(cancelled, True)])
    jobs.close()
    qtbot.wait(20)
    assert (outcomes, errors) == ([], [])


def test_after_closing_nothing_begins(jobs, qtbot):
    jobs.close()
    outcomes, _ = start(jobs, "key", lambda cancelled: 1)
    qtbot.wait(20)
    assert outcomes == []
    assert not jobs.is_busy


def test_jobs_that_are_dropped_while_they_run_end_without_a_word(qtbot, capfd):
    jobs, begun, ended = Jobs(), threading.Event(), threading.Event()

    def work(cancelled):
        begun.set()
        time.sleep(0.05)
        ended.set()

    outcomes, _ = start(jobs, "key", work)
    assert begun.wait(20)
    del jobs
    gc.collect()
    assert ended.is_set()
    qtbot.wait(20)
    assert outcomes == []
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("fails", [False, True])
def test_garbage_is_not_swept_up_while_the_worker_works_and_is_afterwards(jobs, qtbot, fails):
    seen = []

    def work(cancelled):
        seen.append(gc.isenabled())
        if fails:
            raise FormatError("no")

    outcomes, errors = start(jobs, "key", work)
    qtbot.waitUntil(lambda: bool(outcomes or errors))
    assert seen == [False]
    assert gc.isenabled()
