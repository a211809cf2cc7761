"""Attention: every query asks all keys, and gets the values mixed by how well the keys answer.

    y = softmax(q · kᵀ × scale) · v

A mask of booleans keeps what is true; one of numbers is added to the scores. A row whose keys are all masked has no
distribution and gives NaN. Several heads attend side by side, each with its share of the features.

Source: Vaswani et al., Attention Is All You Need, 2017.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt
from typing import Any, Final

import numpy as np

from gradviz.errors import ShapeError
from gradviz.ops.dtypes import Dtype, is_float, promote_to_float
from gradviz.ops.normalise import softmax
from gradviz.ops.op import Array, Op, Sample, Shape
from gradviz.ops.params import Param
from gradviz.ops.reduce import as_floats
from gradviz.ops.shapes import broadcast, refuse_too_large, show
from gradviz.ops.symbolic import recorded


def _scale(q: Any, scale: float | None) -> float:
    return 1 / sqrt(max(1, q.shape[-1])) if scale is None else scale


def _up_to_here(scores: Any) -> Any:
    """Return, for every query, which keys stand at its own place or before."""
    return np.tril(np.zeros_like(scores) == 0)


def _kept(scores: Any, *masks: Any, causal: bool, otherwise: float) -> Any:
    """Return scores with something else in place of those that are masked."""
    if causal:
        scores = np.where(_up_to_here(scores), scores, otherwise)
    if masks and masks[0].dtype.kind == "b":
        scores = np.where(masks[0], scores, otherwise)
    return scores


def _weights(q: Any, k: Any, *masks: Any, causal: bool, scale: float | None) -> Any:
    """Return how much each query takes of each value: rows of probabilities."""
    scores = q @ np.matrix_transpose(k) * _scale(q, scale)
    if masks and is_float(masks[0].dtype):
        scores = scores + masks[0]
    return softmax(_kept(scores, *masks, causal=causal, otherwise=-np.inf), axis=-1)


def _to_scores(g: Any, q: Any, k: Any, v: Any, *masks: Any, causal: bool, scale: float | None) -> Any:
    """Return what goes back to the scores."""
    weights = _weights(q, k, *masks, causal=causal, scale=scale)
    arrived = g @ np.matrix_transpose(v)
    shared = weights * (arrived - np.sum(arrived * weights, axis=-1, keepdims=True))
    return _kept(shared, *masks, causal=causal, otherwise=0.0)


def _attended(q: Any, k: Any, v: Any, *masks: Any, causal: bool, scale: float | None) -> Any:
    q, k, v = as_floats(q, k, v)
    return _weights(q, k, *masks, causal=causal, scale=scale) @ v


def _vjp_q(g: Any, y: Any, q: Any, k: Any, v: Any, *masks: Any, causal: bool, scale: float | None) -> Any:
    q, k, v = as_floats(q, k, v)
    return _to_scores(g, q, k, v, *masks, causal=causal, scale=scale) @ k * _scale(q, scale)


def _vjp_k(g: Any, y: Any, q: Any, k: Any, v: Any, *masks: Any, causal: bool, scale: float | None) -> Any:
    q, k, v = as_floats(q, k, v)
    shared = _to_scores(g, q, k, v, *masks, causal=causal, scale=scale)
    return np.matrix_transpose(shared) @ q * _scale(q, scale)


def _vjp_v(g: Any, y: Any, q: Any, k: Any, v: Any, *masks: Any, causal: bool, scale: float | None) -> Any:
    q, k, _ = as_floats(q, k, v)
    return np.matrix_transpose(_weights(q, k, *masks, causal=causal, scale=scale)) @ g


def _vjp_mask(g: Any, y: Any, *inputs: Any, causal: bool, scale: float | None) -> Any:
    q, k, v = as_floats(*inputs[:3])
    return _to_scores(g, q, k, v, inputs[3], causal=causal, scale=scale)


def _attention_shape(q: Shape, k: Shape, v: Shape, mask: Shape | None = None, **_params: object) -> Shape:
    if min(len(q), len(k), len(v)) < 2:
        raise ShapeError(
            "queries, keys and values are (…, length, features), not {q}, {k} and {v}", q=show(q), k=show(k), v=show(v)
        )
    if q[-1] != k[-1]:
        raise ShapeError(
            "queries {q} and keys {k} must have as many features, the size of their last axis", q=show(q), k=show(k)
        )
    if k[-2] != v[-2]:
        raise ShapeError("there must be one value for each key: keys are {k}, values {v}", k=show(k), v=show(v))
    batch = broadcast(q[:-2], k[:-2], v[:-2])
    scores = (*batch, q[-2], k[-2])
    refuse_too_large(scores)
    if mask is not None and broadcast(mask, scores) != scores:
        raise ShapeError(
            "a mask of shape {mask} does not broadcast to the scores {scores}, (…, queries, keys)",
            mask=show(mask),
            scores=show(scores),
        )
    refuse_too_large((*batch, max(q[-2], k[-2]), max(q[-1], v[-1])))
    return (*batch, q[-2], v[-1])


def _attention_dtype(q: Dtype, k: Dtype, v: Dtype, mask: Dtype | None = None, **_params: object) -> Dtype:
    if mask is None or mask.kind == "b":
        return promote_to_float(q, k, v)
    if not is_float(mask):
        raise ShapeError(
            "a mask is of booleans (true keeps) or of floats (added to the scores), not {dtype}", dtype=mask.name
        )
    return np.result_type(promote_to_float(q, k, v), mask)


# several heads


def _split(x: Any, heads: int) -> Any:
    """Return (…, length, features) as (…, head, length, features of a head)."""
    apart = np.reshape(x, (*x.shape[:-1], heads, x.shape[-1] // heads))
    return np.swapaxes(apart, -3, -2)


def _joined(x: Any) -> Any:
    """Do the inverse of `_split`."""
    together = np.swapaxes(x, -3, -2)
    return np.reshape(together, (*together.shape[:-2], together.shape[-2] * together.shape[-1]))


def _for_heads(*masks: Any) -> tuple[Any, ...]:
    """Return masks that batches have of their own so that they serve all heads."""
    return tuple(np.expand_dims(mask, -3) if mask.ndim > 2 else mask for mask in masks)


@recorded
def scaled_dot_product_attention(
    q: Array, k: Array, v: Array, mask: Array | None = None, *, causal: bool = False, scale: float | None = None
) -> Array:
    """Return what queries take of values, for rules that use it as a whole."""
    masks = () if mask is None else (mask,)
    return np.asarray(_attended(q, k, v, *masks, causal=causal, scale=scale))


def _heads(q: Any, k: Any, v: Any, *masks: Any, heads: int, **params: Any) -> Any:
    split = (_split(x, heads) for x in (q, k, v))
    return _joined(scaled_dot_product_attention(*split, *_for_heads(*masks), **params))


def _heads_vjp_q(g: Any, y: Any, *inputs: Any, heads: int, **params: Any) -> Any:
    return _joined(_vjp_q(_split(g, heads), None, *_inputs_of_heads(inputs, heads), **params))


def _heads_vjp_k(g: Any, y: Any, *inputs: Any, heads: int, **params: Any) -> Any:
    return _joined(_vjp_k(_split(g, heads), None, *_inputs_of_heads(inputs, heads), **params))


def _heads_vjp_v(g: Any, y: Any, *inputs: Any, heads: int, **params: Any) -> Any:
    return _joined(_vjp_v(_split(g, heads), None, *_inputs_of_heads(inputs, heads), **params))


def _heads_vjp_mask(g: Any, y: Any, *inputs: Any, heads: int, **params: Any) -> Any:
    found = _vjp_mask(_split(g, heads), None, *_inputs_of_heads(inputs, heads), **params)
    return np.sum(found, axis=-3) if inputs[3].ndim > 2 else found


def _inputs_of_heads(inputs: tuple[Any, ...], heads: int) -> tuple[Any, ...]:
    q, k, v, *masks = inputs
    return (*(_split(x, heads) for x in (q, k, v)), *_for_heads(*masks))


def _heads_shape(q: Shape, k: Shape, v: Shape, mask: Shape | None = None, *, heads: int, **params: Any) -> Shape:
    y = _attention_shape(q, k, v, mask, **params)
    for name, size in (("queries and keys", q[-1]), ("values", v[-1])):
        if size % heads:
            raise ShapeError(
                "{size} features of the {name} do not split into {heads} heads: make them a multiple",
                size=size,
                name=name,
                heads=heads,
            )
    refuse_too_large((*y[:-2], heads, q[-2], k[-2]))
    return y


_PARAMS: Final[Mapping[str, Param]] = {
    "causal": Param(kind="flag", default=False, doc="a query asks only the keys at its own place and before"),
    "scale": Param(
        kind="number", default=None, optional=True, doc="factor of the scores; none means 1 / √features of a query"
    ),
}
_PLAIN: Final[Mapping[str, Any]] = {"causal": False, "scale": None}
_MASKED: Final = (*("normal",) * 3, "boolean")
"""How masked samples are drawn; they have so many keys that some of them stay."""
_TWO: Final = {"heads": 2, **_PLAIN}

SCALED_DOT_PRODUCT_ATTENTION: Final = Op(
    name="scaled_dot_product_attention",
    family="layer",
    doc="Mix values by how well their keys answer each query: softmax(q·kᵀ × scale)·v. A boolean mask keeps what is "
    "true, a mask of numbers is added to the scores; a row that is masked entirely gives NaN.",
    inputs=("q", "k", "v", "mask"),
    optional=1,
    forward=_attended,
    vjp={"q": _vjp_q, "k": _vjp_k, "v": _vjp_v, "mask": _vjp_mask},
    shape=_attention_shape,
    dtype=_attention_dtype,
    params=_PARAMS,
    samples=(
        Sample(((3, 2), (3, 2), (3, 2)), _PLAIN),
        Sample(((2, 3), (4, 3), (4, 2)), {"causal": True, "scale": 0.5}),
        Sample(((3, 3), (3, 3), (3, 3)), {"causal": True, "scale": None}),
        Sample(((1, 2, 2, 3), (1, 2, 4, 3), (1, 2, 4, 2), (2, 4)), _PLAIN),
        Sample(((2, 2, 3), (4, 3), (2, 4, 2), (2, 1, 4)), {"causal": False, "scale": 2.0}),
        Sample(((2, 2), (12, 2), (12, 2), (2, 12)), _PLAIN, _MASKED),
        Sample(((1, 2), (1, 2), (1, 2)), _PLAIN),
        Sample(((0, 2), (3, 2), (3, 2)), _PLAIN),
        Sample(((2, 2), (0, 2), (0, 2)), _PLAIN),
    ),
    symbol="attn",
    aliases=(
        "attention",
        "tf.keras.layers.Attention",
        "torch.nn.functional.scaled_dot_product_attention",
        "sdpa",
        "self_attention",
        "jax.nn.dot_product_attention",
        "Attention",
    ),
    why_zero={"mask": "where a key has no weight, or all values are alike, the score makes no difference"},
)

MULTI_HEAD_ATTENTION: Final = Op(
    name="multi_head_attention",
    family="layer",
    doc="Split the features into heads that attend side by side, and put what they bring next to each other again. The "
    "projections in front and behind are linear nodes of their own.",
    inputs=("q", "k", "v", "mask"),
    optional=1,
    forward=_heads,
    vjp={"q": _heads_vjp_q, "k": _heads_vjp_k, "v": _heads_vjp_v, "mask": _heads_vjp_mask},
    shape=_heads_shape,
    dtype=_attention_dtype,
    params={"heads": Param(kind="integer", minimum=1, doc="how many heads the features are split into"), **_PARAMS},
    samples=(
        Sample(((3, 4), (3, 4), (3, 4)), _TWO),
        Sample(((2, 2, 4), (2, 3, 4), (2, 3, 2)), {**_TWO, "scale": 0.5}),
        Sample(((3, 4), (3, 4), (3, 4)), {**_TWO, "causal": True}),
        Sample(((2, 2, 2), (2, 12, 2), (2, 12, 2), (2, 12)), _TWO, _MASKED),
        Sample(((2, 2, 4), (2, 2, 4), (2, 2, 4), (2, 2, 2)), _TWO),
        Sample(((2, 4), (2, 4), (2, 4), (2, 2)), {**_TWO, "heads": 4}),
        Sample(((0, 4), (3, 4), (3, 4)), _TWO),
    ),
    symbol="MHA",
    aliases=("tf.keras.layers.MultiHeadAttention", "torch.nn.MultiheadAttention", "MultiHeadAttention"),
    why_zero={"mask": "where a key has no weight, or all values are alike, the score makes no difference"},
)

OPS: tuple[Op, ...] = (SCALED_DOT_PRODUCT_ATTENTION, MULTI_HEAD_ATTENTION)
