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
PARTED = {"split"}
"""What has several results elsewhere, `"id:0"`, `"id:1"`, …, is a node for each here, that knows which it is."""


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
    inner = [node for node in graph["nodes"] if node["op"] not in LEAVES]
    nodes = {
        named(result): (node["op"], *map(named, node["inputs"]), node["params"] | params)
        for node in inner
        for result, params in _results(node, graph)
    }
    seeds = {named(target): decoded(graph["seeds"].get(target)) for target in graph["targets"]}
    return build(leaves, nodes, {target: seed if seed is None else as_tensor(seed) for target, seed in seeds.items()})


def named(result):
    """Return the name of the node that has a golden result: `n4_1` for `"n4:1"`."""
    return result.replace(":", "_")


def _results(node, graph):
    """Yield the names of the results of a golden node, and the params that tell them apart."""
    if node["op"] not in PARTED:
        yield node["id"], {}
        return
    for name in graph["values"]:
        stem, _, part = name.partition(":")
        if stem == node["id"]:
            yield name, {"part": int(part)}


def assert_close(found, expected, graph):
    """Compare an array with a golden one, shape and all; None is nothing but None."""
    assert (found is None) == (expected is None)
    if found is not None:
        assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
        np.testing.assert_allclose(found, expected, rtol=graph["rtol"], atol=graph["atol"])


def test_every_op_of_the_golden_graphs_is_there():
    assert len(GOLDEN) == 32
    assert {node["op"] for graph in GOLDEN for node in graph["nodes"] if not find(node["op"])} <= LEAVES


@pytest.mark.parametrize("graph", GOLDEN, ids=[graph["id"] for graph in GOLDEN])
def test_values_gradients_and_contributions_are_pytorchs(graph):
    tape = run(built(graph), strict=True)
    assert set(tape.values) == set(map(named, graph["values"])) == set(map(named, graph["grads"]))
    for result, value in graph["values"].items():
        assert_close(tape.values[named(result)], decoded(value), graph)
    for result, gradient in graph["grads"].items():
        assert_close(tape.gradients[named(result)], decoded(gradient), graph)
    sent = contributions(tape)
    assert set(sent) == {(edge["node"], edge["slot"], named(edge["input"])) for edge in graph["edges"]}
    for edge in graph["edges"]:
        assert_close(sent[edge["node"], edge["slot"], named(edge["input"])], decoded(edge["contribution"]), graph)


def contributions(tape):
    """Return what each port sends to its source; the parts of one golden node send together."""
    ports = {step.node: step.ports for step in tape.plan.steps}
    sent = {}
    for frame in tape.frames:
        if isinstance(frame, Send):
            node, name = frame.port
            wire = node.partition("_")[0], ports[node].index(name), frame.source
            sent[wire] = sent[wire] + frame.share if wire in sent else frame.share
    return sent
