"""The legend under the canvas."""

import pytest

from gradviz.panels.legend import LegendBar
from gradviz.picture import Text


@pytest.fixture
def bar(qtbot, workspace):
    bar = LegendBar(workspace)
    qtbot.addWidget(bar)
    bar.resize(700, bar.height())
    bar.show()
    return bar


def words(bar):
    """Return all that the legend says."""
    return " ".join(item.text for item in bar._picture.items if isinstance(item, Text)) if bar._picture else ""


def test_gradients_are_explained_when_the_first_one_is_seen(qtbot, bar, open_one):
    qtbot.waitUntil(lambda: "value" in words(bar))
    assert "this step" in words(bar)
    assert "gradients" not in words(bar)
    open_one.seek(open_one.length)
    qtbot.waitUntil(lambda: "gradients −" in words(bar))


def test_a_narrow_legend_takes_more_rows_and_keeps_every_word(qtbot, bar, open_one):
    open_one.seek(open_one.length)
    qtbot.waitUntil(lambda: "gradients −" in words(bar))
    said, height = words(bar), bar.height()
    bar.resize(260, height)
    qtbot.waitUntil(lambda: bar.height() > height)
    assert words(bar) == said


def test_an_empty_document_has_nothing_to_explain(qtbot, bar):
    qtbot.waitUntil(lambda: bar._picture is not None)
    assert words(bar) == ""
