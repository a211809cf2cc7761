"""Which cells a cell comes from: matmul's row and column, a softmax's row, the cells that broadcasting adds up."""

import numpy as np
import pytest

from gradviz.engine import Compute, Send, links_of, run
from gradviz.errors import LimitError
from gradviz.graph import Document, add_leaf, add_node, set_seed
from gradviz.ops import OPS, is_float


def recorded(op, *arrays, params=None):
    """Return the tape of one op on these arrays, with a seed of which no number is one."""
    made = Document()
    names = [f"in{i}" for i in range(len(arrays))]
    for name, array in zip(names, arrays, strict=True):
        made = add_leaf(made, name, array)
    made = add_node(made, "out", op, params or {}, sources=names)
    value = run(made).values["out"]
    return run(set_seed(made, "out", np.random.default_rng(7).normal(size=value.shape).astype(value.dtype)))


def frame_of(tape, kind, port=None):
    return next(f for f in tape.frames if isinstance(f, kind) and (port is None or f.port.name == port))


def linked(tape, frame, cell, **asked):
    return {link.name: link for link in links_of(tape.at(len(tape.frames)).run, frame, cell, **asked)}


def cells(link):
    return {tuple(map(int, cell)) for cell in np.argwhere(link.cells)}


X, W = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), np.array([[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]])


def test_a_cell_of_a_product_comes_from_a_row_and_a_column_zeros_among_them():
    tape = recorded("matmul", X, W)
    found = linked(tape, frame_of(tape, Compute), (1, 0))
    assert cells(found["a"]) == {(1, 0), (1, 1), (1, 2)}
    assert cells(found["b"]) == {(0, 0), (1, 0), (2, 0)}
    np.testing.assert_array_equal(found["a"].factors[1], W[:, 0])


def test_a_cell_of_a_weight_gradient_comes_from_two_columns():
    tape = recorded("matmul", X, W)
    found = linked(tape, frame_of(tape, Send, "b"), (2, 1))
    assert cells(found["a"]) == {(0, 2), (1, 2)}
    assert cells(found["g"]) == {(0, 1), (1, 1)}
    np.testing.assert_array_equal(found["g"].factors[:, 1], X[:, 2])


def test_a_share_that_was_summed_comes_from_all_cells_that_were_stretched():
    tape = recorded("add", X, np.ones(3))
    send = frame_of(tape, Send, "b")
    assert cells(linked(tape, send, (1,))["g"]) == {(0, 1), (1, 1)}
    assert cells(linked(tape, send, (0, 1), raw=True)["g"]) == {(0, 1)}


def test_a_softmax_gives_every_number_of_its_row_a_say():
    tape = recorded("softmax", X)
    found = linked(tape, frame_of(tape, Send, "x"), (0, 1))
    assert cells(found["g"]) == {(0, 0), (0, 1), (0, 2)}
    assert cells(found["y"]) == {(0, 0), (0, 1), (0, 2)}


def test_a_convolution_sees_the_window_that_slides():
    image, kernel = np.arange(16.0).reshape(1, 1, 4, 4), np.ones((1, 1, 2, 2))
    tape = recorded("conv2d", image, kernel)
    found = linked(tape, frame_of(tape, Compute), (0, 0, 1, 2))
    assert cells(found["x"]) == {(0, 0, 1, 2), (0, 0, 1, 3), (0, 0, 2, 2), (0, 0, 2, 3)}


def test_picking_links_what_was_picked_by_the_numbers_of_its_index():
    for wanted in ([2, 0], [1, 1]):
        tape = recorded("getitem", np.arange(3.0), params={"index": [{"array": wanted}]})
        assert cells(linked(tape, frame_of(tape, Compute), (0,))["x"]) == {(wanted[0],)}


def test_a_number_that_is_not_finite_still_has_its_links():
    tape = recorded("multiply", np.array([np.nan, np.inf]), np.array([0.0, 0.0]))
    found = linked(tape, frame_of(tape, Compute), (1,))
    assert cells(found["a"]) == {(1,)}
    assert cells(found["b"]) == {(1,)}


def test_a_single_number_is_a_cell_without_an_index():
    tape = recorded("multiply", np.array(2.0), np.array(3.0))
    assert linked(tape, frame_of(tape, Send, "a"), ())["g"].factors == 3


def test_what_has_no_gradient_has_no_links():
    tape = recorded("argmax", X, params={"axis": 1}) if "argmax" in OPS else recorded("greater", X, X)
    assert linked(tape, frame_of(tape, Compute), (0,) if "argmax" in OPS else (0, 0)) == {}


@pytest.mark.parametrize("op", [pytest.param(op, id=op.name) for op in OPS.values()])
def test_the_factors_of_g_give_back_the_share_that_was_sent(op):
    sample = op.samples[0]
    inputs = sample.inputs(np.random.default_rng(0))
    tape = recorded(op.name, *inputs, params=dict(sample.params))
    for frame in tape.frames:
        if isinstance(frame, Send) and frame.share.size and is_float(frame.share.dtype):
            cell = tuple(int(i) for i in np.unravel_index(frame.share.size // 2, frame.share.shape))
            links = linked(tape, frame, cell)
            g = tape.gradients["out"]
            found = np.sum(g * links["g"].factors) if "g" in links else 0.0
            np.testing.assert_allclose(found, frame.share[cell], rtol=1e-9, atol=1e-12)


def test_of_very_many_numbers_nobody_waits_for_what_one_of_them_comes_from():
    big = np.ones((300, 300))
    tape = recorded("matmul", big, big)
    for frame in (frame_of(tape, Compute), frame_of(tape, Send, "b")):
        with pytest.raises(LimitError, match=r"^out works on 270,000 numbers: .* 262,144 at most$"):
            linked(tape, frame, (0, 0))
