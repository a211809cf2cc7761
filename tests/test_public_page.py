"""The page for programs: `import gradviz as gv`."""

import ast
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import gradviz as gv

ROOT = Path(__file__).parents[1]
X, W, B, T = np.ones((2, 3)), np.full((3, 1), 0.5), np.zeros(1), np.array([[1], [2]])
ONE = gv.leaf(gv.document(), "x", 1.0)
EXPRESSION = "loss = sum((x @ W + b - t)**2)"


def run_python(code, folder=ROOT):
    """Run a program in a fresh Python and return what it printed."""
    command = [sys.executable, "-W", "error", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {code}"]
    result = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def test_an_expression_becomes_a_document_that_runs():
    tape = gv.run(gv.parse(EXPRESSION, x=X, W=W, b=B, t=T))
    assert tape.values["loss"] == 0.5
    assert tape.gradients["W"].tolist() == [[0.0]] * 3
    assert tape.gradients["b"].tolist() == [0.0]
    assert tape.gradients["t"] is None
    assert isinstance(tape, gv.Tape)
    assert tape.at(len(tape.frames)).gradient("t").state == "no path"


def test_a_document_can_be_built_edit_by_edit():
    document = gv.leaf(gv.document(), "x", X, role="input")
    document = gv.leaf(document, "W", W.astype("f4"))
    document = gv.add(document, "@", ["x", "W"], id="h")
    document = gv.add(document, "reduce_sum", ["h"], id="loss", params={"axis": None})
    tape = gv.run(document)
    assert tape.values["loss"] == 3
    assert tape.gradients["W"].dtype == "f4"
    assert tape.gradients["W"].tolist() == [[2]] * 3
    assert isinstance(document, gv.Document)


def test_a_node_without_a_name_is_named_after_its_op():
    document = gv.leaf(gv.document(), "x", 2.0)
    document = gv.add(document, "mul", ["x", "x"])
    document = gv.add(document, "multiply", ["mul1", "x"])
    assert list(document.nodes) == ["x", "mul1", "mul2"]
    assert gv.run(document).gradients["x"] == 12


def test_an_input_can_be_wired_later():
    document = gv.add(gv.leaf(gv.document(), "x", 2.0), "add", ["x", None], id="y")
    with pytest.raises(gv.GradvizError, match='the input b of "y" is open'):
        gv.run(document, "y")
    assert gv.run(gv.connect(document, "x", ("y", "b"))).gradients["x"] == 2


def test_targets_and_seeds_are_given_in_every_way():
    document = gv.parse("y = x**2; z = x * 3", x=np.array([1.0, 2.0]))
    assert gv.run(document).gradients["x"].tolist() == [3, 3]
    assert gv.run(document, "y").gradients["x"].tolist() == [2, 4]
    assert gv.run(document, target="y", seed=[1, 0]).gradients["x"].tolist() == [2, 0]
    assert gv.run(document, target=["y", "z"]).gradients["x"].tolist() == [5, 7]
    assert gv.run(document, target={"y": gv.OneHot((1,)), "z": [1, 1]}).gradients["x"].tolist() == [3, 7]
    assert gv.run(gv.set_target(document, "y")).gradients["x"].tolist() == [2, 4]


@pytest.mark.parametrize(
    ("action", "sentence"),
    [
        (lambda: gv.parse("y = x +", x=1.0), "column"),
        (lambda: gv.run(gv.parse("y = a + b", a=np.ones(3), b=np.ones(4))), r"cannot broadcast \(3,\) with \(4,\)"),
        (lambda: gv.run(gv.parse("y = x", x=1.0), "q"), 'no node named "q"'),
        (lambda: gv.add(gv.document(), "frobnicate", []), "no op frobnicate"),
        (lambda: gv.leaf(gv.document(), "x", 1.0, role="hero"), "hero"),
        (lambda: gv.leaf(gv.document(), "2x", 1.0), "2x"),
        (lambda: gv.leaf(gv.document(), "x", [[1], [1, 2]]), "no tensor"),
        (lambda: gv.load("nowhere.gradviz"), "nowhere.gradviz"),
    ],
)
def test_what_cannot_be_is_an_error_with_a_sentence(action, sentence):
    with pytest.raises(gv.GradvizError, match=sentence):
        action()


def test_a_document_survives_a_file(tmp_path):
    document = gv.parse(EXPRESSION, x=X, W=W, b=B, t=T)
    gv.save(document, tmp_path / "loss.gradviz")
    again = gv.load(tmp_path / "loss.gradviz")
    assert gv.run(again).values["loss"] == 0.5
    assert list(again.nodes) == list(document.nodes)


def test_documents_run_and_are_saved_where_qt_is_missing(tmp_path):
    code = """
sys.modules["PySide6"] = None
import numpy as np, gradviz as gv
document = gv.parse("y = sum(x**2)", x=np.array([1.0, 2.0]))
gv.save(document, "square.gradviz")
print(gv.run(gv.load("square.gradviz")).gradients["x"].tolist(), gv.__version__)
try:
    gv.render
except ImportError as error:
    print("PySide6" in str(error))
"""
    lines = run_python(f"exec({code!r})", tmp_path).splitlines()
    assert lines == [f"[2.0, 4.0] {gv.__version__}", "True"]


def test_importing_the_page_loads_nothing_else():
    code = "import gradviz; print(sorted(name for name in sys.modules if name.split('.')[0] in ('gradviz', 'numpy')))"
    assert run_python(code) == "['gradviz']"


def test_every_name_of_the_page_is_there_and_has_a_sentence():
    for name in gv.__all__:
        found = getattr(gv, name)
        assert name == "__version__" or found.__doc__
        assert name in dir(gv)
    with pytest.raises(AttributeError, match="gradviz has no 'trace'"):
        gv.trace  # noqa: B018 - asking is the test


def test_the_types_of_the_page_name_what_the_page_has():
    tree = ast.parse((ROOT / "gradviz/__init__.pyi").read_text("utf-8"))
    homes = {
        alias.asname: node.module for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    assert homes == gv._HOMES


def test_the_module_takes_the_words_of_the_command():
    command = [sys.executable, "-m", "gradviz", "--version"]
    result = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
    assert result.stdout.strip() == f"gradviz {gv.__version__}"


def test_a_picture_is_drawn_of_a_document_and_of_a_file(tmp_path):
    document = gv.parse("y = x**2", x=2.0)
    gv.save(document, tmp_path / "square.gradviz")
    gv.render(document, tmp_path / "last.svg")
    gv.render(tmp_path / "square.gradviz", tmp_path / "first.png", frame=0, theme="dark")
    assert (tmp_path / "last.svg").read_text("utf-8").count("<svg") == 1
    assert (tmp_path / "first.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (lambda: gv.parse(5), "an expression is a text, not int"),
        (lambda: gv.parse("y = x", x=None), 'leaf "x": this is no tensor'),
        (lambda: gv.leaf(None, "x", 1.0), "a document comes first, not NoneType"),
        (
            lambda: gv.run("graph.gradviz"),
            r"a document comes first, not str: document\(\), parse\(…\) or load\(…\) gives",
        ),
        (lambda: gv.add(ONE, None, ["x"]), "an op is named by a text, not by NoneType"),
        (lambda: gv.add(ONE, "exp", [["x"]]), r"there is no node named \"\['x'\]\""),
        (lambda: gv.add(ONE, "exp", [np.ones(2)]), "there is no node named"),
        (lambda: gv.add(ONE, "exp", None), "inputs are a list of names of nodes, not NoneType"),
        (lambda: gv.add(ONE, "exp", "x", id=""), "a node needs a name"),
        (lambda: gv.add(ONE, "sum", "x", params=[0]), r'params are a table such as \{"axis": 0\}, not list'),
        (lambda: gv.add(ONE, "sum", "x", params={"a": 0, 1: 2}), "there is no parameter"),
        (lambda: gv.connect(ONE, "x", "y"), "a port is the name of a node and of one of its inputs"),
        (lambda: gv.run(ONE, 5), "a target is named by a text, not by int"),
        (lambda: gv.run(ONE, [["x"]]), "a target is named by a text, not by list"),
        (lambda: gv.OneHot(1), r"names its cell by one number per axis: OneHot\(\(0, 1\)\)"),
        (lambda: gv.run(ONE).at(1.5), "moments are counted in whole numbers, and 1.5 is none"),
        (lambda: gv.save("graph.gradviz", ONE), "what is saved is a document, not str"),
        (lambda: gv.render(ONE, None), "a path is a text, not NoneType"),
        (lambda: gv.render(ONE, "a.png", scale="2"), "a scale is a number such as 2.0, not '2'"),
        (lambda: gv.render(ONE, "a.png", size=800), r"such as \(800, 600\), not 800"),
        (lambda: gv.render(ONE, "a.png", size=(800,)), r"such as \(800, 600\), not \(800,\)"),
        (lambda: gv.render(ONE, "a.png", size=(None, None)), r"not \(None, None\)"),
        (lambda: gv.render(ONE, "a.png", select=5), "the nodes to draw are a list of names, not int"),
        (lambda: gv.render(ONE, "a.png", select="long"), 'there is no node "long" to draw'),
        (lambda: gv.run(ONE).at("1"), "moments are counted in whole numbers, and '1' is none"),
    ],
)
def test_arguments_of_the_wrong_type_are_told_in_a_sentence(wrong, sentence):
    with pytest.raises(gv.GradvizError, match=sentence):
        wrong()


def test_a_single_input_needs_no_list():
    document = gv.add(gv.leaf(gv.document(), "long_name", 2.0), "square", "long_name")
    assert gv.run(document).gradients["long_name"] == 4


@pytest.mark.parametrize(
    ("op", "params", "shape"),
    [("einsum", {"equation": "ij->ji"}, (3, 2)), ("concat", {}, (2, 3)), ("stack", {"axis": -1}, (2, 3, 1))],
)
def test_an_op_of_any_number_of_inputs_may_have_one(op, params, shape):
    document = gv.add(gv.leaf(gv.document(), "x", X), op, ["x"], id="y", params=params)
    tape = gv.run(document, "y")
    assert tape.values["y"].shape == shape
    assert tape.gradients["x"].tolist() == X.tolist()


def test_an_op_is_opened_and_closed():
    doc = gv.parse("p = softmax(x); y = sum(p * p)", x=np.array([1.0, 2.0, 3.0]))
    opened = gv.unfold(doc, "p")
    assert np.allclose(gv.run(opened).gradients["x"], gv.run(doc).gradients["x"], rtol=1e-12)
    assert gv.fold(opened, set(opened.nodes) - set(doc.nodes) | {"p"}).nodes["p"].op == "softmax"
