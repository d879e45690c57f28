"""Random numbers: one stream a subject, so that a change in one part leaves the others as they were."""

from __future__ import annotations

import zlib

import numpy as np


def stream(seed: int, *names: str) -> np.random.Generator:
    """The generator of this seed for a subject, e.g. stream(1, "fleet") or stream(1, "wind", "winter-peak")."""
    return np.random.default_rng([seed, *(zlib.crc32(name.encode()) for name in names)])


def smooth_noise(rng: np.random.Generator, rows: int, periods: int, memory: float) -> np.ndarray:
    """(rows, T): stationary AR(1) noise of unit variance; memory = correlation from one period to the next."""
    shocks = rng.standard_normal((rows, periods))
    out = np.empty_like(shocks)
    out[:, 0] = shocks[:, 0]
    for t in range(1, periods):
        out[:, t] = memory * out[:, t - 1] + np.sqrt(1.0 - memory**2) * shocks[:, t]
    return out
