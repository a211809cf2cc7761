"""The cases of the engine's benchmark in TensorFlow, under its gradient tape: eager, one thread."""

import tensorflow as tf

from tests.benchmarks._engine_cases import CHAIN

tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)


def prepare(case):
    """Return a function that runs a case forward and back and gives the gradients of its leaves, in their order."""
    leaves = {name: tf.constant(value) for name, value in case.leaves.items()}
    upstream = None if case.upstream is None else tf.constant(case.upstream)
    labels = None if case.labels is None else tf.constant(case.labels)
    forward = FORWARD[case.kind]
    given = list(leaves.values())

    def step():
        with tf.GradientTape() as tape:
            tape.watch(given)
            y = forward(leaves, labels)
        return tape.gradient(y, given, output_gradients=upstream)

    return step


def chain(leaves, _labels):
    y, a, b = leaves.values()
    for i in range(CHAIN):
        y = y * a if i % 3 == 0 else y + b if i % 3 == 1 else tf.nn.relu(y)
    return y


def fan(leaves, _labels):
    x, *weights = leaves.values()
    total = tf.nn.relu(x * weights[0])
    for w in weights[1:]:
        total = total + tf.nn.relu(x * w)
    return total


def mlp(leaves, _labels):
    x, W1, b1, W2, b2 = leaves.values()
    return tf.nn.relu(x @ W1 + b1) @ W2 + b2


def classifier(leaves, labels):
    y = mlp(leaves, labels)
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=y))


def conv(leaves, _labels):
    x, w, b = leaves.values()
    images = tf.transpose(x, (0, 2, 3, 1))  # its kernels for processors take channels last only
    y = tf.nn.relu(tf.nn.conv2d(images, tf.transpose(w, (2, 3, 1, 0)), 1, "SAME") + b)
    return tf.transpose(y, (0, 3, 1, 2))


def attention(leaves, _labels):
    x, Wq, Wk, Wv = leaves.values()
    q, k, v = x @ Wq, x @ Wk, x @ Wv
    return tf.nn.softmax(tf.matmul(q, k, transpose_b=True) * 0.125) @ v


FORWARD = {"chain": chain, "fan": fan, "mlp": mlp, "classifier": classifier, "conv": conv, "attention": attention}
