"""The habits of the house that lint, types and contracts cannot hold: budgets, sentences, names, what loads when."""

import ast
import functools
import importlib.metadata
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = sorted((ROOT / "gradviz").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
MAIN = ROOT / "main.py"
CODE = [*PACKAGE, *TESTS, MAIN]
DATA = sorted((ROOT / "resources").rglob("*.gradviz"))
TEXTS = [*CODE, ROOT / "README.md", ROOT / "pyproject.toml", ROOT / ".ci/run", *DATA]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LATE = {"networkx", "pyqtgraph", "PIL"}  # what waits until it is first needed
LATE_ROOMS = {"app", "export"}  # their pages load nothing, so that the command line starts without Qt
LATE_MODULES = {
    "gradviz/__init__.py",
    "gradviz/app/command_line.py",
    *(f"gradviz/{name}/__init__.py" for name in LATE_ROOMS),
}
HOMES = {  # the only rooms in which a module may be imported
    "PySide6.QtWidgets": {"canvas", "panels", "app"},
    "pyqtgraph": {"panels"},
    "networkx": {"graph"},
    "PIL": {"export", "formats"},
}
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "core", "base", "misc"}
BELOW_QT = ("errors", "assets", "ops", "graph", "engine", "formats")


def place(path):
    """Return where a file lies in the project, with slashes on every system."""
    return path.relative_to(ROOT).as_posix()


def room(path):
    """Return the package, or the module at the top, in which a module of gradviz lies."""
    return path.relative_to(ROOT / "gradviz").parts[0].removesuffix(".py")


@functools.cache
def parse(path):
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text("utf-8"))


def imports(tree):
    """Yield the line and the full name of everything that is imported below a node of a tree."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def functions(tree):
    """Yield every function of a tree, methods and inner ones included."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def public_parts(tree, prefix=""):
    """Yield the name and node of a module's public classes, functions and methods, and of the module itself."""
    yield prefix or "the module", tree
    for node in tree.body:
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) or node.name.startswith("_"):
            continue
        if isinstance(node, ast.ClassDef):
            yield from public_parts(node, f"{prefix}{node.name}.")
        elif not any(ast.unparse(each).endswith((".setter", "overload")) for each in node.decorator_list):
            yield prefix + node.name, node


def where(paths, find):
    """Return what `find` finds wrong with each of some files, by place; files with nothing wrong are left out."""
    return {place(path): found for path in paths if (found := list(find(path)))}


def test_a_file_holds_one_idea():
    lengths = {place(path): len(path.read_text("utf-8").splitlines()) for path in CODE}
    assert lengths.pop("main.py") <= 100
    assert {path: length for path, length in lengths.items() if length > 400} == {}


def test_a_function_fits_on_a_screen():
    def too_long(path):
        return (each.name for each in functions(parse(path)) if each.end_lineno - each.lineno >= 40)

    assert where(CODE, too_long) == {}


def test_what_is_public_says_in_one_sentence_what_it_is():
    def untold(path):
        lines = {name: (ast.get_docstring(node) or "").split("\n")[0] for name, node in public_parts(parse(path))}
        return (name for name, line in lines.items() if not line.endswith((".", "?", ":")))

    assert where([*PACKAGE, MAIN], untold) == {}


def test_a_name_says_what_belongs_there():
    assert where(CODE, lambda path: EMPTY_NAMES.intersection(Path(place(path)).with_suffix("").parts)) == {}


def test_nothing_names_a_place_of_one_machine():
    pattern = re.compile(r"/(?:work|root|home|Users)/\w+|\b[A-Z]:\\\\?\w+")
    assert where(TEXTS, lambda path: pattern.findall(path.read_text("utf-8"))) == {}


def test_what_a_check_overlooks_is_explained_in_the_same_line():
    overlooked = re.compile(r"#\s(?:noqa|type: ignore|pragma)(?!.* - \w+ \w+).*")
    assert where(CODE, lambda path: overlooked.findall(path.read_text("utf-8"))) == {}


def test_imports_wait_only_where_start_up_needs_it():
    def late(path):
        found = {name for function in functions(parse(path)) for _, name in imports(function)}
        return {name for name in found if name.split(".")[0] not in LATE and place(path) not in LATE_MODULES}

    assert where(PACKAGE, late) == {}
    assert where(PACKAGE, lambda path: re.findall("TYPE_CHECKING", path.read_text("utf-8"))) == {}


@pytest.mark.parametrize(("module", "homes"), HOMES.items(), ids=HOMES)
def test_a_module_is_imported_only_in_its_home(module, homes):
    def guests(path):
        return {name for _, name in imports(parse(path)) if f"{name}.".startswith(f"{module}.")}

    assert where([path for path in PACKAGE if room(path) not in homes], guests) == {}


def test_rooms_import_each_others_public_page():
    pages = {place(path.parent).replace("/", "."): imports(parse(path)) for path in PACKAGE if path.stem == "__init__"}
    offered = {f"{page}.{name.rpartition('.')[2]}" for page, found in pages.items() for _, name in found}
    closed = [path for path in PACKAGE if path.parent.name not in {"gradviz", *LATE_ROOMS}]
    inner = {place(path).removesuffix(".py").replace("/", ".") for path in closed}

    def behind_a_page(path):
        names = {name for _, name in imports(parse(path)) if name.split(".")[1:2] != [room(path)]} - offered
        return [name for name in names if name in inner or name.rpartition(".")[0] in inner]

    assert where(PACKAGE, behind_a_page) == {}


def test_no_module_imports_the_root_page():
    rooms = {room(path) for path in PACKAGE}

    def root(path):
        names = {name for _, name in imports(parse(path)) if name.split(".")[0] == "gradviz"}
        return [name for name in names if name == "gradviz" or name.split(".")[1] not in rooms]

    assert where(PACKAGE, root) == {}


def test_main_needs_only_the_standard_library():
    assert {name.split(".")[0] for _, name in imports(parse(MAIN))} <= sys.stdlib_module_names


def declared(requirements):
    """Return the names by which the packages of some requirements are imported."""
    wanted = {canonical(re.match(r"[\w.-]+", requirement)[0]) for requirement in requirements}
    provided = importlib.metadata.packages_distributions()
    return {module for module, packages in provided.items() if wanted & {canonical(package) for package in packages}}


def canonical(package):
    """Return the one spelling of a package's name."""
    return re.sub(r"[-_.]+", "-", package).lower()


def third_party(paths):
    """Return the packages that some files import, but for Python's own and this project's."""
    found = {name.split(".")[0] for path in paths for _, name in imports(parse(path))}
    return found - sys.stdlib_module_names - {"gradviz", "tests", "main"}


def test_whatever_is_imported_is_declared():
    needed = PROJECT["project"]["dependencies"]
    extras = PROJECT["project"]["optional-dependencies"]
    peers = {re.match(r"\w+", requirement)[0] for requirement in extras["peers"]}  # known by name, installed or not
    assert third_party(PACKAGE) <= declared(needed)
    assert third_party(TESTS) - {"shiboken6"} - peers <= declared(
        [*needed, *extras["test"]]
    )  # shiboken6 is the ground PySide6 stands on


def test_every_dependency_and_every_exception_has_its_reason():
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    lists = re.findall(r"^(?:dependencies|test|peers|ignore|\S+\*) = \[\n(.*?)^\]", text, re.MULTILINE | re.DOTALL)
    assert len(lists) >= 4
    assert [line for block in lists for line in block.splitlines() if "  # " not in line] == []


def run_python(code):
    """Run a program in a fresh Python and return what it printed."""
    command = [sys.executable, "-W", "error", "-c", code]
    settings = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    result = subprocess.run(command, capture_output=True, encoding="utf-8", cwd=ROOT, env=settings, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_everything_below_picture_loads_without_qt():
    rooms = "; ".join(f"import gradviz.{name}" for name in BELOW_QT)
    run_python(f"import sys; sys.modules['PySide6'] = None; import gradviz; {rooms}")


def test_the_pages_of_app_and_export_load_nothing():
    code = "import sys, gradviz.app, gradviz.export; print(sorted({name.split('.')[0] for name in sys.modules}))"
    loaded = set(ast.literal_eval(run_python(code)))
    assert loaded.isdisjoint({"PySide6", "numpy", *LATE})


def test_the_window_loads_without_what_it_does_not_need_yet():
    code = "import sys, gradviz.app.window; print(sorted({name.split('.')[0] for name in sys.modules}))"
    loaded = set(ast.literal_eval(run_python(code)))
    assert "PySide6" in loaded
    assert loaded.isdisjoint(LATE)


@pytest.mark.parametrize("words", [["ops"], ["run", "{example}"], ["run", "{example}", "--json"]], ids=" ".join)
def test_a_command_that_draws_nothing_starts_without_qt(words):
    words = [word.format(example=DATA[0]) for word in words]
    code = "import sys; sys.modules['PySide6'] = None; from gradviz.app.command_line import main; "
    assert run_python(f"{code} sys.exit(main({words!r}))").strip()


def test_the_op_table_of_the_readme_is_what_the_code_derives():
    table = run_python("from gradviz.app.command_line import main; main(['ops', '--markdown'])")
    assert table.strip() in (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("name", ["ops", "graph", "engine"])
def test_the_page_of_a_large_room_tells_where_each_of_its_files_belongs(name):
    told = set(re.findall(r"`(\w+)`", ast.get_docstring(parse(ROOT / "gradviz" / name / "__init__.py"))))
    files = {path.stem for path in (ROOT / "gradviz" / name).glob("*.py")} - {"__init__"}
    assert not files - told
