"""Copy as picture: one moment of a document on the clipboard, as pixels and as SVG."""

from __future__ import annotations

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication

from gradviz.engine import Tape
from gradviz.export.image import as_image, png_bytes
from gradviz.export.render import picture_of
from gradviz.export.svg import svg_text
from gradviz.graph import Document
from gradviz.picture import ensure_application

SCALE = 2.0
"""Pixels of the copied image per pixel at 100 %: sharp on slides."""


def copy_picture(
    document: Document,
    frame: int | None = None,
    theme: str = "light",
    scale: float = SCALE,
    *,
    tape: Tape | None = None,
) -> None:
    """Put the picture of one moment on the clipboard; the arguments are those of `picture_of`."""
    picture = picture_of(document, frame, theme, tape=tape)
    image = as_image(picture, scale)
    ensure_application()
    data = QMimeData()
    data.setImageData(image)
    data.setData("image/png", png_bytes(image))
    data.setData("image/svg+xml", svg_text(picture).encode("utf-8"))
    QGuiApplication.clipboard().setMimeData(data)
