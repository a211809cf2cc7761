"""Kinks, ties, bounds and singular points: values and gradients where frameworks choose, and where NumPy could trip.

Numbers are those of PyTorch, except where the doc of an op says otherwise.
"""

import numpy as np
import pytest

from gradviz.ops import OPS, sum_to_shape

NAN, INF = np.nan, np.inf


@pytest.fixture(autouse=True)
def _without_warnings():
    with np.errstate(all="ignore"):
        yield


def run(name, *inputs, seed=None, kind=np.float64, **params):
    """Return the value and the gradients, broadcasting undone, of an op."""
    op = OPS[name]
    tensors = [np.asarray(x, None if np.asarray(x).dtype == bool else kind) for x in inputs]
    canonical = op.read_params(params)
    y = np.asarray(op.forward(*tensors, **canonical))
    g = np.ones_like(y) if seed is None else np.asarray(seed, y.dtype)
    rules = [op.rule_for(port) for port in op.ports(len(tensors))]
    gradients = [
        None if rule is None else sum_to_shape(np.asarray(rule(g, y, *tensors, **canonical)), x.shape)
        for rule, x in zip(rules, tensors, strict=True)
    ]
    return y, *gradients


CASES = [
    ("relu", [[-1, 0, 2, -0.0]], {}, [0, 0, 2, 0], [[0, 0, 1, 0]]),
    ("relu", [[NAN, INF, -INF]], {}, [NAN, INF, 0], [[0, 1, 0]]),
    ("abs", [[-2, 0, 3]], {}, [2, 0, 3], [[-1, 0, 1]]),
    ("sign", [[-2, 0, 3]], {}, [-1, 0, 1], [[0, 0, 0]]),
    ("maximum", [[1, 5, 3], [1, 2, 3.5]], {}, [1, 5, 3.5], [[0.5, 1, 0], [0.5, 0, 1]]),
    ("minimum", [[1, 5, 3], [1, 2, 3.5]], {}, [1, 2, 3], [[0.5, 0, 1], [0.5, 1, 0]]),
    ("maximum", [[NAN, 1], [1, NAN]], {}, [NAN, NAN], [[1, 1], [1, 1]]),
    ("clip", [[-1, 0, 0.5, 1, 2]], {"min": 0, "max": 1}, [0, 0, 0.5, 1, 1], [[0, 1, 1, 1, 0]]),
    ("clip", [[-1, 0, 2]], {"min": 0}, [0, 0, 2], [[0, 1, 1]]),
    ("clip", [[-1, 0, 2]], {"max": 0}, [-1, 0, 0], [[1, 1, 0]]),
    ("clip", [[-1, NAN]], {}, [-1, NAN], [[1, 1]]),
    ("clip", [[NAN, 0.2]], {"min": 0, "max": 1}, [NAN, 0.2], [[0, 1]]),
    ("clip", [[0, 1, 2]], {"min": 2, "max": 1}, [1, 1, 1], [[0, 0, 0]]),
    ("sqrt", [[0, 4, -1]], {}, [0, 2, NAN], [[INF, 0.25, NAN]]),
    ("log", [[0, -1, 1]], {}, [-INF, NAN, 0], [[INF, -1, 1]]),
    ("divide", [[1, 0], [0, 0]], {}, [INF, NAN], [[INF, INF], [-INF, NAN]]),
    ("exp", [[710, -800]], {}, [INF, 0], [[INF, 0]]),
    ("sigmoid", [[-800, 0, 800]], {}, [0, 0.5, 1], [[0, 0.25, 0]]),
    ("sigmoid", [[NAN, INF, -INF]], {}, [NAN, 1, 0], [[NAN, 0, 0]]),
    ("tanh", [[-800, 0, 800]], {}, [-1, 0, 1], [[0, 1, 0]]),
    ("multiply", [[NAN], [2]], {}, [NAN], [[2], [NAN]]),
    (
        "power",
        [[-2, 0, 2, 0, 0], [3, 2, 0, 0, -1]],
        {},
        [-8, 0, 1, 1, INF],
        [[12, 0, 0, 0, -INF], [NAN, 0, np.log(2), 0, -INF]],
    ),
    ("power", [[-1, 0, 4], 0.5], {}, [NAN, 0, 2], [[NAN, INF, 0.25], NAN]),
    ("power", [[0, -3], 0], {}, [1, 1], [[0, 0], NAN]),
    ("power", [[0, -3], 1], {}, [0, -3], [[1, 1], NAN]),
    ("power", [0, [0, 1, 2]], {}, [1, 0, 0], [1, [0, 0, 0]]),
    ("where", [[True, False], [1, NAN], [NAN, 2]], {}, [1, 2], [None, [1, 0], [0, 1]]),
    ("identity", [[NAN, 1]], {}, [NAN, 1], [[1, 1]]),
    ("stop_gradient", [[NAN, 1]], {}, [NAN, 1], [None]),
    ("greater", [[1, 2, NAN], 1], {}, [False, True, False], [None, None]),
    ("not_equal", [[1, 2, NAN], [1, 1, NAN]], {}, [False, True, True], [None, None]),
    ("max", [[1, 3, 3, 2]], {}, 3, [[0, 0.5, 0.5, 0]]),
    ("max", [[1, NAN]], {}, NAN, [[NAN, NAN]]),
    ("logsumexp", [[-INF, -INF]], {}, -INF, [[NAN, NAN]]),
    ("logsumexp", [[INF, 1]], {}, INF, [[NAN, 0]]),
    ("softmax", [[1000, 1000]], {}, [0.5, 0.5], [[0, 0]]),
    ("softmax", [[-INF, -INF]], {}, [NAN, NAN], [[NAN, NAN]]),
    ("log_softmax", [[1, -INF, 1]], {}, [-np.log(2), -INF, -np.log(2)], [[-0.5, 1, -0.5]]),
    ("mean", [np.zeros((0,))], {}, NAN, [np.zeros((0,))]),
    ("sum", [np.zeros((0, 3))], {}, 0, [np.zeros((0, 3))]),
]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_an_op_keeps_to_its_convention(case, dtype):
    name, inputs, params, value, gradients = case
    y, *found = run(name, *inputs, kind=dtype, **params)
    np.testing.assert_allclose(y, np.asarray(value), rtol=1e-6)
    for gradient, expected in zip(found, gradients, strict=True):
        assert (gradient is None) == (expected is None)
        if expected is not None:
            assert gradient.dtype == dtype
            np.testing.assert_allclose(gradient, np.asarray(expected, dtype), rtol=1e-6)


def test_one_tensor_on_both_sides_of_a_maximum_gets_the_whole_gradient():
    _, a, b = run("maximum", [1.0, -2.0], [1.0, -2.0])
    np.testing.assert_array_equal(a + b, [1, 1])


@pytest.mark.parametrize("name", ["relu", "where", "clip", "maximum"])
def test_an_infinite_gradient_does_not_leak_through_a_closed_gate(name):
    inputs = {
        "relu": [[-1.0]],
        "where": [[False], [1.0], [2.0]],
        "clip": [[-1.0]],
        "maximum": [[1.0], [2.0]],
    }[name]
    params = {"min": 0} if name == "clip" else {}
    _, *gradients = run(name, *inputs, seed=[INF], **params)
    closed = gradients[1] if name == "where" else gradients[0]
    assert closed == 0


def test_a_square_root_times_zero_is_nan_further_back():
    y, gradient = run("sqrt", [0.0], seed=[0.0])
    assert (y, np.isnan(gradient)) == ([0], [True])


def test_integers_to_a_negative_power_are_refused_by_numpy_in_words():
    with pytest.raises(ValueError, match="negative integer powers"):
        run("power", [2], [-1], kind=np.int64)


def test_a_cast_cuts_fractions_off_and_casts_the_gradient_back():
    y, _ = run("astype", [1.9, -1.9], dtype="int64")
    np.testing.assert_array_equal(y, [1, -1])
    y, gradient = run("astype", [1.9, -1.9], dtype="float32")
    assert (y.dtype, gradient.dtype) == (np.float32, np.float64)
