"""The optimisers: how a variable follows its gradient, and what each of them remembers from step to step.

An optimiser is one record, as an op is: its rules are plain NumPy, called with arrays they compute, called with names
they can be read. They run in order; each gives a new tensor of its name, and those after it see the new one:

    rule(x, g, step, **state, **settings) -> the new tensor

`x` is the variable, `g` its gradient, `step` counts from 1. The last rule is that of `x`; the others are the state,
zero before the first step. The numbers are those of PyTorch's optimisers of the same names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from gradviz.errors import GradvizError
from gradviz.ops.op import Array, Rule
from gradviz.ops.params import Param

State = Mapping[str, Array]


@dataclass(frozen=True, kw_only=True, eq=False)
class Optimiser:
    """One way to update a variable; two optimisers are equal when they are the same record."""

    name: str
    doc: str
    settings: Mapping[str, Param]
    rules: Mapping[str, Rule]
    aliases: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a record without a last rule for the variable, and freeze its tables."""
        if not self.rules or list(self.rules)[-1] != "x":
            raise GradvizError("optimiser {name}: its last rule is that of x", name=self.name)
        for table in ("settings", "rules"):
            object.__setattr__(self, table, MappingProxyType(dict(getattr(self, table))))

    @property
    def state_names(self) -> tuple[str, ...]:
        """What it remembers of every variable."""
        return tuple(self.rules)[:-1]

    def read_settings(self, given: Mapping[str, Any]) -> Mapping[str, float]:
        """Return all settings, defaults filled in; raises GradvizError for one that is unknown or no such number."""
        unknown = sorted(set(given) - set(self.settings), key=str)
        if unknown:
            raise GradvizError(
                "{optimiser} has no setting {setting}; it has {known}",
                optimiser=self.name,
                setting=unknown[0],
                known=", ".join(self.settings),
            )
        read = {name: param.read(name, given.get(name, param.default)) for name, param in self.settings.items()}
        return MappingProxyType(read)

    def start(self, x: Array) -> State:
        """Return what is remembered of a variable before the first step: zeros of its shape and dtype."""
        return MappingProxyType({name: np.zeros_like(x) for name in self.state_names})

    def update(self, x: Array, g: Array, state: State, step: int, settings: Mapping[str, Any]) -> tuple[Array, State]:
        """Return the variable and the state after one step, of the variable's shape and dtype.

        `settings` are as `read_settings` returns them; `step` counts from 1.
        """
        known = {"x": x, "g": g, **state}
        with np.errstate(all="ignore"):
            for name, rule in self.rules.items():
                known[name] = np.asarray(rule(**known, step=step, **settings)).astype(x.dtype, copy=False)
        return known["x"], MappingProxyType({name: known[name] for name in self.state_names})


def _number(default: float, doc: str) -> Param:
    return Param(kind="number", default=default, doc=doc, minimum=0)


_EPS: Final = _number(1e-8, "keeps the quotient finite where the gradient has always been 0")
_BETAS: Final = {
    "beta1": _number(0.9, "how much of the mean of the gradients is kept at each step"),
    "beta2": _number(0.999, "how much of the mean of their squares is kept at each step"),
}


def _rate(default: float) -> Param:
    return _number(default, "the learning rate: how far a step goes")


def _decayed(x: Any, lr: float, weight_decay: float) -> Any:
    return x * (1 - lr * weight_decay)


def _adam_step(mean: Any, square: Any, step: int, settings: tuple[float, float, float, float]) -> Any:
    lr, beta1, beta2, eps = settings
    unbiased = np.sqrt(square) / (1 - beta2**step) ** 0.5
    return (lr / (1 - beta1**step)) * mean / (unbiased + eps)


_ADAM_STATE: Final[Mapping[str, Rule]] = {
    "mean": lambda mean, g, beta1, **_: beta1 * mean + (1 - beta1) * g,
    "square": lambda square, g, beta2, **_: beta2 * square + (1 - beta2) * np.square(g),
}

SGD: Final = Optimiser(
    name="sgd",
    doc="Go against the gradient, as far as the learning rate says.",
    settings={"lr": _rate(0.01)},
    rules={"x": lambda x, g, lr, **_: x - lr * g},
    aliases=("gradient descent", "torch.optim.SGD", "tf.keras.optimizers.SGD"),
)

MOMENTUM: Final = Optimiser(
    name="momentum",
    doc="Go against a velocity that gathers the gradients and slowly forgets them.",
    settings={"lr": _rate(0.01), "momentum": _number(0.9, "how much of the velocity is kept at each step")},
    rules={
        "velocity": lambda velocity, g, momentum, **_: momentum * velocity + g,
        "x": lambda x, velocity, lr, **_: x - lr * velocity,
    },
    aliases=("heavy ball", "torch.optim.SGD(momentum=…)"),
)

NESTEROV: Final = Optimiser(
    name="nesterov",
    doc="Momentum that already counts on the step that the velocity is about to take.",
    settings=MOMENTUM.settings,
    rules={
        "velocity": MOMENTUM.rules["velocity"],
        "x": lambda x, g, velocity, lr, momentum, **_: x - lr * (g + momentum * velocity),
    },
    aliases=("torch.optim.SGD(nesterov=True)",),
)

RMSPROP: Final = Optimiser(
    name="rmsprop",
    doc="Divide each number of the gradient by its usual size: the root of the mean of its squares.",
    settings={"lr": _rate(0.01), "alpha": _number(0.99, "how much of the mean of squares is kept"), "eps": _EPS},
    rules={
        "square": lambda square, g, alpha, **_: alpha * square + (1 - alpha) * np.square(g),
        "x": lambda x, g, square, lr, eps, **_: x - lr * g / (np.sqrt(square) + eps),
    },
    aliases=("torch.optim.RMSprop", "tf.keras.optimizers.RMSprop"),
)

ADAM: Final = Optimiser(
    name="adam",
    doc="Go against the mean of the gradients, each number divided by its usual size; both means start unbiased.",
    settings={"lr": _rate(0.001), **_BETAS, "eps": _EPS},
    rules={
        **_ADAM_STATE,
        "x": lambda x, mean, square, step, lr, beta1, beta2, eps, **_: (
            x - _adam_step(mean, square, step, (lr, beta1, beta2, eps))
        ),
    },
    aliases=("torch.optim.Adam", "tf.keras.optimizers.Adam"),
)

ADAMW: Final = Optimiser(
    name="adamw",
    doc="Adam, after which every variable also shrinks a little: weight decay apart from the gradient.",
    settings={**ADAM.settings, "weight_decay": _number(0.01, "how much a variable shrinks, times the learning rate")},
    rules={
        **_ADAM_STATE,
        "x": lambda x, mean, square, step, lr, beta1, beta2, eps, weight_decay, **_: (
            _decayed(x, lr, weight_decay) - _adam_step(mean, square, step, (lr, beta1, beta2, eps))
        ),
    },
    aliases=("torch.optim.AdamW", "tf.keras.optimizers.AdamW"),
)

OPTIMISERS: Final[Mapping[str, Optimiser]] = MappingProxyType(
    {optimiser.name: optimiser for optimiser in (SGD, MOMENTUM, NESTEROV, RMSPROP, ADAM, ADAMW)}
)
"""Every optimiser by its name, in the order in which they are taught."""
