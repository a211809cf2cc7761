"""Arrays of a run: shared by frames, tape and pictures, and written by nobody."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

import numpy as np

from gradviz.ops import Array


def frozen(result: Any) -> Array:
    """Return what a rule gave as a read-only array: rank 0 stays an array, a view stays a view."""
    array = np.asarray(result)
    array.flags.writeable = False
    return array


def as_arrays(found: Sequence[Any]) -> list[Array]:
    """Return what compiled code gave as read-only arrays; many floats become parts of one array, which is quicker."""
    if len(found) > 1 and all(type(each) is float for each in found):
        return list(cast("Iterable[Array]", np.nditer(np.array(found))))
    arrays: list[Any] = [np.asarray(each) for each in found]
    for array in arrays:
        array.setflags(False)  # by position: a keyword takes longer than all the rest
    return arrays


def add(total: Array | None, share: Array) -> Array:
    """Return the sum of a total so far, if there is one, and one more contribution, as an array of its own."""
    if total is None:
        return share
    with np.errstate(all="ignore"):
        return frozen(total + share)


def is_zero(array: Array) -> bool:
    """Tell whether an array has elements and all of them are zero; NaN is not."""
    return array.size > 0 and not np.any(array)
