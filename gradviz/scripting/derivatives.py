"""Derivatives from a program: gradients as documents, Jacobians, and forward mode."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from numpy.typing import ArrayLike

from gradviz.engine import JACOBIAN_LIMIT, Jvp, Targets
from gradviz.engine import differentiate as gradient_of
from gradviz.engine import jacobian as jacobian_of
from gradviz.engine import jvp as pushed
from gradviz.errors import EditRefusedError
from gradviz.graph import Document, NodeId
from gradviz.ops import Array
from gradviz.scripting.graphs import refuse_no_document


def differentiate(
    document: Document, wrt: NodeId | Iterable[NodeId] | None = None, targets: Targets | None = None
) -> Document:
    """Return the gradient of a document as a document, which can be run, drawn, saved and differentiated again.

    `wrt`: a name or names; None for every variable and input that has a gradient. `targets`: as in `run`. The targets
    of the result are the gradients, in that order: `d_loss_d_W` has the shape and dtype of `W`.

    Raises `EditRefusedError` for a node that is not there or that has no gradient, with the reason; and the error of
    the first problem where a target cannot be computed.
    """
    refuse_no_document(document)
    return gradient_of(document, wrt, targets)


def jacobian(document: Document, y: NodeId, x: NodeId, *, limit: int = JACOBIAN_LIMIT) -> Array:
    """Return the Jacobian of a node `y` by a node `x`, of shape `y.shape + x.shape`: cell [i, j] is ∂y[i]/∂x[j].

    Zeros where no path leads from `x` to `y`. Raises `LimitError` where it would have more numbers than `limit`,
    `EditRefusedError` for a node that is not there, `ShapeError` for one that holds no floats, `ComputeError` where
    values cannot be computed.
    """
    refuse_no_document(document)
    _refuse_no_count(limit)
    return jacobian_of(document, y, x, limit=limit)


def jvp(
    document: Document, tangents: Mapping[NodeId, ArrayLike], targets: NodeId | Iterable[NodeId] | None = None
) -> Jvp:
    """Return how all nodes move when some move: forward mode, `jvp(doc, {"x": v}).tangents["y"]` is J v.

    `tangents` have the shapes of their nodes; a tangent of the result has the shape and dtype of its node, and is None
    where nothing that moves leads to it. `targets`, a name or names, leaves out what these do not depend on.

    Raises `EditRefusedError` for a node that is not there, `ShapeError` for a tangent of another shape or for a node
    that holds no floats, `ComputeError` where values cannot be computed.
    """
    refuse_no_document(document)
    _refuse_no_table(tangents)
    return pushed(document, tangents, targets)


def _refuse_no_count(limit: object) -> None:
    """Refuse a limit that is no number of numbers."""
    if not isinstance(limit, int):
        raise EditRefusedError("a limit is an integer, not {kind}", kind=type(limit).__name__)


def _refuse_no_table(tangents: object) -> None:
    """Refuse what a program may hand over and no interface can, before it is looked into."""
    if not isinstance(tangents, Mapping):
        kind = type(tangents).__name__
        raise EditRefusedError('tangents are a table such as {{"x": v}}, not {kind}', kind=kind)
