"""Standardising parts of each sample: groups of channels, or every channel by itself."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any, Final

import numpy as np

from gradviz.errors import ShapeError
from gradviz.ops.dtypes import promote_to_float
from gradviz.ops.op import Op, Sample, Shape
from gradviz.ops.params import Param
from gradviz.ops.reduce import as_floats
from gradviz.ops.shapes import show
from gradviz.ops.standardise import EPS, along, others, refuse_others, standardised, standardised_vjp


def _in_groups(x: Any, groups: int) -> Any:
    """Return (batch, channels, …) as (batch, group, number)."""
    return np.reshape(x, (x.shape[0], groups, x.shape[1] // groups * prod(x.shape[2:])))


def _grouped(x: Any, groups: int, eps: float) -> Any:
    return np.reshape(standardised(_in_groups(x, groups), (2,), eps), x.shape)


def _group_norm(x: Any, gamma: Any, beta: Any, *, groups: int, eps: float) -> Any:
    x, gamma, beta = as_floats(x, gamma, beta)
    return _grouped(x, groups, eps) * along(gamma, x, 1) + along(beta, x, 1)


def _group_norm_vjp_x(g: Any, y: Any, x: Any, gamma: Any, beta: Any, *, groups: int, eps: float) -> Any:
    x, gamma, _ = as_floats(x, gamma, beta)
    d = _in_groups(g * along(gamma, x, 1), groups)
    return np.reshape(standardised_vjp(d, _in_groups(x, groups), (2,), eps), x.shape)


def _group_norm_vjp_gamma(g: Any, y: Any, x: Any, gamma: Any, beta: Any, *, groups: int, eps: float) -> Any:
    x, _, _ = as_floats(x, gamma, beta)
    return np.sum(g * _grouped(x, groups, eps), axis=others(x, 1))


def _beta_vjp(g: Any, y: Any, x: Any, gamma: Any, beta: Any, **_params: object) -> Any:
    return np.sum(g, axis=others(x, 1))


def _group_norm_shape(x: Shape, gamma: Shape, beta: Shape, *, groups: int, eps: float) -> Shape:
    if len(x) < 2:
        raise ShapeError("group_norm needs x (batch, channels, …), not {x}", x=show(x))
    if x[1] % groups:
        raise ShapeError(
            "{count} channels do not split into {groups} groups: make them a multiple", count=x[1], groups=groups
        )
    refuse_others(x, 1, gamma=gamma, beta=beta)
    return x


def _places(x: Any) -> tuple[int, ...]:
    """Return the axes after the channels."""
    return tuple(range(2, x.ndim))


def _instance_norm(x: Any, gamma: Any, beta: Any, *, eps: float) -> Any:
    x, gamma, beta = as_floats(x, gamma, beta)
    return standardised(x, _places(x), eps) * along(gamma, x, 1) + along(beta, x, 1)


def _instance_norm_vjp_x(g: Any, y: Any, x: Any, gamma: Any, beta: Any, *, eps: float) -> Any:
    x, gamma, _ = as_floats(x, gamma, beta)
    return standardised_vjp(g * along(gamma, x, 1), x, _places(x), eps)


def _instance_norm_vjp_gamma(g: Any, y: Any, x: Any, gamma: Any, beta: Any, *, eps: float) -> Any:
    x, _, _ = as_floats(x, gamma, beta)
    return np.sum(g * standardised(x, _places(x), eps), axis=others(x, 1))


def _instance_norm_shape(x: Shape, gamma: Shape, beta: Shape, *, eps: float) -> Shape:
    if len(x) < 3:
        raise ShapeError("instance_norm needs x (batch, channels, and at least one axis of places), not {x}", x=show(x))
    refuse_others(x, 1, gamma=gamma, beta=beta)
    return x


_GROUPS: Final[Mapping[str, Param]] = {
    "groups": Param(kind="integer", minimum=1, doc="how many groups the channels are split into"),
    "eps": EPS,
}

GROUP_NORM: Final = Op(
    name="group_norm",
    family="normalisation",
    doc="Standardise groups of channels of each sample (batch, channels, …), then scale and shift every channel.",
    inputs=("x", "gamma", "beta"),
    forward=_group_norm,
    vjp={"x": _group_norm_vjp_x, "gamma": _group_norm_vjp_gamma, "beta": _beta_vjp},
    shape=_group_norm_shape,
    dtype=promote_to_float,
    params=_GROUPS,
    samples=(
        Sample(((2, 4, 2, 2), (4,), (4,)), {"groups": 2, "eps": 1e-5}),
        Sample(((3, 4), (4,), (4,)), {"groups": 2, "eps": 0.1}),
        Sample(((3, 3, 3), (3,), (3,)), {"groups": 3, "eps": 1e-3}),
        Sample(((2, 3), (3,), (3,)), {"groups": 1, "eps": 1e-5}),
        Sample(((0, 2, 3), (2,), (2,)), {"groups": 2, "eps": 1e-5}),
    ),
    symbol="GN",
    aliases=(
        "torch.nn.functional.group_norm",
        "torch.nn.GroupNorm",
        "tf.keras.layers.GroupNormalization",
        "GroupNormalization",
    ),
    why_zero={"x": "a common shift of the group makes no difference to what is standardised"},
)

INSTANCE_NORM: Final = Op(
    name="instance_norm",
    family="normalisation",
    doc="Standardise every channel of each sample (batch, channels, places…) by itself, then scale and shift.",
    inputs=("x", "gamma", "beta"),
    forward=_instance_norm,
    vjp={"x": _instance_norm_vjp_x, "gamma": _instance_norm_vjp_gamma, "beta": _beta_vjp},
    shape=_instance_norm_shape,
    dtype=promote_to_float,
    params={"eps": EPS},
    samples=(
        Sample(((2, 3, 2, 2), (3,), (3,)), {"eps": 1e-5}),
        Sample(((3, 3, 3), (3,), (3,)), {"eps": 0.1}),
        Sample(((2, 1, 4), (1,), (1,)), {"eps": 1e-3}),
        Sample(((0, 2, 3), (2,), (2,)), {"eps": 1e-5}),
    ),
    symbol="IN",
    aliases=(
        "torch.nn.functional.instance_norm",
        "torch.nn.InstanceNorm2d",
        "InstanceNormalization",
    ),
    why_zero={"x": "a common shift of the channel makes no difference to what is standardised"},
)

OPS: tuple[Op, ...] = (GROUP_NORM, INSTANCE_NORM)
