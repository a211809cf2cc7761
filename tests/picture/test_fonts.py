import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QFontDatabase, QFontMetricsF, QRawFont

from gradviz.assets import names, read_bytes, read_text
from gradviz.ops import OPS
from gradviz.picture import ensure_fonts, font, load_theme, shorten, text_width, ui_font
from gradviz.picture.fonts import FAMILIES, digit_height, line_height

PICTURE = Path(__file__).parents[2] / "gradviz" / "picture"
PROMISED = "×−∅∂∑√ᵀ⊙σ✕∞→←▶✓✗²₁αβπ⋯…·Σ∏∇≤≥≠≈±÷⁻⁰¹³⁴⁵⁶⁷⁸⁹₀₂₃₄₅₆₇₈₉⏮⏭⏯ŁőЖя"


@pytest.fixture(autouse=True)
def fonts(qapp):
    ensure_fonts()


def bundled():
    """Return the bundled fonts by file name."""
    return {name: QRawFont(str(Path(*PICTURE.parts[:-2], "resources", name)), 16.0) for name in ttf_files()}


def ttf_files():
    return [name for name in names("fonts") if name.endswith(".ttf")]


def signs_drawn():
    """Return the signs beyond ASCII in the texts of the package's code, doc strings left out."""
    found = set(PROMISED)
    for path in PICTURE.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
                found |= {sign for sign in node.value if ord(sign) > 127}
    return found


def test_every_sign_that_is_drawn_is_in_a_bundled_font():
    fonts = bundled()
    assert all(each.isValid() for each in fonts.values())
    missing = {sign for sign in signs_drawn() if not any(each.supportsCharacter(ord(sign)) for each in fonts.values())}
    assert missing == set()


def test_every_sign_of_an_op_is_in_a_bundled_font():
    fonts = bundled().values()
    told = "".join(alias for op in OPS.values() for alias in (op.name, *op.aliases))
    assert {sign for sign in told if not any(each.supportsCharacter(ord(sign)) for each in fonts)} == set()


def test_the_fonts_are_small_and_come_with_their_licence():
    assert sum(len(read_bytes(name)) for name in ttf_files()) < 1_000_000
    licence = read_text("fonts/LICENSE.txt")
    assert "SIL OPEN FONT LICENSE" in licence
    assert all(name.rpartition("/")[2] in licence for name in ttf_files())


def test_qt_knows_each_family_by_the_name_that_is_asked_for():
    families = QFontDatabase.families()
    assert {family for chosen in FAMILIES.values() for family in chosen} <= set(families)
    assert "SemiBold" in QFontDatabase.styles("Gradviz Sans")


@pytest.mark.parametrize("weight", ["regular", "semibold"])
def test_figures_of_the_mono_family_are_tabular(weight):
    widths = {text_width(sign, 13, "mono", weight) for sign in "0123456789−.e∞"}
    assert max(widths) - min(widths) < 1e-6


def test_a_text_is_as_wide_as_qt_lays_it_out():
    for family in FAMILIES:
        laid_out = QFontMetricsF(font(26, family)).horizontalAdvance("x @ W + b = −1.5")
        assert text_width("x @ W + b = −1.5", 26, family) == pytest.approx(laid_out, abs=0.5)


def test_widths_grow_with_the_size_alone():
    assert text_width("softmax", 26) == pytest.approx(2 * text_width("softmax", 13))
    assert text_width("softmax", 9.5) == pytest.approx(9.5 / 13 * text_width("softmax", 13))
    assert text_width("softmax", 13, weight="semibold") > text_width("softmax", 13)
    assert line_height(20) == pytest.approx(2 * line_height(10))
    assert 0 < digit_height(20) < line_height(20)


def test_nothing_is_nothing_wide():
    assert text_width("", 13) == 0
    assert shorten("", 0, 13) == ""


@pytest.mark.parametrize("width", [0, 5, 12, 40, 80])
def test_a_text_that_is_too_wide_is_cut_at_its_end(width):
    name = "a_name_that_is_far_too_long_for_its_card"
    short = shorten(name, width, 13)
    assert short.endswith("…")
    assert name.startswith(short[:-1])
    assert short == "…" or text_width(short, 13) <= width


def test_a_text_that_fits_is_left_alone():
    assert shorten("loss", text_width("loss", 13), 13) == "loss"


@pytest.mark.parametrize("text", ["損失", "خسارة", "हानि", "🙂", "a\u0301", "\n", "\x00"])
def test_scripts_and_signs_that_no_bundled_font_has_can_be_measured(text):
    assert text_width(text, 13) >= 0


def test_the_window_is_set_in_the_theme_s_type(qapp):
    assert ui_font(load_theme("projector")).pixelSize() >= 18


def run_alone(code, **surroundings):
    """Run code in a process of its own and return what it prints."""
    environment = {**os.environ, **surroundings}
    environment = {key: value for key, value in environment.items() if value is not None}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_a_script_gets_an_application_without_a_display():
    code = """
from gradviz.picture import ensure_fonts, text_width
print(text_width("x", 100) > 0)
from PySide6.QtGui import QGuiApplication
print(QGuiApplication.platformName())
"""
    told = run_alone(code, QT_QPA_PLATFORM=None, DISPLAY=None, WAYLAND_DISPLAY=None, PYTHONPATH=str(PICTURE.parents[1]))
    assert told == ["True", "offscreen"]


def test_an_application_that_exists_is_left_alone():
    code = """
import os
from PySide6.QtWidgets import QApplication
application = QApplication(["program", "-platform", "offscreen"])
from gradviz.picture import ensure_application, ensure_fonts
ensure_application(); ensure_fonts(); ensure_fonts()
print(QApplication.instance() is application, os.environ.get("QT_QPA_PLATFORM"))
"""
    assert run_alone(code, QT_QPA_PLATFORM=None, PYTHONPATH=str(PICTURE.parents[1])) == ["True", "None"]


def test_an_application_that_cannot_draw_is_told_in_a_sentence():
    code = """
from PySide6.QtCore import QCoreApplication
application = QCoreApplication([])
from gradviz.picture import text_width
try:
    text_width("x", 13)
except Exception as error:
    print(type(error).__name__, "QCoreApplication" in str(error))
"""
    assert run_alone(code, PYTHONPATH=str(PICTURE.parents[1])) == ["GradvizError", "True"]
