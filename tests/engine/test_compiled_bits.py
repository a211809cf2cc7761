"""Compiled code gives the bits of the recorded run: every op, the examples, golden graphs, random documents."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

import gradviz as gv
from gradviz.engine import run
from gradviz.ops import OPS, is_float
from tests.engine.bits import assert_compiled_as_recorded
from tests.engine.building import build, chain
from tests.engine.drawing import documents
from tests.engine.test_golden_graphs import GOLDEN, built

EXAMPLES = sorted((Path(__file__).parents[2] / "resources/examples").glob("*.gradviz"))


def document_of(op, sample, dtype):
    """Return a document with one node of an op, fed by leaves as a sample draws them."""
    inputs = sample.inputs(np.random.default_rng(3))
    leaves = {f"i{k}": x.astype(dtype) if is_float(x.dtype) else x for k, x in enumerate(inputs)}
    return build(leaves, {"y": (op.name, *leaves, dict(sample.params))})


def computes(document):
    """Tell whether every node of a document computes."""
    tape = run(document)
    return not tape.plan.report.problems and not tape.problems


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
@pytest.mark.parametrize("op", OPS.values(), ids=OPS)
def test_every_op_on_each_of_its_samples(op, dtype):
    for sample in op.samples:
        document = document_of(op, sample, dtype)
        if computes(document):
            assert_compiled_as_recorded(document)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 0.0, -0.0, 1e300])
@pytest.mark.parametrize(
    "op", [op for op in OPS.values() if not op.optional and not op.variadic], ids=lambda op: op.name
)
def test_every_op_on_numbers_that_are_hard_to_swallow(op, value):
    for sample in op.samples[:2]:
        inputs = sample.inputs(np.random.default_rng(3))
        leaves = {f"i{k}": np.full_like(x, value) if is_float(x.dtype) else x for k, x in enumerate(inputs)}
        document = build(leaves, {"y": (op.name, *leaves, dict(sample.params))})
        if computes(document):
            assert_compiled_as_recorded(document)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example(path):
    assert_compiled_as_recorded(gv.load(path))


@pytest.mark.parametrize("graph", GOLDEN, ids=lambda graph: graph["id"])
def test_every_golden_graph(graph):
    assert_compiled_as_recorded(built(graph))


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(documents())
def test_random_documents(document):
    tape = run(document)
    if tape.is_whole and not tape.problems and tape.plan.targets:
        assert_compiled_as_recorded(document)


@pytest.mark.parametrize("start", [0.3, -0.3, 0.0, -0.0, 1.0, np.inf, -np.inf, np.nan, 1e308, 5e-324])
def test_chains_of_numbers(start):
    assert_compiled_as_recorded(
        chain(["exp", "tanh", "relu", "log", "sigmoid", "sqrt", "square", "negative"], 24, start)
    )
