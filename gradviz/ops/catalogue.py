"""Every op, by name and by whatever else a person may call it: TensorFlow, PyTorch, ONNX, NumPy names and symbols.

The names that `find` knows are, in this order: the name, the aliases, the symbol, and the last part of dotted
aliases (`reduce_sum` for `tf.reduce_sum`). Exact case goes first, because ONNX's `Max` is not NumPy's `max`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from itertools import chain
from types import MappingProxyType
from typing import Final

from gradviz.errors import FormatError
from gradviz.ops import (
    comparison,
    control,
    convolve,
    einsum,
    elementwise,
    indexing,
    linear,
    loss,
    normalise,
    reduce,
    reshape,
)
from gradviz.ops.op import Op

FAMILIES: Final = (
    "elementwise",
    "activation",
    "reduction",
    "linear algebra",
    "convolution",
    "normalisation",
    "loss",
    "shape",
    "indexing",
    "comparison",
    "control",
)
"""The families in the order in which a palette shows them."""

_FILES: Final = (elementwise, reduce, linear, einsum, convolve, normalise, loss, reshape, indexing, comparison, control)

OPS: Final[Mapping[str, Op]] = MappingProxyType({op.name: op for file in _FILES for op in file.OPS})
"""Every op by its name."""


def find(name: str) -> Op | None:
    """Return the op of this name, alias or symbol, or None."""
    index = _index()
    return index.get(name) or index.get(name.casefold())


def get(name: str) -> Op:
    """Return the op of this name, alias or symbol; a `FormatError` names those that are spelled alike."""
    op = find(name)
    if op is not None:
        return op
    near = list(dict.fromkeys(_index()[known].name for known in get_close_matches(name.casefold(), _index(), n=3)))
    hint = " or ".join(near)
    raise FormatError(
        "there is no op {name}; did you mean {hint}?" if near else "there is no op {name}", name=name, hint=hint
    )


def search(text: str) -> tuple[Op, ...]:
    """Return the ops that `text` may mean, best first; all ops where there is no text.

    A name, alias or symbol that is the text comes first, then names and aliases that begin with it, then words of
    them that do, then names and aliases that contain it, then words of the op's doc.
    """
    wanted = re.sub(r"[\s_-]+", "_", text.strip().casefold()) if re.search(r"\w", text) else text.strip()
    if not wanted:
        return tuple(OPS.values())
    ranks = ((_rank(op, wanted), op) for op in OPS.values())
    ranked = [(rank, op) for rank, op in ranks if rank < _NO_MATCH]
    exact = find(text.strip())
    return tuple(op for _, op in sorted(ranked, key=lambda pair: (pair[1] is not exact, pair[0])))


def families() -> Mapping[str, tuple[Op, ...]]:
    """Return the ops of each family, families in the order of a palette."""
    return MappingProxyType({name: tuple(op for op in OPS.values() if op.family == name) for name in FAMILIES})


_NO_MATCH: Final = 9


def _rank(op: Op, wanted: str) -> int:
    name, names = op.name, [known.casefold() for known in _names(op)]
    tests = (
        name == wanted,
        wanted in names,
        name.startswith(wanted),
        any(known.startswith(wanted) for known in names),
        any(word.startswith(wanted) for word in re.split(r"[._]", name)),
        any(word.startswith(wanted) for known in names for word in re.split(r"[._]", known)),
        wanted in name,
        any(wanted in known for known in names),
        all(word in _words(op.doc) for word in wanted.split("_")),
    )
    return tests.index(True) if True in tests else _NO_MATCH


def _words(doc: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", doc.casefold()))


def _names(op: Op) -> Iterator[str]:
    """Yield all names of an op, the most telling first."""
    return chain([op.name], op.aliases, [op.symbol] if op.symbol else [], map(_last_part, op.aliases))


def _last_part(name: str) -> str:
    return name.rpartition(".")[2] if re.search(r"\w", name) else name


@cache
def _index() -> Mapping[str, Op]:
    """Return all names of all ops: where two ops share one, the more telling kind of name wins, then the first op."""
    kinds = (
        lambda op: [op.name],
        lambda op: op.aliases,
        lambda op: [op.symbol] if op.symbol else [],
        lambda op: map(_last_part, op.aliases),
    )
    index: dict[str, Op] = {}
    for kind in kinds:
        for op in OPS.values():
            for name in kind(op):
                index.setdefault(name, op)
    for name, op in list(index.items()):
        index.setdefault(name.casefold(), op)
    return MappingProxyType(index)
