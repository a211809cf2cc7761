"""Compiled plans: what is computed and what is not, what may be given, what belongs to whom."""

import numpy as np
import pytest

from gradviz.engine import Compiled, Result, compile_plan, emitting, run
from gradviz.errors import EditRefusedError, GradvizError
from gradviz.graph import OneHot, Tensor, plan_for, set_tensor
from tests.engine.bits import assert_compiled_as_recorded, assert_same_bits, compiled_of
from tests.engine.building import build, chain

RNG = np.random.default_rng(5)
X, W, B, T = RNG.normal(size=(4, 3)), RNG.normal(size=(3, 2)), RNG.normal(size=2), RNG.normal(size=(4, 2))


def layer(**targets):
    return build(
        {"x": (X, "input"), "W": W, "b": B, "t": (T, "constant")},
        {
            "y": ("linear", "x", "W", "b"),
            "h": ("tanh", "y"),
            "e": ("subtract", "h", "t"),
            "s": ("square", "e"),
            "loss": ("mean", "s"),
        },
        targets or {"loss": None},
    )


def test_values_are_those_of_the_targets_and_gradients_those_of_variables_and_inputs():
    result = compiled_of(layer())()
    assert isinstance(result, Result)
    assert set(result.values) == {"loss"}
    assert set(result.gradients) == {"x", "W", "b"}
    assert_compiled_as_recorded(layer())


def test_gradients_and_values_that_are_asked_for_and_no_others():
    tape = run(layer())
    result = compiled_of(layer(), "h", "W", "t", values=["y", "x"])()
    assert set(result.values) == {"y", "x"}
    assert_same_bits(result.values["y"], tape.values["y"])
    assert_same_bits(result.gradients["h"], tape.gradients["h"])
    assert_same_bits(result.gradients["W"], tape.gradients["W"])
    assert result.gradients["t"] is None


def test_without_gradients_nothing_of_the_sweep_is_in_the_code():
    compiled = compile_plan(plan_for(layer()), gradients=())
    assert compiled().gradients == {}
    assert ".mT" not in compiled.source
    assert ".mT" in compiled_of(layer()).source


def test_only_the_way_to_a_wanted_leaf_is_swept():
    assert ".mT" not in compiled_of(layer(), "b").source  # no matrix is turned for the sum of a bias


def test_what_no_target_needs_is_not_computed():
    document = build({"x": 2.0, "z": np.ones((2, 2))}, {"dead": ("exp", "z"), "y": ("square", "x")}, {"y": None})
    assert "np.exp" not in compiled_of(document).source
    assert compiled_of(document)().gradients["z"] is None


def test_what_depends_on_constants_alone_is_computed_once():
    document = build(
        {"c": (np.ones(3), "constant"), "x": np.ones(3)}, {"e": ("exp", "c"), "y": ("multiply", "e", "x")}, {"y": None}
    )
    fold, step = compiled_of(document).source.split("def step")
    assert "np.exp" in fold
    assert "np.exp" not in step


def test_another_constant_is_folded_anew_for_that_call_only():
    document = build(
        {"c": (np.ones(3), "constant"), "x": np.ones(3)}, {"e": ("exp", "c"), "y": ("multiply", "e", "x")}, {"y": None}
    )
    compiled = compiled_of(document)
    first = compiled()
    other = compiled({"c": np.zeros(3)})
    np.testing.assert_array_equal(other.gradients["x"], np.ones(3))
    assert_same_bits(compiled().gradients["x"], first.gradients["x"])


def test_a_piece_that_two_rules_share_is_computed_once():
    document = build(
        {"x": X, "t": (np.array([0, 1, 2, 1]), "constant")}, {"loss": ("cross_entropy", "x", "t")}, {"loss": None}
    )
    assert compiled_of(document).source.count("np.exp") == 1
    assert_compiled_as_recorded(document)


def test_leaves_that_are_given_stand_for_those_of_the_document():
    document, other = layer(), RNG.normal(size=W.shape)
    result = compiled_of(document)({"W": other})
    tape = run(set_tensor(document, "W", Tensor(other)))
    assert_same_bits(result.values["loss"], tape.values["loss"])
    for node in ("x", "W", "b"):
        assert_same_bits(result.gradients[node], tape.gradients[node])


def test_leaves_that_lie_otherwise_in_memory_give_the_bits_that_they_give_in_a_document():
    document = build({"x": RNG.normal(size=(90, 70))}, {"e": ("exp", "x"), "y": ("mean", "e")}, {"y": None})
    base = RNG.normal(size=(70, 90))
    for other in (base.T, np.asfortranarray(base.T), np.repeat(base.T, 2, axis=1)[:, ::2], base.T.astype("float32")):
        result = compiled_of(document)({"x": other})
        tape = run(set_tensor(document, "x", Tensor(other.astype(float, order="A"))))
        assert_same_bits(result.values["y"], tape.values["y"])
        assert_same_bits(result.gradients["x"], tape.gradients["x"])


def test_numbers_of_rank_0_may_be_given_as_numbers():
    document = build({"x": 2.0, "y": 3.0}, {"z": ("multiply", "x", "y")}, {"z": None})
    result = compiled_of(document)({"x": 5}, {"z": 2.0})
    assert result.values["z"] == 15.0
    assert result.gradients["y"] == 10.0
    assert result.gradients["x"].shape == ()


@pytest.mark.parametrize("seed", [np.full((4, 2), 3.0), OneHot((1, 0)), np.full((4, 2), 2, "float32")])
def test_seeds_that_are_given_stand_for_those_of_the_document(seed):
    document = layer(h=None)
    tape = run(document, "h", seed)
    result = compiled_of(document)(seeds={"h": seed})
    for node in ("x", "W", "b"):
        assert_same_bits(result.gradients[node], tape.gradients[node])
    ones = run(document)
    assert_same_bits(compiled_of(document)().gradients["W"], ones.gradients["W"])


def test_several_targets_with_their_seeds():
    document = layer(loss=None, h=Tensor(np.full((4, 2), 0.5)), W=None)
    assert_compiled_as_recorded(document)
    tape = run(document, {"loss": 2.0, "h": np.full((4, 2), 0.5), "W": None})
    assert_same_bits(compiled_of(document)(seeds={"loss": 2.0}).gradients["W"], tape.gradients["W"])


@pytest.mark.parametrize(
    ("leaves", "seeds", "part"),
    [
        ({"W": np.ones((2, 2))}, {}, "compile a plan"),
        ({"W": np.ones((3, 2), complex)}, {}, "compile a plan"),
        ({}, {"loss": np.ones(3)}, "seed"),
        ({}, {"loss": OneHot((7,))}, "seed"),
        ({"nobody": 1.0}, {}, "nobody"),
        ({"h": 1.0}, {}, "no leaf"),
        ({}, {"h": 1.0}, "no target"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_sentence(leaves, seeds, part):
    with pytest.raises(GradvizError, match=part):
        compiled_of(layer())(leaves, seeds)


def test_a_node_that_the_plan_does_not_have_is_refused():
    with pytest.raises(EditRefusedError, match="nobody"):
        compiled_of(layer(), "nobody")
    with pytest.raises(EditRefusedError, match="nobody"):
        compiled_of(layer(), values=["nobody"])


def test_results_do_not_change_with_later_calls_and_nobody_may_write_to_them():
    compiled = compiled_of(layer(), "x", "W", "b", "h", values=["y", "h", "loss", "W"])
    first = compiled()
    kept = {node: array.copy() for node, array in {**first.values, **first.gradients}.items()}
    compiled({"W": np.full(W.shape, 9.0), "x": np.full(X.shape, -1.0)}, {"loss": 7.0})
    for node, array in {**first.values, **first.gradients}.items():
        assert not array.flags.writeable
        assert_same_bits(array, kept[node])


def test_what_is_given_is_not_written_and_stays_the_callers():
    document = build({"x": X}, {"y": ("identity", "x"), "z": ("reshape", "y", {"shape": (12,)})}, {"z": None})
    own = X.copy()
    result = compiled_of(document, values=["x", "y", "z"])({"x": own})
    own[:] = 0
    assert own.flags.writeable
    np.testing.assert_array_equal(result.values["z"], X.ravel())
    np.testing.assert_array_equal(result.values["y"], X)
    seed = np.ones(12)
    gradients = compiled_of(document)(seeds={"z": seed}).gradients
    seed[:] = 0
    np.testing.assert_array_equal(gradients["x"], np.ones((4, 3)))


def test_large_results_are_written_over_what_nobody_reads_any_more():
    big = RNG.normal(size=(80, 80))
    document = build(
        {"x": big, "w": RNG.normal(size=(80, 80)), "b": RNG.normal(size=80)},
        {
            "m": ("matmul", "x", "w"),
            "a": ("add", "m", "b"),
            "t": ("tanh", "a"),
            "u": ("add", "t", "m"),
            "z": ("mean", "u"),
        },
        {"z": None},
    )
    assert_compiled_as_recorded(document)
    source = compiled_of(document).source
    assert any(f", v{i})" in source and f"(v{i}, " in source for i in range(40))


def test_a_total_of_many_large_contributions_leaves_each_of_them_alone():
    document = build(
        {"x": RNG.normal(size=(70, 70))},
        {
            "a": ("exp", "x"),
            "b": ("add", "a", "x"),
            "c": ("multiply", "b", "x"),
            "d": ("subtract", "c", "a"),
            "e": ("add", "d", "d"),
            "f": ("permute_dims", "e", {"axes": (1, 0)}),
            "g": ("multiply", "f", "e"),
        },
        {"g": None},
    )
    assert_compiled_as_recorded(document)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_mixed_dtypes_shapes_and_ranks(dtype):
    document = build(
        {
            "x": RNG.normal(size=(2, 3)).astype(dtype),
            "s": np.asarray(0.5, "float32"),
            "n": (np.arange(3), "constant"),
            "m": (np.array([[True], [False]]), "constant"),
            "v": RNG.normal(size=(1, 3)),
        },
        {
            "a": ("multiply", "x", "s"),
            "b": ("add", "a", "n"),
            "c": ("multiply", "b", "m"),
            "d": ("add", "c", "v"),
            "k": ("greater", "d", "x"),
            "e": ("where", "k", "d", "s"),
            "y": ("sum", "e"),
        },
        {"y": None},
    )
    assert_compiled_as_recorded(document)


@pytest.mark.parametrize("shape", [(), (0,), (0, 3), (2, 0), (1, 1)])
def test_empty_tensors_and_rank_0(shape):
    document = build(
        {"x": np.ones(shape), "s": 2.0},
        {"a": ("multiply", "x", "s"), "b": ("exp", "a"), "c": ("relu", "b"), "y": ("sum", "c")},
        {"y": None},
    )
    assert_compiled_as_recorded(document)


def test_a_target_that_is_a_leaf_and_one_that_depends_on_constants_only():
    document = build(
        {"x": 2.0, "c": (3.0, "constant")}, {"k": ("square", "c"), "y": ("multiply", "x", "k")}, {"x": None, "k": None}
    )
    assert_compiled_as_recorded(document)
    assert compiled_of(document)().gradients["x"] == 1.0


def test_dead_paths_give_none_as_in_the_recorded_run():
    document = build(
        {"x": 2.0, "n": (np.array(3), "variable"), "w": 1.0},
        {"c": ("stop_gradient", "x"), "y": ("multiply", "c", "w"), "z": ("add", "y", "n")},
        {"z": None},
    )
    assert compiled_of(document)().gradients["x"] is None
    assert_compiled_as_recorded(document)


def test_a_compiled_plan_knows_its_code():
    compiled = compiled_of(layer())
    assert isinstance(compiled, Compiled)
    assert compiled.source.startswith("def ")


@pytest.mark.parametrize("size", [1, 2, 3])
def test_code_that_is_cut_into_short_functions_gives_the_same(size, monkeypatch):
    monkeypatch.setattr(emitting, "_MOST_STATEMENTS", size)
    big = build(
        {"x": RNG.normal(size=(70, 70)), "w": RNG.normal(size=(70, 70)), "s": 2.0},
        {
            "m": ("matmul", "x", "w"),
            "e": ("tanh", "m"),
            "a": ("add", "e", "w"),
            "n": ("mean", "a"),
            "q": ("divide", "n", "s"),
            "r": ("exp", "q"),
            "z": ("multiply", "r", "a"),
        },
        {"z": None},
    )
    for document in (layer(), big, chain(["sin", "tanh", "relu", "square"], 40)):
        assert "def step1" in compiled_of(document).source
        assert_compiled_as_recorded(document)


def test_a_chain_of_100_000_nodes_compiles():
    compiled = compiled_of(chain(["negative", "square", "tanh"], 100_000))
    assert compiled().gradients["x"] is not None
