"""Curves over two axes; pyqtgraph, which draws them, is loaded when the first are shown."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from gradviz.picture import Theme
from gradviz.workspace import named

HEIGHT: Final = 180


class Axes(QWidget):
    """A view with an axis at the left and one below; whoever inherits from it says what is drawn (`fill`).

    It is made of pyqtgraph's parts and not of its plot, which brings menus of its own that outlive it.
    """

    def __init__(self, name: str, title: str, height: int | None = HEIGHT) -> None:
        """Show nothing yet; without a `height` it takes what room there is."""
        super().__init__()
        named(self, name)
        self._title, self._height = title, height
        self._view: Any = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        policies = QSizePolicy.Policy
        self.setSizePolicy(policies.Expanding, policies.Expanding if height is None else policies.Fixed)
        self.setAccessibleName(title)
        self.hide()

    def sizeHint(self) -> QSize:
        """Ask for a few lines of height, and for any width."""
        return QSize(200, HEIGHT if self._height is None else self._height)

    def made(self, theme: Theme) -> Any:
        """Return the view box, made on the first call, in the colours of a theme."""
        if self._view is None:
            import pyqtgraph

            self._view = pyqtgraph.GraphicsView()
            self._view.setAccessibleName(self._title)
            if self._height is not None:
                self._view.setFixedHeight(self._height)
            self._view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            grid = pyqtgraph.GraphicsLayout()
            self._view.setCentralItem(grid)
            self._box = pyqtgraph.ViewBox(enableMenu=False, enableMouse=False)
            self._sides = {side: pyqtgraph.AxisItem(side) for side in ("left", "bottom")}
            grid.setContentsMargins(2, 6, 6, 2)
            grid.addItem(self._sides["left"], 0, 0)
            grid.addItem(self._box, 0, 1)
            grid.addItem(self._sides["bottom"], 1, 1)
            for axis in self._sides.values():
                axis.linkToView(self._box)
                axis.enableAutoSIPrefix(enable=False)
            self._column.addWidget(self._view)
            self.fill(self._box, pyqtgraph)
        self._view.setBackground(theme.field)
        for axis in self._sides.values():
            axis.setPen(theme.border)
            axis.setTextPen(theme.ink)
        return self._box

    def axis(self, side: str) -> Any:
        """Return the axis at a side, `left` or `bottom`, once there is one."""
        return self._sides[side]

    @property
    def is_made(self) -> bool:
        """Whether anything was shown yet."""
        return self._view is not None

    def fill(self, box: Any, pyqtgraph: Any) -> None:
        """Put into the view box what is drawn."""
        raise NotImplementedError
