"""What the words of a command line may be, and sentences for what they may not."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from gradviz.errors import GradvizError
from gradviz.version import own_version


class Parser(argparse.ArgumentParser):
    """A parser that tells what is wrong in one sentence, as everything in gradviz does."""

    def __init__(self, command: str, about: str | None, **options: Any) -> None:
        """Parse the words after `gradviz COMMAND`."""
        super().__init__(prog=f"gradviz {command}".strip(), description=about, **options)

    def error(self, message: str) -> NoReturn:
        """Raise the sentence as a `GradvizError`."""
        raise GradvizError("{program}: {message}", program=self.prog, message=message)


def read_opening(words: Sequence[str], commands: Sequence[str]) -> str | None:
    """Return what `gradviz [FILE | EXPRESSION]` is to open, or None for the first example."""
    parser = Parser(
        "",
        "See what reverse-mode differentiation does, wire by wire.",
        epilog=f"Commands: {', '.join(commands)}. `gradviz COMMAND --help` explains each.",
    )
    parser.add_argument("what", nargs="?", metavar="FILE | EXPRESSION", help="what to open; else the first example")
    parser.add_argument("--version", action="version", version=f"gradviz {own_version()}")
    found: str | None = parser.parse_args(words).what
    return found


def add_file(parser: Parser) -> None:
    """Let the first word be the file that a command reads."""
    parser.add_argument("file", metavar="FILE", type=Path, help="a .gradviz file")


def whole_number(text: str) -> int:
    """Read a whole number."""
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None


def count(text: str) -> int:
    """Read a whole number from 0."""
    found = whole_number(text)
    if found < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is below 0")
    return found


def number(text: str) -> float:
    """Read a number."""
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None


def size(text: str) -> tuple[int, int]:
    """Read WxH, in pixels."""
    width, _by, height = text.lower().replace("×", "x").partition("x")
    found = whole_number(width or text), whole_number(height or text)
    if min(found) < 1:
        raise argparse.ArgumentTypeError("a picture is at least one pixel wide and high")
    return found


def names(text: str) -> tuple[str, ...]:
    """Read names of nodes, joined by commas."""
    return tuple(name for name in (part.strip() for part in text.split(",")) if name)
