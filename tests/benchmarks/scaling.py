"""What ten times as many nodes cost: checking, planning, recording, compiling and running, against ten times the time.

A chain and a net of random wires, of 1,000 and 10,000 nodes. Goal: at most 12 times as long for each.
"""

import gc
import time

import numpy as np

from gradviz.engine import compile_plan, run
from gradviz.graph import Computation, Document, Leaf, Node, Port, Tensor, check, order, plan_for
from tests.engine.building import chain

SMALL, FACTOR, GOAL, ROUNDS = 1_000, 10, 12, 5


def main(_words):
    worst = 0.0
    for what, make in {"chain": lambda count: chain(["sin", "tanh"], count), "net": net}.items():
        small, large = costs(make, SMALL), costs(make, FACTOR * SMALL)
        for name in small:
            ratio = large[name] / small[name]
            worst = max(worst, ratio)
            print(f"{what}: {name:8} {small[name]:8.1f} ms, {large[name]:8.1f} ms, {ratio:5.1f} times (goal {GOAL})")
    return int(worst > GOAL)


def costs(make, count):
    """Return the least milliseconds that each thing takes for a fresh document of so many nodes."""
    spans = {}
    for _ in range(ROUNDS):
        document = make(count)
        gc.collect()
        note(spans, "order", lambda document=document: order(document.computation))
        note(spans, "check", lambda document=document: check(document.computation))
        plan = note(spans, "plan", lambda document=document: plan_for(document))
        note(spans, "record", lambda document=document: run(document))
        compiled = note(spans, "compile", lambda plan=plan: compile_plan(plan))
        note(spans, "run", compiled)
    return spans


def note(spans, name, function):
    """Time a function, keep the least of its times, and return what it returns."""
    start = time.perf_counter()
    result = function()
    spans[name] = min(spans.get(name, np.inf), 1_000 * (time.perf_counter() - start))
    return result


def net(count):
    """Return a document in which every node adds or multiplies two of the twenty before it."""
    random = np.random.default_rng(0)
    names = ["x0", "x1"]
    nodes = {name: Leaf("variable", Tensor(random.normal(size=(4, 4)))) for name in names}
    wires = {}
    for index in range(count):
        name = f"n{index:06d}"
        nodes[name] = Node(("add", "minimum", "subtract", "maximum")[index % 4])
        for port in ("a", "b"):
            wires[Port(name, port)] = names[-1 - int(random.integers(min(20, len(names))))]
        names.append(name)
    return Document(Computation(nodes, wires, {names[-1]: None}))
