"""Merit order, for what has to be known before anything is cleared: initial states and design flows."""

from __future__ import annotations

import numpy as np

from .fleet import Fleet

Blocks = tuple[np.ndarray, np.ndarray]
"""Widths and prices (n, blocks) of n curves, blocks from 0 MW up."""


def average_cost(fleet: Fleet, blocks: Blocks) -> np.ndarray:
    """Money per MWh at full output, no-load cost included (N)."""
    width, price = blocks
    return np.asarray((width * price).sum(axis=1) / width.sum(axis=1) + fleet.no_load / fleet.capacity_mw)


def fill(blocks: Blocks, low: np.ndarray, high: np.ndarray, need: np.ndarray) -> np.ndarray:
    """Output above `low` (n, t) when blocks between low and high (n) or (n, t) meet `need` (t) cheapest first."""
    width, price = blocks
    low, high = (v if v.ndim == 2 else v[:, None] for v in (low, high))
    end = np.cumsum(width, axis=1)[:, :, None]
    part = np.minimum(end, high[:, None, :]) - np.maximum(end - width[:, :, None], low[:, None, :])
    part = np.clip(part, 0.0, None)
    order = np.argsort(price, axis=None, kind="stable")
    flat = part.reshape(-1, part.shape[2])[order]
    before = np.cumsum(flat, axis=0) - flat
    taken = np.zeros_like(flat)
    taken[order] = np.clip(need - before, 0.0, flat)
    return np.asarray(taken.reshape(part.shape).sum(axis=1))
