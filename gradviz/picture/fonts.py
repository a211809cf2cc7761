"""The bundled fonts: loaded once, measured by their own advances, so that a layout is equal on every machine.

Texts are set in pixels with hinting off. Three families lie in resources/fonts, subsets with free licences: "sans" for
words, "mono" for numbers (tabular figures), and symbols, which are looked up last. A script that none of them has falls
back to a font of the system, with that font's real metrics.
"""

from __future__ import annotations

import os
from functools import cache, lru_cache
from typing import Literal

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QFont, QFontDatabase, QFontMetricsF, QGuiApplication

from gradviz.assets import names, read_bytes
from gradviz.errors import GradvizError
from gradviz.picture.theme import Theme

Family = Literal["sans", "mono"]
Weight = Literal["regular", "semibold"]

FAMILIES: dict[Family, tuple[str, ...]] = {
    "sans": ("Gradviz Sans", "Gradviz Mono", "Gradviz Symbols"),
    "mono": ("Gradviz Mono", "Gradviz Sans", "Gradviz Symbols"),
}
_WEIGHTS: dict[Weight, QFont.Weight] = {"regular": QFont.Weight.Normal, "semibold": QFont.Weight.DemiBold}
# Metrics are taken at this size and scaled: without hinting, advances are proportional to the size.
_MEASURED_AT = 100

_kept: list[QGuiApplication] = []


def ensure_application() -> None:
    """Make an offscreen QGuiApplication where no application exists: fonts need one, and scripts have none.

    Raises GradvizError where the program has made an application that cannot draw.
    """
    application = QCoreApplication.instance()
    if application is None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        _kept.append(QGuiApplication(["gradviz"]))
    elif not isinstance(application, QGuiApplication):
        raise GradvizError(
            "pictures need a QGuiApplication, and this program has made a {kind}: make a QGuiApplication instead",
            kind=type(application).__name__,
        )


def ensure_fonts() -> None:
    """Load the bundled fonts, once, and an application to hold them where none exists."""
    ensure_application()
    _load()


@cache
def font(size: int, family: Family = "sans", weight: Weight = "regular") -> QFont:
    """Return the font of a family and weight; `size` in whole pixels."""
    ensure_fonts()
    made = QFont(list(FAMILIES[family]))
    made.setPixelSize(max(1, size))
    made.setWeight(_WEIGHTS[weight])
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    made.setStyleStrategy(QFont.StyleStrategy.NoSubpixelAntialias)
    return made


def ui_font(theme: Theme) -> QFont:
    """Return the font of the window around the picture."""
    return font(theme.title_size)


@lru_cache(maxsize=1 << 16)
def text_width(text: str, size: float, family: Family = "sans", weight: Weight = "regular") -> float:
    """Return the advance width of a line of text in pixels, at any size in pixels."""
    return _metrics(family, weight).horizontalAdvance(text) * size / _MEASURED_AT


@cache
def line_height(size: float, family: Family = "sans", weight: Weight = "regular") -> float:
    """Return the height of a line in pixels: ascent and descent."""
    return _metrics(family, weight).height() * size / _MEASURED_AT


@cache
def ascent(size: float, family: Family = "sans", weight: Weight = "regular") -> float:
    """Return how far the line rises above the baseline, in pixels."""
    return _metrics(family, weight).ascent() * size / _MEASURED_AT


@cache
def digit_height(size: float, family: Family = "sans", weight: Weight = "regular") -> float:
    """Return how far digits and capitals rise above the baseline, in pixels."""
    return _metrics(family, weight).capHeight() * size / _MEASURED_AT


@lru_cache(maxsize=1 << 14)
def shorten(text: str, width: float, size: float, family: Family = "sans", weight: Weight = "regular") -> str:
    """Return the text, cut at its end with "…" where it is wider than `width` pixels."""
    if text_width(text, size, family, weight) <= width:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        fits = text_width(text[:middle].rstrip() + "…", size, family, weight) <= width
        low, high = (middle, high) if fits else (low, middle - 1)
    return text[:low].rstrip() + "…"


@cache
def _metrics(family: Family, weight: Weight) -> QFontMetricsF:
    """Return the metrics from which all sizes are scaled."""
    return QFontMetricsF(font(_MEASURED_AT, family, weight))


@cache
def _load() -> None:
    """Hand every bundled font to Qt; an installation without them is told in a sentence."""
    for name in names("fonts"):
        if name.endswith(".ttf") and QFontDatabase.addApplicationFontFromData(read_bytes(name)) < 0:
            raise GradvizError("the font {name!r} cannot be loaded: is the installation complete?", name=name)
