"""Far from zero no activation overflows: neither its value, nor its gradient, nor the gradient of its gradient."""

import numpy as np
import pytest

from gradviz.engine import differentiate, run
from gradviz.graph import Leaf, Node, Tensor, build
from gradviz.ops import OPS

FAR = [-800.0, -100.0, 100.0, 800.0]
UNARY = [
    "sigmoid",
    "tanh",
    "softplus",
    "log_sigmoid",
    "silu",
    "mish",
    "elu",
    "selu",
    "leaky_relu",
    "relu6",
    "hardswish",
]


def swept_twice(op, params, *inputs):
    """Return the gradients, and those of their sum, of an op on variables `x0`, `x1`."""
    names = [f"x{i}" for i in range(len(inputs))]
    leaves = {name: Leaf("variable", Tensor(x)) for name, x in zip(names, inputs, strict=True)}
    wires = {("y", port): name for port, name in zip(OPS[op].inputs, names, strict=True)}
    document = build({**leaves, "y": Node(op, OPS[op].read_params(params))}, wires, {"y": None})
    first = differentiate(document, names)
    second = run(first, strict=True).gradients
    return [run(first, strict=True).values[f"d_y_d_{name}"] for name in names], [second.get(name) for name in names]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    ("name", "params"),
    [*((name, {}) for name in UNARY), ("gelu", {}), ("gelu", {"approximate": "tanh"}), ("elu", {"alpha": 0.5})],
)
def test_the_curve_of_an_activation_is_straight_far_from_zero(name, params, dtype):
    (first,), (second,) = swept_twice(name, params, np.array(FAR, dtype))
    assert np.all(np.isfinite(first))
    assert first.dtype == dtype
    if second is not None:
        assert second.dtype == dtype
        np.testing.assert_allclose(second, np.zeros(4), atol=1e-30)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_logaddexp_takes_sides_far_from_zero(dtype):
    a, b = np.array([800, -800, 800, -800], dtype), np.array([-800, 800, 800, -800], dtype)
    first, second = swept_twice("logaddexp", {}, a, b)
    np.testing.assert_array_equal(first, [[1, 0, 0.5, 0.5], [0, 1, 0.5, 0.5]])
    np.testing.assert_array_equal(second, np.zeros((2, 4)))  # both gradients add up to 1, whatever the inputs


@pytest.mark.parametrize("name", ["silu", "gelu", "mish", "softplus", "sigmoid", "tanh", "elu", "relu6"])
def test_zero_has_a_gradient_of_every_order(name):
    (first,), (second,) = swept_twice(name, {}, np.array([0.0, -0.0]))
    assert np.all(np.isfinite(first))
    assert second is None or np.all(np.isfinite(second))
