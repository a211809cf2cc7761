"""Variance, standard deviation, norms: singular points, corrections, orders, empties."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from gradviz.engine import differentiate, run
from gradviz.errors import ShapeError
from gradviz.graph import Leaf, Node, Tensor, build
from gradviz.ops import OPS

INF = np.inf
X = np.array([[3.0, -4.0, 0.0], [1.0, 2.0, -2.0]])


@pytest.mark.parametrize("axis", [None, 0, -1, [0, 1]])
@pytest.mark.parametrize("correction", [0, 1, 0.5])
def test_spread_is_that_of_numpy(bench, axis, correction):
    numpy_axis = tuple(axis) if isinstance(axis, list) else axis
    for name in ("var", "std"):
        expected = getattr(np, name)(X, axis=numpy_axis, ddof=correction)
        assert_allclose(bench.forward(name, X, axis=axis, correction=correction), expected)


def test_numbers_that_are_equal_have_no_spread_and_no_gradient(bench):
    same = np.full((2, 3), 1.5)
    assert_array_equal(bench.forward("std", same, axis=1), [0, 0])
    for name in ("var", "std"):
        assert_array_equal(bench.gradient(name, 1.0, same, axis=1), np.zeros((2, 3)))
    assert_array_equal(bench.gradient("std", INF, same, axis=1), np.zeros((2, 3)))


def second_order(op, x, **params):
    document = build({"x": Leaf("variable", Tensor(x)), "y": Node(op, OPS[op].read_params(params))}, {("y", "x"): "x"})
    return run(differentiate(document, "x")).gradients["x"]


@pytest.mark.parametrize(("op", "params"), [("std", {}), ("vector_norm", {}), ("vector_norm", {"ord": 1.5})])
def test_the_second_order_at_a_singular_point_is_a_number(op, params):
    assert_array_equal(second_order(op, np.zeros(3), **params), np.zeros(3))


@pytest.mark.parametrize("correction", [3, 4.5])
def test_a_correction_that_leaves_nothing_to_divide_by_tells_so(bench, correction):
    assert np.isinf(bench.forward("var", np.array([1.0, 2.0, 3.0]), correction=correction))
    assert np.isnan(bench.forward("var", np.array([1.0, 1.0, 1.0]), correction=correction))
    assert np.isnan(bench.forward("std", np.array([1.0]), correction=1))


def test_the_spread_of_nothing_is_nan_and_of_one_number_zero(bench):
    for name in ("var", "std"):
        assert np.isnan(bench.forward(name, np.zeros(0)))
        assert bench.forward(name, np.array(7.0)) == 0
        assert bench.gradient(name, 1.0, np.zeros((2, 0)), axis=1).shape == (2, 0)
        assert bench.gradient(name, 1.0, np.array(7.0)) == 0


def test_the_spread_of_integers_and_booleans_is_a_float(bench):
    assert_allclose(bench.forward("var", np.array([100, -100], np.int8)), 10_000)
    assert_allclose(bench.forward("std", np.array([True, False])), 0.5)


@pytest.mark.parametrize("axis", [None, 0, 1])
@pytest.mark.parametrize("order", [0, 1, 2, 3, 0.5, 2.5, INF, -INF])
def test_norms_are_those_of_numpy(bench, axis, order):
    expected = np.linalg.vector_norm(X, axis=axis, ord=order)
    assert_allclose(bench.forward("vector_norm", X, axis=axis, ord=order), expected)


@pytest.mark.parametrize("order", [0, 0.5, 1, 1.5, 2, 3, INF])
def test_the_norm_of_zeros_has_gradient_zero(bench, order):
    assert_array_equal(bench.gradient("vector_norm", 1.0, np.zeros((2, 3)), axis=1, ord=order), np.zeros((2, 3)))


@pytest.mark.parametrize("order", [-1, -INF])
def test_one_zero_makes_a_norm_of_negative_order_zero(bench, order):
    assert bench.forward("vector_norm", np.array([0.0, 2.0]), ord=order) == 0
    assert_array_equal(bench.gradient("vector_norm", 1.0, np.array([0.0, 2.0]), ord=order), [0, 0])


def test_a_zero_among_numbers_gets_nothing(bench):
    for order in (0.5, 1, 1.5, 2, 3):
        gradient = bench.gradient("vector_norm", 1.0, np.array([3.0, 0.0, -4.0]), ord=order)
        assert gradient[1] == 0
        assert np.all(np.sign(gradient) == [1, 0, -1])


def test_the_largest_numbers_that_tie_share_the_gradient(bench):
    x = np.array([3.0, -3.0, 1.0])
    assert_array_equal(bench.gradient("vector_norm", 6.0, x, ord="inf"), [3, -3, 0])
    assert_array_equal(bench.gradient("vector_norm", 6.0, np.array([1.0, -1.0, 1.0]), ord="-inf"), [2, -2, 2])


def test_a_nan_makes_the_norm_nan(bench):
    for order in (1, 2, 3, INF, -INF):
        assert np.isnan(bench.forward("vector_norm", np.array([1.0, np.nan]), ord=order))


def test_the_norm_of_nothing_is_zero_but_nothing_is_the_largest_of_nothing(bench):
    for order in (0, 1, 2, 3):
        assert bench.forward("vector_norm", np.zeros(0), ord=order) == 0
    for order in ("inf", "-inf"):
        with pytest.raises(ShapeError, match="no number stands along axes"):
            bench.shape("vector_norm", (0, 3), axis=0, ord=order)
    assert bench.shape("vector_norm", (0, 3), axis=1, ord="inf") == (0,)


def test_the_norm_of_integers_is_a_float(bench):
    assert_allclose(bench.forward("vector_norm", np.array([3, -4])), 5)
    assert_allclose(bench.forward("vector_norm", np.array([True, True]), ord=1), 2)


def test_an_order_is_a_number_or_an_infinity(bench):
    for order in ("nan", "2", None, "fro"):
        with pytest.raises(ShapeError, match="the parameter ord must be a number"):
            bench.shape("vector_norm", (2,), ord=order)
