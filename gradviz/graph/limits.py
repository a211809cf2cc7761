"""How large things may grow: a file, a tensor, a graph. Larger ones are refused with a sentence, before memory is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gradviz.ops import MOST_ON_THE_WAY


@dataclass(frozen=True)
class Limits:
    """Bounds that hold before anything is allocated; a program may set its own."""

    file_bytes: int = 64 * 2**20
    """Bytes of a file."""
    nodes: int = 200_000
    """Nodes of a document."""
    elements: int = 2**26
    """Elements of one tensor: a leaf, or what an op would compute."""
    elements_on_the_way: int = MOST_ON_THE_WAY
    """Elements of a tensor that a rule makes on the way to its result, and drops again."""
    total_bytes: int = 2**30
    """Bytes of all tensors that a file brings."""
    run_bytes: int = 2**32
    """Bytes of all that a run would hold: its values, known beforehand, and its gradients as they come."""
    nesting: int = 64
    """Depth of the lists in a file, and axes of a tensor (NumPy's own bound)."""
    name_length: int = 200
    """Characters of a node's name."""
    slots: int = 10_000
    """Input ports of one node whose op takes any number."""
    distance: float = 1e9
    """Pixels from the origin at which a node may stand."""


LIMITS: Final = Limits()
"""The limits that hold where nobody sets others."""
