"""Systems of equations, vectors and columns, batches that broadcast, and the triangle of Cholesky."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from gradviz.errors import ComputeError, LimitError, ShapeError
from gradviz.ops import OPS

NAN = np.nan


def normal(shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def regular(shape, seed=0):
    return normal(shape, seed) + 2 * shape[-1] * np.eye(shape[-1])


def definite(shape, seed=0):
    root = normal(shape, seed)
    return root @ np.matrix_transpose(root) + np.eye(shape[-1])


@st.composite
def systems(draw):
    """Draw matrices and right sides whose batches broadcast."""
    size, columns = draw(st.integers(0, 4)), draw(st.integers(0, 3))
    batch = draw(st.lists(st.integers(1, 3), max_size=2))
    mine, other = ([draw(st.sampled_from([n, 1])) for n in batch[draw(st.integers(0, len(batch))) :]] for _ in "ab")
    b = draw(st.sampled_from([(size,), (*other, size, columns)]))
    return regular((*mine, size, size), 1), normal(b, 2)


@given(systems())
def test_a_solution_solves_and_its_gradients_are_those_of_the_inverse(bench, drawn):
    a, b = drawn
    y = bench.forward("solve", a, b)
    inverse = np.linalg.inv(a)
    assert_allclose(y, inverse @ b, atol=1e-12)
    g = normal(y.shape, 3)
    to_a, to_b = bench.gradients("solve", g, a, b)
    through_inverse, expected_b = bench.gradients("matmul", g, inverse, b)
    assert_allclose(to_b, expected_b, atol=1e-12)
    assert_allclose(to_a, bench.gradient("inv", through_inverse, a), atol=1e-12)


def test_only_a_right_side_of_one_axis_is_a_vector(bench):
    a = regular((2, 3, 3))
    assert bench.shape("solve", (2, 3, 3), (3,)) == (2, 3)
    with pytest.raises(
        ShapeError, match=r"cannot solve 3 equations \(2, 3, 3\) for a right side \(2, 3\), .* has 2 rows"
    ):
        bench.shape("solve", (2, 3, 3), (2, 3))
    assert_allclose(bench.forward("solve", a, np.ones(3)), np.linalg.inv(a) @ np.ones(3))


@pytest.mark.parametrize(
    ("a", "b", "sentence"),
    [
        ((2, 3), (2,), "square matrices"),
        ((3,), (3,), "square matrices"),
        ((3, 3), (), "not a single number"),
        ((3, 3), (2,), "which has 2 rows"),
        ((2, 3, 3), (3, 3, 1), r"cannot broadcast \(2,\) with \(3,\)"),
    ],
)
def test_what_is_no_system_of_equations_is_told(bench, a, b, sentence):
    with pytest.raises(ShapeError, match=sentence):
        bench.shape("solve", a, b)


def test_a_singular_system_is_told_by_the_name_of_its_matrix(bench):
    with pytest.raises(ComputeError, match=r"^the matrix is singular"):
        bench.forward("solve", np.ones((2, 2)), np.ones(2))
    with pytest.raises(ComputeError, match=r"the matrix \[1\] of the batch is singular"):
        bench.forward("solve", np.stack([np.eye(2), np.zeros((2, 2))]), np.ones(2))


def test_nan_in_a_system_stays_where_it_is(bench):
    a = np.stack([np.eye(2), np.full((2, 2), NAN)])
    y = bench.forward("solve", a, np.ones(2))
    assert_array_equal(y[0], [1, 1])
    assert np.all(np.isnan(y[1]))
    assert_array_equal(bench.forward("solve", np.eye(2), [[1.0, NAN], [1.0, 2.0]])[:, 0], [1, 1])


def test_gradients_that_are_too_large_before_broadcasting_is_undone_are_refused():
    a, b = np.eye(120), np.broadcast_to(1.0, (10_000, 120, 1))
    with pytest.raises(LimitError, match=r"a tensor of shape \(10000, 120, 120\)"):
        OPS["solve"].rule_for("a")(b, b, a, b)


@given(st.lists(st.integers(1, 3), max_size=2), st.integers(1, 5), st.integers(0, 99))
def test_a_triangle_times_its_transpose_is_the_matrix(bench, batch, size, seed):
    x = definite((*batch, size, size), seed)
    y = bench.forward("cholesky", x)
    assert_allclose(y @ np.matrix_transpose(y), x, atol=1e-10)
    assert_array_equal(y, np.tril(y))
    assert np.all(np.diagonal(y, axis1=-2, axis2=-1) > 0)
    gradient = bench.gradient("cholesky", normal(y.shape, 3), x)
    assert_allclose(gradient, np.matrix_transpose(gradient), atol=1e-12)


def test_the_logarithms_on_the_diagonal_of_a_triangle_make_the_determinant(bench):
    x = definite((4, 4))
    y = bench.forward("cholesky", x)
    assert_allclose(2 * np.sum(np.log(np.diagonal(y))), bench.forward("logdet", x))
    assert_allclose(bench.gradient("cholesky", 2 * np.diag(1 / np.diagonal(y)), x), bench.gradient("logdet", 1.0, x))


def test_only_the_symmetric_part_of_a_matrix_counts(bench):
    x = definite((3, 3))
    skew = normal((3, 3), 5)
    assert_allclose(bench.forward("cholesky", x + skew - skew.T), bench.forward("cholesky", x))


def test_what_arrives_above_the_triangle_goes_nowhere(bench):
    x = definite((3, 3))
    assert not np.any(bench.gradient("cholesky", np.triu(normal((3, 3)), 1), x))


@pytest.mark.parametrize("x", [[[0.0]], [[-1.0]], [[1.0, 2.0], [2.0, 1.0]], [[1.0, 1.0], [1.0, 1.0]]])
def test_a_matrix_that_is_not_positive_definite_is_told(bench, x):
    with pytest.raises(ComputeError, match=r"^the matrix is not positive definite: only matrices whose eigenvalues"):
        bench.forward("cholesky", x)


def test_a_triangle_of_nan_is_nan_below_and_zero_above(bench):
    x = np.stack([np.eye(2), np.full((2, 2), NAN)])
    assert_array_equal(bench.forward("cholesky", x), [np.eye(2), [[NAN, 0], [NAN, NAN]]])
    with pytest.raises(ComputeError, match=r"the matrix \[1\] of the batch is not positive definite"):
        bench.forward("cholesky", np.stack([np.full((2, 2), NAN), -np.eye(2)]))
