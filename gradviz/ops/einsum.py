"""Einstein summation: an equation such as `ij,jk->ik` names the axes of every input and of the result.

What a label does follows from where it stands:

    in two inputs and in the result   both are walked together (a batch)
    in inputs only                    summed over
    twice in one input                the diagonal of that input
    `...`                             axes without names, which broadcast
    no `->`                           the result has the labels that stand once, in the order of the alphabet

The gradient for an input is again an einsum: of what arrives and the other inputs, to the labels of that input.
Labels that only this input had were summed away, so the gradient is repeated along them; a diagonal goes back onto
the diagonal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from string import ascii_letters
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from gradviz.errors import ShapeError
from gradviz.ops.linear import embed_diagonal
from gradviz.ops.op import Array, Op, Sample, Shape
from gradviz.ops.params import Param
from gradviz.ops.shapes import counted, refuse_too_large, show
from gradviz.ops.symbolic import recorded

Labels = tuple[str, ...]


@dataclass(frozen=True)
class Equation:
    """An equation applied to shapes: one label per axis (an ellipsis is spelled out), and the size of each label."""

    inputs: tuple[Labels, ...]
    result: Labels
    sizes: Mapping[str, int]

    @property
    def shape(self) -> Shape:
        """The shape of the result."""
        return tuple(self.sizes[label] for label in self.result)


@lru_cache(maxsize=1024)
def solve(equation: str, shapes: tuple[Shape, ...]) -> Equation:
    """Return what an equation means for inputs of these shapes; a `ShapeError` tells what does not fit."""
    terms, result = _terms(equation)
    if len(terms) != len(shapes):
        raise ShapeError(
            "the equation {equation} is for {wanted}, but there {are} {count}",
            equation=equation or "without labels",
            wanted=counted(len(terms), "input", "inputs"),
            are="is" if len(shapes) == 1 else "are",
            count=len(shapes),
        )
    widths = [_ellipsis_width(term, shape) for term, shape in zip(terms, shapes, strict=True)]
    unnamed = _spare_labels(equation, max(widths))
    inputs = tuple(
        _spelled_out(term, unnamed[len(unnamed) - width :]) for term, width in zip(terms, widths, strict=True)
    )
    sizes = _sizes(inputs, shapes)
    return Equation(inputs, _spelled_out(_implicit(terms) if result is None else result, unnamed), sizes)


def _terms(equation: str) -> tuple[tuple[str, ...], str | None]:
    """Return the term of each input and that of the result, None where the equation does not say it."""
    left, arrow, right = equation.partition("->")
    terms = left.split(",")
    for term in (*terms, right):
        if set(term.replace("...", "", 1)) - set(ascii_letters):
            raise ShapeError(
                "the equation {equation} is not like ij,jk->ik: {term} is not made of letters and one ...",
                equation=equation,
                term=term,
            )
    if not arrow:
        return tuple(terms), None
    labels = right.replace("...", "")
    for label in labels:
        if label not in left or labels.count(label) > 1:
            raise ShapeError(
                "in the equation {equation} the result names {label} twice"
                if label in left
                else "in the equation {equation} the result names {label}, which no input has",
                equation=equation,
                label=label,
            )
    return tuple(terms), right


def _implicit(terms: Sequence[str]) -> str:
    """Return the term of a result that an equation leaves out: labels that stand once, in alphabetical order."""
    text = "".join(terms)
    labels = sorted(label for label in set(text) - {"."} if text.count(label) == 1)
    return ("..." if "..." in text else "") + "".join(labels)


def _ellipsis_width(term: str, shape: Shape) -> int:
    """Return how many axes of an input its ellipsis stands for."""
    named = len(term.replace("...", ""))
    width = len(shape) - named
    if width < 0 or (width and "..." not in term):
        raise ShapeError(
            "{term} names {named}, but the input has {count}: {shape}",
            term=term or "an empty term",
            named=counted(named, "axis", "axes"),
            count=len(shape),
            shape=show(shape),
        )
    return width


def _spare_labels(equation: str, count: int) -> Labels:
    """Return labels that an equation does not use, for the axes that its ellipsis stands for."""
    spare = [letter for letter in reversed(ascii_letters) if letter not in equation]
    if count > len(spare):
        raise ShapeError("the equation {equation} would need more labels than there are letters", equation=equation)
    return tuple(sorted(spare[:count]))


def _spelled_out(term: str, unnamed: Labels) -> Labels:
    before, dots, after = term.partition("...")
    return (*before, *(unnamed if dots else ()), *after)


def _sizes(inputs: Sequence[Labels], shapes: Sequence[Shape]) -> Mapping[str, int]:
    """Return the size of each label; axes of size 1 stretch, except along a diagonal."""
    sizes: dict[str, int] = {}
    for labels, shape in zip(inputs, shapes, strict=True):
        own: dict[str, int] = {}
        for label, size in zip(labels, shape, strict=True):
            known = own.setdefault(label, size)
            if known != size:
                raise ShapeError(
                    "{label} names two axes of {shape}, of sizes {a} and {b}: a diagonal needs equal ones",
                    label=label,
                    shape=show(shape),
                    a=known,
                    b=size,
                )
        for label, size in own.items():
            known = sizes.get(label, 1)
            if known != size and 1 not in (known, size):
                raise ShapeError(
                    "{label} has size {a} in one input and {b} in another, of shape {shape}",
                    label=label,
                    shape=show(shape),
                    a=known,
                    b=size,
                )
            sizes[label] = size if known == 1 else known
    return MappingProxyType(sizes)


@recorded
def einsum(*xs: Array, equation: str) -> Array:
    """Return what the equation makes of the inputs, multiplied pair by pair, as matrices wherever that is possible.

    Integers stay integers and booleans stay booleans, as in NumPy's einsum. Raises `LimitError` where two inputs make
    a tensor that is too large.
    """
    solved = solve(equation, tuple(x.shape for x in xs))
    dtype = np.result_type(*(x.dtype for x in xs))
    factors = [_Factor(x.astype(dtype, copy=False), labels) for x, labels in zip(xs, solved.inputs, strict=True)]
    done = factors.pop(0).on_diagonals()
    while factors:
        # The factor that takes the least work comes next: ij,kl,jk->il must not make all of ijkl.
        following = factors.pop(min(range(len(factors)), key=lambda i: _work(done, factors[i], solved)))
        done = done.times(following.on_diagonals(), _needed(factors, solved))
    return done.arranged(solved.result)


def _needed(factors: Sequence[_Factor], solved: Equation) -> frozenset[str]:
    """Return the labels that the factors still to come, or the result, have."""
    return frozenset(solved.result).union(*(factor.labels for factor in factors))


def _work(done: _Factor, factor: _Factor, solved: Equation) -> int:
    """Return how many products it takes to multiply two factors."""
    return prod(solved.sizes[label] for label in {*done.labels, *factor.labels})


@dataclass(frozen=True, eq=False)
class _Factor:
    """An array with a label for each axis."""

    array: Array
    labels: Labels

    def size(self, label: str) -> int:
        return int(self.array.shape[self.labels.index(label)])

    def on_diagonals(self) -> _Factor:
        """Return the factor with each label once: a view of its diagonals where labels repeat."""
        labels = tuple(dict.fromkeys(self.labels))
        if labels == self.labels:
            return self
        numbers = {label: number for number, label in enumerate(labels)}
        axes = [numbers[label] for label in self.labels]
        return _Factor(np.einsum(self.array, axes, list(range(len(labels)))), labels)

    def summed(self, labels: frozenset[str]) -> _Factor:
        """Return the factor without some of its labels, summed over them."""
        axes = tuple(i for i, label in enumerate(self.labels) if label in labels)
        if not axes:
            return self
        rest = tuple(label for label in self.labels if label not in labels)
        return _Factor(np.asarray(np.sum(self.array, axis=axes, dtype=self.array.dtype)), rest)

    def arranged(self, labels: Labels) -> Array:
        """Return the array with exactly these axes in this order, the others summed away."""
        rest = self.summed(frozenset(self.labels).difference(labels))
        return np.permute_dims(rest.array, [rest.labels.index(label) for label in labels])

    def aligned(self, labels: Labels) -> Array:
        """Return the array with these axes in this order, of size 1 where it has none."""
        own = tuple(label for label in labels if label in self.labels)
        array = self.arranged(own)
        return np.expand_dims(array, [i for i, label in enumerate(labels) if label not in own])

    def times(self, other: _Factor, needed: frozenset[str]) -> _Factor:
        """Return the product, summed over all labels that nobody needs any more."""
        shared = frozenset(self.labels) & frozenset(other.labels)
        stretched = frozenset(label for label in shared - needed if self.size(label) != other.size(label))
        # A label that one side lacks, or stretches, is summed on the other side before they meet.
        a = self.summed((frozenset(self.labels) - shared - needed) | stretched)
        b = other.summed((frozenset(other.labels) - shared - needed) | stretched)
        inner = tuple(label for label in a.labels if label in shared - needed and label in b.labels)
        batch = tuple(label for label in a.labels if label in shared & needed)
        rows = tuple(label for label in a.labels if label not in (*batch, *inner))
        columns = tuple(label for label in b.labels if label not in (*batch, *inner))
        labels = (*batch, *rows, *columns)
        refuse_too_large(tuple(max(f.size(label) for f in (a, b) if label in f.labels) for label in labels))
        if not inner:
            return _Factor(a.aligned(labels) * b.aligned(labels), labels)
        product = a.as_matrices(batch, rows, inner) @ b.as_matrices(batch, inner, columns)
        sizes = [*map(a.size, rows), *map(b.size, columns)]
        return _Factor(np.reshape(product, (*product.shape[:-2], *sizes)), labels)

    def as_matrices(self, batch: Labels, rows: Labels, columns: Labels) -> Array:
        """Return the array as a batch of matrices, with several labels side by side in their rows and columns."""
        array = self.arranged((*batch, *rows, *columns))
        height, width = (prod(map(self.size, labels)) for labels in (rows, columns))
        return np.reshape(array, (*array.shape[: len(batch)], height, width))


_MOST_INPUTS: Final = 100
"""How many inputs are multiplied in one equation: every gradient multiplies all but one of them again."""


def _shape(*xs: Shape, equation: str) -> Shape:
    if len(xs) > _MOST_INPUTS:
        raise ShapeError(
            "an equation is for at most {limit} inputs, not {count}: multiply some of them first",
            limit=_MOST_INPUTS,
            count=len(xs),
        )
    return solve(equation, xs).shape


def _vjp(g: Any, y: Any, *xs: Any, port: int, equation: str) -> Any:
    solved = solve(equation, tuple(x.shape for x in xs))
    others = [i for i in range(len(xs)) if i != port]
    terms = (solved.result, *(solved.inputs[i] for i in others))
    shapes = (solved.shape, *(xs[i].shape for i in others))
    own = tuple(dict.fromkeys(solved.inputs[port]))
    present = tuple(label for label in own if any(label in term for term in terms))
    gradient = _contracted((g, *(xs[i] for i in others)), terms, present)
    known = _sizes(terms, shapes)
    gradient = _repeated(gradient, own, present, known, solved.sizes)
    return _on_diagonal(gradient, own, solved.inputs[port], solved.sizes)


def _contracted(xs: Sequence[Any], terms: Sequence[Labels], result: Labels) -> Any:
    if terms == (result,):
        return xs[0]
    left = ",".join("".join(term) for term in terms)
    return einsum(*xs, equation=f"{left}->{''.join(result)}")


def _repeated(x: Any, labels: Labels, present: Labels, known: Mapping[str, int], sizes: Mapping[str, int]) -> Any:
    """Return `x` with an axis for every label, repeated along those that nobody else has, or has with size 1."""
    missing = tuple(i for i, label in enumerate(labels) if label not in present)
    if missing:
        x = np.expand_dims(x, missing[0] if len(missing) == 1 else missing)
    if any(known.get(label, 1) != sizes[label] for label in labels):
        x = np.broadcast_to(x, tuple(sizes[label] for label in labels))
    return x


def _on_diagonal(x: Any, labels: Labels, wanted: Labels, sizes: Mapping[str, int]) -> Any:
    """Return `x`, whose axes have `labels`, with the axes that are `wanted`: a label that comes again is a diagonal.

    `labels` are those of `wanted`, each once, in the order in which they come first.
    """
    for at, label in enumerate(wanted):
        if label in wanted[:at]:
            first = labels.index(label)
            if first < len(labels) - 1:
                x = np.permute_dims(x, [axis for axis in range(len(labels)) if axis != first] + [first])
            labels = (*labels[:at], label, *labels[at:])
            x = embed_diagonal(x, shape=tuple(sizes[name] for name in labels), axis1=first, axis2=at)
    return x


_CASES: Final[tuple[tuple[str, tuple[Shape, ...]], ...]] = (
    ("ij,jk->ik", ((2, 3), (3, 2))),
    ("ij,jk->ik", ((3, 3), (3, 3))),
    ("ij,kj->ik", ((3, 3), (3, 3))),
    ("ijk,ikl->ijl", ((2, 2, 3), (2, 3, 2))),
    ("i,i->", ((3,), (3,))),
    ("i,i", ((3,), (3,))),
    ("ij->ji", ((2, 3),)),
    ("ij->j", ((2, 3),)),
    ("ba", ((2, 3),)),
    ("ii->i", ((3, 3),)),
    ("ii", ((3, 3),)),
    ("iji->j", ((3, 2, 3),)),
    ("iii->i", ((2, 2, 2),)),
    ("iijj,jk->ki", ((2, 2, 3, 3), (3, 2))),
    ("ij,j,i->", ((2, 3), (3,), (2,))),
    ("ij,kl,jk->il", ((2, 3), (4, 2), (3, 4))),
    ("...ij,...jk->...ik", ((2, 2, 2), (2, 3))),
    ("i...,...->i...", ((2, 3, 1), (4, 3, 2))),
    ("i...j,j->i", ((2, 4, 3), (3,))),
    ("bhqd,bhkd->bhqk", ((1, 2, 2, 3), (1, 2, 2, 3))),
    ("i,j->ij", ((2,), (3,))),
    ("ij,ik->i", ((2, 2), (2, 3))),
    ("ij,jk->ik", ((2, 1), (3, 2))),
    ("ij,j->i", ((2, 3), (1,))),
    (",i->i", ((), (3,))),
    ("->", ((),)),
    ("ij,jk->ik", ((2, 0), (0, 3))),
)

EINSUM: Final = Op(
    name="einsum",
    family="linear algebra",
    doc="Multiply and sum by an equation such as ij,jk->ik: a label that the result lacks is summed over.",
    inputs=("x",),
    variadic=True,
    forward=einsum,
    vjp={"x": _vjp},
    shape=_shape,
    params={"equation": Param(kind="equation", doc="labels for the axes of every input, and of the result: ij,jk->ik")},
    samples=tuple(Sample(shapes, {"equation": equation}) for equation, shapes in _CASES),
    symbol="Σᵢₖ",
    aliases=("np.einsum", "tf.einsum", "torch.einsum", "Einsum"),
)

OPS: tuple[Op, ...] = (EINSUM,)
