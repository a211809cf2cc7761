"""Runs a benchmark by name: `python -m tests.benchmarks startup [WORDS]`; without a name, lists them."""

import importlib
import sys
from pathlib import Path

NAMES = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("_"))


def main(words):
    if not words or words[0] not in NAMES:
        print("Benchmarks:", *NAMES)
        return 2
    return importlib.import_module(f"tests.benchmarks.{words[0]}").main(words[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
