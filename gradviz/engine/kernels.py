"""Kernels of compiled code that NumPy has not: the same bits as what a rule calls, reached more quickly."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from gradviz.ops import Array, Dtype, Shape

MANY: Final = 2_048
"""From so many numbers on `kept_where` is the quicker way."""
BITS: Final = {np.dtype(f"f{size}"): np.dtype(f"i{size}") for size in (2, 4, 8)}
"""The integers that have as many bits as the floats."""


def spread(number: Any, shape: Shape, dtype: Dtype) -> Array:
    """Return a number as a tensor of a shape, all of it one place in memory: `np.broadcast_to`, without its checks."""
    return np.ndarray(shape, dtype, np.asarray(number), 0, (0,) * len(shape))


def kept_where(mask: Array, x: Array) -> Array:
    """Return `np.where(mask, x, 0.0)` bit for bit, without a branch for each number: its bits times zero or one."""
    if not (mask.flags.c_contiguous and x.flags.c_contiguous):
        return np.where(mask, x, x.dtype.type(0))
    bits: Array = np.multiply(mask, x.view(BITS[x.dtype]))
    return bits.view(x.dtype)
