"""Compares pictures as people would: a difference that a blur hides is none."""

import numpy as np
from PySide6.QtGui import QImage

TOLERANCE = 24
"""Levels of 255 by which a blurred pixel may differ."""


def pixels(image):
    """Return an image as uint8 of shape (height, width, 4): red, green, blue, alpha."""
    plain = image.convertToFormat(QImage.Format.Format_RGBA8888)
    return np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), plain.width(), 4).copy()


def share_of_different_pixels(one, other):
    """Return the share of pixels of two arrays (height, width, channels) that differ after a blur of 3 by 3."""
    assert one.shape == other.shape
    gaps = np.abs(blurred(one) - blurred(other)).max(axis=-1)
    return float((gaps > TOLERANCE).mean())


def blurred(picture):
    padded = np.pad(picture.astype(np.float64), ((1, 1), (1, 1), (0, 0)), mode="edge")
    h, w = picture.shape[:2]
    return sum(padded[row : row + h, column : column + w] for row in range(3) for column in range(3)) / 9
