"""A graph from nothing, by the mouse alone."""

import numpy as np
import pytest

import gradviz as gv

pytestmark = pytest.mark.x11


def test_a_loss_is_built_from_nothing_and_swept_back(start):
    program = start()
    program.choose("File", "New")
    program.until(lambda now: not now.nodes)
    program.hand.roll(program.spot(0.5, 0.5), -3)  # room for seven cards
    program.until(lambda now: now.zoom < 0.7)

    leaves = {"s": ("variable", "1"), "T": ("constant", "1 2; 3 4"), "target": ("constant", "2 4; 6 8")}
    for row, (name, (role, values)) in enumerate(leaves.items()):
        program.add(role, role, program.spot(0.08, 0.1 + 0.28 * row))
        program.fill("inspector.values", values)
        program.fill("inspector.name", name)
        program.until(lambda now, name=name: now.selection == [name])
    product = program.add("torch.mul", "multiply", program.spot(0.3, 0.1))
    difference = program.add("tf.subtract", "subtract", program.spot(0.5, 0.3))
    square = program.add("square", "square", program.spot(0.7, 0.3))
    program.add("reduce_sum", "sum", program.spot(0.88, 0.5))
    program.fill("inspector.name", "loss")
    wires = (("s", product, 0), ("T", product, 1), (product, difference, 0), ("target", difference, 1))
    for source, node, slot in (*wires, (difference, square, 0), (square, "loss", 0)):
        program.hand.drag(program.output(source), program.input(node, slot))
    program.until(lambda now: len(now.wires) == 6)
    program.hand.click(program.body("loss"), button=3)
    program.choose("Make Target")
    program.until(lambda now: now.targets == ["loss"])

    program.press("timeline.first")
    program.until(lambda now: now.playhead == 0)
    program.press("timeline.play")
    end = program.until(lambda now: now if 0 < now.playhead == now.length and not now.is_playing else None, 30)

    T, target = np.array([[1.0, 2], [3, 4]]), np.array([[2.0, 4], [6, 8]])
    tape = gv.run(gv.parse("loss = sum((s*T - target)**2)", s=np.array(1.0), T=T, target=target), target="loss")
    assert end.values["loss"] == tape.values["loss"] == 30
    assert end.gradients["s"] == tape.gradients["s"] == -60
    assert end.gradients[difference] == (2 * (T - target)).tolist()
    assert end.gradients["T"] is None
