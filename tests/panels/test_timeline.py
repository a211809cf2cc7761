"""The timeline: buttons, slider, speed, sentences, and what it says of a stale or missing run."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from gradviz.engine import describe
from gradviz.graph import Document, add_leaf, add_node, set_tensor
from gradviz.panels import TimelinePanel
from gradviz.picture import load_theme
from gradviz.workspace import SPEEDS


@pytest.fixture
def timeline(workspace, player, show):
    workspace.settings.reduced_motion = True
    return show(TimelinePanel(workspace, player), 900, 110)


def click(timeline, name):
    QTest.mouseClick(timeline.buttons[name], Qt.MouseButton.LeftButton)


def test_every_button_moves_the_playhead(timeline, open_one):
    click(timeline, "first")
    assert open_one.playhead == 0
    click(timeline, "forward")
    click(timeline, "forward")
    assert open_one.playhead == 2
    click(timeline, "back")
    assert open_one.playhead == 1
    click(timeline, "last")
    assert open_one.playhead == open_one.length
    click(timeline, "forward")
    assert open_one.playhead == open_one.length


def test_play_shows_pause_while_it_plays(timeline, open_one, player):
    key = timeline.buttons["play"].icon().cacheKey()
    click(timeline, "play")
    assert player.is_playing
    assert timeline.buttons["play"].icon().cacheKey() != key
    click(timeline, "play")
    assert not player.is_playing
    assert timeline.buttons["play"].icon().cacheKey() == key


def test_the_sentence_is_that_of_the_frame(timeline, open_one):
    for index in range(open_one.length + 1):
        open_one.seek(index)
        frame = open_one.moment.latest
        expected = "The start" if frame is None else describe(frame, open_one.tape.plan)
        assert timeline.sentence.text().startswith(expected)
        assert timeline.count.text() == f"{index} / {open_one.length}"
        assert timeline.slider.value() == index


def test_the_slider_goes_to_any_moment(timeline, open_one):
    timeline.slider.setValue(7)
    assert open_one.playhead == 7


def test_a_click_beside_the_handle_goes_there_at_once(timeline, open_one):
    slider = timeline.slider
    for index in (0, 9, open_one.length):
        at = QPoint(round(slider.place_of(index)), slider.height() // 2)
        QTest.mouseClick(slider, Qt.MouseButton.LeftButton, pos=at)
        assert open_one.playhead == index


def test_the_handle_is_dragged(timeline, open_one):
    slider = timeline.slider
    middle = slider.height() // 2
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(round(slider.place_of(2)), middle))
    for index in (4, 6):
        at = QPointF(slider.place_of(index), middle)
        left = Qt.MouseButton.LeftButton
        # QTest moves the pointer of the system, which may forget that a button is down.
        move = QMouseEvent(
            QEvent.Type.MouseMove,
            at,
            slider.mapToGlobal(at),
            Qt.MouseButton.NoButton,
            left,
            Qt.KeyboardModifier.NoModifier,
        )
        QApplication.sendEvent(slider, move)
    assert open_one.playhead == 6
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPoint(round(slider.place_of(6)), middle))


def test_the_speed_is_chosen_and_remembered(timeline, open_one):
    for row, speed in enumerate(SPEEDS):
        timeline.speed.setCurrentIndex(row)
        timeline.speed.activated.emit(row)
        assert open_one.settings.speed == speed
    open_one.settings.speed = 0.5
    assert timeline.speed.currentData() == 0.5


def test_an_edit_after_the_sweep_is_told_as_stale(timeline, open_one, settle):
    click(timeline, "last")
    open_one.edit("Edit", set_tensor, "s", np.array(5.0))
    assert "changed" in timeline.sentence.text()
    settle()
    assert "changed" in timeline.sentence.text()
    click(timeline, "back")
    settle()
    assert "changed" not in timeline.sentence.text()
    assert not open_one.is_stale


def test_nothing_to_run_is_told_and_disables_the_buttons(timeline, workspace):
    assert "Drag" in timeline.sentence.text()
    assert not any(button.isEnabled() for button in timeline.buttons.values())
    assert not timeline.slider.isEnabled()


def test_buttons_wake_up_with_the_run(timeline, open_one):
    assert all(button.isEnabled() for button in timeline.buttons.values())
    open_one.show_document(Document())
    assert not any(button.isEnabled() for button in timeline.buttons.values())


def test_ticks_stand_between_the_moments_in_the_colour_of_their_frames(timeline, open_one):
    theme = load_theme("light")
    open_one.seek(0)
    QApplication.processEvents()
    image = timeline.ticks.grab().toImage()
    place = timeline.slider.place_of

    def colour(index):
        return image.pixelColor(round((place(index) + place(index + 1)) / 2), 2).name().upper()

    assert colour(0) == theme.ink.upper()
    assert colour(5) == theme.gradient.upper()
    open_one.seek(6)
    QApplication.processEvents()
    image = timeline.ticks.grab().toImage()
    assert colour(5) == theme.active.upper()
    assert colour(6) != theme.active.upper()


def test_ticks_are_those_of_the_run_the_width_and_the_theme_that_are_there(timeline, open_one, load):
    def painted():
        QApplication.processEvents()
        return timeline.ticks.grab().toImage()

    def painted_afresh():
        timeline.ticks._drawn = None
        return painted()

    def narrow():
        timeline.resize(500, 110)

    def another_run():
        made = add_node(add_leaf(Document(), "a", np.ones(3)), "y", "sum", sources=["a"])
        load(made)

    seen = [painted()]
    for change in (narrow, lambda: open_one.set_theme("dark"), lambda: open_one.seek(1), another_run):
        change()
        seen.append(painted())
        assert seen[-1] == painted_afresh()
        assert seen[-1] != seen[-2]


def test_a_long_sentence_wraps_and_gets_the_room(timeline, open_one, qtbot):
    timeline.resize(320, 300)
    open_one.seek(open_one.length)
    for index in range(open_one.length):
        open_one.seek(index)
        QApplication.processEvents()
        assert timeline.sentence.height() >= timeline.sentence.heightForWidth(timeline.sentence.width())


def test_what_is_typed_elsewhere_is_handed_over_by_a_click_on_a_button(timeline):
    assert all(button.focusPolicy() & Qt.FocusPolicy.ClickFocus for button in timeline.buttons.values())


def test_a_graph_that_cannot_run_says_why(timeline, load):
    leaves = add_leaf(add_leaf(Document(), "a", np.ones(3)), "b", np.ones(3))
    load(leaves)
    assert "Only leaves" in timeline.sentence.text()
    load(add_node(leaves, "y", "add", sources=["a"]))
    assert "open" in timeline.sentence.text()
    assert "Step forward" not in timeline.sentence.text()
