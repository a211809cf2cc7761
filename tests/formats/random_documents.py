"""Documents drawn at random, for whatever must hold for every document."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from gradviz.formats import make_tensor
from gradviz.graph import ROLES, Document, Leaf, Node, OneHot, Place, Recipe, Tensor, build, is_valid_name
from gradviz.ops import DTYPES, OPS

NAMES = st.text(st.characters(codec="utf-8", categories=("L", "N", "Pc")), min_size=1, max_size=8).filter(is_valid_name)
WORDS = st.text(st.characters(codec="utf-8"), max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(allow_nan=False, allow_infinity=False) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
RECIPES = (
    Recipe("normal", {"mean": 0, "std": 0.5, "seed": 7}),
    Recipe("uniform", {"low": 1, "high": 5}),
    Recipe("zeros"),
    Recipe("ones"),
    Recipe("full", {"value": 3}),
    Recipe("arange", {"start": 1}),
)
SIMPLE_OPS = tuple(
    op for op in OPS.values() if not any(repr(param.default) == "REQUIRED" for param in op.params.values())
)
COORDINATES = st.floats(-1e6, 1e6)


@st.composite
def tensors(draw):
    """Draw a tensor of any dtype: listed, too long to be listed, or made by a recipe."""
    dtype = draw(st.sampled_from(DTYPES))
    if draw(st.booleans()):
        shape = draw(arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
        return Tensor(draw(arrays.arrays(dtype, shape)))
    if draw(st.booleans()):
        return Tensor(np.arange(1100).reshape(11, 100).astype(dtype))
    shape = draw(arrays.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=4))
    return make_tensor(draw(st.sampled_from(RECIPES)), shape, dtype)


def seeds():
    """Draw a seed of any kind, whether it fits its target or not."""
    return st.none() | st.builds(OneHot, st.lists(st.integers(0, 9), max_size=3).map(tuple)) | tensors()


@st.composite
def documents(draw):
    """Draw a document, half-built as often as not: any wires without a loop, any targets, notes and unknown keys."""
    names = draw(st.lists(NAMES, max_size=7, unique=True))
    nodes, wires = {}, {}
    for name in names:
        if draw(st.booleans()):
            nodes[name] = Leaf(draw(st.sampled_from(ROLES)), draw(tensors()))
            continue
        op = draw(st.sampled_from(SIMPLE_OPS))
        slots = draw(st.integers(1, 4)) if op.variadic else 0
        for port in op.ports(slots):
            if nodes and draw(st.booleans()):
                wires[name, port] = draw(st.sampled_from(sorted(nodes)))
        nodes[name] = Node(op.name, {}, slots)
    some = st.lists(st.sampled_from(names), unique=True) if names else st.just([])
    return build(
        nodes,
        wires,
        {name: draw(seeds()) for name in draw(some)},
        {name: Place(draw(COORDINATES), draw(COORDINATES)) for name in names},
        notes={name: note for name in draw(some) if (note := draw(WORDS))},
        title=draw(WORDS),
        note=draw(WORDS),
        node_extra={name: {"x_color": value} for name in draw(some) if (value := draw(JSON)) is not None},
        extra=draw(st.dictionaries(st.sampled_from(["view", "lesson", "groups", "x_more"]), JSON)),
    )


def is_same_document(a: Document, b: Document) -> bool:
    """Tell whether two documents say the same, down to the bits of their tensors."""
    return (
        list(a.nodes) == list(b.nodes)
        and all(is_same_node(a.nodes[name], b.nodes[name]) for name in a.nodes)
        and dict(a.wires) == dict(b.wires)
        and list(a.targets) == list(b.targets)
        and all(is_same_seed(a.targets[name], b.targets[name]) for name in a.targets)
        and all(
            dict(getattr(a, table)) == dict(getattr(b, table)) for table in ("places", "notes", "extra", "node_extra")
        )
        and (a.title, a.note) == (b.title, b.note)
    )


def is_same_node(a, b):
    if isinstance(a, Leaf) and isinstance(b, Leaf):
        return a.role == b.role and is_same_tensor(a.tensor, b.tensor)
    return isinstance(a, Node) and (a.op, a.slots, repr(dict(a.params))) == (b.op, b.slots, repr(dict(b.params)))


def is_same_seed(a, b):
    return is_same_tensor(a, b) if isinstance(a, Tensor) and isinstance(b, Tensor) else a == b


def is_same_tensor(a, b):
    same_recipe = (a.recipe is None) == (b.recipe is None) and (
        a.recipe is None or (a.recipe.kind, dict(a.recipe.arguments)) == (b.recipe.kind, dict(b.recipe.arguments))
    )
    return same_recipe and is_same_array(a.array, b.array)


def is_same_array(a, b):
    """Tell whether arrays are equal to the sign of zero; NaN is NaN, whatever its bits."""
    if a.dtype != b.dtype or a.shape != b.shape:
        return False
    if a.dtype.kind != "f":
        return bool(np.all(a == b))
    return np.array_equal(a, b, equal_nan=True) and bool(np.all((np.signbit(a) == np.signbit(b)) | np.isnan(a)))
