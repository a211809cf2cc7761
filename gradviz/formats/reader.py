"""The .gradviz file, read: JSON to document, in time that grows with its length, and nothing is ever executed.

Every refusal says where: the line and column where the text is no JSON, else the node by its name (by its place in
the list where it has no good name), the op, and what would help. Keys that gradviz does not know are kept, and are
written again: of the whole, of a node, of a leaf's tensor (under `value`) and of a seed (under `targets`).
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from itertools import islice
from typing import Any, Final

from gradviz.errors import EditRefusedError, FormatError, GradvizError, LimitError
from gradviz.formats.strict_json import read_json
from gradviz.formats.trained import read_training
from gradviz.formats.values import Allowance, read_one_hot, read_tensor
from gradviz.graph import (
    LIMITS,
    ROLES,
    Document,
    Leaf,
    Limits,
    Node,
    NodeId,
    Place,
    Role,
    Seed,
    build,
    refuse_bad_name,
)
from gradviz.ops import get

VERSION: Final = 1
"""The version of the format that is written, and the newest that is read."""

LEAF: Final = "leaf"
"""What stands in a file as the op of a leaf."""

_KNOWN: Final = frozenset({"format", "version", "title", "note", "nodes", "targets", "training"})
_KNOWN_OF_LEAF: Final = frozenset({"id", "op", "role", "value", "at", "note"})
_KNOWN_OF_NODE: Final = frozenset({"id", "op", "inputs", "params", "at", "note"})


def read(text: str | bytes, limits: Limits = LIMITS) -> Document:
    """Return the document that the text of a file stands for.

    Raises `FormatError` for what is no document, and `LimitError` for what is larger than the limits, before memory
    of that size is taken.
    """
    if len(text) > limits.file_bytes:
        raise LimitError("this file has more than {limit:,} bytes", limit=limits.file_bytes)
    value = read_json(text, limits.nesting)
    _refuse_foreign(value)
    return _Reading(limits).document(value)


def _refuse_foreign(value: Any) -> None:
    """Raise unless this is a document of a version that gradviz reads."""
    if not isinstance(value, dict) or value.get("format") != "gradviz":
        raise FormatError('this is no gradviz document: it does not begin with "format": "gradviz"')
    version = value.get("version")
    if type(version) is not int or version < 1:
        raise FormatError('the format has no version: write "version": {known}', known=VERSION)
    if version > VERSION:
        raise FormatError(
            "a newer gradviz wrote this file (its format is version {version}, this one reads up to {known}): "
            "update gradviz to open it",
            version=str(version)[:20],
            known=VERSION,
        )


class _Reading:
    """One walk over the nodes of a file, filling the tables of a document."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.allowance = Allowance(limits)
        self.nodes: dict[NodeId, Node | Leaf] = {}
        self.inputs: dict[NodeId, list[str | None]] = {}
        self.places: dict[NodeId, Place] = {}
        self.notes: dict[NodeId, str] = {}
        self.node_extra: dict[NodeId, dict[str, Any]] = {}
        self.extra: dict[str, Any] = {}

    def document(self, value: Mapping[str, Any]) -> Document:
        """Return the document of a whole file."""
        self.extra = {key: item for key, item in value.items() if key not in _KNOWN}
        for number, item in enumerate(self._listed_nodes(value), start=1):
            self._read_node(number, item)
        wires = {
            (node, port): source
            for node, sources in self.inputs.items()
            for port, source in self._wires_into(node, sources)
        }
        targets = self._read_targets(value.get("targets"))
        training, rest = read_training(value.get("training"), self.nodes)
        if rest:
            self.extra["training"] = rest
        try:
            return build(
                self.nodes,
                wires,
                targets,
                self.places,
                notes=self.notes,
                node_extra=self.node_extra,
                title=_read_text(value, "title"),
                note=_read_text(value, "note"),
                extra=self.extra,
                training=training,
            )
        except EditRefusedError as error:
            raise error.told_as(FormatError) from error

    def _listed_nodes(self, value: Mapping[str, Any]) -> list[Any]:
        nodes = value.get("nodes")
        if not isinstance(nodes, list):
            raise FormatError('"nodes" must be a list, with an object for each node')
        if len(nodes) > self.limits.nodes:
            raise LimitError(
                "this file has {count:,} nodes, at most {limit:,} are read", count=len(nodes), limit=self.limits.nodes
            )
        return nodes

    def _read_node(self, number: int, item: Any) -> None:
        name = self._read_name(number, item)
        kind = item.get("op")
        if not isinstance(kind, str):
            raise FormatError('node "{name}" has no op: write the name of one, or "leaf"', name=name)
        if kind in ROLES:
            raise FormatError('node "{name}": write "op": "leaf", "role": "{role}"', name=name, role=kind)
        try:
            self.nodes[name] = self._read_leaf(name, item) if kind == LEAF else self._read_op(name, kind, item)
            self._read_shown(name, item, _KNOWN_OF_LEAF if kind == LEAF else _KNOWN_OF_NODE)
        except GradvizError as error:
            raise error.at(kind[:60], name) from error

    def _read_name(self, number: int, item: Any) -> NodeId:
        """Return the name of a node, checked; until it has one, a node is told by its place in the list."""
        if not isinstance(item, dict):
            raise FormatError('node {number} of the list must be an object with "id" and "op"', number=number)
        name = item.get("id")
        try:
            refuse_bad_name(name)
        except EditRefusedError as error:
            raise FormatError(
                "node {number} of the list: " + error.template, **{**error.facts, "number": number}
            ) from error
        if name in self.nodes:
            raise FormatError('two nodes have the name "{name}": each needs its own', name=name)
        return str(name)

    def _read_leaf(self, name: NodeId, item: Mapping[str, Any]) -> Leaf:
        if item.get("inputs"):
            raise FormatError("a leaf holds a tensor and takes no inputs")
        tensor, rest = read_tensor(item.get("value"), self.allowance)
        if rest:
            self.node_extra[name] = {"value": rest}
        return Leaf(_read_role(item.get("role")), tensor)

    def _read_op(self, name: NodeId, kind: str, item: Mapping[str, Any]) -> Node:
        op = get(kind)
        inputs, params = item.get("inputs", []), item.get("params", {})
        if not isinstance(inputs, list) or not all(source is None or isinstance(source, str) for source in inputs):
            raise FormatError("inputs must be a list of names of nodes, with null for an open input")
        if not isinstance(params, dict):
            raise FormatError('params must be an object such as {{"axis": 0}}')
        if not op.variadic and len(inputs) > len(op.inputs):
            raise FormatError(
                "the inputs are {names}, and {found} are wired",
                names=", ".join(op.inputs),
                found=len(inputs),
            )
        self.inputs[name] = inputs
        return Node(op.name, params, len(inputs) if op.variadic else 0)

    def _read_shown(self, name: NodeId, item: Mapping[str, Any], known: frozenset[str]) -> None:
        """Read what a node only shows: its place, its note, and what gradviz does not know."""
        if "at" in item:
            self.places[name] = self._read_place(item["at"])
        if note := _read_text(item, "note"):
            self.notes[name] = note
        rest = {key: value for key, value in item.items() if key not in known}
        if rest:
            self.node_extra[name] = {**rest, **self.node_extra.get(name, {})}

    def _read_place(self, at: Any) -> Place:
        is_pair = isinstance(at, list) and len(at) == 2 and all(type(part) in (int, float) for part in at)
        if not is_pair or max(abs(part) for part in at) > self.limits.distance:
            raise FormatError("at must be [x, y], in pixels, at most {limit:g} away", limit=self.limits.distance)
        return Place(float(at[0]), float(at[1]))

    def _wires_into(self, node: NodeId, sources: list[str | None]) -> list[tuple[str, NodeId]]:
        made = self.nodes[node]
        op = get(made.op) if isinstance(made, Node) else None
        ports = op.ports(len(sources)) if op else ()
        wires = [(port, source) for port, source in zip(ports, sources, strict=False) if source is not None]
        for port, source in wires:
            if source not in self.nodes:
                raise self._unknown(source, "input {port}", port=port).at(op.name if op else "", node)
        return wires

    def _unknown(self, name: str, where: str, **facts: Any) -> FormatError:
        near = get_close_matches(name[:60], islice(self.nodes, 2000), n=1)
        hint = '; did you mean "{near}"?' if near else ""
        return FormatError(
            where + ' is "{name}", and there is no node of that name' + hint,
            name=name[:60],
            near="".join(near),
            **facts,
        )

    def _read_targets(self, targets: Any) -> dict[NodeId, Seed]:
        if targets is None:
            return {}
        if not isinstance(targets, dict):
            raise FormatError('"targets" must be an object from names to seeds, such as {{"loss": null}}')
        return {name: self._read_target(name, seed) for name, seed in targets.items()}

    def _read_target(self, name: NodeId, seed: Any) -> Seed:
        if name not in self.nodes:
            raise self._unknown(name, "a target")
        try:
            return self._read_seed(name, seed)
        except GradvizError as error:
            raise error.at("target", name) from error

    def _read_seed(self, name: NodeId, seed: Any) -> Seed:
        if seed is None:
            return None
        if isinstance(seed, dict) and "one_hot" in seed:
            rest = {key: item for key, item in seed.items() if key != "one_hot"}
            return self._with_rest(name, rest, read_one_hot(seed["one_hot"]))
        tensor, rest = read_tensor(seed, self.allowance)
        return self._with_rest(name, rest, tensor)

    def _with_rest(self, name: NodeId, rest: dict[str, Any], seed: Seed) -> Seed:
        """Return the seed, after keeping those of its keys that gradviz does not know."""
        if rest:
            self.extra.setdefault("targets", {})[name] = rest
        return seed


def _read_role(role: Any) -> Role:
    for known in ROLES:
        if role == known:
            return known
    raise FormatError('a leaf needs a "role": one of {roles}', roles=", ".join(ROLES))


def _read_text(item: Mapping[str, Any], key: str) -> str:
    text = item.get(key, "")
    if text is None:
        return ""
    if not isinstance(text, str):
        raise FormatError('"{key}" must be a text', key=key)
    return text
