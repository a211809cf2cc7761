"""One cell of a step with its numbers: the formula itself where cells stand for themselves, else a sum of products.

A rule is worked out cell by cell where it consists of elementwise ops. Of any other rule a contribution is the sum of
g × factor over the cells that it comes from (a rule is linear in g), and a value the same where the op is linear in an
input; both are found by `links_of`, and none is written down. Of long sums the first terms are told, the total of all.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final, Literal

import numpy as np

from gradviz.engine.chain_terms import (
    Cell,
    Letters,
    RuleLine,
    RuleTerm,
    cell_term,
    gradient_term,
    number_term,
    place,
    sum_of,
    value_term,
)
from gradviz.engine.frames import Compute, Send
from gradviz.engine.ledger import Deposits
from gradviz.engine.links import Link, links_of
from gradviz.engine.moment import Run
from gradviz.engine.rule_keys import RuleKey, rule_key, rule_of
from gradviz.engine.telling import show_axes
from gradviz.errors import GradvizError
from gradviz.ops import (
    OPS,
    Array,
    Word,
    forward_formula,
    is_constant_array,
    operands,
    operations,
    used_names,
    vjp_formula,
)

MOST_TERMS: Final = 8
"""Products of a sum that are told."""

_TOTAL: Final = "_total"
_MORE: Final = "_more"
_SHARED: Final = "_shared"
_MIXING: Final = frozenset({"softmax", "log_softmax"})
_CELLWISE: Final = frozenset(
    op.name
    for op in OPS.values()
    if (op.family in {"elementwise", "comparison", "activation"} and op.name not in _MIXING)
    or op.name in {"identity", "stop_gradient", "astype", "zeros_like"}
)
"""Ops of which a cell comes from the same cell of every input."""


@dataclass(frozen=True, eq=False)
class Reading:
    """A rule as it is at work: its expression, and the term and the tensor that each of its letters stands for."""

    rule: ast.expr
    terms: Mapping[str, RuleTerm]
    arrays: Mapping[str, Array]

    @cached_property
    def used(self) -> frozenset[str]:
        """The letters that the rule uses."""
        return used_names(self.rule)


def reading_of(run: Run, frame: Compute | Send) -> Reading | None:
    """Return the rule that gives a value, or a contribution before broadcasting is undone; None where it has none."""
    step = run.paths.steps[frame.node if isinstance(frame, Compute) else frame.port.node]
    arrays = {port: run.values[source] for port, source in zip(step.ports, step.sources, strict=True)}
    terms = {port: value_term(source) for port, source in zip(step.ports, step.sources, strict=True)}
    inputs = [run.values[source] for source in step.sources]
    asked: tuple[str, ...] = ()
    if isinstance(frame, Send):
        asked = (frame.port.name,)
        arrays |= {"g": run.ledger.settled[step.node][1], "y": run.values[step.node]}
        terms |= {"g": gradient_term(run.paths.targets, step.node), "y": value_term(step.node)}
    rule = _rule(rule_key(step, inputs, asked))
    return None if rule is None else Reading(rule, terms, arrays)


@lru_cache(maxsize=1024)
def _rule(key: RuleKey) -> ast.expr | None:
    try:
        if key.ports:
            return vjp_formula(key.op, key.ports[0], key.shapes, key.dtypes, key.params)
        return forward_formula(key.op, key.shapes, key.dtypes, key.params)
    except GradvizError:
        return None


def number_lines(run: Run, frame: Compute | Send, reading: Reading, cell: Cell, outcome: Array) -> tuple[RuleLine, ...]:
    """Return the numbers of one cell of what a frame gives, and where broadcasting is undone the sum that does it."""
    if isinstance(frame, Compute):
        made = value_term(frame.node)
        line = elementwise_line(reading, cell, outcome, made) or _linked_value(run, frame, cell, made)
        return (line or _bare_line(cell, outcome, made),)
    result = gradient_term(run.paths.targets, frame.source)
    if not frame.axes:
        line = elementwise_line(reading, cell, outcome, result)
        return (line or _linked_share(run, frame, reading, cell, result),)
    raw_cell = next(_behind(frame, cell), None)
    if raw_cell is None:  # a sum over an axis of length 0
        return (_bare_line(cell, outcome, result),)
    line = elementwise_line(reading, raw_cell, frame.raw) or _linked_share(run, frame, reading, raw_cell, RuleTerm(""))
    return line, _summed_line(frame, cell, result)


def _behind(frame: Send, cell: Cell) -> Iterator[Cell]:
    """Yield the cells before broadcasting is undone that make up a cell of the share, in row-major order."""
    lengths, missing = frame.raw.shape, frame.raw.ndim - len(cell)
    places = [0 if axis in frame.axes else cell[axis - missing] for axis in range(len(lengths))]
    for at in np.ndindex(*(lengths[axis] for axis in frame.axes)):
        for axis, index in zip(frame.axes, at, strict=True):
            places[axis] = index
        yield tuple(places)


def _summed_line(frame: Send, cell: Cell, result: RuleTerm) -> RuleLine:
    """Return the sum over the broadcast axes that gives a cell of the share."""
    letters: Letters = {}
    for number, at in enumerate(_behind(frame, cell)):
        if number == MOST_TERMS:
            break
        letters[f"r{number}"] = number_term(frame.raw[at], is_fenced=number > 0)
    count = int(np.prod([frame.raw.shape[axis] for axis in frame.axes], dtype=np.int64))
    lead = f"summed over {show_axes(frame.axes)}"
    return _sum_line(
        [ast.Name(letter) for letter in letters], letters, count, cell_term(result, frame.share, cell), lead, kind="sum"
    )


def elementwise_line(reading: Reading, cell: Cell, outcome: Array, result: RuleTerm | None = None) -> RuleLine | None:
    """Return the rule with the numbers of a cell, if it is worked out cell by cell; None where it is not."""
    if not _is_cellwise(reading.rule):
        return None
    letters: Letters = {}
    for letter in reading.used:
        array = reading.arrays[letter]
        if array.ndim > len(cell):
            return None
        at = tuple(
            0 if length == 1 else index
            for length, index in zip(array.shape, cell[len(cell) - array.ndim :], strict=True)
        )
        letters[letter] = cell_term(reading.terms[letter], array, at)
    total = cell_term(result or RuleTerm(""), outcome, cell)
    if isinstance(reading.rule, ast.Name):
        return RuleLine("numbers", (reading.rule,), letters, place(cell))
    return RuleLine("numbers", (reading.rule, ast.Name(_TOTAL)), {**letters, _TOTAL: total}, place(cell))


def _is_cellwise(rule: ast.expr) -> bool:
    """Tell whether every cell of what a rule gives comes from one cell of each tensor."""
    waiting = [rule]
    while waiting:
        node = waiting.pop()
        if is_constant_array(node):
            return False
        waiting += operands(node)
    return operations(rule) <= _CELLWISE


def _linked_share(run: Run, frame: Send, reading: Reading, cell: Cell, result: RuleTerm) -> RuleLine:
    """Return a cell of a contribution as the sum of g × factor; zero by itself where no cell of g leads to it.

    Where the rule begins with another tensor, as `xᵀ · g` does, so do the products.
    """
    outcome = frame.raw if frame.axes else frame.share
    try:
        links = links_of(run, frame, cell, raw=bool(frame.axes))
    except GradvizError:
        links = ()
    products = _Products(run, links, turns=_first_name(reading.rule) != "g")
    for link in links:
        if link.name == "g":
            products.add(link)
    return products.line(cell_term(result, outcome, cell), place(cell))


def _linked_value(run: Run, frame: Compute, cell: Cell, made: RuleTerm) -> RuleLine | None:
    """Return a cell of a value as a sum of input × factor; None where it is no such sum."""
    try:
        links = links_of(run, frame, cell)
    except GradvizError:
        return None
    step = run.paths.steps[frame.node]
    inputs = [run.values[source] for source in step.sources]
    products, done = _Products(run, links), set[str]()
    for link in links:
        others = _factors_of(rule_key(step, inputs, (link.name,)))
        if others is None or link.name in done:
            continue
        products.add(link)
        done |= others
    is_whole = products.count > 0 and np.isclose(products.total, frame.value[cell], rtol=1e-5, equal_nan=True)
    return products.line(cell_term(made, frame.value, cell), place(cell)) if is_whole else None


@lru_cache(maxsize=1024)
def _factors_of(key: RuleKey) -> frozenset[str] | None:
    """Return the inputs that the derivative by a port is made of; None where the op is not linear in that port."""
    try:
        rule = rule_of(key)
    except GradvizError:
        return None
    letters = frozenset() if rule is None else used_names(rule) - {"g"}
    return None if rule is None or letters & {"y", key.ports[0]} else letters


def _first_name(rule: ast.expr) -> str:
    """Return the name of the tensor with which a rule begins; "" where it begins with a number."""
    while not isinstance(rule, ast.Name):
        if not (parts := operands(rule)):
            return ""
        rule = parts[0]
    return rule.id


class _Products:
    """A sum of products, of which the first few are told; where it `turns` them, cells of other tensors come first."""

    def __init__(self, run: Run, links: Sequence[Link], *, turns: bool = False) -> None:
        self._links, self._targets, self._turns = links, run.paths.targets, turns
        self._numbers: list[tuple[RuleTerm, RuleTerm]] = []
        self._factors: set[float] = set()
        self.count, self.total = 0, 0.0

    def add(self, link: Link) -> None:
        """Add the products of the cells that a link marks with their factors."""
        flat = np.flatnonzero(link.cells)
        with np.errstate(all="ignore"):
            self.total += float(np.sum(link.tensor.ravel()[flat] * link.factors.ravel()[flat], dtype=np.float64))
        self.count += flat.size
        self._factors |= {float(each(link.factors.ravel()[flat])) for each in (np.min, np.max)}
        partners = [
            (other, np.flatnonzero(other.cells))
            for other in self._links
            if other is not link and other.count == flat.size
        ]
        for number, at in enumerate(flat[: MOST_TERMS - len(self._numbers)]):
            tensor = self._term(link, int(at))
            factor = number_term(link.factors.ravel()[at], is_fenced=True)
            for other, cells in partners:
                there = int(cells[number])
                if _is_pair(link, int(at), other, there):
                    factor = self._term(other, there)
                    break
            self._numbers.append((tensor, factor))

    def _term(self, link: Link, at: int) -> RuleTerm:
        """Return the cell of a link's tensor that has a place in row-major order."""
        cell = tuple(int(index) for index in np.unravel_index(at, link.tensor.shape))
        term = gradient_term(self._targets, link.node) if link.name == "g" else value_term(link.node)
        return cell_term(term, link.tensor, cell, is_fenced=True)

    def line(self, total: RuleTerm, lead: str) -> RuleLine:
        """Return the sum as a line; a factor that all products share stands before them."""
        letters: Letters = {}
        is_even = len(self._factors) == 1 and not any(factor.node for _, factor in self._numbers)
        has_no_factors = is_even and self._factors == {1.0}
        is_shared = is_even and not has_no_factors and self.count > 1
        products: list[ast.expr] = []
        for number, (tensor, factor) in enumerate(self._numbers):
            letters[f"t{number}"] = tensor
            product: ast.expr = ast.Name(f"t{number}")
            if not (is_shared or has_no_factors):
                letters[f"f{number}"] = factor
                both = product, ast.Name(f"f{number}")
                left, right = both[::-1] if self._turns and factor.node else both
                product = ast.BinOp(left, ast.Mult(), right)
            products.append(product)
        shared = self._numbers[0][1] if is_shared else None
        return _sum_line(products, letters, self.count, total, lead, shared=shared)


def _is_pair(link: Link, at: int, other: Link, there: int) -> bool:
    """Tell whether two cells are multiplied with each other: each is the factor of the other."""
    return bool(
        link.factors.ravel()[at] == other.tensor.ravel()[there]
        and other.factors.ravel()[there] == link.tensor.ravel()[at]
    )


def _sum_line(
    products: Sequence[ast.expr],
    letters: Letters,
    count: int,
    total: RuleTerm,
    lead: str,
    *,
    shared: RuleTerm | None = None,
    kind: Literal["numbers", "sum"] = "numbers",
) -> RuleLine:
    """Return the line of a sum of `count` terms, of which some are told, with its exact total."""
    if not products:
        return RuleLine(kind, (ast.Name(_TOTAL),), {_TOTAL: total}, lead)
    told = [*products]
    if count > len(products):
        letters = {**letters, _MORE: RuleTerm(Word(f"… {count - len(products)} more"))}
        told.append(ast.Name(_MORE))
    right = sum_of(told)
    if shared is not None:
        letters = {**letters, _SHARED: shared}
        right = ast.BinOp(ast.Name(_SHARED), ast.Mult(), right)
    if isinstance(right, ast.Name):
        return RuleLine(kind, (right,), letters, lead)
    return RuleLine(kind, (right, ast.Name(_TOTAL)), {**letters, _TOTAL: total}, lead)


def _bare_line(cell: Cell, outcome: Array, result: RuleTerm) -> RuleLine:
    """Return a number without how it comes about."""
    return RuleLine("numbers", (ast.Name(_TOTAL),), {_TOTAL: cell_term(result, outcome, cell)}, place(cell))


def deposit_line(deposits: Deposits, result: RuleTerm, cell: Cell, total: Array) -> RuleLine:
    """Return a cell of a total as the sum of what arrived: the seed, and the contributions in order."""
    arrived = [] if deposits.seed is None else [deposits.seed]
    arrived += [send.share for send in deposits.sends[: MOST_TERMS - len(arrived)]]
    letters = {f"s{number}": number_term(share[cell], is_fenced=number > 0) for number, share in enumerate(arrived)}
    count = len(deposits.sends) + (deposits.seed is not None)
    return _sum_line([*map(ast.Name, letters)], letters, count, cell_term(result, total, cell), place(cell))
