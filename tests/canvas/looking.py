"""What a canvas shows, and what it should show, as images that can be compared."""

import numpy as np
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtTest import QTest

from gradviz.picture import compose, load_theme, paint


def shown(canvas):
    """Return what the canvas shows, as an image."""
    return canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)


def pixels(image):
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)[..., :3].astype(int)


def drawn_afresh(canvas):
    """Return what the canvas should show, painted directly and without the grid."""
    workspace, viewport = canvas.workspace, canvas.viewport()
    theme = load_theme(workspace.theme_name)
    ratio = viewport.devicePixelRatioF()
    image = QImage(viewport.size() * ratio, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(QColor(theme.background))
    painter = QPainter(image)
    painter.setTransform(canvas.viewportTransform())
    picture = compose(workspace.document, workspace.moment, theme, stale=workspace.is_stale)
    paint(painter, picture, None, canvas.zoom * ratio)
    painter.end()
    return image


def difference(a, b):
    """Return the share of pixels that differ clearly, grid dots and all."""
    return np.mean(np.abs(pixels(a) - pixels(b)).max(axis=2) > 48)


def assert_shows_what_is(canvas):
    """Compare with what is painted directly, as soon as no scaled copy stands in."""
    canvas.grab()
    while canvas._sharpen.isActive():
        QTest.qWait(10)
    assert difference(shown(canvas), drawn_afresh(canvas)) < 0.001
