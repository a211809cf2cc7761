"""Lines of typeset mathematics whose terms can be pointed at and clicked, with the mouse and with the keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from gradviz.engine import RuleLine, RuleTerm
from gradviz.picture import Formula, Picture, Text, Theme, lay_out, paint
from gradviz.workspace import named

_LEAST_ROOM: Final = 240
"""Pixels that a formula may take however narrow its panel is."""

_BETWEEN: Final = 0.75
"""The gap between lines, in sizes of the type."""

_LEAST_SCALE: Final = 0.6
"""How much smaller a formula may be set that cannot be broken; what is wider still is scrolled."""

_PAD: Final = 3.0


@dataclass(frozen=True, eq=False)
class _Placed:
    line: RuleLine
    formula: Formula
    lead: Text | None
    y: float


class FormulaLines(QWidget):
    """Shows lines; `pointed` brings the term under the mouse or the keys (None for none), `chosen` a clicked one."""

    pointed = Signal(object)
    chosen = Signal(object)

    def __init__(self, name: str) -> None:
        """Show nothing yet."""
        super().__init__()
        named(self, name)
        self._lines: Sequence[RuleLine] = ()
        self._theme: Theme | None = None
        self._placed: tuple[_Placed, ...] = ()
        self._hot: int | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def text(self) -> str:
        """All lines as text."""
        return "\n".join(f"{line.lead}: {line.unicode}" if line.lead else line.unicode for line in self._lines)

    def show_lines(self, lines: Sequence[RuleLine], theme: Theme) -> None:
        """Show lines in a theme."""
        before = self._hot_term()
        self._lines, self._theme = lines, theme
        self.setAccessibleName(self.text)
        self._lay_out()
        after = self._hot_term()
        if before is None or after is None or (before.node, before.kind) != (after.node, after.kind):
            self._hot = None

    def terms(self) -> list[tuple[RuleTerm, QRectF]]:
        """Return the terms that stand for tensors, in reading order, and where they lie in the widget."""
        found = []
        for placed in self._placed:
            for key, (x, y, w, h) in placed.formula.terms:
                term = placed.line.terms[key]
                if term.node:
                    found.append((term, QRectF(x + _PAD, y + placed.y, w, h)))
        return found

    def _hot_term(self) -> RuleTerm | None:
        terms = self.terms()
        return terms[self._hot][0] if self._hot is not None and self._hot < len(terms) else None

    def sizeHint(self) -> QSize:
        """Ask for the room that the lines take."""
        return QSize(max(self.minimumWidth(), _LEAST_ROOM), self._height())

    def _height(self) -> int:
        last = self._placed[-1] if self._placed else None
        return 0 if last is None else ceil(last.y + last.formula.height + 2 * _PAD)

    def _lay_out(self) -> None:
        theme = self._theme
        if theme is None:
            return
        size, room = theme.title_size * 1.1, max(self.width(), _LEAST_ROOM) - 2 * _PAD
        placed: list[_Placed] = []
        y, least = _PAD, 0.0
        for line in self._lines:
            colours = {key: theme.gradient for key, term in line.terms.items() if term.kind == "gradient"}
            formula = lay_out(line.marked, size, theme.ink, colours, room)
            if formula.width > room:
                smaller = size * max(_LEAST_SCALE, 0.98 * room / formula.width)
                formula = lay_out(line.marked, smaller, theme.ink, colours, room)
                least = max(least, formula.width)
            lead = None
            if line.lead:
                lead = Text(_PAD, y, line.lead, theme.note_size, theme.muted, baseline="top")
                y += 1.35 * theme.note_size
            placed.append(_Placed(line, formula, lead, y))
            y += formula.height + _BETWEEN * size
        self._placed = tuple(placed)
        self.setMinimumWidth(ceil(least + 2 * _PAD) if least > room else 0)
        self.setFixedHeight(max(1, self._height()))
        self.updateGeometry()
        self.update()

    # What Qt asks

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the lines anew."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._lay_out()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the lines, and what is pointed at."""
        theme = self._theme
        if theme is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_hot(painter, theme)
        for placed in self._placed:
            if placed.lead is not None:
                paint(painter, Picture((placed.lead,), placed.lead.bounds))
            painter.save()
            painter.translate(_PAD, placed.y)
            formula = placed.formula
            paint(painter, Picture(formula.items, (0.0, 0.0, formula.width, formula.height)))
            painter.restore()

    def _paint_hot(self, painter: QPainter, theme: Theme) -> None:
        terms = self.terms()
        if self._hot is None or self._hot >= len(terms):
            return
        term, rect = terms[self._hot]
        shade = QColor(theme.gradient if term.kind == "gradient" else theme.selection)
        edge = QColor(shade)
        shade.setAlphaF(0.14)
        painter.setBrush(shade)
        painter.setPen(QPen(edge, 1.0) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.drawRoundedRect(rect.adjusted(-2, -1, 2, 1), 3, 3)

    def event(self, event: QEvent) -> bool:
        """Tell the whole of a term under the mouse."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            at = self._term_at(QPointF(event.pos()))
            if at is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(self.mapToGlobal(QPoint(event.pos())), told(self.terms()[at][0]), self)
            return True
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at the term under the mouse."""
        self._point(self._term_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing."""
        super().leaveEvent(event)
        self._point(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the term under the mouse."""
        at = self._term_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and at is not None:
            self.chosen.emit(self.terms()[at][0])
        else:
            super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Keep what belongs to a click that was taken."""
        event.setAccepted(event.button() == Qt.MouseButton.LeftButton)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let the arrows go from term to term, and Enter choose one."""
        count, key = len(self.terms()), Qt.Key(event.key())
        ways = {Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1}
        if count and key in ways:
            start = -1 if self._hot is None and ways[key] == 1 else self._hot or 0
            self._point((start + ways[key]) % count)
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space} and self._hot is not None:
            self.chosen.emit(self.terms()[self._hot][0])
        elif key == Qt.Key.Key_Escape and self._hot is not None:
            self._point(None)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keys are: at the first term."""
        super().focusInEvent(event)
        if self._hot is None and self.terms() and event.reason() != Qt.FocusReason.MouseFocusReason:
            self._point(0)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Point at nothing any more."""
        super().focusOutEvent(event)
        self._point(None)

    def _term_at(self, at: QPointF) -> int | None:
        """Return the number of the smallest term at a point."""
        hits = [
            (rect.width() * rect.height(), number)
            for number, (_, rect) in enumerate(self.terms())
            if rect.adjusted(-2, -2, 2, 2).contains(at)
        ]
        return min(hits)[1] if hits else None

    def _point(self, at: int | None) -> None:
        if at == self._hot:
            return
        self._hot = at
        term = None if at is None else self.terms()[at][0]
        self.setCursor(Qt.CursorShape.ArrowCursor if term is None else Qt.CursorShape.PointingHandCursor)
        self.setAccessibleDescription("" if term is None else told(term))
        self.update()
        self.pointed.emit(term)


def told(term: RuleTerm) -> str:
    """Return what a term is, in words, with its number in full where it is one cell."""
    what = f"the gradient of {term.node}" if term.kind == "gradient" else f"the value of {term.node}"
    if term.cell is None:
        return what
    place = f"[{', '.join(map(str, term.cell))}]" if term.cell else ""
    return f"{what}{place}: {term.number!r}"
