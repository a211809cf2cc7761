"""Whether the gradients of a document are right: the sweep against finite differences, leaf by leaf and cell by cell.

Everything is done on a copy in float64, the sweep too: differences of float32 numbers tell nothing beyond three digits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from types import MappingProxyType
from typing import Final

import numpy as np

from gradviz.engine.nudging import Index, Nudge, losses_of
from gradviz.engine.numbers import show_number
from gradviz.engine.paths import no_gradient_of
from gradviz.engine.run import GivenSeed, Targets, run
from gradviz.engine.slopes import STEPS, Slope, Verdict, curve, judge
from gradviz.engine.tape import Tape
from gradviz.errors import EditRefusedError, GradvizError
from gradviz.graph import Array, Document, Leaf, Node, NodeId, Tensor, is_cell
from gradviz.ops import Dtype, Shape, get, is_float

TOLERANCE: Final = 1e-6
"""How far the sweep may be from the differences, relative to the larger of both."""
CELLS: Final = 200
"""How many cells of a leaf are checked; of a larger leaf as many are drawn, always the same ones."""
_SHOWN: Final = 40
_FLOAT: Final = np.dtype(np.float64)


@dataclass(frozen=True)
class CellCheck:
    """One cell of a leaf, and how its gradient stands against the differences."""

    leaf: NodeId
    index: Index
    slope: Slope

    @property
    def name(self) -> str:
        """The cell as a program writes it: `W[1, 0]`, or the name alone for a tensor of rank 0."""
        return f"{self.leaf}[{', '.join(map(str, self.index))}]" if self.index else self.leaf

    @property
    def sentence(self) -> str:
        """What was found at the cell."""
        gradient, difference = show_number(self.slope.gradient), show_number(self.slope.difference)
        both = f"the sweep gives {gradient}, the differences give {difference}"
        match self.slope.verdict:
            case "agrees" | "differs":
                return f"at {self.name} {both}: an error of {show_number(self.slope.error)}"
            case "kink":
                return f"at {self.name} there is a kink, where no number is the slope; the sweep gives {gradient}"
            case "jump":
                return f"at {self.name} the targets jump, so that they have no slope; the sweep gives {gradient}"
            case "rough":
                return f"at {self.name} rounding drowns the difference; the sweep gives {gradient}"
        return f"at {self.name} the targets or their slope are not finite; the sweep gives {gradient}"


@dataclass(frozen=True)
class LeafCheck:
    """What was found at one leaf: `cells` are those that were looked at, `worst` the one of them to look at first."""

    leaf: NodeId
    shape: Shape
    cells: tuple[CellCheck, ...]
    has_path: bool

    @property
    def size(self) -> int:
        """How many cells the leaf has."""
        return prod(self.shape)

    @property
    def passed(self) -> bool:
        """Whether no cell differs."""
        return all(cell.slope.verdict != "differs" for cell in self.cells)

    @property
    def worst(self) -> CellCheck | None:
        """The cell with the largest error: of those that differ, else of those that agree, else the first of all."""
        return max(self.cells, key=_badness, default=None)

    @property
    def counts(self) -> Mapping[str, int]:
        """How many cells there are of each verdict."""
        return MappingProxyType(Counter(cell.slope.verdict for cell in self.cells))

    @property
    def sentence(self) -> str:
        """What was found, in a sentence."""
        if not self.size:
            return f"{self.leaf}: it has no cells"
        count = len(self.cells)
        drawn = f" (drawn from {self.size:,})" if count < self.size else ""
        told = [self._count(verdict) for verdict in _TOLD if verdict in self.counts]
        path = "" if self.has_path else "no path leads here, so the gradient counts as 0; "
        worst = f"; {self.worst.sentence}" if self.worst is not None else ""
        return f"{self.leaf}: {path}of {count:,} cell{'' if count == 1 else 's'}{drawn} {', '.join(told)}{worst}"

    def _count(self, verdict: Verdict) -> str:
        """Return how many cells have a verdict, with the names of the first of those that differences cannot judge."""
        names = [cell.name for cell in self.cells if cell.slope.verdict == verdict]
        one, many = _TOLD[verdict]
        told = f"{len(names):,} {one if len(names) == 1 else many}"
        if verdict == "agrees" or (self.worst is not None and names == [self.worst.name]):
            return told
        return f"{told} ({', '.join(names[:_NAMED])}{', …' if len(names) > _NAMED else ''})"


_NAMED: Final = 3
"""So many cells of one verdict are named in a sentence."""

_TOLD: Final[Mapping[Verdict, tuple[str, str]]] = {
    "differs": ("differs", "differ"),
    "agrees": ("agrees", "agree"),
    "kink": ("at a kink", "at a kink"),
    "jump": ("at a jump", "at a jump"),
    "not finite": ("not finite", "not finite"),
    "rough": ("lost in rounding", "lost in rounding"),
}


def _badness(cell: CellCheck) -> tuple[int, float]:
    error = cell.slope.error
    rank = {"differs": 2, "agrees": 1}.get(cell.slope.verdict, 0)
    return rank, np.inf if np.isnan(error) and rank else 0.0 if np.isnan(error) else error


@dataclass(frozen=True)
class GradCheck:
    """What a check found: a row per leaf, and why others were left out."""

    targets: tuple[NodeId, ...]
    tolerance: float
    rows: tuple[LeafCheck, ...]
    left_out: Mapping[NodeId, str]

    @property
    def passed(self) -> bool:
        """Whether no cell of any leaf differs."""
        return all(row.passed for row in self.rows)

    @property
    def worst(self) -> CellCheck | None:
        """The worst cell of all leaves."""
        return max((row.worst for row in self.rows if row.worst is not None), key=_badness, default=None)

    @property
    def sentences(self) -> tuple[str, ...]:
        """What was found: whether it passed, then leaf by leaf."""
        differ = sum(not row.passed for row in self.rows)
        checked = any(cell.slope.verdict == "agrees" for row in self.rows for cell in row.cells)
        if differ:
            whole = f"The gradient of {differ} of {len(self.rows)} leaves is wrong."
        elif checked:
            whole = "The gradients agree with finite differences."
        else:
            whole = "There is nothing that finite differences could tell."
        left = (f"{leaf}: left out, {why}" for leaf, why in self.left_out.items())
        return (whole, *(row.sentence for row in self.rows), *left)


@dataclass(frozen=True, eq=False)
class ErrorCurve:
    """How far central differences are from the sweep at one cell, step by step: curvature to the left, rounding right.

    `differences` are NaN where a step leaves what the targets are defined for; `errors` are absolute.
    """

    leaf: NodeId
    index: Index
    gradient: float
    steps: Array
    differences: Array
    errors: Array


def gradcheck(
    document: Document,
    targets: Targets | None = None,
    seed: GivenSeed = None,
    *,
    tolerance: float = TOLERANCE,
    cells: int = CELLS,
) -> GradCheck:
    """Check the gradients of all float variables and inputs against central differences; two runs a cell.

    `targets` and `seed` are those of `run`. `tolerance` is relative. Of a leaf with more than `cells` cells, that many
    are drawn, the same ones every time. Raises a `GradvizError` for what cannot run, and where there is no target.
    """
    _refuse_wrong_numbers(tolerance, cells)
    tape = record_in_float64(document, targets, seed)
    left_out = {node: why for node, leaf in tape.plan.leaves.items() if (why := why_left_out(leaf))}
    losses = losses_of(tape)
    nudges = (Nudge(tape, node, losses) for node in tape.plan.leaves if node not in left_out)
    rows = tuple(_row(tape, nudge, tolerance, cells) for nudge in nudges)
    return GradCheck(tuple(tape.plan.targets), tolerance, rows, MappingProxyType(left_out))


def error_curve(
    document: Document,
    leaf: NodeId,
    index: Sequence[int] = (),
    targets: Targets | None = None,
    seed: GivenSeed = None,
    *,
    steps: Sequence[float] = STEPS,
) -> ErrorCurve:
    """Return how far central differences at one cell of a leaf are from the sweep, for steps of many sizes.

    Raises a `GradvizError` for what is no variable or input, for a cell that there is not, and for what cannot run.
    """
    tape = record_in_float64(document, targets, seed)
    if leaf not in tape.plan.leaves or (why := why_left_out(tape.plan.leaves[leaf])):
        reason = why if leaf in tape.plan.leaves else "it is no leaf"
        raise EditRefusedError('there is no error curve of "{leaf}": {reason}', leaf=leaf, reason=reason)
    cell = tuple(index)
    if not is_cell(cell, tape.values[leaf].shape):
        shape = tape.values[leaf].shape
        raise EditRefusedError("there is no cell {index} in a tensor of shape {shape}", index=cell, shape=shape)
    gradient = gradient_of(tape, leaf)[cell]
    sizes = np.array(steps, float)
    differences = curve(Nudge(tape, leaf, losses_of(tape)), cell, sizes)
    with np.errstate(all="ignore"):
        return ErrorCurve(leaf, cell, float(gradient), sizes, differences, np.abs(differences - gradient))


def _refuse_wrong_numbers(tolerance: object, cells: object) -> None:
    if not (isinstance(tolerance, float | int | np.number) and 0 < tolerance < 1):
        shown = str(tolerance)[:_SHOWN]
        raise GradvizError("a tolerance lies between 0 and 1, such as 1e-6: {tolerance} does not", tolerance=shown)
    if not (isinstance(cells, int | np.integer) and cells >= 1):
        raise GradvizError("at least one cell of each leaf is checked, not {cells}", cells=str(cells)[:_SHOWN])


def record_in_float64(document: Document, targets: Targets | None = None, seed: GivenSeed = None) -> Tape:
    """Record a run of the document in float64; raises the error of what cannot run, and where there is no target."""
    tape = run(in_float64(document), targets, seed, strict=True)
    if not tape.plan.targets:
        raise GradvizError("there is no target, so nothing is differentiated: name one")
    return tape


def in_float64(document: Document) -> Document:
    """Return the document with all its floats in float64: the leaves, and what ops turn into other floats."""
    nodes = {name: _in_float64(node) for name, node in document.nodes.items()}
    is_same = all(nodes[name] is node for name, node in document.nodes.items())
    return document if is_same else document.changed(nodes=nodes)


def _in_float64(node: Node | Leaf) -> Node | Leaf:
    if isinstance(node, Leaf):
        is_wide = not is_float(node.value.dtype) or node.value.dtype == _FLOAT
        return node if is_wide else Leaf(node.role, Tensor(node.value.astype(_FLOAT)))
    kinds = get(node.op).params
    narrow = {
        name: _FLOAT.name
        for name, value in node.params.items()
        if name in kinds and kinds[name].kind == "dtype" and value is not None and _is_narrow(np.dtype(value))
    }
    return Node(node.op, {**node.params, **narrow}, node.slots) if narrow else node


def _is_narrow(dtype: Dtype) -> bool:
    return is_float(dtype) and dtype != _FLOAT


def why_left_out(leaf: Leaf) -> str:
    """Return why a leaf has no gradient to check; "" where it has one."""
    if not is_float(leaf.value.dtype):
        return no_gradient_of(leaf.value.dtype)
    return "it is a constant" if leaf.role == "constant" else ""


def gradient_of(tape: Tape, leaf: NodeId) -> Array:
    """Return the gradient of a leaf; zeros where no path leads to it."""
    gradient = tape.gradients[leaf]
    return np.zeros(tape.values[leaf].shape) if gradient is None else gradient


def _row(tape: Tape, nudge: Nudge, tolerance: float, cells: int) -> LeafCheck:
    leaf, gradient = nudge.leaf, gradient_of(tape, nudge.leaf)
    largest = float(np.max(np.abs(gradient), where=np.isfinite(gradient), initial=0.0))
    found = tuple(
        CellCheck(leaf, index, judge(nudge, index, float(gradient[index]), tolerance, largest))
        for index in _chosen(gradient.shape, cells)
    )
    return LeafCheck(leaf, gradient.shape, found, tape.gradients[leaf] is not None)


def _chosen(shape: Shape, cells: int) -> Iterator[Index]:
    """Yield the cells to look at: all of them, or as many as are asked for, drawn in the same way every time."""
    size = prod(shape)
    flat = range(size)
    if size > cells:
        flat = np.sort(np.random.default_rng(0).choice(size, cells, replace=False)).tolist()
    return (tuple(map(int, np.unravel_index(at, shape))) for at in flat)
