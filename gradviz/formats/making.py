"""The graph that an expression makes: phrases in, nodes out, in the order in which they are computed.

Names come first where they are given: arrays handed in, nodes that a document has already, results of earlier
statements. A number becomes a constant leaf where an op takes it, and stays a number where a param does.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from gradviz.errors import ExpressionError, FormatError, GradvizError, LimitError, ShapeError
from gradviz.formats.calls import bind, read_index, read_literal
from gradviz.formats.phrases import Item, Listing, Name, Number
from gradviz.formats.tokens import Source
from gradviz.formats.typed import flatten
from gradviz.graph import LIMITS, is_valid_name
from gradviz.ops import OPS, Op, Shape, find, get

Key = int | str
"""What stands for an operand: the number of a draft, or the name of a node that is there already."""

_SIGNS: Final = {"&": "and", "|": "or", "~": "not"}
_LIBRARIES: Final = frozenset({"np", "numpy", "tf", "torch", "jnp", "jax", "math", "keras", "nn", "F", "scipy"})
_NUMBERS: Final = {"pi": math.pi, "e": math.e, "inf": math.inf, "nan": math.nan}


@dataclass(frozen=True)
class Made:
    """An operand that has been made."""

    key: Key


@dataclass(frozen=True)
class Method:
    """A function behind a point, `x.sum`, which waits for its brackets."""

    key: Key
    name: str


@dataclass(eq=False)
class Draft:
    """A node to be: an op with its operands, or a leaf (`op` is "") with numbers that still need a dtype.

    `numbers` are in row-major order, as many as `shape` takes, and stand at `offset`. `shape` is None where it is not
    known. A draft without a `name` will be named from its `stem`.
    """

    stem: str
    shape: Shape | None
    op: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    sources: tuple[Key, ...] = ()
    numbers: Sequence[Any] = ()
    offset: int = 0
    name: str | None = None


class Making:
    """One graph in the making; a `Maker` for the grammar."""

    def __init__(self, source: Source, shapes: Mapping[str, Shape | None], *, makes_leaves: bool) -> None:
        """Begin with nodes known by name, and their shapes; with `makes_leaves` any other name becomes a leaf of 1."""
        self._source = source
        self._shapes = shapes
        self._makes_leaves = makes_leaves
        self._bound: dict[str, Key] = {name: name for name in shapes}
        self.drafts: list[Draft] = []
        self.used: set[str] = set()
        self.result: Key | None = None

    def binary(self, sign: str, left: Item, right: Item, offset: int) -> Item:
        """Make the node of an operator; `x**2` is a square."""
        if sign == "**" and isinstance(right, Number) and right.value == 2 and not isinstance(right.value, bool):
            return self._node(get("square"), {}, [left], offset)
        return self._node(_operator(sign), {}, [left, right], offset)

    def unary(self, sign: str, item: Item, offset: int) -> Item:
        """Make the node of a sign; of a number, the negative number."""
        if sign == "+":
            return Made(self._operand(item, offset)) if not isinstance(item, Number) else item
        if sign == "-" and isinstance(item, Number) and not isinstance(item.value, bool):
            return Number(-item.value, offset)
        return self._node(get("negative") if sign == "-" else _operator(sign), {}, [item], offset)

    def call(self, function: Item, items: Sequence[Item], named: Mapping[str, Item], offset: int) -> Item:
        """Make the node of an op that is called by any of its names, as a function or behind a point."""
        match function:
            case Name(text=text):
                op = self._op(text, function.offset)
            case Method(key=key, name=text):
                op, items = self._op(text, offset), [Made(key), *items]
            case _:
                raise self._source.error(offset, "a sign is missing before the bracket: write a * between factors")
        try:
            inputs, params = bind(op, items, named)
        except ExpressionError as error:
            raise self._source.told(offset, error) from error
        return self._node(op, params, inputs, offset)

    def attribute(self, item: Item, name: str, offset: int) -> Item:
        """Make a transpose of `.T`, a dotted name of a library, or a function that waits for its brackets."""
        if isinstance(item, Name) and item.text not in self._bound and item.text.partition(".")[0] in _LIBRARIES:
            return Name(f"{item.text}.{name}", item.offset)
        if name in ("T", "mT"):
            return self._transposed(item, offset, swaps_last=name == "mT")
        if find(name) is None or name.startswith("_"):
            raise self._source.error(offset, 'a tensor has no "{name}" here', name=name[:40])
        return Method(self._operand(item, offset), name)

    def index(self, item: Item, parts: Sequence[Item], offset: int) -> Item:
        """Make the node that picks a part of a tensor."""
        try:
            index = read_index(parts)
        except ExpressionError as error:
            raise self._source.told(offset, error) from error
        return self._node(get("getitem"), {"index": index}, [item], offset)

    def finish(self, name: str | None, item: Item, offset: int) -> None:
        """Keep the result of a statement; one name given twice ends up with the later result."""
        if name is not None:
            self._refuse_long(name, offset)
        if name in self._shapes:
            raise self._source.error(offset, '"{name}" is there already: give the result another name', name=name)
        key = self._operand(item, offset)
        if name is not None:
            key = self._named(key, name)
            self._bound[name] = key
        self.result = key

    def _named(self, key: Key, name: str) -> Key:
        """Return the operand under a name of its own: what has one already gets a copy of its value."""
        if isinstance(key, str) or self.drafts[key].name is not None:
            key = self._draft(Draft(name, self._shape_of(key), "identity", sources=(key,)))
        before = self._bound.get(name)
        if isinstance(before, int):
            self.drafts[before].name, self.drafts[before].stem = None, name
        self.drafts[key].name = name
        return key

    def _node(self, op: Op, params: Mapping[str, Any], items: Sequence[Item | None], offset: int) -> Made:
        """Make the node of an op, its params checked and its inputs made operands."""
        self._refuse_wrong_count(op, items, offset)
        try:
            read = op.read_params(params)
        except ShapeError as error:
            raise self._source.error(offset, "{called}: " + error.template, **error.facts, called=op.name) from error
        sources = tuple(self._operand(item, offset) for item in items)
        return Made(self._draft(Draft(op.name, self._shape(op, read, sources), op.name, read, sources)))

    def _refuse_wrong_count(self, op: Op, items: Sequence[Item | None], offset: int) -> None:
        ports = op.ports(max(len(items), 1))
        missing = [port for port, item in zip(ports, items, strict=False) if item is None]
        missing += op.required_ports(len(ports))[len(items) :]
        if missing:
            raise self._source.error(offset, "{op} still needs {inputs}", op=op.name, inputs=" and ".join(missing))

    def _shape(self, op: Op, params: Mapping[str, Any], sources: Sequence[Key]) -> Shape | None:
        """Return the shape of a node to be, or None where it is not known: what is wrong is told at the node, later."""
        shapes = [self._shape_of(source) for source in sources]
        if None in shapes:
            return None
        try:
            return op.shape(*shapes, **params)
        except GradvizError:
            return None

    def _shape_of(self, key: Key) -> Shape | None:
        return self._shapes[key] if isinstance(key, str) else self.drafts[key].shape

    def _draft(self, draft: Draft) -> int:
        if len(self.drafts) >= LIMITS.nodes:
            raise LimitError("an expression makes at most {limit:,} nodes", limit=LIMITS.nodes)
        self.drafts.append(draft)
        return len(self.drafts) - 1

    def _operand(self, item: Item, offset: int) -> Key:
        """Return what an item stands for where an op takes a tensor."""
        match item:
            case Made(key=key):
                return key
            case Number(value=value, offset=at):
                return self._draft(Draft("c", (), numbers=[value], offset=at))
            case Listing():
                return self._table(item)
            case Name(text=text):
                return self._known(text, item.offset)
            case Method(name=name):
                raise self._source.error(offset, "{name} needs its brackets: .{name}()", name=name)
        raise self._source.error(offset, "a tensor belongs here")

    def _table(self, listing: Listing) -> Key:
        """Make a leaf of numbers in brackets."""
        try:
            table = read_literal(listing, "")
        except ExpressionError as error:
            raise self._source.error(listing.offset, "a list holds numbers; stack([a, b]) joins tensors") from error
        try:
            shape, numbers = flatten(table)
        except FormatError as error:
            raise self._source.told(listing.offset, error) from error
        if not all(isinstance(number, int | float) for number in numbers):
            raise self._source.error(listing.offset, "a list holds numbers, nothing else")
        return self._draft(Draft("c", shape, numbers=numbers, offset=listing.offset))

    def _known(self, text: str, offset: int) -> Key:
        """Return what a name stands for, or make a leaf of that name where this is wanted."""
        key = self._bound.get(text)
        if isinstance(key, str):
            self.used.add(key)
        if key is not None:
            return key
        library, _, word = text.rpartition(".")
        if library and word in _NUMBERS:
            return self._draft(Draft("c", (), numbers=[_NUMBERS[word]], offset=offset))
        if library or text in OPS:
            raise self._source.error(offset, '"{name}" is no tensor; an op is written with brackets', name=text[:60])
        if not self._makes_leaves:
            raise self._source.error(offset, 'there is no array "{name}": hand it in as {name}=…', name=text[:60])
        self._refuse_long(text, offset)
        self._bound[text] = self._draft(Draft(text, (), numbers=[1.0], name=text))
        return self._bound[text]

    def _refuse_long(self, name: str, offset: int) -> None:
        if not is_valid_name(name):
            raise self._source.error(offset, "a name has at most {limit} characters", limit=LIMITS.name_length)

    def _transposed(self, item: Item, offset: int, *, swaps_last: bool) -> Made:
        """Make the node of a transpose: of two axes it is the usual one, `.T` of more turns them all around."""
        key = self._operand(item, offset)
        shape = self._shape_of(key)
        is_usual = swaps_last or shape is None or len(shape) == 2
        return self._node(get("matrix_transpose" if is_usual else "permute_dims"), {}, [Made(key)], offset)

    def _op(self, text: str, offset: int) -> Op:
        """Return the op of a name, of any library's; a tensor in its place is refused with a hint."""
        library, _, word = text.rpartition(".")
        op = find(text) or (find(word) if library.partition(".")[0] in _LIBRARIES else None)
        if op is not None:
            return op
        if text in self._bound:
            raise self._source.error(offset, '"{name}" is a tensor: write a * before the bracket', name=text)
        try:
            return get(text[:60])
        except GradvizError as error:
            raise self._source.told(offset, error) from error


def _operator(sign: str) -> Op:
    """Return the op of a sign of the grammar, each of which has one."""
    return get(_SIGNS.get(sign, sign))
