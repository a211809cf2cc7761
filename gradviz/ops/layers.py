"""Layers with an input of their own that decides who takes part: dropout with its mask, embedding with its numbers."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from gradviz.errors import ComputeError, ShapeError
from gradviz.ops.dtypes import Dtype, promote_to_float
from gradviz.ops.op import Array, Op, Sample, Shape
from gradviz.ops.params import Param
from gradviz.ops.reduce import as_floats
from gradviz.ops.selecting import segment_sum
from gradviz.ops.shapes import broadcast, show
from gradviz.ops.symbolic import recorded


def _dropout(x: Any, mask: Any, *, p: float) -> Any:
    (values,) = as_floats(x)
    # Who drops out is 0 whatever it was, infinite or NaN.
    return np.where(mask, values / (1 - p), 0.0)


def _dropout_shape(x: Shape, mask: Shape, *, p: float) -> Shape:
    if p >= 1:
        raise ShapeError("p is the share that drops out: below 1, not {p}", p=p)
    if broadcast(x, mask) != x:
        raise ShapeError("a mask of shape {mask} does not broadcast to x of {x}", mask=show(mask), x=show(x))
    return x


def _dropout_dtype(x: Dtype, mask: Dtype, *, p: float) -> Dtype:
    if mask.kind != "b":
        raise ShapeError(
            "the mask must be booleans, true for what stays, not {dtype}: turn it into bool with astype",
            dtype=mask.name,
        )
    return promote_to_float(x)


_DROPPED: Final = ("normal", "boolean")

DROPOUT: Final = Op(
    name="dropout",
    family="layer",
    doc="Drop the numbers where the mask is false, and divide the others by 1 - p, the share that stays, so that sums "
    "keep their size. The mask is an input of its own: every replay drops the same.",
    inputs=("x", "mask"),
    forward=_dropout,
    vjp={"x": lambda g, y, x, mask, p: np.where(mask, g / (1 - p), 0.0), "mask": None},
    shape=_dropout_shape,
    dtype=_dropout_dtype,
    params={"p": Param(kind="number", default=0.5, minimum=0, doc="the share of numbers that drops out, below 1")},
    samples=(
        Sample(((2, 3), (2, 3)), {"p": 0.5}, _DROPPED),
        Sample(((3, 3), (3, 3)), {"p": 0.3}, _DROPPED),
        Sample(((2, 3, 2), (2, 3, 1)), {"p": 0.25}, _DROPPED),
        Sample(((2, 3), (3,)), {"p": 0}, _DROPPED),
        Sample(((), ()), {"p": 0.5}, _DROPPED),
        Sample(((0, 3), (0, 3)), {"p": 0.5}, _DROPPED),
    ),
    symbol="drop",
    aliases=(
        "tf.nn.dropout",
        "tf.keras.layers.Dropout",
        "torch.nn.functional.dropout",
        "torch.nn.Dropout",
        "torch.nn.Dropout2d",
        "Dropout",
    ),
    why_zero={"x": "dropped: the mask {mask} is false"},
)


@recorded
def embedding(table: Array, ids: Array) -> Array:
    """Return the rows of `table` that `ids` name; raises `ComputeError` for one that there is not."""
    outside = ids[(ids < 0) | (ids >= len(table))]
    if outside.size:
        raise ComputeError(
            "there is no row {row} in a table of {count} rows: ids go from 0 to {last}",
            row=int(outside.flat[0]),
            count=len(table),
            last=len(table) - 1,
        )
    return np.asarray(table[ids])


def _embedding_shape(table: Shape, ids: Shape) -> Shape:
    if len(table) != 2:
        raise ShapeError("a table of embeddings has rows and columns, not the shape {table}", table=show(table))
    if table[0] == 0 and 0 not in ids:
        raise ShapeError("a table of {table} has no rows to look up", table=show(table))
    return (*ids, table[1])


def _embedding_dtype(table: Dtype, ids: Dtype) -> Dtype:
    if ids.kind not in "iu":
        raise ShapeError("ids are the numbers of rows: integers, not {dtype}", dtype=ids.name)
    return table


EMBEDDING: Final = Op(
    name="embedding",
    family="layer",
    doc="Look up the rows of a table by their numbers, from 0 on. The gradient has the shape of the table: a row that "
    "is looked up twice gets the sum, one that is not gets 0.",
    inputs=("table", "ids"),
    forward=embedding,
    vjp={
        "table": lambda g, y, table, ids: segment_sum(g, ids, size=table.shape[0], axis=0),
        "ids": None,
    },
    shape=_embedding_shape,
    dtype=_embedding_dtype,
    samples=(
        Sample(((5, 3), (3,)), {}, ("normal", "below 5")),
        Sample(((3, 3), (2, 4)), {}, ("normal", "below 3")),
        Sample(((2, 1), (3,)), {}, ("normal", "below 2")),
        Sample(((4, 2), ()), {}, ("normal", "below 4")),
        Sample(((3, 2), (0,)), {}, ("normal", "below 3")),
    ),
    symbol="emb",
    aliases=(
        "lookup",
        "word vectors",
        "tf.nn.embedding_lookup",
        "tf.keras.layers.Embedding",
        "torch.nn.functional.embedding",
        "torch.nn.Embedding",
    ),
    why_zero={"table": "not looked up"},
)

OPS: tuple[Op, ...] = (DROPOUT, EMBEDDING)
