"""Values and gradients as PyTorch and TensorFlow give them, case by case, from the file of golden cases."""

import json
from pathlib import Path

import numpy as np
import pytest

from gradviz.ops import OPS, find, is_float, sum_to_shape

GOLDEN = Path(__file__).parent.parent / "golden" / "torch_cases.json"
CASES = [case for case in json.loads(GOLDEN.read_text("utf-8"))["cases"] if find(case["op"])]


def array(written):
    data = written["data"]
    if written["dtype"].startswith("float"):
        data = np.array(data, object).ravel().astype(str)  # "NaN" and "Infinity" are strings in JSON
    return np.array(data).astype(written["dtype"]).reshape(written["shape"])


def run(op, case):
    """Return the value, and the gradient of every input as the sweep would deposit it: None where nothing is sent."""
    inputs = [array(x) for x in case["inputs"]]
    params = op.read_params(case["params"])
    with np.errstate(all="ignore"):
        y = np.asarray(op.forward(*inputs, **params))
        gradients = []
        for x, port in zip(inputs, op.ports(len(inputs)), strict=False):
            rule, seed = op.rule_for(port), case["upstream"][0]
            if rule is None or seed is None or not is_float(x.dtype) or not is_float(y.dtype):
                gradients.append(None)
                continue
            raw = np.asarray(rule(array(seed), y, *inputs, **params))
            gradients.append(sum_to_shape(raw, x.shape).astype(x.dtype))
        return y, gradients


def agrees(found, expected, case):
    if found is None or expected is None:
        return found is None and expected is None
    expected = array(expected)
    return (found.shape, found.dtype) == (expected.shape, expected.dtype) and np.allclose(
        found, expected, rtol=case["rtol"], atol=case["atol"], equal_nan=True
    )


def agrees_with(answer, y, gradients, case):
    return agrees(y, answer["outputs"][0], case) and all(
        agrees(found, expected, case) for found, expected in zip(gradients, answer["grads"], strict=True)
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_an_op_gives_the_golden_value_and_the_golden_gradients(case):
    op = OPS[case["op"]]
    y, gradients = run(op, case)
    if agrees_with(case, y, gradients, case):
        return
    others = [name for name, answer in case["alternates"].items() if agrees_with(answer, y, gradients, case)]
    assert others, f"value {y}, gradients {gradients}"
    assert any(name in op.doc.casefold() for name in others), f"{op.name} follows {others} and its doc is silent"


def test_only_these_cases_follow_an_alternate():
    followed = set()
    for case in CASES:
        y, gradients = run(OPS[case["op"]], case)
        if not agrees_with(case, y, gradients, case):
            followed.add(case["convention"])
    assert followed == {"relu_nan"}
