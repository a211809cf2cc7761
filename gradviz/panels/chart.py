"""Curves over the steps of training, or over numbers; pyqtgraph, which draws them, is loaded when the first one is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from gradviz.panels.axes import Axes
from gradviz.picture import Theme, ui_font
from gradviz.workspace import named

MOST: Final = 1e100
"""Numbers beyond this are drawn as what is not finite: no axis reaches so far."""

STYLES: Final = (
    Qt.PenStyle.SolidLine,
    Qt.PenStyle.DashLine,
    Qt.PenStyle.DotLine,
    Qt.PenStyle.DashDotLine,
    Qt.PenStyle.DashDotDotLine,
)
"""Styles that tell lines of one colour apart."""

_MOST_DOTS: Final = 40
"""Places of a curve that has a dot at each."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Line:
    """A curve: its name, its places, its colour and style. Where `is_stepped`, x are edges and y stand between them."""

    name: str
    x: Floats
    y: Floats
    colour: str
    style: Qt.PenStyle = Qt.PenStyle.SolidLine
    is_stepped: bool = False
    width: float = 1.75

    @property
    def pen(self) -> QPen:
        """What it is drawn with, as many pixels wide on any scale."""
        pen = QPen(QColor(self.colour), self.width, self.style)
        pen.setCosmetic(True)
        return pen


class Chart(QWidget):
    """Lines in a frame with axes, under a key; or a sentence, where there are none.

    `clicked` brings the x of a click. What is not finite is left out, and marked at the first place where it happens.
    """

    clicked = Signal(float)

    def __init__(self, name: str, title: str, below: str) -> None:
        """Show nothing yet; `title` is the accessible name, `below` says what x counts."""
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(title)
        self._plot = _Plot(name, title)
        self._plot.clicked.connect(self.clicked)
        self.key = named(_Key(below), f"{name}.key")
        self.absent = named(QLabel(), f"{name}.absent")
        self.absent.setWordWrap(True)
        self.absent.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.key)
        column.addWidget(self._plot, stretch=1)
        column.addWidget(self.absent, stretch=1)
        self.lines: tuple[Line, ...] = ()
        self.odd: tuple[float, str] | None = None
        """Where something is not finite first, and what."""
        self.show_absent("")

    def show_absent(self, sentence: str) -> None:
        """Say why there is nothing to show."""
        self.lines, self.odd = (), None
        self.absent.setText(sentence)
        self._show_parts(has_lines=False)

    def show_lines(self, lines: Sequence[Line], theme: Theme, *, is_log: bool = False, at: float | None = None) -> None:
        """Show lines, on a logarithmic scale if `is_log`, and mark a place on the axis of x."""
        self.lines = tuple(lines)
        self.odd = _first_odd(lines)
        self._plot.show_curves(lines, theme, is_log=is_log)
        self._plot.show_span(lines, at)
        self._plot.show_marks(theme, at, None if self.odd is None else self.odd[0])
        self.key.show_lines(lines, theme, "" if self.odd is None else _told(*self.odd))
        told = "; ".join(f"{line.name} {_last(line)}" for line in lines if not line.is_stepped)
        self.setAccessibleDescription("; ".join(filter(None, (told, "" if self.odd is None else _told(*self.odd)))))
        self._show_parts(has_lines=True)

    def _show_parts(self, *, has_lines: bool) -> None:
        self.absent.setVisible(not has_lines)
        self.key.setVisible(has_lines)
        self._plot.setVisible(has_lines)


class _Plot(Axes):
    """The axes with the curves, the mark of a place, and that of what is odd; `clicked` brings the x of a click."""

    clicked = Signal(float)

    def __init__(self, name: str, title: str) -> None:
        super().__init__(f"{name}.plot", title, height=None)
        self._curves: list[Any] = []

    def fill(self, box: Any, pyqtgraph: Any) -> None:
        """Put the marks into the view."""
        self._made = pyqtgraph
        self._at = pyqtgraph.InfiniteLine(angle=90)
        self._odd_at = pyqtgraph.InfiniteLine(angle=90, label="✕", labelOpts={"position": 0.9})
        for mark in (self._at, self._odd_at):
            box.addItem(mark, ignoreBounds=True)
        box.scene().sigMouseClicked.connect(self._click)
        for side in ("left", "bottom"):
            self.axis(side).setStyle(hideOverlappingLabels=True)

    def show_curves(self, lines: Sequence[Line], theme: Theme, *, is_log: bool) -> None:
        """Draw lines, and nothing else."""
        box = self.made(theme)
        while len(self._curves) > len(lines):
            box.removeItem(self._curves.pop())
        while len(self._curves) < len(lines):
            self._curves.append(self._made.PlotDataItem(connect="finite", autoDownsample=True, downsampleMethod="peak"))
            box.addItem(self._curves[-1])
        for curve, line in zip(self._curves, lines, strict=True):
            ink = QColor(line.colour)
            ink.setAlphaF(0.25)
            filled = line.is_stepped and line.style == Qt.PenStyle.SolidLine
            has_dots = not line.is_stepped and line.y.size <= _MOST_DOTS  # a single place has no line
            curve.setData(
                line.x,
                drawable(line.y, is_log=is_log),
                stepMode="center" if line.is_stepped else None,
                symbol="o" if has_dots else None,
                symbolSize=5,
                symbolPen=None,
                symbolBrush=QColor(line.colour),
            )
            curve.setFillLevel(0 if filled else None)
            curve.setFillBrush(ink if filled else None)
            curve.setPen(line.pen)
        self.axis("left").setLogMode(y=is_log)
        font = ui_font(theme)
        font.setPixelSize(max(10, theme.shape_size - 1))
        for side in ("left", "bottom"):
            self.axis(side).setTextPen(theme.muted)
            self.axis(side).setTickFont(font)

    def show_marks(self, theme: Theme, at: float | None, odd: float | None) -> None:
        """Mark a place, and where something is odd, if anything is."""
        looks = (
            (self._at, at, theme.active, 2, Qt.PenStyle.SolidLine),
            (self._odd_at, odd, theme.ink, 1, Qt.PenStyle.DotLine),
        )
        for mark, place, colour, width, style in looks:
            pen = QPen(QColor(colour), width, style)
            pen.setCosmetic(True)
            mark.setPen(pen)
            mark.setVisible(place is not None)
            mark.setValue(0.0 if place is None else place)
        self._odd_at.label.setColor(QColor(theme.ink))

    def show_span(self, lines: Sequence[Line], at: float | None) -> None:
        """Show all of the axis of x: steps from 0 on, or the numbers that there are."""
        box = self._at.getViewBox()
        if any(line.is_stepped for line in lines):
            box.enableAutoRange(axis=box.XAxis)
        else:
            box.setXRange(0, max(1.0, at or 0.0, *(float(line.x[-1]) for line in lines if line.x.size)), padding=0.02)

    def _click(self, event: Any) -> None:
        point: QPointF = self._at.getViewBox().mapSceneToView(event.scenePos())
        self.clicked.emit(point.x())


def drawable(y: Floats, *, is_log: bool) -> Floats:
    """Return numbers as they are drawn: NaN where they are not finite, too large, or have no logarithm."""
    fit = np.isfinite(y) & (np.abs(y) <= MOST)
    if not is_log:
        return np.where(fit, y, np.nan)
    fit &= y > 0
    return np.where(fit, np.log10(np.where(fit, y, 1.0)), np.nan)


def _first_odd(lines: Sequence[Line]) -> tuple[float, str] | None:
    """Return where the first number stands that is not finite, and what it is."""
    found = []
    for line in lines:
        odd = np.flatnonzero(~np.isfinite(line.y))
        if odd.size and not line.is_stepped:
            what = "NaN" if np.isnan(line.y[odd[0]]) else "∞"
            found.append((float(line.x[odd[0]]), f"{line.name} is {what}"))
    return min(found, default=None)


def _told(at: float, what: str) -> str:
    return f"✕ {what} at {at:g}"


def _last(line: Line) -> str:
    return f"{line.y[-1]:.4g}" if line.y.size else "–"


class _Key(QWidget):
    """The names of lines, each with a piece of it, and what is odd; at the right what x counts."""

    def __init__(self, below: str) -> None:
        super().__init__()
        self._below = f"{below} →"
        self._muted = QColor()
        self._lines: tuple[Line, ...] = ()
        self._odd = ""
        self._ink = QColor()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_lines(self, lines: Sequence[Line], theme: Theme, odd: str) -> None:
        """Tell of these lines."""
        self._lines, self._odd, self._ink, self._muted = tuple(lines), odd, QColor(theme.ink), QColor(theme.muted)
        self.setToolTip("\n".join(filter(None, (*(line.name for line in lines), odd))))
        self.update()

    def sizeHint(self) -> QSize:
        """Ask for one line."""
        return QSize(80, self.fontMetrics().lineSpacing() + 2)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw as many names as there is room for."""
        painter, metrics = QPainter(self), self.fontMetrics()
        x, middle, piece = 4, self.height() / 2, 26
        for number, line in enumerate(self._lines):
            width = piece + 6 + metrics.horizontalAdvance(line.name)
            if x + width > self.width() and number:
                painter.drawText(x, 0, self.width(), self.height(), Qt.AlignmentFlag.AlignVCenter, "…")
                break
            painter.setPen(line.pen)
            painter.drawLine(QPointF(x, middle), QPointF(x + piece, middle))
            painter.setPen(self._ink)
            room = self.rect().adjusted(x + piece + 6, 0, 0, 0)
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, line.name)
            x += width + 14
        else:
            if self._odd:
                room = self.rect().adjusted(x, 0, 0, 0)
                painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, self._odd)
                x += metrics.horizontalAdvance(self._odd) + 14
            if x + metrics.horizontalAdvance(self._below) + 8 < self.width():
                painter.setPen(self._muted)
                room = self.rect().adjusted(x, 0, -4, 0)
                painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, self._below)
        painter.end()
