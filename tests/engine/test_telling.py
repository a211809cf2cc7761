import numpy as np
import pytest

from gradviz.engine import describe, run, show_axes, show_number, show_tensor, tell
from gradviz.graph import OneHot
from tests.engine.building import build


def sentences(leaves, nodes, **how):
    """Return what the frames of a run tell."""
    tape = run(build(leaves, nodes), **how)
    return [describe(frame, tape.plan) for frame in tape.frames]


def test_a_whole_run_reads_like_a_story():
    leaves = {"s": 2.0, "T": ([[1.0, 2.0], [3.0, 4.0]], "constant"), "target": ([[1.0, 2.0], [3.0, 5.5]], "constant")}
    nodes = {
        "scaled": ("multiply", "s", "T"),
        "diff": ("subtract", "scaled", "target"),
        "sq": ("square", "diff"),
        "loss": ("sum", "sq"),
    }
    assert sentences(leaves, nodes) == [
        "scaled is computed: a (2, 2) tensor; kept for the backward pass: T",
        "diff is computed: a (2, 2) tensor; kept for the backward pass: nothing",
        "sq is computed: a (2, 2) tensor; kept for the backward pass: diff",
        "loss is computed: 20.25; kept for the backward pass: nothing",
        "the sweep starts at loss with the seed 1",
        "loss has its seed and waits for nothing else: its gradient is 1",
        'sum "loss" sends a (2, 2) gradient back to sq',
        "sq has received its only contribution: its gradient is a (2, 2) tensor",
        'square "sq" sends a (2, 2) gradient back to diff',
        "diff has received its only contribution: its gradient is a (2, 2) tensor",
        'subtract "diff" sends a (2, 2) gradient back to scaled',
        'subtract "diff" sends nothing back to target: target is a constant',
        "scaled has received its only contribution: its gradient is a (2, 2) tensor",
        'multiply "scaled" sends a (2, 2) gradient back to s; summed over axes 0 and 1 it is 48',
        "s has received its only contribution: its gradient is 48",
        'multiply "scaled" sends nothing back to T: T is a constant',
    ]


@pytest.mark.parametrize(
    ("node", "kept"),
    [
        (("multiply", "x", "x"), "x"),
        (("multiply", "x", "w"), "x and w"),
        (("where", "mask", "x", "w"), "mask"),
        (("divide", "x", "w"), "w and its own value"),
        (("add", "x", "w"), "nothing"),
        (("softmax", "x"), "its own value"),
    ],
)
def test_what_is_kept_for_the_backward_pass_is_told_by_name(node, kept):
    leaves = {"x": [1.0, 2.0], "w": [3.0, 4.0], "mask": np.array([True, False])}
    told = next(sentence for sentence in sentences(leaves, {"y": node}) if sentence.startswith("y is computed"))
    assert told == f"y is computed: a (2,) tensor; kept for the backward pass: {kept}"


def test_where_no_gradient_flows_nothing_is_said_of_keeping():
    told = sentences({"c": (2.0, "constant"), "x": 1.0}, {"d": ("exp", "c"), "y": ("multiply", "d", "x")})
    assert told[0] == "d is computed: 7.389"


def test_a_contribution_names_its_input_where_two_lead_to_one_node():
    told = sentences({"x": -1.5}, {"y": ("multiply", "x", "x")})
    assert told[-3:] == [
        'multiply "y" sends −1.5 back to x, through its input a',
        'multiply "y" sends −1.5 back to x, through its input b',
        "x has received both contributions: its gradient is −3",
    ]


def test_a_seed_is_told_as_what_it_is():
    leaves, nodes = {"x": np.ones((2, 2))}, {"y": ("exp", "x")}
    told = [sentences(leaves, nodes, seed=seed)[1] for seed in (None, OneHot((0, 1)), [[1, 2], [3, 4]])]
    assert told == [
        "the sweep starts at y with a seed of ones, of shape (2, 2)",
        "the sweep starts at y with a seed that is one at [0, 1] and zero elsewhere",
        "the sweep starts at y with a chosen seed of shape (2, 2)",
    ]
    assert "the sweep starts at y with the seed 0.25" in sentences({"x": 1.0}, nodes, seed=0.25)


def test_a_target_in_the_middle_tells_its_seed_and_its_contributions():
    leaves, nodes = {"x": 1.0}, {"y": ("square", "x"), "z": ("negative", "y"), "w": ("add", "y", "z")}
    told = sentences(leaves, nodes, targets=["y", "w"])
    assert "y has its seed and has received both contributions: its gradient is 1" in told
    told = sentences(leaves, nodes, targets=["y", "z"])
    assert "y has its seed and has received its only contribution: its gradient is 0" in told


def test_zero_and_empty_gradients_are_told_as_such():
    told = sentences(
        {"x": np.array([-1.0, -2.0]), "e": np.zeros((0, 3))},
        {"y": ("relu", "x"), "z": ("exp", "e")},
        targets=["y", "z"],
    )
    assert 'relu "y" sends a zero (2,) gradient back to x' in told
    assert "x has received its only contribution: its gradient is zero everywhere, of shape (2,)" in told
    assert "z is computed: an empty (0, 3) tensor; kept for the backward pass: its own value" in told
    assert 'exp "z" sends an empty (0, 3) gradient back to e' in told


def test_a_cast_on_the_way_back_is_told():
    told = sentences({"x": np.float32(2), "b": 1.0}, {"y": ("add", "x", "b")})
    assert 'add "y" sends 1 back to x, cast to float32' in told
    assert 'add "y" sends 1 back to b' in told


def test_a_sum_to_something_larger_than_a_number_tells_its_shape():
    told = sentences({"x": np.ones((2, 3)), "b": np.ones(3)}, {"y": ("add", "x", "b")})
    assert 'add "y" sends a (2, 3) gradient back to b; summed over axis 0 it is a (3,) tensor' in told


def test_every_sentence_is_a_template_and_its_facts():
    tape = run(build({"x": 1.0, "c": (2.0, "constant")}, {"y": ("multiply", "x", "c")}))
    for frame in tape.frames:
        telling = tell(frame, tape.plan)
        assert telling.template.format(**telling.facts) == telling.sentence == describe(frame, tape.plan)
        assert all(isinstance(fact, str) for fact in telling.facts.values())
        assert not any(name in telling.template.split() for name in ("x", "y", "c", "multiply"))


def test_a_brace_in_a_reason_is_only_a_brace():
    tape = run(build({"ä": 1.0, "ß": (2.0, "constant")}, {"größe": ("multiply", "ä", "ß")}))
    assert describe(tape.frames[-1], tape.plan) == 'multiply "größe" sends nothing back to ß: ß is a constant'


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-0.0, "0"),
        (12.5, "12.5"),
        (-3, "−3"),
        (1 / 3, "0.3333"),
        (999.96, "1000"),
        (1234.567, "1235"),
        (12345, "12345"),
        (99999.4, "99999"),
        (99999.7, "1e5"),
        (123456, "1.235e5"),
        (1e-4, "0.0001"),
        (9.9994e-5, "9.999e−5"),
        (-1.5e-300, "−1.5e−300"),
        (5e-324, "4.941e−324"),
        (2**63, "9.223e18"),
        (np.float32(0.1), "0.1"),
        (np.float16(65504), "65504"),
        (np.array([[2.5]]), "2.5"),
        (np.uint8(200), "200"),
        (True, "true"),
        (np.False_, "false"),
        (np.nan, "NaN"),
        (np.inf, "∞"),
        (-np.inf, "−∞"),
    ],
)
def test_numbers_have_four_significant_digits(value, text):
    assert show_number(value) == text


def test_tensors_and_axes_are_told_in_words():
    assert show_tensor(np.array(1.5)) == "1.5"
    assert show_tensor(np.zeros((1, 2))) == "a (1, 2) tensor"
    assert show_tensor(np.zeros((0,))) == "an empty (0,) tensor"
    assert [show_axes(axes) for axes in [(), (1,), (0, 1), (0, 1, 2)]] == [
        "no axis",
        "axis 1",
        "axes 0 and 1",
        "axes 0, 1 and 2",
    ]


def test_what_is_not_finite_is_told():
    told = sentences({"x": [0.0, 4.0]}, {"r": ("sqrt", "x"), "z": ("multiply", "r", "r"), "y": ("sum", "z")})
    assert told[-1] == "x has received its only contribution: its gradient is a (2,) tensor that holds NaN"
    told = sentences({"x": [0.0, 4.0]}, {"r": ("sqrt", "x"), "y": ("sum", "r")})
    assert told[-2] == 'sqrt "r" sends a (2,) gradient that holds ∞ back to x'
    assert show_tensor(np.array([np.nan, -np.inf, 1])) == "a (3,) tensor that holds NaN and ∞"
    assert show_tensor(np.array([np.inf])) == "a (1,) tensor that holds ∞"
    assert show_tensor(np.array([1, 2])) == "a (2,) tensor"


def test_many_contributions_are_counted():
    told = sentences({"x": 1.0}, {"y": ("stack", "x", "x", "x")})
    assert told[-1] == "x has received all 3 contributions: its gradient is 3"


def test_the_name_of_a_gradient_is_told_as_one():
    leaves = {"d_loss_d_y": (1.0, "constant"), "x": 2.0}
    told = sentences(leaves, {"d_loss_d_x": ("multiply", "d_loss_d_y", "x")})
    assert told[0] == "∂loss/∂x is computed: 2; kept for the backward pass: ∂loss/∂y"
    assert told[1] == "the sweep starts at ∂loss/∂x with the seed 1"
    assert told[3] == 'multiply "∂loss/∂x" sends nothing back to ∂loss/∂y: ∂loss/∂y is a constant'
