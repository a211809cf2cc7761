"""Pictures as pixels: drawn by the one painter into an image, with or without a display."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QColor, QImage, QImageWriter, QPainter

from gradviz.errors import LimitError
from gradviz.export.sheet import Sheet, refuse_large, sheet_for
from gradviz.formats import write_file
from gradviz.picture import Picture, ensure_application, paint

DOTS_PER_METRE = 96 / 0.0254
"""Pixels of a metre of the picture at 100 %: 96 to the inch, as browsers count."""


def write_png(
    picture: Picture,
    path: Path | str,
    scale: float = 1.0,
    *,
    size: tuple[int, int] | None = None,
    transparent: bool = False,
    background: str | None = None,
) -> None:
    """Write a picture as a PNG file; the arguments are those of `as_image`. Raises FormatError as `write_file` does."""
    image = as_image(picture, scale, size=size, transparent=transparent, background=background)
    write_file(path, png_bytes(image))


def as_image(
    picture: Picture,
    scale: float = 1.0,
    *,
    size: tuple[int, int] | None = None,
    transparent: bool = False,
    background: str | None = None,
) -> QImage:
    """Return a picture as an image, `scale` pixels to one of the picture, or fitted into a `size` in pixels.

    The ground is `background`, by default that of the picture, or none where it is `transparent`. Printed, the image
    is as large as the picture at 100 %; the alternative text goes with it. Raises LimitError for what is too large.
    """
    ground = None if transparent else background or picture.background
    return on_sheet((picture,), sheet_for(picture.bounds, scale, size), ground)


def on_sheet(layers: tuple[Picture, ...], sheet: Sheet, ground: str | None) -> QImage:
    """Return pictures, drawn one over the other on a sheet with a ground (None: transparent).

    Raises LimitError for a sheet that is too large.
    """
    refuse_large(sheet)
    ensure_application()
    image = QImage(sheet.width, sheet.height, QImage.Format.Format_ARGB32_Premultiplied)
    if image.isNull():
        raise LimitError(
            "there is no memory for a picture of {width}×{height} pixels", width=sheet.width, height=sheet.height
        )
    image.fill(QColor(ground) if ground else QColor(0, 0, 0, 0))
    painter = QPainter(image)
    painter.scale(sheet.scale, sheet.scale)
    painter.translate(-sheet.view[0], -sheet.view[1])
    for layer in layers:
        paint(painter, layer, sheet.view, sheet.scale)
    painter.end()
    image.setDotsPerMeterX(round(DOTS_PER_METRE * sheet.scale))
    image.setDotsPerMeterY(round(DOTS_PER_METRE * sheet.scale))
    if layers and layers[0].alt:
        image.setText("Description", layers[0].alt)
    return image if ground is None else image.convertToFormat(QImage.Format.Format_RGB888)


def png_bytes(image: QImage) -> bytes:
    """Return an image as the bytes of a PNG file."""
    held = QByteArray()
    buffer = QBuffer(held)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, b"png").write(image)
    buffer.close()
    return bytes(held.data())
