"""Answers about a computation, worked out once and kept as long as somebody still needs that computation."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from threading import Lock
from typing import Final, TypeVar
from weakref import WeakKeyDictionary

from gradviz.graph.model import Computation

_KEPT: Final = 8
"""How many of the latest computations keep their answers: an undo history must not hold a graph per step."""

Answer = TypeVar("Answer")


def once_per_computation(function: Callable[[Computation], Answer]) -> Callable[[Computation], Answer]:
    """Make a function of a computation answer the same computation with the same object; threads may ask at once."""
    answers: WeakKeyDictionary[Computation, Answer] = WeakKeyDictionary()
    lock = Lock()

    @wraps(function)
    def remembered(computation: Computation) -> Answer:
        with lock:
            if computation in answers:
                return answers[computation]
        answer = function(computation)
        with lock:
            answer = answers.setdefault(computation, answer)
            for oldest in list(answers)[:-_KEPT]:
                del answers[oldest]
        return answer

    return remembered
