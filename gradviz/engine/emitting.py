"""Writes lines as Python source and compiles it: one function of arrays, with a variable `v0`, `v1`, … for each line.

A line that is used once stands inside the line that uses it, so that its result is gone as soon as it is used. Numbers
of rank 0 and float64 are Python floats while they are among themselves. A large result is written over an operand that
nobody reads afterwards. Long plans are cut into functions of bounded size, which hand on what they share in a list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from gradviz.engine.lowering import Kernel, Names
from gradviz.engine.sheet import Sheet

Function = Callable[..., Sequence[Any]]

_MOST_STATEMENTS: Final = 40_000
"""How many statements a function may have: Python compiles and runs longer ones, but ever less willingly."""


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
        for operand in sheet.straight.operands[number]:
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
            kernel = sheet.straight.kernels[number]
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
            waiting += [o for o in self._sheet.straight.operands[number] if self._sheet.inside.get(o) == number]
        return sorted(inner)

    def _write_over(self, number: int) -> None:
        sheet = self._sheet
        place = sheet.over[number]
        texts = [self._operand(operand, in_floats=False) for operand in sheet.straight.operands[number]]
        self._written.append(sheet.straight.kernels[number].in_place.format(*texts, out=self.text(place)))
        if number in self._slots:
            self._written.append(f"{self._name(number)} = {self.text(place)}")
            self._texts[number] = self._name(number)
        else:
            self._texts[number] = self.text(place)

    def _expression(self, number: int) -> str:
        straight, in_floats = self._sheet.straight, number in self._sheet.scalars
        kernel = straight.kernels[number]
        texts = [self._operand(operand, in_floats=in_floats) for operand in straight.operands[number]]
        return (kernel.scalar if in_floats else kernel.text).format(*texts)

    def _name(self, number: int) -> str:
        return f"s[{self._slots[number]}]" if number in self._slots else f"v{number}"

    def text(self, number: int) -> str:
        """Return how a line is named where it is read; what is returned may be a Python float."""
        if number not in self._texts:
            kernel = self._sheet.straight.kernels[number]
            self._texts[number] = kernel.text if kernel.source == "constant" else self._name(number)
        return self._texts[number]

    def _operand(self, number: int, *, in_floats: bool) -> str:
        """Return an operand: a Python float among floats, something of NumPy's elsewhere."""
        kernel = self._sheet.straight.kernels[number]
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
