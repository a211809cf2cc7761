"""Functions number by number: domain edges, infinities, ties and steps, and the dtypes of what comes out."""

import numpy as np
import pytest

from gradviz.errors import ShapeError
from gradviz.ops import OPS

NAN, INF = np.nan, np.inf
LN2, PI = np.log(2), np.pi

CASES = [
    ("reciprocal", [[2, -4, 0, -0.0, INF]], [0.5, -0.25, INF, -INF, 0], [[-0.25, -0.0625, -INF, -INF, 0]]),
    ("rsqrt", [[4, 0, -1, INF]], [0.5, INF, NAN, 0], [[-0.0625, -INF, NAN, 0]]),
    ("cbrt", [[8, -8, 0]], [2, -2, 0], [[1 / 12, 1 / 12, INF]]),
    ("exp2", [[3, 0, -2000, 2000]], [8, 1, 0, INF], [[8 * LN2, LN2, 0, INF]]),
    ("expm1", [[1e-20, 0, -INF, 1000]], [1e-20, 0, -1, INF], [[1, 1, 0, INF]]),
    ("log1p", [[1e-20, -1, -2, INF]], [1e-20, -INF, NAN, INF], [[1, INF, -1, 0]]),
    ("log2", [[8, 0, -2]], [3, -INF, NAN], [[1 / (8 * LN2), INF, -1 / (2 * LN2)]]),
    ("log10", [[1000, 0, NAN]], [3, -INF, NAN], [[1 / (1000 * np.log(10)), INF, NAN]]),
    ("asin", [[0, 1, -1, 2]], [0, PI / 2, -PI / 2, NAN], [[1, INF, INF, NAN]]),
    ("acos", [[0, 1, -1, 2]], [PI / 2, 0, PI, NAN], [[-1, -INF, -INF, NAN]]),
    ("atan", [[0, 1, INF, -INF]], [0, PI / 4, PI / 2, -PI / 2], [[1, 0.5, 0, 0]]),
    ("acosh", [[1, 0, INF]], [0, NAN, INF], [[INF, NAN, 0]]),
    ("atanh", [[0, 1, -1, 2]], [0, INF, -INF, NAN], [[1, INF, INF, -1 / 3]]),
    ("asinh", [[0, INF, -INF]], [0, INF, -INF], [[1, 0, 0]]),
    ("cosh", [[0, 1000]], [1, INF], [[0, INF]]),
    ("sinh", [[0, -1000]], [0, -INF], [[1, INF]]),
    ("erf", [[0, INF, -INF, NAN]], [0, 1, -1, NAN], [[2 / np.sqrt(PI), 0, 0, NAN]]),
    ("floor", [[1.5, 2, -0.5, INF, NAN]], [1, 2, -1, INF, NAN], [[0, 0, 0, 0, 0]]),
    ("ceil", [[1.5, 2, -0.5, -INF]], [2, 2, 0, -INF], [[0, 0, 0, 0]]),
    ("round", [[0.5, 1.5, 2.5, -0.5, -1.5]], [0, 2, 2, 0, -2], [[0, 0, 0, 0, 0]]),
    ("trunc", [[1.7, -1.7]], [1, -1], [[0, 0]]),
    ("remainder", [[5.5, -5.5, 4], [2, 2, 2]], [1.5, 0.5, 0], [[1, 1, 1], [-2, 3, -2]]),
    ("remainder", [[5.5, 1, -1], [-2, INF, INF]], [-0.5, 1, INF], [[1, 1, 1], [3, 0, 1]]),
    ("floor_divide", [[5.5, -5.5, 1], [2, 2, 0]], [2, -3, INF], [[0, 0, 0], [0, 0, 0]]),
    (
        "atan2",
        [[1, 1, -1, -1], [1, -1, -1, 1]],
        np.array([1, 3, -3, -1]) * PI / 4,
        [[0.5, -0.5, -0.5, 0.5], [-0.5, -0.5, 0.5, 0.5]],
    ),
    ("atan2", [[0, 0, -0.0], [0, -0.0, -1]], [0, PI, -PI], [[0, 0, -1], [0, 0, 0]]),
    ("hypot", [[3, 0, INF], [4, 0, 1]], [5, 0, INF], [[0.6, NAN, NAN], [0.8, NAN, 0]]),
    (
        "logaddexp",
        [[0, 1000, -INF], [0, 999, 1]],
        [LN2, 1000 + np.log1p(np.exp(-1)), 1],
        [[0.5, 1 / (1 + np.exp(-1)), 0], [0.5, 1 / (1 + np.exp(1)), 1]],
    ),
    ("logaddexp", [[-INF, INF, 800], [-INF, 1, -800]], [-INF, INF, 800], [[NAN, 1, 1], [NAN, 0, 0]]),
    ("add_n", [[1, NAN], [INF, 1], [-INF, 1]], [NAN, NAN], [[1, 1], [1, 1], [1, 1]]),
]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_an_op_keeps_to_its_convention_at_its_edges(bench, case, dtype):
    name, inputs, value, gradients = case
    tensors = [np.array(x, dtype) for x in inputs]
    np.testing.assert_allclose(bench.forward(name, *tensors), np.array(value, dtype), rtol=1e-6)
    for found, expected in zip(bench.gradients(name, 1, *tensors), gradients, strict=True):
        assert found.dtype == dtype
        np.testing.assert_allclose(found, np.array(expected, dtype), rtol=1e-6)


@pytest.mark.parametrize("name", ["floor", "ceil", "round", "trunc"])
def test_rounding_leaves_integers_as_they_are_and_refuses_booleans_in_words(bench, name):
    whole = np.array([2**62 + 1, -3])
    result = bench.forward(name, whole)
    assert result.dtype == np.int64
    np.testing.assert_array_equal(result, whole)
    with pytest.raises(ShapeError, match="turn them into numbers with astype first"):
        bench.dtype(name, "bool")


@pytest.mark.parametrize("name", ["floor", "ceil", "round", "trunc"])
def test_a_step_has_a_gradient_of_zeros_which_is_not_none_even_where_what_arrives_is_infinite(bench, name):
    np.testing.assert_array_equal(bench.gradient(name, INF, [0.5, 2.0]), [0, 0])


@pytest.mark.parametrize(
    ("name", "kind", "result"),
    [
        ("reciprocal", "int64", "float64"),
        ("reciprocal", "bool", "float64"),
        ("rsqrt", "int32", "float64"),
        ("log1p", "int16", "float32"),
        ("erf", "int64", "float64"),
        ("erf", "bool", "float16"),
        ("erf", "float16", "float16"),
        ("asin", "int8", "float16"),
    ],
)
def test_integers_become_floats_where_the_result_is_none(bench, name, kind, result):
    assert bench.forward(name, np.ones((2, 3), kind)).dtype == result


def test_integers_of_several_kinds_become_the_float_that_numpy_makes_of_them(bench):
    for name in ("atan2", "hypot", "logaddexp"):
        assert bench.forward(name, np.int8(1), np.uint8([1, 2])).dtype == np.float16
        assert bench.forward(name, np.int64(1), np.float32([1, 2])).dtype == np.float64


def test_division_with_remainder_gives_back_what_was_divided(bench):
    generator = np.random.default_rng(4)
    a, b = 100 * generator.normal(size=1000), generator.normal(size=1000)
    whole, rest = bench.forward("floor_divide", a, b), bench.forward("remainder", a, b)
    np.testing.assert_allclose(whole * b + rest, a, rtol=1e-12)
    assert np.all(rest * np.sign(b) >= 0)
    np.testing.assert_array_equal(bench.gradients("remainder", 1, a, b)[1], -whole)


def test_integers_have_a_remainder_and_division_by_zero_does_not_fail(bench):
    np.testing.assert_array_equal(bench.forward("remainder", [7, -7, 7], [3, 3, 0]), [1, 2, 0])
    with pytest.raises(ShapeError, match="not with booleans"):
        bench.dtype("remainder", "bool", "bool")


def test_add_n_takes_one_tensor_or_thousands_and_they_broadcast(bench):
    np.testing.assert_array_equal(bench.forward("add_n", [1.0, 2.0]), [1, 2])
    many = [np.full((3,), float(i)) for i in range(3000)]
    np.testing.assert_array_equal(bench.forward("add_n", *many), np.full(3, 3000 * 2999 / 2))
    row, column, number = np.ones(3), np.ones((2, 1)), np.array(1.0)
    gradients = bench.gradients("add_n", np.ones((2, 3)), row, column, number)
    np.testing.assert_array_equal(gradients[0], [2, 2, 2])
    np.testing.assert_array_equal(gradients[1], [[3], [3]])
    np.testing.assert_array_equal(gradients[2], 6)


def test_add_n_promotes_as_its_sums_do_and_empty_tensors_stay_empty(bench):
    tensors = [np.ones(2, kind) for kind in ("int16", "uint16", "float16", "bool", "int8")]
    bench.forward("add_n", *tensors)  # the bench compares the dtype with that of the rule
    assert bench.forward("add_n", np.zeros((0, 3)), np.ones(3), np.ones((1, 3))).shape == (0, 3)


def test_add_n_refuses_shapes_that_do_not_fit_and_names_them(bench):
    with pytest.raises(ShapeError, match=r"cannot broadcast \(2,\) with \(3,\)"):
        bench.shape("add_n", (2,), (2,), (3,))
    with pytest.raises(ShapeError, match="at least one tensor"):
        bench.shape("add_n")


@pytest.mark.parametrize("name", ["logical_and", "logical_or", "logical_xor"])
def test_logic_takes_numbers_as_true_where_they_are_not_zero(bench, name):
    numbers, truths = np.array([0.0, 0.0, -2.0, NAN]), np.array([False, False, True, True])
    other = np.array([True, False, True, False])
    result = bench.forward(name, numbers, other)
    assert result.dtype == bool
    np.testing.assert_array_equal(result, bench.forward(name, truths, other))
    assert bench.gradients(name, 1, numbers, other) == [None, None]


def test_every_function_here_takes_a_number_and_nothing_at_all(bench):
    for name in {case[0] for case in CASES}:
        count = 3 if name == "add_n" else len(OPS[name].inputs)
        assert bench.forward(name, *[np.array(0.5)] * count).shape == ()
        assert bench.forward(name, *[np.zeros((2, 0))] * count).shape == (2, 0)
        for gradient in bench.gradients(name, 1, *[np.zeros((2, 0))] * count):
            assert gradient.shape == (2, 0)
