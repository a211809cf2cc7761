"""Matrix products of vectors, matrices and batches, the linear layer, diagonals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from gradviz.errors import LimitError, ShapeError

sizes = st.integers(0, 3)


def normal(shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


@st.composite
def products(draw):
    """Draw two tensors that can be multiplied: vectors, matrices, and batches that broadcast."""
    m, k, n = draw(sizes), draw(sizes), draw(sizes)
    batch = draw(st.lists(st.integers(1, 3), max_size=2))
    batches = [[draw(st.sampled_from([size, 1])) for size in batch[draw(st.integers(0, len(batch))) :]] for _ in "ab"]
    a = draw(st.sampled_from([(k,), (*batches[0], m, k)]))
    b = draw(st.sampled_from([(k,), (*batches[1], k, n)]))
    return normal(a, 1), normal(b, 2)


@given(products())
def test_both_gradients_of_a_product_are_its_adjoints(bench, drawn):
    a, b = drawn
    y = bench.forward("matmul", a, b)
    assert_allclose(y, a @ b)
    g = normal(y.shape, 3)
    for x, gradient in zip((a, b), bench.gradients("matmul", g, a, b), strict=True):
        assert gradient.shape == x.shape
        assert_allclose(np.sum(gradient * x), np.sum(g * y), atol=1e-12)


def test_a_square_matrix_is_transposed_in_the_gradient_and_not_in_the_product(bench):
    a, b = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[5.0, 6.0], [7.0, 8.0]])
    left, right = bench.gradients("matmul", 1.0, a, b)
    assert_array_equal(left, [[11, 15], [11, 15]])
    assert_array_equal(right, [[4, 4], [6, 6]])


def test_a_matrix_times_itself_gets_both_contributions(bench):
    a = np.array([[1.0, 2.0], [3.0, 4.0]])
    left, right = bench.gradients("matmul", [[1.0, 0.0], [0.0, 0.0]], a, a)
    assert_array_equal(left + right, [[2, 3], [2, 0]])


@pytest.mark.parametrize(
    ("a", "b", "sentence"),
    [
        ((2, 3), (2, 3), r"cannot multiply \(2, 3\) by \(2, 3\): .* 3 columns, the second has 2 rows"),
        ((), (3,), r"at least one axis on each side, not \(\) @ \(3,\)"),
        ((3,), (), "at least one axis"),
        ((3,), (2,), "cannot multiply"),
        ((2, 4, 3), (3, 3, 5), r"cannot broadcast \(2,\) with \(3,\)"),
    ],
)
def test_what_cannot_be_multiplied_is_told(bench, a, b, sentence):
    with pytest.raises(ShapeError, match=sentence):
        bench.shape("matmul", a, b)


@given(st.lists(sizes, max_size=3), sizes, sizes, st.booleans())
def test_a_layer_is_a_product_and_a_sum_with_their_gradients(bench, lead, inside, outside, has_bias):
    x, w, b = normal((*lead, inside), 1), normal((inside, outside), 2), normal(outside, 3)
    inputs = [x, w, b] if has_bias else [x, w]
    assert_allclose(bench.forward("linear", *inputs), x @ w + (b if has_bias else 0))
    g = normal((*lead, outside), 4)
    expected = bench.gradients("matmul", g, x, w)
    gradients = bench.gradients("linear", g, *inputs)
    assert_allclose(gradients[0], expected[0])
    assert_allclose(gradients[1], expected[1], atol=1e-12)
    if has_bias:
        assert_allclose(gradients[2], np.sum(g, axis=tuple(range(len(lead)))))


def test_the_weights_gradient_of_a_large_batch_needs_no_matrix_for_each_example(bench):
    x, w = normal((1000, 200, 8)), normal((8, 8))
    assert_allclose(bench.gradients("linear", 1.0, x, w)[1], np.outer(np.sum(x, axis=(0, 1)), np.ones(8)))


@pytest.mark.parametrize(
    ("shapes", "sentence"),
    [
        ([(2, 3), (4, 3)], r"W of shape \(4, 3\) does not fit x of shape \(2, 3\): .* with 3 rows .*transpose"),
        ([(2, 3), (3,)], r"W must be \(in, out\)"),
        ([(2, 3), (1, 3, 4)], r"W must be \(in, out\)"),
        ([(), (1, 3)], "at least one axis"),
        ([(2, 3), (3, 4), (3,)], r"b must have shape \(4,\), one number per column of W, not \(3,\)"),
        ([(2, 3), (3, 4), (1, 4)], r"b must have shape \(4,\)"),
        ([(2, 3), (3, 4), ()], r"b must have shape \(4,\)"),
    ],
)
def test_weights_and_bias_that_do_not_fit_are_told(bench, shapes, sentence):
    with pytest.raises(ShapeError, match=sentence):
        bench.shape("linear", *shapes)


def test_booleans_and_integers_are_multiplied_as_numpy_does(bench):
    yes = np.array([[True, False], [True, True]])
    assert bench.forward("matmul", yes, yes).dtype == bool
    assert_array_equal(bench.forward("matmul", yes, np.array([3, 4])), [3, 7])
    assert bench.forward("linear", yes, np.ones((2, 1), np.int8), np.zeros(1, np.float32)).dtype == np.float32


@given(st.lists(sizes, min_size=2, max_size=4), st.integers(-3, 3), st.randoms(use_true_random=False))
def test_a_diagonal_goes_back_onto_the_diagonal(bench, shape, offset, random):
    first, second = random.sample(range(len(shape)), 2)
    x = normal(shape)
    params = {"offset": offset, "axis1": first, "axis2": second - len(shape)}
    y = bench.forward("diagonal", x, **params)
    assert_array_equal(y, np.diagonal(x, offset, first, second))
    gradient = bench.gradient("diagonal", y, x, **params)
    assert_array_equal(gradient, bench.forward("embed_diagonal", y, shape=shape, **params))
    assert_array_equal(np.diagonal(gradient, offset, first, second), y)
    assert np.count_nonzero(gradient) == y.size
    assert_array_equal(bench.gradient("embed_diagonal", x, y, shape=shape, **params), y)


@pytest.mark.parametrize(
    ("name", "shape", "params", "sentence"),
    [
        ("diagonal", (3,), {}, r"two axes has a diagonal, not \(3,\)"),
        ("diagonal", (3, 3), {"axis1": 1, "axis2": -1}, "two different axes"),
        ("diagonal", (3, 3), {"axis2": 2}, "no axis 2"),
        ("diagonal", (3, 3), {"offset": -(2**31)}, r"no diagonal -2147483648 in a tensor of shape \(3, 3\)"),
        ("diagonal", (3, 3), {"offset": 2**40}, "no diagonal 1099511627776"),
        ("embed_diagonal", (2,), {"shape": [3, 3]}, r"the diagonal of \(3, 3\) has shape \(3,\), not \(2,\)"),
        ("embed_diagonal", (2,), {"shape": [3]}, "two axes has a diagonal"),
        ("embed_diagonal", (2,), {"shape": [2, -1]}, "every size"),
    ],
)
def test_what_has_no_such_diagonal_is_told(bench, name, shape, params, sentence):
    with pytest.raises(ShapeError, match=sentence):
        bench.shape(name, shape, **params)


def test_a_nan_off_the_diagonal_does_not_leak(bench):
    x = np.array([[1.0, np.nan], [np.nan, 2.0]])
    assert_array_equal(bench.forward("diagonal", x), [1, 2])
    assert_array_equal(bench.gradient("diagonal", [np.inf, 1.0], x), [[np.inf, 0], [0, 1]])


def test_a_diagonal_that_lies_outside_is_empty(bench):
    assert bench.forward("diagonal", np.ones((3, 2)), offset=2**30).shape == (0,)
    assert bench.forward("diagonal", np.ones((3, 2)), offset=-(2**30)).shape == (0,)


def test_the_bias_promotes_what_the_product_has_become(bench):
    x, w, b = np.ones((1, 1), np.int16), np.ones((1, 1), np.uint16), np.ones(1, np.float16)
    assert bench.forward("linear", x, w, b).dtype == np.float64


def test_a_gradient_that_is_too_large_before_broadcasting_is_undone_is_refused(bench):
    a, b = np.ones((300, 1, 1, 2000), np.float32), np.ones((1, 300, 2000, 1), np.float32)
    assert bench.forward("matmul", a, b).shape == (300, 300, 1, 1)
    with pytest.raises(LimitError, match=r"a tensor of shape \(300, 300, 1, 2000\), with 180,000,000 elements"):
        bench.gradients("matmul", 1.0, a, b)
