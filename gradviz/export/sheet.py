"""The sheet that a picture is put on: how large it is, and which part of the picture's plane it shows."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, isfinite

from gradviz.errors import GradvizError, LimitError
from gradviz.picture import Rect

MOST_SIDE = 32_000
"""Pixels of the longer side of an image: more, and QPainter cannot reach it."""

MOST_PIXELS = 1 << 26
"""Pixels of an image in all: 256 MiB of memory."""


@dataclass(frozen=True)
class Sheet:
    """`width` × `height` pixels that show the rectangle `view` of the picture's plane, `scale` pixels to one of it.

    `is_fitted` tells whether a person chose the size, and the scale followed.
    """

    width: int
    height: int
    view: Rect
    scale: float
    is_fitted: bool = False


def sheet_for(bounds: Rect, scale: float = 1.0, size: tuple[int, int] | None = None) -> Sheet:
    """Return the sheet for a picture: `scale` times as large, or of a `size` in pixels, into which it is fitted.

    Raises GradvizError for a scale or a size that is none.
    """
    x, y, w, h = bounds
    w, h = max(w, 1.0), max(h, 1.0)
    if size is None:
        is_good = scale > 0 and isfinite(scale * max(w, h))
        _refuse_bad(is_good, "a picture cannot be drawn at the scale {scale}", scale=scale)
        width, height = max(1, ceil(w * scale - 1e-6)), max(1, ceil(h * scale - 1e-6))
    else:
        width, height = size
        _refuse_bad(min(size) > 0, "a picture cannot be {width}×{height} pixels large", width=width, height=height)
        scale = min(width / w, height / h)
    view = width / scale, height / scale
    return Sheet(width, height, (x - (view[0] - w) / 2, y - (view[1] - h) / 2, *view), scale, size is not None)


def refuse_large(sheet: Sheet) -> None:
    """Raise LimitError for a sheet that is too large for an image, with what would make it smaller."""
    if max(sheet.width, sheet.height) > MOST_SIDE or sheet.width * sheet.height > MOST_PIXELS:
        advice = "choose a smaller size" if sheet.is_fitted else "choose a smaller scale, draw fewer nodes"
        raise LimitError(
            "an image of {width:,}×{height:,} pixels is too large (at most {side:,} a side and {pixels:,} in all): "
            f"{advice}, or draw SVG",
            width=sheet.width,
            height=sheet.height,
            side=MOST_SIDE,
            pixels=MOST_PIXELS,
        )


def _refuse_bad(is_good: bool, template: str, **facts: object) -> None:
    if not is_good:
        raise GradvizError(f"{template}: choose a number above zero", **facts)
