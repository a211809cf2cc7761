"""The palette: families, search by any name, and what is announced, dragged and told."""

from itertools import chain

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from gradviz.ops import OPS, families
from gradviz.panels import PalettePanel
from gradviz.panels.palette import SIGN, WHAT
from gradviz.workspace import DATA, dragged_op

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
    leaves = ["variable", "input", "constant", "normal", "uniform"]
    assert listed.pop("Leaves") == [f"leaf:{name}" for name in leaves]
    assert listed.pop("Data") == [entry.what for entry in DATA]
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
        ("random", "leaf:normal"),
        ("var", "leaf:variable"),
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


def click(palette, item):
    QTest.mouseClick(palette.list.viewport(), Qt.MouseButton.LeftButton, pos=palette.list.visualItemRect(item).center())


def opened(palette):
    return [heading.text(0) for heading in top(palette) if heading.isExpanded()]


def test_all_families_are_in_sight_and_a_click_opens_or_closes_one(palette):
    assert opened(palette) == ["Leaves"]
    last = palette.list.visualItemRect(top(palette)[-1])
    assert palette.list.viewport().rect().contains(last)
    for heading in (top(palette)[2], top(palette)[0]):
        click(palette, heading)
    assert opened(palette) == [top(palette)[2].text(0)]
    click(palette, top(palette)[2])
    assert opened(palette) == []


def test_families_stay_open_through_a_search(palette):
    click(palette, top(palette)[3])
    before = opened(palette)
    palette.search.setText("mul")
    palette.search.clear()
    assert opened(palette) == before


def test_families_are_opened_by_keys(palette, chosen):
    palette.list.setFocus()
    palette.list.setCurrentItem(top(palette)[1])
    QTest.keyClick(palette.list, ENTER)
    assert top(palette)[1].isExpanded()
    QTest.keyClick(palette.list, Qt.Key.Key_Left)
    assert not top(palette)[1].isExpanded()
    QTest.keyClick(palette.list, Qt.Key.Key_Right)
    assert top(palette)[1].isExpanded()
    assert chosen == []


def test_a_heading_says_how_many_entries_it_has(palette):
    for heading in top(palette):
        assert heading.data(0, SIGN) == str(heading.childCount())


@pytest.mark.parametrize("text", ["max", "conv", "pool", "exp", "log"])
def test_of_equal_hits_the_shorter_name_comes_first(palette, text):
    palette.search.setText(text)
    names = [item.text(0) for item in top(palette) if item.text(0).startswith(text)]
    assert names == sorted(names, key=len)


def test_a_name_too_long_for_the_list_loses_its_middle_and_the_tip_has_all_of_it(palette):
    assert palette.list.textElideMode() == Qt.TextElideMode.ElideMiddle
    for heading in top(palette):
        assert all(item.toolTip(0).startswith(item.text(0)) for item in rows(heading))


def test_a_double_click_chooses_an_entry_and_not_a_heading(palette, chosen):
    heading = top(palette)[2]
    heading.setExpanded(True)
    for item in (rows(heading)[0], heading):
        at = palette.list.visualItemRect(item).center()
        QTest.mouseClick(palette.list.viewport(), Qt.MouseButton.LeftButton, pos=at)
        QTest.mouseDClick(palette.list.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert chosen == ["add"]


def test_a_drag_carries_the_entry(palette):
    heading = top(palette)[2]
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
