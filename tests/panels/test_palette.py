"""The palette: families, search by any name, and what is announced, dragged and told."""

from itertools import chain

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from gradviz.ops import OPS, families
from gradviz.panels import PalettePanel
from gradviz.panels.palette import WHAT
from gradviz.workspace import dragged_op

ENTER, DOWN, ESCAPE = Qt.Key.Key_Return, Qt.Key.Key_Down, Qt.Key.Key_Escape


@pytest.fixture
def palette(show):
    return show(PalettePanel(), 220, 700)


@pytest.fixture
def chosen(palette):
    found = []
    palette.chosen.connect(found.append)
    return found


def rows(item):
    return [item.child(number) for number in range(item.childCount())]


def top(palette):
    return [palette.list.topLevelItem(row) for row in range(palette.list.topLevelItemCount())]


def test_everything_is_listed_by_family(palette):
    listed = {heading.text(0): [item.data(0, WHAT) for item in rows(heading)] for heading in top(palette)}
    assert listed.pop("Leaves") == ["leaf:variable", "leaf:input", "leaf:constant"]
    assert [name.lower() for name in listed] == list(families())
    assert [*chain(*listed.values())] == [op.name for ops in families().values() for op in ops]
    assert sum(map(len, listed.values())) == len(OPS)


@pytest.mark.parametrize(
    ("text", "best"),
    [
        ("reduce_sum", "sum"),
        ("@", "matmul"),
        ("torch.mul", "multiply"),
        ("tf.matmul", "matmul"),
        ("Add", "add"),
        ("relu", "relu"),
        ("variable", "leaf:variable"),
        ("const", "leaf:constant"),
    ],
)
def test_search_finds_by_any_name_and_enter_adds_the_best_hit(palette, chosen, text, best):
    palette.search.setFocus()
    QTest.keyClicks(palette.search, text)
    QTest.keyClick(palette.search, ENTER)
    assert chosen == [best]


@pytest.mark.parametrize("alias", sorted({alias for op in OPS.values() for alias in op.aliases}))
def test_every_alias_finds_its_op_first(palette, alias):
    palette.search.setText(alias)
    first = palette.list.topLevelItem(0).data(0, WHAT)
    assert alias in OPS[first].aliases or alias == first


def test_what_nothing_is_called_adds_nothing(palette, chosen):
    palette.search.setText("no such thing")
    QTest.keyClick(palette.search, ENTER)
    assert chosen == []
    assert palette.list.topLevelItem(0).text(0) == "Nothing is called that"


def test_down_goes_into_the_list_and_enter_chooses_there(palette, chosen):
    palette.search.setFocus()
    QTest.keyClicks(palette.search, "mul")
    QTest.keyClick(palette.search, DOWN)
    assert palette.list.hasFocus()
    QTest.keyClick(palette.list, DOWN)
    QTest.keyClick(palette.list, ENTER)
    assert chosen == [palette.list.topLevelItem(1).data(0, WHAT)]


def test_escape_clears_and_then_leaves(palette, qtbot):
    palette.search.setFocus()
    QTest.keyClicks(palette.search, "mul")
    QTest.keyClick(palette.search, ESCAPE)
    assert palette.search.text() == ""
    with qtbot.waitSignal(palette.left):
        QTest.keyClick(palette.search, ESCAPE)


def test_a_double_click_chooses_an_entry_and_not_a_heading(palette, chosen):
    heading = top(palette)[1]
    for item in (rows(heading)[0], heading):
        at = palette.list.visualItemRect(item).center()
        QTest.mouseClick(palette.list.viewport(), Qt.MouseButton.LeftButton, pos=at)
        QTest.mouseDClick(palette.list.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert chosen == ["add"]


def test_a_drag_carries_the_entry(palette):
    heading = top(palette)[1]
    assert dragged_op(palette.list.mimeData([rows(heading)[0]])) == "add"
    assert dragged_op(palette.list.mimeData([rows(top(palette)[0])[2]])) == "leaf:constant"
    assert dragged_op(palette.list.mimeData([heading])) is None
    assert not heading.flags() & Qt.ItemFlag.ItemIsDragEnabled
    assert rows(heading)[0].flags() & Qt.ItemFlag.ItemIsDragEnabled


def test_every_entry_tells_what_it_does_and_its_other_names(palette):
    for heading in top(palette):
        for item in rows(heading):
            op = OPS.get(item.data(0, WHAT))
            assert item.toolTip(0)
            if op is not None:
                assert op.doc in item.toolTip(0)
                assert all(alias in item.toolTip(0) for alias in op.aliases)
