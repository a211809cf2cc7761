"""The Jacobian of one op: its true size, its structure, and a product with the gradient that is what was sent."""

import numpy as np
import pytest

from gradviz.engine import Send, lens_of, run
from gradviz.errors import GradvizError
from gradviz.formats import parse
from gradviz.graph import Port, set_seed
from gradviz.ops import OPS
from tests.engine.test_links import recorded


def seen(text, port="x", node="y", **arrays):
    tape = run(parse(f"y = {text}", **arrays))
    return lens_of(tape.at(len(tape.frames)).run, Port(node, port))


X = np.array([[1.0, -2.0, 0.0], [4.0, 5.0, 6.0]])


@pytest.mark.parametrize(
    ("text", "port", "structure", "size"),
    [
        ("exp(X)", "x", "diagonal", (6, 6)),
        ("relu(X)", "x", "diagonal", (6, 6)),
        ("X.T", "x", "permutation", (6, 6)),
        ("X[0]", "x", "selection", (3, 6)),
        ("sum(X)", "x", "dense", (1, 6)),
        ("sum(X, axis=0)", "x", "sums", (3, 6)),
        ("X + b", "b", "copies", (6, 3)),
        ("X @ W", "a", "blocks", (4, 6)),
        ("softmax(X)", "x", "blocks", (6, 6)),
        ("cumulative_sum(b)", "x", "sparse", (3, 3)),
        ("softmax(b)", "x", "dense", (3, 3)),
        ("X * 0", "a", "diagonal", (6, 6)),
        ("sum(X[:0])", "x", "empty", (1, 0)),
    ],
)
def test_a_jacobian_has_its_structure_and_its_true_size(text, port, structure, size):
    arrays = {
        name: array for name, array in {"X": X, "b": np.arange(1.0, 4.0), "W": X.T[:, :2] + 1}.items() if name in text
    }
    lens = seen(text, port, **arrays)
    assert (lens.structure, (lens.rows, lens.columns)) == (structure, size)
    assert lens.matrix.shape == size


def test_a_large_jacobian_is_not_built_and_is_known_by_some_of_its_rows():
    lens = seen("exp(X)", X=np.ones((100, 100)))
    assert lens.matrix is None
    assert lens.count == 10**8
    assert lens.structure == "diagonal"
    assert "100,000,000 numbers are never built" in lens.sentence
    assert seen("X @ X", "b", X=np.ones((20, 20))).structure == "blocks"


def test_a_single_slope_is_said_to_be_one():
    assert seen("x * 3.0", "a", x=np.array(2.0)).sentence == "1 × 1: a single slope"


@pytest.mark.parametrize("op", [pytest.param(op, id=op.name) for op in OPS.values()])
def test_the_gradient_times_the_jacobian_is_what_was_sent(op):
    sample = op.samples[0]
    tape = recorded(op.name, *sample.inputs(np.random.default_rng(0)), params=dict(sample.params))
    for frame in tape.frames:
        if isinstance(frame, Send) and frame.share.size:
            lens = lens_of(tape.at(len(tape.frames)).run, frame.port)
            g = np.ravel(tape.gradients["out"])
            if lens.matrix is not None:
                np.testing.assert_allclose(g @ lens.matrix, np.ravel(frame.share), rtol=1e-9, atol=1e-12)


def test_a_port_without_a_gradient_has_no_jacobian():
    tape = run(set_seed(parse("y = where(X > 0, X, 0.0)", X=X), "y", X))
    with pytest.raises(GradvizError, match='the input condition of "y" has no Jacobian'):
        lens_of(tape.at(0).run, Port("y", "condition"))
