"""Shapes are known before anything is computed, and what does not fit is told with its shapes."""

import numpy as np
import pytest

from gradviz.errors import ShapeError
from gradviz.ops.shapes import (
    broadcast,
    broadcast_axes,
    count_reduced,
    elementwise,
    matrix_product,
    normal_axes,
    normal_axis,
    reduction,
    same,
    show,
    sum_to_shape,
)

PAIRS = [
    ((), ()),
    ((3,), ()),
    ((2, 3), (3,)),
    ((2, 1), (1, 3)),
    ((0, 3), (1, 3)),
    ((1,), (0,)),
    ((1, 1), (1, 1)),
    ((4, 1, 3), (2, 1)),
    ((1, 2, 3), (5, 4, 1, 1)),
]


@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_shapes_broadcast_as_numpy_does(a, b):
    assert broadcast(a, b) == broadcast(b, a) == np.broadcast_shapes(a, b)


def test_any_number_of_shapes_broadcast():
    assert broadcast() == ()
    assert broadcast((2, 3)) == (2, 3)
    assert broadcast((3,), (2, 1), (4, 1, 1)) == (4, 2, 3)
    assert elementwise((2,), (1,), axis=0) == (2,)


@pytest.mark.parametrize(("a", "b"), [((3,), (4,)), ((2, 3), (2,)), ((2, 3), (3, 2)), ((0,), (2,))])
def test_shapes_that_do_not_broadcast_are_both_told(a, b):
    with pytest.raises(ShapeError) as caught:
        broadcast(a, b)
    assert str(caught.value) == f"cannot broadcast {show(a)} with {show(b)}"


def test_a_shape_is_shown_as_a_tuple():
    assert [show(()), show((3,)), show([2, 3])] == ["()", "(3,)", "(2, 3)"]


@pytest.mark.parametrize(("small", "large"), [(a, np.broadcast_shapes(a, b)) for a, b in PAIRS])
def test_broadcasting_is_undone_by_summing_the_axes_that_it_stretched(small, large):
    values = np.random.default_rng(0).normal(size=large)
    direction = np.random.default_rng(1).normal(size=small)
    summed = sum_to_shape(values, small)
    assert summed.shape == small
    assert summed.dtype == values.dtype
    np.testing.assert_allclose(np.sum(summed * direction), np.sum(values * np.broadcast_to(direction, large)))
    axes = broadcast_axes(small, large)
    np.testing.assert_array_equal(np.reshape(np.sum(values, axis=axes), small), summed)


def test_where_nothing_was_stretched_the_same_array_comes_back():
    values = np.ones((2, 1, 3), np.float32)
    assert sum_to_shape(values, (2, 1, 3)) is values
    assert broadcast_axes((2, 1, 3), (2, 1, 3)) == ()


def test_summing_keeps_small_floats_small():
    assert sum_to_shape(np.ones((2, 3), np.float16), (3,)).dtype == np.float16


@pytest.mark.parametrize("axis", [None, 0, -1, (0, 2), (-1, 0), (), 1])
@pytest.mark.parametrize("keepdims", [True, False])
@pytest.mark.parametrize("shape", [(2, 3, 4), (2, 0, 3), (1, 1, 1)])
def test_a_reduction_leaves_the_shape_that_numpy_leaves(shape, axis, keepdims):
    assert reduction(shape, axis=axis, keepdims=keepdims) == np.sum(np.ones(shape), axis=axis, keepdims=keepdims).shape
    reduced = [shape[i] for i in normal_axes(axis, shape)]
    assert count_reduced(shape, axis) == np.prod(reduced)


def test_an_axis_that_is_not_there_is_refused_with_the_shape():
    with pytest.raises(ShapeError, match=r"there is no axis 2 in a tensor of shape \(2, 3\)"):
        reduction((2, 3), axis=2, keepdims=False)
    with pytest.raises(ShapeError, match=r"there is no axis -1 in a tensor of shape \(\)"):
        normal_axis(-1, 0, ())


def test_an_axis_named_twice_is_refused():
    with pytest.raises(ShapeError, match=r"the axes \(0, -2\) name one axis twice"):
        reduction((2, 3), axis=(0, -2), keepdims=False)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ((3,), (3,)),
        ((2, 3), (3,)),
        ((3,), (3, 4)),
        ((2, 3), (3, 4)),
        ((5, 2, 3), (3, 4)),
        ((5, 1, 2, 3), (6, 3, 4)),
        ((3,), (5, 3, 4)),
        ((5, 2, 3), (3,)),
        ((2, 0), (0, 3)),
    ],
)
def test_a_matrix_product_has_the_shape_that_numpy_gives(a, b):
    assert matrix_product(a, b) == np.matmul(np.ones(a), np.ones(b)).shape


def test_matrices_that_do_not_fit_are_refused_with_the_sizes_that_differ():
    with pytest.raises(
        ShapeError, match=r"cannot multiply \(2, 3\) by \(4, 5\).* has 3 columns, the second has 4 rows"
    ):
        matrix_product((2, 3), (4, 5))
    with pytest.raises(ShapeError, match=r"cannot broadcast \(2,\) with \(3,\)"):
        matrix_product((2, 2, 3), (3, 3, 2))
    with pytest.raises(ShapeError, match=r"at least one axis on each side, not \(\) @ \(3,\)"):
        matrix_product((), (3,))


def test_same_is_the_shape_itself():
    assert same((2, 3), axis=1) == (2, 3)
