"""Documents that many tests of the graph begin with."""

import numpy as np
import pytest

from gradviz.graph import Document, add_leaf, add_node, set_target


@pytest.fixture
def line():
    """loss = sum(x * w), with vectors of three."""
    document = add_leaf(Document(), "x", np.array([1.0, 2.0, 3.0]), role="input", place=(0, 0))
    document = add_leaf(document, "w", np.array([0.5, -1.0, 2.0]), place=(0, 126))
    document = add_node(document, "scale", "multiply", sources=["x", "w"], place=(230, 0))
    return add_node(document, "loss", "sum", sources=["scale"], place=(460, 0))


@pytest.fixture
def aimed(line):
    """The line with its loss as a chosen target."""
    return set_target(line, "loss")
