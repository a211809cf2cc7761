"""Losses of probabilities and signs: of yes or no, of one distribution against another, of a side and its margin."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from gradviz.ops.activation import sigmoid
from gradviz.ops.loss import elementwise_loss, elementwise_samples
from gradviz.ops.op import Op


def _binary_cross_entropy(x: Any, t: Any) -> Any:
    """Return -t ln x - (1 - t) ln(1 - x), where 0 times ln 0 is 0: who is certain and right pays nothing."""
    yes = np.where(t != 0, t * np.log(x), 0)
    no = np.where(t != 1, (1 - t) * np.log(1 - x), 0)
    return -(yes + no)


def _binary_slope(g: Any, x: Any, t: Any) -> Any:
    return g * (np.where(t != 1, (1 - t) / (1 - x), 0) - np.where(t != 0, t / x, 0))


BINARY_CROSS_ENTROPY: Final = elementwise_loss(
    "binary_cross_entropy",
    doc="Compare probabilities of yes with what was wanted, −t ln x − (1 − t) ln(1 − x). Nothing is clamped: who is "
    "certain and wrong pays inf (PyTorch stops at 100, TensorFlow near 16).",
    single=_binary_cross_entropy,
    to_x=_binary_slope,
    to_t=lambda g, x, t: g * (np.log(1 - x) - np.log(x)),
    samples=elementwise_samples("probability"),
    symbol="BCE",
    aliases=(
        "tf.keras.losses.binary_crossentropy",
        "tf.keras.losses.BinaryCrossentropy",
        "torch.nn.functional.binary_cross_entropy",
        "torch.nn.BCELoss",
        "log_loss",
    ),
    why_zero={"x": "{x} and {t} are equal", "t": "{x} is undecided: yes and no are equally probable"},
)

BINARY_CROSS_ENTROPY_WITH_LOGITS: Final = elementwise_loss(
    "binary_cross_entropy_with_logits",
    doc="Compare sigmoid(x) with what was wanted, without ever making it, so that nothing overflows. The gradient is "
    "σ(x) − t: the derivative of the sigmoid is in it.",
    single=lambda x, t: np.maximum(x, 0) - x * t + np.log1p(np.exp(-np.abs(x))),
    to_x=lambda g, x, t: g * (sigmoid(x) - t),
    to_t=lambda g, x, t: -g * x,
    samples=elementwise_samples("normal", "probability"),
    symbol="BCEσ",
    aliases=(
        "tf.nn.sigmoid_cross_entropy_with_logits",
        "torch.nn.functional.binary_cross_entropy_with_logits",
        "torch.nn.BCEWithLogitsLoss",
        "sigmoid_cross_entropy",
        "logistic_loss",
    ),
    why_zero={"x": "the sigmoid of {x} is {t}", "t": "{x} is 0: yes and no are equally probable"},
)

KL_DIV: Final = elementwise_loss(
    "kl_div",
    doc="Compare the logarithms x of a distribution with a distribution t, t (ln t − x), where 0 ln 0 is 0. As in "
    "PyTorch x is a logarithm already, and the mean is over all numbers.",
    single=lambda x, t: np.where(t != 0, t * (np.log(t) - x), 0),
    to_x=lambda g, x, t: -g * t,
    to_t=lambda g, x, t: g * (np.log(t) + 1 - x),
    samples=elementwise_samples("normal", "probability"),
    symbol="KL",
    aliases=(
        "tf.keras.losses.KLDivergence",
        "tf.keras.losses.kl_divergence",
        "torch.nn.functional.kl_div",
        "torch.nn.KLDivLoss",
        "relative_entropy",
    ),
    why_zero={"x": "{t} is zero"},
)

HINGE_LOSS: Final = elementwise_loss(
    "hinge_loss",
    doc="Ask that t · x be at least 1, for targets t of −1 and 1; what is missing is the loss. The slope is 0 where "
    "the margin is just reached.",
    single=lambda x, t: np.maximum(1 - t * x, 0),
    to_x=lambda g, x, t: np.where(t * x < 1, -g * t, 0.0),
    to_t=lambda g, x, t: np.where(t * x < 1, -g * x, 0.0),
    symbol="hinge",
    aliases=("tf.keras.losses.hinge", "tf.keras.losses.Hinge", "sklearn.metrics.hinge_loss", "svm_loss"),
    why_zero={"x": "the margin is kept", "t": "the margin is kept, or {x} is zero"},
)

OPS: tuple[Op, ...] = (BINARY_CROSS_ENTROPY, BINARY_CROSS_ENTROPY_WITH_LOGITS, KL_DIV, HINGE_LOSS)
