"""Graphs with values that PyTorch computed: every node's value and gradient, and what every wire delivers."""

import json
from pathlib import Path

import numpy as np
import pytest

from gradviz.engine import Send, run
from gradviz.graph import as_tensor
from gradviz.ops import find
from tests.engine.building import build

GOLDEN = json.loads((Path(__file__).parents[1] / "golden/graphs.json").read_text("utf-8"))["graphs"]
LEAVES = {"variable", "input", "constant"}
KNOWN = [graph for graph in GOLDEN if all(node["op"] in LEAVES or find(node["op"]) for node in graph["nodes"])]


def decoded(value):
    """Return an array of a golden file; None stays None."""
    if value is None:
        return None
    words = {"NaN": np.nan, "Infinity": np.inf, "-Infinity": -np.inf}
    flat = [words.get(item, item) if isinstance(item, str) else item for item in _flattened(value["data"])]
    return np.array(flat, value["dtype"]).reshape(value["shape"])


def _flattened(data):
    return [item for part in data for item in _flattened(part)] if isinstance(data, list) else [data]


def built(graph):
    """Return the document of a golden graph, with its targets and seeds."""
    leaves = {node["id"]: (decoded(node["value"]), node["op"]) for node in graph["nodes"] if node["op"] in LEAVES}
    nodes = {
        node["id"]: (node["op"], *node["inputs"], node["params"]) for node in graph["nodes"] if node["op"] not in LEAVES
    }
    seeds = {target: decoded(graph["seeds"].get(target)) for target in graph["targets"]}
    return build(leaves, nodes, {target: seed if seed is None else as_tensor(seed) for target, seed in seeds.items()})


def assert_close(found, expected, graph):
    """Compare an array with a golden one, shape and all; None is nothing but None."""
    assert (found is None) == (expected is None)
    if found is not None:
        assert found.shape == expected.shape
        np.testing.assert_allclose(found, expected, rtol=graph["rtol"], atol=graph["atol"])


def test_there_are_golden_graphs_of_ops_that_gradviz_has():
    assert len(KNOWN) >= 3


@pytest.mark.parametrize("graph", KNOWN, ids=[graph["id"] for graph in KNOWN])
def test_values_gradients_and_contributions_are_pytorchs(graph):
    tape = run(built(graph), strict=True)
    for node, value in graph["values"].items():
        assert_close(tape.values[node], decoded(value), graph)
    for node, gradient in graph["grads"].items():
        assert_close(tape.gradients[node], decoded(gradient), graph)
    ports = {step.node: step.ports for step in tape.plan.steps}
    sent = {(frame.port.node, ports[frame.port.node].index(frame.port.name)): frame for frame in _sends(tape)}
    assert set(sent) == {(edge["node"], edge["slot"]) for edge in graph["edges"]}
    for edge in graph["edges"]:
        frame = sent[edge["node"], edge["slot"]]
        assert frame.source == edge["input"]
        assert_close(frame.share, decoded(edge["contribution"]), graph)


def _sends(tape):
    return [frame for frame in tape.frames if isinstance(frame, Send)]
