"""Random documents over the whole catalogue: gradients against finite differences, dtypes, and what every run owes.

`GRADVIZ_EXAMPLES=2000` draws more of them, anew every time.
"""

import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradviz.engine import gradcheck, run
from gradviz.ops import OPS
from tests.engine.drawing import documents, documents_around

EXAMPLES = int(os.environ.get("GRADVIZ_EXAMPLES", "0"))
many = settings(max_examples=EXAMPLES or 100, derandomize=not EXAMPLES)
few = settings(max_examples=max(4, EXAMPLES // 50), derandomize=not EXAMPLES)


def assert_checked(document):
    """Hold gradients against differences; 0 × NaN, behind a hypot at its tip, say, is what the rules promise."""
    found = gradcheck(document, cells=4, tolerance=1e-5)
    wrong = [cell for row in found.rows for cell in row.cells if cell.slope.verdict == "differs"]
    assert not [cell for cell in wrong if np.isfinite(cell.slope.gradient)], "\n".join(found.sentences)


@given(documents())
@many
def test_gradients_of_any_op_in_any_company_agree_with_finite_differences(document):
    if document.targets:
        assert_checked(document)


@pytest.mark.parametrize("name", OPS)
@given(data=st.data())
@few
def test_gradients_through_every_op_agree_with_finite_differences(name, data):
    document = data.draw(documents_around(OPS[name]))
    if document.targets:
        assert_checked(document)


@given(documents())
@many
def test_gradients_have_the_shape_and_dtype_of_their_nodes_and_totals_are_sums(document):
    tape = run(document, strict=bool(document.targets))
    for node, gradient in tape.gradients.items():
        value = tape.values[node]
        assert gradient is None or (gradient.shape, gradient.dtype) == (value.shape, value.dtype)
        assert not value.flags.writeable


def test_the_random_documents_are_worth_checking():
    verdicts, paths, ops = [], [], set()

    @given(documents())
    @settings(max_examples=100, derandomize=True, database=None)
    def look(document):
        ops.update(node.op for node in document.nodes.values() if hasattr(node, "op"))
        if document.targets:
            for row in gradcheck(document, cells=2).rows:
                paths.append(row.has_path)
                verdicts.extend(cell.slope.verdict for cell in row.cells)

    look()
    assert verdicts.count("agrees") > 0.8 * len(verdicts)
    assert paths.count(True) > 0.25 * len(paths)
    assert len(ops) > 50
