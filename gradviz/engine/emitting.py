"""Writes lines as Python source and compiles it: one function of arrays, with a variable `v0`, `v1`, … for each line.

A line that is used once stands inside the line that uses it, so that its result is gone as soon as it is used. Numbers
of rank 0 and float64 are Python floats while they are among themselves. A large result is written over an operand that
nobody reads afterwards. Long plans are cut into functions of bounded size, which hand on what they share in a list.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from gradviz.engine.floats import repeats_an_operand
from gradviz.engine.lowering import Kernel, Names
from gradviz.engine.straight import Line

Function = Callable[..., Sequence[Any]]

_MOST_STATEMENTS: Final = 3_000
"""How many statements a function may have: Python compiles and runs longer ones, but ever less willingly."""
_MOST_NESTED: Final = 5
"""How many calls may stand in one statement, so that a person can still read it."""


@dataclass(eq=False)
class Sheet:
    """The lines that one function is made of, and how each is written.

    lines     all lines of the plan
    order     the lines to write, in order
    given     the lines that the function is called with
    wanted    the lines that it returns
    shared    the lines that nothing may be written over: they are somebody else's, or are wanted
    """

    lines: Sequence[Line]
    order: Sequence[int]
    given: Sequence[int]
    wanted: Sequence[int]
    users: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    inside: dict[int, int] = field(default_factory=dict)
    over: dict[int, int] = field(default_factory=dict)
    scalars: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Find out who uses what, what are floats, what is written over what, and what stands inside what."""
        for number in self.order:
            for operand in self.lines[number].operands:
                self.users[operand].append(number)
        self._choose_scalars()
        pinned = _overwrite(self)
        self._nest(pinned)

    def is_float(self, number: int) -> bool:
        """Tell whether a line is a Python float (or bool)."""
        return number in self.scalars

    def float_places(self) -> frozenset[int]:
        """Return which of the given lines, by place, are Python floats."""
        return frozenset(place for place, number in enumerate(self.given) if number in self.scalars)

    def _choose_scalars(self) -> None:
        """Make floats of numbers that meet other such numbers; a single one among arrays stays what it is."""
        able = {number for number in self.order if self.lines[number].kernel.scalar}
        for number in able:
            if any(operand in able for operand in self.lines[number].operands) or not able.isdisjoint(
                self.users[number]
            ):
                self.scalars.add(number)
        for number in self.given:
            users = self.users[number]
            if users and self.scalars.issuperset(users):
                self.scalars.add(number)

    def _nest(self, pinned: set[int]) -> None:
        """Let lines that are used once stand inside their users, as far as that can be read."""
        kept, sizes = {*self.wanted, *self.given, *pinned}, dict.fromkeys(self.order, 1)
        for number in self.order:
            kernel = self.lines[number].kernel
            is_scalar = number in self.scalars
            if is_scalar and repeats_an_operand(kernel.scalar):
                continue
            for operand in self.lines[number].operands:
                if operand in kept or len(self.users[operand]) > 1 or operand not in sizes:
                    continue
                if not is_scalar and kernel.text.count(f"{{{self.lines[number].operands.index(operand)}}}") > 1:
                    continue
                if sizes[number] + sizes[operand] <= _MOST_NESTED and self.over.get(number) != operand:
                    sizes[number] += sizes[operand]
                    self.inside[operand] = number


def _overwrite(sheet: Sheet) -> set[int]:
    """Choose which large results are written over an operand; returns the lines that must then have their own place.

    The operand must be a fresh array, or written over one; no view of it, and nobody else, may be read later.
    """
    lines, pinned = sheet.lines, set()
    groups: dict[int, _Memory] = {}
    fixed = {*sheet.wanted, *sheet.given}
    for number in sheet.order:
        kernel, operands = lines[number].kernel, lines[number].operands
        place = None
        if kernel.in_place and kernel.is_large and number not in sheet.scalars:
            place = next((o for o in operands if _is_free(sheet, groups, number, o, fixed)), None)
        if place is not None:
            sheet.over[number] = place
            memory = groups[place]
            pinned |= {number, *memory.members, *(user for m in memory.members for user in sheet.users[m])}
        elif kernel.is_fresh and kernel.is_large:
            memory = _Memory()
        else:
            memory = _Memory.joined(groups[o] for o in operands if o in groups)
        memory.members.append(number)
        memory.is_shared |= number in fixed or (not kernel.is_fresh and not operands)
        groups[number] = memory
    return pinned


@dataclass(eq=False)
class _Memory:
    """Lines whose arrays may share memory."""

    members: list[int] = field(default_factory=list)
    is_shared: bool = False

    @staticmethod
    def joined(memories: Iterable[_Memory]) -> _Memory:
        """Return the memory of a possible view: that of all its operands."""
        first, *rest = list(memories) or [_Memory(is_shared=True)]
        for other in rest:
            if other is not first:
                first.is_shared = True  # what is a view of several is not worth the trouble
                other.is_shared = True
        return first


def _is_free(sheet: Sheet, groups: dict[int, _Memory], number: int, operand: int, fixed: set[int]) -> bool:
    own, other = sheet.lines[number].kernel, sheet.lines[operand].kernel
    memory = groups.get(operand)
    if memory is None or memory.is_shared or operand in fixed or own.shape != other.shape or own.dtype != other.dtype:
        return False
    readers = [user for member in memory.members for user in sheet.users[member]]
    return max(readers) == number and readers.count(number) == 1 and not any(m in fixed for m in memory.members)


def emit(sheet: Sheet, names: Names, name: str) -> tuple[Function, str]:
    """Return a function of the given lines that returns the wanted ones, and its source."""
    statements = [number for number in sheet.order if number not in sheet.inside]
    count = len(statements) + len(sheet.given)
    if count <= _MOST_STATEMENTS:
        writing = _Writing(sheet, {})
        body = writing.statements(statements)
        returned = "".join(f"{writing.text(number)}, " for number in sheet.wanted)
        arguments = ", ".join(f"v{number}" for number in sheet.given)
        source = _function(name, arguments, [*body, f"return ({returned})"])
        return _compiled(source, names, name), source
    return _in_parts(sheet, names, name, statements)


def _in_parts(sheet: Sheet, names: Names, name: str, statements: list[int]) -> tuple[Function, str]:
    """Return a function that calls several, which share a list, and the sources of these."""
    parts = [statements[i : i + _MOST_STATEMENTS] for i in range(0, len(statements), _MOST_STATEMENTS)]
    slots = _slots(sheet, parts)
    sources = [_function(f"{name}{i}", "s", _Writing(sheet, slots).statements(part)) for i, part in enumerate(parts)]
    functions = [_compiled(source, names, f"{name}{i}") for i, source in enumerate(sources)]
    ends = _Writing(sheet, slots)
    returned = "".join(f"{ends.text(number)}, " for number in sheet.wanted)
    sources.append(_function(name, "s", [f"return ({returned})"]))
    end = _compiled(sources[-1], names, name)
    size, given = len(slots), len(sheet.given)

    def step(*inputs: Any) -> Sequence[Any]:
        shared = [*inputs, *[None] * (size - given)]
        for function in functions:
            function(shared)
        result: Sequence[Any] = end(shared)
        return result

    return step, "\n\n".join(sources)


def _slots(sheet: Sheet, parts: Sequence[Sequence[int]]) -> dict[int, int]:
    """Return the lines that more than one part reads or writes -> their places in the list that the parts share."""
    part_of = {number: i for i, part in enumerate(parts) for number in part}
    for number in reversed(sheet.order):
        if number in sheet.inside:
            part_of[number] = part_of[sheet.inside[number]]
    slots = {number: place for place, number in enumerate(sheet.given)}
    crossing = set(sheet.wanted)
    for number in sheet.order:
        home = part_of.get(number)
        for operand in sheet.lines[number].operands:
            if part_of.get(operand, home) != home:
                crossing.add(operand)
        if number in sheet.over and part_of[sheet.over[number]] != home:
            crossing.add(number)
    for number in sorted(crossing):
        slots.setdefault(number, len(slots))
    return slots


class _Writing:
    """One function as it is written."""

    def __init__(self, sheet: Sheet, slots: dict[int, int]) -> None:
        self._sheet = sheet
        self._slots = slots
        self._texts: dict[int, str] = {}
        self._turned: dict[int, str] = {}
        self._written: list[str] = []

    def statements(self, numbers: Iterable[int]) -> list[str]:
        """Return lines as statements, what stands inside them included."""
        sheet = self._sheet
        pending = self._inner(numbers)
        for number in pending:
            kernel = sheet.lines[number].kernel
            if kernel.source == "constant":
                self._texts[number] = kernel.text
                continue
            if number in sheet.over:
                self._write_over(number)
                continue
            text = self._expression(number)
            if number in sheet.inside:
                self._texts[number] = text if _is_bare(text) else f"({text})"
                continue
            self._texts[number] = self._name(number)
            self._written.append(f"{self._name(number)} = {text}")
        return self._written

    def _inner(self, numbers: Iterable[int]) -> list[int]:
        """Return lines and what stands inside them, each before its user."""
        inner: list[int] = []
        waiting = list(numbers)[::-1]
        while waiting:
            number = waiting.pop()
            inner.append(number)
            waiting += [o for o in self._sheet.lines[number].operands if self._sheet.inside.get(o) == number]
        return sorted(inner)

    def _write_over(self, number: int) -> None:
        sheet = self._sheet
        line, place = sheet.lines[number], sheet.over[number]
        texts = [self._operand(operand, in_floats=False) for operand in line.operands]
        self._written.append(line.kernel.in_place.format(*texts, out=self.text(place)))
        if number in self._slots:
            self._written.append(f"{self._name(number)} = {self.text(place)}")
            self._texts[number] = self._name(number)
        else:
            self._texts[number] = self.text(place)

    def _expression(self, number: int) -> str:
        line = self._sheet.lines[number]
        in_floats = number in self._sheet.scalars
        texts = [self._operand(operand, in_floats=in_floats) for operand in line.operands]
        return (line.kernel.scalar if in_floats else line.kernel.text).format(*texts)

    def _name(self, number: int) -> str:
        return f"s[{self._slots[number]}]" if number in self._slots else f"v{number}"

    def text(self, number: int) -> str:
        """Return how a line is named where it is read; what is returned may be a Python float."""
        if number not in self._texts:
            kernel = self._sheet.lines[number].kernel
            self._texts[number] = kernel.text if kernel.source == "constant" else self._name(number)
        return self._texts[number]

    def _operand(self, number: int, *, in_floats: bool) -> str:
        """Return an operand: a Python float among floats, something of NumPy's elsewhere."""
        kernel = self._sheet.lines[number].kernel
        if (number in self._sheet.scalars) == in_floats:
            return self.text(number) if in_floats or kernel.source != "given" else self._unwrapped(number, kernel)
        if number in self._sheet.inside:
            return _turned(self.text(number), kernel, in_floats=in_floats)
        if number not in self._turned:
            self._turned[number] = f"{'f' if in_floats else 'n'}{number}"
            text = _turned(self.text(number), kernel, in_floats=in_floats)
            self._written.append(f"{self._turned[number]} = {text}")
        return self._turned[number]

    def _unwrapped(self, number: int, kernel: Kernel) -> str:
        """Return a given tensor; of rank 0 as a number, with which NumPy is faster."""
        if kernel.shape != ():
            return self.text(number)
        if number not in self._turned:
            self._turned[number] = f"n{number}"
            self._written.append(f"n{number} = {self.text(number)}[()]")
        return self._turned[number]


def _turned(text: str, kernel: Kernel, *, in_floats: bool) -> str:
    if in_floats:
        return f"{text}.item()"
    return f"{'bool_' if kernel.dtype == bool else 'float64'}({text})"


def _is_bare(text: str) -> bool:
    """Tell whether an expression needs no parentheses inside another: a name, or one call."""
    depth = 0
    for letter in text:
        depth += (letter in "([") - (letter in ")]")
        if letter == " " and not depth:
            return False
    return not text.startswith("-")


def _function(name: str, arguments: str, body: Sequence[str]) -> str:
    return "\n    ".join([f"def {name}({arguments}):", *body])


def _compiled(source: str, names: Names, name: str) -> Function:
    space = dict(names.bound)
    exec(compile(source, "<plan>", "exec"), space)  # noqa: S102 - source of our own, from op records alone: see lowering
    function: Function = space[name]
    return function
