from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import networkx as nx
import numpy as np
import pytest

from gradviz.errors import EditRefusedError
from gradviz.graph import (
    Computation,
    Leaf,
    Node,
    Port,
    Tensor,
    add_node,
    ancestors,
    check,
    descendants,
    graph_of,
    order,
    reaches,
    set_tensor,
    sinks,
    sources_of,
)


def test_wires_are_edges_under_the_names_of_their_ports(line):
    document = add_node(line, "y", "multiply", sources=["x", "x"])
    graph = graph_of(document.computation)
    assert isinstance(graph, nx.MultiDiGraph)
    assert sorted(graph.edges(keys=True)) == [
        ("scale", "loss", "x"),
        ("w", "scale", "b"),
        ("x", "scale", "a"),
        ("x", "y", "a"),
        ("x", "y", "b"),
    ]


def test_the_graph_is_made_once_and_cannot_be_changed(line):
    graph = graph_of(line.computation)
    assert graph_of(line.computation) is graph
    with pytest.raises(nx.NetworkXError, match=r"[Ff]rozen"):
        graph.add_node("y")


def test_the_order_is_topological_and_then_by_name(line):
    document = add_node(line, "a", "exp", sources=["x"])
    assert order(document.computation) == ("w", "x", "a", "scale", "loss")
    assert order(document.computation) is order(document.computation)


def test_the_order_stays_where_only_a_tensor_changes(line):
    assert order(set_tensor(line, "x", 1.0).computation) == order(line.computation)
    assert order(add_node(line, "a", "exp").computation) != order(line.computation)


def test_the_order_is_found_again_after_many_edits_of_one_tensor(line):
    history = [line]
    for i in range(50):
        history.append(set_tensor(history[-1], "x", float(i)))
    assert {order(document.computation) for document in [*history, *reversed(history)]} == {order(line.computation)}


def test_two_threads_that_sort_at_once_leave_no_trap_for_later_edits(line):
    for i in range(2_000):
        line = add_node(line, f"n{i}", "exp", place=(0, 0))
    at_once = Barrier(2)

    def sort(computation):
        at_once.wait(timeout=10)
        return order(computation)

    both = [set_tensor(line, "x", value).computation for value in (1.0, 2.0)]
    with ThreadPoolExecutor(2) as threads:
        first, second = threads.map(sort, both)
    later = [set_tensor(line, "x", 10.0 + i) for i in range(20)]
    assert {first, second, *(order(document.computation) for document in later)} == {first}


def test_who_depends_on_whom(line):
    computation = add_node(line, "y", "exp", sources=["x"]).computation
    assert reaches(computation, "x", "loss")
    assert reaches(computation, "x", "x")
    assert not reaches(computation, "loss", "x")
    assert not reaches(computation, "w", "y")
    assert ancestors(computation, "loss") == {"x", "w", "scale"}
    assert descendants(computation, "x") == {"scale", "loss", "y"}
    assert ancestors(computation, "x") == descendants(computation, "loss") == frozenset()
    assert sinks(computation) == ("loss", "y")
    assert sources_of(computation, "scale") == ("x", "w")
    assert sources_of(computation, "x") == ()


@pytest.fixture
def loop():
    """What no edit makes: a and b feed each other."""
    nodes = {"x": Leaf("input", Tensor(np.ones(1))), "a": Node("add"), "b": Node("exp"), "c": Node("exp")}
    wires = {Port("a", "a"): "x", Port("a", "b"): "b", Port("b", "x"): "a", Port("c", "x"): "b"}
    return Computation(nodes, wires)


def test_a_loop_is_named(loop):
    for ask in (order, check):
        with pytest.raises(EditRefusedError, match=r"the wires form a loop: (a → b → a|b → a → b)"):
            ask(loop)


def test_in_a_loop_everything_can_still_be_asked(loop):
    assert ancestors(loop, "c") == {"x", "a", "b"}
    assert reaches(loop, "a", "a")


@pytest.mark.parametrize("seed", range(20))
def test_the_order_is_the_lexicographical_one_whatever_was_made_or_wired_first(seed):
    random = np.random.default_rng(seed)
    names = [f"n{i}" for i in random.permutation(30)]
    nodes = {name: Node("add") for name in names}
    wires = {}
    for at, name in enumerate(names[2:], 2):
        for port in "ab":
            wires[Port(name, port)] = names[int(random.integers(at))]
    shuffled = {name: nodes[name] for name in random.permutation(names).tolist()}
    computation = Computation(shuffled, wires)
    assert list(order(computation)) == list(nx.lexicographical_topological_sort(graph_of(computation), key=str))
