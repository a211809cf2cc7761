"""What rules make on the way to their results: in proportion to inputs and results, or refused before it is made."""

import math
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from gradviz.errors import ComputeError, LimitError, ShapeError
from gradviz.ops import MOST_ON_THE_WAY, OPS, is_float, most_on_the_way, on_the_way_at_most
from gradviz.ops.shapes import refuse_too_large

GROWN = 12
LARGEST = 2**20
ROOM = 40_000
"""Bytes that Python itself needs for a rule."""
COLUMNS = 3 * 2**27
"""Bytes of the columns that a convolution works on at a time, however large it is (`windows`)."""


def grown(sample):
    """Return a sample whose axes are longer, its params too where they are shapes."""
    params = {name: enlarged(value) if name == "shape" else value for name, value in sample.params.items()}
    return replace(sample, shapes=tuple(map(enlarged, sample.shapes)), params=params)


def enlarged(shape):
    return tuple(size if size <= 1 else size * GROWN for size in shape)


def peak_of(rule, *inputs, **params):
    """Return what a rule gives and the most bytes that it held; None where it refuses."""
    tracemalloc.start()
    try:
        with np.errstate(all="ignore"):
            return np.asarray(rule(*inputs, **params)), tracemalloc.get_traced_memory()[1]
    except LimitError:
        return None, 0
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("op", [pytest.param(op, id=op.name) for op in OPS.values()])
def test_a_rule_holds_no_more_than_a_few_times_its_inputs_its_result_and_what_is_allowed_on_the_way(op):
    for sample in map(grown, op.samples):
        try:
            params = op.read_params(sample.params)
            shape = op.shape(*sample.shapes, **params)
        except ShapeError:
            continue  # what its params say does not fit larger inputs
        most = max(map(math.prod, (shape, *sample.shapes)))
        if most > LARGEST:
            continue
        inputs = sample.inputs(np.random.default_rng(0))
        allowed = ROOM + 8 * 10 * (most + sum(x.size for x in inputs))
        allowed += COLUMNS if op.family == "convolution" else 0
        with on_the_way_at_most(2 * most):
            assert_held(op, inputs, params, allowed)


def assert_held(op, inputs, params, allowed):
    """Check the forward rule, and the gradient rules behind it."""
    try:
        op.shape(*(x.shape for x in inputs), **params)
        y, peak = peak_of(op.forward, *inputs, **params)
    except (LimitError, ComputeError):
        return
    assert peak <= allowed
    if y is None or not is_float(y.dtype):
        return
    for port, x in zip(op.ports(len(inputs)), inputs, strict=False):
        if op.rule_for(port) is not None and is_float(x.dtype):
            assert peak_of(op.rule_for(port), np.ones_like(y), y, *inputs, **params)[1] <= allowed, port


def test_the_limit_can_be_set_for_a_while_and_its_figure_is_in_the_sentence():
    refuse_too_large((10, 10))
    with on_the_way_at_most(99):
        assert most_on_the_way() == 99
        with pytest.raises(LimitError, match=r"a tensor of shape \(10, 10\), with 100 elements; the limit is 99"):
            refuse_too_large((10, 10))
        with on_the_way_at_most(100):
            refuse_too_large((10, 10))
    assert most_on_the_way() == MOST_ON_THE_WAY


def test_a_limit_that_was_set_is_gone_after_an_accident():
    with pytest.raises(ZeroDivisionError), on_the_way_at_most(1):
        raise ZeroDivisionError
    refuse_too_large((10, 10))
