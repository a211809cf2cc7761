"""What the launcher decides: which requirements are missing, and how Qt's system libraries come to a machine."""

import ast
import os
import re
import sys
import tomllib
from pathlib import Path

import pytest

import main

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
COMMANDS = PROJECT["tool"]["gradviz"]
REQUIREMENTS = [*PROJECT["project"]["dependencies"], *PROJECT["project"]["optional-dependencies"]["test"]]
ON_POSIX = pytest.mark.skipif(os.name == "nt", reason="a stand-in package manager is a shell script")


@pytest.mark.parametrize(
    ("version", "bounds", "is_within"),
    [
        ("2.4.6", ">=2.1,<3", True),
        ("2.1", ">=2.1,<3", True),
        ("2.0.9", ">=2.1,<3", False),
        ("3.0.0", ">=2.1,<3", False),
        ("10.0", ">=9.2", True),
        ("6.11.3", ">=6.8.3,<6.12", True),
        ("6.12.0", ">=6.8.3,<6.12", False),
        ("6.12.0", " >= 6.8.3 , < 7 ", True),
        ("3.11", " python_version < '3.12'", True),
        ("3.12", " python_version < '3.12'", False),
        ("3.14", " python_version >= '3.12'", True),
        ("0", "", True),
    ],
)
def test_a_version_is_compared_number_by_number(version, bounds, is_within):
    assert main.is_within(version, bounds) is is_within


def test_what_is_installed_is_not_missing():
    assert [requirement for requirement in REQUIREMENTS if main.is_missing(requirement)] == []


@pytest.mark.parametrize(
    ("requirement", "is_missing"),
    [
        ("numpy>=1", False),
        ("NumPy>=1", False),
        ("pytest-qt>=4", False),
        ("pytest_qt>=4", False),
        ("numpy>=999", True),
        ("numpy>=1,<1.5", True),
        ("no-such-package>=1", True),
        ("no-such-package>=1; python_version < '3.11'", False),
        ("no-such-package>=1; python_version >= '3.11'", True),
    ],
)
def test_a_requirement_is_missing_where_it_applies_and_is_not_met(requirement, is_missing):
    assert main.is_missing(requirement) is is_missing


def test_the_launcher_understands_every_requirement():
    pattern = r"[\w.-]+>=\d+(\.\d+)*(,<\d+(\.\d+)*)?(; python_version (<|>=) '3\.\d+')?"
    assert [requirement for requirement in REQUIREMENTS if not re.fullmatch(pattern, requirement)] == []


def test_an_old_python_gets_as_far_as_its_sentence():
    tree = ast.parse((ROOT / "main.py").read_text("utf-8"), feature_version=(3, 7))
    only_import, guard = tree.body[1:3]
    assert ast.unparse(only_import) == "import sys"
    assert ast.unparse(guard.test) == "sys.version_info[:2] < (3, 11)"
    assert PROJECT["project"]["requires-python"] == ">=3.11"


@pytest.fixture
def broken_python(tmp_path):
    """A Python in which Qt lacks a library until the file `installed` stands beside it."""
    return executable(
        tmp_path / "python",
        f'test -e "{tmp_path}/installed" || {{ echo Traceback >&2; echo "ImportError: libEGL.so.1" >&2; exit 1; }}',
    )


def executable(path, script):
    """Write a shell script that can be run, and return its path as text."""
    path.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    path.chmod(0o755)
    return str(path)


@ON_POSIX
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has these package managers")
@pytest.mark.parametrize("manager", COMMANDS)
def test_without_root_the_command_of_the_package_manager_is_told(manager, tmp_path, broken_python, monkeypatch):
    executable(tmp_path / manager, "exit 1")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RuntimeError, match=r"libEGL\.so\.1") as refusal:
        main.bring_libraries(broken_python, COMMANDS, may_install=False)
    assert f"sudo sh -c '{COMMANDS[manager]}'" in str(refusal.value)
    assert manager in COMMANDS[manager]


@ON_POSIX
def test_without_a_known_package_manager_the_missing_library_is_told(tmp_path, broken_python, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RuntimeError, match=r"libEGL\.so\.1") as refusal:
        main.bring_libraries(broken_python, COMMANDS, may_install=True)
    assert "sudo" not in str(refusal.value)


@ON_POSIX
@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root installs system libraries")
@pytest.mark.parametrize("helps", [True, False])
def test_root_installs_the_libraries_and_says_so(helps, tmp_path, broken_python, monkeypatch, capfd):
    brings = tmp_path / ("installed" if helps else "nothing")
    executable(tmp_path / "dnf", f'echo noise; [ "$1 $2" = "install -y" ] && : > "{brings}"')
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "sh").symlink_to("/bin/sh")
    try:
        main.bring_libraries(broken_python, {"dnf": COMMANDS["dnf"]}, may_install=True)
    except RuntimeError:
        assert not helps
    assert (tmp_path / "installed").exists() == helps
    out, err = capfd.readouterr()
    assert out == ""
    assert "installing them: dnf install -y" in err
