import numpy as np
import pytest

from gradviz.errors import EditRefusedError
from gradviz.graph import (
    Document,
    OneHot,
    Tensor,
    add_leaf,
    add_node,
    add_target,
    clear_target,
    disconnect,
    plan_for,
    remove,
    set_seed,
    set_target,
    targets_of,
)


def refusal_of(edit, *args):
    with pytest.raises(EditRefusedError) as refused:
        edit(*args)
    return str(refused.value)


def test_the_new_target_is_the_only_one(line):
    document = set_target(set_target(line, "loss"), "scale")
    assert document.targets == {"scale": None}
    assert set_target(document, "scale") is document


def test_making_a_target_again_brings_its_ones_back(line):
    document = set_target(line, "scale", OneHot((1,)))
    assert set_target(document, "scale", OneHot((1,))) is document
    assert set_target(document, "scale").targets == {"scale": None}


def test_several_targets_are_kept_in_order(line):
    document = add_target(add_target(line, "loss"), "scale", OneHot((0,)))
    assert list(document.targets.items()) == [("loss", None), ("scale", OneHot((0,)))]
    assert add_target(document, "loss") is document
    assert clear_target(document, "loss").targets == {"scale": OneHot((0,))}
    assert not clear_target(document).targets
    assert clear_target(document, "x") is document
    assert clear_target(line) is line


def test_a_seed_has_the_shape_of_its_target(line):
    document = set_seed(set_target(line, "scale"), "scale", Tensor(np.array([1.0, 0.0, 2.0])))
    seed = document.targets["scale"]
    assert set_seed(document, "scale", Tensor(np.array([1.0, 0.0, 2.0]))) is document
    assert set_seed(document, "scale", seed) is document
    assert set_seed(document, "scale", None).targets == {"scale": None}


@pytest.mark.parametrize(
    ("seed", "sentence"),
    [
        (Tensor(np.ones(2)), 'the seed of "scale" has shape (2,), but "scale" has shape (3,): give it that shape'),
        (Tensor(np.float64(1)), 'the seed of "scale" has shape (), but "scale" has shape (3,)'),
        (OneHot((3,)), 'the one-hot seed of "scale" stands at (3,), outside of its shape (3,): choose another cell'),
        (OneHot((-1,)), 'the one-hot seed of "scale" stands at (-1,)'),
        (OneHot(()), 'the one-hot seed of "scale" stands at ()'),
        (OneHot((0.5,)), 'the one-hot seed of "scale" stands at (0.5,)'),
        ([1.0, 2.0], 'the seed of "scale" has shape (2,)'),
        ([[1.0], [2.0, 3.0]], "this is no tensor"),
        (Tensor(np.array(["a", "b", "c"])), "a tensor cannot have dtype"),
    ],
)
def test_a_seed_that_does_not_fit_is_refused(line, seed, sentence):
    for edit in (set_target, add_target):
        assert refusal_of(edit, line, "scale", seed).startswith(sentence)
    assert refusal_of(set_seed, set_target(line, "scale"), "scale", seed).startswith(sentence)


def test_an_array_is_a_seed_as_well(line):
    document = set_target(line, "scale", [1.0, 0.0, 2.0])
    assert set_target(document, "scale", np.array([1.0, 0.0, 2.0])) is document
    assert plan_for(line, {"scale": np.ones(3)}).targets["scale"].array.tolist() == [1.0, 1.0, 1.0]


def test_any_seed_can_wait_for_a_shape_that_is_not_known(line):
    half_built = disconnect(line, ("scale", "a"))
    assert set_target(half_built, "scale", OneHot((7,))).targets == {"scale": OneHot((7,))}


def test_only_a_target_has_a_seed(line):
    assert refusal_of(set_seed, line, "x", OneHot((0,))) == (
        '"x" is no target, so it has no seed: make it a target first'
    )


def test_a_seed_makes_the_implied_target_a_chosen_one(line):
    document = set_seed(line, "loss", OneHot(()))
    assert document.targets == {"loss": OneHot(())}
    assert set_seed(line, "loss", None) is line


def test_a_target_must_be_there(line):
    for edit in (set_target, add_target, clear_target):
        assert refusal_of(edit, line, "q").startswith('there is no node named "q"')


def test_a_node_of_integers_may_be_chosen_but_is_not_swept(line):
    document = set_target(add_node(line, "g", "greater", sources=["x", "w"]), "g")
    plan = plan_for(document)
    assert not plan.targets
    assert [(problem.node, problem.sentence) for problem in plan.report.problems] == [
        ("g", 'greater "g" has dtype bool: only float tensors have a gradient')
    ]


def test_the_only_sink_is_the_target_where_none_was_chosen(line):
    assert targets_of(line.computation) == {"loss": None}
    assert plan_for(line).targets == {"loss": None}
    assert plan_for(remove(set_target(line, "loss"), ["loss"])).targets == {"scale": None}


def test_two_sinks_leave_the_choice_to_the_person(line):
    document = add_node(line, "y", "exp", sources=["x"])
    assert targets_of(document.computation) == {}
    assert not plan_for(document).targets


def test_what_is_wired_to_nothing_does_not_take_the_target_away(line):
    document = add_node(add_leaf(line, "b", 1.0), "y", "add")
    assert targets_of(document.computation) == {"loss": None}


def test_a_leaf_alone_is_its_own_target():
    assert targets_of(add_leaf(Document(), "x", 1.0).computation) == {"x": None}
    assert targets_of(add_leaf(add_leaf(Document(), "x", 1.0), "y", 1.0).computation) == {}
    assert targets_of(Document().computation) == {}
