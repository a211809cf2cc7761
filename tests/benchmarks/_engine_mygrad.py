"""The cases of the engine's benchmark in mygrad."""

import mygrad as mg
from mygrad.nnet.activations import relu, softmax
from mygrad.nnet.layers import conv_nd
from mygrad.nnet.losses import softmax_crossentropy

from tests.benchmarks._engine_cases import CHAIN


def prepare(case):
    """Return a function that runs a case forward and back and gives the gradients of its leaves, in their order."""
    leaves = {name: mg.tensor(value) for name, value in case.leaves.items()}
    forward = FORWARD[case.kind]

    def step():
        forward(leaves, case.labels).backward(case.upstream)
        return [leaf.grad for leaf in leaves.values()]

    return step


def chain(leaves, _labels):
    y, a, b = leaves.values()
    for i in range(CHAIN):
        y = y * a if i % 3 == 0 else y + b if i % 3 == 1 else relu(y)
    return y


def fan(leaves, _labels):
    x, *weights = leaves.values()
    total = relu(x * weights[0])
    for w in weights[1:]:
        total = total + relu(x * w)
    return total


def mlp(leaves, _labels):
    x, W1, b1, W2, b2 = leaves.values()
    return relu(x @ W1 + b1) @ W2 + b2


def classifier(leaves, labels):
    return softmax_crossentropy(mlp(leaves, labels), labels)


def conv(leaves, _labels):
    x, w, b = leaves.values()
    return relu(conv_nd(x, w, stride=1, padding=1) + mg.reshape(b, (1, -1, 1, 1)))


def attention(leaves, _labels):
    x, Wq, Wk, Wv = leaves.values()
    q, k, v = x @ Wq, x @ Wk, x @ Wv
    return softmax((q @ k.T) * 0.125) @ v


FORWARD = {"chain": chain, "fan": fan, "mlp": mlp, "classifier": classifier, "conv": conv, "attention": attention}
