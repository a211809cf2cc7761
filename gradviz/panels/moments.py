"""The moments of a run along a line: a slider that jumps to where it is clicked, and the kinds of its frames."""

from __future__ import annotations

from weakref import ref

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSlider, QStyle, QStyleOptionSlider, QWidget

from gradviz.engine import Blocked, Clear, Compute, Frame, Seed, Send, Settle, Tape, Update
from gradviz.picture import Theme, load_theme
from gradviz.workspace import Workspace, named


class MomentSlider(QSlider):
    """A slider over the moments of a run; a click beside its handle goes there at once."""

    def __init__(self) -> None:
        """Stand at the start of no run."""
        super().__init__(Qt.Orientation.Horizontal)
        self.setObjectName("timeline.slider")
        self.setAccessibleName(self.tr("Moment of the run"))
        self.setRange(0, 0)

    def place_of(self, value: int) -> float:
        """Return the x of the middle of the handle where it stands at a value."""
        handle, span = self._track()
        return handle / 2 + span * value / max(1, self.maximum())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Bring the handle under the mouse, then let it be dragged."""
        if event.button() == Qt.MouseButton.LeftButton and not self.isSliderDown():
            handle, span = self._track()
            share = (event.position().x() - handle / 2) / max(1.0, span)
            self.setValue(round(share * self.maximum()))
        super().mousePressEvent(event)

    def _track(self) -> tuple[float, float]:
        """Return the length of the handle, and of the way that its middle goes."""
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        handle = self.style().pixelMetric(QStyle.PixelMetric.PM_SliderLength, option, self)
        return float(handle), float(self.width() - handle)


class FrameTicks(QWidget):
    """A strip under the slider that shows what kind of frame lies between which moments."""

    def __init__(self, workspace: Workspace, slider: MomentSlider) -> None:
        """Draw the frames of the workspace's run, in line with the slider."""
        super().__init__()
        named(self, "timeline.ticks")
        self._workspace, self._slider = workspace, slider
        self._drawn: tuple[object, QPixmap] | None = None
        self.setFixedHeight(7)
        self.setToolTip(
            self.tr("Values are computed or updated (ink), gradients are sent (purple), the step you see is yellow")
        )

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the ticks of all frames; the one of the frame that led here is the active step."""
        tape = self._workspace.tape
        if tape is None or not tape.frames:
            return
        theme = load_theme(self._workspace.theme_name)
        painter = QPainter(self)
        painter.setOpacity(theme.waiting if self._workspace.is_stale else 1.0)
        painter.drawPixmap(0, 0, self._ticks_of(tape, theme))
        if self._workspace.playhead:
            self._paint_tick(painter, self._workspace.playhead - 1, 1, QColor(theme.active), height=7)
        painter.end()

    def _ticks_of(self, tape: Tape, theme: Theme) -> QPixmap:
        """Return one tick per frame, or per pixel where frames are denser, drawn once for a run, size and theme."""
        slider, ratio = self._slider, self.devicePixelRatioF()
        ends = slider.place_of(0), slider.place_of(slider.maximum())
        key = (ref(tape), theme, self.width(), ratio, slider.maximum(), ends)
        if self._drawn is None or self._drawn[0] != key:
            image = QPixmap(self.size() * ratio)
            image.setDevicePixelRatio(ratio)
            image.fill(Qt.GlobalColor.transparent)
            painter = QPainter(image)
            step = max(1, int(len(tape.frames) / max(1, self.width())))
            for index in range(0, len(tape.frames), step):
                self._paint_tick(painter, index, step, QColor(_colour(tape.frames[index], theme)))
            painter.end()
            self._drawn = key, image
        return self._drawn[1]

    def _paint_tick(self, painter: QPainter, index: int, count: int, colour: QColor, height: int = 4) -> None:
        left = round(self._slider.place_of(index))
        right = round(self._slider.place_of(index + count))
        painter.fillRect(left, 0, max(1, right - left - (1 if right - left > 3 else 0)), height, colour)


def _colour(frame: Frame, theme: Theme) -> str:
    """Return the colour of a frame's role: values in ink, gradients in purple, what is blocked in muted ink."""
    match frame:
        case Compute() | Update():
            return theme.ink
        case Seed() | Settle() | Send():
            return theme.gradient
        case Blocked() | Clear():
            return theme.muted
