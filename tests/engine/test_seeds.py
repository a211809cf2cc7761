import numpy as np
import pytest

from gradviz.engine import run
from gradviz.errors import EditRefusedError, GradvizError, ShapeError
from gradviz.graph import OneHot, Tensor, set_target
from tests.engine.building import build, end, tensor, told

VECTOR = build({"x": np.array([1.0, 2.0, 3.0])}, {"y": ("square", "x")})


def test_a_target_without_a_seed_starts_with_ones():
    assert np.array_equal(run(VECTOR).gradients["x"], [2, 4, 6])


@pytest.mark.parametrize(
    "seed", [[1, 10, 100], (1, 10, 100), np.array([1, 10, 100]), np.float32([1, 10, 100]), tensor([1, 10, 100])]
)
def test_a_seed_is_any_tensor_of_the_shape_of_the_target(seed):
    tape = run(VECTOR, seed=seed)
    assert np.array_equal(tape.gradients["x"], [2, 40, 600])
    assert tape.gradients["y"].dtype == "f8"


def test_a_seed_is_cast_to_the_dtype_of_its_target():
    document = build({"x": np.float32([1, 2])}, {"y": ("square", "x")})
    assert run(document, seed=np.array([0.1, 1.0])).gradients["y"].dtype == "f4"
    assert run(document, seed=np.array([True, False])).gradients["x"].tolist() == [2, 0]


def test_a_one_hot_seed_selects_a_cell():
    tape = run(VECTOR, seed=OneHot((1,)))
    assert np.array_equal(tape.gradients["x"], [0, 4, 0])
    assert np.array_equal(run(build({"x": 2.0}, {"y": ("exp", "x")}), seed=OneHot(())).gradients["y"], 1)


def test_the_seed_of_the_document_is_used():
    document = set_target(VECTOR, "y", tensor([1, 2, 3]))
    assert np.array_equal(run(document).gradients["x"], [2, 8, 18])
    assert np.array_equal(run(document, "y").gradients["x"], [2, 4, 6])


@pytest.mark.parametrize(
    "seed", [[1, 2], 1.0, np.ones((3, 1)), np.ones((2, 3)), OneHot((3,)), OneHot((0, 0)), OneHot((-1,))]
)
def test_a_seed_of_another_shape_is_refused_in_a_sentence(seed):
    tape = run(VECTOR, seed=seed)
    assert told(tape) == ["Compute y"]
    (problem,) = tape.plan.report.problems
    assert 'seed of "y"' in problem.sentence
    assert "(3,)" in problem.sentence
    assert end(tape).gradient("x").state == "not computed"
    with pytest.raises(ShapeError, match="seed"):
        run(VECTOR, seed=seed, strict=True)


@pytest.mark.parametrize("seed", [[[1, 2], [3]], "ones", np.array(["a"]), {"one_hot": [0]}, 1j])
def test_what_is_no_tensor_is_no_seed(seed):
    with pytest.raises(EditRefusedError):
        run(VECTOR, seed=seed)


def test_one_seed_needs_one_target():
    document = build({"x": 1.0}, {"y": ("exp", "x"), "z": ("sin", "x")})
    with pytest.raises(EditRefusedError, match="one target"):
        run(document, ["y", "z"], seed=1.0)
    with pytest.raises(EditRefusedError, match="one target, and there are 0"):
        run(document, seed=1.0)
    with pytest.raises(EditRefusedError, match="not both"):
        run(document, {"y": 1.0}, seed=1.0)


def test_several_targets_are_swept_together():
    document = build({"x": 2.0}, {"y": ("square", "x"), "z": ("multiply", "x", "y")})
    tape = run(document, ["y", "z"])
    assert told(tape)[2:] == [
        "Seed y",
        "Seed z",
        "Settle z",
        "Send x < z.a",
        "Send y < z.b",
        "Settle y",
        "Send x < y.x",
        "Settle x",
    ]
    assert tape.gradients["y"] == 1 + 2
    assert tape.gradients["x"] == 4 + 12


def test_each_target_has_its_own_seed():
    document = build({"x": np.array([1.0, 2.0])}, {"y": ("square", "x"), "z": ("exp", "x")})
    tape = run(document, {"y": OneHot((0,)), "z": [0, 3]})
    assert np.allclose(tape.gradients["x"], [2, 3 * np.exp(2)])
    assert np.array_equal(run(document, {"y": None}).gradients["x"], [2, 4])


def test_a_leaf_can_be_the_target():
    tape = run(build({"x": 2.0}, {"y": ("exp", "x")}), "x")
    assert told(tape) == ["Compute y", "Seed x", "Settle x"]
    assert tape.gradients["x"] == 1
    assert tape.gradients["y"] is None


def test_a_leaf_that_is_a_target_among_others_waits_for_its_contributions():
    tape = run(build({"x": 2.0}, {"y": ("square", "x")}), {"x": 10.0, "y": 1.0})
    assert told(tape)[1:] == ["Seed x", "Seed y", "Settle y", "Send x < y.x", "Settle x"]
    assert tape.gradients["x"] == 14


def test_a_target_of_integers_is_refused_in_a_sentence():
    document = build({"x": 2.0, "z": 1.0}, {"y": ("greater", "x", "z")}, {"y": None})
    tape = run(document)
    assert told(tape) == ["Compute y"]
    (problem,) = tape.plan.report.problems
    assert problem.node == "y"
    assert "only float tensors" in problem.sentence
    with pytest.raises(GradvizError, match="only float tensors"):
        run(document, strict=True)


def test_a_target_that_depends_on_nothing_is_seeded_and_says_why_nothing_is_sent():
    tape = run(build({"A": ([1.0, 2.0], "constant"), "x": 1.0}, {"C": ("square", "A"), "loss": ("sum", "C")}), "loss")
    assert told(tape)[2:] == ["Seed loss", "Blocked C < loss.x"]
    assert tape.frames[-1].reason == "C depends on no variable or input"
    assert tape.gradients["loss"] is None
    assert end(tape).gradient("loss").reason == "loss depends on no variable or input"
    assert end(tape).seed("loss") == 1


def test_an_unknown_target_is_refused_with_the_nearest_name():
    with pytest.raises(EditRefusedError, match='no node named "yy"'):
        run(VECTOR, "yy")


def test_without_a_single_sink_there_is_no_target_until_one_is_chosen():
    document = build({"x": 1.0}, {"y": ("exp", "x"), "z": ("sin", "x")})
    tape = run(document)
    assert told(tape) == ["Compute y", "Compute z"]
    assert dict(tape.phases) == {"forward": 0}
    assert end(tape).gradient("x").reason == "there is no target"
    assert run(document, strict=True).gradients["x"] is None


def test_a_tensor_seed_is_shared_and_stays_as_it_is():
    seed = np.array([1.0, 2.0, 3.0])
    tape = run(VECTOR, seed=seed)
    seed[:] = 0
    assert np.array_equal(tape.gradients["y"], [1, 2, 3])
    kept = Tensor(np.array([1.0, 1.0, 1.0]))
    assert run(VECTOR, seed=kept).gradients["y"] is kept.array
