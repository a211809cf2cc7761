"""The pass counter: two bars on one scale, how many passes reverse and forward mode take for all derivatives."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gradviz.engine import Passes
from gradviz.picture import Box, Item, Picture, Text, Theme, paint, text_width


class PassBars(QWidget):
    """Draws the passes of both modes as lengths, each with its number."""

    def __init__(self) -> None:
        """Show nothing yet."""
        super().__init__()
        self.setObjectName("forward_mode.bars")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._passes: Passes | None = None
        self._theme: Theme | None = None

    def show_passes(self, passes: Passes, theme: Theme) -> None:
        """Show how many passes each mode takes."""
        if (passes, theme) != (self._passes, self._theme):
            self._passes, self._theme = passes, theme
            self.setFixedHeight(round(3.4 * theme.note_size))
            self.setAccessibleName(
                self.tr("Reverse mode takes {reverse:,} passes, forward mode {forward:,}").format(
                    reverse=passes.reverse, forward=passes.forward
                )
            )
            self.update()

    def sizeHint(self) -> QSize:
        """Ask for a usual width."""
        return QSize(240, self.height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint both bars, at least a hairline each, on one scale."""
        if self._passes is None or self._theme is None:
            return
        painter = QPainter(self)
        items = tuple(self._items(self._passes, self._theme))
        paint(painter, Picture(items, (0.0, 0.0, float(self.width()), float(self.height()))))
        painter.end()

    def _items(self, passes: Passes, theme: Theme) -> list[Item]:
        em = float(theme.note_size)
        titles = self.tr("reverse"), self.tr("forward")
        left = max(text_width(title, em) for title in titles) + 0.7 * em
        most = max(passes.reverse, passes.forward, 1)
        room = self.width() - left - text_width(f"{most:,} passes", em) - 0.8 * em
        items: list[Item] = []
        rows = zip(titles, (passes.reverse, passes.forward), (theme.gradient, theme.local), strict=True)
        for row, (title, count, colour) in enumerate(rows):
            middle, length = (1.7 * row + 0.85) * em, max(2.0, room * count / most)
            told = f"{count:,} pass{'' if count == 1 else 'es'}"
            items += [
                Text(0, middle, title, em, theme.ink, baseline="middle"),
                Box(left, middle - 0.5 * em, length, em, fill=colour),
                Text(left + length + 0.5 * em, middle, told, em, theme.ink, baseline="middle"),
            ]
        return items
