import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradviz.engine import Blocked, Compute, Seed, Send, Settle, run
from gradviz.errors import GradvizError
from gradviz.graph import OneHot, Port
from gradviz.ops import OPS
from tests.engine.building import build, end

LEAVES = {"x": np.array([1.0, 2.0]), "s": 3.0, "c": ([1.0, 0.0], "constant")}
NODES = {
    "p": ("multiply", "x", "s"),
    "q": ("multiply", "p", "p"),
    "r": ("multiply", "q", "c"),
    "t": ("add", "r", "x"),
    "y": ("sum", "t"),
    "aside": ("sin", "s"),
}
TAPE = run(build(LEAVES, NODES), ["y", "q"])


def replayed(tape, k):
    """Return what the first k frames say, told once more by walking all of them."""
    values = {node: leaf.value for node, leaf in tape.plan.leaves.items()}
    totals, settled, deposits, sent = {}, {}, {}, {}
    for frame in tape.frames[:k]:
        match frame:
            case Compute(node=node, value=value):
                values[node] = value
            case Seed(target=target, gradient=gradient):
                totals[target] = gradient
            case Settle(node=node, total=total):
                settled[node] = total
            case Send(source=source, port=port, share=share):
                totals[source] = totals[source] + share if source in totals else share
                deposits.setdefault(source, []).append(frame)
                sent[port] = frame
            case Blocked(port=port):
                sent[port] = frame
    return values, totals, settled, deposits, sent


def assert_as_replayed(tape, k):
    """Compare a moment with a fresh replay, in all that both know."""
    values, totals, settled, deposits, sent = replayed(tape, k)
    moment = tape.at(k)
    assert list(moment.values) == list(values)
    assert len(moment.values) == len(values)
    assert all(moment.values[node] is value for node, value in values.items())
    assert all((node in moment.values) == (node in values) for node in tape.nodes)
    for node in tape.nodes:
        assert moment.deposits(node) == tuple(deposits.get(node, ()))
        total = moment.running_total(node)
        assert (total is None) == (node not in totals)
        assert total is None or total.tobytes() == np.asarray(totals[node]).tobytes()
        assert moment.gradient(node).array is settled.get(node)
        assert (moment.gradient(node).state in {"zero", "value"}) == (node in settled)
    for step in tape.plan.steps:
        for name in step.ports:
            assert moment.sent(Port(step.node, name)) is sent.get(Port(step.node, name))


def test_every_moment_is_what_a_fresh_replay_gives_in_both_directions():
    for k in [*range(len(TAPE.frames) + 1), *reversed(range(len(TAPE.frames) + 1))]:
        assert_as_replayed(TAPE, k)


@given(st.lists(st.integers(0, len(TAPE.frames)), max_size=12))
def test_jumping_around_shows_the_same_as_a_fresh_replay(jumps):
    for k in jumps:
        assert_as_replayed(TAPE, k)


def test_a_moment_outside_of_the_run_is_refused():
    for k in (-1, len(TAPE.frames) + 1):
        with pytest.raises(GradvizError, match=f"no moment {k}"):
            TAPE.at(k)


def test_moments_share_the_arrays_of_the_run():
    settled = {frame.node: frame.total for frame in TAPE.frames if isinstance(frame, Settle)}
    moment = end(TAPE)
    for node, total in settled.items():
        assert moment.gradient(node).array is total
        assert moment.running_total(node) is total
        assert TAPE.gradients[node] is total


def test_the_phases_are_where_the_frames_change_their_kind():
    kinds = [type(frame).__name__ for frame in TAPE.frames]
    assert dict(TAPE.phases) == {"forward": 0, "seed": kinds.index("Seed"), "backward": kinds.index("Settle")}
    assert [TAPE.at(k).phase for k in (0, 1, 6, 7, 8, 9)] == ["forward"] * 3 + ["seed"] * 2 + ["backward"]


def test_the_latest_frame_is_the_one_that_led_here():
    assert TAPE.at(0).latest is None
    assert TAPE.at(0).sentence == ""
    assert TAPE.at(3).latest is TAPE.frames[2]
    assert TAPE.at(1).sentence == "aside is computed: 0.1411; kept for the backward pass: s"


def test_a_gradient_is_not_computed_until_its_node_settles():
    start, last = TAPE.at(TAPE.phases["seed"]), TAPE.at(TAPE.phases["backward"])
    assert {start.gradient(node).state for node in TAPE.nodes} == {"not computed"}
    assert start.gradient("c").reason == "the sweep has not begun"
    assert last.gradient("x").state == "not computed"
    assert last.gradient("x").reason == "waiting for 2 contributions"
    assert last.gradient("aside").state == "no path"
    assert last.gradient("c").reason == "c is a constant"


def test_no_path_is_shown_from_the_first_seed_on():
    seed = TAPE.phases["seed"]
    assert [TAPE.at(k).gradient("aside").state for k in (seed, seed + 1)] == ["not computed", "no path"]


def test_a_node_counts_what_it_still_waits_for():
    waiting = [TAPE.at(k).waiting("x") for k in range(len(TAPE.frames) + 1)]
    assert waiting[0] == 2
    assert waiting[-1] == 0
    assert sorted(waiting, reverse=True) == waiting
    assert end(TAPE).waiting("aside") == 0
    running = [TAPE.at(k).running_total("p") for k in range(len(TAPE.frames) + 1)]
    assert len({id(total) for total in running if total is not None}) == 2


def test_a_target_has_its_seed_from_its_seed_frame_on():
    k = TAPE.phases["seed"]
    assert TAPE.at(k).seed("y") is None
    assert TAPE.at(k + 1).seed("y") == 1
    assert TAPE.at(k + 1).seed("q") is None
    assert TAPE.at(k + 1).running_total("y") == 1
    assert end(TAPE).seed("x") is None


def test_a_node_that_is_not_in_the_run_has_nothing():
    moment = end(TAPE)
    assert moment.gradient("stranger").state == "not computed"
    assert moment.gradient("stranger").reason == "it has no value"
    assert moment.deposits("stranger") == ()
    assert moment.running_total("stranger") is None
    assert moment.sent(Port("stranger", "a")) is None
    assert "stranger" not in moment.values


def test_fresh_values_can_stand_beside_an_old_sweep():
    moment = end(TAPE).with_values({"x": np.array(7.0)})
    assert dict(moment.values) == {"x": 7}
    assert moment.gradient("x").array is TAPE.gradients["x"]
    assert moment.index == len(TAPE.frames)


def zero(leaves, nodes, node, **how):
    """Return the reason for the zero gradient of a node."""
    gradient = end(run(build(leaves, nodes), **how)).gradient(node)
    assert gradient.state == "zero"
    assert not gradient.array.any()
    return gradient.reason


X = {"x": np.array([-1.0, -2.0])}
ZERO = (np.zeros(2), "constant")


def test_a_zero_says_which_factor_made_it():
    assert zero({**X, "c": ZERO}, {"y": ("multiply", "x", "c")}, "x") == "the factor c is zero"
    assert zero({"x": 0.0}, {"y": ("multiply", "x", "x")}, "x") == "the factor x is zero"
    leaves = {"A": np.ones((2, 2)), "B": (np.zeros((2, 2)), "constant")}
    assert zero(leaves, {"y": ("matmul", "A", "B")}, "A") == "the factor B is zero"


def test_a_dead_relu_says_that_its_input_is_not_above_zero():
    assert zero(X, {"y": ("relu", "x")}, "x") == OPS["relu"].why_zero["x"] == "the input is not above zero"


def test_what_was_not_selected_says_so():
    leaves = {"c": (np.array([True, True]), "constant"), "a": np.ones(2), "b": np.ones(2)}
    assert zero(leaves, {"y": ("where", "c", "a", "b")}, "b") == "c selects a"
    assert zero({"a": 1.0, "b": 2.0}, {"y": ("maximum", "a", "b")}, "a") == "b is larger"


def test_a_zero_that_only_passes_through_says_where_it_comes_from():
    nodes = {"h": ("exp", "x"), "r": ("negative", "h"), "y": ("relu", "r")}
    assert zero(X, nodes, "h") == "what arrives at r is zero"
    assert zero(X, nodes, "x") == "what arrives at h is zero"


def test_a_saturated_curve_says_that_it_is_flat():
    assert "flat" in zero({"x": 100.0}, {"y": ("tanh", "x")}, "x")


def test_contributions_that_cancel_say_so():
    nodes = {"n": ("negative", "x"), "y": ("add", "n", "x")}
    assert zero(X, nodes, "x") == "the contributions cancel"
    assert zero(X, {"y": ("subtract", "x", "x")}, "x") == "the contributions cancel"


def test_a_sum_over_broadcast_axes_that_cancels_says_so():
    leaves = {"b": 1.0, "c": ([1.0, -1.0], "constant")}
    assert zero(leaves, {"y": ("multiply", "b", "c")}, "b") == "its sum over axis 0 cancels"


def test_a_gradient_that_vanished_is_not_blamed_on_a_factor():
    leaves = {"x": np.float32(2.0), "c": (np.float32(1e-30), "constant")}
    nodes = {"h": ("multiply", "x", "c"), "y": ("multiply", "h", "c")}
    lost = "it is too small for float32, which rounds it to 0"
    assert zero(leaves, nodes, "x") == lost
    leaves = {"x": np.float16(2.0), "c": (np.float64(1e-30), "constant")}
    assert zero(leaves, {"y": ("multiply", "x", "c")}, "x") == lost.replace("float32", "float16")
    leaves = {"x": np.full(2, np.float16(2.0)), "c": (np.array([[1e-30], [1e-30]]), "constant")}
    assert zero(leaves, {"y": ("multiply", "x", "c")}, "x") == lost.replace("float32", "float16")


def test_a_zero_seed_is_a_reason():
    assert zero(X, {"y": ("exp", "x")}, "y", seed=[0, 0]) == "the seed is zero"
    assert zero(X, {"y": ("exp", "x")}, "x", seed=[0, 0]) == "what arrives at y is zero"
    nodes = {"y": ("negative", "x")}
    assert zero(X, nodes, "x", targets={"x": [1, 1], "y": [1, 1]}) == "the seed and the contributions cancel"


def test_a_cell_that_is_not_selected_by_the_seed_is_no_zero_gradient():
    gradient = end(run(build(X, {"y": ("exp", "x")}), seed=OneHot((0,)))).gradient("x")
    assert gradient.state == "value"
    assert gradient.array[1] == 0


def test_several_reasons_are_all_told():
    leaves = {**X, "c": ZERO}
    nodes = {"m": ("multiply", "x", "c"), "r": ("relu", "x"), "y": ("add", "m", "r")}
    assert zero(leaves, nodes, "x") == "the input is not above zero; the factor c is zero"


def test_nan_is_a_value_and_so_is_an_empty_gradient():
    tape = run(build({"x": np.nan, "e": np.zeros((0, 2))}, {"y": ("square", "x"), "z": ("exp", "e")}), ["y", "z"])
    assert end(tape).gradient("x").state == "value"
    assert end(tape).gradient("e").state == "value"
    assert end(tape).gradient("e").reason == ""


@pytest.mark.parametrize("op", OPS.values(), ids=OPS)
def test_the_reasons_of_an_op_name_only_its_own_ports(op):
    names = {port: f"<{port}>" for port in op.ports()}
    for port in op.ports():
        reason = op.reason_for_zero(port)
        assert reason is None or "{" not in reason.format(**names)


def test_between_two_moments_of_a_run_lie_the_frames_that_tell_them_apart():
    start, last = TAPE.phases["seed"], len(TAPE.frames)
    assert TAPE.at(1).frames_to(TAPE.at(3)) == TAPE.at(3).frames_to(TAPE.at(1)) == tuple(TAPE.frames[1:3])
    assert TAPE.at(last).frames_to(TAPE.at(start + 1)) == tuple(TAPE.frames[start + 1 :])
    assert TAPE.at(last).frames_to(TAPE.at(last)) == ()


def test_moments_of_another_run_or_on_two_sides_of_where_the_sweep_begins_differ_in_more_than_frames():
    start = TAPE.phases["seed"]
    assert TAPE.at(start).frames_to(TAPE.at(start + 1)) is None
    assert TAPE.at(start).frames_to(TAPE.at(start).with_values({"x": np.array(7.0)})) is None
    assert TAPE.at(start).frames_to(run(build(LEAVES, NODES), ["y", "q"]).at(start)) is None
