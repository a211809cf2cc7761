"""Names of nodes: what may be one, and how a new one is found.

A name stands in formulas and programs. So it is a Python identifier of any script, in Unicode's normal form NFKC
(two names that look alike are alike), no keyword of Python, and at most 200 characters long.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Container
from itertools import count
from keyword import iskeyword
from typing import Final

from gradviz.errors import EditRefusedError
from gradviz.graph.limits import LIMITS
from gradviz.graph.model import Document, NodeId
from gradviz.ops import OPS

_SHORT: Final = {"multiply": "mul", "subtract": "sub", "divide": "div", "power": "pow", "negative": "neg"}


def is_valid_name(text: object) -> bool:
    """Tell whether a node may have this name."""
    return _what_is_wrong(text) is None


def refuse_bad_name(text: object) -> None:
    """Raise an `EditRefusedError` that says what is wrong with a name, if anything is."""
    wrong = _what_is_wrong(text)
    if wrong is not None:
        raise wrong


def _what_is_wrong(text: object) -> EditRefusedError | None:
    if not isinstance(text, str):
        return EditRefusedError("a name is a text, not {kind}", kind=type(text).__name__)
    if not text:
        return EditRefusedError("a node needs a name: a letter, then letters, digits or _")
    if len(text) > LIMITS.name_length:
        return EditRefusedError(
            "a name has at most {limit} characters: {name} … has {length}",
            limit=LIMITS.name_length,
            name=ascii(text[:20]),
            length=len(text),
        )
    if not text.isidentifier():
        return EditRefusedError("{name} is no name: use letters, digits and _, first a letter", name=quoted(text))
    if iskeyword(text):
        return EditRefusedError('"{name}" is a word of Python, so it cannot name a node: try "{name}_"', name=text)
    normal = unicodedata.normalize("NFKC", text)
    if normal != text:
        return EditRefusedError('"{name}" is a variant spelling of "{normal}": use that', name=text, normal=normal)
    return None


def quoted(text: str) -> str:
    """Return a text in double quotes, with escapes for what does not print (line breaks, control characters)."""
    return '"' + "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text) + '"'


def stem_of(op_name: str) -> str:
    """Return the short word from which nodes of an op are named: `mul` for multiply, mostly the op's own name."""
    return _SHORT.get(op_name, op_name)


def fresh_name(document: Document, stem: str) -> NodeId:
    """Return a name that no node of the document has.

    The name of an op (or its short form, `mul`) is numbered from 1: `matmul1`, `mul1`. Any other stem is the name
    itself where it is free, and else numbered: `x`, `x1`, `x2`; `x1` goes on with `x2`. Raises `EditRefusedError` for a
    stem that cannot begin a name.
    """
    refuse_bad_name(stem)
    if stem in OPS or stem in _SHORT.values():
        return next_name(document.nodes, stem_of(stem))
    return stem if stem not in document.nodes else next_name(document.nodes, stem)


def next_name(taken: Container[NodeId], stem: str, first: int = 1) -> NodeId:
    """Return the stem, without a number of its own, with the first number from `first` that makes a free name."""
    word = (stem.rstrip("0123456789") or stem)[: LIMITS.name_length - 10]
    return next(name for number in count(first) if (name := f"{word}{number}") not in taken)
