"""The launcher, started on a stand-in project, sets `.venv` up once, repeats what broke off, and passes words on."""

import inspect
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

MAIN = Path(__file__).parents[1] / "main.py"
PYTHON = getattr(sys, "_base_executable", None) or sys.executable  # not that of an environment, which may lack pip
ECHO = """
import sys
print({name!r}, sys.prefix, *sys.argv[1:], sep="|")
sys.exit("fail" in sys.argv and 7)
"""
PYPROJECT = """
[project]
dependencies = ["stand-in-library>=1"]
optional-dependencies.test = ["stand-in-tools>=1"]
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[tool.gradviz]
"""
BACKEND = """
import zipfile
from pathlib import Path

def build_editable(folder, config_settings=None, metadata_directory=None):
    return write_wheel(folder, "stand_in", "stand-in-library", "stand-in-tools; extra == 'test'")

"""


def write_wheel(folder, name, *requirements):
    """Write a wheel that holds nothing but its own name and what it requires."""
    head = ["Metadata-Version: 2.1", f"Name: {name}", "Version: 1", "Provides-Extra: test"]
    metadata = [*head, *(f"Requires-Dist: {requirement}" for requirement in requirements)]
    with zipfile.ZipFile(Path(folder, f"{name}-1-py3-none-any.whl"), "w") as wheel:
        wheel.writestr(f"{name}-1.dist-info/METADATA", "\n".join(metadata) + "\n")
        wheel.writestr(f"{name}-1.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{name}-1.dist-info/RECORD", "")
    return f"{name}-1-py3-none-any.whl"


@pytest.fixture
def project(tmp_path):
    """A small project started by the real main.py, in a folder with a space; what it needs comes without network."""
    folder = tmp_path / "a project"
    files = {
        "pyproject.toml": PYPROJECT,
        "backend.py": BACKEND + inspect.getsource(write_wheel),
        "gradviz/__main__.py": ECHO.format(name="gradviz"),
        "tests/__main__.py": ECHO.format(name="tests"),
        "PySide6/QtWidgets.py": "",
        "PySide6/QtCore.py": "QLibraryInfo = None",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    shutil.copy(MAIN, folder)
    write_wheel(tmp_path, "stand_in_library")
    write_wheel(tmp_path, "stand_in_tools")
    return folder


def start(project, *words):
    """Start the project's main.py from another folder; return the exit code, what it printed, and what it said."""
    foreign = ("PIP_", "PYTHON", "DISPLAY")
    settings = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    settings |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": project.parent.as_uri(), "PIP_CONFIG_FILE": os.devnull}
    command = [PYTHON, project / "main.py", *words]
    result = subprocess.run(command, capture_output=True, text=True, cwd=project.parent, env=settings, check=False)
    return result.returncode, result.stdout, result.stderr


def test_the_first_start_sets_up_and_the_second_does_not(project):
    first, second = start(project, "run", "a file"), start(project, "run", "a file")
    printed = f"gradviz|{project / '.venv'}|run|a file\n"
    assert (first[:2], second) == ((0, printed), (0, printed, ""))
    assert "setting up" in first[2]


def test_the_tests_are_started_with_their_tools(project):
    assert start(project)[0] == 0
    code, printed, said = start(project, "test", "-k", "one")
    assert (code, printed) == (0, f"tests|{project / '.venv'}|-k|one\n")
    assert "setting up" in said  # the tools were not there yet
    assert list((project / ".venv").rglob("stand_in_tools-1.dist-info"))
    assert start(project)[2] == ""  # who can test can run


def test_the_exit_code_is_that_of_gradviz(project):
    assert start(project, "fail")[0] == 7


def test_no_system_is_a_word_for_the_launcher_only(project):
    assert start(project, "--no-system", "ops")[1].endswith("|ops\n")


def test_an_interrupted_set_up_is_made_again(project):
    assert start(project)[0] == 0
    environment = project / ".venv"
    (environment / "set-up").unlink()
    shutil.rmtree(environment / ("Lib" if os.name == "nt" else "lib"))
    code, printed, said = start(project)
    assert (code, printed) == (0, f"gradviz|{environment}\n")
    assert "setting up" in said


def test_a_changed_pyproject_is_set_up_again(project):
    assert start(project)[0] == 0
    (project / "pyproject.toml").write_text(PYPROJECT + "# changed\n", "utf-8")
    assert "setting up" in start(project)[2]
    assert start(project)[2] == ""


def test_a_package_that_cannot_be_had_is_told(project):
    for wheel in project.parent.glob("*.whl"):
        wheel.unlink()
    code, printed, said = start(project)
    assert (code, printed) == (2, "")
    assert "gradviz could not be set up" in said
    assert "stand-in-library" in said


def test_a_library_that_qt_lacks_is_told_and_looked_for_again(project):
    (project / "PySide6/QtWidgets.py").write_text("raise ImportError('libEGL.so.1 is missing')", "utf-8")
    code, printed, said = start(project, "--no-system")
    assert (code, printed) == (2, "")
    assert "libEGL.so.1 is missing" in said
    (project / "PySide6/QtWidgets.py").write_text("", "utf-8")
    assert start(project)[0] == 0


def test_nothing_is_set_up_where_nothing_is_missing(project):
    (project / "pyproject.toml").write_text(PYPROJECT.replace('"stand-in-library>=1"', ""), "utf-8")
    code, _, said = start(project, "ops")
    assert (code, said) == (0, "")
    assert not (project / ".venv").exists()
