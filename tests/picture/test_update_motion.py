"""What moves while training: the optimiser's rule with its numbers, the gradient into the value, and zero after it."""

import re

import numpy as np
import pytest

from gradviz.engine import Clear, Trainer, Update
from gradviz.formats import load_example, parse
from gradviz.graph import set_training
from gradviz.ops import OPTIMISERS
from gradviz.picture import Text, compose, compose_motion, load_theme
from gradviz.picture.update_rules import PILED_UP, update_rules

LIGHT = load_theme("light")


def training(document, steps=0, **changes):
    """The document after some steps, and the recorded step that follows."""
    trainer = Trainer(set_training(document, **changes))
    standing = trainer.start()
    for _ in range(steps):
        standing = trainer.step(standing).after
    return trainer.document_at(standing), trainer.tape(standing)


def moment_of(tape, kind):
    return tape.at(next(index for index, frame in enumerate(tape.frames, 1) if isinstance(frame, kind)))


def words(picture):
    return [item.text for item in picture.items if isinstance(item, Text)]


def number(text):
    """What a worked line says, evaluated as mathematics."""
    plain = text.replace("−", "-").replace("×", "*").replace("√", "np.sqrt ").replace("²", "**2")
    plain = re.sub(r"np\.sqrt (\S+)", r"np.sqrt(\1)", plain).replace("))", "))")
    return eval(plain, {"np": np})


def test_the_rule_of_gradient_descent_stands_with_the_users_names_and_its_numbers():
    document, tape = training(load_example("fit_a_scale"), optimiser="sgd", settings={"lr": 0.1})
    shown = words(compose_motion(document, moment_of(tape, Update), LIGHT, 0.5))
    assert {"s ←", "s − 0.1 × ∂loss/∂s", "1 − 0.1 × (−60) = 7"} <= set(shown)


@pytest.mark.parametrize("name", OPTIMISERS)
def test_the_numbers_of_every_rule_come_to_what_the_update_holds(name):
    document, tape = training(load_example("fit_a_scale"), 2, optimiser=name, settings={"lr": 0.01})
    moment = moment_of(tape, Update)
    rules = update_rules(document, moment, moment.latest)
    assert [rule.heading for rule in rules] == [*(f"{each} ←" for each in OPTIMISERS[name].state_names), "s ←"]
    for rule, outcome in zip(rules, [*moment.latest.state.values(), moment.latest.after], strict=True):
        worked, _, result = rule.worked.rpartition(" = ")
        assert number(result) == pytest.approx(float(outcome), rel=1e-3)
        assert number(worked.replace("√(", "√")) == pytest.approx(float(outcome), rel=2e-3)


def test_gradients_of_earlier_steps_are_told_where_they_pile_up():
    document, tape = training(load_example("fit_a_scale"), 1, settings={"lr": 0.001}, zeroes_gradients=False)
    moment = moment_of(tape, Update)
    (rule,) = update_rules(document, moment, moment.latest)
    assert rule.legend == PILED_UP
    assert not any(isinstance(frame, Clear) for frame in tape.frames)


def test_the_gradient_goes_into_the_value_which_becomes_the_new_one():
    document, tape = training(load_example("fit_a_scale"), settings={"lr": 0.1})
    moment = moment_of(tape, Update)
    places = []
    for progress in (0.2, 0.45, 0.66):
        items = compose_motion(document, moment, LIGHT, progress).items
        places.append(next(item.x for item in items if isinstance(item, Text) and item.text == "−60"))
    assert places[0] > places[1] > places[2]
    assert "7" in words(compose_motion(document, moment, LIGHT, 1.0))
    assert "7" in words(compose(document, moment, LIGHT))


def test_a_gradient_that_was_set_back_is_zero_and_says_why():
    document, tape = training(load_example("fit_a_scale"), settings={"lr": 0.1})
    moment = moment_of(tape, Clear)
    assert tape.at(moment.index - 1).gradient("s").array == -60
    assert moment.gradient("s").state == "zero"
    assert moment.gradient("s").array == 0
    assert "0: set back" in words(compose(document, moment, LIGHT))
    assert "0" in words(compose_motion(document, moment, LIGHT, 1.0))


def test_what_comes_of_a_long_rule_is_never_cut_off():
    projector = load_theme("projector")
    document, tape = training(load_example("fit_a_scale"), 3, optimiser="adamw", settings={"lr": 0.0123456})
    shown = words(compose_motion(document, moment_of(tape, Update), projector, 0.95))
    results = [float(text.rpartition("= ")[2].replace("−", "-")) for text in shown if "= " in text]
    assert results[-1] == pytest.approx(float(moment_of(tape, Update).latest.after), rel=1e-3)


@pytest.mark.parametrize("shape", [(0, 2), (3, 1, 2), (40, 50)])
def test_tensors_of_any_shape_move_and_a_rule_without_numbers_stands_above_them(shape):
    made = parse("loss = sum(W * W)", W=np.ones(shape))
    document, tape = training(made, optimiser="momentum")
    moment = moment_of(tape, Update)
    for progress in (0.0, 0.3, 0.7, 1.0):
        shown = words(compose_motion(document, moment, LIGHT, progress))
        assert ("W − 0.01 × velocity" in shown) == (progress > 0)
