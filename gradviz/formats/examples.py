"""The examples that ship with gradviz, in the order in which one would teach them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from gradviz.assets import names, read_bytes
from gradviz.formats.reader import read
from gradviz.formats.strict_json import read_json
from gradviz.graph import LIMITS, Document


@dataclass(frozen=True)
class ExampleEntry:
    """An example for a menu: `name` loads it, `title` and `note` tell what it shows."""

    name: str
    title: str
    note: str


@cache
def examples() -> tuple[ExampleEntry, ...]:
    """Return all examples by their key `order`, the best to begin with first; no graph is built for this."""
    found = [(_name(path), read_json(read_bytes(path), LIMITS.nesting)) for path in names("examples")]
    return tuple(ExampleEntry(name, value["title"], value["note"]) for name, value in sorted(found, key=_order))


def load_example(name: str) -> Document:
    """Return the document of an example; raises `GradvizError` where there is none of that name."""
    return read(read_bytes(f"examples/{name}.gradviz"))


def _name(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(".gradviz")


def _order(found: tuple[str, dict[str, Any]]) -> tuple[int, str]:
    name, value = found
    return value["order"], name
