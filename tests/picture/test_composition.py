"""What is remembered of a picture never shows: however one comes to a moment, its picture is that of a fresh start."""

import random
from dataclasses import fields, replace

import numpy as np
import pytest

from gradviz.engine import Compute, Send, Settle, Trainer, Update, run
from gradviz.formats import examples, load_example, parse
from gradviz.graph import Document, Place, Tensor, add_leaf, add_node, check, move, set_tensor, set_training
from gradviz.picture import THEMES, Cells, compose, compose_legend, load_theme
from gradviz.picture.changes import changes_between
from gradviz.picture.composition import composition_of
from gradviz.picture.geometry import geometry_of
from gradviz.picture.items import Measured
from gradviz.picture.labels import labels_of
from gradviz.picture.scales import scales_of
from gradviz.picture.states import Scene

LIGHT = load_theme("light")


def afresh(document):
    """The same document, of which nothing can be remembered."""
    return replace(document, computation=replace(document.computation))


def is_same(one, other):
    """Say whether two items are the same, number by number."""
    if not isinstance(one, Cells) or not isinstance(other, Cells):
        return one == other
    pairs = [(getattr(one, each.name), getattr(other, each.name)) for each in fields(Cells)]
    return all(np.array_equal(a, b) if isinstance(a, np.ndarray) else a == b for a, b in pairs)


def assert_same(remembered, fresh):
    assert len(remembered.items) == len(fresh.items)
    for one, other in zip(remembered.items, fresh.items, strict=True):
        assert is_same(one, other), (one, other)
    assert np.array_equal(remembered.item_extents, Measured.of(fresh.items).extents)
    assert remembered.bounds == fresh.bounds
    assert remembered.alt == fresh.alt
    assert dict(remembered.labels) == dict(fresh.labels)


def check_moment(document, moment, theme, **keywords):
    """Compare the pictures of a moment, and what is explained of it, with those that are made without memory."""
    new = afresh(document)
    assert_same(compose(document, moment, theme, **keywords), compose(new, moment, theme, **keywords))
    stale = keywords.get("stale", False)
    assert_same(*(compose_legend(each, moment, theme, 900.0, stale=stale) for each in (document, new)))
    part = list(document.nodes)[::2]
    assert_same(*(compose_legend(each, moment, theme, 900.0, stale=stale, nodes=part) for each in (document, new)))


def walk(document, tape, generator, steps=12):
    """Go through a run as a restless person does: by single steps, by jumps, with this and that selected."""
    index, nodes = 0, list(document.nodes)
    for _ in range(steps):
        far = generator.randrange(len(tape.frames) + 1)
        index = generator.choice((index + 1, index + 1, index - 1, index - 1, far, 0, len(tape.frames)))
        index = max(0, min(index, len(tape.frames)))
        moment = generator.choice((tape.at(index),) * 5 + (None,))
        selection = frozenset(generator.sample(nodes, min(len(nodes), generator.randrange(3))))
        is_active = generator.random() < 0.7
        check_moment(document, moment, LIGHT, selection=selection, active=is_active)


@pytest.mark.parametrize("name", [example.name for example in examples()])
def test_every_way_through_an_example_shows_what_a_fresh_start_shows(name):
    document = load_example(name)
    walk(document, run(document), random.Random(name))


@pytest.mark.parametrize("seed", range(3))
def test_every_way_through_a_step_of_training_shows_what_a_fresh_start_shows(seed):
    trainer = Trainer(set_training(load_example("train_xor"), optimiser="adam", settings={"lr": 0.01}))
    standing = trainer.step(trainer.start()).after
    document, tape = trainer.document_at(standing), trainer.tape(standing)
    assert any(isinstance(frame, Update) for frame in tape.frames)
    walk(document, tape, random.Random(seed), steps=8)
    for index in range(len(tape.frames) - 6, len(tape.frames) + 1):
        check_moment(document, tape.at(index), LIGHT)


def network():
    numbers = np.random.default_rng(0)
    made = parse(
        "h = tanh(W @ x); loss = sum(h * h + h * stop_gradient(h))",
        W=numbers.normal(size=(12, 12)),
        x=numbers.normal(size=12),
    )
    return move(made, {name: Place(300.0 * row, 90.0 * (row % 3)) for row, name in enumerate(made.nodes)})


def test_every_step_forth_and_back_shows_what_a_fresh_start_shows():
    document = network()
    tape = run(document)
    for index in (*range(len(tape.frames) + 1), *range(len(tape.frames), -1, -1)):
        check_moment(document, tape.at(index), LIGHT)


def test_what_is_edited_moved_or_stale_shows_what_a_fresh_start_shows():
    document, generator = network(), random.Random(1)
    tape = run(document)
    last = len(tape.frames)
    edited = set_tensor(document, "x", Tensor(np.full(12, np.nan)))
    values = dict(run(edited).values)
    for _ in range(15):
        moment = tape.at(generator.randrange(last + 1))
        check_moment(document, moment, LIGHT)
        check_moment(edited, moment.with_values(values), LIGHT, stale=True)
        check_moment(edited, moment, LIGHT, stale=True)
        document = move(document, {"x": Place(10.0 * generator.randrange(9), -200.0)})


def test_every_theme_keeps_its_own():
    document = network()
    tape = run(document)
    for index in range(2, len(tape.frames), 5):
        for name in THEMES:
            check_moment(document, tape.at(index), load_theme(name))
            check_moment(document, tape.at(index + 1), load_theme(name))


def test_two_runs_of_one_document_are_told_apart():
    document = network()
    one, other = run(document), run(document)
    for index in (4, 9, len(one.frames)):
        check_moment(document, one.at(index), LIGHT)
        check_moment(document, other.at(index), LIGHT)


def test_an_empty_document_has_an_empty_picture_each_time():
    assert compose(Document(), None, LIGHT).items == compose(Document(), None, LIGHT).items == ()


def scene_of(document, moment, **keywords):
    report = check(document.computation)
    geometry = geometry_of(document, report, LIGHT)
    return Scene(document, moment, report, geometry, labels_of(geometry, report, LIGHT), **keywords)


def chain(length):
    made = add_leaf(Document(), "x", Tensor(np.array(0.5)), role="variable", place=Place(0, 0))
    for k in range(length):
        made = add_node(made, f"t{k}", "tanh", sources=(f"t{k - 1}" if k else "x",), place=Place(300.0 * (k + 1), 0))
    return made


@pytest.mark.parametrize("kind", [Compute, Settle, Send])
def test_a_step_touches_as_many_cards_and_wires_however_long_the_graph_is(kind):
    touched = []
    for length in (5, 50):
        document = chain(length)
        tape = run(document)
        index = [index for index, frame in enumerate(tape.frames, 1) if isinstance(frame, kind)][2]
        changes = changes_between(*(scene_of(document, tape.at(each)) for each in (index - 1, index)))
        touched.append((len(changes.cards), len(changes.wires)))
    assert touched[0] == touched[1]
    assert max(touched[0]) <= 3


def test_what_a_step_does_not_touch_is_not_made_again():
    document = chain(20)
    tape = run(document)
    index = len(tape.frames) - 3
    before, now = (
        composition_of(scene_of(document, moment), LIGHT, scales_of(document, moment))
        for moment in (tape.at(index), tape.at(index + 1))
    )
    kept = sum(one is other for one, other in zip(before.cards.blocks, now.cards.blocks, strict=True))
    assert len(document.nodes) - 3 <= kept < len(document.nodes)


def test_a_graph_of_many_parts_shows_what_a_fresh_start_shows():
    document = chain(150)
    tape = run(document)
    for index in (0, 1, 70, 71, len(tape.frames) - 3, len(tape.frames) - 2, len(tape.frames) // 2, 149, 150):
        check_moment(document, tape.at(index), LIGHT)


def test_moments_of_another_graph_or_beyond_the_start_of_the_sweep_are_not_compared():
    document = chain(4)
    tape = run(document)
    start = tape.phases["seed"]
    first = scene_of(document, tape.at(start))
    assert changes_between(first, scene_of(document, tape.at(start + 1))) is None
    assert changes_between(first, scene_of(document, None)) is None
    assert changes_between(first, scene_of(document, run(document).at(start))) is None
    assert changes_between(first, scene_of(document, tape.at(start), stale=True)) is None
    assert changes_between(first, scene_of(afresh(document), tape.at(start))) is None
    assert changes_between(scene_of(document, None), scene_of(document, None)) == (frozenset(), frozenset())
