"""Pictures made from a program. Qt is loaded here, and nowhere else on the way from the root page."""

from __future__ import annotations

import os
from collections.abc import Iterable
from numbers import Real
from typing import Final

from gradviz.errors import GradvizError
from gradviz.export.render import render as write_picture
from gradviz.formats import load
from gradviz.graph import Document, NodeId

_SIDES: Final = 2


def render(
    document: Document | str | os.PathLike[str],
    path: str | os.PathLike[str],
    frame: int | None = None,
    theme: str = "light",
    *,
    scale: float = 1.0,
    size: tuple[int, int] | None = None,
    select: NodeId | Iterable[NodeId] | None = None,
    transparent: bool = False,
) -> None:
    """Draw one moment of a document, or of the file of that name, into a PNG or SVG file.

    `frame` counts as `tape.at` does and is the last by default; `theme` is light, dark or projector; `scale` is in
    pixels of the image per pixel at 100 %, `size` in pixels. `select`, a name or names, leaves all other nodes out.
    Raises a `GradvizError` for what cannot be drawn or written.
    """
    _refuse_wrong_arguments(path, scale, size, select)
    drawn = document if isinstance(document, Document) else load(document)
    names = [select] if isinstance(select, str) else select
    write_picture(drawn, path, frame=frame, theme=theme, scale=scale, size=size, select=names, transparent=transparent)


def _refuse_wrong_arguments(path: object, scale: object, size: object, select: object) -> None:
    """Refuse what a program may hand over and no command line can, before anything is drawn."""
    if not isinstance(path, str | os.PathLike):
        raise GradvizError("a path is a text, not {kind}", kind=type(path).__name__)
    if not isinstance(scale, Real):
        raise GradvizError("a scale is a number such as 2.0, not {scale!r}", scale=scale)
    pair = size if isinstance(size, tuple | list) else ()
    if size is not None and not (len(pair) == _SIDES and all(isinstance(side, Real) for side in pair)):
        raise GradvizError("a size is a width and a height in pixels such as (800, 600), not {size!r}", size=size)
    if select is not None and not isinstance(select, Iterable):
        raise GradvizError("the nodes to draw are a list of names, not {kind}", kind=type(select).__name__)
