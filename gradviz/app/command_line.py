"""The command line: `gradviz [FILE | EXPRESSION]`, and the commands that need no window.

Only what a command needs is loaded. What is refused is one sentence on stderr and the exit code 2.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, TextIO

from gradviz.errors import GradvizError

COMMANDS: Mapping[str, str] = {
    "render": "gradviz.app.render_command",
    "run": "gradviz.app.run_command",
    "check": "gradviz.app.check_command",
    "train": "gradviz.app.train_command",
    "ops": "gradviz.app.ops_command",
}
"""The commands that need no window: the word that calls each, and the module whose `main` it is."""

OUT = "gradviz-out"
"""The folder for the pictures of a sweep, where there is no display to show it on."""

BAD_INPUT, INTERRUPTED = 2, 130
"""Exit codes: for a file, an expression or a system that gradviz cannot use, and for Ctrl+C."""


def main(words: Sequence[str] | None = None) -> int:
    """Do what the words of the command line say, and return the exit code."""
    for stream in (sys.stdout, sys.stderr):
        _make_tolerant(stream)
    try:
        code = _do(sys.argv[1:] if words is None else list(words))
        if sys.stdout is not None:
            sys.stdout.flush()
    except GradvizError as error:
        return _refuse(str(error))
    except MemoryError:
        return _refuse("there is not enough memory for this")
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return _stop_talking()
    except ImportError as error:
        if "PySide6" not in str(error) and ".so" not in str(error) and "DLL" not in str(error):
            raise
        return _refuse(f"gradviz cannot load Qt: {error}. `python3 main.py` says what to install")
    return code


def _make_tolerant(stream: TextIO | None) -> None:
    """Let a stream take every sign: pipes and files get UTF-8, a console that lacks a sign shows another one."""
    reconfigure = getattr(stream, "reconfigure", None)
    if stream is None or reconfigure is None:
        return
    if stream.isatty() or os.environ.get("PYTHONIOENCODING"):
        reconfigure(errors="replace")
    else:
        reconfigure(encoding="utf-8", errors="replace")


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return BAD_INPUT


def _stop_talking() -> int:
    """Drop what is left to say to a reader that has gone, as `head` does."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    return 0


def _do(words: list[str]) -> int:
    if words and words[0] in COMMANDS:
        code: int = import_module(COMMANDS[words[0]]).main(words[1:])
        return code
    return _open(_what_to_open(words))


def _what_to_open(words: list[str]) -> str | None:
    """Return the file or expression to open, if one is named; the parser is loaded only where there is more to read."""
    if not words or (len(words) == 1 and not words[0].startswith("-")):
        return words[0] if words else None
    from gradviz.app.arguments import read_opening

    return read_opening(words, tuple(COMMANDS))


def _open(what: str | None) -> int:
    """Open the window on a file, an expression or the first example; without a display, render its sweep."""
    path = Path(what) if what is not None and _is_file_name(what) else None
    document = None if what is None else _read(what, path)
    if _has_display():
        from gradviz.app.start import NoDisplayError, start

        try:
            return start(document, path)
        except NoDisplayError as reason:
            print(reason, file=sys.stderr)
    else:
        print("There is no display to open a window on.", file=sys.stderr)
    if document is None:
        from gradviz.formats import examples, load_example

        document = load_example(examples()[0].name)
    elif path is None:
        from gradviz.picture import load_theme, tidied

        document = tidied(document, load_theme("light"))
    return _render_sweep(document)


def _read(what: str, path: Path | None) -> Any:
    """Return the document of a file, or of an expression; a lone word is neither."""
    if path is None and what.strip().isidentifier():
        raise GradvizError(
            '"{word}" is no file, no command ({commands}) and no expression such as y = x * x',
            word=what.strip(),
            commands=", ".join(COMMANDS),
        )
    from gradviz.formats import into, load
    from gradviz.graph import Document, Place

    return into(Document(), what, Place(0, 0))[0] if path is None else load(path)


def _has_display() -> bool:
    """Tell whether there is a display to try; only Linux can be without one."""
    if os.environ.get("QT_QPA_PLATFORM") or not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _is_file_name(what: str) -> bool:
    if what.endswith(".gradviz"):
        return True
    try:
        return Path(what).exists()
    except (OSError, ValueError):  # an expression may be no path at all
        return False


def _render_sweep(document: Any) -> int:
    """Write the sweep of a document as pictures."""
    from gradviz.export import write_sweep

    print(f"The sweep goes to {OUT}{os.sep} instead, a picture for every moment and one film:", file=sys.stderr)
    for path in write_sweep(document, Path(OUT)):
        print(path)
    return 0
