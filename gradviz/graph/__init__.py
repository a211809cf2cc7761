"""What a document is: nodes, wires and targets that a person edits, and what follows from them without computing."""

from gradviz.graph.model import (
    ROLES,
    Array,
    Computation,
    Document,
    Leaf,
    Node,
    NodeId,
    OneHot,
    Place,
    Port,
    Recipe,
    Role,
    Seed,
    Tensor,
)

__all__ = [
    "ROLES",
    "Array",
    "Computation",
    "Document",
    "Leaf",
    "Node",
    "NodeId",
    "OneHot",
    "Place",
    "Port",
    "Recipe",
    "Role",
    "Seed",
    "Tensor",
]
