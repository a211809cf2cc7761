"""Activations: kinks and corners, large inputs on both sides, and the pieces that compositions are made of."""

import numpy as np
import pytest

from gradviz.errors import ShapeError
from gradviz.ops import OPS, symbolic

NAN, INF = np.nan, np.inf
SCALE, ALPHA = 1.0507009873554805, 1.6732632423543772
FLOAT = np.dtype("float64")

CASES = [
    ("leaky_relu", [[-1, 0, 1]], {"alpha": 0.1}, [-0.1, 0, 1], [[0.1, 0.1, 1]]),
    ("leaky_relu", [[NAN, INF, -INF]], {}, [NAN, INF, -INF], [[0.01, 1, 0.01]]),
    ("prelu", [[-2, 0, 3], 0.5], {}, [-1, 0, 3], [[0.5, 0.5, 1], -2]),
    ("elu", [[-1, 0, 1]], {}, [np.expm1(-1), 0, 1], [[np.exp(-1), 1, 1]]),
    ("elu", [[-800, 0, 800]], {"alpha": 0.5}, [-0.5, 0, 800], [[0, 0.5, 1]]),
    ("elu", [[-INF, INF, NAN]], {}, [-1, INF, NAN], [[0, 1, NAN]]),
    ("selu", [[0, 1, -INF]], {}, [0, SCALE, -SCALE * ALPHA], [[SCALE * ALPHA, SCALE, 0]]),
    ("relu6", [[-1, 0, 3, 6, 7]], {}, [0, 0, 3, 6, 6], [[0, 0, 1, 0, 0]]),
    ("relu6", [[NAN, INF, -INF]], {}, [NAN, 6, 0], [[0, 0, 0]]),
    ("hardsigmoid", [[-4, -3, 0, 3, 4]], {}, [0, 0, 0.5, 1, 1], [[0, 0, 1 / 6, 0, 0]]),
    ("hardswish", [[-4, -3, 0, 3, 4]], {}, [0, 0, 0, 3, 4], [[0, 0, 0.5, 1, 1]]),
    ("softplus", [[-800, 0, 800, INF, -INF]], {}, [0, np.log(2), 800, INF, 0], [[0, 0.5, 1, 1, 0]]),
    ("softsign", [[-1, 0, 3]], {}, [-0.5, 0, 0.75], [[0.25, 1, 0.0625]]),
    ("log_sigmoid", [[-800, 0, 800, INF, -INF]], {}, [-800, -np.log(2), 0, 0, -INF], [[1, 0.5, 0, 0, 1]]),
    ("silu", [[-800, 0, 800]], {}, [0, 0, 800], [[0, 0.5, 1]]),
    ("mish", [[-800, 0, 800]], {}, [0, 0, 800], [[0, 0.6, 1]]),
    ("gelu", [[-800, 0, 800]], {}, [0, 0, 800], [[0, 0.5, 1]]),
    ("gelu", [[-800, 0, 800]], {"approximate": "tanh"}, [0, 0, 800], [[0, 0.5, 1]]),
]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_an_activation_keeps_to_its_convention(bench, case, dtype):
    name, inputs, params, value, gradients = case
    tensors = [np.array(x, dtype) for x in inputs]
    np.testing.assert_allclose(bench.forward(name, *tensors, **params), np.array(value, dtype), rtol=1e-6)
    for found, expected in zip(bench.gradients(name, 1, *tensors, **params), gradients, strict=True):
        assert found.dtype == dtype
        np.testing.assert_allclose(found, np.array(expected, dtype), rtol=1e-6)


@pytest.mark.parametrize("x", [-40.0, -100.0])
def test_what_is_small_far_below_zero_is_exact_and_not_rounded_away(bench, x):
    tail = np.exp(x)
    assert bench.forward("softplus", x) == pytest.approx(tail, rel=1e-14, abs=0)
    assert bench.gradient("softplus", 1, x) == pytest.approx(tail, rel=1e-14, abs=0)
    assert bench.forward("log_sigmoid", -x) == pytest.approx(-tail, rel=1e-14, abs=0)
    assert bench.gradient("log_sigmoid", 1, -x) == pytest.approx(tail, rel=1e-14, abs=0)
    assert bench.gradient("elu", 1, x) == pytest.approx(tail, rel=1e-14, abs=0)
    assert bench.forward("silu", x) == pytest.approx(x * tail, rel=1e-14, abs=0)


@pytest.mark.parametrize(
    ("name", "closed"),
    [("relu6", [-1.0, 7.0]), ("hardsigmoid", [-4.0, 4.0]), ("hardswish", [-4.0])],
)
def test_an_infinite_gradient_does_not_leak_through_a_closed_gate(bench, name, closed):
    np.testing.assert_array_equal(bench.gradient(name, INF, closed), np.zeros(len(closed)))


def test_the_slope_of_prelu_gets_nothing_where_it_is_not_used(bench):
    _, slope = bench.gradients("prelu", INF, [1.0, 2.0], [0.1, 0.1])
    np.testing.assert_array_equal(slope, [0, 0])


def test_the_slope_of_prelu_may_be_one_for_each_column_or_row(bench):
    x = np.array([[-1.0, 2.0], [-3.0, -4.0]])
    np.testing.assert_array_equal(bench.forward("prelu", x, [10.0, 100.0]), [[-10, 2], [-30, -400]])
    np.testing.assert_array_equal(bench.forward("prelu", x, [[10.0], [100.0]]), [[-10, 2], [-300, -400]])
    _, slope = bench.gradients("prelu", 1, x, [10.0, 100.0])
    np.testing.assert_array_equal(slope, [-4, -4])


@pytest.mark.parametrize(
    "name",
    ["leaky_relu", "elu", "selu", "hardsigmoid", "hardswish", "softplus", "softsign", "log_sigmoid", "silu", "sigmoid"],
)
def test_integers_and_booleans_become_floats_before_anything_is_done_to_them(bench, name):
    lowest = np.array([-128, 0, 127], np.int8)  # -(-128) is -128 in 8 bits
    result = bench.forward(name, lowest)
    assert result.dtype == np.float64
    np.testing.assert_array_equal(result, bench.forward(name, lowest.astype(np.float64)))
    np.testing.assert_array_equal(bench.forward(name, [True, False]), bench.forward(name, [1.0, 0.0]))


def test_a_whole_alpha_makes_no_integers_of_the_result(bench):
    assert bench.forward("leaky_relu", np.array([1, -1]), alpha=2).dtype == np.float64
    assert bench.forward("elu", np.array([1, -1]), alpha=1).dtype == np.float64


@pytest.mark.parametrize("name", ["relu", "relu6"])
def test_integers_that_are_only_bounded_stay_integers(bench, name):
    result = bench.forward(name, np.array([-7, 3, 9]))
    assert result.dtype == np.int64
    assert result.max() <= 9


@pytest.mark.parametrize(
    ("name", "params", "message"),
    [
        ("leaky_relu", {"alpha": "steep"}, "alpha must be a finite number"),
        ("elu", {"alpha": NAN}, "alpha must be a finite number"),
        ("gelu", {"approximate": "erf"}, "approximate must be"),
    ],
)
def test_a_parameter_that_cannot_be_is_refused_by_name(name, params, message):
    with pytest.raises(ShapeError, match=message):
        OPS[name].read_params(params)


@pytest.mark.parametrize(
    ("name", "params", "pieces"),
    [
        ("silu", {}, {"multiply", "sigmoid"}),
        ("mish", {}, {"multiply", "tanh", "softplus"}),
        ("gelu", {}, {"multiply", "add", "divide", "erf"}),
        ("gelu", {"approximate": "tanh"}, {"multiply", "add", "divide", "tanh", "power"}),
        ("relu6", {}, {"maximum", "minimum"}),
        ("hardswish", {}, {"multiply", "add", "maximum", "minimum", "divide"}),
        ("softplus", {}, {"maximum", "add", "log1p", "exp", "negative", "abs"}),
        ("log_sigmoid", {}, {"minimum", "subtract", "log1p", "exp", "negative", "abs"}),
    ],
)
def test_a_composition_opens_into_the_pieces_that_people_know(name, params, pieces):
    op = OPS[name]
    expression = symbolic.read_forward(op, [(2, 3)], [FLOAT], op.read_params(params))
    assert symbolic.operations(expression) == pieces
