"""Training from a program and from the command line."""

import json

import numpy as np
import pytest

import gradviz as gv
from gradviz.app.command_line import main
from gradviz.engine import Trainer
from gradviz.formats import load_example, make_examples
from gradviz.graph import set_role


def line():
    x, t = make_examples("line", 20, 0.0)
    made = gv.parse("loss = mean((x * w + b - t)**2)", x=x, t=t, w=np.array(0.0), b=np.array(0.0))
    return set_role(set_role(made, "x", "input"), "t", "constant")


def test_training_returns_the_document_with_what_it_learned_and_every_step():
    document = load_example("train_a_scale")
    after, history = gv.train(document)
    assert len(history) == 20
    assert after.nodes["s"].value == history.latest.variables["s"]
    assert document.nodes["s"].value == 1
    trainer = Trainer(document)
    assert history.losses[:2] == [30, trainer.step(trainer.step(trainer.start()).after).loss]


def test_how_it_is_trained_can_be_said_in_the_call():
    after, history = gv.train(
        line(), 200, optimiser="adam", settings={"lr": 0.05}, data=["x", "t"], batch=5, held_out=4, shuffle=1
    )
    assert after.training.batch == 5
    assert history.held_out
    assert abs(after.nodes["w"].value - 2) < 0.1


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"steps": -1}, "steps must be a whole number from 0"),
        ({"steps": 1.5}, "steps must be a whole number"),
        ({"steps": True}, "steps must be a whole number"),
        ({"steps": 10**9}, "at most 1,000,000 steps"),
        ({"rate": 0.1}, "training is said by optimiser, settings"),
        ({"optimiser": "magic"}, "there is no optimiser"),
        ({"settings": {"speed": 1}}, "sgd has no setting speed"),
        ({"data": ["x", "t"], "batch": 100}, "more than the 20 rows"),
    ],
)
def test_what_cannot_be_is_a_sentence(facts, sentence):
    with pytest.raises(gv.GradvizError, match=sentence):
        gv.train(line(), **facts)


def test_what_is_no_document_is_a_sentence():
    with pytest.raises(gv.GradvizError):
        gv.train("loss = x")


def test_training_that_diverges_ends_there():
    _, history = gv.train(load_example("train_a_scale_too_fast"), 10_000)
    assert history.has_diverged
    assert len(history) < 100


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "scale.gradviz"
    gv.save(load_example("train_a_scale"), path)
    return path


def test_the_command_prints_the_loss_and_saves_what_was_learned(file, tmp_path, capsys):
    out = tmp_path / "learned.gradviz"
    assert main(["train", str(file), "--steps", "5", "-o", str(out)]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == "step 1  loss 30"
    assert len(printed) == 5
    _, history = gv.train(gv.load(file), 5)
    assert gv.load(out).nodes["s"].value == history.latest.variables["s"]


def test_as_json_it_has_every_number(capsys, tmp_path):
    path = tmp_path / "fast.gradviz"
    gv.save(load_example("train_a_scale_too_fast"), path)
    assert main(["train", str(path), "--json", "--steps", "1000"]) == 0
    streams = capsys.readouterr()
    found = json.loads(streams.out)
    assert found["losses"][:2] == [30, 750]
    assert found["losses"][-1] == "inf"
    assert found["variables"]["s"]["shape"] == []
    assert "a smaller learning rate may help" in streams.err


@pytest.mark.parametrize("words", [["--steps", "many"], ["--steps", "-3"], []])
def test_what_the_command_cannot_do_is_one_sentence(words, tmp_path, capsys):
    path = tmp_path / "none.gradviz"
    gv.save(gv.leaf(gv.document(), "x", 1.0, role="constant"), path)
    assert main(["train", str(path), *words]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
