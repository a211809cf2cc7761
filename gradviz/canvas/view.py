"""The graph on screen: the picture of the moment, under a view that pans and zooms.

The view is a shell with an empty scene. The still picture of the moment is painted as its background, which Qt keeps
as an image until something of it changes; what moves (a travelling gradient, a wire being drawn) is painted over it.
Picture coordinates are scene coordinates: pixels at 100 %, y grows downwards.
"""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QGraphicsScene, QGraphicsView

from gradviz.canvas.gestures import Gesture
from gradviz.canvas.ground import paint_grid
from gradviz.graph import Document, NodeId
from gradviz.picture import Geometry, Picture, Theme, compose, compose_motion, geometry_of, load_theme, paint
from gradviz.workspace import Workspace

LEAST, MOST = 0.05, 6.0
"""How far the view zooms out and in."""

WORLD = QRectF(-200_000.0, -200_000.0, 400_000.0, 400_000.0)
"""Where nodes can be, so that the view never needs to scroll elsewhere."""

FIT_MARGIN = 40.0
"""Screen pixels left free around a graph that is fitted."""


class GraphView(QGraphicsView):
    """Shows the workspace's document at the playhead."""

    def __init__(self, workspace: Workspace) -> None:
        """Show `workspace`."""
        super().__init__()
        self.setObjectName("canvas")
        self.workspace = workspace
        self._scene = QGraphicsScene(WORLD, self)
        self._scene.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)
        self.setScene(self._scene)
        self._gesture: Gesture | None = None
        self._picture: Picture | None = None
        self._is_moving = False
        self._wants_fit = True
        self._set_up()
        workspace.document_changed.connect(self._meet_document)
        for signal in (workspace.tape_changed, workspace.playhead_moved, workspace.selection_changed):
            signal.connect(self._redraw)
        workspace.theme_changed.connect(self._redraw)
        workspace.motion_moved.connect(self._meet_motion)

    def _set_up(self) -> None:
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName(self.tr("Graph"))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
        self.setCacheMode(QGraphicsView.CacheModeFlag.CacheBackground)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    # What is shown

    @property
    def theme(self) -> Theme:
        """The look."""
        return load_theme(self.workspace.theme_name)

    @property
    def geometry_shown(self) -> Geometry:
        """Where everything is, in picture coordinates."""
        return geometry_of(self.workspace.document, self.workspace.report, self.theme)

    @property
    def zoom(self) -> float:
        """Screen pixels per pixel at 100 %."""
        return self.transform().m11()

    @property
    def pixel(self) -> float:
        """The length of a screen pixel in picture coordinates."""
        return 1.0 / self.zoom

    def node_rect(self, node: NodeId) -> QRect:
        """Return where a node's card is, in viewport pixels."""
        return self.mapFromScene(QRectF(*self.geometry_shown.rect(node))).boundingRect()

    def port_point(self, node: NodeId, slot: int) -> QPoint:
        """Return where a port is, in viewport pixels; slot -1 is the output."""
        geometry = self.geometry_shown
        point = geometry.output_point(node) if slot < 0 else geometry.input_point(node, slot)
        return self.mapFromScene(QPointF(*point))

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """Paint the ground, the grid and the still picture."""
        area = QRectF(rect)
        theme = self.theme
        painter.fillRect(area, QColor(theme.background))
        paint_grid(painter, area, self.zoom, theme)
        if self._picture is None:
            self._picture = self._composed(theme)
        paint(painter, self._picture, (area.x(), area.y(), area.width(), area.height()), self.zoom)

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """Paint what moves: the frame under way, and the gesture."""
        area = QRectF(rect)
        workspace, moving = self.workspace, self.workspace.moving
        if workspace.motion is not None and moving is not None:
            motion = compose_motion(workspace.document, moving, self.theme, workspace.motion.progress, workspace.report)
            paint(painter, motion, (area.x(), area.y(), area.width(), area.height()), self.zoom)
        if self._gesture is not None:
            self._gesture.paint(painter)

    def _composed(self, theme: Theme) -> Picture:
        workspace = self.workspace
        return compose(
            workspace.document,
            workspace.still,
            theme,
            report=workspace.report,
            stale=workspace.is_stale,
            active=workspace.motion is None,
            selection=workspace.selection,
        )

    def _redraw(self) -> None:
        self._picture = None
        self.resetCachedContent()
        self.viewport().update()

    def _meet_motion(self) -> None:
        """Redraw the still picture where motion begins or ends; in between only what moves is drawn."""
        is_moving = self.workspace.motion is not None
        if is_moving != self._is_moving:
            self._is_moving = is_moving
            self._redraw()
        self.viewport().update()

    def _meet_document(self, before: Document, after: Document) -> None:
        opened = not before.nodes.keys() & after.nodes.keys() and not self.workspace.history.canUndo()
        self._redraw()
        if opened:
            self._wants_fit = not self.isVisible()
            self.fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the middle in the middle; fit a document that was opened before there was room for it."""
        middle = self.mapToScene(self.viewport().rect().center())
        super().resizeEvent(event)
        if self._wants_fit:
            self.fit()
        else:
            self.centerOn(middle)

    def showEvent(self, event: QShowEvent) -> None:
        """Fit what was opened before the window was shown."""
        super().showEvent(event)
        if self._wants_fit:
            self.fit()
            self._wants_fit = False

    # The view

    def fit(self) -> None:
        """Show the whole graph, at most at 100 %, in the middle."""
        if not self.workspace.document.nodes:
            self.resetTransform()
            self.centerOn(0, 0)
            return
        bounds = QRectF(*self.geometry_shown.bounds())
        room = self.viewport().rect()
        wide = max(bounds.width(), 1.0) / max(room.width() - 2 * FIT_MARGIN, 1.0)
        high = max(bounds.height(), 1.0) / max(room.height() - 2 * FIT_MARGIN, 1.0)
        scale = min(1.0, max(LEAST, 1.0 / max(wide, high)))
        self.resetTransform()
        self.scale(scale, scale)
        self.centerOn(bounds.center())
        self._redraw()

    def zoom_by(self, factor: float, about: QPoint | None = None) -> None:
        """Zoom about a point of the viewport, its middle where none is said."""
        about = self.viewport().rect().center() if about is None else about
        factor = max(LEAST / self.zoom, min(MOST / self.zoom, factor))
        under = self.mapToScene(about)
        self.scale(factor, factor)
        moved = self.mapFromScene(under) - about
        self.pan_by(-moved.x(), -moved.y())
        self._redraw()

    def zoom_whole(self) -> None:
        """Show one pixel of the picture as one pixel of the screen."""
        self.zoom_by(1.0 / self.zoom)

    def pan_by(self, dx: int, dy: int) -> None:
        """Move the picture by screen pixels."""
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        across.setValue(across.value() - dx)
        down.setValue(down.value() - dy)

    def reveal(self, node: NodeId) -> None:
        """Bring a node into view."""
        self.centerOn(QRectF(*self.geometry_shown.rect(node)).center())
