r"""Typeset mathematics: the LaTeX that gradviz itself writes, laid out as items in the bundled fonts.

It knows what `ops` writes and nothing else: fractions, powers, indices, roots, fences that grow, sums, cases, and
`\term{key}{…}` around each term, whose rectangle is found. A formula that is wider than its room is broken before
operators, within parentheses where need be. What it does not know it draws as it stands; nothing is left out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import inf
from typing import Final

from gradviz.picture.formula_boxes import (
    SCRIPT,
    Box,
    Spacing,
    cases_box,
    fenced_box,
    fraction_box,
    large_box,
    root_box,
    row_box,
    script_box,
    stacked,
    text_box,
)
from gradviz.picture.items import Colour, Item, Rect

_TOKEN: Final = re.compile(r"\\[A-Za-z]+|\\.|[0-9.]+|\s+|.", re.DOTALL)
_SIGNS: Final[Mapping[str, tuple[str, Spacing]]] = {
    r"\times": ("×", "binary"),
    r"\cdot": ("·", "binary"),
    "+": ("+", "binary"),
    "-": ("−", "binary"),
    "/": ("/", "ordinary"),
    r"\bmod": ("mod", "binary"),
    r"\oplus": ("⊕", "binary"),
    "=": ("=", "relation"),
    "<": ("<", "relation"),
    ">": (">", "relation"),
    r"\le": ("≤", "relation"),
    r"\ge": ("≥", "relation"),
    r"\ne": ("≠", "relation"),
    r"\land": ("∧", "relation"),
    r"\lor": ("∨", "relation"),
    r"\to": ("→", "relation"),
    r"\leftarrow": ("←", "relation"),
    r"\lnot": ("¬", "ordinary"),
    r"\partial": ("∂", "ordinary"),
    r"\infty": ("∞", "ordinary"),
    r"\top": ("T", "ordinary"),
    r"\lfloor": ("⌊", "ordinary"),
    r"\rfloor": ("⌋", "ordinary"),
    r"\lceil": ("⌈", "ordinary"),
    r"\rceil": ("⌉", "ordinary"),
    ",": (",", "comma"),
    ";": (";", "comma"),
    r"\,": (" ", "ordinary"),
}
_LARGE: Final = {r"\sum": "∑", r"\prod": "∏"}
_FUNCTIONS: Final = (
    *(r"\ln", r"\log", r"\exp", r"\sin", r"\cos", r"\tan", r"\sinh", r"\cosh", r"\tanh"),
    *(r"\arcsin", r"\arccos", r"\arctan", r"\det", r"\max", r"\min"),
)
_GREEK: Final[Mapping[str, str]] = {
    **{
        rf"\{unicodedata.name(letter).removeprefix('GREEK SMALL LETTER ').lower()}": letter
        for letter in "αβγδεζηθικμνξπρστυφχψω"
    },
    **{
        rf"\{unicodedata.name(letter).removeprefix('GREEK CAPITAL LETTER ').capitalize()}": letter
        for letter in "ΓΔΘΞΠΣΥΦΨΩ"
    },
    r"\lambda": "λ",  # Unicode says lamda
    r"\Lambda": "Λ",
}
_BREAKABLE: Final = frozenset({"binary", "relation"})
_BREAKABLE_BEHIND: Final[frozenset[Spacing]] = frozenset({"comma"})
_INDENT: Final = 1.4
_LINE_GAP: Final = 0.3


@dataclass(frozen=True, eq=False)
class Formula:
    """A formula that has been laid out: items from (0, 0) on, its size, its first baseline, and where each term lies.

    A term that occurs more than once has as many rectangles.
    """

    items: tuple[Item, ...]
    width: float
    height: float
    baseline: float
    terms: tuple[tuple[str, Rect], ...] = ()


def lay_out(
    latex: str, size: float, colour: Colour, colours: Mapping[str, Colour] | None = None, room: float = inf
) -> Formula:
    r"""Return a formula set in `size` pixels and at most `room` wide where it can be broken.

    `latex` is math mode as `ops` writes it; `colours` gives the colours of single terms by their keys.
    """
    return _laid_out(latex, size, colour, tuple((colours or {}).items()), room)


@lru_cache(maxsize=256)
def _laid_out(latex: str, size: float, colour: Colour, colours: tuple[tuple[str, Colour], ...], room: float) -> Formula:
    box = _fitted(_Reader(latex, size).row(), size, room)
    items = tuple(box.items(0.0, box.up, colour, dict(colours)))
    return Formula(items, box.w, box.up + box.down, box.up, tuple(box.terms(0.0, box.up)))


@dataclass(frozen=True, slots=True)
class _Atom:
    """A box of a row, and what it is written as where it is wider than a `share` of the room: a fence or a fraction."""

    box: Box
    inner: tuple[_Atom, ...] = ()
    share: float = 0.5


def _fitted(atoms: list[_Atom], size: float, room: float) -> Box:
    """Return atoms as one line, or broken into lines that fit the room as well as they can."""
    whole = _row(atoms)
    if whole.w <= room:
        return whole
    pieces = list(_taken_apart(atoms, room - _INDENT * size))
    lines: list[list[Box]] = [[]]
    used = 0.0
    for piece in _narrow(pieces, room - _INDENT * size):
        w = sum(box.w for box in piece)
        if lines[-1] and used + w > room:
            lines.append([])
            used = _INDENT * size
        lines[-1] += piece
        used += w
    return stacked([row_box(line) for line in lines], _INDENT * size, _LINE_GAP * size)


def _narrow(boxes: Sequence[Box], room: float) -> Iterator[list[Box]]:
    """Yield what stays on one line; behind what opens it is broken only where nothing else will do."""
    for piece in _unbroken(boxes, _BREAKABLE_BEHIND):
        if sum(box.w for box in piece) > room:
            yield from _unbroken(piece, {*_BREAKABLE_BEHIND, "open"})
        else:
            yield piece


def _taken_apart(atoms: Sequence[_Atom], room: float) -> Iterator[Box]:
    """Yield the boxes of atoms; one that alone is wider than the room is taken apart where that is possible."""
    for atom in atoms:
        if atom.inner and atom.box.w > atom.share * room:
            yield from _taken_apart(atom.inner, room)
        else:
            yield atom.box


def _unbroken(boxes: Sequence[Box], behind: Container[Spacing]) -> Iterator[list[Box]]:
    """Yield what stays on one line: breaks lie before operators, and behind boxes of some kinds."""
    piece: list[Box] = []
    for box in boxes:
        if piece and (box.spacing in _BREAKABLE or piece[-1].spacing in behind):
            yield piece
            piece = []
        piece.append(box)
    if piece:
        yield piece


class _Reader:
    """Reads LaTeX from the left, and makes a box of each piece."""

    def __init__(self, latex: str, size: float) -> None:
        self._tokens = _TOKEN.findall(latex)
        self._at = 0
        self._size = size

    def row(self, *ends: str) -> list[_Atom]:
        """Read up to one of the tokens that end a row, or to the end of the text."""
        atoms: list[_Atom] = []
        while self._at < len(self._tokens) and (token := self._tokens[self._at]) not in ends:
            self._at += 1
            if token.isspace():
                continue
            if self._is_param(token):  # it and its value stay together
                value = row_box([atom.box for atom in self.row(",", *ends)])
                atoms.append(_Atom(row_box((text_box("=", self._size), value))))
                continue
            if token in {"^", "_"}:
                base = atoms.pop() if atoms else _Atom(row_box(()))
                atoms.append(_Atom(self._scripted(base.box, token)))
            else:
                atoms.append(self._atom(token, is_first=not atoms or atoms[-1].box.spacing in _BREAKABLE))
        return atoms

    def _atom(self, token: str, *, is_first: bool) -> _Atom:
        match token:
            case r"\term":
                return self._term()
            case r"\left":
                return self._fenced()
            case r"\frac":
                return self._fraction()
            case r"\sqrt":
                return self._root()
        return _Atom(self._box(token, is_first=is_first))

    def _box(self, token: str, *, is_first: bool) -> Box:
        size = self._size
        match token:
            case "{":
                box = self._group_box(opened=True)
            case r"\mathit" | r"\text":
                box = text_box(_plain(self._raw()), size)
            case r"\operatorname":
                box = self._function(_plain(self._raw()))
            case r"\begin":
                box = self._cases()
            case _:
                box = self._sign(token, is_first=is_first)
        return box

    def _sign(self, token: str, *, is_first: bool) -> Box:
        size = self._size
        if token in _SIGNS:
            text, spacing = _SIGNS[token]
            is_bare = (is_first and spacing == "binary") or self._is_tight(token)
            return text_box(text, size, "ordinary" if is_bare else spacing)
        if token in _LARGE:
            follows = self._peek()
            sign = large_box(_LARGE[token], size)
            return sign if follows in {"_", "^"} else row_box((sign, text_box(" ", 0.4 * size)))
        if token in _FUNCTIONS:
            return self._function(token[1:])
        return text_box(_GREEK.get(token, token.removeprefix("\\") or "\\"), size)

    def _is_tight(self, sign: str) -> bool:
        """Tell whether a sign stands without room: between a param and its value, and at the end of a shape."""
        return self._is_param(sign) or (sign == "," and self._peek() == ")")

    def _is_param(self, sign: str) -> bool:
        """Tell whether a sign that was just read gives a param its value: ops writes these without room."""
        return sign == "=" and not self._tokens[self._at - 2].isspace()

    def _function(self, name: str) -> Box:
        """Return the name of a function, with a little room behind it unless a fence or an index follows."""
        box = text_box(name, self._size)
        follows = self._peek()
        return box if follows in {r"\left", "_", "^", "(", "="} else row_box((box, text_box(" ", 0.6 * self._size)))

    def _term(self) -> _Atom:
        key = self._raw()
        self._expect("{")
        atoms = self.row("}")
        self._expect("}")
        return _Atom(row_box([atom.box for atom in atoms], key))

    def _fenced(self) -> _Atom:
        left = self._fence_sign()
        inside = self.row(r"\right")
        self._expect(r"\right")
        right = self._fence_sign()
        size = self._size
        box = fenced_box(_row(inside), left, right, size)
        (_, _, before), _, (_, _, after) = box.parts
        return _Atom(box, (_Atom(before), *inside, _Atom(after)))

    def _fraction(self) -> _Atom:
        """Return a fraction; one that is too wide is written with a slash."""
        above, below = self._group(), self._group()
        box = fraction_box(_row(above), _row(below), self._size)
        slash = _Atom(text_box("/", self._size, "binary"))
        return _Atom(box, (*self._operand(above), slash, *self._operand(below)), share=1.0)

    def _root(self) -> _Atom:
        """Return a root; one that is too wide stands before parentheses."""
        degree = self._raw("[", "]") if self._peek() == "[" else ""
        inside = self._group()
        sign = _Atom(text_box("∛" if degree else "√", self._size))
        return _Atom(root_box(_row(inside), degree, self._size), (sign, *self._operand(inside)), share=1.0)

    def _operand(self, atoms: list[_Atom]) -> tuple[_Atom, ...]:
        """Return atoms in parentheses, unless there is only one."""
        if len(atoms) == 1:
            return tuple(atoms)
        (_, _, before), _, (_, _, after) = fenced_box(_row(atoms), "(", ")", self._size).parts
        return _Atom(before), *atoms, _Atom(after)

    def _fence_sign(self) -> str:
        self._skip()
        token = self._tokens[self._at] if self._at < len(self._tokens) else "."
        self._at += 1
        self._skip()
        return _SIGNS[token][0] if token in _SIGNS else token

    def _cases(self) -> Box:
        self._raw()
        rows: list[tuple[Box, ...]] = []
        columns: list[Box] = []
        while self._at < len(self._tokens):
            columns.append(row_box([atom.box for atom in self.row("&", r"\\", r"\end")]))
            end = self._tokens[self._at] if self._at < len(self._tokens) else r"\end"
            self._at += 1
            if end != "&":
                rows.append(tuple(columns))
                columns = []
            if end == r"\end":
                self._raw()
                break
        return cases_box(rows, self._size)

    def _scripted(self, base: Box, token: str) -> Box:
        """Return a box with the index or exponent that follows, and with the other where that follows too."""
        found = {token: self._script()}
        if self._peek() in {"^", "_"} - {token}:
            other = self._tokens[self._at]
            self._at += 1
            found[other] = self._script()
        return script_box(base, found.get("^"), found.get("_"), self._size)

    def _script(self) -> Box:
        before, self._size = self._size, SCRIPT * self._size
        box = self._group_box()
        self._size = before
        return box

    def _group_box(self, *, opened: bool = False) -> Box:
        """Read what stands in braces, or the one token that stands without."""
        return _row(self._group(opened=opened))

    def _group(self, *, opened: bool = False) -> list[_Atom]:
        self._skip()
        if not opened:
            if self._peek() != "{":
                token = self._tokens[self._at] if self._at < len(self._tokens) else ""
                self._at += 1
                return [_Atom(self._sign(token, is_first=True))]
            self._at += 1
        atoms = self.row("}")
        self._expect("}")
        return atoms

    def _raw(self, opening: str = "{", closing: str = "}") -> str:
        """Read what stands in braces as it stands."""
        self._skip()
        if self._peek() != opening:
            return ""
        start = self._at + 1
        self._at = next((i for i in range(start, len(self._tokens)) if self._tokens[i] == closing), len(self._tokens))
        text = "".join(self._tokens[start : self._at])
        self._at += 1
        return text

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _skip(self) -> None:
        while self._peek().isspace():
            self._at += 1

    def _expect(self, token: str) -> None:
        self._skip()
        if self._peek() == token:
            self._at += 1


def _row(atoms: Sequence[_Atom]) -> Box:
    return row_box([atom.box for atom in atoms])


def _plain(text: str) -> str:
    """Return words without the backslashes before what is special to LaTeX."""
    return re.sub(r"\\([_{}&%$#])", r"\1", text)
