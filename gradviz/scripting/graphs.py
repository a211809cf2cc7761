"""Documents made and run from a program: the same edits and the same run as on screen, but a problem is an error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import ArrayLike

from gradviz.engine import CELLS, TOLERANCE, GivenSeed, GradCheck, Tape, Targets
from gradviz.engine import gradcheck as check_gradients
from gradviz.engine import run as record
from gradviz.errors import EditRefusedError, FormatError
from gradviz.graph import LIMITS, Document, Limits, NodeId, Role, Tensor, add_leaf, add_node, fresh_name
from gradviz.ops import get


def document() -> Document:
    """Return an empty document, to add leaves and nodes to."""
    return Document()


def leaf(document: Document, id: NodeId, tensor: Tensor | ArrayLike, role: Role = "variable") -> Document:
    """Return the document with one more leaf, in the role of variable, input or constant.

    `tensor` is an array, a number or nested lists; its dtype is kept. Raises `EditRefusedError` for what is no tensor,
    for a name that cannot be, and for a role that there is not.
    """
    refuse_no_document(document)
    return add_leaf(document, id, tensor, role)


def add(
    document: Document,
    op: str,
    inputs: NodeId | Sequence[NodeId | None] = (),
    *,
    id: NodeId | None = None,
    params: Mapping[str, Any] | None = None,
) -> Document:
    """Return the document with one more node, wired to `inputs` in port order (None leaves a port open).

    A single name is a single input.

    `op` is a name or an alias of the catalogue; `id` names the node: without it the op does, as `matmul1`. Raises
    `FormatError` for an op that there is not, `EditRefusedError` for a name, an input or a param that cannot be.
    """
    refuse_no_document(document)
    _refuse_wrong_arguments(op, inputs, params)
    name = fresh_name(document, get(op).name) if id is None else id
    sources = (inputs,) if isinstance(inputs, str) else inputs
    # A program says how many inputs there are; by hand a node of any number starts with two ports.
    slots = len(sources) if sources and get(op).variadic else None
    return add_node(document, name, op, params, sources, slots=slots)


def run(document: Document, target: Targets | None = None, seed: GivenSeed = None, *, limits: Limits = LIMITS) -> Tape:
    """Run a document forward and back, and return the tape: `values`, `gradients`, `frames`, `at(k)`.

    `target`: None for the document's own targets (or its only sink), a name, names, or names with seeds. `seed`: the
    upstream gradient of a single target, ones by default. `limits`: how large tensors may become, and the whole run, as
    in `Limits(elements=10**9)`. Raises the first problem as a `GradvizError`.
    """
    refuse_no_document(document)
    return record(document, target, seed, strict=True, limits=limits)


def gradcheck(
    document: Document,
    target: Targets | None = None,
    seed: GivenSeed = None,
    *,
    tolerance: float = TOLERANCE,
    cells: int = CELLS,
) -> GradCheck:
    """Check the gradient of every float variable and input against central differences in float64.

    `target` and `seed` are those of `run`. `tolerance` is relative; of a leaf with more than `cells` cells that many
    are drawn. The result has `passed`, `sentences`, and `rows`, one per leaf. Raises a `GradvizError` for what cannot
    run.
    """
    refuse_no_document(document)
    return check_gradients(document, target, seed, tolerance=tolerance, cells=cells)


def refuse_no_document(document: object) -> None:
    """Refuse what is no document, before it is looked into."""
    if not isinstance(document, Document):
        kind = type(document).__name__
        raise EditRefusedError(
            "a document comes first, not {kind}: document(), parse(…) or load(…) gives one", kind=kind
        )


def _refuse_wrong_arguments(op: object, inputs: object, params: object) -> None:
    """Refuse what a program may hand over and no interface can, before it is looked into."""
    if not isinstance(op, str):
        raise FormatError("an op is named by a text, not by {kind}", kind=type(op).__name__)
    if not isinstance(inputs, str | list | tuple):
        raise EditRefusedError("inputs are a list of names of nodes, not {kind}", kind=type(inputs).__name__)
    if params is not None and not isinstance(params, Mapping):
        raise EditRefusedError('params are a table such as {{"axis": 0}}, not {kind}', kind=type(params).__name__)
