"""Products over chosen axes: which axes meet, what is left, and what does not fit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from gradviz.errors import LimitError, ShapeError


def normal(shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


@st.composite
def contractions(draw):
    """Draw two tensors and pairs of their axes of one size, counted from either end."""
    shared = draw(st.lists(st.integers(0, 3), max_size=2))
    shapes, axes = [], []
    for _ in "ab":
        free = draw(st.lists(st.integers(1, 3), max_size=2))
        order = draw(st.permutations(range(len(shared) + len(free))))
        shapes.append([(*shared, *free)[order.index(i)] for i in range(len(order))])
        axes.append([axis - len(order) if draw(st.booleans()) else axis for axis in order[: len(shared)]])
    return normal(shapes[0], 1), normal(shapes[1], 2), axes


@given(contractions())
def test_both_gradients_of_a_contraction_are_its_adjoints(bench, drawn):
    a, b, axes = drawn
    y = bench.forward("tensordot", a, b, axes=axes)
    assert_allclose(y, np.tensordot(a, b, axes))
    g = normal(y.shape, 3)
    for x, gradient in zip((a, b), bench.gradients("tensordot", g, a, b, axes=axes), strict=True):
        assert gradient.shape == x.shape
        assert_allclose(np.sum(gradient * x), np.sum(g * y), atol=1e-10)


def test_numbers_of_axes_count_from_the_end_of_one_and_the_start_of_the_other(bench):
    a, b = normal((2, 3, 4), 1), normal((3, 4, 5), 2)
    assert_allclose(bench.forward("tensordot", a, b), np.einsum("ijk,jkl->il", a, b))
    assert_allclose(bench.forward("tensordot", a, normal(()), axes=0), a * normal(()))
    assert_allclose(bench.forward("tensordot", normal(2), normal(3), axes=0), np.outer(normal(2), normal(3)))


def test_the_axes_of_a_square_tensor_are_not_mixed_up(bench):
    a, b, g = normal((2, 2, 2), 1), normal((2, 2, 2), 2), normal((2, 2), 3)
    to_a, to_b = bench.gradients("tensordot", g, a, b, axes=[[2, 0], [0, 1]])
    assert_allclose(to_a, np.einsum("jl,kil->ijk", g, b))
    assert_allclose(to_b, np.einsum("ijk,jl->kil", a, g))


@pytest.mark.parametrize(
    ("a", "b", "axes", "sentence"),
    [
        ((2, 3), (2, 3), 1, r"axis 1 of \(2, 3\) and axis 0 of \(2, 3\) .* have sizes 3 and 2"),
        ((3,), (3, 2), 2, r"cannot sum over 2 axes of \(3,\) and \(3, 2\)"),
        ((3,), (3,), [[1], [0]], r"there is no axis 1 in a tensor of shape \(3,\)"),
        ((3, 3), (3, 3), [[0, -2], [0, 1]], "name one axis twice"),
        ((2, 1), (3, 2), 1, "have sizes 1 and 3"),
        ((2, 2), (2, 2), [[0], [0, 1]], "two lists of axes of one length"),
        ((2, 2), (2, 2), -1, "an integer from 0"),
    ],
)
def test_axes_that_cannot_be_summed_over_together_are_told(bench, a, b, axes, sentence):
    with pytest.raises(ShapeError, match=sentence):
        bench.shape("tensordot", a, b, axes=axes)


@pytest.mark.parametrize(("shapes", "axis"), [(((2, 3), (3,)), 1), (((2, 3), (3,)), -1), (((3, 2), (4, 3, 1)), -2)])
def test_vectors_meet_along_one_axis_and_the_others_broadcast(bench, shapes, axis):
    a, b = normal(shapes[0], 1), normal(shapes[1], 2)
    assert_allclose(bench.forward("vecdot", a, b, axis=axis), np.sum(a * b, axis=axis))
    cosine = bench.forward("cosine_similarity", a, b, axis=axis)
    at = axis if axis < 0 else axis - max(a.ndim, b.ndim)
    assert_allclose(cosine, np.sum(a * b, axis=at) / (np.linalg.norm(a, axis=at) * np.linalg.norm(b, axis=at)))


@pytest.mark.parametrize("name", ["vecdot", "cosine_similarity"])
@pytest.mark.parametrize(
    ("shapes", "axis", "sentence"),
    [
        (((2, 3), (2, 1)), -1, r"along axis -1 of \(2, 3\) and \(2, 1\) must have one length"),
        (((2, 3), (3,)), 0, "must have one length"),
        (((), ()), -1, r"there is no axis -1 in \(\) and \(\)"),
        (((3,), (3,)), 1, "there is no axis 1"),
        (((2, 3), (4, 3)), -1, "cannot broadcast"),
    ],
)
def test_vectors_that_do_not_meet_are_told(bench, name, shapes, axis, sentence):
    with pytest.raises(ShapeError, match=sentence):
        bench.shape(name, *shapes, axis=axis)


def test_vectors_that_would_make_too_many_products_on_the_way_are_refused(bench):
    with pytest.raises(LimitError, match="on the way it would need"):
        bench.shape("vecdot", (20_000, 1, 1000), (1, 20_000, 1000))


def test_an_outer_product_is_of_vectors(bench):
    a, b, g = normal(2, 1), normal(3, 2), normal((2, 3), 3)
    assert_allclose(bench.forward("outer", a, b), np.outer(a, b))
    to_a, to_b = bench.gradients("outer", g, a, b)
    assert_allclose(to_a, g @ b)
    assert_allclose(to_b, a @ g)
    with pytest.raises(ShapeError, match=r"of two vectors, not of \(2, 2\) and \(2,\)"):
        bench.shape("outer", (2, 2), (2,))


def test_a_vector_without_length_has_no_angle_but_a_gradient(bench):
    a, b = np.zeros((1, 2)), np.array([[3.0, 4.0]])
    assert_array_equal(bench.forward("cosine_similarity", a, b), [0])
    to_a, to_b = bench.gradients("cosine_similarity", 1.0, a, b)
    assert_allclose(to_a, [[0.6e8, 0.8e8]])
    assert_array_equal(to_b, [[0, 0]])


def test_a_length_below_eps_counts_as_eps(bench):
    a, b = np.array([3.0, 4.0]), np.array([0.0, 2.0])
    assert_allclose(bench.forward("cosine_similarity", a, b, eps=10), 4 / 10 * 2 / 10)
    to_a, _ = bench.gradients("cosine_similarity", 1.0, a, b, eps=10)
    assert_allclose(to_a, b / 100)
    with pytest.raises(ShapeError, match="a finite number from 0"):
        bench.shape("cosine_similarity", (2,), (2,), eps=-1)


def test_the_gradient_of_a_cosine_is_at_right_angles_to_the_vector(bench):
    a, b = normal((4, 3), 1), normal((4, 3), 2)
    for x, gradient in zip((a, b), bench.gradients("cosine_similarity", 1.0, a, b), strict=True):
        assert_allclose(np.sum(x * gradient, axis=-1), 0, atol=1e-14)


def test_small_integers_are_summed_in_more_bits_and_have_angles(bench):
    a = np.array([100, 100], np.int8)
    assert bench.forward("vecdot", a.astype(np.int64), a) == 20_000
    assert bench.forward("vecdot", np.ones(300, bool), np.ones(300, bool)) == 300
    assert_allclose(bench.forward("cosine_similarity", a, a), 1)
