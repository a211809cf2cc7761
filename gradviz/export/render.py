"""One moment of a document as a file: PNG or SVG, chosen by its ending."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path

from gradviz.engine import Tape, run
from gradviz.errors import GradvizError
from gradviz.export.image import write_png
from gradviz.export.parts import cut_out, with_legend
from gradviz.export.svg import write_svg
from gradviz.graph import Document, NodeId
from gradviz.picture import Picture, compose, compose_legend, load_theme

WRITERS: Mapping[str, Callable[..., None]] = {".png": write_png, ".svg": write_svg}
"""What writes a picture, by the ending of the file."""


def render(
    document: Document,
    path: str | os.PathLike[str],
    frame: int | None = None,
    theme: str = "light",
    *,
    scale: float = 1.0,
    size: tuple[int, int] | None = None,
    select: Iterable[NodeId] | None = None,
    transparent: bool = False,
) -> None:
    """Write one moment of a document's run, with its legend, into a PNG or SVG file.

    `frame` counts as `tape.at` does; the end of the run is the default. `scale` is in pixels of the file per pixel at
    100 %; a `size` in pixels, into which the picture is fitted, takes its place. `select` leaves all other nodes out.
    Raises GradvizError in a sentence for what there is not, is too large, or cannot be written.
    """
    writer = writer_for(path)
    drawn = picture_of(document, frame, theme, select)
    writer(drawn, os.fspath(path), scale, size=size, transparent=transparent)


def writer_for(path: str | os.PathLike[str]) -> Callable[..., None]:
    """Return what writes files of that ending; raises GradvizError with the endings that there are."""
    suffix = Path(path).suffix.lower()
    if suffix not in WRITERS:
        told = f"ending in {suffix}" if suffix else "without an ending"
        raise GradvizError(
            "gradviz cannot draw a file {told}: name it *{endings}", told=told, endings=" or *".join(WRITERS)
        )
    return WRITERS[suffix]


def picture_of(
    document: Document,
    frame: int | None = None,
    theme: str = "light",
    select: Iterable[NodeId] | None = None,
    *,
    tape: Tape | None = None,
) -> Picture:
    """Return the picture of one moment with its legend, as files and the clipboard get it."""
    look = load_theme(theme)
    tape = run(document) if tape is None else tape
    moment = tape.at(len(tape.frames) if frame is None else frame)
    if select is None:
        return compose(document, moment, look, legend=True)
    nodes = _known(document, select)
    margin = 3.0 * look.spacing
    part = cut_out(compose(document, moment, look), nodes, document.wires, margin)
    legend = compose_legend(document, moment, look, part.bounds[2] - 2 * margin, nodes=nodes)
    return with_legend(part, legend, margin)


def _known(document: Document, select: Iterable[NodeId]) -> Collection[NodeId]:
    """Return the nodes that were selected; raises GradvizError for a name that no node has, and for none at all."""
    nodes = frozenset(select)
    unknown = sorted(nodes - set(document.nodes))
    if unknown:
        raise GradvizError(
            'there is no node "{name}" to draw: this document has {nodes}',
            name=unknown[0],
            nodes=", ".join(document.nodes) or "none",
        )
    if not nodes:
        raise GradvizError("no node is selected: name at least one to draw")
    return nodes
