"""The signs of buttons and menus: line drawings in one colour, the theme's ink."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize
from PySide6.QtGui import QIcon, QImageReader, QPixmap

from gradviz.assets import read_text
from gradviz.errors import GradvizError
from gradviz.picture.theme import Theme

SIZES = (20, 40)
"""Pixels of the drawings kept per sign: for screens of one and of two pixels per point."""


def icon_size(theme: Theme) -> QSize:
    """Return how large signs are beside the type of the window."""
    return QSize(theme.title_size + 7, theme.title_size + 7)


@cache
def icon(sign: str, colour: str) -> QIcon:
    """Return the sign of that name under resources/icons, drawn in a colour; cached for the life of the process."""
    drawing = read_text(f"icons/{sign}.svg").replace("currentColor", colour).encode()
    result = QIcon()
    for size in SIZES:
        result.addPixmap(_drawn(drawing, size, sign))
    return result


def _drawn(drawing: bytes, size: int, sign: str) -> QPixmap:
    buffer = QBuffer()
    buffer.setData(QByteArray(drawing))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer, QByteArray(b"svg"))
    reader.setScaledSize(QSize(size, size))
    image = reader.read()
    if image.isNull():
        raise GradvizError("the icon {sign} cannot be drawn: {why}", sign=sign, why=reader.errorString())
    return QPixmap.fromImage(image)
