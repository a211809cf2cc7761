"""A step of the sweep with all views open: canvas, chain rule with every section unfolded, inspector, plots, probe.

The graph is a deep network of matrices of 64 × 64. The peer is the same step on the canvas alone, in the same process.
Goal: at most a frame, 16 ms, at 100 nodes, and at most twice what that takes at 1,000.
"""

import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from gradviz.app.window import MainWindow
from gradviz.engine import Send
from gradviz.graph import Computation, Document, Leaf, Node, Place, Port, Tensor, arrange

FRAME, GROWTH, STEPS = 16.0, 2.0, 40


def main(words):
    application = QApplication.instance() or QApplication([])
    application.setQuitOnLastWindowClosed(False)
    sizes = [int(word) for word in words] or [100, 1_000]
    found = {count: measure(application, count) for count in sizes}
    is_slow = found[sizes[0]] > FRAME
    if len(sizes) > 1:
        growth = found[sizes[-1]] / found[sizes[0]]
        print(f"{sizes[0]} to {sizes[-1]} nodes: {growth:.2f} times (goal {GROWTH:g})")
        is_slow = is_slow or growth > GROWTH
    return int(is_slow)


def measure(application, count):
    """Print what a step of the sweep takes at a number of nodes, and return it in milliseconds."""
    with tempfile.TemporaryDirectory() as folder:
        store = QSettings(str(Path(folder) / "settings.ini"), QSettings.Format.IniFormat)
        window = MainWindow(store)
        window.resize(1440, 900)
        window.show()
        window.open_first(network(count), None)
        workspace = window.workspace
        settle(application, workspace)
        tape = workspace.tape
        sends = [index for index, frame in enumerate(tape.frames, 1) if isinstance(frame, Send)]
        chosen = sends[len(sends) // 2 :][:STEPS]
        bare = median(step(application, workspace, index) for index in chosen)
        open_all(application, window)
        workspace.select([next(name for name in workspace.document.nodes if name.startswith("m"))])
        workspace.seek(chosen[0] - 1)
        settle(application, workspace)
        costs = sorted(step(application, workspace, index) for index in chosen)
        print(
            f"{len(workspace.document.nodes)} nodes: a step takes {median(costs):.1f} ms, at most {costs[-1]:.1f} ms "
            f"(goal {FRAME:g} ms); with the docks of the start {bare:.1f} ms, ratio {median(costs) / bare:.1f}"
        )
        workspace.history.setClean()
        window.close()
        window.deleteLater()
        return median(costs)


def open_all(application, window):
    """Show every dock beside the others, none behind another, and unfold every section."""
    for name, dock in window.docks.items():
        dock.setFloating(name not in {"timeline", "palette"})
        dock.resize(420, 1_000)
        dock.show()
    for section in window.docks["chain_rule"].widget().sections.values():
        section.heading.setChecked(True)
    settle(application, window.workspace)


def step(application, workspace, index):
    """Go to a moment and paint everything; return the milliseconds that this took."""
    application.processEvents()
    start = time.perf_counter()
    workspace.seek(index)
    application.processEvents()
    return 1_000 * (time.perf_counter() - start)


def settle(application, workspace):
    """Let everything in the background come to its end."""
    end = time.monotonic() + 60
    while workspace.jobs.is_busy and time.monotonic() < end:
        application.processEvents()
    for _ in range(20):
        application.processEvents()


def network(count):
    """Return a deep network: products with matrices of 64 × 64, each followed by a tanh."""
    generator = np.random.default_rng(0)
    nodes, wires, last = {"x": Leaf("input", Tensor(generator.normal(size=(64, 64))))}, {}, "x"
    for k in range((count - 2) // 3):
        nodes[f"W{k}"] = Leaf("variable", Tensor(generator.normal(size=(64, 64)) / 8))
        nodes[f"m{k}"], nodes[f"h{k}"] = Node("matmul"), Node("tanh")
        wires |= {Port(f"m{k}", "a"): last, Port(f"m{k}", "b"): f"W{k}", Port(f"h{k}", "x"): f"m{k}"}
        last = f"h{k}"
    nodes["loss"], wires[Port("loss", "x")] = Node("sum", {"axis": None, "keepdims": False}), last
    document = Document(Computation(nodes, wires, {"loss": None}))
    places = arrange(document, dict.fromkeys(nodes, (200.0, 180.0)))
    return Document(document.computation, {name: Place(*place) for name, place in places.items()})
