"""Seeds: whether an upstream gradient fits the target that it starts from."""

from __future__ import annotations

from numpy.typing import ArrayLike

from gradviz.errors import ShapeError
from gradviz.graph.model import NodeId, OneHot, Seed, Tensor
from gradviz.graph.tensors import are_same_tensors, as_tensor, is_cell
from gradviz.ops import Shape


def seed_error(node: NodeId, shape: Shape, seed: Seed) -> ShapeError | None:
    """Return what is wrong with the seed of a target of this shape, if anything is."""
    match seed:
        case Tensor(array=array) if array.shape != shape:
            return ShapeError(
                'the seed of "{node}" has shape {seed}, but "{node}" has shape {shape}: give it that shape, or ones',
                node=node,
                seed=array.shape,
                shape=shape,
            )
        case OneHot(index=index) if not is_cell(index, shape):
            return ShapeError(
                'the one-hot seed of "{node}" stands at {index}, outside of its shape {shape}: choose another cell',
                node=node,
                index=index,
                shape=shape,
            )
    return None


def as_seed(seed: Seed | ArrayLike) -> Seed:
    """Return a seed of what is one, or of a tensor, an array, a number or nested lists; raises `EditRefusedError`."""
    return seed if seed is None or isinstance(seed, OneHot) else as_tensor(seed)


def are_same_seeds(a: Seed, b: Seed) -> bool:
    """Tell whether two seeds start the same sweep."""
    if isinstance(a, Tensor) and isinstance(b, Tensor):
        return are_same_tensors(a, b)
    return a == b
