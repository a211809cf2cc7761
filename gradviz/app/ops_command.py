"""`gradviz ops`: every operation, by family. It needs no Qt."""

from __future__ import annotations

from collections.abc import Sequence

from gradviz.app.arguments import Parser
from gradviz.errors import GradvizError
from gradviz.ops import as_table, families, search


def main(words: Sequence[str]) -> int:
    """List every operation, by family."""
    parser = Parser("ops", main.__doc__)
    parser.add_argument("search", nargs="?", default="", help="only those that this finds, such as reduce_sum or @")
    parser.add_argument("--markdown", action="store_true", help="as the table of the README")
    asked = parser.parse_args(words)
    if asked.markdown:
        print(as_table())
        return 0
    found = set(search(asked.search)) if asked.search else None
    if found is not None and not found:
        raise GradvizError("no operation is called {text}", text=asked.search)
    for family, ops in families().items():
        rows = [op for op in ops if found is None or op in found]
        if rows:
            print(family)
        for op in rows:
            print(f"  {op.name:24}{op.doc}")
    return 0
