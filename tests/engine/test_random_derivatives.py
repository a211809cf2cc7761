"""Derivatives of random documents over the whole catalogue: three ways to the same numbers."""

import os

import numpy as np
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from gradviz.engine import differentiate, jvp, run
from gradviz.graph import Leaf
from gradviz.ops import OPS, is_float
from tests.engine.drawing import documents

EXAMPLES = int(os.environ.get("GRADVIZ_EXAMPLES", "25"))
SMOOTH = tuple(name for name in OPS if name != "stop_gradient")
many = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


def leaves_with_gradients(document, tape):
    return [
        name for name, made in document.nodes.items() if isinstance(made, Leaf) and tape.gradients[name] is not None
    ]


@given(documents())
@many
def test_the_gradient_document_computes_what_the_sweep_computes(document):
    tape = run(document)
    reached = leaves_with_gradients(document, tape)
    assume(reached)
    gradient = differentiate(document)
    values = run(gradient, strict=True).values
    for name, target in zip(reached, gradient.targets, strict=True):
        assert (values[target].shape, values[target].dtype) == (tape.gradients[name].shape, tape.gradients[name].dtype)
        eps = np.finfo(values[target].dtype).eps
        scale = np.max(np.abs(tape.gradients[name]), initial=0, where=np.isfinite(tape.gradients[name]))
        np.testing.assert_allclose(values[target], tape.gradients[name], rtol=100 * eps, atol=100 * eps * scale)


@given(documents(), st.integers(0, 2**32))
@many
def test_forward_mode_is_the_transpose_of_the_sweep(document, number):
    tape = run(document)
    reached = leaves_with_gradients(document, tape)
    assume(reached and all(made.value.dtype == np.float64 for made in document.nodes.values() if is_floats(made)))
    random = np.random.default_rng(number)
    along = {name: random.normal(size=tape.values[name].shape) for name in reached}
    tangents = jvp(document, along).tangents
    seeds = {frame.target: frame.gradient for frame in tape.frames if hasattr(frame, "target")}
    parts = [seed * tangents[target] for target, seed in seeds.items() if tangents[target] is not None]
    swept = [tape.gradients[name] * along[name] for name in reached]
    assume(all(np.all(np.isfinite(part)) for part in (*parts, *swept)))
    scale = sum(np.sum(np.abs(part)) for part in (*parts, *swept))
    assert abs(sum(map(np.sum, parts)) - sum(map(np.sum, swept))) <= 1e-9 * scale


@given(documents(names=SMOOTH), st.integers(0, 2**32))
@many
def test_second_derivatives_are_symmetric(document, number):
    tape = run(document)
    reached = leaves_with_gradients(document, tape)
    assume(reached and all(made.value.dtype == np.float64 for made in document.nodes.values() if is_floats(made)))
    gradient = differentiate(document, reached)
    random = np.random.default_rng(number)
    u, v = ({name: random.normal(size=tape.values[name].shape) for name in reached} for _ in range(2))
    one_way, other_way = curvature(gradient, u, v), curvature(gradient, v, u)
    assume(all(np.all(np.isfinite(part)) for part in (*one_way, *other_way)))
    scale = sum(np.sum(np.abs(part)) for part in (*one_way, *other_way))
    assert abs(sum(map(np.sum, one_way)) - sum(map(np.sum, other_way))) <= 1e-8 * scale


def curvature(gradient, u, v):
    """Return what adds up to uᵀ H v."""
    seeds = dict(zip(gradient.targets, u.values(), strict=True))
    swept = run(gradient, seeds, strict=True).gradients
    return [swept[name] * v[name] for name in v if swept.get(name) is not None]


def is_floats(made):
    return isinstance(made, Leaf) and is_float(made.value.dtype)
