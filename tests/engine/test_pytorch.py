"""Random documents and every sample of every op against PyTorch, where it is installed (the test extra `peers`)."""

import os

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

pytest.importorskip("torch", reason="PyTorch is not installed: the test extra `peers` brings it")

from gradviz.engine import run
from gradviz.graph import Leaf, Tensor, plan_for
from gradviz.ops import OPS, is_float
from tests.engine.building import build
from tests.engine.drawing import documents, documents_around
from tests.engine.pytorch import TABLE, run_in_pytorch

pytestmark = pytest.mark.filterwarnings("ignore:.*degrees of freedom")

EXAMPLES = int(os.environ.get("GRADVIZ_EXAMPLES", "0"))
KNOWN = sorted(set(OPS) & set(TABLE))
WITHOUT_A_PEER = {}
"""Ops that PyTorch cannot be asked about, and why."""


def in_float64(document):
    """Return a document with float64 leaves only: PyTorch promotes others in its own way."""
    wide = {
        name: Leaf(node.role, Tensor(node.value.astype(float)))
        for name, node in document.nodes.items()
        if isinstance(node, Leaf) and is_float(node.value.dtype)
    }
    return document.changed(nodes={**document.nodes, **wide})


def calculates_with_floats_only(plan):
    """Tell whether integers and booleans only choose: the two promote those in other ways."""
    dtypes = plan.report.dtypes
    return all(
        dtypes[source] == np.float64 or step.op.rule_for(port) is None
        for step in plan.steps
        for port, source in zip(step.ports, step.sources, strict=True)
    )


def assert_alike(document):
    """Compare the values and gradients of all nodes; no gradient and zeros are taken for the same."""
    tape = run(document, strict=True)
    with np.errstate(all="ignore"):
        values, gradients = run_in_pytorch(tape.plan)
    for node, value in tape.values.items():
        close(value, values[node].detach().numpy(), f"value of {node}")
    if not all(np.isfinite(value).all() for value in tape.values.values()):
        return  # where infinities meet, the conventions of the two part
    for node, gradient in tape.gradients.items():
        peer, zeros = gradients[node], np.zeros(tape.values[node].shape)
        if peer is None and node not in tape.plan.leaves:
            continue  # PyTorch knows that nothing flows on from here, where a rule gives zeros
        close(
            zeros if gradient is None else gradient,
            zeros if peer is None else peer.detach().numpy(),
            f"gradient of {node}",
        )


def close(found, expected, what):
    assert found.shape == expected.shape, what
    scale = max(1.0, float(np.max(np.abs(expected), initial=0, where=np.isfinite(expected))))
    np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-9 * scale, err_msg=what)


def test_every_op_has_a_peer_or_a_reason_why_not():
    assert set(OPS) - set(TABLE) == set(WITHOUT_A_PEER)
    assert set(TABLE) <= set(OPS)


@pytest.mark.parametrize("name", KNOWN)
def test_every_sample_of_an_op_gives_pytorchs_numbers(name):
    op = OPS[name]
    for number, sample in enumerate(op.samples):
        inputs = dict(zip(op.ports(len(sample.shapes)), sample.inputs(np.random.default_rng(number)), strict=False))
        document = build(inputs, {"y": (name, *inputs, dict(sample.params))})
        is_swept = is_float(run(document, []).values["y"].dtype)
        assert_alike(build(inputs, {"y": (name, *inputs, dict(sample.params))}, {"y": None} if is_swept else {}))


@pytest.mark.parametrize("name", KNOWN)
@given(data=st.data())
@settings(max_examples=max(3, EXAMPLES // 50), derandomize=not EXAMPLES)
def test_every_op_in_random_company_has_pytorchs_values_and_gradients(name, data):
    wide = in_float64(data.draw(documents_around(OPS[name], KNOWN)))
    if wide.targets and calculates_with_floats_only(plan_for(wide)):
        assert_alike(wide)


@given(documents(names=KNOWN))
@settings(max_examples=EXAMPLES or 100, derandomize=not EXAMPLES)
def test_random_documents_have_pytorchs_values_and_gradients(document):
    wide = in_float64(document)
    assume(document.targets and calculates_with_floats_only(plan_for(wide)))
    assert_alike(wide)
