"""Optimisers give the numbers of PyTorch's, step after step, and leave what they are given alone."""

import json
from pathlib import Path

import numpy as np
import pytest

from gradviz.errors import GradvizError
from gradviz.ops import OPTIMISERS, Optimiser

GOLDEN = json.loads((Path(__file__).parents[1] / "golden/optimisers.json").read_text("utf-8"))
GRADIENTS = [np.array(gradient) for gradient in GOLDEN["gradients"]]


def steps(optimiser, settings, dtype="float64"):
    """Yield the variable after each of the golden steps."""
    x = np.array(GOLDEN["start"], dtype)
    state, settings = optimiser.start(x), optimiser.read_settings(settings)
    for step, gradient in enumerate(GRADIENTS, 1):
        x, state = optimiser.update(x, gradient.astype(dtype), state, step, settings)
        yield x


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda case: f"{case['optimiser']} {case['settings']}")
def test_every_step_is_pytorchs(case):
    for found, expected in zip(steps(OPTIMISERS[case["optimiser"]], case["settings"]), case["after"], strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-12)


def test_every_optimiser_has_golden_steps():
    assert {case["optimiser"] for case in GOLDEN["cases"]} == set(OPTIMISERS)


@pytest.mark.parametrize("optimiser", OPTIMISERS.values(), ids=OPTIMISERS)
def test_float32_stays_float32_and_nothing_that_was_given_changes(optimiser):
    x, g = np.array([1.0, -2.0], "float32"), np.array([0.5, 0.0], "float32")
    state, settings = optimiser.start(x), optimiser.read_settings({})
    for array in (x, g, *state.values()):
        array.flags.writeable = False
    after, kept = optimiser.update(x, g, state, 1, settings)
    assert after.dtype == np.float32
    assert all(array.dtype == np.float32 for array in kept.values())
    assert tuple(kept) == optimiser.state_names


@pytest.mark.parametrize("optimiser", OPTIMISERS.values(), ids=OPTIMISERS)
@pytest.mark.parametrize("shape", [(), (0, 3)])
def test_rank_0_and_empty_variables_keep_their_shape(optimiser, shape):
    x = np.ones(shape)
    after, _ = optimiser.update(x, np.ones(shape), optimiser.start(x), 1, optimiser.read_settings({}))
    assert isinstance(after, np.ndarray)
    assert after.shape == shape


@pytest.mark.parametrize("optimiser", OPTIMISERS.values(), ids=OPTIMISERS)
def test_a_gradient_that_is_not_finite_is_a_fact_and_not_a_failure(optimiser):
    x, g = np.ones(3), np.array([np.nan, np.inf, 1e308])
    after, _ = optimiser.update(x, g, optimiser.start(x), 1, optimiser.read_settings({}))
    assert np.isnan(after[0])


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"rate": 1}, "sgd has no setting rate; it has lr"),
        ({"lr": "fast"}, "the parameter lr must be a finite number from 0, not 'fast'"),
        ({"lr": -1}, "the parameter lr must be a finite number from 0, not -1"),
        ({"lr": float("nan")}, "the parameter lr must be a finite number from 0, not nan"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(given, sentence):
    with pytest.raises(GradvizError, match=f"^{sentence}$"):
        OPTIMISERS["sgd"].read_settings(given)


def test_a_record_without_a_rule_for_the_variable_is_refused():
    with pytest.raises(GradvizError, match="its last rule is that of x"):
        Optimiser(name="idle", doc="Do nothing.", settings={}, rules={})
