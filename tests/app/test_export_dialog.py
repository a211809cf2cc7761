"""Exporting what is on screen, and copying it as a picture."""

import xml.etree.ElementTree as ET

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QDoubleSpinBox, QLabel, QMessageBox, QSpinBox

from gradviz.export.render import picture_of
from gradviz.graph import remove
from tests.app.conftest import choose_path, dismiss, press, press_text


def trigger(window, command):
    window.action_set.actions[command].trigger()


def choose(**fields):
    """Return an answer that fills in the export dialog and accepts it."""

    def answer(dialog):
        for name, value in fields.items():
            if name == "frame":
                dialog.findChild(QSpinBox, "export.frame").setValue(value)
            elif name == "scale":
                dialog.findChild(QDoubleSpinBox, "export.scale").setValue(value)
            elif name == "transparent":
                box = dialog.findChild(QCheckBox, "export.transparent")
                QTest.mouseClick(box, Qt.MouseButton.LeftButton, pos=box.rect().center() - box.rect().center() / 2)
                assert box.isChecked() == value
            else:
                box = dialog.findChild(QComboBox, f"export.{name}")
                box.setCurrentIndex(box.findData(value))
        press_text("Export")(dialog)

    return answer


def test_what_is_on_screen_is_proposed(window, asked):
    window.workspace.set_theme("dark")
    window.player.seek(6)
    proposed = []

    def look(dialog):
        proposed.append(dialog.choice())
        proposed.append(dialog.findChild(QLabel, "export.sentence").text())
        assert not dialog.findChild(QLabel, "export.preview")
        dismiss(dialog)

    with asked(look):
        trigger(window, "export")
    assert (proposed[0].frame, proposed[0].theme, proposed[0].suffix) == (6, "dark", ".png")
    assert proposed[1] == window.workspace.moment.sentence


def test_a_png_shows_the_chosen_moment_in_the_chosen_theme_and_scale(window, asked, tmp_path, told):
    with asked(choose(frame=3, theme="dark", scale=1.5), choose_path(tmp_path / "step")):
        trigger(window, "export")
    image = QImage(str(tmp_path / "step.png"))
    _, _, w, h = picture_of(window.workspace.document, 3, "dark").bounds
    assert (image.width(), image.height()) == (pytest.approx(1.5 * w, abs=1), pytest.approx(1.5 * h, abs=1))
    assert image.pixelColor(2, 2).lightness() < 60
    assert "step.png" in told[-1]


def test_the_ground_can_be_left_out(window, asked, tmp_path):
    with asked(choose(transparent=True), choose_path(tmp_path / "step.png")):
        trigger(window, "export")
    assert QImage(str(tmp_path / "step.png")).pixelColor(2, 2).alpha() == 0


def test_an_svg_has_the_nodes_names(window, asked, tmp_path):
    with asked(choose(format=".svg"), choose_path(tmp_path / "step")):
        trigger(window, "export")
    texts = " ".join(ET.parse(tmp_path / "step.svg").getroot().itertext())
    assert "loss" in texts


def test_the_size_told_is_the_size_of_the_file(window, asked, tmp_path):
    said = []

    def answer(dialog):
        dialog.findChild(QDoubleSpinBox, "export.scale").setValue(3.0)
        said.append(dialog.findChild(QLabel, "export.size").text())
        press_text("Export")(dialog)

    with asked(answer, choose_path(tmp_path / "step.png")):
        trigger(window, "export")
    image = QImage(str(tmp_path / "step.png"))
    assert said == [f"{image.width()} × {image.height()} pixels"]


def test_a_file_that_cannot_be_written_is_told(window, asked, tmp_path):
    with asked(choose(), choose_path(tmp_path / "nowhere" / "step.png"), press(QMessageBox.StandardButton.Ok)) as said:
        trigger(window, "export")
    assert "step.png" in said[2]


def test_a_stale_sweep_is_exported_anew(window, asked, settle, tmp_path):
    window.player.seek(window.workspace.length)
    window.workspace.edit("Delete", remove, ["t"])
    settle()
    assert window.workspace.is_stale
    with asked(choose(), choose_path(tmp_path / "step.png")):
        trigger(window, "export")
    assert (tmp_path / "step.png").exists()
    assert not window.workspace.is_stale


def test_while_the_run_is_recorded_nothing_is_exported(window, told):
    window.player.seek(window.workspace.length)
    window.workspace.edit("Delete", remove, ["t"])
    trigger(window, "export")
    assert "recorded" in told[-1]


def test_a_copied_picture_is_the_moment_on_screen(window, told):
    window.player.seek(5)
    trigger(window, "copy_picture")
    image = QApplication.clipboard().image()
    _, _, w, h = picture_of(window.workspace.document, 5, "light").bounds
    assert (image.width(), image.height()) == (pytest.approx(2 * w, abs=1), pytest.approx(2 * h, abs=1))
    assert b"<svg" in QApplication.clipboard().mimeData().data("image/svg+xml").data()
    assert "clipboard" in told[-1]
