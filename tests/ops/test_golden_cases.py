"""Values and gradients as PyTorch and TensorFlow give them, case by case, from the file of golden cases."""

import json
from pathlib import Path

import numpy as np
import pytest

from gradviz.ops import OPS, is_float, sum_to_shape

GOLDEN = Path(__file__).parent.parent / "golden" / "torch_cases.json"
CASES = json.loads(GOLDEN.read_text("utf-8"))["cases"]


def array(written):
    data = written["data"]
    if written["dtype"].startswith("float"):
        data = np.array(data, object).ravel().astype(str)  # "NaN" and "Infinity" are strings in JSON
    return np.array(data).astype(written["dtype"]).reshape(written["shape"])


def nodes_of(case):
    """Return (op, params) for every result of a case: what has several results elsewhere is several nodes here."""
    if case["op"] == "top_k":
        return [(OPS[name], case["params"]) for name in ("top_k_values", "top_k_indices")]
    if case["op"] == "split":
        return [(OPS["split"], {**case["params"], "part": part}) for part in range(len(case["outputs"]))]
    return [(OPS[case["op"]], case["params"])]


def run(case):
    """Return the values, and what the sweep deposits at every input: the sum of what all nodes send, None for nothing.

    A node that has no seed sends nothing.
    """
    inputs = [array(x) for x in case["inputs"]]
    values, totals = [], [None] * len(inputs)
    with np.errstate(all="ignore"):
        for (op, given), seed in zip(nodes_of(case), case["upstream"], strict=True):
            params = op.read_params(given)
            y = np.asarray(op.forward(*inputs, **params))
            values.append(y)
            for i, share in sent(op, params, inputs, y, seed):
                totals[i] = share if totals[i] is None else totals[i] + share
    return values, totals


def sent(op, params, inputs, y, seed):
    """Yield the number of every input to which a node sends a gradient, and the gradient."""
    for i, (x, port) in enumerate(zip(inputs, op.ports(len(inputs)), strict=False)):
        rule = op.rule_for(port)
        if rule is not None and seed is not None and is_float(x.dtype) and is_float(y.dtype):
            raw = np.asarray(rule(array(seed), y, *inputs, **params))
            yield i, sum_to_shape(raw, x.shape).astype(x.dtype)


def agrees(found, expected, case):
    if found is None or expected is None:
        return found is None and expected is None
    expected = array(expected)
    return (found.shape, found.dtype) == (expected.shape, expected.dtype) and np.allclose(
        found, expected, rtol=case["rtol"], atol=case["atol"], equal_nan=True
    )


def agrees_with(answer, values, gradients, case):
    return all(
        agrees(found, expected, case)
        for founds, expecteds in ((values, answer["outputs"]), (gradients, answer["grads"]))
        for found, expected in zip(founds, expecteds, strict=True)
    )


def test_all_cases_are_run_and_none_is_left_out():
    assert len(CASES) == 370
    assert {op.name for case in CASES for op, _ in nodes_of(case)} <= set(OPS)
    assert len({case["op"] for case in CASES}) == 131


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_an_op_gives_the_golden_value_and_the_golden_gradients(case):
    values, gradients = run(case)
    if agrees_with(case, values, gradients, case):
        return
    others = [name for name, answer in case["alternates"].items() if agrees_with(answer, values, gradients, case)]
    assert others, f"values {values}, gradients {gradients}"
    ((op, _),) = nodes_of(case)
    assert any(name in op.doc.casefold() for name in others), f"{op.name} follows {others} and its doc is silent"


def test_only_these_cases_follow_an_alternate():
    followed = set()
    for case in CASES:
        if not agrees_with(case, *run(case), case):
            followed.add(case["convention"])
    assert followed == {"relu_nan"}
