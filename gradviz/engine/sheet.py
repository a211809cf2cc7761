"""How the lines of one function are written: which are Python floats, which stand inside others, which overwrite."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from gradviz.engine.straight import Straight

_MOST_NESTED: Final = 5
"""How many calls may stand in one statement, so that a person can still read it."""


@dataclass(eq=False)
class Sheet:
    """The lines that one function is made of.

    order     the lines to write, in order
    given     the lines that the function is called with
    wanted    the lines that it returns
    scalars   lines that are Python floats (or bools)
    inside    lines that are used once -> the lines inside whose text they stand
    over      lines -> the operands that they are written over
    """

    straight: Straight
    order: Sequence[int]
    given: Sequence[int]
    wanted: Sequence[int]
    scalars: set[int] = field(default_factory=set)
    inside: dict[int, int] = field(default_factory=dict)
    over: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Choose floats, overwritten operands, and what stands inside what."""
        self._choose_scalars()
        self._nest(_overwrite(self))

    def is_float(self, number: int) -> bool:
        """Tell whether a line is a Python float (or bool)."""
        return number in self.scalars

    def float_places(self) -> frozenset[int]:
        """Return which of the given lines, by place, are Python floats."""
        return frozenset(place for place, number in enumerate(self.given) if number in self.scalars)

    def _choose_scalars(self) -> None:
        """Make floats of numbers that meet other such numbers; a single one among arrays stays what it is."""
        kernels, all_operands = self.straight.kernels, self.straight.operands
        able = {number for number in self.order if kernels[number].scalar}
        for number in able:
            for operand in all_operands[number]:
                if operand in able:
                    self.scalars |= {number, operand}
        used: set[int] = set()
        beside_arrays: set[int] = set()
        for number in self.order:
            (used if number in self.scalars else beside_arrays).update(all_operands[number])
        self.scalars |= (used - beside_arrays).intersection(self.given)

    def _nest(self, pinned: set[int]) -> None:
        """Let lines that are used once stand inside their users, as far as that can be read."""
        kernels, all_operands = self.straight.kernels, self.straight.operands
        uses = dict.fromkeys(self.order, 0)
        for number in self.order:
            for operand in all_operands[number]:
                if operand in uses:
                    uses[operand] += 1
        for number in (*self.wanted, *pinned):
            uses[number] = 2  # it has a name of its own
        sizes = dict.fromkeys(self.order, 1)
        for number in self.order:
            kernel = kernels[number]
            if kernel.scalar_repeats if number in self.scalars else kernel.repeats:
                continue
            for operand in all_operands[number]:
                if uses.get(operand) == 1 and sizes[number] + sizes[operand] <= _MOST_NESTED:
                    sizes[number] += sizes[operand]
                    self.inside[operand] = number


@dataclass(eq=False)
class _Memory:
    """Lines whose arrays may share memory; `is_shared` where it is not ours to write over."""

    members: list[int] = field(default_factory=list)
    is_shared: bool = False

    @staticmethod
    def joined(memories: Iterable[_Memory]) -> _Memory:
        """Return the memory of a possible view: that of its operand; a view of several is nobody's."""
        first, *rest = list(memories) or [_Memory(is_shared=True)]
        for other in rest:
            if other is not first:
                first.is_shared = other.is_shared = True
        return first


def _overwrite(sheet: Sheet) -> set[int]:
    """Choose which large results are written over an operand; returns the lines that must then have a name.

    The operand must be a fresh array, or written over one; no view of it, and nobody else, may be read later.
    """
    kernels, all_operands = sheet.straight.kernels, sheet.straight.operands
    pinned: set[int] = set()
    if not any(kernels[number].is_large for number in sheet.order):
        return pinned
    users: dict[int, list[int]] = defaultdict(list)
    for number in sheet.order:
        for operand in all_operands[number]:
            users[operand].append(number)
    memories: dict[int, _Memory] = {}
    wanted = set(sheet.wanted)
    for number in sheet.order:
        kernel, operands = kernels[number], all_operands[number]
        place = None
        if kernel.in_place and kernel.is_large and number not in sheet.scalars:
            place = next((o for o in operands if _is_free(sheet, memories.get(o), users, number, o)), None)
        if place is not None:
            sheet.over[number] = place
            memory = memories[place]
            pinned |= {number, *memory.members, *(user for member in memory.members for user in users[member])}
        elif kernel.is_fresh:
            memory = _Memory()
        else:
            memory = _Memory.joined(memories.get(o, _Memory(is_shared=True)) for o in operands)
        memory.members.append(number)
        memory.is_shared |= number in wanted
        memories[number] = memory
    return pinned


def _is_free(sheet: Sheet, memory: _Memory | None, users: dict[int, list[int]], number: int, operand: int) -> bool:
    own, other = sheet.straight.kernels[number], sheet.straight.kernels[operand]
    if memory is None or memory.is_shared or own.shape != other.shape or own.dtype != other.dtype:
        return False
    readers = [user for member in memory.members for user in users[member]]
    return max(readers) == number and readers.count(number) == 1
