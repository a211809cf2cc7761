"""Graphs as deep and as large as a document may have: nothing recurses, nothing takes time squared."""

from itertools import pairwise

import numpy as np
import pytest

from gradviz.errors import EditRefusedError
from gradviz.graph import (
    Leaf,
    Node,
    Tensor,
    add_leaf,
    add_node,
    ancestors,
    arrange,
    build,
    check,
    compatible_sources,
    computes_alike,
    connect,
    connection_problem,
    descendants,
    disconnect,
    extract,
    fresh_name,
    insert,
    order,
    plan_for,
    remove,
    rename,
    renaming,
    set_cell,
)

DEPTH = 100_000


@pytest.fixture(scope="module")
def chain():
    """A chain of 100,000 ops."""
    names = ["x", *(f"n{i:06}" for i in range(DEPTH))]
    nodes = {name: Node("tanh") for name in names} | {"x": Leaf("variable", Tensor(np.ones(2)))}
    wires = {(b, "x"): a for a, b in pairwise(names)}
    return build(nodes, wires, places={name: (i, 0) for i, name in enumerate(names)})


LAST = f"n{DEPTH - 1:06}"


def test_a_deep_chain_is_checked_and_planned(chain):
    report = check(chain.computation)
    assert report.shapes[LAST] == (2,)
    assert report.problems == ()
    plan = plan_for(chain)
    assert len(plan.steps) == DEPTH
    assert plan.targets == {LAST: None}
    assert order(chain.computation)[-1] == LAST


def test_the_ends_of_a_deep_chain_know_each_other(chain):
    assert len(ancestors(chain.computation, LAST)) == DEPTH
    assert len(descendants(chain.computation, "x")) == DEPTH
    with pytest.raises(EditRefusedError, match="would close a loop"):
        connect(chain, LAST, ("n000000", "x"))
    assert "would close a loop" in connection_problem(chain, LAST, ("n000000", "x"))
    assert len(compatible_sources(chain, (LAST, "x"))) == DEPTH


def test_a_deep_chain_is_edited(chain):
    middle = f"n{DEPTH // 2:06}"
    cut = disconnect(chain, (middle, "x"))
    assert len(check(cut.computation).shapes) == 1 + DEPTH // 2
    assert len(remove(chain, [middle]).nodes) == DEPTH
    assert renaming(chain, rename(chain, middle, "m")) == (middle, "m")
    assert not computes_alike(chain, set_cell(chain, "x", (0,), 3.0))
    assert len(add_node(add_leaf(chain, "w", 1.0), "y", "add", sources=["w", LAST]).nodes) == DEPTH + 3
    assert fresh_name(chain, "x") == "x1"


def test_a_deep_part_is_copied_and_pasted(chain):
    part = extract(chain, list(chain.nodes)[: DEPTH // 2])
    pasted, names = insert(chain, part, (0, 500))
    assert len(pasted.nodes) == DEPTH + 1 + DEPTH // 2
    assert len(set(names.values())) == DEPTH // 2


def test_a_loop_of_a_hundred_thousand_nodes_is_refused(chain):
    wires = {**chain.wires, ("n000000", "x"): LAST}
    with pytest.raises(EditRefusedError, match="the wires form a loop"):
        build(chain.nodes, wires, places=chain.places)


def test_a_wide_node_is_handled_like_any_other():
    nodes = {f"x{i}": Leaf("input", Tensor(np.ones(1))) for i in range(5_000)} | {"c": Node("concat")}
    document = build(nodes, {("c", f"x{i}"): f"x{i}" for i in range(5_000)})
    assert check(document.computation).shapes["c"] == (5_000,)
    assert len(plan_for(document).steps[0].sources) == 5_000


def test_a_deep_chain_can_be_arranged(chain):
    part = extract(chain, list(chain.nodes)[: DEPTH // 5])
    places = arrange(part, {})
    assert len({place.y for place in places.values()}) == 1
    assert [place.x for place in places.values()] == sorted({place.x for place in places.values()})
