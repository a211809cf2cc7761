"""What is kept for the backward pass: the table, the words and the total say what the run keeps."""

import re

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from gradviz.engine import Compute
from gradviz.formats import parse
from gradviz.graph import set_tensor
from gradviz.panels.kept import MOST_ROWS, KeptView, show_bytes
from gradviz.workspace import Pointing

MIXED = parse("L = sum(sin(x) + tanh(x) * exp(w))", x=np.ones((2, 3)), w=np.ones(3))
UNITS = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}


@pytest.fixture
def kept(workspace, show):
    return show(KeptView(workspace, Pointing(workspace)), 324, 500)


def look(kept, workspace, node=None, index=None):
    workspace.seek(workspace.length if index is None else index)
    workspace.select([] if node is None else [node])
    assert kept.has_something()
    kept.show_moment()


def rows(kept):
    """Return the texts of all rows, in the order that is shown."""
    model = kept.table.model()
    return [
        tuple(model.index(row, column).data() for column in range(model.columnCount()))
        for row in range(model.rowCount())
    ]


def bytes_of(text):
    number, unit = text.split()
    return float(number) * UNITS[unit]


def test_every_row_says_what_its_frame_keeps_by_the_names_of_the_document(kept, load):
    workspace = load(MIXED)
    look(kept, workspace)
    frames = [frame for frame in workspace.tape.frames if isinstance(frame, Compute)]
    assert len(rows(kept)) == len(frames)
    for frame, (step, node, told, size) in zip(frames, rows(kept), strict=True):
        step_of = workspace.moment.run.paths.steps[frame.node]
        sources = dict(zip(step_of.ports, step_of.sources, strict=True))
        names = {"its own value" if name == "y" else sources[name] for name in frame.kept}
        assert int(step.removeprefix("▸ ")) == frames.index(frame) + 1
        assert node == frame.node
        assert all(name in told for name in names) if names else told == "nothing"
        arrays = {sources.get(name, frame.node) for name in frame.kept}
        assert size == (show_bytes(sum(workspace.tape.values[each].nbytes for each in arrays)) if arrays else "–")


def test_the_total_counts_each_tensor_once(kept, load):
    workspace = load(MIXED)
    look(kept, workspace)
    frames = [frame for frame in workspace.tape.frames if isinstance(frame, Compute)]
    distinct = set()
    for frame in frames:
        step = workspace.moment.run.paths.steps[frame.node]
        sources = {**dict(zip(step.ports, step.sources, strict=True)), "y": frame.node}
        distinct |= {sources[name] for name in frame.kept}
    size, count = re.match(r"Together (.+?) in (\d+) tensors", kept.total.said).groups()
    assert int(count) == len(distinct)
    assert bytes_of(size) == sum(workspace.tape.values[node].nbytes for node in distinct)


@pytest.mark.parametrize(
    ("node", "told"),
    [
        ("sin1", "sin1 keeps x\N{NO-BREAK SPACE}2×3, 48 B: its gradient rule needs it again"),
        ("tanh1", "tanh1 keeps its own value\N{NO-BREAK SPACE}2×3, 48 B: its gradient rule needs it again"),
        ("add1", "add1 keeps nothing: its gradient rule needs only what arrives"),
        ("mul1", "mul1 (multiply) keeps tanh1\N{NO-BREAK SPACE}2×3 and exp1\N{NO-BREAK SPACE}(3,), 72 B: its"),
    ],
)
def test_the_selected_op_is_told_in_words_and_marked(kept, load, node, told):
    workspace = load(MIXED)
    look(kept, workspace, node)
    assert kept.about.said.startswith(told)
    assert [row[1] for row in rows(kept) if row[0].startswith("▸")] == [node]


def test_without_a_selection_the_op_at_work_is_marked(kept, load):
    workspace = load(MIXED)
    look(kept, workspace, index=1)
    assert [row[0] for row in rows(kept) if "▸" in row[0]] == ["▸ 1"]
    at = next(index for index, frame in enumerate(workspace.tape.frames) if getattr(frame, "port", None))
    look(kept, workspace, index=at + 1)
    assert [row[1] for row in rows(kept) if "▸" in row[0]] == [workspace.tape.frames[at].port.node]


def test_memory_grows_while_the_values_are_computed(kept, load):
    workspace = load(MIXED)
    found = []
    for index in range(4):
        look(kept, workspace, index=index)
        found.append(bytes_of(re.search(r"So far: (.+?)\.$", kept.total.said).group(1)))
    assert found == sorted(found)
    assert found[0] == 0 < found[-1]
    look(kept, workspace)
    assert "So far" not in kept.total.said


def test_rows_are_sorted_by_number_and_back_into_the_order_of_the_plan(kept, load):
    workspace = load(parse("L = sum(exp(a)) + sum(exp(b)) + sum(exp(c))", a=np.ones(2), b=np.ones(300), c=np.ones(20)))
    look(kept, workspace)
    plan = [row[1] for row in rows(kept)]
    header = kept.table.horizontalHeader()
    kept.table.sortByColumn(3, Qt.SortOrder.DescendingOrder)
    sizes = [bytes_of(row[3]) for row in rows(kept) if row[3] != "–"]
    assert sizes == [pytest.approx(2400, rel=0.02), 160, 16]
    kept.table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    assert [row[1] for row in rows(kept)] == plan
    assert header.count() == 4


def test_an_entered_row_selects_its_op(kept, load):
    workspace = load(MIXED)
    look(kept, workspace)
    kept.table.setFocus()
    kept.table.setCurrentIndex(kept.table.model().index(1, 1))
    QTest.keyClick(kept.table, Qt.Key.Key_Return)
    assert workspace.selection == {rows(kept)[1][1]}


def test_of_a_big_graph_those_that_keep_the_most_are_listed(kept, load):
    workspace = load(parse(f"L = {' + '.join(['sin(x)'] * 160)}", x=np.array(0.5)))
    count = len([frame for frame in workspace.tape.frames if isinstance(frame, Compute)])
    assert count > MOST_ROWS
    look(kept, workspace)
    assert len(rows(kept)) == MOST_ROWS
    assert f"Listed are the {MOST_ROWS} of {count} ops that keep the most" in kept.total.said
    assert sum(row[3] != "–" for row in rows(kept)) == 160


def test_a_very_big_graph_is_looked_through_in_the_background(kept, load, settle):
    workspace = load(parse(f"L = {' + '.join(['sin(x)'] * 1200)}", x=np.array(0.5)))
    look(kept, workspace)
    assert kept.about.said == "Looking…"
    settle()
    assert len(rows(kept)) == MOST_ROWS
    assert kept.total.said.startswith("Together 8 B in 1 tensor; 1 kept by several ops")


def test_a_stale_run_and_a_graph_without_ops_say_nothing(kept, load):
    workspace = load(MIXED)
    assert kept.has_something()
    workspace.edit("Change", set_tensor, "w", np.zeros(3))
    assert not kept.has_something()
    kept.show_moment()


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (20480, "20 KiB"), (3 << 20, "3.0 MiB"), (1 << 40, "1024 GiB")],
)
def test_bytes_are_written_as_people_read_them(count, text):
    assert show_bytes(count) == text
