"""Axes, indices and places of cells, as PyTorch takes them: by number, from 0 on, without negative steps."""

import math

import numpy as np
import torch


def reduced(function, **more):
    """Return a reduction that PyTorch has for several axes; what has none gets one."""

    def over(x, axis, keepdims, **params):
        if x.ndim == 0 or axis == ():
            return function(x[..., None], dim=(-1,), keepdim=False, **params, **more)
        return function(x, dim=tuple(range(x.ndim)) if axis is None else axis, keepdim=keepdims, **params, **more)

    return over


def over_all(function):
    """Return a reduction that PyTorch has for one axis, over several: they are made one."""

    def over(x, axis, keepdims):
        axes = [a % x.ndim for a in ([axis] if isinstance(axis, int) else range(x.ndim) if axis is None else axis)]
        rest = [a for a in range(x.ndim) if a not in axes]
        flat = torch.permute(x, (*rest, *axes)).reshape(
            [x.shape[a] for a in rest] + [math.prod(x.shape[a] for a in axes)]
        )
        y = function(flat, -1)
        return y.reshape([1 if a in axes else x.shape[a] for a in range(x.ndim)]) if keepdims else y

    return over


def positions(shape, index):
    """Return where the cells of an index stand, counted through: NumPy says, since PyTorch takes no negative steps."""
    return torch.tensor(np.array(np.arange(math.prod(shape)).reshape(shape)[index]))


def spread(x, where, shape):
    """Return zeros to which the numbers of x are added, each where it is told."""
    flat = torch.zeros(math.prod(shape), dtype=x.dtype)
    return flat.index_add(0, where.reshape(-1), x.broadcast_to(where.shape).reshape(-1)).reshape(shape)


def permuted(x, axes):
    return torch.permute(x, tuple(range(x.ndim))[::-1] if axes is None else axes)


def expanded(x, axis):
    axes = (axis,) if isinstance(axis, int) else axis
    shape = list(x.shape)
    for a in sorted(a % (x.ndim + len(axes)) for a in axes):
        shape.insert(a, 1)
    return x.reshape(shape)


def squeezed(x, axis):
    return torch.squeeze(x) if axis is None else torch.squeeze(x, axis)


def laid(function):
    """Return what NumPy does with the cells of a tensor, and only with their places, for PyTorch to differentiate."""
    return lambda x, **params: torch.take(x, torch.tensor(function(positions(x.shape, ...).numpy(), **params).copy()))


def padded(x, pad_width, mode, value):
    if mode != "constant":
        return laid(np.pad)(x, pad_width=pad_width, mode=mode)
    inside = torch.tensor(np.pad(np.ones(x.shape, bool), pad_width))
    return torch.full(inside.shape, float(value)).to(x.dtype).masked_scatter(inside, x)


def cropped(x, pad_width, mode):
    shape = tuple(n - int(a) - int(b) for n, (a, b) in zip(x.shape, _pairs(pad_width, x.ndim), strict=True))
    return transposed(lambda cells: padded(cells, pad_width, mode, 0), x, torch.zeros(shape))


def _pairs(pad_width, ndim):
    return np.broadcast_to(np.reshape(pad_width, (-1, 1)) if np.ndim(pad_width) < 2 else pad_width, (ndim, 2))


def transposed(function, u, x):
    """Return what goes back through a function from u, at x; it can be differentiated for u."""
    at = x.detach().to(u.dtype).requires_grad_()
    y = function(at)
    (back,) = torch.autograd.grad(y, at, u, create_graph=True)
    return back if u.requires_grad else back.detach()


def parted(x, sizes, axis, part):
    whole = [size if size >= 0 else x.shape[axis] - sum(sizes) - 1 for size in sizes]
    return torch.split(x, whole, axis)[part]


def running(function, start):
    """Return a running sum or product, with or without the number at its own place, from either end."""

    def run(x, axis, exclusive, reverse):
        x = torch.flip(x, (axis,)) if reverse else x
        if exclusive:
            first = torch.full_like(torch.narrow(x, axis, 0, min(1, x.shape[axis])), start)
            x = torch.cat([first, torch.narrow(x, axis, 0, max(0, x.shape[axis] - 1))], axis)
        y = function(x, axis)
        return torch.flip(y, (axis,)) if reverse else y

    return run


def recurrence(a, b, axis, reverse):
    a, whole = torch.broadcast_tensors(a, b)
    a, b = torch.unbind(a, axis), torch.unbind(whole, axis)
    rows = []
    for factor, term in list(zip(a, b, strict=True))[:: -1 if reverse else 1]:
        rows.append(factor * rows[-1] + term if rows else term)
    return torch.stack(rows[:: -1 if reverse else 1], axis) if rows else whole


def taken(x, i, axis):
    i = i % max(1, x.shape[axis])
    axis = axis % x.ndim
    return torch.index_select(x, axis, i.reshape(-1)).reshape((*x.shape[:axis], *i.shape, *x.shape[axis + 1 :]))


def segments(x, i, size, axis):
    axis = axis % (x.ndim - i.ndim + 1)
    flat = x.reshape((*x.shape[:axis], i.numel(), *x.shape[axis + i.ndim :]))
    zeros = torch.zeros((*flat.shape[:axis], size, *flat.shape[axis + 1 :]), dtype=x.dtype)
    return zeros.index_add(axis, i.reshape(-1) % max(1, size), flat)


def added(x, i, source, axis):
    return x + segments(source, i, x.shape[axis], axis)


def taken_along(x, i, axis):
    return torch.take_along_dim(x, i % max(1, x.shape[axis]), axis)


def scattered_along(x, i, size, axis):
    shape = list(torch.broadcast_shapes(x.shape, i.shape))
    shape[axis] = size
    x, i = torch.broadcast_tensors(x, i)
    return torch.zeros(shape, dtype=x.dtype).scatter_add(axis, i % max(1, size), x)


def several(shape, indices):
    """Return where the slices stand that indices on the last axis name; without any of these, all is one slice."""
    cells = np.arange(math.prod(shape)).reshape(shape)
    if indices.shape[-1] == 0:
        return torch.tensor(np.broadcast_to(cells, (*indices.shape[:-1], *shape)).copy())
    return torch.tensor(cells[tuple(np.moveaxis(indices.numpy(), -1, 0))])


def stretched(x, shape):
    return torch.broadcast_to(x, shape)


def embedded(x, shape, offset, axis1, axis2):
    return spread(x, torch.diagonal(positions(shape, ...), offset, axis1, axis2), shape)


def paired(a, b, axes):
    return torch.tensordot(a, b, axes if isinstance(axes, int) else tuple(map(list, axes)))


def others(x, axis):
    """Return the product of all other numbers: what PyTorch has for the gradient of a product."""
    at = x if x.requires_grad else x.detach().requires_grad_()
    y = over_all(torch.prod)(at, axis, keepdims=False)
    (back,) = torch.autograd.grad(y, at, torch.ones_like(y), create_graph=True)
    return back if x.requires_grad else back.detach()


def renamed(function, **names):
    """Return a function that knows some params under other names."""
    return lambda *xs, **params: function(*xs, **{names.get(name, name): value for name, value in params.items()})
