"""A chain of nodes run and stepped through: what recording, going to a moment and going on to the next one cost.

The peer is the same chain computed and differentiated by hand in NumPy, in the same process, without frames. Goals, at
5,000 nodes (15,000 frames): any moment within 10 ms, the next one within 1 ms. `moments 100000` takes a longer chain.
"""

import random
import time
from statistics import median

import numpy as np

from gradviz.engine import run
from gradviz.graph import plan_for
from tests.engine.building import chain

ANY_GOAL, NEXT_GOAL = 10, 1


def main(words):
    length = int(words[0]) if words else 5_000
    document = chain(["sin", "tanh"], length)
    plan_for(document)
    tape, recording = timed(lambda: run(document))
    _, peer = timed(lambda: by_hand(length))
    print(f"{length} nodes, {len(tape.frames)} frames")
    print(f"recording {recording:.0f} ms, by hand {peer:.0f} ms, ratio {recording / peer:.1f}")
    places = random.Random(1).choices(range(len(tape.frames)), k=200)
    nodes = [f"n{random.Random(k).randrange(length):06d}" for k in range(50)]
    anywhere = median(timed(lambda k=k: look(tape.at(k), nodes))[1] for k in places)
    following = median(timed(lambda k=k: look(tape.at(k + 1), nodes))[1] for k in range(200))
    print(f"any moment, with 50 nodes looked at: {anywhere:.2f} ms (goal {ANY_GOAL})")
    print(f"the next moment, with 50 nodes looked at: {following:.2f} ms (goal {NEXT_GOAL})")
    return int(anywhere > ANY_GOAL or following > NEXT_GOAL)


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
