"""Writes lines as Python source and compiles it: one function of arrays, with a variable `v0`, `v1`, … for each line.

A line that is used once stands inside the line that uses it, so that its result is gone as soon as it is used. Numbers
of rank 0 and float64 are Python floats while they are among themselves. A large result is written over an operand that
nobody reads afterwards. Long plans are cut into functions of bounded size, which hand on what later ones need.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import Any, Final

from gradviz.engine.lowering import Kernel, Names
from gradviz.engine.sheet import Sheet

Function = Callable[..., Sequence[Any]]

_MOST_STATEMENTS: Final = 15_000
"""How many statements a function may have: Python compiles and runs longer ones, but ever less willingly."""


def emit(sheet: Sheet, names: Names, name: str) -> tuple[Function, str]:
    """Return a function of the given lines that returns the wanted ones, and its source."""
    statements = [number for number in sheet.order if number not in sheet.inside]
    if len(statements) > _MOST_STATEMENTS:
        return _in_parts(sheet, names, name, statements)
    source = _source(sheet, name, sheet.given, statements, sheet.wanted)
    return _compiled(source, names, name), source


def _source(sheet: Sheet, name: str, given: Iterable[int], statements: Sequence[int], wanted: Iterable[int]) -> str:
    """Return a function of some lines that writes statements and returns others, as text."""
    writing = _Writing(sheet)
    body = writing.statements(statements)
    returned = "".join(f"{writing.text(number)}, " for number in wanted)
    arguments = ", ".join(f"v{number}" for number in given)
    return "\n    ".join([f"def {name}({arguments}):", *body, f"return ({returned})"])


def _in_parts(sheet: Sheet, names: Names, name: str, statements: list[int]) -> tuple[Function, str]:
    """Return a function that calls several, one after the other, and the sources of these."""
    parts = [statements[i : i + _MOST_STATEMENTS] for i in range(0, len(statements), _MOST_STATEMENTS)]
    passages = _passages(sheet, parts)
    places = {number: place for place, number in enumerate(sheet.given)}
    sources: list[str] = []
    steps: list[tuple[Function, Callable[[Sequence[Any]], Sequence[Any]]]] = []
    for i, (part, (taken, given)) in enumerate(zip(parts, passages, strict=True)):
        sources.append(_source(sheet, f"{name}{i}", taken, part, given))
        steps.append((_compiled(sources[-1], names, f"{name}{i}"), _taker([places[number] for number in taken])))
        places |= {number: place for place, number in enumerate(given, len(places))}
    take_wanted = _taker([places[number] for number in sheet.wanted])

    def step(*inputs: Any) -> Sequence[Any]:
        known = list(inputs)
        for function, take in steps:
            known += function(*take(known))
        return take_wanted(known)

    return step, "\n\n\n".join(sources)


def _taker(places: Sequence[int]) -> Callable[[Sequence[Any]], Sequence[Any]]:
    """Return what takes some items out of a list."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda known: [known[place] for place in places]


def _passages(sheet: Sheet, parts: Sequence[Sequence[int]]) -> list[tuple[list[int], list[int]]]:
    """Return, for each part, the lines that it takes from parts before it (or is given), and those that it hands on."""
    operands = sheet.straight.operands
    home = dict.fromkeys(sheet.given, -1)
    home |= {number: i for i, part in enumerate(parts) for number in part}
    for number in reversed(sheet.order):
        if number in sheet.inside:
            home[number] = home[sheet.inside[number]]
    taken: list[dict[int, None]] = [{} for _ in parts]
    handed: list[dict[int, None]] = [{} for _ in parts]
    for number in sheet.order:
        for operand in operands[number]:
            if home.get(operand, home[number]) != home[number]:
                taken[home[number]][operand] = None
    for number in (*(number for part in taken for number in part), *sheet.wanted):
        here = home.get(number, len(parts) - 1)  # a constant that is wanted is named at the end
        if here >= 0:
            handed[here][number] = None
    for number, place in sheet.over.items():
        if home[place] not in (-1, home[number]):
            taken[home[number]][place] = handed[home[place]][place] = None
    return [(list(before), list(after)) for before, after in zip(taken, handed, strict=True)]


class _Writing:
    """One function as it is written."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._texts: dict[int, str] = {}
        self._turned: dict[tuple[int, bool], str] = {}
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
            self._texts[number] = f"v{number}"
            self._written.append(f"v{number} = {text}")
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
        self._texts[number] = self.text(place)

    def _expression(self, number: int) -> str:
        straight, in_floats = self._sheet.straight, number in self._sheet.scalars
        kernel = straight.kernels[number]
        texts = [self._operand(operand, in_floats=in_floats) for operand in straight.operands[number]]
        return (kernel.scalar if in_floats else kernel.text).format(*texts)

    def text(self, number: int) -> str:
        """Return how a line is named where it is read; what is returned may be a Python float."""
        if number not in self._texts:
            kernel = self._sheet.straight.kernels[number]
            self._texts[number] = kernel.text if kernel.source == "constant" else f"v{number}"
        return self._texts[number]

    def _operand(self, number: int, *, in_floats: bool) -> str:
        """Return an operand: a Python float among floats, something of NumPy's elsewhere."""
        kernel = self._sheet.straight.kernels[number]
        if (number in self._sheet.scalars) == in_floats:
            return self.text(number) if in_floats or kernel.source != "given" else self._unwrapped(number, kernel)
        if number in self._sheet.inside:
            return _turned(self.text(number), kernel, in_floats=in_floats)
        return self._named(number, _turned(self.text(number), kernel, in_floats=in_floats), in_floats=in_floats)

    def _named(self, number: int, text: str, *, in_floats: bool) -> str:
        """Return the name of a line that is turned into a float or back, once for all who read it."""
        key = number, in_floats
        if key not in self._turned:
            self._turned[key] = f"{'f' if in_floats else 'n'}{number}"
            self._written.append(f"{self._turned[key]} = {text}")
        return self._turned[key]

    def _unwrapped(self, number: int, kernel: Kernel) -> str:
        """Return a given tensor; of rank 0 as a number, with which NumPy is faster."""
        text = self.text(number)
        return text if kernel.shape != () else self._named(number, f"{text}[()]", in_floats=False)


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


def _compiled(source: str, names: Names, name: str) -> Function:
    space = dict(names.bound)
    exec(compile(source, "<plan>", "exec"), space)  # noqa: S102 - source of our own, from op records alone: see lowering
    function: Function = space[name]
    return function
