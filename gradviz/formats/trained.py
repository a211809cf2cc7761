"""How a document is trained, as JSON: what differs from the usual, under the names of `Training`'s fields."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import Any, Final

from gradviz.errors import EditRefusedError, FormatError
from gradviz.graph import NodeId, Training, canonical_training

_FIELDS: Final = {field.name for field in fields(Training)}


def read_training(value: Any, nodes: Collection[NodeId]) -> tuple[Training | None, dict[str, Any]]:
    """Return the training that a file says, and the keys of it that gradviz does not know.

    Raises `FormatError` for what is none, or names leaves that are not there. Whether the leaves hold as many rows is
    not asked: a document may be saved while they do not.
    """
    if value is None:
        return None, {}
    if not isinstance(value, dict):
        raise FormatError('"training" must be an object such as {{"optimiser": "sgd", "settings": {{"lr": 0.1}}}}')
    known = {key: item for key, item in value.items() if key in _FIELDS}
    rest = {key: item for key, item in value.items() if key not in _FIELDS}
    _refuse_types(known, nodes)
    try:
        return canonical_training(Training(**{**known, "data": tuple(known.get("data", ()))})), rest
    except EditRefusedError as error:
        raise error.told_as(FormatError) from error


def _refuse_types(value: Mapping[str, Any], nodes: Collection[NodeId]) -> None:
    if not isinstance(value.get("optimiser", ""), str):
        raise FormatError('the "optimiser" of a training is a name')
    if not isinstance(value.get("settings", {}), dict):
        raise FormatError('the "settings" of a training are an object from names to numbers')
    if not isinstance(value.get("zeroes_gradients", True), bool):
        raise FormatError('"zeroes_gradients" must be true or false')
    data = value.get("data", [])
    if not isinstance(data, list) or len(set(map(str, data))) != len(data):
        raise FormatError('the "data" of a training is a list of names of leaves, each once')
    for name in data:
        if not isinstance(name, str) or name not in nodes:
            raise FormatError('the "data" of a training name {name}, and there is no such node', name=repr(name)[:60])


def write_training(training: Training, rest: Mapping[str, Any]) -> dict[str, Any]:
    """Return a training as JSON, the optimiser and its settings always, more where it is not the usual, and `rest`."""
    usual = Training()
    written: dict[str, Any] = {"optimiser": training.optimiser, "settings": dict(training.settings)}
    for field in fields(Training):
        value = getattr(training, field.name)
        if field.name not in written and value != getattr(usual, field.name):
            written[field.name] = list(value) if isinstance(value, tuple) else value
    return {**written, **rest}
