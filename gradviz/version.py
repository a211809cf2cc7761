"""The version of this gradviz, said in one place: pyproject.toml."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


def own_version() -> str:
    """Return the version of the installed package, or of the checkout where it is used without being installed."""
    try:
        return version("gradviz")
    except PackageNotFoundError:
        project = (Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8")
        return next(line.split('"')[1] for line in project.splitlines() if line.startswith("version = "))
