"""Inverses and determinants: singular, empty, huge and broken matrices, and the formulas of textbooks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from gradviz.errors import ComputeError, ShapeError
from gradviz.ops import OPS, forward_formula, latex, unicode, vjp_formula

NAN, INF = np.nan, np.inf
FLOAT = np.dtype("float64")


def regular(shape, seed=0):
    """Return matrices that have an inverse and are not symmetric."""
    return np.random.default_rng(seed).normal(size=shape) + 2 * shape[-1] * np.eye(shape[-1])


def normal(shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


@st.composite
def batches(draw):
    size = draw(st.integers(0, 5))
    return regular((*draw(st.lists(st.integers(0, 2), max_size=2)), size, size), draw(st.integers(0, 99)))


@given(batches())
def test_determinant_adjugate_and_inverse_fit_together(bench, x):
    inverse, determinant = bench.forward("inv", x), bench.forward("det", x)
    assert_allclose(x @ inverse, np.broadcast_to(np.eye(x.shape[-1]), x.shape), atol=1e-12)
    assert_allclose(bench.forward("adjugate", x), determinant[..., None, None] * inverse, rtol=1e-9, atol=1e-12)
    assert_allclose(bench.forward("logdet", x), np.log(determinant))


@given(st.integers(1, 6), st.integers(0, 6), st.integers(0, 99))
def test_the_gradient_of_a_determinant_is_that_of_cofactors_whatever_the_rank(bench, size, rank, seed):
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(size, min(rank, size))) @ generator.normal(size=(min(rank, size), size))
    assert_allclose(bench.gradient("det", 1.0, x), cofactors(x), rtol=1e-9, atol=1e-9)


def cofactors(x):
    """Return the cofactors by their definition: the determinants of what is left without a row and a column."""
    places = np.ndindex(x.shape)
    minors = [(-1) ** (i + k) * np.linalg.det(np.delete(np.delete(x, i, 0), k, 1)) for i, k in places]
    return np.reshape(minors, x.shape)


def test_whole_numbers_stay_whole_in_the_gradient_of_a_determinant(bench):
    assert_array_equal(bench.gradient("det", 1.0, [[1.0, 2.0], [3.0, 4.0]]), [[4, -3], [-2, 1]])
    x = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]
    assert_array_equal(bench.gradient("det", 1.0, x), [[-3, 6, -3], [6, -12, 6], [-3, 6, -3]])


def test_a_singular_matrix_has_a_determinant_with_a_gradient(bench):
    x = np.array([[1.0, 2.0], [2.0, 4.0]])
    assert bench.forward("det", x) == 0
    assert_array_equal(bench.gradient("det", 3.0, x), [[12, -6], [-6, 3]])
    assert_array_equal(bench.gradient("det", 1.0, np.zeros((1, 1))), [[1]])
    assert not np.any(bench.gradient("det", 1.0, np.zeros((3, 3))))
    only = bench.gradient("det", 1.0, np.diag([1.0, 2.0, 0.0, 3.0]))
    assert_allclose(only, 6 * np.diag([0, 0, 1, 0]), atol=1e-14)


def test_the_adjugate_of_up_to_three_rows_is_differentiable_where_the_matrix_is_singular(bench):
    assert_array_equal(bench.gradient("adjugate", [[1.0, 0.0], [0.0, 0.0]], np.zeros((2, 2))), [[0, 0], [0, 1]])
    assert_array_equal(bench.gradient("adjugate", [[5.0]], np.zeros((1, 1))), [[0]])
    corner = np.diag([1.0, 0.0, 0.0])  # adj(diag(a, b, c)) is diag(bc, ac, ab): its last entry grows with b
    assert_array_equal(bench.gradient("adjugate", np.diag([0.0, 0.0, 1.0]), corner), np.diag([0.0, 1.0, 0.0]))
    assert not np.any(bench.gradient("adjugate", 1.0, np.zeros((3, 3))))
    assert not np.any(np.isfinite(bench.gradient("adjugate", 1.0, np.zeros((4, 4)))))


def test_three_rows_and_more_rows_give_their_adjugate_one_gradient(bench):
    x, g = regular((3, 3), 1), normal((3, 3), 2)
    bordered = np.block([[x, np.zeros((3, 1))], [np.zeros((1, 3)), np.ones((1, 1))]])
    wide = np.block([[g, np.zeros((3, 1))], [np.zeros((1, 4))]])
    four = bench.gradient("adjugate", wide, bordered)
    assert_allclose(bench.gradient("adjugate", g, x), four[:3, :3], rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", ["inv", "logdet"])
def test_each_matrix_of_a_batch_is_by_itself(bench, name):
    x = regular((2, 3, 3))
    for i in range(2):
        assert_allclose(bench.forward(name, x)[i], bench.forward(name, x[i]))
        assert_allclose(bench.gradient(name, 1.0, x)[i], bench.gradient(name, 1.0, x[i]))


def test_a_singular_matrix_has_no_inverse_and_the_sentence_names_it(bench):
    with pytest.raises(
        ComputeError, match=r"^the matrix is singular, its rows depend on each other: it has no inverse$"
    ):
        bench.forward("inv", [[1.0, 2.0], [2.0, 4.0]])
    batch = np.stack([np.stack([np.eye(2), np.eye(2)]), np.stack([np.zeros((2, 2)), np.eye(2)])])
    with pytest.raises(ComputeError, match=r"^the matrix \[1, 0\] of the batch is singular"):
        bench.forward("inv", batch)
    with pytest.raises(ComputeError, match="is singular"):
        bench.forward("inv", [[0]])


def test_a_matrix_that_holds_nan_or_infinity_has_a_nan_inverse_and_leaves_its_neighbours_alone(bench):
    x = np.stack([np.eye(2), np.full((2, 2), NAN), [[INF, 0], [0, 1]], 2 * np.eye(2)])
    inverse = bench.forward("inv", x)
    assert_array_equal(inverse[[0, 3]], [np.eye(2), np.eye(2) / 2])
    assert np.all(np.isnan(inverse[[1, 2]]))
    big = np.stack([np.eye(4), np.full((4, 4), NAN)])
    assert_allclose(bench.forward("adjugate", big)[0], np.eye(4), atol=1e-15)
    assert np.all(np.isnan(bench.forward("adjugate", big)[1]))


def test_a_nan_beside_a_singular_matrix_does_not_hide_it(bench):
    with pytest.raises(ComputeError, match=r"the matrix \[1\] of the batch is singular"):
        bench.forward("inv", np.stack([np.full((2, 2), NAN), np.ones((2, 2))]))


def test_a_logarithm_of_a_determinant_does_not_overflow_and_knows_its_sign(bench):
    assert_allclose(bench.forward("logdet", 1e300 * np.eye(3)), 900 * np.log(10))
    assert_array_equal(bench.forward("logdet", np.zeros((2, 2))), -INF)
    assert np.isnan(bench.forward("logdet", np.array([[0.0, 1.0], [1.0, 0.0]])))
    with pytest.raises(ComputeError, match="it has no inverse"):
        bench.gradient("logdet", 1.0, np.zeros((2, 2)))


@pytest.mark.parametrize("name", ["inv", "det", "adjugate", "logdet", "cholesky"])
def test_empty_matrices_and_empty_batches_work(bench, name):
    for shape in ((0, 0), (0, 2, 2), (3, 0, 0), (0, 0, 0)):
        x = np.zeros(shape)
        y = bench.forward(name, x)
        assert y.shape == (shape[:-2] if name in {"det", "logdet"} else shape)
        assert bench.gradient(name, 1.0, x).shape == shape
    assert bench.forward("det", np.zeros((0, 0))) == 1
    assert bench.forward("logdet", np.zeros((0, 0))) == 0


@pytest.mark.parametrize("name", ["inv", "det", "adjugate", "logdet", "cholesky"])
@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 3, 2), (0, 1)])
def test_what_is_no_square_matrix_is_told(bench, name, shape):
    with pytest.raises(ShapeError, match=r"it needs square matrices, with as many rows as columns, not \("):
        bench.shape(name, shape)


@pytest.mark.parametrize("name", ["inv", "det", "adjugate", "logdet", "cholesky", "solve"])
def test_integers_become_floats_float32_stays_and_float16_is_refused(bench, name):
    count = len(OPS[name].inputs)
    x = 2 * np.eye(2, dtype=np.int8)
    assert bench.forward(name, *[x] * count).dtype == np.float64
    assert bench.forward(name, *[x.astype(np.float32)] * count).dtype == np.float32
    with pytest.raises(ShapeError, match="in float32 or float64, not in float16: use astype first"):
        bench.dtype(name, *["float16"] * count)


@pytest.mark.parametrize(
    ("name", "sizes", "params", "forward", "backward"),
    [
        ("inv", [(3, 3)], {}, "x⁻¹", ["−yᵀ · g · yᵀ"]),
        ("det", [(3, 3)], {}, "det(x)", ["g × adj(x)ᵀ"]),
        ("logdet", [(3, 3)], {}, "ln(det(x))", ["g × x⁻ᵀ"]),
        ("adjugate", [(4, 4)], {}, "adj(x)", ["((∑₋₂,₋₁(g × y)) × yᵀ − yᵀ · g · yᵀ) / det(x)"]),
        ("solve", [(3, 3), (3, 2)], {}, "a⁻¹ · b", ["−a⁻ᵀ · g · yᵀ", "a⁻ᵀ · g"]),
        ("cholesky", [(3, 3)], {}, "chol(x)", ["y⁻ᵀ · (tril(yᵀ · g) + tril₋₁(yᵀ · g)ᵀ) · y⁻¹ / 2"]),
        ("trace", [(3, 3)], {}, "∑₋₁ diag(x)", ["diag(broadcast(expand_dims(g, axis=−1) → 3))"]),
        ("trace", [(3, 3)], {"offset": 1}, "∑₋₁ diag₁(x)", ["diag₁(broadcast(expand_dims(g, axis=−1) → 2))"]),
        ("tril", [(3, 3)], {"k": -1}, "tril₋₁(x)", ["tril₋₁(g)"]),
        ("triu", [(3, 3)], {}, "triu(x)", ["triu(g)"]),
    ],
)
def test_linear_algebra_looks_as_in_a_textbook(name, sizes, params, forward, backward):
    op, dtypes = OPS[name], [FLOAT] * len(sizes)
    canonical = op.read_params(params)
    assert unicode(forward_formula(op, sizes, dtypes, canonical)) == forward
    assert [unicode(vjp_formula(op, port, sizes, dtypes, canonical)) for port in op.inputs] == backward


def test_inverses_are_typeset_with_an_exponent():
    two = [(3, 3), (3, 2)]
    assert latex(vjp_formula(OPS["solve"], "b", two, [FLOAT] * 2, {})) == r"a^{-\top} \cdot g"
    assert latex(forward_formula(OPS["inv"], [(2, 2)], [FLOAT], {}, names={"x": "A"})) == "A^{-1}"
    assert latex(forward_formula(OPS["det"], [(2, 2)], [FLOAT], {})) == r"\det\left(x\right)"
