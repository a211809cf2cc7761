"""Starts gradviz, or with the word `test` its tests; on a fresh machine it first sets `.venv` up beside itself."""

import sys

if sys.version_info[:2] < (3, 11):  # noqa: UP036 - an older Python gets as far as this sentence
    sys.exit("gradviz needs Python 3.11 or newer, and this is {}.{}.".format(*sys.version_info))

import os
import re
import shutil
import subprocess
import tomllib
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent
PYTHON = ROOT / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
TRY_QT = """import ctypes, os, sys, PySide6.QtWidgets; from PySide6.QtCore import QLibraryInfo
if sys.platform == "linux" and os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
    ctypes.CDLL(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath) + "/platforms/libqxcb.so")"""


def main(words: list[str]) -> int:
    """Run gradviz or its tests with these words; return the exit code, which is 2 where the set-up fails."""
    may_install, words = "--no-system" not in words, [word for word in words if word != "--no-system"]
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    test = words[:1] == ["test"]
    try:
        python = find_python(test=test, may_install=may_install)
        return subprocess.call([python, "-P", "-m", *(["tests", *words[1:]] if test else ["gradviz", *words])])
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        print("gradviz could not be set up:", error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def find_python(*, test: bool, may_install: bool) -> str:
    """Return a Python that has all it takes: this one where nothing is missing, else that of `.venv`, set up."""
    text, stamp = (ROOT / "pyproject.toml").read_text("utf-8"), ROOT / ".venv/set-up"
    pyproject, wanted = tomllib.loads(text), text + "# test" * test
    needs = pyproject["project"]["dependencies"] + pyproject["project"]["optional-dependencies"]["test"] * test
    here = not any(map(is_missing, needs))
    ready = here or (PYTHON.exists() and stamp.exists() and stamp.read_text("utf-8").startswith(wanted))
    python = sys.executable if here else str(PYTHON)
    if not ready:
        install_packages(".[test]" if test else ".")
    if test or not ready:
        bring_libraries(python, pyproject["tool"]["gradviz"], may_install=may_install)
    if not ready:
        stamp.write_text(wanted, "utf-8")  # last, so that an interrupted set-up starts again
    return python


def is_missing(requirement: str) -> bool:
    """Return whether a requirement applies to this Python and no installed version meets it."""
    name, bounds, marker = re.findall(r"([\w.-]+)([^;]*);?(.*)", requirement)[0]
    installed = next((found.version for found in metadata.distributions(name=name)), "0")
    return is_within("{}.{}".format(*sys.version_info), marker) and not is_within(installed, bounds)


def is_within(version: str, bounds: str) -> bool:
    """Return whether a version keeps bounds such as ">=2.1,<3"; pyproject.toml uses no other signs."""
    found, limits = re.findall(r"\d+", version), re.findall(r"(<|>=)\s*'?([\d.]+)", bounds)
    return all(([*map(int, found)] >= [*map(int, bound.split("."))]) == (sign == ">=") for sign, bound in limits)


def install_packages(what: str) -> None:
    """Install gradviz, editable, into `.venv`, which is made where no working one stands."""
    print(f"gradviz: setting up {PYTHON.parents[1]}, with about 110 MB of Python packages", file=sys.stderr)
    if not PYTHON.exists() or find_problem(str(PYTHON), "-c", "import tomllib"):
        subprocess.run([sys.executable, "-m", "venv", "--clear", "--without-pip", PYTHON.parents[1]], check=True)
    pip = [sys.executable, "-m", "pip", "--python", str(PYTHON)]  # from outside: Debian's `venv` has no pip to put in
    if find_problem(*pip, "--version"):
        subprocess.run([PYTHON, "-m", "ensurepip"], check=True)
        pip = [str(PYTHON), "-m", "pip"]
    settings = {**os.environ, "PIP_USER": "0", "PIP_ROOT_USER_ACTION": "ignore", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    subprocess.run([*pip, "install", "-q", "-e", what], cwd=ROOT, env=settings, check=True)


def bring_libraries(python: str, commands: dict[str, str], *, may_install: bool) -> None:
    """See that Qt loads: as root install what it lacks, else raise RuntimeError with the command that does."""
    problem = find_problem(python, "-c", TRY_QT)
    command = next((commands[name] for name in commands if sys.platform == "linux" and shutil.which(name)), "")
    if problem and command and may_install and os.geteuid() == 0:
        print(f"gradviz: Qt lacks system libraries ({problem}), installing them: {command}", file=sys.stderr)
        subprocess.call(["sh", "-c", command], stdout=subprocess.DEVNULL)
        problem = find_problem(python, "-c", TRY_QT)
    if problem:
        raise RuntimeError(f"Qt does not load: {problem}" + f"\nWhat helps: sudo sh -c '{command}'" * bool(command))


def find_problem(*command: str) -> str:
    """Return the last line of a failing command's complaint, or "" where it succeeds."""
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return [f"exit code {result.returncode}", *result.stderr.splitlines()][-1] if result.returncode else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
