"""Training: the loops of the worked examples as they really behave, PyTorch's numbers, steps to look at."""

import json
from pathlib import Path

import numpy as np
import pytest

from gradviz.engine import Clear, History, Trainer, Update, train
from gradviz.engine.rows import Rows
from gradviz.errors import EditRefusedError, GradvizError
from gradviz.formats import add_dataset, parse
from gradviz.graph import Document, add_leaf, add_node, clear_target, set_tensor, set_training

GOLDEN = Path(__file__).parents[1] / "golden"
RUNS = json.loads((GOLDEN / "trajectories.json").read_text("utf-8"))["runs"]


def fit_a_scale(s=1.0, **training):
    matrix = np.array([[1.0, 2.0], [3.0, 4.0]])
    made = parse("loss = sum((s * T - target)**2)", s=np.array(s), T=matrix, target=2 * matrix)
    for name in ("T", "target"):
        made = made.changed(nodes={**made.nodes, name: type(made.nodes[name])("constant", made.nodes[name].tensor)})
    return set_training(made, **training)


def trained(document, steps):
    trainer = Trainer(document)
    history = History(trainer)
    history.extend(train(trainer, history.latest, steps, 60, lambda: False))
    return history


@pytest.mark.parametrize("golden", RUNS, ids=lambda golden: f"from {golden['s0']}, lr {golden['lr']:.4f}")
def test_a_scale_goes_where_the_worked_example_really_goes(golden):
    trainer = Trainer(fit_a_scale(golden["s0"], settings={"lr": golden["lr"]}))
    standing = trainer.start()
    for expected in golden["steps"]:
        iteration = trainer.step(standing)
        np.testing.assert_allclose(standing.variables["s"], expected["s"], rtol=1e-6)
        np.testing.assert_allclose(iteration.loss, expected["loss"], rtol=1e-3, atol=1e-10)  # the golden run is float32
        np.testing.assert_allclose(iteration.gradients["s"], expected["grad"], rtol=1e-4, atol=1e-4)
        standing = iteration.after
    np.testing.assert_allclose(standing.variables["s"], golden["final_s"], rtol=1e-6)


def test_at_the_optimum_nothing_moves_and_just_below_a_thirtieth_it_still_comes_there():
    assert trained(fit_a_scale(2.0, settings={"lr": 0.1}), 10).latest.variables["s"] == 2.0
    assert trained(fit_a_scale(1.0, settings={"lr": 1 / 60}), 1).latest.variables["s"] == pytest.approx(2.0)
    assert abs(trained(fit_a_scale(1.0, settings={"lr": 0.033}), 3000).latest.variables["s"] - 2) < 1e-9


def test_a_rate_that_is_too_large_diverges_and_training_ends_there():
    history = trained(fit_a_scale(settings={"lr": 0.1}), 10_000)
    assert history.has_diverged
    assert len(history) < 1000
    assert not np.isfinite(history.losses[-1]) or not np.isfinite(history.latest.variables["s"])
    assert np.isfinite(history.losses[-2])


@pytest.mark.parametrize("optimiser", ["sgd", "momentum", "adam"])
@pytest.mark.parametrize("zeroes", [True, False])
def test_a_recorded_step_has_the_numbers_of_the_compiled_one(optimiser, zeroes):
    trainer = Trainer(fit_a_scale(optimiser=optimiser, zeroes_gradients=zeroes, settings={"lr": 0.01}))
    standing = trainer.start()
    for _ in range(3):
        tape, iteration = trainer.tape(standing), trainer.step(standing)
        update = next(frame for frame in tape.frames if isinstance(frame, Update))
        np.testing.assert_array_equal(update.after, iteration.after.variables["s"])
        np.testing.assert_array_equal(update.gradient, iteration.gradients["s"])
        assert update.step == iteration.step
        assert sum(isinstance(frame, Clear) for frame in tape.frames) == zeroes
        standing = iteration.after


def test_the_update_is_a_phase_of_its_own_after_which_the_variable_has_its_new_value():
    trainer = Trainer(fit_a_scale(settings={"lr": 1 / 60}))
    tape = trainer.tape(trainer.start())
    assert list(tape.phases) == ["forward", "seed", "backward", "update"]
    begin = tape.phases["update"]
    assert tape.at(begin).values["s"] == 1
    assert tape.at(begin + 1).values["s"] == pytest.approx(2)
    assert tape.at(begin + 1).phase == "update"
    assert tape.at(begin + 1).updated("s").before == 1
    assert tape.at(begin).updated("s") is None
    assert tape.at(begin + 1).sentence == "step 1 updates s from 1 to 2"
    assert tape.at(begin + 2).sentence == "the gradient of s is set back to zero before the next step"


def test_gradients_that_are_not_set_back_pile_up():
    kept = Trainer(fit_a_scale(zeroes_gradients=False, settings={"lr": 0.001}))
    first = kept.step(kept.start())
    second = kept.step(first.after)
    assert first.gradients["s"] == -60
    expected = -60 + 60 * (first.after.variables["s"] - 2)
    np.testing.assert_allclose(second.gradients["s"], expected)
    tape = kept.tape(first.after)
    assert "its gradient was added to that of the steps before" in tape.at(len(tape.frames)).sentence


def network(**training):
    """Return a small network on two moons, and the names of its data."""
    made, _ = add_dataset(Document(), "moons", (0, 0), rows=50)
    generator = np.random.default_rng(1)
    for name, shape in (("W1", (2, 8)), ("b1", (8,)), ("W2", (8, 1)), ("b2", (1,))):
        made = add_leaf(made, name, generator.normal(size=shape))
    steps = [
        ("h1", "linear", ("x", "W1", "b1")),
        ("h2", "tanh", ("h1",)),
        ("z", "linear", ("h2", "W2", "b2")),
        ("loss", "binary_cross_entropy_with_logits", ("z", "t")),
    ]
    for name, op, sources in steps:
        made = add_node(made, name, op, sources=sources)
    return set_training(made, **training)


def test_a_network_learns_two_moons_and_is_judged_on_rows_that_it_never_saw():
    history = trained(network(optimiser="adam", settings={"lr": 0.05}, batch=8, shuffle=0), 300)
    history.note_held_out()
    assert history.losses[0] > 0.5
    assert history.losses[-1] < 0.15
    assert history.held_out[300] < 0.3


@pytest.mark.parametrize("shuffle", [None, 5])
def test_a_round_sees_every_training_row_once_and_no_held_out_one(shuffle):
    document = network(batch=12, shuffle=shuffle)
    rows = Rows(document, document.training)
    assert rows.batches == Trainer(document).batches == 4
    rounds = [[rows.of_step(4 * k + step) for step in (1, 2, 3, 4)] for k in (0, 1)]
    for batches in rounds:
        assert [len(numbers) for numbers in batches] == [12, 12, 12, 4]
        assert sorted(np.concatenate(batches)) == list(range(40))
    orders = [np.concatenate(batches).tolist() for batches in rounds]
    assert (orders[0] == orders[1]) == (shuffle is None)


def test_a_batch_is_what_its_rows_alone_would_give():
    document = network(batch=12)
    trainer = Trainer(document)
    iteration = trainer.step(trainer.start())
    alone = clear_batches(document, 12)
    expected = Trainer(alone).step(Trainer(alone).start())
    assert iteration.loss == expected.loss
    for name, gradient in expected.gradients.items():
        np.testing.assert_array_equal(iteration.gradients[name], gradient)


def clear_batches(document, rows):
    made = set_training(document, data=(), batch=None, held_out=0)
    for name in ("x", "t"):
        made = set_tensor(made, name, made.nodes[name].value[:rows])
    return made


def test_any_step_is_found_again_although_few_tensors_are_kept():
    document = network(optimiser="adam", settings={"lr": 0.05}, batch=8, shuffle=0)
    trainer = Trainer(document)
    history = History(trainer, limit=1)
    standings = [history.latest]
    for iteration in train(trainer, history.latest, 21, 60, lambda: False):
        history.extend([iteration])
        standings.append(iteration.after)
    assert len(history.kept) <= 2
    for step in (0, 1, 13, 20, 21):
        for name, array in standings[step].variables.items():
            np.testing.assert_array_equal(history.standing(step).variables[name], array)
    with pytest.raises(GradvizError, match="21 steps were taken, and there is no step 22"):
        history.standing(22)


def test_training_stops_when_it_is_told_to_and_after_its_time():
    trainer = Trainer(fit_a_scale(settings={"lr": 0.001}))
    assert train(trainer, trainer.start(), 100, 60, lambda: True) == []
    assert len(train(trainer, trainer.start(), 100, 0, lambda: False)) == 1


def test_what_cannot_be_trained_is_refused_in_a_sentence():
    with pytest.raises(EditRefusedError, match="there is no target"):
        Trainer(Document())
    constant = add_node(add_leaf(Document(), "c", 1.0, role="constant"), "y", "exp", sources=("c",))
    with pytest.raises(EditRefusedError, match="no variable gets a gradient from y"):
        Trainer(constant)
    two = add_node(add_leaf(Document(), "x", 1.0), "y", "exp", sources=("x",))
    two = add_node(two, "z", "log", sources=("x",))
    with pytest.raises(EditRefusedError, match="there is no target"):
        Trainer(clear_target(two, "y"))


def test_a_network_trained_with_adam_is_pytorchs():
    golden = json.loads((GOLDEN / "training.json").read_text("utf-8"))
    made = network(optimiser="adam", settings={"lr": 0.05}, held_out=0)
    for name, values in golden["start"].items():
        made = set_tensor(made, name, np.array(values))
    history = trained(made, len(golden["losses"]))
    np.testing.assert_allclose(history.losses, golden["losses"], rtol=1e-10)
    for name, values in golden["after"].items():
        np.testing.assert_allclose(history.latest.variables[name], values, rtol=1e-9, atol=1e-12)
