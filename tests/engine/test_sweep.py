from dataclasses import replace

import numpy as np
import pytest

from gradviz.engine import Blocked, Seed, Send, Settle, run, sweep
from gradviz.errors import ComputeError
from gradviz.graph import plan_for
from gradviz.ops import OPS, broadcast_axes, sum_to_shape
from tests.engine.building import build, end, tensor, told

DIAMOND = ({"x": 2.0}, {"y": ("negative", "x"), "a": ("exp", "y"), "b": ("sin", "y"), "c": ("add", "a", "b")})


def backward(tape):
    """Return the backward frames of a tape in short."""
    return [line for line in told(tape) if not line.startswith("Compute")]


def sends(tape):
    """Return the contributions of a tape by port."""
    return {(frame.port.node, frame.port.name): frame for frame in tape.frames if isinstance(frame, Send)}


def test_a_node_settles_when_all_that_use_it_have_sent():
    assert backward(run(build(*DIAMOND))) == [
        "Seed c",
        "Settle c",
        "Send a < c.a",
        "Send b < c.b",
        "Settle b",
        "Send y < b.x",
        "Settle a",
        "Send y < a.x",
        "Settle y",
        "Send x < y.x",
        "Settle x",
    ]


def test_a_leaf_settles_right_after_its_last_deposit():
    document = build({"x": 2.0, "w": 3.0}, {"p": ("multiply", "w", "x"), "q": ("multiply", "p", "w")})
    assert backward(run(document)) == [
        "Seed q",
        "Settle q",
        "Send p < q.a",
        "Send w < q.b",
        "Settle p",
        "Send w < p.a",
        "Settle w",
        "Send x < p.b",
        "Settle x",
    ]


def test_a_tensor_used_twice_by_one_op_gets_two_contributions():
    tape = run(build({"x": 3.0}, {"y": ("multiply", "x", "x")}))
    assert backward(tape)[2:] == ["Send x < y.a", "Send x < y.b", "Settle x"]
    assert [float(frame.share) for frame in sends(tape).values()] == [3, 3]
    assert tape.gradients["x"] == 6


def test_contributions_add_in_order_of_arrival():
    leaves = {"x": np.float32(1), "huge": (np.float32(1e8), "constant"), "minus": (np.float32(-1e8), "constant")}
    nodes = {
        "a": ("multiply", "x", "huge"),
        "b": ("add", "x", "a"),
        "c": ("multiply", "x", "minus"),
        "d": ("add", "b", "c"),
    }
    tape = run(build(leaves, nodes))
    arrived = [frame.share for frame in tape.frames if isinstance(frame, Send) and frame.source == "x"]
    assert [float(share) for share in arrived] == [-1e8, 1, 1e8]
    assert tape.gradients["x"] == (arrived[0] + arrived[1]) + arrived[2] == 0  # in another order it is 1


def test_the_order_of_drawing_does_not_matter():
    one = build(*DIAMOND)
    leaves, nodes = DIAMOND
    renamed = {"y": nodes["y"], "z": nodes["a"], "b": nodes["b"], "c": ("add", "z", "b")}
    assert run(one).gradients["x"] == run(build(leaves, renamed)).gradients["x"]


def test_broadcasting_is_undone_once_and_recorded():
    document = build(
        {"b": np.zeros(3), "column": np.zeros((2, 1)), "s": 0.0, "x": np.zeros((2, 3))},
        {"h": ("add", "x", "b"), "i": ("add", "h", "column"), "j": ("multiply", "i", "s"), "y": ("exp", "j")},
    )
    tape = run(document)
    axes = {port: frame.axes for port, frame in sends(tape).items()}
    assert axes[("h", "a")] == ()
    assert axes[("h", "b")] == (0,)
    assert axes[("i", "b")] == (1,)
    assert axes[("j", "b")] == (0, 1)
    for frame in sends(tape).values():
        source = tape.values[frame.source]
        assert frame.share.shape == source.shape
        assert frame.axes == broadcast_axes(source.shape, frame.raw.shape)
        assert np.array_equal(frame.share, sum_to_shape(frame.raw, source.shape))


def test_without_broadcasting_what_is_sent_is_what_the_rule_gave():
    tape = run(build({"x": np.ones(3), "y": np.ones(3)}, {"z": ("add", "x", "y")}))
    for frame in sends(tape).values():
        assert frame.share is frame.raw


def test_a_contribution_has_the_dtype_of_what_it_is_for():
    leaves = {"x": np.ones(2, "f4"), "y": np.ones(2), "i": np.array([2, 3]), "h": np.ones(2, "f2")}
    nodes = {
        "p": ("multiply", "x", "y"),
        "q": ("multiply", "h", "x"),
        "r": ("multiply", "p", "i"),
        "s": ("add", "q", "r"),
    }
    tape = run(build(leaves, nodes))
    assert tape.values["s"].dtype == "f8"
    assert tape.values["q"].dtype == "f4"
    for node, gradient in tape.gradients.items():
        if gradient is not None:
            assert gradient.dtype == tape.values[node].dtype, node
    assert tape.gradients["i"] is None


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_a_dtype_goes_through_a_whole_run(dtype):
    leaves = {"x": np.ones((2, 3), dtype), "W": np.full((3, 2), 0.5, dtype), "b": np.zeros(2, dtype)}
    nodes = {
        "h": ("linear", "x", "W", "b"),
        "a": ("tanh", "h"),
        "r": ("relu", "a"),
        "m": ("mean", "r", {"axis": 0}),
        "loss": ("sum", "m"),
    }
    tape = run(build(leaves, nodes))
    arrays = [*tape.values.values(), *tape.gradients.values(), *(frame.raw for frame in sends(tape).values())]
    assert {str(array.dtype) for array in arrays} == {dtype}


def test_rank_0_stays_an_array_in_every_frame():
    tape = run(build({"x": 2.0}, {"y": ("multiply", "x", "x"), "z": ("add", "y", "x")}))
    arrays = [getattr(frame, name) for frame in tape.frames for name in vars(frame) if name in ARRAYS]
    assert len(arrays) == 14
    assert all(isinstance(array, np.ndarray) and array.shape == () for array in arrays)


ARRAYS = {"value", "gradient", "total", "raw", "share"}


def test_nothing_that_a_frame_holds_can_be_written():
    leaves = {"x": np.ones((2, 3)), "b": np.ones(3), "s": 1.0, "none": np.ones((0, 3))}
    nodes = {
        "h": ("add", "x", "b"),
        "t": ("matrix_transpose", "h"),
        "r": ("reshape", "t", {"shape": [6]}),
        "p": ("multiply", "r", "s"),
        "y": ("sum", "p"),
        "e": ("multiply", "none", "y"),
    }
    tape = run(build(leaves, nodes, {"e": None, "y": None, "p": tensor(np.ones(6))}))
    for frame in tape.frames:
        for name in ARRAYS & vars(frame).keys():
            assert not getattr(frame, name).flags.writeable
    for array in (*tape.values.values(), *filter(lambda total: total is not None, tape.gradients.values())):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 7


def test_empty_tensors_have_empty_gradients():
    tape = run(build({"x": np.zeros((0, 3)), "b": np.zeros(3)}, {"h": ("add", "x", "b"), "y": ("sum", "h")}))
    assert tape.values["y"] == 0
    assert tape.gradients["x"].shape == (0, 3)
    assert np.array_equal(tape.gradients["b"], [0, 0, 0])
    assert end(tape).gradient("x").state == "value"


def test_nan_and_infinity_travel_like_any_number():
    tape = run(
        build({"x": np.array([0.0, 1.0]), "n": (np.nan, "constant")}, {"y": ("log", "x"), "z": ("multiply", "y", "n")})
    )
    assert np.isnan(tape.gradients["y"]).all()
    tape = run(build({"x": np.array([0.0, 1.0])}, {"y": ("sqrt", "x")}))
    assert np.array_equal(tape.gradients["x"], [np.inf, 0.5])


def test_contributions_that_overflow_when_they_are_added_warn_nobody():
    tape = run(build({"x": 1.0, "c": (1e308, "constant")}, {"a": ("multiply", "x", "c"), "y": ("add", "a", "a")}))
    assert tape.gradients["x"] == np.inf
    huge = run(build({"x": 1.0}, {"a": ("negative", "x"), "y": ("identity", "x")}), {"a": -1.7e308, "y": 1.7e308})
    assert huge.gradients["x"] == np.inf


def test_only_the_rules_of_open_ports_are_run():
    plan = plan_for(build({"x": 2.0, "c": (3.0, "constant")}, {"y": ("multiply", "x", "c")}))

    def refuse(*_arguments):
        raise AssertionError

    guarded = replace(OPS["multiply"], vjp={**OPS["multiply"].vjp, "b": refuse})
    plan = replace(plan, steps=(replace(plan.steps[0], op=guarded),))
    frames = list(sweep(plan, {"x": np.array(2.0), "c": np.array(3.0), "y": np.array(6.0)}))
    assert [type(frame) for frame in frames] == [Seed, Settle, Send, Settle, Blocked]


def test_a_gradient_rule_that_fails_ends_the_sweep_in_a_sentence():
    document = build({"x": 2.0}, {"y": ("exp", "x"), "z": ("sin", "y")})
    plan = plan_for(document)

    def exhaust(*_arguments):
        raise MemoryError

    broken = replace(OPS["exp"], vjp={"x": exhaust})
    plan = replace(plan, steps=(replace(plan.steps[0], op=broken), plan.steps[1]))
    frames = sweep(plan, dict(run(document).values))
    kept = [next(frames) for _ in range(4)]
    assert [type(frame) for frame in kept] == [Seed, Settle, Send, Settle]
    with pytest.raises(ComputeError, match='exp "y": there is not enough memory for it'):
        next(frames)


def test_an_op_of_many_inputs_sends_to_each():
    leaves = {"a": np.ones(2), "b": np.ones(3), "c": (np.ones(1), "constant")}
    tape = run(build(leaves, {"y": ("concat", "a", "b", "c", "a")}), seed=[1, 2, 3, 4, 5, 6, 7, 8])
    assert backward(tape)[2:] == [
        "Send a < y.x0",
        "Send b < y.x1",
        "Settle b",
        "Blocked c < y.x2",
        "Send a < y.x3",
        "Settle a",
    ]
    assert np.array_equal(tape.gradients["a"], [8, 10])
    assert np.array_equal(tape.gradients["b"], [3, 4, 5])


def test_an_optional_input_may_be_left_out():
    tape = run(build({"x": np.ones((2, 3)), "W": np.ones((3, 2))}, {"h": ("linear", "x", "W")}))
    assert tape.problems == ()
    assert np.array_equal(tape.gradients["W"], np.full((3, 2), 2.0))
