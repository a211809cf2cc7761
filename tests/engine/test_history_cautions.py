"""What the history of a training shows: NaN with its first step, a loss that grows, rows that are remembered."""

import numpy as np
import pytest

from gradviz.engine import History, Trainer, cautions_of_history, show_number, train
from gradviz.formats import load_example, parse
from gradviz.graph import set_role, set_training


def trained(document, steps, every=10**9):
    trainer = Trainer(document)
    history = History(trainer)
    while len(history) < steps and not history.has_diverged:
        found = train(trainer, history.latest, min(every, steps - len(history)), 60, lambda: False)
        history.extend(found)
        history.note_held_out()
    return history


def kinds(history):
    return [caution.kind for caution in cautions_of_history(history)]


def test_a_loss_that_grows_is_told_with_its_numbers():
    history = trained(load_example("train_a_scale_too_fast"), 10)
    (caution,) = cautions_of_history(history)
    assert caution.kind == "growing"
    assert caution.node == "loss"
    assert caution.sentence == (
        f"training: loss has grown from 30 to {show_number(history.losses[-1])} in 10 steps: "
        "a smaller learning rate may help"
    )


def test_what_is_not_finite_is_told_with_the_step_where_it_is_seen_first():
    history = trained(load_example("train_a_scale_too_fast"), 1000)
    first = next(step for step, loss in enumerate(history.losses, 1) if not np.isfinite(loss))
    caution = cautions_of_history(history)[0]
    assert caution.kind == "not finite"
    assert f"loss is infinity first in step {first}, after {show_number(history.losses[first - 2])}" in caution.sentence


def test_a_variable_that_holds_infinity_or_nan_is_named():
    document = set_training(parse("loss = sum(log(w)) * 0 + sum(v)", w=np.array([0.0]), v=np.ones(2)))
    history = trained(document, 50)
    told = [caution.sentence for caution in cautions_of_history(history) if caution.node in {"w", "v"}]
    assert told == ["training: w holds NaN after step 1"]


def test_a_loss_that_is_not_finite_from_the_start_is_told_of_the_first_step():
    history = trained(set_training(parse("loss = sum(w)", w=np.array([np.inf, 1.0]))), 3)
    assert "loss is infinity first in step 1" in cautions_of_history(history)[0].sentence


@pytest.mark.parametrize("name", ["train_a_scale", "train_a_line", "train_xor", "train_two_moons"])
def test_training_that_goes_well_is_told_nothing_of(name):
    document = load_example(name)
    assert kinds(trained(document, document.training.steps, every=10)) == []


def test_rows_that_are_remembered_rather_than_learned_are_told():
    rng = np.random.default_rng(0)
    made = parse(
        "loss = mean((tanh(x @ W) @ V - t)**2)",
        x=rng.normal(size=(24, 6)),
        W=rng.normal(size=(6, 30)),
        V=0.1 * rng.normal(size=(30, 1)),
        t=rng.normal(size=(24, 1)),
    )
    made = set_role(set_role(made, "x", "input"), "t", "constant")
    made = set_training(made, data=("x", "t"), held_out=8, optimiser="adam", settings={"lr": 0.02})
    history = trained(made, 300, every=10)
    assert kinds(history) == ["remembered"]
    least = min(history.held_out, key=history.held_out.__getitem__)
    assert f"{show_number(history.held_out[least])} after step {least}" in cautions_of_history(history)[0].sentence


def test_before_the_first_step_there_is_nothing_to_tell():
    assert cautions_of_history(History(Trainer(load_example("train_xor")))) == ()
