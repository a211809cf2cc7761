"""How a number is put together: the sum of products that one cell of a step's result is, term by term.

What the sweep sends is linear in the gradient that arrives: each cell is a sum of numbers of g times local factors.
Where such a factor is a cell of another tensor (of the weights in a matrix product, of the kernel in a convolution),
it is found by asking the rule with other numbers in that tensor, each of which is there once. So every op has its sum,
and none is written down.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from gradviz.engine.frames import Compute, Send
from gradviz.engine.links import Cell, Link, RuleAtWork, links_of, rule_at_work
from gradviz.engine.moment import Run
from gradviz.engine.numbers import show_number
from gradviz.graph import NodeId
from gradviz.ops import Array, is_float

_MOST_FINDABLE: Final = 1 << 16
"""Cells of a tensor in which a factor is looked for."""

_MOST_TENSORS: Final = 24
"""Tensors of a rule among which factors are looked for: each is asked for by itself."""

MOST_TERMS: Final = 512
"""Terms that are worked out."""


@dataclass(frozen=True, eq=False)
class Factor:
    """A number of a term: a cell of the tensor that the rule calls `name`, or ("" then) a local derivative."""

    number: Array
    name: str = ""
    node: NodeId = ""
    cell: Cell = ()


Term = tuple[Factor, ...]


@dataclass(frozen=True, eq=False)
class Weave:
    """A number with the terms whose sum it is; without `is_sum` they are the cells that it depends on, no more.

    `count` is how many terms there are, of which the first MOST_TERMS are worked out.
    """

    number: Array
    terms: tuple[Term, ...]
    count: int
    is_sum: bool

    def text(self, most: int, written: int | None = None) -> str:
        """Return the sum in at most `most` terms, as in `1 × 0.5 + 4 × (−1) = −3.5`; "" where it is none.

        With `written` it is written only so far, and what it comes to is still open.
        """
        if not self.is_sum:
            return ""
        terms = [term_text(term) for term in self.terms[:most]]
        is_done = written is None or written >= len(terms)
        shown = terms if is_done else terms[:written]
        if is_done and self.count > len(terms):
            shown = [*shown, f"… ({self.count - len(terms):,} more)"]
        sum_text = " + ".join(shown) or ("0" if is_done else "")
        total = show_number(self.number) if is_done else "…"
        return sum_text if is_done and sum_text == total else f"{sum_text} = {total}".strip()


def term_text(term: Term) -> str:
    """Return a product as it stands in a sum, negative numbers in parentheses; of a factor 1 nothing is said."""
    numbers = [show_number(factor.number) for factor in term if factor.name or not _is_one(factor)]
    return " × ".join(f"({text})" if text.startswith("−") else text for text in numbers)


def weave(
    run: Run, frame: Compute | Send, cell: Cell, links: Sequence[Link] | None = None, *, raw: bool = False
) -> Weave | None:
    """Return how a cell of what a frame gives is put together, of a `Send` of its share or of what the rule gives.

    `links` are those of the cell, where they are known already. None where nothing is linked: of integers and masks.
    Raises GradvizError where the rule cannot be read.
    """
    links = links_of(run, frame, cell, raw=raw) if links is None else links
    rule = rule_at_work(run, frame, raw=raw)
    if rule is None:
        return None
    result = frame.value if isinstance(frame, Compute) else frame.raw if raw else frame.share
    number = np.asarray(result[cell])
    known = {link.name: link for link in links}
    if isinstance(frame, Send):
        g = known.get("g")
        terms = [] if g is None else list(_terms(rule, g, cell, known, frame.port.name))
        return Weave(number, tuple(terms), 0 if g is None else g.count, is_sum=True)
    found = _sum(rule, links, cell, known)
    if found is not None and _comes_to(found, number):
        return Weave(number, found, sum(link.count for link in _summed(found, known)), is_sum=True)
    cells = tuple((factor,) for link in links for factor in _cells_of(link))
    return Weave(number, cells[:MOST_TERMS], sum(link.count for link in links), is_sum=False)


def _is_one(factor: Factor) -> bool:
    return bool(factor.number == 1)


def _cells_of(link: Link) -> Iterator[Factor]:
    for index in np.argwhere(link.cells)[:MOST_TERMS].tolist():
        cell = tuple(index)
        yield Factor(np.asarray(link.tensor[cell]), link.name, link.node, cell)


def _sum(rule: RuleAtWork, links: Sequence[Link], cell: Cell, known: dict[str, Link]) -> tuple[Term, ...] | None:
    """Return the terms whose sum a value is, where its rule is linear in each of its tensors, and these are few."""
    if len(links) > _MOST_TENSORS:
        return None
    terms: list[Term] = []
    used: set[str] = set()
    for link in links:
        if link.name in used:
            continue
        others = {name: other for name, other in known.items() if name not in used and name != link.name}
        found = list(_terms(rule, link, cell, others))
        used |= {link.name, *(factor.name for factor in found[0])} if found else {link.name}
        is_paired = bool(found) and all(factor.name for factor in found[0])
        if not is_paired and not _is_linear(rule, link, cell):
            return None
        terms += found
    return tuple(terms)


def _summed(terms: Sequence[Term], known: dict[str, Link]) -> list[Link]:
    """Return one link for each group of terms: that of its first tensor."""
    firsts = {frozenset(factor.name for factor in term if factor.name): term[0].name for term in terms}
    return [known[name] for name in firsts.values()]


def _terms(rule: RuleAtWork, link: Link, cell: Cell, known: dict[str, Link], port: str = "") -> Iterator[Term]:
    """Yield each cell of a tensor times its factor: a cell of another tensor, or a local derivative."""
    numbers = list(_cells_of(link))
    partner = _partner(rule, link, cell, known)
    order = list(rule.tensors)
    for at, factor in enumerate(numbers):
        if partner is None:
            yield factor, Factor(np.asarray(link.factors[factor.cell]))
            continue
        other, cells = partner
        beside = Factor(np.asarray(other.tensor[cells[at]]), other.name, other.node, cells[at])
        is_before = port != "" and other.name != "y" and order.index(other.name) < order.index(port)
        yield (beside, factor) if is_before else (factor, beside)


def _partner(rule: RuleAtWork, link: Link, cell: Cell, known: dict[str, Link]) -> tuple[Link, list[Cell]] | None:
    """Return the tensor whose cells are the factors of those of `link`, and which cell goes with which."""
    places = np.argwhere(link.cells)[:MOST_TERMS]
    if not len(places) or len(known) > _MOST_TENSORS:
        return None
    for name, other in known.items():
        if name == link.name or not 0 < other.tensor.size <= _MOST_FINDABLE or not is_float(other.tensor.dtype):
            continue
        told = _told_apart(other.tensor)
        found = rule.factors({**rule.tensors, name: told}, cell).get(link.name)
        cells = None if found is None else _found_in(told, np.atleast_1d(found[tuple(places.T)]))
        if cells is not None:
            return other, cells
    return None


def _told_apart(array: Array) -> Array:
    """Return a tensor in which every number is there once, neither 0 nor 1, in no order."""
    numbers = np.linspace(1.25, 1.75, array.size)
    return np.asarray(np.random.default_rng(array.size).permutation(numbers).reshape(array.shape), array.dtype)


def _found_in(told: Array, factors: Array) -> list[Cell] | None:
    """Return where each of some factors is in a tensor of numbers told apart; None where one of them is not."""
    flat = told.ravel()
    order = np.argsort(flat)
    near = np.clip(np.searchsorted(flat[order], factors), 0, flat.size - 1)
    before = np.maximum(near - 1, 0)
    gaps = np.abs(flat[order[near]] - factors), np.abs(flat[order[before]] - factors)
    best = np.where(gaps[1] < gaps[0], before, near)
    if not np.all(np.minimum(*gaps) <= 8 * np.finfo(told.dtype).eps):
        return None
    return [tuple(int(at) for at in np.unravel_index(index, told.shape)) for index in order[best].tolist()]


def _is_linear(rule: RuleAtWork, link: Link, cell: Cell) -> bool:
    """Tell whether the factors of a tensor stay as they are when the tensor is another one."""
    way = np.random.default_rng(1).uniform(0.9, 1.1, link.tensor.shape)
    finite = np.where(np.isfinite(link.tensor), link.tensor, 1.0)
    other = np.asarray(finite * way, link.tensor.dtype)
    found = rule.factors({**rule.tensors, link.name: other}, cell).get(link.name)
    return found is not None and bool(np.allclose(found[link.cells], link.factors[link.cells], rtol=1e-4, atol=1e-8))


def _comes_to(terms: Sequence[Term], number: Array) -> bool:
    """Tell whether terms add up to a number; of what is not finite, or cut short, that cannot be told."""
    with np.errstate(all="ignore"):
        parts = [float(np.prod([factor.number for factor in term], dtype=np.float64)) for term in terms]
        total, size = float(np.sum(parts)), float(np.sum(np.abs(parts)))
        if not np.isfinite(total) or not np.isfinite(number) or len(terms) >= MOST_TERMS:
            return True
        tolerance = 1e-4 if number.dtype.itemsize < 8 else 1e-9
        return abs(total - float(number)) <= tolerance * max(size, 1e-30)
