import numpy as np
import pytest

from gradviz.graph import (
    Document,
    OneHot,
    Tensor,
    add_leaf,
    add_node,
    add_target,
    build,
    computes_alike,
    connect,
    move,
    remove,
    rename,
    renaming,
    set_cell,
    set_note,
    set_params,
    set_role,
    set_seed,
    set_target,
    set_tensor,
)


def test_a_renaming_is_recognised_by_both_names(aimed):
    assert renaming(aimed, rename(aimed, "scale", "y")) == ("scale", "y")
    assert renaming(rename(aimed, "loss", "L"), aimed) == ("L", "loss")
    assert renaming(aimed, move(rename(aimed, "x", "data"), {"w": (7, 7)})) == ("x", "data")


def test_a_target_with_a_seed_can_be_renamed(line):
    document = set_target(line, "scale", Tensor(np.ones(3)))
    assert renaming(document, rename(document, "scale", "y")) == ("scale", "y")


@pytest.mark.parametrize(
    "edit",
    [
        lambda document: document,
        lambda document: move(document, {"x": (7, 7)}),
        lambda document: rename(rename(document, "x", "a"), "w", "b"),
        lambda document: set_tensor(rename(document, "x", "a"), "a", 1.0),
        lambda document: connect(rename(document, "x", "a"), "a", ("scale", "b")),
        lambda document: set_target(rename(document, "x", "a"), "a"),
        lambda document: set_seed(rename(document, "loss", "L"), "L", OneHot(())),
        lambda document: add_leaf(document, "y", 1.0),
        lambda document: add_leaf(remove(document, ["w"]), "v", 1.0),
        lambda document: rename(rename(rename(document, "x", "t"), "w", "x"), "t", "w"),
    ],
)
def test_whatever_is_more_or_less_is_no_renaming(aimed, edit):
    assert renaming(aimed, edit(aimed)) is None


@pytest.mark.parametrize(
    "edit",
    [
        lambda document: document,
        lambda document: set_note(move(document, {"x": (7, 7)}), "x", "a note"),
        lambda document: set_tensor(set_tensor(document, "x", 1.0), "x", [1.0, 2.0, 3.0]),
        lambda document: set_params(set_params(document, "loss", {"axis": 0}), "loss", {}),
        lambda document: add_node(document, "y", "add"),
        lambda document: add_node(document, "y", "add", sources=["x"]),
        lambda document: set_target(document, "loss"),
        lambda document: build(dict(reversed(document.nodes.items())), document.wires),
    ],
)
def test_a_run_stays_valid_where_nothing_that_runs_changed(line, edit):
    document = set_target(line, "loss")
    assert computes_alike(document, edit(document))
    assert computes_alike(edit(document), document)


@pytest.mark.parametrize(
    "edit",
    [
        lambda document: set_cell(document, "x", (0,), 9.0),
        lambda document: set_tensor(document, "x", np.float32([1, 2, 3])),
        lambda document: set_role(document, "w", "constant"),
        lambda document: set_params(document, "loss", {"axis": 0}),
        lambda document: connect(document, "x", ("scale", "b")),
        lambda document: set_target(document, "scale"),
        lambda document: add_target(document, "scale"),
        lambda document: set_seed(document, "loss", Tensor(np.float64(2))),
        lambda document: rename(document, "x", "a"),
        lambda document: remove(document, ["w"]),
        lambda document: add_leaf(document, "y", 1.0),
        lambda document: add_node(document, "y", "exp", sources=["x"]),
        lambda document: Document(),
    ],
)
def test_a_run_is_stale_where_something_that_runs_changed(line, edit):
    document = set_target(line, "loss")
    assert not computes_alike(document, edit(document))
    assert not computes_alike(edit(document), document)


def test_the_implied_target_counts_as_one(line):
    assert computes_alike(line, set_target(line, "loss"))


def test_a_parameter_of_another_kind_of_number_is_a_change(line):
    document = add_node(line, "y", "clip", {"min": 0}, ["x"])
    assert not computes_alike(document, set_params(document, "y", {"min": 0.0}))
