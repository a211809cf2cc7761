"""Second derivatives against the PyTorch that is installed: the golden file says what this one says."""

import json

import numpy as np
import pytest

pytest.importorskip("torch", reason="PyTorch is not installed: the test extra `peers` brings it")

from tests.engine.second_order_cases import CASES, GOLDEN, second_order

WRITTEN = {case["name"]: case for case in json.loads(GOLDEN.read_text("utf-8"))["cases"]}


def test_the_golden_file_has_every_case():
    assert {name: WRITTEN[name]["expression"] for name in WRITTEN} == {name: case[0] for name, case in CASES.items()}


@pytest.mark.parametrize("name", CASES)
def test_the_golden_file_says_what_pytorch_says(name):
    for kind, tensors in second_order(name).items():
        for leaf, expected in tensors.items():
            np.testing.assert_allclose(WRITTEN[name][kind][leaf], expected, rtol=1e-10, atol=1e-12)
