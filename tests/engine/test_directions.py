"""A direction followed forward gives the number that the sweep gives, and passes are counted by numbers."""

import numpy as np
import pytest

from gradviz.engine import follow, inner, jacobian, passes_of, run
from gradviz.formats import load_example, parse
from gradviz.graph import OneHot, set_target

RNG = np.random.default_rng(5)
GRAPHS = {
    "scalar": parse("L = (x*y + sin(x))*x", x=np.array(2.0), y=np.array(-3.0)),
    "broadcast": parse("L = sum((X + b)**2)", X=RNG.normal(size=(3, 4)), b=RNG.normal(size=4)),
    "einsum": parse('L = sum(einsum("bij,bjk->bik", A, B))', A=np.ones((2, 3, 2)), B=RNG.normal(size=(2, 2, 3))),
    "loss": parse("L = cross_entropy(x @ W, t)", x=RNG.normal(size=(4, 3)), W=RNG.normal(size=(3, 5)), t=np.arange(4)),
    "convolution": load_example("convolution"),
    "vector": parse("y = tanh(x @ W)", x=RNG.normal(size=(2, 3)), W=RNG.normal(size=(3, 2))),
}


@pytest.mark.parametrize("name", GRAPHS)
def test_both_modes_give_the_same_number_in_every_direction(name):
    document = GRAPHS[name]
    recorded = run(document).at(0).run
    for leaf in passes_of(recorded).leaves:
        direction = RNG.normal(size=recorded.values[leaf].shape)
        followed = follow(document, recorded, leaf, direction)
        assert followed.by_tangents(recorded) == pytest.approx(followed.by_gradient(recorded), rel=1e-9, abs=1e-12)


def test_a_one_hot_seed_picks_the_row_of_the_jacobian():
    document = set_target(GRAPHS["vector"], "y", OneHot((1, 0)))
    recorded = run(document).at(0).run
    row = jacobian(document, "y", "W")[1, 0]
    followed = follow(document, recorded, "W", np.ones((3, 2)))
    assert followed.by_tangents(recorded) == pytest.approx(row.sum())
    assert followed.by_gradient(recorded) == pytest.approx(row.sum())


def test_values_are_those_of_the_run_and_not_of_the_document():
    document = parse("L = sum(x * x)", x=np.array([1.0, 2.0]))
    other = run(parse("L = sum(x * x)", x=np.array([5.0, 7.0]))).at(0).run
    assert follow(document, other, "x", np.array([1.0, 0.0])).tangents["L"] == pytest.approx(10)


def test_nothing_leads_to_a_node_beside_the_way():
    document = parse("L = sum(x * y)", x=np.ones(2), y=np.ones(2))
    recorded = run(document).at(0).run
    assert follow(document, recorded, "x", np.ones(2)).tangents["y"] is None


def test_passes_count_the_numbers_of_targets_and_of_leaves_that_get_a_gradient():
    document = parse("y = x @ W + n", x=RNG.normal(size=(4, 3)), W=RNG.normal(size=(3, 2)), n=np.array(1))
    passes = passes_of(run(document).at(0).run)
    assert passes.targets == {"y": 8}
    assert passes.leaves == {"W": 6, "x": 12}
    assert (passes.reverse, passes.forward) == (8, 18)


def test_what_does_not_move_has_no_say_however_large_the_gradient():
    assert inner(np.array([np.nan, 2.0, np.inf]), np.array([0.0, 3.0, 0.0])) == 6
    assert inner(np.zeros((0, 3)), np.zeros((0, 3))) == 0
