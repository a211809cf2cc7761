"""The table of the engine's benchmark: what is measured, what must hold, and what we are after."""

import time
from functools import partial

import numpy as np

from gradviz.engine import compile_plan
from gradviz.graph import plan_for
from tests.benchmarks import engine
from tests.benchmarks._engine_cases import by_hand, cases, chain, document

HAND = "by hand"
BOUNDS = {  # kind of case -> engine -> what must hold, what we are after
    "chain": {"PyTorch": (0.10, 0.02), "TensorFlow": (0.05, 0.03), "autograd": (1, 0.1), "mygrad": (1.05, 0.1)},
    "fan": {"PyTorch": (0.10, 0.02), "TensorFlow": (0.05, 0.03), "autograd": (1, 0.1), "mygrad": (1.05, 0.1)},
    "classifier": {
        "PyTorch": (0.45, 0.30),
        HAND: (1.3, 1.0),
        "TensorFlow": (0.05, 0.03),
        "autograd": (1, 0.1),
        "mygrad": (1.05, 0.25),
    },
    "mlp": {"PyTorch": (1.10, 1.00), "autograd": (1, 1), "mygrad": (1.05, 1.05)},
    "conv": {"PyTorch": (2.0, 1.4), HAND: (0.6, 0.38), "autograd": (1, 1), "mygrad": (1.05, 1.05)},
    "attention": {"PyTorch": (0.8, 0.56), "TensorFlow": (0.2, 0.11), "autograd": (1, 1), "mygrad": (1.05, 1.05)},
}
RECORDED, COMPILED, GROWTH = (1.10, 1.02), (100, 50), (12, 10)


def measure(words):
    """Print everything; return 1 where something that must hold does not."""
    rounds = int(words.pop(words.index("--rounds") + 1)) if "--rounds" in words else engine.ROUNDS
    chosen = [word for word in words if not word.startswith("--")]
    found = engine.peers()
    verdicts = []
    for case in cases():
        if not chosen or case.name.startswith(tuple(chosen)):
            verdicts += measure_case(case, found, rounds)
    if not chosen:
        verdicts += measure_recording(rounds) + measure_growth()
    return int(not all(verdicts))


def measure_case(case, found, rounds):
    """Compare the gradients of a case, then the times; yield whether each bound holds."""
    compiled = compile_plan(plan_for(document(case)), case.leaves)
    steps = {"gradviz": compiled, HAND: by_hand(case), **{name: peer.prepare(case) for name, peer in found.items()}}
    if "PyTorch" in found and (bare := found["PyTorch"].prepare_bare(case)) is not None:
        steps["PyTorch, bare"] = bare
    expected = list(compiled().gradients.values())
    for name, step in steps.items():
        if name != "gradviz":
            compare(case, name, expected, step())
    times = engine.take_turns(steps, rounds)
    print(f"\n{case.name}: {shown(times['gradviz'][0])}, median of the rounds {shown(times['gradviz'][1])}")
    verdicts = []
    for name in tuple(steps)[1:]:
        ratio = times["gradviz"][0] / times[name][0]
        must, goal = bounds(case, name)
        verdicts.append(told(f"  / {name:13} {shown(times[name][0]):>9}", ratio, must, goal))
    return verdicts


def bounds(case, name):
    """Return what must hold against an engine, and the goal; both None where nothing is promised."""
    must, goal = BOUNDS[case.kind].get(name, (None, None))
    is_float32 = (case.kind, name) == ("classifier", "PyTorch") and "float32" in case.name
    return must, 0.28 if is_float32 else goal


def compare(case, name, expected, found):
    """Raise where the gradients of an engine are not ours."""
    tolerance = 1e-8 if next(iter(case.leaves.values())).dtype == np.float64 else 2e-3
    for leaf, ours, theirs in zip(case.leaves, expected, found, strict=True):
        other = np.asarray(theirs)
        scale = max(np.max(np.abs(ours)), 1e-30)
        if ours.shape != other.shape or np.max(np.abs(ours - other)) > tolerance * scale:
            raise AssertionError(f"{name} gives another gradient of {leaf} in {case.name}")


def told(text, ratio, must, goal, unit=""):
    """Print a measurement with its bounds; return whether what must hold does."""
    if must is None:
        print(f"{text}  {ratio:7.3f}{unit}")
        return True
    holds, word = ratio <= must, "yes" if ratio <= must else "NO"
    print(f"{text}  {ratio:7.3f}{unit}   must {must:g}: {word:3}  goal {goal:g}: {'yes' if ratio <= goal else 'no'}")
    return holds


def shown(seconds):
    """Return a time with three digits and its unit."""
    return f"{1e6 * seconds:.1f} µs" if seconds < 1e-3 else f"{1e3 * seconds:.2f} ms"


def measure_recording(rounds):
    """Return whether keeping every contribution and total costs no more than it may."""
    print("\nrecorded / not recorded, the same plan")
    verdicts = []
    for case in cases():
        compiled = compile_plan(plan_for(document(case)), case.leaves)
        times = engine.take_turns({"plain": compiled, "recorded": partial(recorded, compiled, case)}, rounds)
        ratio = times["recorded"][0] / times["plain"][0]
        verdicts.append(told(f"  {case.name:18}", ratio, *RECORDED))
    return verdicts


def recorded(compiled, case):
    """Run with everything kept, and take the gradients out."""
    return compiled.record().totals(case.leaves)


def measure_growth():
    """Return whether compiling 1,000 nodes is quick enough, and ten times as many cost no more than they may."""
    leaves = cases()[0].leaves
    costs = {count: compile_and_run(leaves, count) for count in (1_000, 10_000, 100_000)}
    print("\na chain of nodes: compiling, running")
    for count, (compiling, running) in costs.items():
        print(f"  {count:7,} nodes  {shown(compiling):>10}  {shown(running):>10}")
    verdicts = [told("  compiling 1,000 nodes", 1e3 * costs[1_000][0], *COMPILED, " ms")]
    for i, what in enumerate(("compiling", "running")):
        verdicts.append(told(f"  1,000 to 10,000, {what:9}", costs[10_000][i] / costs[1_000][i], *GROWTH, " times"))
        print(f"  10,000 to 100,000, {what:9} {costs[100_000][i] / costs[10_000][i]:7.3f} times")
    return verdicts


def compile_and_run(leaves, count):
    """Return how long compiling a chain takes, and running it: the fastest of some times each."""
    plan = plan_for(chain(leaves, count))
    compilings = []
    for _ in range(7 if count < 50_000 else 1):
        start = time.perf_counter()
        compiled = compile_plan(plan)
        compilings.append(time.perf_counter() - start)
    return min(compilings), engine.fastest(compiled, 0.5)
