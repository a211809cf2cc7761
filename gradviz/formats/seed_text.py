"""A seed as a person writes it on a command line: `[[1, 0], [0, 0]]`, `{"one_hot": [0, 1]}`, or as files have it."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradviz.errors import FormatError
from gradviz.formats.elements import array_of
from gradviz.formats.strict_json import read_json
from gradviz.formats.typed import flatten
from gradviz.formats.values import Allowance, read_one_hot, read_tensor
from gradviz.graph import LIMITS, Seed, Tensor


def read_seed(text: str) -> Seed:
    """Return the seed that a JSON text stands for: None (`null`: ones), a selector, or a tensor.

    Nested lists are float64; a run casts them to the dtype of the target. Raises `FormatError` and `LimitError`.
    """
    value = read_json(text, LIMITS.nesting)
    if value is None:
        return None
    if isinstance(value, dict):
        return _read_table(value)
    shape, items = flatten(value)
    return Tensor(array_of(items, shape, np.dtype(np.float64)))


def _read_table(value: dict[str, Any]) -> Seed:
    if "one_hot" in value:
        return read_one_hot(value["one_hot"])
    if "dtype" in value:
        return read_tensor(value, Allowance(LIMITS))[0]
    raise FormatError("a seed is lists of numbers, {example}, or a tensor as files have it", example='{"one_hot": [0]}')
