"""gradviz: a desktop explorer of computational graphs, for seeing automatic differentiation.

This is the public page for programs:

    import gradviz as gv
    doc = gv.parse("loss = sum((x @ W + b - t)**2)", x=X, W=W, b=b, t=T)
    tape = gv.run(doc)
    tape.values["loss"], tape.gradients["W"]
    gv.render(doc, "step.svg", frame=12)

Names are loaded when they are first used: Qt is not, until a picture is asked for.
"""

from __future__ import annotations

from importlib import import_module

_HOMES = {
    "Document": "gradviz.graph",
    "GradvizError": "gradviz.errors",
    "Limits": "gradviz.graph",
    "OneHot": "gradviz.graph",
    "Tape": "gradviz.engine",
    "add": "gradviz.scripting.graphs",
    "connect": "gradviz.graph",
    "differentiate": "gradviz.scripting.derivatives",
    "document": "gradviz.scripting.graphs",
    "fold": "gradviz.graph",
    "gradcheck": "gradviz.scripting.graphs",
    "jacobian": "gradviz.scripting.derivatives",
    "jvp": "gradviz.scripting.derivatives",
    "leaf": "gradviz.scripting.graphs",
    "load": "gradviz.formats",
    "parse": "gradviz.formats",
    "render": "gradviz.scripting.pictures",
    "run": "gradviz.scripting.graphs",
    "save": "gradviz.formats",
    "set_target": "gradviz.graph",
    "train": "gradviz.scripting.training",
    "unfold": "gradviz.graph",
}

__all__ = [*_HOMES, "__version__"]  # noqa: PLE0604 - all of them are names


def __getattr__(name: str) -> object:
    """Load a name of the page from its room."""
    if name == "__version__":
        return import_module("gradviz.version").own_version()
    if name not in _HOMES:
        message = f"gradviz has no {name!r}; it has {', '.join(_HOMES)}"
        raise AttributeError(message)
    found = getattr(import_module(_HOMES[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
