"""Shape ops: the same numbers, arranged, repeated and joined, and all of them back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from gradviz.errors import ShapeError

shapes = st.lists(st.integers(0, 3), max_size=4).map(tuple)
positive_shapes = st.lists(st.integers(1, 3), max_size=4).map(tuple)


def numbered(shape):
    return np.arange(1.0, 1 + np.prod(shape, dtype=int)).reshape(shape)


def assert_adjoint(bench, name, inputs, **params):
    """Check that the gradients of a linear op are its adjoint: <g, f(x)> is the sum of <gradient, input>."""
    y = bench.forward(name, *inputs, **params)
    g = np.random.default_rng(1).normal(size=y.shape)
    gradients = bench.gradients(name, g, *inputs, **params)
    assert [gradient.shape for gradient in gradients] == [x.shape for x in inputs]
    assert_allclose(sum(np.sum(a * b) for a, b in zip(gradients, inputs, strict=True)), np.sum(g * y))


@given(shapes, st.randoms(use_true_random=False))
def test_numbers_keep_their_order_in_any_shape(bench, shape, random):
    x = numbered(shape)
    target = random.sample(shape, len(shape))
    if random.random() < 0.5 and x.size:
        target = [*target[:-1], -1] if target else [-1]
    assert_array_equal(bench.forward("reshape", x, shape=target), x.reshape(target))
    assert_array_equal(bench.gradient("reshape", x.reshape(target), x, shape=target), x)


@pytest.mark.parametrize(
    ("x", "shape", "sentence"),
    [
        ((2, 3), [4], r"cannot reshape \(2, 3\) to \(4,\): 6 elements do not fit"),
        ((2, 3), [4, -1], "6 elements do not fit"),
        ((2, 3), [0, -1], "cannot tell the size that -1 stands for"),
        ((0,), [0, -1], "cannot tell the size that -1 stands for"),
        ((2, 3), [0], "6 elements do not fit"),
        ((0, 3), [], "0 elements do not fit"),
        ((), [2], "1 elements do not fit"),
        ((2, 3), [-1, -1], "of which one may be -1"),
        ((2, 3), [-2, 3], "sizes from 0"),
        ((2, 3), ["2", 3], "sizes from 0"),
    ],
)
def test_a_shape_that_does_not_fit_is_refused(bench, x, shape, sentence):
    with pytest.raises(ShapeError, match=sentence):
        bench.shape("reshape", x, shape=shape)


def test_an_empty_tensor_has_a_size_for_minus_one_where_numpy_finds_one(bench):
    assert bench.shape("reshape", (0, 3), shape=[-1]) == (0,)
    assert bench.shape("reshape", (0, 3), shape=[-1, 3]) == (0, 3)


@given(positive_shapes, st.randoms(use_true_random=False))
def test_axes_come_back_from_any_order(bench, shape, random):
    axes = random.sample(range(len(shape)), len(shape))
    counted = [axis - len(shape) if random.random() < 0.5 else axis for axis in axes]
    x = numbered(shape)
    assert_array_equal(bench.forward("permute_dims", x, axes=counted), np.transpose(x, axes))
    assert_array_equal(bench.gradient("permute_dims", np.transpose(x, axes), x, axes=counted), x)


def test_without_axes_all_are_reversed(bench):
    x = numbered((2, 3, 4))
    assert_array_equal(bench.forward("permute_dims", x), x.T)
    assert_array_equal(bench.gradient("permute_dims", x.T, x), x)


@pytest.mark.parametrize("axes", [[0, 0], [0], [0, 1, 2], [0, 2], [0, -2], []])
def test_axes_that_are_no_order_of_all_axes_are_refused(bench, axes):
    with pytest.raises(ShapeError):
        bench.shape("permute_dims", (2, 3), axes=axes)


def test_every_matrix_of_a_batch_is_transposed(bench):
    x = numbered((2, 3, 3))
    assert_array_equal(bench.forward("matrix_transpose", x), np.swapaxes(x, 1, 2))
    assert_array_equal(bench.gradient("matrix_transpose", x, x), np.swapaxes(x, 1, 2))
    with pytest.raises(ShapeError, match=r"two axes can be transposed, not \(3,\)"):
        bench.shape("matrix_transpose", (3,))


@pytest.mark.parametrize(
    ("x", "shape"), [((3,), [2, 3]), ((2, 1), [2, 3]), ((), [2, 2]), ((1, 3, 1), [2, 4, 3, 5]), ((1,), [0]), ((), [])]
)
def test_what_was_repeated_is_summed(bench, x, shape):
    assert_adjoint(bench, "broadcast_to", [numbered(x)], shape=shape)
    assert_array_equal(bench.forward("broadcast_to", numbered(x), shape=shape), np.broadcast_to(numbered(x), shape))


@pytest.mark.parametrize(
    ("x", "shape"), [((2,), [3]), ((2, 3), [3]), ((2, 3), [2, 1]), ((3,), [-1, 3]), ((3,), [3, 1]), ((3,), [])]
)
def test_what_cannot_stretch_is_refused(bench, x, shape):
    with pytest.raises(ShapeError, match="cannot broadcast"):
        bench.shape("broadcast_to", x, shape=shape)


@given(positive_shapes, st.lists(st.integers(-3, 3), max_size=3))
def test_axes_are_inserted_where_numpy_inserts_them(bench, shape, axis):
    x = numbered(shape)
    try:
        expected = np.expand_dims(x, tuple(axis))
    except ValueError:
        with pytest.raises(ShapeError):
            bench.shape("expand_dims", shape, axis=axis)
        return
    assert_array_equal(bench.forward("expand_dims", x, axis=axis), expected)
    assert_array_equal(bench.gradient("expand_dims", expected, x, axis=axis), x)


@given(
    positive_shapes.filter(len),  # NumPy drops axis 0 of a number, which has none
    st.one_of(st.none(), st.integers(-4, 3), st.lists(st.integers(-4, 3), max_size=3)),
)
def test_axes_of_size_one_are_dropped_where_numpy_drops_them(bench, shape, axis):
    x = numbered(shape)
    try:
        expected = np.squeeze(x, tuple(axis) if isinstance(axis, list) else axis)
    except ValueError:
        with pytest.raises(ShapeError):
            bench.shape("squeeze", shape, axis=axis)
        return
    assert_array_equal(bench.forward("squeeze", x, axis=axis), expected)
    assert_array_equal(bench.gradient("squeeze", expected, x, axis=axis), x)


def test_an_axis_that_is_wider_than_one_is_not_dropped(bench):
    with pytest.raises(ShapeError, match=r"cannot squeeze axis 1 of \(1, 3\): its size is 3, not 1"):
        bench.shape("squeeze", (1, 3), axis=-1)


def test_each_part_gets_its_slice_back(bench):
    parts = [numbered((2, 1, 2)), numbered((2, 3, 2)), numbered((2, 0, 2))]
    for axis in (1, -2):
        y = bench.forward("concat", *parts, axis=axis)
        assert_array_equal(y, np.concatenate(parts, axis=1))
        for part, gradient in zip(parts, bench.gradients("concat", y, *parts, axis=axis), strict=True):
            assert_array_equal(gradient, part)


def test_the_same_tensor_joined_twice_gets_both_slices(bench):
    x = numbered((2,))
    first, second = bench.gradients("concat", [1.0, 2.0, 10.0, 20.0], x, x)
    assert_array_equal(first, [1, 2])
    assert_array_equal(second, [10, 20])


def test_each_layer_gets_its_own_back(bench):
    parts = [numbered((2, 3)), -numbered((2, 3)), 10 * numbered((2, 3))]
    for axis in (0, 1, 2, -1, -3):
        y = bench.forward("stack", *parts, axis=axis)
        assert_array_equal(y, np.stack(parts, axis=axis))
        for part, gradient in zip(parts, bench.gradients("stack", y, *parts, axis=axis), strict=True):
            assert_array_equal(gradient, part)


@pytest.mark.parametrize(
    ("name", "parts", "axis", "sentence"),
    [
        ("concat", [(), ()], 0, "stack makes numbers into a vector"),
        ("concat", [(2, 3), (2, 4)], 0, r"cannot concat \(2, 3\) and \(2, 4\) along axis 0: their other axes differ"),
        ("concat", [(2, 3), (3,)], 0, r"cannot concat \(2, 3\) and \(3,\)"),
        ("concat", [(2, 3), ()], 1, r"cannot concat \(2, 3\) and \(\)"),
        ("concat", [(2, 3), (2, 3)], 2, "no axis 2"),
        ("concat", [], 0, "concat joins tensors"),
        ("stack", [(2,), (3,)], 0, r"cannot stack \(2,\) and \(3,\): they must have one shape"),
        ("stack", [(2,), (2,)], 2, "no axis 2"),
        ("stack", [], 0, "at least one"),
    ],
)
def test_what_cannot_be_joined_is_refused(bench, name, parts, axis, sentence):
    with pytest.raises(ShapeError, match=sentence):
        bench.shape(name, *parts, axis=axis)


def test_joined_dtypes_promote(bench):
    for name in ("concat", "stack"):
        assert bench.dtype(name, "float32", "float64") == np.float64
        assert bench.dtype(name, "int32", "float32", "bool") == np.float64
        assert bench.forward(name, np.ones(2, bool), np.ones(2, np.int8)).dtype == np.int8


def test_a_thousand_parts_join(bench):
    parts = [np.full(1, float(i)) for i in range(1000)]
    assert_array_equal(bench.forward("concat", *parts), np.arange(1000.0))
    assert_array_equal(np.concatenate(bench.gradients("concat", np.arange(1000.0), *parts)), np.arange(1000.0))
