"""The chain rule as it is told: every line is read back from its text and held against the tape, for every op."""

import re

import numpy as np
import pytest

from gradviz.engine import Compute, Send, Settle, Trainer, Update, chain_rule_of, run, show_number
from gradviz.formats import parse
from gradviz.graph import Document, OneHot, add_leaf, add_node, set_seed, set_training, training_of
from gradviz.ops import OPS, is_float
from tests.engine.reading_formulas import work_out

EVERY_OP = [pytest.param(op, id=op.name) for op in OPS.values()]


@pytest.fixture(autouse=True)
def _without_warnings():
    with np.errstate(all="ignore"):
        yield


def recorded(op, sample):
    """Return the tape of one op on a sample, with a seed of which no number is one."""
    made = Document()
    inputs = sample.inputs(np.random.default_rng(3))
    names = [f"in{i}" for i in range(len(inputs))]
    for name, array in zip(names, inputs, strict=True):
        made = add_leaf(made, name, array)
    made = add_node(made, "out", op.name, sample.params, sources=names, slots=len(names) if op.variadic else None)
    value = run(made).values["out"]
    if is_float(value.dtype):
        made = set_seed(made, "out", np.random.default_rng(7).normal(size=value.shape).astype(value.dtype))
    return run(made)


def moments(tape, *kinds):
    return [tape.at(k + 1) for k, frame in enumerate(tape.frames) if isinstance(frame, kinds)]


def tensor_of(frame):
    return {Compute: "value", Send: "share", Settle: "total", Update: "after"}[type(frame)]


def last_cell(array):
    return tuple(length - 1 for length in array.shape)


def cell_in(lead):
    return tuple(map(int, re.findall(r"\d+", lead)))


def assert_line_holds(line, total):
    """Hold the text of a line of numbers against the number that the tape has; terms that are left out are counted."""
    exact = {term.told.text.lstrip("−"): abs(term.number) for term in line.terms.values() if term.number is not None}
    text = line.unicode
    assert text.endswith((show_number(total).lstrip("−"), f"{show_number(total)})")), text
    if "more" not in text:
        scale = 1e-3 * max([abs(term.number or 0) for term in line.terms.values()] + [1e-6])
        for side in work_out(text, exact):
            np.testing.assert_allclose(np.float64(side), np.float64(total), rtol=1e-3, atol=scale, err_msg=text)


@pytest.mark.parametrize("op", EVERY_OP)
def test_the_numbers_of_a_cell_are_those_of_the_tape(op):
    told = 0
    for sample in op.samples[:4]:
        for moment in moments(recorded(op, sample), Compute, Send):
            frame = moment.latest
            array = getattr(frame, tensor_of(frame))
            rule = chain_rule_of(moment, last_cell(array) if array.size else None)
            lines = [line for line in rule.lines if line.kind in {"numbers", "sum"}]
            assert bool(lines) == bool(array.size)
            for line in lines:
                assert_line_holds(line, array[rule.cell] if line is lines[-1] else frame.raw[cell_in(line.lead)])
                told += 1
    assert told


CELL_BY_CELL = [
    pytest.param(op, id=op.name)
    for op in OPS.values()
    if (op.family in {"elementwise", "comparison", "activation"} and "softmax" not in op.name) or op.name == "matmul"
]


@pytest.mark.parametrize("op", CELL_BY_CELL)
def test_the_line_with_names_gives_the_tensors_of_the_tape(op):
    for sample in op.samples[:3]:
        tape = recorded(op, sample)
        for moment in moments(tape, Compute, Send):
            frame = moment.latest
            _, _, right = chain_rule_of(moment).lines[0].unicode.partition(" = ")
            if isinstance(frame, Send) and frame.axes:
                right = right.removeprefix("∑")[1 + 2 * (len(frame.axes) - 1) :]
            tensors = {**tape.values, "grad": tape.gradients["out"]}
            (found,) = work_out(right.replace("∂out/∂out", "grad"), tensors)
            expected = frame.value if isinstance(frame, Compute) else frame.raw
            found = np.broadcast_to(np.float64(found), expected.shape)
            np.testing.assert_allclose(found, np.float64(expected), rtol=1e-9, atol=1e-12, err_msg=right)


@pytest.mark.parametrize("op", EVERY_OP)
def test_the_program_line_gives_the_numbers_of_the_tape(op):
    names = {name: other.forward for name, other in OPS.items()} | {"np": np}
    for sample in op.samples[:4]:
        tape = recorded(op, sample)
        for moment in moments(tape, Compute, Send):
            frame = moment.latest
            rule = chain_rule_of(moment)
            variables = {**names, **tape.values, "out_grad": tape.gradients["out"]}
            _, _, right = rule.program.partition(" = " if " += " not in rule.program else " += ")
            found = eval(compile(right, op.name, "eval"), variables)
            np.testing.assert_allclose(found, getattr(frame, tensor_of(frame)), rtol=1e-12, atol=1e-14)
            assert np.shape(found) == getattr(frame, tensor_of(frame)).shape


def lines(tape, kind=Send, number=-1, cell=None, training=None):
    rule = chain_rule_of(moments(tape, kind)[number], cell, training)
    return {line.kind: line.unicode for line in rule.lines}, rule


X, W = np.array([[1.0, 2.0], [3.0, -1.0]]), np.array([[0.5, -2.0], [4.0, 1.0]])


def test_a_product_is_told_with_names_shapes_and_numbers():
    tape = run(parse("loss = sum(x @ W * c)", x=X, W=W[:, :1], c=np.array([[2.0], [-3.0]])))
    told, rule = lines(tape)
    assert told["names"] == "∂loss/∂W = xᵀ · ∂loss/∂matmul1"
    assert told["shapes"] == "(2×1) = (2×2)ᵀ · (2×1)"
    assert told["numbers"] == "1 × 2 + 3 × (−3) = −7"
    assert rule.program == "W_grad = x.T @ matmul1_grad"
    numbers = rule.lines[-1]
    assert [(numbers.terms[key].node, numbers.terms[key].cell) for key in ("t0", "f0")] == [
        ("matmul1", (0, 0)),
        ("x", (0, 0)),
    ]


def test_broadcasting_is_undone_in_a_line_of_its_own():
    tape = run(parse("loss = sum((x + b) * c)", x=X, b=np.zeros(2), c=W))
    told, rule = lines(tape, cell=(1,))
    assert told["names"] == "∂loss/∂b = ∑₀ ∂loss/∂add1"
    assert [line.lead for line in rule.lines if line.lead] == ["at [0, 1]", "summed over axis 0"]
    assert told["sum"] == "−2 + 1 = −1"
    assert rule.note == "broadcasting is undone: summed over axis 0"


def test_a_dead_cell_shows_what_it_is_multiplied_with():
    tape = run(parse("loss = sum(relu(x) * c)", x=np.array([-2.0, 3.0]), c=np.array([5.0, 7.0])))
    told, rule = lines(tape, cell=(0,))
    assert told["numbers"] == "5 × [−2 > 0] = 0"
    assert not rule.note


def test_a_zero_carries_its_reason():
    _, rule = lines(run(parse("loss = sum(relu(x))", x=np.array([-2.0, -3.0]))))
    assert rule.note == "zero: the input is not above zero"


def test_a_constant_gets_a_note_and_no_formula():
    tape = run(parse("y = 3.0 * x", x=np.array(2.0)))
    blocked = next(tape.at(k + 1) for k, frame in enumerate(tape.frames) if type(frame).__name__ == "Blocked")
    rule = chain_rule_of(blocked)
    assert rule.lines == ()
    assert rule.note == "nothing is sent: c1 is a constant"


def test_a_cell_that_nothing_leads_to_says_so():
    _, rule = lines(run(parse("loss = sum(x[0])", x=X)), cell=(1, 1))
    assert rule.note == "at [1, 1] is zero: no cell of the gradient of getitem1 leads there"


def test_what_is_used_twice_tells_by_which_wire_each_contribution_comes():
    tape = run(parse("y = x * x + x", x=np.array(3.0)))
    told, _ = lines(tape, Settle)
    assert told["names"] == "∂y/∂x = ∂y/∂x via y + ∂y/∂x via mul1.a + ∂y/∂x via mul1.b"
    assert told["numbers"] == "1 + 3 + 3 = 7"


def test_several_targets_are_told_as_their_sum():
    document = parse("a = x * 2.0; b = x * 5.0", x=np.array(3.0))
    told, _ = lines(run(document, ["a", "b"]), Settle)
    assert told["names"].startswith("∂(a + b)/∂x = ")


def test_of_a_long_sum_the_first_terms_are_told_and_the_whole_total():
    told, _ = lines(run(parse("y = sum(x)", x=np.arange(1.0, 21.0))), Compute)
    assert told["numbers"] == "1 + 2 + 3 + 4 + 5 + 6 + 7 + 8 + … 12 more = 210"


def test_a_mean_stands_with_its_factor_before_the_sum():
    told, _ = lines(run(parse("y = mean(x)", x=np.array([1.0, 2.0, 5.0, 8.0]))), Compute)
    assert told["numbers"] == "0.25 × (1 + 2 + 5 + 8) = 4"


def test_a_factor_stands_before_a_sum_only_where_all_of_it_shares_it():
    weights = np.array([2.0] * 8 + [5.0] * 4)
    told, _ = lines(run(parse("y = x @ w", x=np.arange(1.0, 13.0), w=weights)), Compute)
    assert told["numbers"].startswith("1 × 2 + 2 × 2 + 3 × 2")
    assert told["numbers"].endswith("… 4 more = 282")


def test_a_single_product_shows_both_factors():
    told, _ = lines(run(parse("y = softmax(x)", x=np.array([1.0]))), Send)
    assert told["numbers"] == "1 × 0 = 0"


@pytest.mark.parametrize("optimiser", ["sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw"])
def test_an_update_is_told_with_the_rule_of_its_optimiser(optimiser):
    document = set_training(parse("loss = (w * 3.0 - 6.0)**2", w=np.array(1.0)), optimiser=optimiser)
    trainer = Trainer(document)
    start = trainer.start()
    tape = trainer.tape(trainer.step(start).after)
    moment = moments(tape, Update)[0]
    rule = chain_rule_of(moment, (), training_of(document))
    assert rule.lines[-2].unicode.startswith("w ← ")
    for line in rule.lines:
        if line.kind == "numbers":
            exact = {term.told.text.lstrip("−"): abs(term.number) for term in line.terms.values()}
            first, *others = work_out(line.unicode, exact)
            for other in others:
                np.testing.assert_allclose(np.float64(first), other, rtol=5e-3)
    assert rule.lines[-1].unicode.endswith(f"= {show_number(moment.latest.after)}")


def test_a_seed_is_told_for_what_it_is():
    document = parse("y = x * 2.0", x=np.arange(3.0))
    for seed, told in ((None, "ones"), (OneHot((1,)), "one-hot"), (np.array([1.0, 2.0, 3.0]), "seed")):
        tape = run(set_seed(document, "y", seed))
        first = next(k for k, frame in enumerate(tape.frames) if type(frame).__name__ == "Seed")
        assert chain_rule_of(tape.at(first + 1)).lines[0].unicode == f"∂y/∂y = {told}"


def test_before_the_first_frame_there_is_no_rule():
    assert chain_rule_of(run(parse("y = x * 2.0", x=np.array(1.0))).at(0)) is None


def test_numbers_that_are_not_finite_are_told_as_they_are():
    tape = run(parse("loss = sum(log(x) * w)", x=np.array([-1.0, 0.0]), w=np.array([2.0, 0.0])))
    told, _ = lines(tape, Compute, 1, (0,))
    assert told["numbers"] == "NaN × 2 = NaN"
    told, _ = lines(tape, Compute, 1, (1,))
    assert told["numbers"] == "−∞ × 0 = NaN"


def test_an_empty_tensor_has_names_and_shapes_and_no_numbers():
    told, rule = lines(run(parse("loss = sum(x * w)", x=np.zeros((0, 3)), w=np.ones(3))), Send, -2)
    assert told == {"names": "∂loss/∂x = ∂loss/∂mul1 × w", "shapes": "(0×3) = (0×3) × (3,)"}
    assert rule.cell is None


def test_names_that_numpy_needs_and_gradients_that_a_node_is_called_like_are_kept_apart():
    tape = run(parse("y = np_ * np_grad", np_=np.array(2.0), np_grad=np.array(3.0)))
    assert {chain_rule_of(moment).program for moment in moments(tape, Send)} == {
        "np__grad = y_grad * np_grad",
        "np_grad_grad = y_grad * np_",
    }


def test_a_cell_that_the_result_does_not_have_is_the_first_one():
    assert lines(run(parse("y = x * 2.0", x=X)), Compute, cell=(5, 5))[1].cell == (0, 0)
    assert lines(run(parse("y = x * 2.0", x=X)), Compute, cell=(1,))[1].cell == (0, 0)


def test_of_very_large_tensors_a_cell_is_told_without_its_sum():
    x = np.zeros((600, 500))
    told, rule = lines(run(parse("y = sum(x @ w)", x=x, w=np.ones((500, 2)))), Send)
    assert told["numbers"] == "0"
    assert rule.note.startswith("zero: ")
    told, _ = lines(run(parse("y = sum(x * w)", x=x + 2.0, w=x + 3.0)), Send)
    assert told["numbers"] == "1 × 2 = 2"


def test_latex_says_the_same():
    tape = run(parse("loss = sum(x @ W)", x=X, W=W))
    rule = chain_rule_of(moments(tape, Send)[-1])
    names = rule.lines[0]
    assert names.latex == (
        r"\frac{\partial \mathit{loss}}{\partial W} = x^{\top} \cdot"
        r" \frac{\partial \mathit{loss}}{\partial \mathit{matmul}_{1}}"
    )
    assert r"\term" not in names.latex
    assert names.marked.count(r"\term{") == 3
