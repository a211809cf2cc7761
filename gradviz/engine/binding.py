"""Joins compiled functions with their arguments: what a caller gives, what the document has, what never changes.

What depends on constants and seeds alone is computed once, by a function of its own, and again only for a call that
gives another one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradviz.engine.backward import seed_for
from gradviz.engine.emitting import Function, emit
from gradviz.engine.sheet import Sheet
from gradviz.engine.straight import Straight, live_lines
from gradviz.graph import NodeId, Plan
from gradviz.ops import Array, Dtype, Shape

Given = tuple[str, NodeId]
"""What a caller may give: `("leaf", name)` or `("seed", name)`."""


@dataclass(eq=False)
class Bound:
    """The two functions of a plan, and their arguments.

    fold      computes what depends on constant leaves and seeds alone
    step      computes the rest: its arguments are leaves and seeds, and what was folded
    constants, places
              what is given -> where it stands among the arguments of `fold` and of `step`
    leaking   leaves of which a result may be a view
    source    the code of both, as text
    before, arguments
              the arguments of each that the document has; `floats_before`, `floats`: which are Python floats
    """

    fold: Function
    step: Function
    constants: Mapping[Given, int]
    places: Mapping[Given, int]
    leaking: frozenset[Given]
    source: str
    before: list[Any]
    arguments: list[Any]
    floats_before: frozenset[int]
    floats: frozenset[int]
    folded: Sequence[Any] | None = None

    def run(self, given: Mapping[Given, Array]) -> Sequence[Any]:
        """Return what `step` returns, with some tensors given and those of the document for the others."""
        if self.folded is None:
            self.folded = self._folded({})
        if not given:
            return self.step(*self.arguments, *self.folded)
        arguments = self.arguments.copy()
        for key, array in given.items():
            if key in self.places:
                place = self.places[key]
                own = array.copy() if key in self.leaking else array
                arguments[place] = own.item() if place in self.floats else own
        is_same = self.constants.keys().isdisjoint(given)
        return self.step(*arguments, *(self.folded if is_same else self._folded(given)))

    def _folded(self, given: Mapping[Given, Array]) -> Sequence[Any]:
        """Return what depends on constants alone, as `step` takes it."""
        before = self.before.copy()
        for key, place in self.constants.items():
            if key in given:
                before[place] = given[key].item() if place in self.floats_before else given[key]
        found, count = self.fold(*before), len(self.arguments)
        arrays = map(np.asarray, found)
        return [array.item() if place in self.floats else array for place, array in enumerate(arrays, count)]


def bind(straight: Straight, plan: Plan, wanted: Sequence[int]) -> Bound:
    """Return the functions of the lines that are wanted, with their arguments."""
    kernels, live, constant = straight.kernels, live_lines(straight, wanted), straight.constant
    computed = [number for number in live if kernels[number].source not in ("given", "constant")]
    steps = [number for number in computed if number not in constant]
    used = {*wanted, *(operand for number in steps for operand in straight.operands[number])}
    folds = [number for number in computed if number in constant]
    folded = [number for number in folds if number in used]
    inside = {operand for number in folds for operand in straight.operands[number]}
    keys = {number: ("leaf", node) for node, number in straight.leaves.items()}
    keys |= {number: ("seed", node) for node, number in straight.seeds.items()}
    before = [number for number in keys if number in inside]
    passed = [number for number in keys if number in used]
    sheets = Sheet(straight, folds, before, folded), Sheet(straight, steps, [*passed, *folded], wanted)
    fold, first = emit(sheets[0], straight.names, "fold")
    step, second = emit(sheets[1], straight.names, "step")
    return Bound(
        fold,
        step,
        {keys[number]: place for place, number in enumerate(before)},
        {keys[number]: place for place, number in enumerate(passed)},
        frozenset(keys[number] for number in _seen_through(straight, wanted) if number in keys),
        f"{first}\n\n\n{second}\n" if folded else f"{second}\n",
        [_array(plan, *keys[number], sheets[0].is_float(number)) for number in before],
        [_array(plan, *keys[number], sheets[1].is_float(number)) for number in passed],
        sheets[0].float_places(),
        sheets[1].float_places(),
    )


def _array(plan: Plan, kind: str, node: NodeId, is_float: bool) -> Any:
    """Return the tensor of the document, or the number."""
    if kind == "leaf":
        array = plan.leaves[node].value
    else:
        array = seed_for(stand_in(plan.report.shapes[node], plan.report.dtypes[node]), plan.targets[node])
    return array.item() if is_float else array


def stand_in(shape: Shape, dtype: Dtype) -> Array:
    """Return a tensor of a shape and dtype in the memory of one number."""
    return np.broadcast_to(np.zeros((), dtype), shape)


def _seen_through(straight: Straight, wanted: Sequence[int]) -> set[int]:
    """Return the lines whose memory wanted results may share."""
    seen = set(wanted)
    waiting = list(seen)
    while waiting:
        number = waiting.pop()
        new = set() if straight.kernels[number].is_fresh else set(straight.operands[number]) - seen
        seen |= new
        waiting += new
    return seen
