"""Numbers and shapes as they are drawn: the numbers of the engine's sentences, and shapes with ×."""

from __future__ import annotations

from collections.abc import Sequence

from gradviz.engine import show_number

__all__ = ["show_number", "show_shape"]


def show_shape(shape: Sequence[int]) -> str:
    """Return a shape with its lengths joined by ×, such as "2×3"; of rank 0 it is "scalar".

    Of rank 1 it is "(3,)", as NumPy and the sentences write it: a lone 3 would read as a number.
    """
    if not shape:
        return "scalar"
    return "×".join(str(length) for length in shape) if len(shape) > 1 else f"({shape[0]},)"
