"""How long a layered layout takes, against networkx's plainest one (columns without any order) of the same graphs."""

import random
import time
from itertools import pairwise

import networkx as nx
import numpy as np

from gradviz.graph import Leaf, Node, Tensor, arrange, build, graph_of, order

ONE = Leaf("variable", Tensor(np.ones(1)))


def model(count):
    """Return layers with weights and residual wires, as deep networks have them."""
    nodes, wires, latest = {"x": ONE}, {}, "x"
    while len(nodes) < count:
        start = latest
        for _ in range(6):
            i = len(nodes)
            nodes |= {f"W{i}": ONE, f"m{i}": Node("matmul"), f"r{i}": Node("relu")}
            wires |= {(f"m{i}", "a"): latest, (f"m{i}", "b"): f"W{i}", (f"r{i}", "x"): f"m{i}"}
            latest = f"r{i}"
        nodes[f"a{len(nodes)}"] = Node("add")
        sink = next(reversed(nodes))
        wires |= {(sink, "a"): start, (sink, "b"): latest}
        latest = sink
    return build(nodes, wires, places=dict.fromkeys(nodes, (0, 0)))


def wide(count):
    """Return a graph in which every node takes two of the sixty before it."""
    generator = random.Random(1)
    nodes = {f"n{i}": ONE if i < 20 else Node("add") for i in range(count)}
    wires = {
        (f"n{i}", port): f"n{i - generator.randint(1, min(i, 60))}" for i in range(20, count) for port in ("a", "b")
    }
    return build(nodes, wires, places=dict.fromkeys(nodes, (0, 0)))


def chain(count):
    """Return one op after the other."""
    nodes = {f"n{i}": Node("tanh") if i else ONE for i in range(count)}
    return build(nodes, {(b, "x"): a for a, b in pairwise(nodes)}, places=dict.fromkeys(nodes, (0, 0)))


def seconds(function, *args, **keywords):
    """Return how long one call takes."""
    start = time.perf_counter()
    function(*args, **keywords)
    return time.perf_counter() - start


def columns_of_networkx(graph):
    """Lay a graph out in columns, as networkx does it."""
    columns = dict(enumerate(nx.topological_generations(graph)))
    nx.multipartite_layout(graph, subset_key=columns)


def main(words):
    for draw in (model, wide, chain):
        for count in map(int, words or ("200", "2000", "10000")):
            document = draw(count)
            order(document.computation)
            ours = seconds(arrange, document, {})
            theirs = seconds(columns_of_networkx, graph_of(document.computation))
            print(f"{draw.__name__:6} {len(document.nodes):7,} nodes {ours:7.3f} s, {ours / theirs:5.1f} × networkx")
    return 0
