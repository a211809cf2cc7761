"""Names for the nodes of a gradient document, given when it is known which of them are needed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping
from typing import Final

from gradviz.engine.pulling import Pulled
from gradviz.graph import Document, Leaf, Node, NodeId, Pieces, Port, is_valid_name, next_name, stem_of
from gradviz.ops import gradient_name

_MOST_NAMED: Final = 3
"""Up to this many targets are named in the names of their gradient."""

_FITTING: Final = frozenset({"sum", "reshape", "astype"})
"""Ops that bring a contribution back into the shape and dtype of where it goes."""


class GradientNames:
    """Who is called what: gradients by what they are, other pieces by their op and a number."""

    def __init__(self, document: Document, pieces: Pieces, live: Container[NodeId]) -> None:
        """Begin with the names of a document taken; pieces that are not among the live ones get no name."""
        self._pieces = pieces
        self._live = live
        self._taken = set(document.nodes)
        self._latest: dict[str, int] = {}
        self._names: dict[NodeId, NodeId] = {}
        self.gradients: dict[NodeId, NodeId] = {}
        """What the gradient by a node is called, where it is a piece of its own and not also that of another."""
        self._of: tuple[NodeId, ...] = ()

    def wish(self, node: NodeId, via: str = "") -> NodeId:
        """Return the name that the gradient by a node should have."""
        return gradient_name(self._of, node, via)

    def free(self, wish: NodeId) -> NodeId:
        """Return a name that nobody has yet, the one that is wished for where it can be."""
        if wish in self._taken or not is_valid_name(wish):
            return self._numbered("gradient")
        self._taken.add(wish)
        return wish

    def of_pieces(self, pulled: Pulled, seeds: Mapping[NodeId, NodeId]) -> Mapping[NodeId, NodeId]:
        """Return the name of every live piece of a sweep that started with these seeds."""
        self._of = tuple(seeds) if len(seeds) <= _MOST_NAMED else ("sum",)
        for target, seed in seeds.items():
            if pulled.totals[target] != seed:
                self._claim(seed, f"seed_{target}")
        for node, total in pulled.totals.items():
            if self._claim(total, self.wish(node)):
                self.gradients[node] = self._names[total]
        self._claim_contributions(pulled)
        for piece, made in self._pieces.nodes.items():
            if piece in self._live and piece not in self._names:
                self._names[piece] = self._plain_name(piece, made)
        return self._names

    def _claim_contributions(self, pulled: Pulled) -> None:
        """Name what several wires contribute, and then what is multiplied on the way."""
        for node, shares in pulled.contributions.items():
            if len(shares) > 1:
                self._claim_shares(node, shares)
        for node, shares in pulled.contributions.items():
            for port, share in shares:
                self._claim_slope(pulled.totals[port.node], port.node, node, share)

    def _plain_name(self, piece: NodeId, made: Leaf | Node) -> NodeId:
        """Return the name of a piece that is no gradient: a transpose of `W` is `W_T`, the rest is numbered."""
        if isinstance(made, Leaf):
            return self._numbered("c")
        (source, *_) = self._pieces.sources(piece)
        transposed = f"{self._names.get(source, source)}_T"
        if made.op == "matrix_transpose" and transposed not in self._taken and is_valid_name(transposed):
            return self.free(transposed)
        return self._numbered(stem_of(made.op))

    def _claim_shares(self, node: NodeId, shares: Iterable[tuple[Port, NodeId]]) -> None:
        counts = Counter(port.node for port, _ in shares)
        for port, share in shares:
            self._claim(share, self.wish(node, port.node if counts[port.node] == 1 else f"{port.node}_{port.name}"))

    def _claim_slope(self, total: NodeId, above: NodeId, node: NodeId, share: NodeId) -> None:
        """Name what the gradient of `above` is multiplied by: the local derivative, as in ∂loss/∂h × ∂h/∂x.

        That of the target itself has no name: it would be that of the gradient, which may have another seed.
        """
        if self._of == (above,):
            return
        while share in self._pieces.nodes and self._made_by(share) in _FITTING:
            (share,) = self._pieces.sources(share)
        if share not in self._pieces.nodes or self._made_by(share) != "multiply":
            return
        factors = self._pieces.sources(share)
        wish = gradient_name([above], node)
        if factors[0] == total and wish not in self._taken and self._made_by(factors[1]):
            self._claim(factors[1], wish)

    def _made_by(self, piece: NodeId) -> str:
        made = self._pieces.made(piece)
        return "" if isinstance(made, Leaf) else made.op

    def _claim(self, piece: NodeId, wish: NodeId) -> bool:
        """Give a piece a name, unless it has one, or is a node of the document that is there already."""
        is_unnamed = piece in self._pieces.nodes and piece in self._live and piece not in self._names
        if is_unnamed:
            self._names[piece] = self.free(wish)
        return is_unnamed

    def _numbered(self, stem: str) -> NodeId:
        name = next_name(self._taken, stem, self._latest.get(stem, 0) + 1)
        self._latest[stem] = int(name[len(stem.rstrip("0123456789")) :])
        self._taken.add(name)
        return name
