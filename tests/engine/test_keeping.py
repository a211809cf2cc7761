"""What a run keeps for its backward pass: which tensors, how many bytes, and nothing counted twice."""

import numpy as np
import pytest

from gradviz.engine import keeping_of, run
from gradviz.formats import parse


def kept(expression, **tensors):
    return keeping_of(run(parse(expression, **tensors)).at(0).run)


def tensors_of(found):
    return {each.node: each.tensors for each in found.by_op}


def test_sin_keeps_its_input_tanh_its_result_and_add_nothing():
    found = kept("L = sum(sin(x) + tanh(x))", x=np.ones((2, 3)))
    assert tensors_of(found) == {"sin1": ("x",), "tanh1": ("tanh1",), "add1": (), "L": ()}
    assert found.total == 2 * 6 * 8


def test_what_several_keep_is_counted_once():
    found = kept("L = sum(sin(x) * cos(x) * x)", x=np.ones(10))
    assert found.tensors["x"] == 3
    assert "x" in found.shared
    distinct = {node for tensors in tensors_of(found).values() for node in tensors}
    assert found.total == 80 * len(distinct)


def test_views_of_a_tensor_take_no_room_of_their_own():
    found = kept("L = sum(sin(x)) + sum(sin(reshape(x, shape=(2, 6))))", x=np.ones((3, 4)))
    assert set(found.tensors) >= {"x"}
    assert len(found.tensors) == 2
    assert found.total == 12 * 8


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_bytes_are_those_of_the_dtype(dtype):
    found = kept("L = sum(a @ b)", a=np.ones((3, 4), dtype), b=np.ones((4, 2), dtype))
    assert found.by_op[0].bytes == (12 + 8) * np.dtype(dtype).itemsize == found.total


def test_the_memory_after_each_op_grows_to_the_total():
    found = kept("L = sum(exp(sin(x) * tanh(x)))", x=np.ones(5))
    assert list(found.totals) == sorted(found.totals)
    assert found.totals[-1] == found.total == sum(each.added for each in found.by_op)
    assert [each.step for each in found.by_op] == [*range(1, len(found.by_op) + 1)]


def test_an_op_that_no_gradient_flows_into_keeps_nothing():
    found = kept("L = sum(sin(n) * x)", n=np.array([1, 2]), x=np.ones(2))
    assert found.by_op[0].is_closed
    assert found.by_op[0].tensors == ()


def test_a_sum_keeps_nothing():
    found = kept("z = x + 1", x=np.ones(2))
    assert found.total == 0
    assert found.shared == ()
