"""How the arguments of a call become the inputs and the params of an op.

By place, arguments are inputs first and then params, in the op's order; by name, either. Words of other libraries
(`dim`, `keepdim`, `perm`) stand for gradviz's own. What could be read in two ways is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from gradviz.errors import ExpressionError
from gradviz.formats.phrases import Blank, Item, Listing, Name, Number, Slice, Text
from gradviz.ops import DTYPES, Op

_OTHER_WORDS: Final = {
    "dim": "axis",
    "keepdim": "keepdims",
    "dims": "axes",
    "perm": "axes",
    "a_min": "min",
    "a_max": "max",
    "newshape": "shape",
    "num_classes": "depth",
    "negative_slope": "alpha",
}
_WORD_KINDS: Final = ("equation", "choice", "dtype")
_LIST_KINDS: Final = ("shape", "permutation")


def bind(op: Op, items: Sequence[Item], named: Mapping[str, Item]) -> tuple[list[Item | None], dict[str, Any]]:
    """Return the inputs of a call in port order (None where one is left out) and its params as JSON.

    Raises `ExpressionError` without a place for arguments that do not go with the op.
    """
    words = [item for item in items if isinstance(item, Text)]
    others = [item for item in items if not isinstance(item, Text)]
    inputs, rest = _variadic_inputs(op, others) if op.variadic else _inputs(op, others)
    given: dict[str, Item] = {}
    for name, item in named.items():
        known = _OTHER_WORDS.get(name, name)
        if name in op.inputs and not op.variadic:
            _put(inputs, op, name, item)
        elif known in op.params:
            given[known] = item
        else:
            raise _unknown(op, name)
    while len(inputs) > len(op.inputs) - op.optional and inputs[-1] is None:
        inputs.pop()
    _give_words(op, words, given)
    _give_rest(op, rest, given)
    return inputs, {name: read_literal(item, name) for name, item in given.items()}


def _inputs(op: Op, items: list[Item]) -> tuple[list[Item | None], list[Item]]:
    count = len(op.inputs)
    inputs = [None if isinstance(item, Blank) else item for item in items[:count]]
    required = count - op.optional
    if op.params and any(isinstance(item, Number) for item in inputs[required:]):
        port, param = op.inputs[required], next(iter(op.params))
        raise ExpressionError(
            "say what that number is, by name: {op}(…, {port}=…) or {op}(…, {param}=…)",
            op=op.name,
            port=port,
            param=param,
        )
    return inputs, items[count:]


def _variadic_inputs(op: Op, items: list[Item]) -> tuple[list[Item | None], list[Item]]:
    """Return the inputs of an op of any number of them: those in the first list, or all arguments by place."""
    if items and isinstance(items[0], Listing):
        return list(items[0].items), items[1:]
    if any(isinstance(item, Number) for item in items[1:]) and "axis" in op.params:
        raise ExpressionError("write {op}([a, b], axis=0): a list, then the axis by name", op=op.name)
    return list(items), []


def _put(inputs: list[Item | None], op: Op, port: str, item: Item) -> None:
    place = op.inputs.index(port)
    inputs.extend([None] * (place + 1 - len(inputs)))
    if inputs[place] is not None:
        raise ExpressionError("the input {port} is given twice", port=port)
    inputs[place] = item


def _give_words(op: Op, words: Sequence[Item], given: dict[str, Item]) -> None:
    """Give texts in quotes to the params that take words, in order."""
    free = [name for name, param in op.params.items() if param.kind in _WORD_KINDS and name not in given]
    if len(words) > len(free):
        raise ExpressionError("{op} has no use for {word}", op=op.name, word=f'"{words[len(free)].value[:40]}"')
    given.update(zip(free, words, strict=False))


def _give_rest(op: Op, rest: list[Item], given: dict[str, Item]) -> None:
    """Give what stands behind the inputs to the params, in order; `reshape(x, 2, 3)` has one shape."""
    first = next(iter(op.params), None)
    if first and rest and op.params[first].kind in _LIST_KINDS and not isinstance(rest[0], Listing | Blank):
        rest = [Listing(tuple(rest), is_tuple=True, offset=0)]
    if len(rest) > len(op.params):
        raise ExpressionError(
            "{op} takes {known}, nothing else: there are too many arguments",
            op=op.name,
            known=", ".join((*op.inputs, *op.params)),
        )
    for name, item in zip(op.params, rest, strict=False):
        if name in given:
            raise ExpressionError("{name} is given twice", name=name)
        given[name] = item


def _unknown(op: Op, name: str) -> ExpressionError:
    ports = () if op.variadic else op.inputs
    return ExpressionError(
        "{op} has no {name}; it has {known}", op=op.name, name=name, known=", ".join((*ports, *op.params)) or "none"
    )


def read_literal(item: Item, name: str) -> Any:
    """Return what a param is given, as JSON; raises `ExpressionError` for a tensor where a number must stand."""
    match item:
        case Number(value=value) | Text(value=value):
            return value
        case Blank(is_ellipsis=False):
            return None
        case Listing(items=items):
            return [read_literal(part, name) for part in items]
        case Name(text=text) if text.rpartition(".")[2] in _DTYPE_NAMES:
            return text.rpartition(".")[2]
    raise ExpressionError("{name} must be written out as a number, not as a tensor", name=name)


_DTYPE_NAMES: Final = frozenset(dtype.name for dtype in DTYPES)


def read_index(parts: Sequence[Item]) -> list[Any]:
    """Return what stands between square brackets as the param of `getitem`, in JSON.

    Raises `ExpressionError` for what is neither a whole number, a slice, `...`, `None` nor a list of numbers.
    """
    if len(parts) == 1 and isinstance(parts[0], Listing) and parts[0].is_tuple:
        parts = parts[0].items
    return [_read_part(part) for part in parts]


def _read_part(part: Item) -> Any:
    if isinstance(part, Number) and isinstance(part.value, int):
        return {"mask" if isinstance(part.value, bool) else "int": part.value}
    if isinstance(part, Slice):
        return {"slice": [None if bound is None else _whole(bound) for bound in part.parts]}
    if isinstance(part, Blank):
        return "ellipsis" if part.is_ellipsis else "newaxis"
    if isinstance(part, Name) and part.text.rpartition(".")[2] == "newaxis":
        return "newaxis"
    if isinstance(part, Listing):
        values = read_literal(part, "an index")
        return {"mask" if _holds_booleans(values) else "array": values}
    raise _no_index()


def _whole(bound: Item) -> int | None:
    if isinstance(bound, Number) and isinstance(bound.value, int) and not isinstance(bound.value, bool):
        return bound.value
    if isinstance(bound, Blank) and not bound.is_ellipsis:
        return None
    raise _no_index()


def _holds_booleans(values: Any) -> bool:
    while isinstance(values, list) and values:
        values = values[0]
    return isinstance(values, bool)


def _no_index() -> ExpressionError:
    return ExpressionError("an index is written out: x[0, 1:3], x[..., None], x[[0, 2]]; it cannot be a tensor")
