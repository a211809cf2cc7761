"""Products: exact next to zeros, at the first and at the second order, along every kind of axes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.testing import assert_allclose, assert_array_equal

from gradviz.engine import differentiate, run
from gradviz.errors import ShapeError
from gradviz.graph import Leaf, Node, Tensor, build
from gradviz.ops import OPS

WITH_ZEROS = st.sampled_from([0.0, -0.0, 1.0, -2.0, 0.5, 3.0])


def product_without(x, places):
    """Return the product of all numbers but those at the places, multiplied one by one."""
    return np.prod([value for place, value in enumerate(np.ravel(x)) if place not in places])


@given(arrays.arrays(np.float64, arrays.array_shapes(min_dims=0, max_dims=3, max_side=3), elements=WITH_ZEROS))
def test_every_factor_gets_the_product_of_all_others(bench, x):
    expected = [product_without(x, {place}) for place in range(x.size)]
    assert_array_equal(np.ravel(bench.gradient("prod", 1.0, x)), expected)


@given(
    arrays.arrays(np.float64, (2, 3, 2), elements=WITH_ZEROS),
    st.lists(st.integers(0, 2), unique=True),
    st.booleans(),
)
def test_several_axes_are_multiplied_as_one(bench, x, axes, keepdims):
    assert_array_equal(
        bench.forward("prod", x, axis=axes, keepdims=keepdims), np.prod(x, tuple(axes), keepdims=keepdims)
    )
    moved = np.moveaxis(x, axes, range(len(axes)))
    rows = moved.reshape(-1, *moved.shape[len(axes) :])
    expected = np.stack([np.prod(np.delete(rows, i, axis=0), axis=0) for i in range(len(rows))])
    back = np.moveaxis(expected.reshape(moved.shape), range(len(axes)), axes)
    assert_array_equal(bench.gradient("prod", 1.0, x, axis=axes, keepdims=keepdims), back)


@pytest.mark.parametrize("x", [[2.0, 0.0, 3.0], [2.0, 0.0, 0.0, 5.0], [0.0, 0.0, 0.0], [1.0, 2.0, 3.0]])
def test_the_second_order_is_exact_next_to_zeros(x):
    x = np.array(x)
    hessian = []
    for place in range(x.size):
        document = build(
            {"x": Leaf("variable", Tensor(x)), "y": Node("prod", OPS["prod"].read_params({}))}, {("y", "x"): "x"}
        )
        seed = np.eye(x.size)[place]
        hessian.append(run(differentiate(document, "x"), {"d_y_d_x": seed}).gradients["x"])
    places = range(x.size)
    expected = [[0 if i == j else product_without(x, {i, j}) for j in places] for i in places]
    assert_array_equal(hessian, expected)


def test_the_product_of_nothing_is_one(bench):
    assert bench.forward("prod", np.zeros(0)) == 1
    assert_array_equal(bench.forward("prod", np.zeros((0, 3)), axis=0), np.ones(3))
    assert bench.gradient("prod", 1.0, np.zeros((0, 3))).shape == (0, 3)
    assert bench.gradient("prod", 1.0, np.zeros((0, 3)), axis=0).shape == (0, 3)


def test_a_number_alone_has_no_others(bench):
    assert bench.gradient("prod", 5.0, np.array(0.0)) == 5
    assert_array_equal(bench.forward("product_of_others", np.array([[0.0], [3.0]]), axis=1), [[1], [1]])
    assert_array_equal(bench.forward("product_of_others", np.array([4.0, 5.0]), axis=[]), [1, 1])


def test_nan_and_infinity_stay_where_they_belong(bench):
    assert_array_equal(bench.gradient("prod", 1.0, np.array([np.nan, 2.0, 3.0])), [6, np.nan, np.nan])
    assert_array_equal(bench.gradient("prod", 1.0, np.array([np.inf, 2.0, 3.0])), [6, np.inf, np.inf])
    assert_array_equal(bench.gradient("prod", 1.0, np.array([np.inf, 0.0])), [0, np.inf])


def test_products_of_small_integers_and_booleans_do_not_overflow(bench):
    assert bench.forward("prod", np.array([100, 100], np.int8)) == 10_000
    assert bench.forward("prod", np.array([100, 100, 100], np.uint8)).dtype == np.uint64
    assert bench.forward("prod", np.array([True, True])) == 1
    assert_array_equal(bench.forward("product_of_others", np.array([50, 60], np.uint8)), [60, 50])
    assert_array_equal(bench.forward("product_of_others", np.array(True)), 1)


def test_float32_stays_float32(bench):
    x = np.array([[2.0, 0.0], [3.0, 4.0]], np.float32)
    gradient = bench.gradient("prod", 1.0, x)
    assert gradient.dtype == np.float32
    assert_allclose(gradient, [[0, 24], [0, 0]])


@pytest.mark.parametrize("name", ["prod", "product_of_others"])
def test_an_axis_that_is_not_there_is_refused(bench, name):
    with pytest.raises(ShapeError, match="no axis 2"):
        bench.shape(name, (2, 3), axis=2)
    with pytest.raises(ShapeError, match="name one axis twice"):
        bench.shape(name, (2, 3), axis=[0, -2])
