"""Forward and the gradients of every leaf, compiled, against NumPy by hand and the engines of others; one BLAS thread.

All engines of a case take turns, round after round, in one process; what is printed is the fastest call of each, and
the ratios of these, with what must hold and what we are after beside them. First all gradients are compared. Then:
what recording costs, how long compiling takes, and how both grow. Exits 1 where something that must hold does not.
`engine chain conv` runs the cases whose names begin so, and nothing else; `engine --rounds 20` takes more time.
"""

import gc
import importlib
import os
import subprocess
import sys
import time
from statistics import median

THREADS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
PEERS = {"PyTorch": "torch", "TensorFlow": "tensorflow", "autograd": "autograd", "mygrad": "mygrad"}
ROUNDS, SECONDS = 9, 0.15


def main(words):
    if any(os.environ.get(name) != "1" for name in THREADS):  # NumPy reads them once, when it is first imported
        settings = {
            **os.environ,
            **dict.fromkeys(THREADS, "1"),
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "CUDA_VISIBLE_DEVICES": "",
        }
        command = [sys.executable, "-m", "tests.benchmarks", "engine", *words]
        return subprocess.run(command, env=settings, check=False).returncode
    return importlib.import_module("tests.benchmarks._engine_table").measure(words)


def peers():
    """Return the engines that are installed, by name; tell of those that are not."""
    found = {}
    for name, module in PEERS.items():
        try:
            importlib.import_module(module)
        except ImportError:
            print(f"{name} is not installed, and left out (the extra `peers` has it)")
        else:
            found[name] = importlib.import_module(f"tests.benchmarks._engine_{module}")
    return found


def take_turns(functions, rounds=ROUNDS, seconds=SECONDS):
    """Return, for each function, the fastest call and the median of the fastest calls of all rounds, in seconds."""
    gc.collect()
    gc.freeze()  # so that nobody pays for looking through what others keep
    bests = {name: [] for name in functions}
    for _ in range(rounds):
        for name, function in functions.items():
            bests[name].append(fastest(function, seconds))
    return {name: (min(best), median(best)) for name, best in bests.items()}


def fastest(function, seconds):
    """Return how long the fastest of many calls took, called for some time."""
    best, end = float("inf"), time.perf_counter() + seconds
    function()
    while True:
        start = time.perf_counter()
        function()
        now = time.perf_counter()
        best = min(best, now - start)
        if now > end:
            return best
