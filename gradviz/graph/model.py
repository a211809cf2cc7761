"""The document: what a person edits, immutable.

A `Document` keeps apart what computes and what only shows. What computes (nodes, wires, targets) is its
`computation`, shared by all documents that differ only in places and notes: whoever has looked at one computation
(the order of its nodes, a recorded run) compares by identity and never looks twice.

    nodes     the user's name -> `Leaf` (holds a tensor) or `Node` (one op with its params)
    wires     input port -> name of the node that feeds it: two wires into one port cannot exist
    targets   name -> seed: None for ones, a `Tensor`, or a `OneHot` selector

Every change is a pure function (`edits`, `wiring`, `contents`, `targets`, `fragments`, `places`). Identity is equality.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from numpy.typing import NDArray

from gradviz.errors import EditRefusedError

Array = NDArray[Any]
NodeId = str
Role = Literal["variable", "input", "constant"]
ROLES: tuple[Role, ...] = ("variable", "input", "constant")


class Port(NamedTuple):
    """An input of a node, by name."""

    node: NodeId
    name: str


class Place(NamedTuple):
    """Where a node's upper left corner sits, in picture coordinates (pixels at 100 %, y grows downwards)."""

    x: float
    y: float


@dataclass(frozen=True, eq=False)
class Recipe:
    """How a tensor was made: `kind` is normal, uniform, zeros, ones, full, arange or eye, with its arguments.

    `arguments` are the other keys of the file's value, as JSON (`shape` and `dtype` apart): mean, std, seed, low, ….
    """

    kind: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Tensor:
    """A read-only array, and the recipe that made it, if one did."""

    array: Array
    recipe: Recipe | None = None

    def __post_init__(self) -> None:
        """Make the array read-only; a writable one is copied first, so that its owner may go on writing."""
        array = self.array
        if array.flags.writeable:
            array = array.copy()
            array.flags.writeable = False
            object.__setattr__(self, "array", array)


@dataclass(frozen=True)
class OneHot:
    """A seed that is one at one cell and zero elsewhere; `index` has one (non-negative) number per axis."""

    index: tuple[int, ...]

    def __post_init__(self) -> None:
        """Make a tuple of a list; raises `EditRefusedError` for what names no cell at all."""
        object.__setattr__(self, "index", _as_index(self.index))


def _as_index(index: object) -> tuple[Any, ...]:
    if not isinstance(index, tuple | list):
        raise EditRefusedError("a one-hot seed names its cell by one number per axis: OneHot((0, 1)), OneHot(())")
    return tuple(index)


Seed = Tensor | OneHot | None


@dataclass(frozen=True, eq=False)
class Leaf:
    """A node that holds a tensor, in the role of variable, input or constant."""

    role: Role
    tensor: Tensor

    @property
    def value(self) -> Array:
        """The tensor's array, read-only."""
        return self.tensor.array


@dataclass(frozen=True, eq=False)
class Node:
    """One op with its params in canonical form; `slots` is the number of ports where the op takes any number."""

    op: str
    params: Mapping[str, Any] = field(default_factory=dict)
    slots: int = 0


@dataclass(frozen=True, eq=False)
class Computation:
    """What computes: nodes, wires and targets, each in the order in which they were made."""

    nodes: Mapping[NodeId, Node | Leaf] = field(default_factory=dict)
    wires: Mapping[Port, NodeId] = field(default_factory=dict)
    targets: Mapping[NodeId, Seed] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Freeze the tables."""
        for name in ("nodes", "wires", "targets"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))


@dataclass(frozen=True)
class Training:
    """How variables are updated, and from which examples.

    `data` are the leaves whose rows are examples: `batch` rows of them at a step (all where it is None), in the order
    that the number `shuffle` draws anew for every round (as they stand where it is None). The last `held_out` rows are
    never trained on. Where `zeroes_gradients` is False, gradients pile up from step to step.
    """

    optimiser: str = "sgd"
    settings: Mapping[str, float] = field(default_factory=dict)
    steps: int = 100
    zeroes_gradients: bool = True
    data: tuple[NodeId, ...] = ()
    batch: int | None = None
    held_out: int = 0
    shuffle: int | None = None

    def __post_init__(self) -> None:
        """Freeze the settings."""
        object.__setattr__(self, "settings", MappingProxyType(dict(self.settings)))


@dataclass(frozen=True, eq=False)
class Document:
    """The graph that a person edits, with everything that shows it.

    `places` has an entry for every node; `notes` only for nodes with a note. `training` is None until somebody chooses
    one. `node_extra` and `extra` hold what a
    file said beyond what gradviz knows, per node and for the whole, so that it survives a load and a save.
    """

    computation: Computation = field(default_factory=Computation)
    places: Mapping[NodeId, Place] = field(default_factory=dict)
    notes: Mapping[NodeId, str] = field(default_factory=dict)
    title: str = ""
    note: str = ""
    node_extra: Mapping[NodeId, Mapping[str, Any]] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
    training: Training | None = None

    def __post_init__(self) -> None:
        """Freeze the tables."""
        for name in ("places", "notes", "node_extra", "extra"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    @property
    def nodes(self) -> Mapping[NodeId, Node | Leaf]:
        """All nodes by name."""
        return self.computation.nodes

    @property
    def wires(self) -> Mapping[Port, NodeId]:
        """All wires: which node feeds which port."""
        return self.computation.wires

    @property
    def targets(self) -> Mapping[NodeId, Seed]:
        """The targets that a person chose, each with its seed."""
        return self.computation.targets

    def changed(self, **tables: Any) -> Document:
        """Return the document with other tables; `nodes`, `wires` or `targets` among them make a new computation."""
        computing = {name: tables.pop(name) for name in ("nodes", "wires", "targets") if name in tables}
        computation = replace(self.computation, **computing) if computing else self.computation
        return replace(self, computation=computation, **tables)
