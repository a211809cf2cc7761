"""The nudge probe: what the gradient promises for a step, beside what the step really does."""

import numpy as np
import pytest

from gradviz.engine import probe, run, tell_step
from gradviz.errors import GradvizError
from gradviz.formats import examples, load_example, parse
from gradviz.graph import Leaf, add_leaf, set_target
from tests.engine.test_training import fit_a_scale


def test_a_parabola_leaves_its_tangent_by_the_square_of_the_step():
    found = probe(fit_a_scale(), "s")
    assert (found.value, found.score, found.gradient) == (1, 30, -60)
    for h in (0.5, -0.5, 0.01):
        step = found.step(h)
        assert step.promised == -60 * h
        assert step.error == pytest.approx(30 * h * h, rel=1e-9)
        assert found.score_at(1 + h) == pytest.approx(30 + step.true)
    assert found.tangent_at(2.0) == -30
    np.testing.assert_allclose(found.curve([0, 1, 2]), [120, 30, 0])


def test_a_step_is_told_with_its_factors():
    found = probe(fit_a_scale(), "s")
    assert tell_step(found, found.step(-0.5)) == (
        "gradient × h = (−60) × (−0.5) = 30",
        "true change = 37.5, off by 7.5",
    )


@pytest.mark.parametrize("name", [entry.name for entry in examples()])
def test_for_small_steps_the_promise_is_kept_in_every_example(name):
    document = load_example(name)
    gradients = run(document).gradients
    for leaf, node in document.nodes.items():
        if isinstance(node, Leaf) and node.role != "constant" and node.value.dtype.kind == "f":
            cell = (0,) * node.value.ndim
            found = probe(document, leaf, cell)
            assert found.has_path == (gradients[leaf] is not None)
            step = found.step(1e-6)
            assert step.true == pytest.approx(step.promised, rel=1e-4, abs=1e-9)


def test_a_leaf_without_a_path_moves_nothing():
    made = set_target(add_leaf(parse("y = exp(x)", x=np.array(1.0)), "unused", 3.0), "y")
    found = probe(made, "unused")
    assert not found.has_path
    assert found.step(10).true == 0 == found.gradient


def test_where_the_targets_have_no_value_there_is_none():
    found = probe(parse("y = log(x)", x=np.array(1.0)), "x")
    assert np.isnan(found.score_at(-1.0))
    assert found.score_at(0.0) == -np.inf


def test_float32_is_probed_in_float64():
    found = probe(parse("y = sum(x * x)", x=np.array([1.0, 2.0], "float32")), "x", (1,))
    assert found.step(1e-7).true == pytest.approx(4e-7, rel=1e-6)


@pytest.mark.parametrize(
    ("leaf", "cell", "sentence"),
    [
        ("T", (0, 0), '"T" cannot be moved: it is a constant'),
        ("loss", (), '"loss" cannot be moved: it is no leaf'),
        ("s", (0,), r"there is no cell \(0,\) in a tensor of shape \(\)"),
    ],
)
def test_what_cannot_be_moved_is_told(leaf, cell, sentence):
    with pytest.raises(GradvizError, match=sentence):
        probe(fit_a_scale(), leaf, cell)
