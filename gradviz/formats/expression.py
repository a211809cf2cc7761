"""The expression line: `loss = sum((x @ W + b - t)**2)` becomes a graph, and nothing is evaluated on the way.

One statement a line, or parted by `;`; the result of the last one is the target. Ops are called by any name that the
catalogue knows, and by their signs. A number becomes a constant leaf `c1`, `c2`, … of the dtype that NumPy would give
it beside the arrays of the expression (a float32 stays one); a number or a list that is given a name becomes a variable
of that name. Nodes without a name are numbered by op: `add1`, `mul1`, ….
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike

from gradviz.errors import ExpressionError, FormatError, LimitError
from gradviz.formats.elements import array_of
from gradviz.formats.grammar import Grammar
from gradviz.formats.making import Draft, Making
from gradviz.formats.tokens import Source
from gradviz.graph import (
    GAP,
    LIMITS,
    USUAL_SIZE,
    Document,
    Leaf,
    Node,
    NodeId,
    Place,
    Port,
    Tensor,
    arrange,
    as_tensor,
    build,
    check,
    move,
    op_of,
    stem_of,
    tensor_for,
)
from gradviz.ops import Dtype, is_float

_LONGEST: Final = 2**22
_LONGEST_STEM: Final = 190
_LAID_OUT: Final = 2_000
_ROW: Final = 100


def parse(text: str, /, **arrays: Tensor | ArrayLike) -> Document:
    """Return the document of an expression; `arrays` are its leaves, in the order in which they are given.

    Float arrays become variables, integers and booleans constants; each keeps its dtype. Raises `ExpressionError` with
    the column and what is wrong there, also for a name that is no array.
    """
    leaves = {name: _leaf_of(tensor_for(name, array)) for name, array in arrays.items()}
    document, _ = _grown(build(leaves, {}), text, makes_leaves=False)
    return _placed(document, tuple(document.nodes), (0.0, 0.0))


def into(document: Document, text: str, place: tuple[float, float]) -> tuple[Document, tuple[NodeId, ...]]:
    """Return a document with an expression added at a place, and the names of the new nodes.

    A name is the node that has it, else a new scalar variable that holds 1. The result becomes the target where the
    document has none. Raises `ExpressionError` as `parse` does.
    """
    grown, names = _grown(document, text, makes_leaves=True)
    return (_placed(grown, names, place), names) if names else (document, ())


def _leaf_of(tensor: Tensor) -> Leaf:
    return Leaf("variable" if is_float(tensor.array.dtype) else "constant", tensor)


def _grown(document: Document, text: str, *, makes_leaves: bool) -> tuple[Document, tuple[NodeId, ...]]:
    """Return a document with the nodes of an expression, which have no places yet, and their names."""
    _refuse_no_text(text)
    if len(text) > _LONGEST:
        raise LimitError("an expression has at most {limit:,} characters", limit=_LONGEST)
    report = check(document.computation)
    source = Source(text)
    making = Making(source, {name: report.shapes.get(name) for name in document.nodes}, makes_leaves=makes_leaves)
    Grammar(source, making).read()
    if making.result is None:
        raise ExpressionError("there is nothing to make a graph of: write y = x**2")
    if len(document.nodes) + len(making.drafts) > LIMITS.nodes:
        raise LimitError("a document has at most {limit:,} nodes", limit=LIMITS.nodes)
    names = _names(making.drafts, document.nodes)
    keys: dict[Any, NodeId] = {**dict(enumerate(names)), **{name: name for name in document.nodes}}
    dtypes = [report.dtypes[name] for name in making.used if name in report.dtypes]
    nodes = {name: _node(draft, dtypes) for name, draft in zip(names, making.drafts, strict=True)}
    grown = document.changed(
        nodes={**document.nodes, **nodes},
        wires={**document.wires, **dict(_wires(nodes, making.drafts, keys))},
        targets=document.targets or {keys[making.result]: None},
    )
    return grown, names


def _refuse_no_text(text: object) -> None:
    if not isinstance(text, str):
        raise ExpressionError("an expression is a text, not {kind}", kind=type(text).__name__)


def _placed(document: Document, names: Sequence[NodeId], place: tuple[float, float]) -> Document:
    """Return the document with these nodes laid out from a place on; thousands of them stand in rows, to be quick."""
    x, y = place
    standing = document.changed(places={**document.places, **dict.fromkeys(names, Place(x, y))})
    if len(names) <= _LAID_OUT:
        return move(standing, arrange(standing, {}, names))
    columns, rows = USUAL_SIZE[0] + GAP[0], USUAL_SIZE[1] + GAP[1]
    return move(
        standing,
        {name: (x + number % _ROW * columns, y + number // _ROW * rows) for number, name in enumerate(names)},
    )


def _names(drafts: Sequence[Draft], taken: Mapping[NodeId, Any]) -> tuple[NodeId, ...]:
    """Return a name for each draft: its own, or its stem with the first free number; numbers count as one reads."""
    used = {*taken, *(draft.name for draft in drafts)}
    counts: dict[str, int] = {}
    names = {}
    for draft in sorted(drafts, key=lambda draft: 0 if draft.op else draft.offset):
        name = draft.name
        while name is None:
            stem = stem_of(draft.stem)[:_LONGEST_STEM]
            counts[stem] = counts.get(stem, 0) + 1
            free = f"{stem}{counts[stem]}"
            name = None if free in used else free
        names[draft] = name
    return tuple(names[draft] for draft in drafts)


def _wires(
    nodes: Mapping[NodeId, Node | Leaf], drafts: Sequence[Draft], keys: Mapping[Any, NodeId]
) -> Iterator[tuple[Port, NodeId]]:
    for (name, node), draft in zip(nodes.items(), drafts, strict=True):
        if isinstance(node, Node):
            for port, source in zip(op_of(node).ports(node.slots), draft.sources, strict=False):
                yield Port(name, port), keys[source]


def _node(draft: Draft, dtypes: Sequence[Dtype]) -> Node | Leaf:
    if not draft.op:
        return _leaf_of_numbers(draft, dtypes)
    node = Node(draft.op, draft.params, len(draft.sources))
    return node if op_of(node).variadic else Node(draft.op, draft.params)


def _leaf_of_numbers(draft: Draft, dtypes: Sequence[Dtype]) -> Leaf:
    """Return the leaf of numbers that were written out: a variable where it has a name of its own and is of floats."""
    dtype = _dtype_beside(dtypes, draft.numbers)
    try:
        tensor = as_tensor(array_of(draft.numbers, draft.shape or (), dtype))
    except FormatError as error:
        raise error.told_as(ExpressionError) from error
    return Leaf("constant", tensor) if draft.name is None else _leaf_of(tensor)


def _dtype_beside(dtypes: Sequence[Dtype], numbers: Sequence[Any]) -> Dtype:
    """Return the dtype of numbers beside arrays of these dtypes: floats decide where there are any, as NumPy does."""
    if all(isinstance(number, bool) for number in numbers) and numbers:
        return np.dtype(bool)
    if not dtypes:
        return np.dtype(np.float64)
    deciding = [dtype for dtype in dtypes if is_float(dtype)] or dtypes
    is_whole = all(isinstance(number, int) for number in numbers)
    return np.result_type(*deciding, 0 if is_whole else 0.0)
