"""Compares what compiled code gives with the recorded run, byte for byte."""

import numpy as np

from gradviz.engine import compile_plan, run
from gradviz.graph import Port, plan_for


def bits(array):
    """Return all that an array is: dtype, shape, bytes; every NaN is the same, whatever its sign."""
    array = np.asarray(array)
    if array.dtype.kind == "f":
        array = np.where(np.isnan(array), array.dtype.type(np.nan), array)
    return array.dtype.str, array.shape, array.tobytes()


def assert_same_bits(found, expected, name=""):
    """Compare two arrays, or two times None."""
    assert (found is None) == (expected is None), name
    if found is not None:
        assert bits(found) == bits(expected), (name, found, expected)


def is_compiled(compiled):
    """Tell whether there is compiled code that runs: else the rules run one by one, and there is nothing to compare."""
    with np.errstate(all="ignore"):
        return compiled._bound is not None and compiled._bound.run({}) is not None


def assert_compiled_as_recorded(document):
    """Compare gradients of leaves; then all values and gradients of all nodes; then all that is sent on the way."""
    tape = run(document, strict=True)
    plan = tape.plan
    nodes = [*plan.leaves, *(step.node for step in plan.steps)]
    for compiled in (compile_plan(plan), compile_plan(plan, nodes, nodes), compile_plan(plan, (), nodes)):
        assert is_compiled(compiled)
        result = compiled()
        for node, value in result.values.items():
            assert_same_bits(value, tape.values[node], node)
        for node, gradient in result.gradients.items():
            assert_same_bits(gradient, tape.gradients[node], node)
    assert_recorded_alike(compile_plan(plan).record(), tape)


def assert_recorded_alike(recording, tape):
    """Compare every contribution and total of a compiled recording with the frames of a tape."""
    moment = tape.at(len(tape.frames))
    for node, value in tape.values.items():
        assert_same_bits(recording.value(node), value, node)
        assert_same_bits(recording.total(node), tape.gradients[node], node)
    totals = recording.totals(tape.values)
    assert set(totals) == {node for node in tape.values if tape.gradients[node] is not None}
    for node, total in totals.items():
        assert not total.flags.writeable
        assert_same_bits(total, tape.gradients[node], node)
    for step in tape.plan.steps:
        for port in step.ports:
            frame, sent = moment.sent(Port(step.node, port)), recording.sent(Port(step.node, port))
            raw, share = sent or (None, None)
            assert_same_bits(raw, getattr(frame, "raw", None), (step.node, port))
            assert_same_bits(share, getattr(frame, "share", None), (step.node, port))


def compiled_of(document, *gradients, values=None):
    """Return a document's compiled plan."""
    return compile_plan(plan_for(document), gradients or None, values)
