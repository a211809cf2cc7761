"""The graph on screen: the picture of the moment, under a view that pans and zooms.

The view is a shell with an empty scene. The still picture of the moment is its backdrop, an image that is painted anew
where something of it changes. Painted over it: what moves (a travelling gradient, nodes that are carried, a wire that
is being drawn), and what is marked. Picture coordinates are scene coordinates: pixels at 100 %, y grows downwards.
"""

from __future__ import annotations

from math import isfinite

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QGraphicsScene, QGraphicsView

from gradviz.canvas.backdrop import Backdrop
from gradviz.canvas.cells import CellsShown, paint_cells
from gradviz.canvas.fade import Fade
from gradviz.canvas.faults import FaultsTold
from gradviz.canvas.gestures import Gesture
from gradviz.canvas.ground import paint_grid
from gradviz.canvas.lifted import Lifted, lift
from gradviz.canvas.marks import hovered_wires, paint_hover, paint_rings, paint_wires, port_point
from gradviz.canvas.parts import Parts
from gradviz.canvas.picking import GROUND, Hit
from gradviz.graph import LIMITS, NodeId
from gradviz.picture import Geometry, Picture, Theme, compose, compose_motion, geometry_of, load_theme, paint, unit_of
from gradviz.workspace import Motion, Pointing, Workspace

LEAST, MOST = 0.05, 6.0
"""How far the view zooms out and in; further out only where a graph is larger than that shows."""

WORLD = QRectF(-2 * LIMITS.distance, -2 * LIMITS.distance, 4 * LIMITS.distance, 4 * LIMITS.distance)
"""Where nodes can be, so that the view never needs to scroll elsewhere."""

FIT_MARGIN = 24.0
"""Screen pixels left free around a graph that is fitted."""

REVEAL_MARGIN = 48
"""Screen pixels between a node that is revealed and the edge."""

SHARPEN_AFTER = 90
"""Milliseconds without zooming after which a scaled copy is painted anew."""


class GraphView(QGraphicsView):
    """Shows the workspace's document at the playhead."""

    def __init__(self, workspace: Workspace, pointing: Pointing | None = None) -> None:
        """Show `workspace`, and the cell that is pointed at: here alone, where no `pointing` is shared with others."""
        super().__init__()
        self.setObjectName("canvas")
        self.workspace = workspace
        self.pointing = Pointing(workspace, self) if pointing is None else pointing
        self._scene = QGraphicsScene(WORLD, self)
        self._scene.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)
        self.setScene(self._scene)
        self._backdrop = Backdrop(self._paint_still)
        self._fade = Fade(self.viewport())
        self._gesture: Gesture | None = None
        self._picture: Picture | None = None
        self._parts: Parts | None = None
        self._carried: frozenset[NodeId] = frozenset()
        self._lifted: Lifted | None = None
        self._hovered = GROUND
        self._motion_shown: Motion | None = None
        self._is_fitted = True
        self._least = LEAST
        self._unit = unit_of(self.theme)
        self._sharpen = QTimer(self, singleShot=True, interval=SHARPEN_AFTER)
        self._sharpen.timeout.connect(self._paint_anew)
        self._set_up()
        workspace.playhead_moved.connect(self._fade_out)
        for signal in (workspace.document_changed, workspace.tape_changed, workspace.playhead_moved):
            signal.connect(self._compose_anew)
        workspace.document_changed.connect(self._fade.end)
        workspace.theme_changed.connect(self._fade.end)
        workspace.document_opened.connect(self.fit)
        for signal in (workspace.selection_changed, self.pointing.changed):
            signal.connect(self.viewport().update)
        workspace.theme_changed.connect(self._meet_theme)
        workspace.motion_moved.connect(self._meet_motion)

    def _set_up(self) -> None:
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.viewport().setObjectName("canvas.viewport")
        for widget in (self, self.viewport()):
            widget.setAccessibleName(self.tr("Graph"))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setRenderHint(QPainter.RenderHint.Antialiasing)

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
    def picture(self) -> Picture:
        """The still picture, composed when it is asked for after something has changed."""
        if self._picture is None:
            workspace = self.workspace
            self._picture = compose(
                workspace.document,
                workspace.still,
                self.theme,
                report=workspace.report,
                stale=workspace.is_stale,
                active=workspace.motion is None,
            )
        return self._picture

    @property
    def cells_shown(self) -> CellsShown:
        """The tensors that can be pointed at."""
        return CellsShown(self.workspace, self.geometry_shown, self.theme)

    @property
    def _parts_shown(self) -> Parts:
        if self._parts is None:
            self._parts = Parts(self.picture, self.theme.active)
        return self._parts

    @property
    def is_fading(self) -> bool:
        """Whether one moment still fades into the next."""
        return self._fade.is_under_way

    @property
    def zoom(self) -> float:
        """Screen pixels per pixel at 100 %."""
        return self.transform().m11()

    @property
    def pixel(self) -> float:
        """The length of a screen pixel in picture coordinates."""
        return 1.0 / self.zoom

    @property
    def area(self) -> QRectF:
        """What is in view, in picture coordinates."""
        return self.viewportTransform().inverted()[0].mapRect(QRectF(self.viewport().rect()))

    def node_rect(self, node: NodeId) -> QRect:
        """Return where a node's card is, in viewport pixels."""
        return self.mapFromScene(QRectF(*self.geometry_shown.rect(node))).boundingRect()

    def port_point(self, node: NodeId, slot: int) -> QPoint:
        """Return where a port is, in viewport pixels; slot -1 is the output. A KeyError where there is none."""
        point = port_point(self.geometry_shown, node, slot)
        if point is None:
            raise KeyError((node, slot))
        return self.mapFromScene(point)

    # Painting

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """Show the ground, the grid and the still picture."""
        with FaultsTold():
            viewport, ground = self.viewport(), QColor(self.theme.background)
            size, ratio = viewport.size(), viewport.devicePixelRatioF()
            is_sharp = self._backdrop.paint(painter, size, ratio, self.viewportTransform(), ground)
            self._fade.paint(painter, self.viewportTransform())
            if not is_sharp and not self._sharpen.isActive():
                self._sharpen.start()

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """Paint what moves, what is marked, and the gesture."""
        with FaultsTold():
            workspace, theme = self.workspace, self.theme
            moving, motion = workspace.moving, workspace.motion
            if motion is not None and moving is not None:
                picture = compose_motion(workspace.document, moving, theme, motion.progress, workspace.report)
                self._paint(painter, picture, self.area)
            self._paint_marks(painter)
            if self._gesture is None:
                paint_cells(painter, self.cells_shown, self.pointing)
            else:
                self._gesture.paint(painter)

    def _paint_marks(self, painter: QPainter) -> None:
        """Paint what is selected and what the pointer meets, under the labels of wires and the number of the step."""
        workspace, theme, geometry, parts = self.workspace, self.theme, self.geometry_shown, self._parts_shown
        nodes, wires = workspace.selection - self._carried, set(workspace.selected_wires)
        paint_wires(painter, parts, theme, wires)
        if self._gesture is None:
            paint_hover(painter, geometry, parts, theme, self._hovered)
            wires.update(hovered_wires(geometry, self._hovered))
        paint_rings(painter, geometry, theme, nodes)
        for again in (parts.labels(wires), parts.badge(nodes)):
            if again.items:
                self._paint(painter, again, self.area)

    def _paint_still(self, painter: QPainter, area: QRectF) -> None:
        theme = self.theme
        painter.fillRect(area, QColor(theme.background))
        paint_grid(painter, area, self.zoom, theme)
        self._paint(painter, self._lift().rest if self._carried else self.picture, area)

    def _paint(self, painter: QPainter, picture: Picture, area: QRectF) -> None:
        scale = self.zoom * self.viewport().devicePixelRatioF()
        paint(painter, picture, (area.x(), area.y(), area.width(), area.height()), scale)

    def _paint_anew(self) -> None:
        self._backdrop.forget()
        self.viewport().update()

    def _compose_anew(self) -> None:
        """Show something else."""
        self._picture = self._parts = self._lifted = None
        self._paint_anew()

    def _fade_out(self) -> None:
        """Let the moment before grow pale over the moment now, where nothing is to move."""
        shown = self._backdrop.shown
        if self.workspace.settings.reduced_motion and shown is not None and self.isVisible():
            self._fade.begin(*shown)

    def _meet_motion(self) -> None:
        """Compose the still picture anew where another frame is under way; in between only what moves is drawn."""
        before, now = self._motion_shown, self.workspace.motion
        self._motion_shown = now
        if (before and before.index) == (now and now.index):
            self.viewport().update()
        else:
            self._compose_anew()

    def _meet_theme(self) -> None:
        """Keep in the middle what was there: a theme of larger type has a larger picture."""
        before, self._unit = self._unit, unit_of(self.theme)
        middle = self.area.center() * (self._unit / before)
        self._compose_anew()
        if self._is_fitted:
            self.fit()
        else:
            self.centerOn(middle)

    def hover(self, hit: Hit) -> None:
        """Mark what the pointer meets."""
        if hit != self._hovered:
            self._hovered = hit
            self.viewport().update()

    # Carrying nodes

    def lift(self, nodes: frozenset[NodeId]) -> None:
        """Take nodes out of the still picture, so that they can be drawn elsewhere."""
        self._carried, self._lifted = nodes, None
        self._paint_anew()

    def put_down(self) -> None:
        """Show all nodes in the still picture again."""
        if self._carried:
            self.lift(frozenset())

    def paint_carried(self, painter: QPainter, shift: QPointF) -> None:
        """Draw the nodes that are lifted, `shift` away from where they were."""
        scale = self.zoom * self.viewport().devicePixelRatioF()
        self._lift().paint(painter, shift, self.theme, self.area, scale)

    def _lift(self) -> Lifted:
        if self._lifted is None:
            self._lifted = lift(self.picture, self.workspace.document, self._carried)
        return self._lifted

    # The view

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the whole graph in view, or, once the person has chosen what to see, the middle in the middle."""
        middle = self.mapToScene(QRect(QPoint(), event.oldSize()).center())
        super().resizeEvent(event)
        if self._is_fitted:
            self.fit()
        elif event.oldSize().isValid():
            self.centerOn(middle)

    def showEvent(self, event: QShowEvent) -> None:
        """Fit what was opened before the window was shown."""
        super().showEvent(event)
        if self._is_fitted:
            self.fit()

    def fit(self) -> None:
        """Show the whole graph, at most at 100 %, in the middle; it stays fitted until the person pans or zooms."""
        scale, centre = 1.0, QPointF()
        if self.workspace.document.nodes:
            bounds, room = QRectF(*self.picture.bounds), self.viewport().rect()
            wide = bounds.width() / max(room.width() - 2 * FIT_MARGIN, 1.0)
            high = bounds.height() / max(room.height() - 2 * FIT_MARGIN, 1.0)
            scale, centre = 1.0 / max(wide, high, 1.0), bounds.center()
        self._least = min(LEAST, scale)
        self.resetTransform()
        self.scale(scale, scale)
        self.centerOn(centre)
        self._is_fitted = True
        self.viewport().update()

    def zoom_by(self, factor: float, about: QPoint | None = None) -> None:
        """Zoom about a point of the viewport, its middle where none is said."""
        if not isfinite(factor):
            return
        about = self.viewport().rect().center() if about is None else about
        factor = max(self._least / self.zoom, min(MOST / self.zoom, factor))
        if self._sharpen.isActive():
            self._sharpen.start()
        under = self.mapToScene(about)
        self.scale(factor, factor)
        moved = self.mapFromScene(under) - about
        self.pan_by(-moved.x(), -moved.y())

    def zoom_whole(self) -> None:
        """Show one pixel of the picture as one pixel of the screen."""
        self.zoom_by(1.0 / self.zoom)

    def pan_by(self, dx: int, dy: int) -> None:
        """Move the picture by screen pixels."""
        self._is_fitted = False
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        across.setValue(across.value() - dx)
        down.setValue(down.value() - dy)

    def reveal(self, node: NodeId) -> None:
        """Bring a node into view, where it is not."""
        if node in self.geometry_shown.index and not self.viewport().rect().contains(self.node_rect(node)):
            self._is_fitted = False
            self.ensureVisible(QRectF(*self.geometry_shown.rect(node)), REVEAL_MARGIN, REVEAL_MARGIN)
