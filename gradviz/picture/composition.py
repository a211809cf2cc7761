"""What shows the cards and wires of a scene, remembered from one scene to the next: only what changes is made anew.

Nothing that is remembered shows: a composition is the same whatever was composed before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import chain
from typing import Any, NamedTuple

from gradviz.graph import Computation, NodeId, Port
from gradviz.picture.cards import CardState, card_items
from gradviz.picture.changes import changes_between
from gradviz.picture.items import Measured
from gradviz.picture.scales import Scales
from gradviz.picture.states import Scene, card_states, wire_states
from gradviz.picture.theme import Theme
from gradviz.picture.visible import Signs, card_signs, wire_signs
from gradviz.picture.wires import WireState, label_items, line_items

_NO_SIGNS: Signs = frozenset()

_TOGETHER = 64
"""How many blocks are joined at a time: a step joins anew only those among which something has changed."""


class Block(NamedTuple):
    """The items of a card, of the lines of a wire or of its labels, and what of the legend is to be seen on them."""

    measured: Measured
    signs: Signs


class Layer(NamedTuple):
    """The blocks of all cards, or of one thing about all wires, by rows of the geometry; `joined` some at a time."""

    blocks: tuple[Block, ...]
    joined: tuple[Measured, ...]

    @classmethod
    def of(cls, blocks: Iterable[Block]) -> Layer:
        """Return a layer of blocks."""
        blocks = tuple(blocks)
        return cls(blocks, tuple(_joined_at(blocks, start) for start in range(0, len(blocks), _TOGETHER)))

    def patched(self, rows: Iterable[int], changed: Iterable[Block]) -> Layer:
        """Return the layer with other blocks in some rows."""
        blocks, joined, parts = list(self.blocks), list(self.joined), set()
        for row, block in zip(rows, changed, strict=True):
            blocks[row] = block
            parts.add(row // _TOGETHER)
        for part in parts:
            joined[part] = _joined_at(blocks, part * _TOGETHER)
        return Layer(tuple(blocks), tuple(joined))


def _joined_at(blocks: Sequence[Block], start: int) -> Measured:
    return Measured.joined([block.measured for block in blocks[start : start + _TOGETHER]])


@dataclass(frozen=True, eq=False)
class Composition:
    """What shows a scene: the lines of wires, their labels, and cards."""

    scene: Scene
    scales: Scales
    lines: Layer
    labels: Layer
    cards: Layer

    @property
    def signs(self) -> Iterator[Signs]:
        """What is to be seen on all of it."""
        return (block.signs for block in chain(self.labels.blocks, self.cards.blocks))

    @cached_property
    def measured(self) -> Measured:
        """All items in drawing order: lines, their labels, cards."""
        return Measured.joined([*self.lines.joined, *self.labels.joined, *self.cards.joined])


def composition_of(scene: Scene, theme: Theme, scales: Scales) -> Composition:
    """Return what shows a scene, with the ends of the scales of values and gradients."""
    return _memory(scene.document.computation, theme).composition(scene, scales)


@dataclass
class _Memory:
    """How each card and wire of a computation was drawn last, and for what; and the latest composition."""

    theme: Theme
    cards: dict[NodeId, tuple[Any, Block]] = field(default_factory=dict)
    lines: dict[Port, tuple[Any, Block]] = field(default_factory=dict)
    labels: dict[Port, tuple[Any, Block]] = field(default_factory=dict)
    latest: Composition | None = None

    def composition(self, scene: Scene, scales: Scales) -> Composition:
        """Return what shows a scene; between neighbouring moments only what the frames between them touch is new."""
        latest = self.latest
        changes = None if latest is None or latest.scales != scales else changes_between(latest.scene, scene)
        if latest is None or changes is None:
            cards, wires = card_states(scene), wire_states(scene, self.theme)
            made = Composition(
                scene,
                scales,
                Layer.of(map(self._line, wires)),
                Layer.of(self._label(wire, scales) for wire in wires),
                Layer.of(self._card(card, scales) for card in cards),
            )
        elif any(changes):
            cards, wires = card_states(scene, changes.cards), wire_states(scene, self.theme, changes.wires)
            made = Composition(
                scene,
                scales,
                latest.lines.patched(changes.wires, map(self._line, wires)),
                latest.labels.patched(changes.wires, (self._label(wire, scales) for wire in wires)),
                latest.cards.patched(changes.cards, (self._card(card, scales) for card in cards)),
            )
        else:
            made = latest
        self.latest = made
        return made

    def _card(self, card: CardState, scales: Scales) -> Block:
        def made() -> Block:
            return Block(Measured.of(card_items(card, self.theme, scales)), card_signs(card, scales))

        return _known(self.cards, card.node, (card.look, scales), made)

    def _line(self, wire: WireState) -> Block:
        def made() -> Block:
            return Block(Measured.of(line_items(wire, self.theme)), _NO_SIGNS)

        return _known(self.lines, wire.port, wire.look, made)

    def _label(self, wire: WireState, scales: Scales) -> Block:
        def made() -> Block:
            return Block(Measured.of(label_items(wire, self.theme, scales.gradients)), wire_signs(wire, scales))

        return _known(self.labels, wire.port, (wire.look, scales.gradients), made)


def _known(known: dict[Any, tuple[Any, Block]], key: object, look: object, make: Callable[[], Block]) -> Block:
    """Return what was drawn last for a key, made anew where it looks different now."""
    found = known.get(key)
    if found is None or found[0] != look:
        found = look, make()
        known[key] = found
    return found[1]


@lru_cache(maxsize=4)
def _memory(_computation: Computation, theme: Theme) -> _Memory:
    return _Memory(theme)
