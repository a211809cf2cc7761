"""What stands in the title bar of a card: a sign, the user's name, and the kind of node in a word.

A name that is that of a gradient is told as one: `d_loss_d_W` is ∂loss/∂W.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from gradviz.graph import Leaf, Node, NodeId, Role
from gradviz.ops import Op, find, told_name
from gradviz.picture.numbers import show_shape

ROLE_SIGNS: Mapping[Role, str] = {"variable": "◆", "input": "▶", "constant": "■"}
"""The sign of a leaf's role: a variable learns, an input comes from outside, a constant stays."""


_LONGEST_SIGN_OF_LETTERS = 2


class Title(NamedTuple):
    """The texts of a title bar, and the op family that tints it ("leaf" for leaves).

    `word` is the kind of node with what is unusual about it; `tag` what of that the sign and the name do not say.
    """

    sign: str
    name: str
    word: str
    tag: str
    family: str


def title_of(name: NodeId, kind: Node | Leaf) -> Title:
    """Return the title of a node: the sign and name of its op with the parameters that differ from their defaults."""
    if isinstance(kind, Leaf):
        return Title(ROLE_SIGNS[kind.role], told_name(name), kind.role, "" if name == kind.role else kind.role, "leaf")
    op = find(kind.op)
    if op is None:
        return Title("", told_name(name), kind.op, kind.op, "leaf")
    params = _told_params(op, kind.params)
    is_named_after_op = name.rstrip("0123456789") == op.name
    tag = params if is_named_after_op else [op.name, *params]
    return Title(_sign(op.symbol), told_name(name), " ".join([op.name, *params]), " ".join(tag), op.family)


def _sign(symbol: str) -> str:
    """Return the symbol of an op where it is a sign; a word (tanh, ReLU) would only repeat what the title says."""
    is_word = len(symbol) > _LONGEST_SIGN_OF_LETTERS and symbol.isascii() and symbol.isalpha()
    return "" if is_word else symbol


def _told_params(op: Op, params: Mapping[str, Any]) -> list[str]:
    written = op.write_params(params)
    return [_told(name, op.params[name].kind, value) for name, value in written.items()]


def _told(name: str, kind: str, value: Any) -> str:
    """Return one parameter (JSON) in a few characters: `axis 0`, `keepdims`, `2×3`, `[0, 1:3]`."""
    if kind == "index":
        return f"[{', '.join(_index_item(item) for item in value)}]"
    if kind == "shape":
        return show_shape(value)
    if kind in ("dtype", "equation", "choice"):
        return str(value)
    if value is True:
        return name
    return f"{name} {_plain(value)}"


def _index_item(item: Any) -> str:
    """Return one item of an index as a person writes it between brackets: 0, 1:3, …"""
    if not isinstance(item, Mapping):
        return {"newaxis": "new", "ellipsis": "…"}.get(str(item), str(item))
    kind, value = next(iter(item.items()))
    if kind != "slice":
        return _plain(value)
    parts = ["" if part is None else _plain(part) for part in value]
    return ":".join(parts if parts[2] else parts[:2])


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_plain(item) for item in value)}]"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value).replace("-", "−")
