"""Random documents over the whole catalogue, drawn from what the records of the ops say about their inputs.

An op is drawn with one of its samples. Each of its inputs is a new leaf; or a node that is there already, where it has
the shape; or a new leaf that is mixed with such a node in a way that keeps what the op asks for (positive, distinct).
So nodes feed several others, some feed nothing, shapes broadcast, and dtypes and roles meet in every combination.
"""

import numpy as np
from hypothesis import strategies as st

from gradviz.engine import run
from gradviz.graph import Document, OneHot, Tensor, add_leaf, add_node, add_target, check, sinks
from gradviz.ops import OPS, is_float

TAME = 1e4
"""Numbers that are larger are fed to no further op: what explodes drowns what else there is to see."""
MIXTURES = {
    "normal": ("multiply", ()),
    "unit": ("multiply", ()),
    "positive": ("multiply", ("exp",)),
    "regular": ("multiply", ("exp",)),
    "definite": ("multiply", ("exp",)),
    "distinct": ("add", ()),
    "above one": ("add", ("square",)),
    "boolean": ("greater", ()),
}
"""How a leaf that is drawn in some way is mixed with a number between -1 and 1, and stays what it must be."""


@st.composite
def documents(draw, most=7, names=tuple(OPS)):
    """Draw a document with targets and seeds whose nodes all compute."""
    growth = Growth(draw)
    growth.add_some(draw(st.integers(1, most)), names)
    return growth.with_targets()


@st.composite
def documents_around(draw, op, names=tuple(OPS)):
    """Draw a document in which an op stands between a few others, and is swept."""
    growth = Growth(draw)
    growth.add_some(draw(st.integers(0, 2)), names)
    node = growth.add_op(op)
    growth.add_some(draw(st.integers(0, 2)), names)
    return growth.with_targets(node)


class Growth:
    """A document as far as it has grown."""

    def __init__(self, draw):
        self.draw = draw
        self.random = np.random.default_rng(draw(st.integers(0, 2**32)))
        self.document = Document()
        self.values = {}

    def add_some(self, count, names):
        """Add nodes of ops of these names."""
        for _ in range(count):
            self.add_op(OPS[self.draw(st.sampled_from(names))])

    def add_op(self, op):
        """Add a node of an op with all that it needs, and return its name; or nothing where that does not compute."""
        before = self.document
        sample = self.draw(st.sampled_from(op.samples))
        ways = sample.draw * len(sample.shapes) if len(sample.draw) == 1 else sample.draw
        drawn = sample.inputs(self.random)
        sources = [self.source(value, way) for value, way in zip(drawn, ways, strict=True)]
        node = self.node(op.name, *sources, params=sample.params, slots=len(sources) if op.variadic else None)
        tape = run(self.document, [])
        if check(self.document.computation).problems or tape.problems:
            self.document = before
            return None
        self.values = tape.values
        return node

    def source(self, value, way):
        """Return the name of a node that gives an op what it asks for."""
        kind = self.draw(st.sampled_from(["leaf", "again", "mixed", "mixed"]))
        alike = [name for name in self.tame() if self.values[name].shape == value.shape]
        if kind == "again" and alike and way == "normal":
            return self.draw(st.sampled_from(alike))
        floats = [name for name in self.tame() if is_float(self.values[name].dtype)]
        if kind == "mixed" and floats and way in MIXTURES:
            return self.mixed(value, way, self.draw(st.sampled_from(floats)))
        return self.leaf(value, way)

    def tame(self):
        """Return the nodes whose values can be used again."""
        return [
            name
            for name, value in self.values.items()
            if value.size and np.all(np.isfinite(value)) and np.max(np.abs(value.astype(float))) < TAME
        ]

    def mixed(self, value, way, node):
        """Return a node that depends on a leaf of its own and on another node."""
        mixture, pieces = MIXTURES[way]
        if value.size == self.values[node].size and way == "normal":
            return self.node("reshape", node, params={"shape": list(value.shape)})
        number = self.node("tanh", self.node("mean", node))
        for piece in pieces:
            number = self.node(piece, number)
        return self.node(mixture, self.leaf(value, "normal" if way == "boolean" else way), number)

    def leaf(self, value, way):
        """Return a new leaf: mostly as drawn, sometimes in another dtype, or smaller so that it broadcasts."""
        value = np.asarray(value)
        if way == "normal" and value.ndim and self.draw(st.integers(0, 7)) == 0:
            value = value[:1] if self.draw(st.booleans()) else value[0] if len(value) else value
        if is_float(value.dtype):
            kinds = ["float64"] * 6 + ["float32"] * 2 + (["int64", "bool"] if way == "normal" else [])
            kind = self.draw(st.sampled_from(kinds))
            value = (value * 3 if kind == "int64" else value > 0 if kind == "bool" else value).astype(kind)
        name, role = (
            f"x{len(self.document.nodes)}",
            self.draw(st.sampled_from(["variable", "variable", "input", "constant"])),
        )
        self.document = add_leaf(self.document, name, value, role)
        return name

    def node(self, op, *sources, params=None, slots=None):
        """Add a node and return its name."""
        name = f"n{len(self.document.nodes)}"
        self.document = add_node(self.document, name, op, dict(params or {}), sources, slots=slots)
        return name

    def with_targets(self, node=None):
        """Return the document with one to three targets, if it has floats at all, and a seed of every kind.

        One of them is `node`, if it is a float.
        """
        document = self.document
        floats = [name for name, value in self.values.items() if is_float(value.dtype)]
        likely = [name for name in sinks(document.computation) if name in floats] * 3 + floats
        chosen = self.draw(st.lists(st.sampled_from(likely), min_size=1, max_size=3, unique=True)) if floats else ()
        for target in dict.fromkeys([*chosen, *([node] if node in floats else [])]):
            document = add_target(document, target, self.seed(self.values[target]))
        return document

    def seed(self, value):
        kind = self.draw(st.sampled_from(["ones", "tensor", "one-hot"]))
        if kind == "one-hot" and value.size:
            return OneHot(tuple(int(self.random.integers(size)) for size in value.shape))
        return Tensor(self.random.normal(size=value.shape).astype(value.dtype)) if kind == "tensor" else None
