"""`gradviz check`: the table, the JSON, the exit codes."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import gradviz as gv
from gradviz.app.command_line import main
from gradviz.ops import OPS, Op

ROOT = Path(__file__).parents[2]


@pytest.fixture
def file(tmp_path):
    """A small layer with a constant, integers, a kink and a leaf that is large."""
    document = gv.parse(
        "loss = sum(relu(x @ W)) * c; other = sum(W) * 2",
        x=np.arange(600.0).reshape(200, 3) - 300,
        W=np.array([[0.5], [-1.0], [0.25]], np.float32),
        c=3,
    )
    gv.save(gv.set_target(document, "loss"), tmp_path / "layer.gradviz")
    return tmp_path / "layer.gradviz"


def checked(capsys, *words):
    code = main(["check", *map(str, words)])
    return code, capsys.readouterr().out


def break_tanh(monkeypatch):
    usual = Op.rule_for
    monkeypatch.setattr(Op, "rule_for", lambda op, port: (lambda g, y, x: g) if op is OPS["tanh"] else usual(op, port))


def test_check_prints_a_line_per_leaf_and_names_its_worst_cell(file, capsys):
    code, out = checked(capsys, file)
    lines = out.splitlines()
    assert code == 0
    assert lines[0].split() == ["leaf", "shape", "cells", "worst", "cell", "sweep", "difference", "error"]
    assert [line.split()[0] for line in lines[1:3]] == ["W", "x"]
    assert lines[1].split()[1:4] == ["3×1", "3", lines[1].split()[3]]
    assert lines[1].split()[3].startswith("W[")
    assert lines[1].endswith("✓")
    assert "200 of 600" in lines[2]
    assert "c: left out, integer tensors have no gradient" in lines
    assert lines[-1] == "The gradients agree with finite differences."


def test_check_exits_with_1_where_a_gradient_is_wrong(tmp_path, capsys, monkeypatch):
    gv.save(gv.parse("y = sum(tanh(x)) + sum(w)", x=np.array([0.0, 2.0]), w=1.0), tmp_path / "a.gradviz")
    break_tanh(monkeypatch)
    code, out = checked(capsys, tmp_path / "a.gradviz")
    assert code == 1
    x, w = out.splitlines()[2], out.splitlines()[1]
    assert x.endswith("✗")
    assert "x[1]" in x
    assert w.endswith("✓")
    assert out.splitlines()[-1] == "The gradient of 1 of 2 leaves is wrong."
    assert "x: of 2 cells 1 differs, 1 agrees; at x[1] the sweep gives 1, the differences give 0.07065" in out
    code, out = checked(capsys, tmp_path / "a.gradviz", "--json")
    assert code == 1
    assert json.loads(out)["leaves"]["x"]["passed"] is False


def test_check_json_has_every_cell(file, capsys):
    code, out = checked(capsys, file, "--json", "--cells", "5", "--target", "other", "--tolerance", "1e-4")
    told = json.loads(out)
    assert code == 0
    assert told["passed"] is True
    assert told["targets"] == ["other"]
    assert told["tolerance"] == 1e-4
    assert [cell["index"] for cell in told["leaves"]["W"]["cells"]] == [[0, 0], [1, 0], [2, 0]]
    assert told["leaves"]["W"]["cells"][0]["sweep"] == 2
    assert len(told["leaves"]["x"]["cells"]) == 5
    assert told["leaves"]["x"]["has_path"] is False
    assert told["left_out"] == {"c": "integer tensors have no gradient", "c1": "it is a constant"}


def test_only_a_leaf_of_which_a_cell_was_judged_gets_a_tick(tmp_path, capsys):
    leaves = {"x": np.array([0.0, 2.0]), "z": 0.0, "e": np.zeros((0, 3))}
    gv.save(gv.parse("y = sum(abs(x)) + relu(z) + sum(e)", **leaves), tmp_path / "a.gradviz")
    code, out = checked(capsys, tmp_path / "a.gradviz")
    rows = out.splitlines()[1:4]
    assert code == 0
    assert {row.split()[0]: row[-1] for row in rows} == {"x": "✓", "z": "–", "e": "–"}


def test_kinks_are_told_under_the_table_and_what_is_not_finite_is_still_json(tmp_path, capsys):
    gv.save(gv.parse("y = sum(abs(x)) + log(z)", x=np.array([0.0, 2.0]), z=0.0), tmp_path / "a.gradviz")
    code, out = checked(capsys, tmp_path / "a.gradviz")
    assert code == 0
    assert "not finite" in out
    gv.save(gv.parse("y = sum(abs(x))", x=np.array([0.0, 2.0])), tmp_path / "a.gradviz")
    code, out = checked(capsys, tmp_path / "a.gradviz")
    assert "x: of 2 cells 1 agrees, 1 at a kink (x[0])" in out
    code, out = checked(capsys, tmp_path / "a.gradviz", "--json")
    assert [cell["verdict"] for cell in json.loads(out)["leaves"]["x"]["cells"]] == ["kink", "agrees"]
    gv.save(gv.parse("y = log(z)", z=0.0), tmp_path / "a.gradviz")
    code, out = checked(capsys, tmp_path / "a.gradviz", "--json")
    assert json.loads(out)["leaves"]["z"]["cells"][0]["sweep"] == "Infinity"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["{file}", "--target", "nobody"], "nobody"),
        (["{file}", "--target", "c"], "float"),
        (["{file}", "--tolerance", "0"], "tolerance"),
        (["{file}", "--tolerance", "much"], "not a number"),
        (["{file}", "--cells", "0"], "at least one cell"),
        (["nowhere.gradviz"], "nowhere.gradviz"),
        ([], "FILE"),
    ],
)
def test_what_cannot_be_checked_is_one_sentence_and_exit_code_2(file, capsys, words, told):
    assert main(["check", *(word.format(file=file) for word in words)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    assert told in said.err


def test_check_starts_without_qt(file):
    block = "import sys; sys.modules['PySide6'] = None; from gradviz.app.command_line import main; "
    code = block + f"sys.exit(main(['check', {str(file)!r}]))"
    assert (
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False, stdout=subprocess.DEVNULL).returncode == 0
    )


def test_the_page_has_gradcheck(file):
    found = gv.gradcheck(gv.load(file), "other", cells=2)
    assert found.passed
    assert len(found.rows[0].cells) == 2
    with pytest.raises(gv.GradvizError, match="a document comes first"):
        gv.gradcheck("y = x")
