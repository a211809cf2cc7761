"""The command line: `gradviz [FILE | EXPRESSION]`, and the commands that need no window."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from gradviz.errors import GradvizError
from gradviz.graph import Array, Document
from gradviz.version import own_version

OUT = "gradviz-out"
"""The folder for the pictures of a sweep, where there is no display to show it on."""

BAD_INPUT = 2
"""The exit code for a file, an expression or a system that gradviz cannot use."""


def main(words: Sequence[str] | None = None) -> int:
    """Do what the words of the command line say, and return the exit code; what is refused is one sentence."""
    words = sys.argv[1:] if words is None else list(words)
    try:
        if words and words[0] in COMMANDS:
            return COMMANDS[words[0]](words[1:])
        return _open(words)
    except GradvizError as error:
        return _refuse(str(error))
    except ImportError as error:
        if "PySide6" not in str(error) and "lib" not in str(error):
            raise
        return _refuse(f"gradviz cannot load Qt: {error}. Start `python3 main.py`, which says what to install.")


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return BAD_INPUT


def _open(words: Sequence[str]) -> int:
    """Open the window on a file, an expression or the first example; without a display, render its sweep."""
    parser = argparse.ArgumentParser(
        prog="gradviz",
        description="See what reverse-mode differentiation does, wire by wire.",
        epilog=f"Commands: {', '.join(COMMANDS)}. `gradviz COMMAND --help` explains each.",
    )
    parser.add_argument("what", nargs="?", metavar="FILE | EXPRESSION", help="what to open; else the first example")
    parser.add_argument("--version", action="version", version=f"gradviz {own_version()}")
    what = parser.parse_args(words).what
    if not _has_display():
        return _render_sweep(what)
    from gradviz.app.start import start

    return start(_document_at(what) if what else None, Path(what) if what and _is_file_name(what) else None)


def _has_display() -> bool:
    """Tell whether a window can be shown; only Linux can be without a display."""
    if os.environ.get("QT_QPA_PLATFORM") or not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _is_file_name(what: str) -> bool:
    return what.endswith(".gradviz") or Path(what).exists()


def _document_at(what: str) -> Document:
    """Read the file of that name, or the expression."""
    from gradviz.formats import into, load
    from gradviz.graph import Place

    if _is_file_name(what):
        return load(Path(what))
    return into(Document(), what, Place(0, 0))[0]


def _render_sweep(what: str | None) -> int:
    from gradviz.export.movie import write_sweep
    from gradviz.formats import examples, load_example

    document = _document_at(what) if what else load_example(examples()[0].name)
    print(f"There is no display to open a window on: the sweep goes to {OUT}{os.sep} as pictures.")
    for path in write_sweep(document, Path(OUT)):
        print(path)
    return 0


def _render(words: Sequence[str]) -> int:
    """Draw one moment of a file as a picture."""
    parser = argparse.ArgumentParser(prog="gradviz render", description=_render.__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("-o", "--out", type=Path, required=True, help="OUT.png or OUT.svg")
    moment = parser.add_mutually_exclusive_group()
    moment.add_argument("--frame", type=int, help="after so many frames (0 is the start; default: the end)")
    moment.add_argument("--moment", choices=["last"], help="the end of the sweep")
    parser.add_argument("--theme", default="light", help="light, dark or projector")
    parser.add_argument("--scale", type=float, default=1.0, help="pixels of the image per pixel at 100 %%")
    parser.add_argument("--size", type=_size, help="WxH in pixels: the picture is fitted into it")
    parser.add_argument("--select", type=_names, help="only these nodes, joined by commas")
    parser.add_argument("--transparent", action="store_true", help="leave the ground out")
    asked = parser.parse_args(words)
    from gradviz.export.render import render
    from gradviz.formats import load

    render(
        load(asked.file),
        asked.out,
        frame=asked.frame,
        theme=asked.theme,
        scale=asked.scale,
        size=asked.size,
        select=asked.select,
        transparent=asked.transparent,
    )
    return 0


def _size(text: str) -> tuple[int, int]:
    width, _by, height = text.lower().partition("x")
    try:
        size = int(width), int(height)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not WIDTHxHEIGHT, such as 1920x1080") from None
    if min(size) < 1:
        raise argparse.ArgumentTypeError("a picture is at least one pixel wide and high")
    return size


def _names(text: str) -> tuple[str, ...]:
    return tuple(name for name in (part.strip() for part in text.split(",")) if name)


def _run(words: Sequence[str]) -> int:
    """Print the values and gradients of every node of a file."""
    parser = argparse.ArgumentParser(prog="gradviz run", description=_run.__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--json", action="store_true", help="as JSON: dtype, shape and data of every array")
    parser.add_argument("--target", action="append", help="differentiate this node (may be said several times)")
    parser.add_argument("--seed", type=_json, help="the upstream gradient of the target, as JSON")
    asked = parser.parse_args(words)
    from gradviz.engine import run
    from gradviz.formats import load

    tape = run(load(asked.file), targets=asked.target, seed=asked.seed, strict=True)
    print(_as_json(tape.values, tape.gradients) if asked.json else _as_text(tape.values, tape.gradients))
    return 0


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise argparse.ArgumentTypeError(f"{text!r} is not JSON, such as [[1, 0], [0, 0]]") from None


def _as_json(values: Mapping[str, Array | None], gradients: Mapping[str, Array | None]) -> str:
    from gradviz.formats import array_as_json

    def table(arrays: Mapping[str, Array | None]) -> dict[str, object]:
        return {name: None if array is None else array_as_json(array) for name, array in arrays.items()}

    return json.dumps({"values": table(values), "gradients": table(gradients)}, ensure_ascii=False, indent=1)


def _as_text(values: Mapping[str, Array | None], gradients: Mapping[str, Array | None]) -> str:
    import numpy as np

    def shown(array: Array | None) -> str:
        return "None" if array is None else np.array2string(np.asarray(array), precision=6, separator=", ")

    return "\n".join(
        f"{name}\n  value     {_indented(shown(values.get(name)))}\n  gradient  {_indented(shown(gradients[name]))}"
        for name in gradients
    )


def _indented(text: str) -> str:
    return text.replace("\n", "\n" + " " * 12)


def _ops(words: Sequence[str]) -> int:
    """List every operation, by family."""
    parser = argparse.ArgumentParser(prog="gradviz ops", description=_ops.__doc__)
    parser.add_argument("search", nargs="?", default="", help="only those that this finds")
    parser.add_argument("--markdown", action="store_true", help="as the table of the README")
    asked = parser.parse_args(words)
    from gradviz.ops import as_table, families, search

    if asked.markdown:
        print(as_table())
        return 0
    found = set(search(asked.search)) if asked.search else None
    for family, ops in families().items():
        rows = [op for op in ops if found is None or op in found]
        if rows:
            print(family)
        for op in rows:
            print(f"  {op.name:24}{op.doc}")
    return 0


COMMANDS: Mapping[str, Callable[[Sequence[str]], int]] = {"render": _render, "run": _run, "ops": _ops}
"""The commands that need no window, by the word that calls them."""
