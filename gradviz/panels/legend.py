"""The legend under the canvas: what every mark means that is seen at the moment, and where the colour scales end."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gradviz.picture import Picture, compose_legend, load_theme, paint
from gradviz.workspace import Workspace

MARGIN = 8
"""Pixels around the legend."""


class LegendBar(QWidget):
    """Draws the legend of the workspace's picture; it grows where it needs another row, and never shrinks meanwhile."""

    def __init__(self, workspace: Workspace) -> None:
        """Explain what the workspace shows."""
        super().__init__()
        self.setObjectName("legend")
        self.setAccessibleName(self.tr("Legend"))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._workspace = workspace
        self._picture: Picture | None = None
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self._show)
        workspace.document_changed.connect(lambda _before, _after: self._later.start())
        workspace.theme_changed.connect(self._begin_anew)
        for signal in (workspace.tape_changed, workspace.playhead_moved):
            signal.connect(self._later.start)
        self._begin_anew()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the rows anew where the bar has another width."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._later.start()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the legend on the ground of the picture."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(load_theme(self._workspace.theme_name).background))
        if self._picture is not None:
            painter.translate(MARGIN, MARGIN)
            paint(painter, self._picture)
        painter.end()

    def _begin_anew(self) -> None:
        self.setFixedHeight(4 * load_theme(self._workspace.theme_name).legend_size + 2 * MARGIN)
        self._later.start()

    def _show(self) -> None:
        workspace = self._workspace
        self._picture = compose_legend(
            workspace.document,
            workspace.moment,
            load_theme(workspace.theme_name),
            max(1.0, self.width() - 2.0 * MARGIN),
            report=workspace.report,
            stale=workspace.is_stale,
            captioned=False,
        )
        self.setFixedHeight(max(self.height(), round(self._picture.bounds[3]) + 2 * MARGIN))
        self.update()
