"""Control: operations that pass values on and decide what becomes of the gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradviz.ops.dtypes import Dtype
from gradviz.ops.families import unary
from gradviz.ops.op import Array, Op, Sample
from gradviz.ops.params import Param
from gradviz.ops.symbolic import recorded

IDENTITY = unary(
    "identity",
    doc="Pass the tensor on as it is, and its gradient back.",
    family="control",
    forward=lambda x: x,
    vjp=lambda g, y, x: g,
    symbol="id",
    aliases=("np.positive", "tf.identity", "torch.clone", "torch.nn.Identity", "Identity", "copy"),
)

STOP_GRADIENT = unary(
    "stop_gradient",
    doc="Pass the tensor on and let no gradient back: None, as in PyTorch and TensorFlow (JAX says 0).",
    family="control",
    forward=lambda x: x,
    vjp=None,
    symbol="stop",
    aliases=("tf.stop_gradient", "torch.Tensor.detach", "jax.lax.stop_gradient"),
)


@recorded
def astype(x: Array, dtype: Any) -> Array:
    """Return a tensor of another dtype; fractions are cut off on the way to integers."""
    return np.asarray(x).astype(dtype)


def _chosen_dtype(_x: Dtype, *, dtype: str) -> Dtype:
    return np.dtype(dtype)


ASTYPE = unary(
    "astype",
    doc="Turn the tensor into another dtype. Between floats the gradient is turned back; to and from integers and "
    "booleans there is none.",
    family="control",
    forward=astype,
    vjp=lambda g, y, x, dtype: astype(g, x.dtype),
    dtype=_chosen_dtype,
    params={"dtype": Param(kind="dtype", doc="the dtype of the result")},
    samples=(
        Sample(((2, 3),), {"dtype": "float64"}),
        Sample(((),), {"dtype": "float64"}),
        Sample(((0, 3),), {"dtype": "float64"}),
        Sample(((2, 3),), {"dtype": "int64"}),
        Sample(((2, 3),), {"dtype": "bool"}),
    ),
    symbol="cast",
    aliases=("np.astype", "tf.cast", "torch.Tensor.to", "torch.Tensor.type", "Cast", "convert"),
)

ZEROS_LIKE = unary(
    "zeros_like",
    doc="Make zeros of the same shape and dtype; they do not depend on the input, which gets no gradient.",
    family="control",
    forward=np.zeros_like,
    vjp=None,
    symbol="0",
    aliases=("np.zeros_like", "tf.zeros_like", "torch.zeros_like", "ConstantOfShape"),
)

OPS: tuple[Op, ...] = (IDENTITY, STOP_GRADIENT, ASTYPE, ZEROS_LIKE)
