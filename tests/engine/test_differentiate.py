import tracemalloc
from pathlib import Path

import numpy as np
import pytest

import gradviz as gv
from gradviz.engine import differentiate, run
from gradviz.errors import ComputeError, EditRefusedError, ShapeError
from gradviz.formats import load, save
from gradviz.graph import Leaf, Node, OneHot, Port, Tensor, build, set_note, set_role, set_tensor

RNG = np.random.default_rng(0)
X, W, B, T = RNG.normal(size=(4, 3)), RNG.normal(size=(3, 2)), RNG.normal(size=2), RNG.normal(size=(4, 2))


def network(dtype="float64"):
    return gv.parse(
        "loss = mean((tanh(x @ W + b) - t)**2)",
        **{k: v.astype(dtype) for k, v in zip("xWbt", (X, W, B, T), strict=True)},
    )


def ops_of(document):
    return {name: made.op for name, made in document.nodes.items() if isinstance(made, Node)}


def fed(document, node):
    return [source for port, source in document.wires.items() if port.node == node]


# what it is


def test_the_targets_are_the_gradients_that_are_asked_for_in_that_order():
    gradient = differentiate(network(), ["b", "W"])
    assert list(gradient.targets) == ["d_loss_d_b", "d_loss_d_W"]
    swept, values = run(network()).gradients, run(gradient).values
    for leaf in "Wb":
        np.testing.assert_array_equal(values[f"d_loss_d_{leaf}"], swept[leaf])


def test_without_names_every_variable_and_input_that_has_a_gradient_is_meant():
    document = gv.leaf(network(), "unused", 1.0)
    document = gv.set_target(document, "loss")
    assert list(differentiate(document).targets) == [f"d_loss_d_{leaf}" for leaf in "xWbt"]


def test_a_gradient_by_a_node_in_the_middle_is_one_too():
    gradient = differentiate(network(), "tanh1")
    np.testing.assert_array_equal(run(gradient).values["d_loss_d_tanh1"], run(network()).gradients["tanh1"])
    assert "W" in gradient.nodes  # the value of tanh1 is needed, and so is what makes it


def test_float32_stays_float32():
    gradient = differentiate(network("float32"))
    values = run(gradient).values
    assert {values[node].dtype for node in gradient.nodes} == {np.dtype("float32")}
    np.testing.assert_array_equal(values["d_loss_d_W"], run(network("float32")).gradients["W"])


@pytest.mark.parametrize("name", ["x", "W", "b", "t"])
def test_no_node_is_dead(name):
    gradient = differentiate(network(), name)
    feeding = set(gradient.wires.values())
    assert {node for node in gradient.nodes if node not in feeding} == {f"d_loss_d_{name}"}


def test_equal_pieces_are_one_node():
    gradient = differentiate(gv.parse("loss = sum(exp(x) * exp(x) / exp(x))", x=X))
    alike = {}
    for name, made in gradient.nodes.items():
        if isinstance(made, Node):
            alike.setdefault((made.op, tuple(made.params.items()), tuple(fed(gradient, name))), []).append(name)
    assert sum(len(names) > 1 for names in alike.values()) <= 1  # exp stood there twice before: it is not touched


def test_what_the_forward_run_computed_is_not_computed_again():
    gradient = differentiate(gv.parse("y = exp(x)", x=X))
    assert list(ops_of(gradient).values()) == ["exp", "identity"]


def test_notes_of_nodes_that_stay_stay():
    document = set_note(set_note(network(), "W", "learned"), "loss", "gone")
    assert differentiate(document).notes == {"W": "learned"}


def test_a_gradient_document_can_be_saved_and_loaded(tmp_path):
    gradient = differentiate(network())
    save(gradient, tmp_path / "gradient.gradviz")
    again = load(tmp_path / "gradient.gradviz")
    assert list(again.targets) == list(gradient.targets)
    np.testing.assert_array_equal(run(again).values["d_loss_d_W"], run(gradient).values["d_loss_d_W"])


EXAMPLES = sorted((Path(__file__).parents[2] / "resources/examples").glob("*.gradviz"))


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in EXAMPLES])
def test_the_gradient_of_every_example_is_what_its_sweep_computes(path):
    document = load(path)
    swept = run(document).gradients
    reached = [name for name, made in document.nodes.items() if isinstance(made, Leaf) and swept[name] is not None]
    if not reached:
        with pytest.raises(EditRefusedError, match="nothing to differentiate by"):
            differentiate(document)
        return
    gradient = differentiate(document)
    values = run(gradient, strict=True).values
    for name, target in zip(reached, gradient.targets, strict=True):
        assert target.endswith(f"_d_{name}")
        np.testing.assert_array_equal(values[target], swept[name])


# names


def test_gradients_contributions_and_transposes_are_named_after_what_they_are():
    gradient = differentiate(gv.parse("h = x @ W; loss = sum(h * tanh(h) + h)", x=X, W=W))
    assert {"d_loss_d_W", "d_loss_d_h", "d_loss_d_h_via_tanh1", "x_T"} <= set(gradient.nodes)
    assert fed(gradient, "d_loss_d_W") == ["x_T", "d_loss_d_h"]


def test_the_chain_rule_can_be_read():
    gradient = differentiate(gv.parse("h = tanh(x); loss = sum(exp(h))", x=B))
    assert fed(gradient, "d_loss_d_x") == ["exp1", "d_h_d_x"]
    np.testing.assert_array_equal(run(gradient).values["d_h_d_x"], run(gv.parse("h = tanh(x)", x=B)).gradients["x"])


def test_a_local_derivative_is_not_taken_for_the_gradient_of_a_target():
    document = gv.parse("h = tanh(x)", x=B)
    gradient = differentiate(document, "x", {"h": [2.0, 3.0]})
    np.testing.assert_array_equal(run(gradient).values["d_h_d_x"], run(document, "h", [2.0, 3.0]).gradients["x"])


def test_a_gradient_that_is_another_keeps_its_name_beside_local_derivatives():
    document = gv.parse("y = sin(x) * w", x=B, w=np.float64(2.0))
    gradient = differentiate(document, ["sin1", "x", "w"], {"y": [2.0, 3.0]})
    assert list(gradient.targets) == ["d_y_d_sin1", "d_y_d_x", "d_y_d_w"]
    twins = gv.differentiate(gv.parse("y = tanh(a + b) * w", a=B, b=B, w=B), ["a", "b"], {"y": [2.0, 3.0]})
    assert list(twins.targets) == ["d_y_d_a", "d_y_d_b"]


def test_two_wires_from_one_node_to_another_are_told_apart_by_the_port():
    gradient = differentiate(gv.parse("y = x**x", x=np.array([2.0, 3.0])))
    assert fed(gradient, "d_y_d_x") == ["d_y_d_x_via_y_a", "d_y_d_x_via_y_b"]


def test_a_gradient_that_is_another_has_a_node_of_its_own_name():
    gradient = differentiate(gv.parse("loss = sum(tanh(a + b))", a=B, b=B))
    assert ops_of(gradient)["d_loss_d_a"] == "identity"
    assert fed(gradient, "d_loss_d_a") == fed(gradient, "d_loss_d_b") == ["d_loss_d_add1"]


def test_a_name_that_is_taken_is_not_given_again():
    document = gv.parse("d_loss_d_x = 3 * x; loss = sum(d_loss_d_x**2)", x=B)
    gradient = differentiate(document, "x")
    (target,) = gradient.targets
    assert target == "gradient1"
    np.testing.assert_array_equal(run(gradient).values[target], run(document).gradients["x"])


def test_a_name_that_would_be_too_long_is_a_number():
    long = "x" * 200
    document = build({long: Leaf("variable", Tensor(B)), "y": Node("sin")}, {("y", "x"): long}, {"y": None})
    assert list(differentiate(document).targets) == ["gradient1"]


# targets and seeds


def test_the_gradient_of_several_targets_is_that_of_their_sum():
    document = gv.parse("a = sum(x**2); b = mean(sin(x))", x=B)
    gradient = differentiate(document, "x", ["a", "b"])
    assert list(gradient.targets) == ["d_a_plus_b_d_x"]
    np.testing.assert_array_equal(run(gradient).values["d_a_plus_b_d_x"], run(document, ["a", "b"]).gradients["x"])


def test_a_target_that_another_one_depends_on_gets_its_seed_and_the_contribution():
    document = gv.parse("a = sin(x); b = sum(a**2)", x=B)
    gradient = differentiate(document, ["x", "a"], ["a", "b"])
    swept, values = run(document, ["a", "b"]).gradients, run(gradient).values
    np.testing.assert_array_equal(values["d_a_plus_b_d_x"], swept["x"])
    np.testing.assert_array_equal(values["d_a_plus_b_d_a"], swept["a"])
    assert "seed_a" in gradient.nodes


@pytest.mark.parametrize("seed", [OneHot((1, 0)), T, None])
def test_seeds_of_the_document_are_leaves_of_the_gradient(seed):
    document = gv.set_target(gv.parse("y = tanh(x @ W)", x=X, W=W), "y", seed)
    np.testing.assert_array_equal(run(differentiate(document)).values["d_y_d_W"], run(document).gradients["W"])


def test_a_target_can_be_differentiated_by_itself():
    gradient = differentiate(network(), "loss")
    assert list(gradient.nodes) == ["d_loss_d_loss"]
    assert run(gradient, "d_loss_d_loss").values["d_loss_d_loss"] == 1


# what the seed of ones only multiplies


def test_a_factor_of_ones_goes():
    assert ops_of(differentiate(gv.parse("loss = sum(x * w)", x=X, w=X), "w")) == {"d_loss_d_w": "identity"}
    assert ops_of(differentiate(gv.parse("y = x**2", x=X))) == {"d_y_d_x": "multiply"}


def test_a_factor_of_ones_that_stretches_stays_a_stretch():
    gradient = differentiate(gv.parse("loss = sum(x * w)", x=X, w=B[:1]), "x")
    assert ops_of(gradient) == {"d_loss_d_x": "broadcast_to"}
    np.testing.assert_array_equal(run(gradient).values["d_loss_d_x"], np.broadcast_to(B[0], X.shape))


def test_a_factor_of_minus_ones_is_a_sign():
    assert ops_of(differentiate(gv.parse("y = cos(x)", x=X))) == {"sin1": "sin", "d_y_d_x": "negative"}


def test_no_other_seed_is_taken_for_ones():
    document = gv.set_target(gv.parse("y = x * w", x=B, w=B), "y", np.array([1.0, 2.0]))
    np.testing.assert_array_equal(run(differentiate(document, "w")).values["d_y_d_w"], B * [1, 2])


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, -0.0, 1e308, 5e-324])
def test_what_is_simplified_stays_the_same_bit_for_bit(value):
    x, w = np.array([value, 1.0, -2.0]), np.array([0.0, value, -1.0])
    for expression in ("loss = sum(x * w)", "loss = mean(-x * w / 2)", "loss = sum((x - w) * tanh(x))"):
        document = gv.parse(expression, x=x, w=w)
        swept, values = run(document).gradients, run(differentiate(document)).values
        for leaf in "xw":
            np.testing.assert_array_equal(values[f"d_loss_d_{leaf}"], swept[leaf])
            np.testing.assert_array_equal(np.signbit(values[f"d_loss_d_{leaf}"]), np.signbit(swept[leaf]))


def test_what_only_constants_decide_is_decided():
    document = gv.parse("y = x**3", x=2.0)
    assert ops_of(differentiate(document, "x")) == {"sub1": "subtract", "pow1": "power", "d_y_d_x": "multiply"}
    twice = differentiate(differentiate(document, "x"), "x")
    assert "where" not in ops_of(twice).values()
    assert run(twice).values["d_d_y_d_x_d_x"] == 12
    mixed = set_role(gv.parse("y = x**n", x=B, n=np.array([0.0, 3.0])), "n", "constant")
    assert "where" in ops_of(differentiate(mixed, "x")).values()
    np.testing.assert_array_equal(run(differentiate(mixed, "x")).values["d_y_d_x"], run(mixed).gradients["x"])


def test_the_gradient_stays_right_when_a_leaf_of_the_document_is_changed():
    document = gv.leaf(gv.leaf(gv.document(), "x", B), "one", 1.0, "constant")
    document = gv.leaf(document, "two", 2.0, "constant")
    document = gv.add(gv.add(document, "mul", ["x", "one"], id="h"), "square", "h", id="s")
    document = gv.add(document, "mul", ["s", "two"], id="y")
    gradient = differentiate(document, "x")
    for name in ("one", "two"):
        changed, changed_gradient = (set_tensor(each, name, np.array(7.0)) for each in (document, gradient))
        np.testing.assert_allclose(run(changed_gradient).values["d_y_d_x"], run(changed, "y").gradients["x"])


# shapes and sizes


@pytest.mark.parametrize("shape", [(), (0,), (0, 3), (1,), (1, 1, 2)])
def test_every_shape_works(shape):
    document = gv.parse("loss = sum(tanh(x * x + 1))", x=np.full(shape, 0.5))
    values = run(differentiate(document)).values
    assert values["d_loss_d_x"].shape == shape
    np.testing.assert_array_equal(values["d_loss_d_x"], run(document).gradients["x"])


def test_ones_take_no_memory():
    nodes = {"x": Leaf("variable", Tensor(np.broadcast_to(2.0, (4096, 4096)))), "y": Node("sum")}
    tracemalloc.start()
    gradient = differentiate(build(nodes, {("y", "x"): "x"}))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert gradient.nodes["d_y_d_x"].value.shape == (4096, 4096)
    assert peak < 2**22


def test_a_chain_of_thousands_of_nodes_works():
    count = 3_000
    nodes = {"x": Leaf("variable", Tensor(np.array(0.5))), **{f"s{i}": Node("sin") for i in range(count)}}
    wires = {Port(f"s{i}", "x"): f"s{i - 1}" if i else "x" for i in range(count)}
    document = build(nodes, wires)
    gradient = differentiate(document, "x")
    (target,) = gradient.targets
    assert run(gradient).values[target] == run(document).gradients["x"]


# what is refused


def test_a_node_without_a_gradient_is_refused_with_the_reason():
    document = gv.parse("loss = sum(stop_gradient(x) * w) + sum(n)", x=B, w=B, n=np.arange(2))
    for name, reason in (
        ("x", "x.*stop_gradient"),
        ("n", "integer tensors have no gradient"),
        ("nobody", 'there is no node "nobody"'),
        (3, "not by int"),
    ):
        with pytest.raises(EditRefusedError, match=reason):
            differentiate(document, name if isinstance(name, str) else [name])


def test_a_constant_is_refused_with_the_reason():
    document = gv.parse("loss = sum(x * c)", x=B, c=np.arange(2))
    with pytest.raises(EditRefusedError, match='with respect to "c"'):
        differentiate(document, "c")
    with pytest.raises(EditRefusedError, match="at least one node"):
        differentiate(document, [])


def test_a_document_without_anything_to_differentiate_is_refused():
    with pytest.raises(EditRefusedError, match="no target"):
        differentiate(gv.document())
    with pytest.raises(EditRefusedError, match="nothing to differentiate by"):
        differentiate(gv.add(gv.leaf(gv.document(), "c", 1.0, "constant"), "sin", "c", id="y"))


def test_a_target_that_cannot_be_computed_is_refused_with_what_is_wrong():
    half = gv.add(gv.leaf(gv.document(), "x", B), "add", ["x", None], id="y")
    with pytest.raises(ComputeError, match="the input b is open"):
        differentiate(half, "x", "y")
    wrong = gv.add(gv.leaf(gv.leaf(gv.document(), "x", B), "w", X), "add", ["x", "w"], id="y")
    with pytest.raises(ShapeError, match="cannot broadcast"):
        differentiate(wrong, "x", "y")
    with pytest.raises(ShapeError, match="only float tensors have a gradient"):
        differentiate(gv.parse("y = x > 0", x=B), "x")
    with pytest.raises(ShapeError, match="the seed"):
        differentiate(network(), "x", {"loss": np.ones(3)})
