"""The words of the command line: what they print, draw and refuse, with and without a display."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QImage

import gradviz as gv
from gradviz.app.command_line import main
from gradviz.graph import clear_target

ROOT = Path(__file__).parents[2]


@pytest.fixture
def file(tmp_path):
    """y = a * b of two vectors, with a target and a seed of its own."""
    document = gv.parse("y = a * b; z = exp(a)", a=np.array([1.0, 2.0], np.float32), b=np.array([3.0, np.nan]))
    document = gv.set_target(document, "y", gv.OneHot((0,)))
    gv.save(document, tmp_path / "product.gradviz")
    return tmp_path / "product.gradviz"


def run_gradviz(*words, **changes):
    """Run the program in a process of its own; a value of None takes a variable out of its environment."""
    settings = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": ""} | changes
    settings = {name: value for name, value in settings.items() if value is not None}
    cwd = settings.pop("cwd", None)
    command = [sys.executable, "-m", "gradviz", *map(str, words)]
    return subprocess.run(command, capture_output=True, env=settings, cwd=cwd, timeout=120, check=False)


def json_of(capsys, *words):
    assert main(["run", *map(str, words), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_run_prints_every_value_and_gradient(file, capsys):
    assert main(["run", str(file)]) == 0
    out = capsys.readouterr().out
    assert "y\n  value     [ 3., nan]" in out
    assert "z\n" in out
    assert "gradient  None" in out


def test_run_json_has_arrays_as_programs_exchange_them(file, capsys):
    told = json_of(capsys, file)
    assert told["values"]["a"] == {"dtype": "float32", "shape": [2], "data": [1.0, 2.0]}
    assert told["values"]["y"]["data"] == [3.0, "NaN"]
    assert told["gradients"]["z"] is None
    assert told["gradients"].keys() == told["values"].keys()


def test_a_files_own_seed_is_used_for_its_target(file, capsys):
    assert json_of(capsys, file)["gradients"]["b"]["data"] == [1.0, 0.0]
    assert json_of(capsys, file, "--target", "y")["gradients"]["b"]["data"] == [1.0, 0.0]


def test_other_targets_are_swept_from_ones_together(file, capsys):
    told = json_of(capsys, file, "--target", "z", "--target", "y")
    np.testing.assert_allclose(told["gradients"]["z"]["data"], [1, 1])
    np.testing.assert_allclose(told["gradients"]["a"]["data"][0], np.exp(1.0) + 3)


def test_a_file_without_a_target_says_so(tmp_path, capsys):
    gv.save(clear_target(gv.parse("y = a * b; z = exp(a)", a=1.0, b=2.0)), tmp_path / "two.gradviz")
    assert main(["run", str(tmp_path / "two.gradviz")]) == 0
    said = capsys.readouterr()
    assert "y, z" in said.err
    assert "--target" in said.err
    assert "gradient  None" in said.out


@pytest.mark.parametrize(
    ("seed", "gradient"),
    [
        ("[2, 0.5]", [2.0, 1.0]),
        ('{"one_hot": [1]}', [0.0, 2.0]),
        ('{"dtype": "float32", "shape": [2], "data": [1, 1]}', [1.0, 2.0]),
        ('{"dtype": "float64", "recipe": "ones", "shape": [2]}', [1.0, 2.0]),
        ("null", [1.0, 2.0]),
        ('["inf", 0]', ["Infinity", 0.0]),
    ],
)
def test_a_seed_is_json(file, capsys, seed, gradient):
    assert json_of(capsys, file, "--target", "y", "--seed", seed)["gradients"]["b"]["data"] == gradient


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["run", "{file}", "--seed", "{{"], "column 2"),
        (["run", "{file}", "--seed", "[1, 2, 3]"], "shape"),
        (["run", "{file}", "--seed", "[[1], 2]"], "shape"),
        (["run", "{file}", "--seed", '{{"one_hot": [-1]}}'], "one_hot"),
        (["run", "{file}", "--seed", '{{"one_hot": [7]}}'], "(7,)"),
        (["run", "{file}", "--seed", "[1, 1]", "--target", "y", "--target", "z"], "one target"),
        (["run", "{file}", "--target", "nobody"], "nobody"),
        (["run", "nowhere.gradviz"], "nowhere.gradviz"),
        (["run"], "FILE"),
        (["run", "{folder}"], "no file"),
        (["run", "{file}", "--frob"], "--frob"),
        (["render", "{file}"], "--out"),
        (["render", "{file}", "-o", "{folder}/a.txt"], ".txt"),
        (["render", "{file}", "-o", "{folder}/a"], "*.png"),
        (["render", "{file}", "-o", "{folder}/a.png", "--frame", "99"], "99"),
        (["render", "{file}", "-o", "{folder}/a.png", "--frame", "x"], "whole number"),
        (["render", "{file}", "-o", "{folder}/a.png", "--frame", "1", "--moment", "last"], "not allowed"),
        (["render", "{file}", "-o", "{folder}/a.png", "--theme", "pink"], "pink"),
        (["render", "{file}", "-o", "{folder}/a.png", "--scale", "0"], "scale"),
        (["render", "{file}", "-o", "{folder}/a.png", "--scale", "much"], "not a number"),
        (["render", "{file}", "-o", "{folder}/a.png", "--size", "0x10"], "one pixel"),
        (["render", "{file}", "-o", "{folder}/a.png", "--size", "99999999x99999999"], "choose a smaller size"),
        (["render", "{file}", "-o", "{folder}/a.png", "--select", "nobody"], "nobody"),
        (["render", "{file}", "-o", "{folder}/no/a.png"], "a.png"),
        (["ops", "no such thing"], "no such thing"),
        (["one", "two"], "two"),
        (["--frob"], "--frob"),
        (["loss = summ(x)"], "summ"),
        (["nowhere.gradviz"], "nowhere.gradviz"),
        (["rnu"], '"rnu" is no file'),
        (["\0"], "column"),
        (["x" * 5000 + " +"], "column"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_exit_code_2(file, capsys, words, told):
    words = [word.format(file=file, folder=file.parent) for word in words]
    assert main(words) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    assert told in said.err


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"], ["render", "--help"], ["ops", "--help"]])
def test_help_explains_every_word(capsys, words):
    with pytest.raises(SystemExit) as end:
        main(words)
    assert end.value.code == 0
    assert "gradviz" in capsys.readouterr().out


def test_the_version_is_told(capsys):
    with pytest.raises(SystemExit) as end:
        main(["--version"])
    assert end.value.code == 0
    assert capsys.readouterr().out.strip() == f"gradviz {gv.__version__}"


def test_ops_lists_all_or_what_is_searched_for(capsys):
    assert main(["ops"]) == 0
    everything = capsys.readouterr().out
    assert "elementwise" in everything
    assert main(["ops", "torch.mul"]) == 0
    assert capsys.readouterr().out.splitlines()[1].split()[0] == "multiply"


def test_render_draws_the_chosen_moment(file, tmp_path):
    first, last = tmp_path / "first.png", tmp_path / "last.png"
    assert main(["render", str(file), "-o", str(first), "--frame", "0"]) == 0
    assert main(["render", str(file), "-o", str(last), "--size", "300x200", "--theme", "dark", "--transparent"]) == 0
    assert not QImage(str(first)).isNull()
    image = QImage(str(last))
    assert (image.width(), image.height()) == (300, 200)
    assert image.pixelColor(1, 1).alpha() == 0
    assert main(["render", str(file), "-o", str(tmp_path / "part.svg"), "--select", "a, y"]) == 0
    assert "z" not in gv.load(file).targets
    assert (tmp_path / "part.svg").read_text("utf-8").startswith("<?xml")


NO_DISPLAY = {"DISPLAY": None, "WAYLAND_DISPLAY": None, "QT_QPA_PLATFORM": None}
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux can be without a display")


@linux
@pytest.mark.parametrize("display", [None, ":987"])
def test_without_a_display_the_sweep_is_rendered(file, tmp_path, display):
    result = run_gradviz(file.name, **NO_DISPLAY | {"DISPLAY": display}, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert result.stderr.decode().startswith("There is no display to open a window on")
    written = [Path(line) for line in result.stdout.decode().splitlines()]
    assert {path.suffix for path in written} == {".png", ".gif"}
    assert all((tmp_path / path).stat().st_size > 0 for path in written)


@linux
def test_without_a_display_an_expression_is_rendered_too(tmp_path):
    result = run_gradviz("y = x * x", **NO_DISPLAY, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "gradviz-out/sweep.gif").exists()


@linux
def test_a_folder_that_cannot_be_made_is_one_sentence(file, tmp_path):
    (tmp_path / "gradviz-out").write_text("in the way", "utf-8")
    result = run_gradviz(file.name, **NO_DISPLAY, cwd=tmp_path)
    assert result.returncode == 2
    assert "gradviz-out" in result.stderr.decode().splitlines()[-1]
    assert b"Traceback" not in result.stderr


def test_a_missing_library_is_one_sentence(tmp_path):
    (tmp_path / "PySide6").mkdir()
    (tmp_path / "PySide6/__init__.py").write_text(
        "raise ImportError('libEGL.so.1: cannot open shared object file: No such file or directory')", "utf-8"
    )
    result = run_gradviz(PYTHONPATH=f"{tmp_path}{os.pathsep}{ROOT}", QT_QPA_PLATFORM="offscreen")
    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 1
    assert b"libEGL.so.1" in result.stderr


def test_a_reader_that_goes_early_is_no_error():
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); import gradviz.__main__ as m; "]
    command[-1] += "sys.argv[1:] = ['ops', '--markdown']; sys.exit(m.main())"
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        complaint = process.stderr.read()
        assert process.wait(60) == 0
    assert complaint == b""


def test_a_console_without_the_signs_of_mathematics_gets_others(file):
    result = run_gradviz("ops", PYTHONIOENCODING="cp1252:strict")
    assert result.returncode == 0, result.stderr
    result = run_gradviz("ops", "--markdown", PYTHONIOENCODING="ascii")
    assert result.returncode == 0, result.stderr


def test_a_pipe_gets_utf_8():
    result = run_gradviz("ops", "--markdown", LC_ALL="C", PYTHONCOERCECLOCALE="0", PYTHONUTF8="0")
    assert result.returncode == 0, result.stderr
    assert "Σ" in result.stdout.decode("utf-8")


@pytest.mark.skipif(os.name != "posix", reason="other systems send no signal to another process")
def test_ctrl_c_in_the_terminal_closes_the_window(tmp_path):
    settings = {**os.environ, "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen", "HOME": str(tmp_path)}
    settings |= {"XDG_CONFIG_HOME": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    program = "from gradviz.app import window, command_line; from PySide6.QtCore import QTimer; import sys; "
    program += "old = window.MainWindow.open_first; "
    program += "window.MainWindow.open_first = lambda self, *facts: (old(self, *facts), print('open', flush=True)); "
    program += "sys.exit(command_line.main([]))"
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, env=settings, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"open\n"
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        complaint = process.stderr.read()
        assert process.wait(30) == 130
    assert b"Traceback" not in complaint
