"""The .gradviz file, written: one node a line, keys always in the same order, so that graphs differ well in git."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from gradviz.errors import FormatError
from gradviz.formats.elements import plain_number
from gradviz.formats.reader import LEAF, VERSION
from gradviz.formats.trained import write_training
from gradviz.formats.values import write_tensor
from gradviz.graph import Document, Leaf, Node, NodeId, OneHot, Place, Port, Seed, op_of

_IN_VALUE: Final = "value"
_IN_SEED: Final = "targets"
_IN_TRAINING: Final = "training"


def write(document: Document) -> str:
    """Return a document as the text of a .gradviz file; `read` gives an equal document back."""
    nodes = ",\n  ".join(_line(_write_node(document, name, node)) for name, node in document.nodes.items())
    parts = ['"format": "gradviz", "version": ' + str(VERSION)]
    parts += [f'"{key}": {_line(text)}' for key, text in (("title", document.title), ("note", document.note)) if text]
    parts.append(f'"nodes": [\n  {nodes}]' if nodes else '"nodes": []')
    parts.append(f'"targets": {_line(_write_targets(document))}')
    if document.training is not None:
        training = write_training(document.training, document.extra.get(_IN_TRAINING, {}))
        parts.append(f'"training": {_line(training)}')
    kept = {key: value for key, value in document.extra.items() if key not in (_IN_SEED, _IN_TRAINING)}
    parts += [f"{_line(key)}: {_line(value)}" for key, value in kept.items()]
    text = "{" + ",\n ".join(parts) + "}\n"
    _refuse_half_characters(text)
    return text


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _write_node(document: Document, name: NodeId, node: Node | Leaf) -> dict[str, Any]:
    """Return a node as JSON: what it is, what feeds it, where it stands, and what came with it."""
    extra = dict(document.node_extra.get(name, {}))
    if isinstance(node, Leaf):
        value = write_tensor(node.tensor, extra.pop(_IN_VALUE, None))
        item: dict[str, Any] = {"id": name, "op": LEAF, "role": node.role, "value": value}
    else:
        item = {"id": name, "op": node.op, "inputs": _write_inputs(document, name, node)}
        if params := op_of(node).write_params(node.params):
            item["params"] = params
    if name in document.places:
        item["at"] = _write_place(document.places[name])
    if note := document.notes.get(name, ""):
        item["note"] = note
    return {**item, **{key: value for key, value in extra.items() if key not in item}}


def _write_inputs(document: Document, name: NodeId, node: Node) -> list[NodeId | None]:
    """Return what feeds the ports, in order; open optional ones at the end are left out."""
    op = op_of(node)
    sources = [document.wires.get(Port(name, port)) for port in op.ports(node.slots)]
    required = len(op.required_ports(node.slots))
    while len(sources) > required and sources[-1] is None:
        sources.pop()
    return sources


def _write_place(place: Place) -> list[float | int | str]:
    return [plain_number(float(place.x)), plain_number(float(place.y))]


def _write_targets(document: Document) -> dict[NodeId, Any]:
    extra = document.extra.get(_IN_SEED, {})
    return {name: _write_seed(seed, extra.get(name, {})) for name, seed in document.targets.items()}


def _write_seed(seed: Seed, rest: Mapping[str, Any]) -> Any:
    match seed:
        case None:
            return None
        case OneHot(index=index):
            return {"one_hot": list(index), **rest}
        case tensor:
            return write_tensor(tensor, rest)


def _refuse_half_characters(text: str) -> None:
    """Raise where a text holds half of a surrogate pair, which no file can hold."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        around = ascii(text[max(error.start - 20, 0) : error.start + 1])
        raise FormatError("a text holds half of a character, after {around}: type it again", around=around) from error
