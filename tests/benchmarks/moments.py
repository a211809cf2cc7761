"""Runs stepped through: what recording, going to a moment, and going on or back from there cost, and what is held.

A chain, and one leaf that feeds as many nodes. The peer is the same chain computed and differentiated by hand in NumPy,
in the same process, without frames. Goals, at 5,000 nodes (15,000 frames): any moment within 10 ms, a neighbour of the
last one within 1 ms. `moments 100000` takes longer ones.
"""

import random
import time
import tracemalloc
from statistics import median

import numpy as np

from gradviz.engine import run
from gradviz.graph import Computation, Document, Leaf, Node, Port, Tensor, plan_for
from tests.engine.building import chain

ANY_GOAL, NEXT_GOAL, HELD_GOAL = 10, 1, 1.1


def main(words):
    length = int(words[0]) if words else 5_000
    document = chain(["sin", "tanh"], length)
    plan_for(document)
    tape, recording = timed(lambda: run(document))
    _, peer = timed(lambda: by_hand(length))
    print(f"a chain: {length} nodes, {len(tape.frames)} frames")
    print(f"recording {recording:.0f} ms, by hand {peer:.0f} ms, ratio {recording / peer:.1f}")
    slow = is_slow(tape, [f"n{random.Random(k).randrange(length):06d}" for k in range(50)])
    tape = run(fan(length))
    print(f"a fan: {length} nodes, {len(tape.frames)} frames")
    slow |= is_slow(tape, ["x", *(f"n{random.Random(k).randrange(length):06d}" for k in range(49))])
    print(f"memory of 2,500 more frames of tensors of 80 kB: {held():.2f} times the tensors (goal {HELD_GOAL})")
    return int(slow)


def is_slow(tape, nodes):
    """Print what going to moments costs, and tell whether that is too much."""
    count = len(tape.frames)
    places = random.Random(1).choices(range(count), k=200)
    spans = {
        f"any moment (goal {ANY_GOAL})": (ANY_GOAL, places),
        f"the next moment (goal {NEXT_GOAL})": (NEXT_GOAL, range(count // 2, count // 2 + 200)),
        f"the one before (goal {NEXT_GOAL})": (NEXT_GOAL, range(count - 1, count - 201, -1)),
    }
    slow = False
    for what, (goal, moments) in spans.items():
        look(tape.at(moments[0]), nodes)
        times = [timed(lambda k=k: look(tape.at(k), nodes))[1] for k in moments]
        print(f"  {what}, with 50 nodes looked at: {median(times):.2f} ms, at worst {max(times):.2f} ms")
        slow |= median(times) > goal
    return slow


def fan(length):
    """Return a document in which one leaf feeds all nodes, and all of them are targets."""
    names = [f"n{i:06d}" for i in range(length)]
    nodes = {"x": Leaf("variable", Tensor(np.full(100, 0.5)))} | {name: Node("sin") for name in names}
    return Document(Computation(nodes, {Port(name, "x"): "x" for name in names}, dict.fromkeys(names)))


def held():
    """Return how many bytes a run holds, per byte of the tensors that were computed for it."""
    document = chain(["sin", "tanh"], 800, np.full(10_000, 0.5))
    plan_for(document)
    tracemalloc.start()
    tape = run(document)
    used = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return used / sum(array.nbytes for array in {id(array): array for array in arrays_of(tape)}.values())


def arrays_of(tape):
    """Yield the arrays of a run that own their memory."""
    for frame in tape.frames:
        for name in ("value", "gradient", "total", "raw", "share"):
            array = getattr(frame, name, None)
            if array is not None and array.base is None:
                yield array


def timed(function):
    """Return what a function returns, and how many milliseconds it took."""
    start = time.perf_counter()
    result = function()
    return result, 1_000 * (time.perf_counter() - start)


def look(moment, nodes):
    """Ask what a picture asks of a moment."""
    return [(node in moment.values, moment.gradient(node), moment.running_total(node)) for node in nodes]


def by_hand(length):
    """Run the chain forward and back in plain NumPy."""
    values = [np.array(0.5)]
    for i in range(length):
        values.append(np.asarray((np.sin, np.tanh)[i % 2](values[-1])))
    gradient = np.array(1.0)
    for i in reversed(range(length)):
        slope = 1 - values[i + 1] * values[i + 1] if i % 2 else np.cos(values[i])
        gradient = np.asarray(gradient * slope)
    return gradient
