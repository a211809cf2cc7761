"""`gradviz render`: one moment of a file as a picture, without a display."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gradviz.app.arguments import Parser, add_file, names, number, size, whole_number
from gradviz.export.render import render
from gradviz.formats import load


def main(words: Sequence[str]) -> int:
    """Draw one moment of a file as a picture."""
    asked = _parser().parse_args(words)
    render(
        load(asked.file),
        asked.out,
        frame=asked.frame,
        theme=asked.theme,
        scale=asked.scale,
        size=asked.size,
        select=asked.select,
        transparent=asked.transparent,
    )
    return 0


def _parser() -> Parser:
    parser = Parser("render", main.__doc__)
    add_file(parser)
    parser.add_argument("-o", "--out", type=Path, required=True, help="OUT.png or OUT.svg")
    moment = parser.add_mutually_exclusive_group()
    moment.add_argument(
        "--frame", type=whole_number, help="the moment after so many frames (0 is the start; default: the end)"
    )
    moment.add_argument("--moment", choices=["last"], help="the end of the sweep")
    parser.add_argument("--theme", default="light", help="light, dark or projector")
    parser.add_argument("--scale", type=number, default=1.0, help="pixels of the image per pixel at 100 %%")
    parser.add_argument("--size", type=size, metavar="WxH", help="in pixels: the picture is fitted into it")
    parser.add_argument("--select", type=names, metavar="NODES", help="only these nodes, joined by commas")
    parser.add_argument("--transparent", action="store_true", help="leave the ground out")
    return parser
