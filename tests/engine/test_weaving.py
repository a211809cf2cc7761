"""The sum behind a number: for every op it comes to the number, and its factors are cells of the tape."""

import numpy as np
import pytest

from gradviz.engine import Compute, Send, term_text, weave
from gradviz.engine import Factor as Made
from gradviz.errors import LimitError
from gradviz.ops import OPS, is_float
from tests.engine.test_links import W, X, frame_of, recorded


def woven(tape, frame, cell, **asked):
    return weave(tape.at(len(tape.frames)).run, frame, cell, **asked)


def named(found):
    return [[(factor.name, factor.cell) for factor in term] for term in found.terms]


def test_a_cell_of_a_product_is_a_row_times_a_column():
    tape = recorded("matmul", X, W)
    found = woven(tape, frame_of(tape, Compute), (1, 0))
    assert found.text(8) == "4 × 1 + 5 × 0 + 6 × 1 = 10"
    assert named(found) == [[("a", (1, k)), ("b", (k, 0))] for k in range(3)]


def test_in_a_weight_gradient_the_input_stands_before_the_gradient_that_arrives():
    tape = recorded("matmul", X, W)
    assert named(woven(tape, frame_of(tape, Send, "b"), (2, 1))) == [[("a", (k, 2)), ("g", (k, 1))] for k in range(2)]
    assert named(woven(tape, frame_of(tape, Send, "a"), (0, 2))) == [[("g", (0, k)), ("b", (2, k))] for k in range(2)]


def test_a_window_of_a_convolution_is_paired_with_the_kernel():
    tape = recorded("conv2d", np.arange(16.0).reshape(1, 1, 4, 4), np.array([[[[1.0, 2.0], [3.0, 4.0]]]]))
    found = woven(tape, frame_of(tape, Compute), (0, 0, 1, 2))
    assert found.text(8) == "6 × 1 + 7 × 2 + 10 × 3 + 11 × 4 = 94"


def test_what_fits_into_no_other_tensor_is_a_local_derivative():
    tape = recorded("sigmoid", np.array([0.0, 2.0]))
    (term,) = woven(tape, frame_of(tape, Send, "x"), (0,)).terms
    assert [factor.name for factor in term] == ["g", ""]
    assert term[1].number == 0.25


def test_the_result_is_told_where_it_is_the_factor():
    tape = recorded("exp", np.array([0.5, 1.0]))
    assert named(woven(tape, frame_of(tape, Send, "x"), (1,))) == [[("g", (1,)), ("y", (1,))]]


@pytest.mark.parametrize(("op", "inputs"), [("exp", 1), ("square", 1), ("divide", 2), ("softmax", 1)])
def test_a_rule_that_is_no_sum_of_products_is_not_written_as_one(op, inputs):
    tape = recorded(op, *[X] * inputs)
    found = woven(tape, frame_of(tape, Compute), (1, 1))
    assert not found.is_sum
    assert found.text(8) == ""
    assert found.count >= 1


def test_copies_that_broadcasting_made_add_up():
    tape = recorded("multiply", X, np.ones(3))
    send = frame_of(tape, Send, "b")
    assert woven(tape, send, (1,)).count == 2
    assert woven(tape, send, (1, 1), raw=True).count == 1


def test_a_long_sum_is_told_by_its_beginning_and_as_far_as_it_is_written():
    tape = recorded("sum", np.arange(1.0, 11.0))
    found = woven(tape, frame_of(tape, Compute), ())
    assert found.text(3) == "1 + 2 + 3 + … (7 more) = 55"
    assert found.text(3, written=2) == "1 + 2 = …"


def test_numbers_that_are_not_finite_are_written():
    tape = recorded("multiply", np.array([np.nan, -np.inf]), np.array([2.0, 0.0]))
    frame = frame_of(tape, Compute)
    assert [woven(tape, frame, (at,)).text(4) for at in range(2)] == ["NaN × 2 = NaN", "(−∞) × 0 = NaN"]


def test_masks_and_whole_numbers_are_not_woven():
    tape = recorded("greater", X, X)
    assert woven(tape, frame_of(tape, Compute), (0, 0)) is None


def test_the_factor_one_is_told_only_where_it_is_a_cell():
    one, two = np.asarray(1.0), np.asarray(-2.0)
    assert term_text((Made(two, "g"), Made(one))) == "(−2)"
    assert term_text((Made(two, "g"), Made(one, "b"))) == "(−2) × 1"


@pytest.mark.parametrize("op", [pytest.param(op, id=op.name) for op in OPS.values()])
def test_every_sum_of_every_op_comes_to_its_number(op):
    sample = op.samples[0]
    tape = recorded(op.name, *sample.inputs(np.random.default_rng(0)), params=dict(sample.params))
    for frame in tape.frames:
        result = frame.value if isinstance(frame, Compute) else frame.share if isinstance(frame, Send) else None
        if result is None or not result.size or not is_float(result.dtype):
            continue
        cell = tuple(int(i) for i in np.unravel_index(result.size // 2, result.shape))
        found = woven(tape, frame, cell)
        if found is None or not found.is_sum:
            continue
        total = sum(np.prod([factor.number for factor in term]) for term in found.terms)
        np.testing.assert_allclose(total, result[cell], rtol=1e-9, atol=1e-12)
        for term in found.terms:
            for factor in term:
                if factor.name not in {"", "g"}:
                    assert factor.number == tape.values[factor.node][factor.cell]


def test_an_op_of_very_many_inputs_is_refused_in_a_sentence_before_it_takes_long():
    tape = recorded("concatenate", *[np.ones((1, 2))] * 200, params={"axis": 0})
    with pytest.raises(LimitError, match="out has 200 inputs"):
        woven(tape, frame_of(tape, Compute), (0, 0))


def test_a_sum_of_many_tensors_is_told_without_looking_for_factors_in_each():
    tape = recorded("add_n", *[np.full(2, float(number)) for number in range(100)])
    found = woven(tape, frame_of(tape, Compute), (1,))
    assert not found.is_sum
    assert found.count == 100
