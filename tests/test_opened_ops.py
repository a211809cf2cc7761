"""Every composition of the catalogue can be opened into its pieces and closed again: derived from the records."""

import numpy as np
import pytest

from gradviz.engine import run
from gradviz.graph import Document, Node, add_leaf, add_node, are_same_bits, fold, steps_of, unfold
from gradviz.ops import OPS

WITHOUT_A_PATH = {"product_of_others", "vector_norm"}
"""Ops that send zeros where their pieces, which only compare or count then, have no path at all."""


def documents(op, dtype="float64"):
    """Yield a document for every sample of an op that is a composition there: `out`, and a node that it feeds."""
    for sample in op.samples:
        drawn = sample.inputs(np.random.default_rng(3))
        inputs = [(3 * x if dtype == "int64" else x).astype(dtype) if x.dtype.kind == "f" else x for x in drawn]
        names = [f"in_{port}" for port in op.ports(len(inputs))[: len(inputs)]]
        document = Document()
        for name, x in zip(names, inputs, strict=True):
            document = add_leaf(document, name, x)
        slots = len(inputs) if op.variadic else None
        document = add_node(document, "out", op.name, sample.params, names, slots=slots)
        document = add_node(document, "after", "identity", sources=["out"])
        if steps_of(document, "out"):
            yield document


COMPOSITIONS = [pytest.param(op, id=op.name) for op in OPS.values() if next(documents(op), None)]


def pieces(document, opened):
    return [name for name in opened.nodes if name not in document.nodes or name == "out"]


def same(a, b):
    return a is None if b is None else are_same_bits(np.asarray(a), np.asarray(b))


@pytest.mark.parametrize("op", COMPOSITIONS)
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-12), ("float32", 2e-5), ("int64", 0)])
def test_the_pieces_of_an_op_have_its_value_bit_for_bit_and_its_gradients(op, dtype, tolerance):
    found = list(documents(op, dtype))
    assert found
    for document in found:
        opened = unfold(document, "out")
        whole, apart = run(document, "after"), run(opened, "after")
        assert [problem.node for problem in apart.problems] == [problem.node for problem in whole.problems]
        assert same(apart.values["after"], whole.values["after"])
        for name in document.nodes.keys() - {"out", "after"}:
            check_gradient(op, apart.gradients[name], whole.gradients[name], tolerance)


def check_gradient(op, apart, whole, tolerance):
    if apart is None and whole is not None:
        assert op.name in WITHOUT_A_PATH
        assert not np.any(whole)
    elif whole is not None:
        assert apart.dtype == whole.dtype
        np.testing.assert_allclose(apart, whole, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("op", COMPOSITIONS)
@pytest.mark.parametrize("dtype", ["float64", "float32", "int64"])
def test_the_pieces_of_an_op_are_closed_into_it_again(op, dtype):
    for document in documents(op, dtype):
        opened = unfold(document, "out")
        closed = fold(opened, pieces(document, opened))
        assert tuple(closed.nodes) == tuple(document.nodes)
        assert closed.nodes["out"].op == op.name
        assert (closed.wires, closed.places, closed.targets) == (document.wires, document.places, document.targets)
        check_params(document, opened, closed)


def check_params(document, opened, closed):
    """Hold that the params are the same, or such that the op is made of the same: axis 0 is axis -2 of a matrix."""
    if closed.nodes["out"].params != document.nodes["out"].params:
        again = unfold(closed, "out")
        assert [node.params for node in steps(again)] == [node.params for node in steps(opened)]


def steps(document):
    return [node for node in document.nodes.values() if isinstance(node, Node)]


@pytest.mark.parametrize(
    "name", ["softmax", "log_softmax", "cross_entropy", "layer_norm", "linear", "gelu", "sigmoid", "mse_loss"]
)
def test_what_people_know_as_a_composition_is_one(name):
    assert list(documents(OPS[name]))


def test_an_op_of_one_step_is_no_composition_and_none_contains_itself():
    for op in OPS.values():
        for document in documents(op):
            assert len(steps_of(document, "out")) > 1
            assert op.name not in steps_of(document, "out")
    assert not list(documents(OPS["exp"]))
