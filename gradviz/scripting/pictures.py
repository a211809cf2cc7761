"""Pictures made from a program. Qt is loaded here, and nowhere else on the way from the root page."""

from __future__ import annotations

import os
from collections.abc import Iterable

from gradviz.export.render import render as write_picture
from gradviz.formats import load
from gradviz.graph import Document, NodeId


def render(
    document: Document | str | os.PathLike[str],
    path: str | os.PathLike[str],
    frame: int | None = None,
    theme: str = "light",
    *,
    scale: float = 1.0,
    size: tuple[int, int] | None = None,
    select: Iterable[NodeId] | None = None,
    transparent: bool = False,
) -> None:
    """Draw one moment of a document, or of the file of that name, into a PNG or SVG file.

    `frame` counts as `tape.at` does and is the last by default; `theme` is light, dark or projector; `scale` is in
    pixels of the image per pixel at 100 %, `size` in pixels. `select` leaves all other nodes out.
    """
    drawn = document if isinstance(document, Document) else load(document)
    write_picture(drawn, path, frame=frame, theme=theme, scale=scale, size=size, select=select, transparent=transparent)
