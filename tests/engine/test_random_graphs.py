"""Random graphs against finite differences, and against what every run owes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradviz.engine import Blocked, Compute, Seed, Send, Settle, describe, run
from gradviz.graph import as_tensor, set_tensor
from tests.engine.building import build, end

SHAPES = [(), (3,), (2, 3), (2, 1), (1, 3), (3, 3)]
UNARY = ("sin", "tanh", "sigmoid", "negative", "square", "softmax", "stop_gradient", "identity")
BINARY = ("add", "subtract", "multiply", "matmul")
REDUCED = ("sum", "mean", "logsumexp")


@st.composite
def documents(draw):
    """Draw a document of smooth ops whose shapes fit, with leaves of every role and any number of targets."""
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    roles = draw(st.lists(st.sampled_from(["variable", "input", "constant"]), min_size=1, max_size=4))
    leaves = {f"x{i}": (random.normal(size=draw(st.sampled_from(SHAPES))), role) for i, role in enumerate(roles)}
    shapes = {name: value.shape for name, (value, _) in leaves.items()}
    nodes = {}
    for i in range(draw(st.integers(1, 9))):
        name, (op, *sources) = f"n{i}", draw(steps(shapes))
        nodes[name] = (op, *sources)
        report = run(build(leaves, nodes)).plan.report
        if name in report.shapes:
            shapes[name] = report.shapes[name]
        else:
            del nodes[name]
    targets = draw(st.lists(st.sampled_from(sorted(shapes)), min_size=1, max_size=3, unique=True))
    seeds = {target: as_tensor(random.normal(size=shapes[target])) for target in targets}
    return build(leaves, nodes, seeds)


@st.composite
def steps(draw, shapes):
    """Draw an op and what it takes, out of what there is; the shapes may not fit."""
    sources = st.sampled_from(sorted(shapes))
    kind = draw(st.integers(0, 3))
    if kind == 0:
        return (draw(st.sampled_from(REDUCED)), draw(sources), {"axis": draw(st.sampled_from([None, 0, -1]))})
    if kind == 1:
        return (draw(st.sampled_from(UNARY)), draw(sources))
    return (draw(st.sampled_from(BINARY)), draw(sources), draw(sources))


def score(document, targets):
    """Return the sum over all targets of their product with their seeds: what the gradients are gradients of."""
    values = run(document).values
    return sum(np.sum(values[target] * seed.array) for target, seed in targets.items())


@given(documents(), st.integers(0, 2**32))
@settings(max_examples=60)
def test_gradients_agree_with_finite_differences(document, number):
    random = np.random.default_rng(number)
    tape = run(document)
    for name, leaf in tape.plan.leaves.items():
        if tape.gradients[name] is None or any(step.op.name == "stop_gradient" for step in tape.plan.steps):
            continue
        direction = random.normal(size=leaf.value.shape)
        ahead, behind = (
            score(set_tensor(document, name, leaf.value + sign * 1e-6 * direction), document.targets)
            for sign in (1, -1)
        )
        scale = max(1.0, np.max(np.abs(tape.gradients[name])))
        slope = (ahead - behind) / 2e-6
        assert np.sum(tape.gradients[name] * direction) == pytest.approx(slope, rel=1e-5, abs=1e-5 * scale)


@given(documents())
def test_a_total_is_the_seed_and_all_contributions(document):
    tape = run(document)
    sent = {}
    for frame in tape.frames:
        if isinstance(frame, Seed):
            sent[frame.target] = frame.gradient
        if isinstance(frame, Send):
            sent[frame.source] = sent[frame.source] + frame.share if frame.source in sent else frame.share
    for node, total in tape.gradients.items():
        assert total is None or np.asarray(sent[node]).tobytes() == total.tobytes()


@given(documents())
def test_frames_come_in_the_order_that_is_promised(document):
    tape = run(document)
    kinds = [type(frame) for frame in tape.frames]
    computes, seeds = len(tape.plan.steps), len(tape.plan.targets)
    assert kinds[:computes] == [Compute] * computes
    assert kinds[computes : computes + seeds] == [Seed] * seeds
    settled, arrived = set(), set()
    for frame in tape.frames[computes + seeds :]:
        match frame:
            case Settle(node=node):
                assert node not in settled
                settled.add(node)
            case Send(source=source, port=port):
                assert port.node in settled
                assert source not in settled
                arrived.add(port)
            case Blocked(port=port):
                arrived.add(port)
    swept = {port.node for port in arrived}
    assert all((step.node in swept) == (len(arrived & _ports(step)) == len(step.ports)) for step in tape.plan.steps)


def _ports(step):
    return {(step.node, name) for name in step.ports}


@given(documents())
def test_every_array_has_the_shape_and_dtype_of_its_node_and_is_read_only(document):
    tape = run(document)
    shapes, dtypes = tape.plan.report.shapes, tape.plan.report.dtypes
    for frame in tape.frames:
        match frame:
            case Compute(node=node, value=array) | Settle(node=node, total=array) | Seed(target=node, gradient=array):
                pass
            case Send(source=node, share=array):
                assert not frame.raw.flags.writeable
            case Blocked():
                continue
        assert (array.shape, array.dtype) == (shapes[node], dtypes[node])
        assert not array.flags.writeable


@given(documents())
def test_every_node_has_a_state_with_a_reason_and_every_frame_a_sentence(document):
    tape = run(document)
    moment = end(tape)
    for node in tape.nodes:
        gradient = moment.gradient(node)
        assert gradient.state != "not computed"
        assert (gradient.reason == "") == (gradient.state == "value")
        assert (gradient.array is None) == (gradient.state == "no path")
        assert moment.waiting(node) == 0
    assert all(describe(frame, tape.plan) for frame in tape.frames)
