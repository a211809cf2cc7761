"""Forward mode beside reverse mode: what a direction of one leaf does to every node, and what each mode costs.

⟨∂target/∂x, ẋ⟩ = ⟨seed, ṫarget⟩     a sweep back and a pass forward give the same number
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gradviz.engine.forward_mode import jvp
from gradviz.engine.moment import Run
from gradviz.graph import Document, NodeId
from gradviz.ops import Array


@dataclass(frozen=True, eq=False)
class Followed:
    """How every node moves when one leaf moves in a direction; a tangent is None where nothing that moves leads."""

    leaf: NodeId
    direction: Array
    tangents: Mapping[NodeId, Array | None]

    def by_tangents(self, run: Run) -> float:
        """Return ⟨seed, tangent⟩, summed over the targets: what forward mode says of the direction."""
        products = 0.0
        for target in run.plan.targets:
            seed, tangent = run.ledger.deposits[target].seed, self.tangents.get(target)
            if seed is not None and tangent is not None:
                products += inner(seed, tangent)
        return products

    def by_gradient(self, run: Run) -> float | None:
        """Return ⟨gradient, direction⟩: what reverse mode says of it; None where no gradient reaches the leaf."""
        settled = run.ledger.settled.get(self.leaf)
        return None if settled is None else inner(settled[1], self.direction)


def follow(document: Document, run: Run, leaf: NodeId, direction: Array) -> Followed:
    """Return what a direction of a leaf does to all nodes, at the values of a run of the document.

    Raises what `jvp` raises.
    """
    changes = {node: each for node, each in run.plan.leaves.items() if document.nodes.get(node) is not each}
    at_run = document.changed(nodes={**document.nodes, **changes}) if changes else document
    return Followed(leaf, direction, jvp(at_run, {leaf: direction}).tangents)


def inner(a: Array, b: Array) -> float:
    """Return the sum of the products of the numbers of two tensors of one shape; numbers that meet a zero are left out.

    Where nothing moves, a gradient that is NaN or infinite has no say.
    """
    with np.errstate(all="ignore"):
        return float(np.sum(np.where(b == 0, 0.0, a * b)))


@dataclass(frozen=True)
class Passes:
    """How many passes give the whole Jacobian of the targets by the leaves, and the numbers that they are counted by.

    Reverse mode takes a pass for each number of the targets, forward mode one for each number of the leaves.
    """

    targets: Mapping[NodeId, int]
    leaves: Mapping[NodeId, int]

    @property
    def reverse(self) -> int:
        """How many passes reverse mode takes."""
        return sum(self.targets.values())

    @property
    def forward(self) -> int:
        """How many passes forward mode takes."""
        return sum(self.leaves.values())


def passes_of(run: Run) -> Passes:
    """Return what each mode would cost in a run: of leaves, those that a gradient flows into."""
    targets = {node: run.values[node].size for node in run.plan.targets if node in run.values}
    open_leaves = (node for node in run.plan.leaves if node in run.paths.deposits)
    return Passes(targets, {node: run.values[node].size for node in open_leaves})
