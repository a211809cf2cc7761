"""Runs everything: lint, format, types, contracts, and pytest with the words given.

Pytest comes last, so that its summary is the last line. The exit code is 1 where anything fails, else 0.
"""

import os
import subprocess
import sys
from pathlib import Path

CHECKS = {
    "ruff check": ["-m", "ruff", "check"],
    "ruff format": ["-m", "ruff", "format", "--check"],
    "mypy": ["-m", "mypy"],
    "lint-imports": ["-c", "from importlinter.cli import lint_imports_command as check; check()"],
    "pytest": ["-m", "pytest", "-n", "auto", *sys.argv[1:]],
}


def main():
    settings = {"QT_QPA_PLATFORM": "offscreen", "PYTHONIOENCODING": "utf-8", **os.environ}
    failed = []
    for name, words in CHECKS.items():
        print("==", name, *(["- failed so far:", ", ".join(failed)] if failed else []), flush=True)
        if subprocess.call([sys.executable, *words], cwd=Path(__file__).parents[1], env=settings):
            failed.append(name)
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
