import numpy as np
import pytest

import gradviz as gv
from gradviz.engine import jacobian, jvp, run
from gradviz.errors import ComputeError, EditRefusedError, LimitError, ShapeError

RNG = np.random.default_rng(2)
X, W = RNG.normal(size=(2, 3)), RNG.normal(size=(3, 4))


def test_the_jacobian_has_the_axes_of_the_result_and_then_those_of_the_input():
    found = jacobian(gv.parse("y = x @ W", x=X, W=W), "y", "x")
    assert found.shape == (2, 4, 2, 3)
    np.testing.assert_allclose(found, np.einsum("ab,kc->acbk", np.eye(2), W))


WIDE = gv.parse("y = tanh(W @ x)", W=RNG.normal(size=(2, 5)), x=RNG.normal(size=5))
TALL = gv.parse("y = tanh(W @ x)", W=RNG.normal(size=(5, 2)), x=RNG.normal(size=2))


@pytest.mark.parametrize("document", [WIDE, TALL], ids=["by rows", "by columns"])
def test_rows_are_sweeps_and_columns_are_tangents(document):
    found = jacobian(document, "y", "x")
    rows, columns = found.shape
    for i, up in enumerate(np.eye(rows)):
        np.testing.assert_allclose(found[i], run(document, "y", up).gradients["x"], rtol=1e-12)
    for j, along in enumerate(np.eye(columns)):
        np.testing.assert_allclose(found[:, j], jvp(document, {"x": along}).tangents["y"], rtol=1e-12)


def test_the_jacobian_of_a_node_by_itself_is_the_identity():
    np.testing.assert_array_equal(jacobian(gv.parse("y = x", x=X[0]), "x", "x"), np.eye(3))


def test_a_node_in_the_middle_is_taken_for_itself():
    document = gv.parse("h = 3 * x; y = h**2 + x", x=2.0)
    assert jacobian(document, "y", "h") == 12
    assert jacobian(document, "y", "x") == 37


def test_without_a_path_it_is_zeros():
    document = gv.parse("a = sin(x); y = stop_gradient(x) + sum(w)", x=X, w=W)
    np.testing.assert_array_equal(jacobian(document, "y", "x"), np.zeros((2, 3, 2, 3)))
    np.testing.assert_array_equal(jacobian(document, "a", "w"), np.zeros((2, 3, 3, 4)))
    np.testing.assert_array_equal(jacobian(document, "x", "y"), np.zeros((2, 3, 2, 3)))


@pytest.mark.parametrize("shape", [(), (0,), (0, 2), (1,)])
def test_every_shape_works(shape):
    found = jacobian(gv.parse("y = x**2", x=np.full(shape, 3.0)), "y", "x")
    assert found.shape == shape + shape
    assert np.all(found == 6)


def test_its_dtype_is_that_of_the_result():
    document = gv.parse("y = astype(x, dtype='float32')", x=X)
    assert jacobian(document, "y", "x").dtype == np.float32
    assert jacobian(gv.parse("y = x * 2", x=X.astype("f2")), "y", "x").dtype == np.float16


def test_a_constant_has_a_jacobian_too():
    document = gv.leaf(gv.document(), "c", 3.0, "constant")
    assert jacobian(gv.add(document, "square", "c", id="y"), "y", "c") == 6


def test_what_is_wrong_elsewhere_in_the_document_does_not_matter():
    document = gv.add(gv.parse("y = x**2", x=3.0), "add", ["x", None], id="half")
    assert jacobian(document, "y", "x") == 6
    with pytest.raises(ComputeError, match="the input b is open"):
        jacobian(document, "half", "x")


def test_beyond_its_limit_it_is_refused_before_anything_is_computed():
    document = gv.parse("y = x * 2", x=np.zeros((64, 64)))
    with pytest.raises(LimitError, match=r"16,777,216 numbers \(4,096 × 4,096\); the limit is 4,194,304"):
        jacobian(document, "y", "x")
    with pytest.raises(LimitError, match="the limit is 8"):
        jacobian(gv.parse("y = x * 2", x=np.zeros(3)), "y", "x", limit=8)
    assert jacobian(gv.parse("y = x * 2", x=np.zeros(3)), "y", "x", limit=9).size == 9


def test_what_has_no_jacobian_is_refused():
    document = gv.parse("y = x > 0", x=X)
    with pytest.raises(ShapeError, match="only float tensors"):
        jacobian(document, "y", "x")
    for names in (("nobody", "x"), ("x", "nobody"), ("x", 3)):
        with pytest.raises(EditRefusedError):
            jacobian(document, *names)
