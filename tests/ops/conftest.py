"""What the tests of ops share: running one op by name, forwards and backwards, as the sweep does."""

import numpy as np
import pytest

from gradviz.ops import OPS, sum_to_shape


class Bench:
    """Runs ops on arrays that nobody may write to; params are given as in a file."""

    def forward(self, name, *inputs, **params):
        """Return the result of an op, which must be what its shape and dtype rules say."""
        op, given = OPS[name], OPS[name].read_params(params)
        inputs = [frozen(x) for x in inputs]
        result = frozen(op.forward(*inputs, **given))
        assert op.shape(*(x.shape for x in inputs), **given) == result.shape
        assert op.dtype(*(x.dtype for x in inputs), **given) == result.dtype
        return result

    def gradients(self, name, g, *inputs, **params):
        """Return the gradient that each input gets for an upstream gradient, None where there is no rule."""
        op, given = OPS[name], OPS[name].read_params(params)
        inputs = [frozen(x) for x in inputs]
        y = frozen(op.forward(*inputs, **given))
        g = frozen(np.broadcast_to(np.asarray(g, y.dtype), y.shape))
        rules = [op.rule_for(port) for port in op.ports(len(inputs))[: len(inputs)]]
        raws = [None if rule is None else np.asarray(rule(g, y, *inputs, **given)) for rule in rules]
        return [None if raw is None else sum_to_shape(raw, x.shape) for raw, x in zip(raws, inputs, strict=True)]

    def gradient(self, name, g, *inputs, **params):
        """Return the gradient of the first input."""
        return self.gradients(name, g, *inputs, **params)[0]

    def shape(self, name, *shapes, **params):
        """Return what the shape rule of an op says."""
        return OPS[name].shape(*shapes, **OPS[name].read_params(params))

    def dtype(self, name, *dtypes, **params):
        """Return what the dtype rule of an op says."""
        return OPS[name].dtype(*map(np.dtype, dtypes), **OPS[name].read_params(params))


def frozen(x):
    array = np.array(x)
    array.flags.writeable = False
    return array


@pytest.fixture(scope="session")
def bench():
    return Bench()


@pytest.fixture(autouse=True)
def _numbers_do_not_warn():
    with np.errstate(all="ignore"):
        yield
