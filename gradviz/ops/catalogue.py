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
    activation,
    attention,
    class_loss,
    comparison,
    contractions,
    control,
    convolve,
    convolve1d,
    convolve_transposed,
    decompose,
    einsum,
    elementwise,
    erf,
    gathering,
    indexing,
    layers,
    linear,
    loss,
    moving,
    normalise,
    pooling,
    pooling1d,
    probability_loss,
    product,
    rectifier,
    recurrent,
    reduce,
    repeating,
    reshape,
    scan,
    selecting,
    solving,
    sorting,
    spread,
    standardise,
    standardise_groups,
    triangles,
    trigonometry,
    unary,
)
from gradviz.ops.op import Op

FAMILIES: Final = (
    "elementwise",
    "activation",
    "reduction",
    "linear algebra",
    "convolution",
    "normalisation",
    "layer",
    "loss",
    "shape",
    "indexing",
    "comparison",
    "control",
)
"""The families in the order in which a palette shows them."""

_FILES: Final = (
    elementwise,
    unary,
    trigonometry,
    erf,
    rectifier,
    activation,
    reduce,
    product,
    scan,
    spread,
    linear,
    contractions,
    triangles,
    decompose,
    solving,
    einsum,
    convolve,
    convolve_transposed,
    convolve1d,
    pooling,
    pooling1d,
    normalise,
    standardise,
    standardise_groups,
    layers,
    attention,
    recurrent,
    loss,
    class_loss,
    probability_loss,
    reshape,
    moving,
    repeating,
    indexing,
    selecting,
    gathering,
    sorting,
    comparison,
    control,
)

OPS: Final[Mapping[str, Op]] = MappingProxyType({op.name: op for file in _FILES for op in file.OPS})
"""Every op by its name."""


def find(name: str) -> Op | None:
    """Return the op of this name, alias or symbol, or None."""
    index, known = _index(), _expanded(name)
    return index.get(known) or index.get(known.casefold())


_SHOWN: Final = 60
_ALIKE: Final = 0.7
"""How much of two names must agree for a hint: more than in `eval` and `equal`."""


def get(name: str) -> Op:
    """Return the op of this name, alias or symbol; a `FormatError` names those that are spelled alike."""
    op = find(name)
    if op is not None:
        return op
    near = list(
        dict.fromkeys(
            _index()[known].name for known in get_close_matches(name.casefold(), _index(), n=3, cutoff=_ALIKE)
        )
    )
    hint = " or ".join(near)
    raise FormatError(
        "there is no op {name}; did you mean {hint}?" if near else "there is no op {name}",
        name=name if len(name) <= _SHOWN else name[:_SHOWN] + "…",
        hint=hint,
    )


def search(text: str) -> tuple[Op, ...]:
    """Return the ops that `text` may mean, best first; all ops where there is no text.

    A name, alias or symbol that is the text comes first, then names and aliases that begin with it, then words of
    them that do, then names and aliases that contain it, then ops whose names and doc have all words of the text. Of
    equals the shorter name comes first: `log2` before `logaddexp`.
    """
    typed = _expanded(text.strip())
    wanted = re.sub(r"[\s_-]+", "_", typed.casefold()) if re.search(r"\w", typed) else typed
    if not wanted:
        return tuple(OPS.values())
    ranked = [(rank, op) for op in OPS.values() if (rank := _rank(op, wanted)) is not None]
    exact = find(typed)
    return tuple(op for _, op in sorted(ranked, key=lambda pair: (pair[1] is not exact, pair[0], len(pair[1].name))))


def families() -> Mapping[str, tuple[Op, ...]]:
    """Return the ops of each family that has any, families in the order of a palette."""
    members = {name: tuple(op for op in OPS.values() if op.family == name) for name in FAMILIES}
    return MappingProxyType({name: ops for name, ops in members.items() if ops})


def _rank(op: Op, wanted: str) -> int | None:
    """Return how far an op is from what is wanted, 0 for a perfect match, None for no match."""
    name, names = op.name, [known.casefold() for known in _names(op)]
    tests = (
        name == wanted,
        wanted in names,
        name.startswith(wanted),
        any(known.startswith(wanted) for known in names),
        any(word.startswith(wanted) for word in _words(name)),
        any(word.startswith(wanted) for known in names for word in _words(known)),
        wanted in name,
        any(wanted in known for known in names),
        _has_all(op, wanted),
    )
    return tests.index(True) if True in tests else None


def _has_all(op: Op, wanted: str) -> bool:
    """Tell whether every word that is wanted begins a word of the op's names or doc."""
    words = [word for text in (*_names(op), op.doc) for word in _words(text.casefold())]
    return all(any(word.startswith(part) for word in words) for part in _words(wanted)) and bool(_words(wanted))


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text)


def _expanded(name: str) -> str:
    """Return a name with the beginning that aliases are written with: `np.` for `numpy.`, `jnp.` and the like."""
    for beginning, known in _BEGINNINGS.items():
        if name.startswith(beginning):
            return known + name.removeprefix(beginning)
    return name


_BEGINNINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "numpy.": "np.",
        "jax.numpy.": "np.",
        "jnp.": "np.",
        "tensorflow.": "tf.",
        "F.": "torch.nn.functional.",
        "nn.functional.": "torch.nn.functional.",
    }
)


def _names(op: Op) -> Iterator[str]:
    """Yield all names of an op, the most telling first."""
    return chain([op.name], op.aliases, [op.symbol], map(_last_part, op.aliases))


def _last_part(name: str) -> str:
    return name.rpartition(".")[2] if re.search(r"\w", name) else name


@cache
def _index() -> Mapping[str, Op]:
    """Return all names of all ops: where two ops share one, the more telling kind of name wins, then the first op."""
    kinds = (
        lambda op: [op.name],
        lambda op: op.aliases,
        lambda op: [op.symbol],
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
