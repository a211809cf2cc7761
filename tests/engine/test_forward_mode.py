import numpy as np
import pytest

import gradviz as gv
from gradviz.engine import jvp, run
from gradviz.errors import ComputeError, EditRefusedError, ShapeError
from gradviz.graph import Leaf, Node, Port, Tensor, build

RNG = np.random.default_rng(1)
X, W, V = RNG.normal(size=(2, 3)), RNG.normal(size=(3, 2)), RNG.normal(size=(2, 3))


def test_every_node_has_its_tangent_in_its_own_shape_and_dtype():
    document = gv.parse("y = sum(tanh(x @ W), axis=0)", x=X.astype("f4"), W=W.astype("f4"))
    result = jvp(document, {"x": V})
    for node, value in result.values.items():
        tangent = result.tangents[node]
        assert (tangent is None) == (node == "W")
        assert tangent is None or (tangent.shape, tangent.dtype) == (value.shape, value.dtype)
    np.testing.assert_allclose(result.tangents["matmul1"], V @ W, rtol=1e-6)


def test_tangents_of_several_leaves_add_up():
    document = gv.parse("y = x @ W", x=X, W=W)
    both = jvp(document, {"x": V, "W": W}).tangents["y"]
    np.testing.assert_allclose(both, V @ W + X @ W)


def test_a_node_in_the_middle_can_move_beside_what_feeds_it():
    document = gv.parse("h = 3 * x; y = h**2", x=2.0)
    assert jvp(document, {"h": 1.0}).tangents["y"] == 12
    assert jvp(document, {"h": 1.0}).tangents["x"] is None
    assert jvp(document, {"h": 1.0, "x": 1.0}).tangents["y"] == 48


def test_a_constant_can_move_too():
    document = gv.leaf(gv.document(), "c", 2.0, "constant")
    assert jvp(gv.add(document, "square", "c", id="y"), {"c": 1.0}).tangents["y"] == 4


def test_a_target_leaves_out_what_it_does_not_depend_on():
    document = gv.parse("a = sin(x); b = exp(a); c = cos(a)", x=X)
    assert set(jvp(document, {"x": V}, "b").tangents) == {"x", "a", "b"}
    assert set(jvp(document, {"x": V}, ["a"]).values) == {"x", "a"}
    assert set(jvp(document, {"x": V}).values) == {"x", "a", "b", "c"}


def test_nothing_moves_behind_a_stop_or_an_integer():
    document = gv.parse("a = stop_gradient(x); b = x > 0; c = sum(astype(b, dtype='float64')) + sum(a)", x=X)
    tangents = jvp(document, {"x": V}).tangents
    assert [tangents[node] for node in "abc"] == [None, None, None]


@pytest.mark.parametrize("shape", [(), (0,), (2, 0), (1, 1)])
def test_every_shape_works(shape):
    document = gv.parse("y = tanh(x * x)", x=np.full(shape, 0.5))
    tangent = jvp(document, {"x": np.ones(shape)}).tangents["y"]
    np.testing.assert_allclose(tangent, np.full(shape, 1 - np.tanh(0.25) ** 2))


def test_what_is_not_finite_is_a_fact():
    document = gv.parse("y = sqrt(x) * w", x=np.array([0.0, np.nan, np.inf]), w=np.ones(3))
    np.testing.assert_array_equal(jvp(document, {"x": np.ones(3)}).tangents["y"], [np.inf, np.nan, 0.0])


def test_a_half_built_document_runs_as_far_as_it_goes():
    document = gv.add(gv.add(gv.leaf(gv.document(), "x", 2.0), "square", "x", id="y"), "add", ["y", None], id="z")
    result = jvp(document, {"x": 1.0})
    assert result.tangents["y"] == 4
    assert "z" not in result.values
    with pytest.raises(ComputeError, match="the input b is open"):
        jvp(document, {"x": 1.0}, "z")


def test_a_chain_of_thousands_of_nodes_works():
    count = 3_000
    nodes = {"x": Leaf("variable", Tensor(np.array(0.5))), **{f"s{i}": Node("sin") for i in range(count)}}
    document = build(nodes, {Port(f"s{i}", "x"): f"s{i - 1}" if i else "x" for i in range(count)})
    last = f"s{count - 1}"
    assert jvp(document, {"x": 1.0}).tangents[last] == pytest.approx(run(document, last).gradients["x"], rel=1e-9)


def test_the_document_stays_as_it_is_and_tangents_are_read_only():
    x = X.copy()
    document = gv.parse("y = 2 * x", x=x)
    result = jvp(document, {"x": x})
    assert not result.tangents["x"].flags.writeable
    assert not result.tangents["y"].flags.writeable
    assert document.targets == gv.parse("y = 2 * x", x=x).targets


@pytest.mark.parametrize(
    ("tangents", "kind", "sentence"),
    [
        ({"x": np.ones(2)}, ShapeError, 'the tangent of "x" has shape'),
        ({"n": np.ones(3)}, ShapeError, "only float tensors have derivatives"),
        ({"nobody": 1.0}, EditRefusedError, 'there is no node "nobody"'),
        ({"x": "words"}, EditRefusedError, "float"),
        ({3: 1.0}, EditRefusedError, "not by int"),
    ],
)
def test_a_tangent_that_cannot_be_is_refused(tangents, kind, sentence):
    document = gv.parse("y = sum(x) + sum(n)", x=X, n=np.arange(3))
    with pytest.raises(kind, match=sentence):
        jvp(document, tangents)


def test_values_that_an_op_cannot_work_with_are_told_of_its_node():
    document = gv.parse("y = cross_entropy(x, n)", x=X, n=np.array([0, 7]))
    with pytest.raises(ComputeError, match='cross_entropy "y"'):
        jvp(document, {"x": V})
