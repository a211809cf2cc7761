"""The outline of some cells of a heatmap: those that the cell that is pointed at comes from."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from gradviz.graph import Array
from gradviz.picture import TensorLayout, Theme, outlines


class CellOutline(QGraphicsItem):
    """Draws lines of ink on paper, seen on every colour and in grey; row i, column j is the square from (j, i) on."""

    def __init__(self) -> None:
        """Outline nothing."""
        super().__init__()
        self._lines: list[QLineF] = []
        self._size = (0, 0)
        self._theme: Theme | None = None
        self._lit: Array | None = None

    @property
    def lit(self) -> Array | None:
        """The mask of the cells that are outlined."""
        return self._lit

    def take_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
        self._theme = theme
        self.update()

    def show_cells(self, lit: Array | None) -> None:
        """Outline the cells of a mask, shape (rows, columns), or none."""
        if lit is None and self._lit is None:
            return
        self.prepareGeometryChange()
        self._lit, self._lines, self._size = lit, [], (0, 0)
        if lit is not None and lit.size:
            self._size = rows, columns = lit.shape
            layout = TensorLayout("cells", columns, rows, sheet=(rows, columns), sheet_w=columns, sheet_h=rows)
            self._lines = [QLineF(*line) for line in outlines(layout, lit).tolist()]
        self.update()

    def boundingRect(self) -> QRectF:
        """Return the matrix."""
        return QRectF(0, 0, self._size[1], self._size[0])

    def paint(self, painter: QPainter, _option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Draw the lines, of the same width however large a cell is."""
        if self._theme is None or not self._lines:
            return
        for colour, width in ((self._theme.card, 4.0), (self._theme.ink, 2.0)):
            pen = QPen(QColor(colour), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap)
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.drawLines(self._lines)
