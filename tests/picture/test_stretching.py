"""Broadcasting as it is seen: copies slide out forward, and fall back into a sum on the way back."""

import numpy as np
import pytest

from gradviz.engine import Compute, Send, run, stretched_axes
from gradviz.formats import parse
from gradviz.graph import plan_for
from gradviz.picture import STOPS, THEMES, Cells, Text, compose_motion, load_theme

X, V = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), np.array([7.0, -8.0, 9.0])
LIGHT = load_theme("light")
COPIED = 0.65
"""The progress at which all copies of an input are out."""


def moment_of(document, node):
    tape = run(document)
    index = next(i for i, frame in enumerate(tape.frames) if isinstance(frame, Compute) and frame.node == node)
    return tape.at(index + 1)


def drawn(document, node, progress, theme=LIGHT):
    return compose_motion(document, moment_of(document, node), theme, progress).items


def words(items):
    return [item.text for item in items if isinstance(item, Text) and item.opacity > 0]


def test_copies_of_a_row_slide_out_below_it_and_the_axis_is_named():
    made = parse("Y = X + v; loss = sum(Y)", X=X, v=V)
    before, after = (words(drawn(made, "Y", progress)) for progress in (0.28, COPIED))
    assert before.count("−8") == 1
    assert after.count("−8") == 2
    assert "×2 along axis 0" in after
    assert "(3,)" in before
    assert "2×3" in after


def test_a_copy_is_paler_than_what_it_copies():
    made = parse("Y = X + v; loss = sum(Y)", X=X, v=V)
    numbers = [item for item in drawn(made, "Y", COPIED) if isinstance(item, Text) and item.text == "−8"]
    high, low = sorted(numbers, key=lambda item: item.y)
    assert low.opacity < 0.75 * high.opacity


def test_both_inputs_are_stretched_each_along_its_own_axis():
    made = parse("Y = a + b; loss = sum(Y)", a=V.reshape(1, 3), b=np.array([[10.0], [20.0]]))
    seen = words(drawn(made, "Y", COPIED))
    assert {"×2 along axis 0", "×3 along axis 1"} <= set(seen)
    assert seen.count("20") == 3


def test_a_large_tensor_unfolds_as_a_heatmap():
    made = parse("Y = X * v; loss = sum(Y)", X=np.ones((40, 30)), v=np.ones((40, 1)))
    widths = []
    for progress in (0.35, 0.5, COPIED):
        maps = [item for item in drawn(made, "Y", progress) if isinstance(item, Cells)]
        widths.append(max(item.w for item in maps))
    assert widths == sorted(widths)
    assert widths[0] < widths[-1]
    assert "×30 along axis 1" in words(drawn(made, "Y", COPIED))


@pytest.mark.parametrize(
    "text",
    ["Y = X @ W; loss = sum(Y)", "Y = X + X; loss = sum(Y)", "Y = sum(X, axis=0); loss = sum(Y)"],
)
def test_nothing_is_copied_where_nothing_is_stretched(text):
    leaves = {"X": np.ones((2, 1)), "W": np.ones((1, 3))} if "@" in text else {"X": X}
    made = parse(text, **leaves)
    assert not any("along" in word for word in words(drawn(made, "Y", COPIED)))


@pytest.mark.parametrize(
    ("shapes", "result", "axes"),
    [
        (((2, 3), (3,)), (2, 3), {"b": (0,)}),
        (((), (2, 2)), (2, 2), {"a": (0, 1)}),
        (((1, 3), (2, 1)), (2, 3), {"a": (0,), "b": (1,)}),
        (((1,), (1, 1)), (1, 1), {"a": (0,)}),
        (((0, 3), (3,)), (0, 3), {}),
    ],
)
def test_axes_along_which_inputs_are_stretched(shapes, result, axes):
    made = parse("Y = a + b", a=np.ones(shapes[0]), b=np.ones(shapes[1]))
    assert stretched_axes(plan_for(made).steps[0], shapes, result) == axes


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("value", [np.nan, np.inf, -1e300])
def test_odd_numbers_and_deep_tensors_are_stretched_in_every_theme(theme, value):
    made = parse("Y = X * v; loss = sum(Y)", X=np.full((2, 1, 2, 2), value), v=np.full((3, 1, 1), value))
    for progress in np.linspace(0, 1, 9):
        for item in drawn(made, "Y", progress, load_theme(theme)):
            assert np.all(np.isfinite(item.bounds))


@pytest.mark.parametrize(
    ("leaves", "told"),
    [
        ({"X": X, "v": V}, "sum over axis 0|8 + 8 = 16, …"),
        ({"X": np.ones((2, 2)), "v": np.array(1.0)}, "sum over axes 0 and 1|4 + 4 + 4 + 4 = 16"),
        ({"X": np.ones((50, 2)), "v": np.ones(2)}, "sum over axis 0"),
    ],
)
def test_what_falls_back_is_added_up_in_numbers_where_they_are_few(leaves, told):
    document = parse("Y = X + v; loss = sum(Y * Y)", **leaves)
    if leaves["X"] is X:
        document = parse("Y = X * 0 + v; loss = sum(8.0 * Y)", **leaves)
    tape = run(document)
    index = next(i for i, frame in enumerate(tape.frames) if isinstance(frame, Send) and frame.source == "v")
    seen = words(compose_motion(document, tape.at(index + 1), LIGHT, STOPS[2]).items)
    assert set(told.split("|")) <= set(seen)
    assert ("|" in told) == any(" + " in word and "=" in word for word in seen)
