"""What a node is called that holds a gradient: `d_loss_d_W`, and how such a name is told: ∂loss/∂W.

What one wire contributes, from `h` to `y`, is `d_loss_d_h_via_y`, told as ∂loss/∂h via y; the gradient of a sum of
targets is `d_a_plus_b_d_W`, ∂(a + b)/∂W; that of a gradient is `d_d_loss_d_W_d_b`, ∂(∂loss/∂W)/∂b.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

_MARK: Final = "d"
_PLUS: Final = "plus"
_VIA: Final = "via"
_NODE_D: Final = " d"
"""A word that no name has, for a node that is called as the mark is."""


@dataclass(frozen=True)
class GradientName:
    """The parts of a name: the gradient of the sum of some nodes, by a node, and the port that contributes it."""

    of: tuple[GradientName | str, ...]
    by: GradientName | str
    via: str = ""

    @property
    def text(self) -> str:
        """The gradient as one line of mathematics."""
        above = " + ".join(map(_told, self.of))
        above = f"({above})" if len(self.of) > 1 or not isinstance(self.of[0], str) else above
        below = _told(self.by) if isinstance(self.by, str) else f"({_told(self.by)})"
        return f"∂{above}/∂{below}" + (f" via {self.via}" if self.via else "")


def gradient_name(of: Sequence[str], by: str, via: str = "") -> str:
    """Return the name of the gradient of a sum of nodes by a node, or of what one wire contributes to it."""
    return f"{_MARK}_{f'_{_PLUS}_'.join(of)}_{_MARK}_{by}" + (f"_{_VIA}_{via}" if via else "")


def read_gradient_name(name: str) -> GradientName | None:
    """Return the parts of a name that is that of a gradient; None of any other."""
    words = name.split("_")
    if words[0] != _MARK:
        return None
    for spelled in _spellings(words):
        whole, rest = _read(spelled)
        if isinstance(whole, GradientName) and not rest:
            return whole
    return None


def _spellings(words: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield the words of a name; then with what may be a node that is called `d` itself marked as such."""
    yield words
    if words[-1] == _MARK:
        yield [*words[:-1], _NODE_D]
    if words[1:3] == [_MARK, _MARK]:
        yield [_MARK, _NODE_D, *words[2:]]


def told_name(name: str) -> str:
    """Return how the name of a node is told: as mathematics where it is that of a gradient, else as it is."""
    found = read_gradient_name(name)
    return name if found is None else found.text


def _told(part: GradientName | str) -> str:
    return part if isinstance(part, str) else part.text


def _read(words: Sequence[str]) -> tuple[GradientName | str | None, Sequence[str]]:
    """Read one name from the front of some words, and return what is left; None where there is no name."""
    if not words or words[0] != _MARK:
        end = next((i for i, word in enumerate(words) if word in (_MARK, _PLUS, _VIA)), len(words))
        return "_".join(words[:end]).strip() or None, words[end:]
    above: list[GradientName | str] = []
    rest: Sequence[str] = [_PLUS, *words[1:]]
    while rest[:1] == [_PLUS]:
        part, rest = _read(rest[1:])
        if part is None:
            return None, rest
        above.append(part)
    by, rest = _read(rest[1:]) if rest[:1] == [_MARK] else (None, rest)
    if by is None:
        return None, rest
    via = rest[1:] if rest[:1] == [_VIA] else []
    return GradientName(tuple(above), by, "_".join(via)), [] if via else rest
