"""Whether a resource is where its marginal value wants it: on its curve, within its box."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Bools, Floats, Ids
from clearing.case.finding import Finding
from clearing.case.offers import Offers
from clearing.checks.curve import slopes
from clearing.checks.finding import over

CODE = "STATIONARITY"


def on_curve(
    family: str,
    ids: Ids,
    offers: Offers,
    output: Floats,
    limits: tuple[Floats, Floats],
    near: Floats,
    value: Floats,
    size: Floats,
    free: Bools,
) -> list[Finding]:
    """Blocks below the output cost at most the value of a MW, those above it at least that; but for limits and free."""
    below, above = slopes(offers, output, near)
    can_fall = free & (output > limits[0] + near) & np.isfinite(below)
    can_rise = free & (output < limits[1] - near) & np.isfinite(above)
    too_high = masked(below, value, can_fall)
    too_low = masked(value, above, can_rise)
    return [
        *over(
            CODE,
            family,
            ids,
            too_high,
            size,
            "runs in a block that costs more than its marginal value",
            value,
            unit="per MWh",
        ),
        *over(
            CODE,
            family,
            ids,
            too_low,
            size,
            "leaves a block unused that costs less than its marginal value",
            value,
            unit="per MWh",
        ),
    ]


def masked(left: Floats, right: Floats, mask: Bools) -> Floats:
    """left − right where mask, else 0; nothing infinite is subtracted elsewhere."""
    difference = np.zeros(mask.shape)
    np.subtract(left, right, out=difference, where=mask)
    return difference


def in_box(
    family: str,
    ids: Ids,
    x: Floats,
    limits: tuple[Floats, Floats],
    near: Floats,
    gain: Floats,
    size: Floats,
    free: Bools,
) -> list[Finding]:
    """What is worth a gain a MW stands at its greatest, what loses at its least; where free."""
    worth = np.where(free, gain, 0.0)
    return at_kink(family, ids, x, limits, near, worth, worth, size)


def at_kink(
    family: str,
    ids: Ids,
    x: Floats,
    limits: tuple[Floats, Floats],
    near: Floats,
    more: Floats,
    less: Floats,
    size: Floats,
) -> list[Finding]:
    """The same where a MWh more is worth `more` and the last one held `less`, at least as much."""
    low, high = limits
    up, down = np.where(x < high - near, more, 0.0), np.where(x > low + near, -less, 0.0)
    text = "would gain by moving within its limits"
    return over(CODE, family, ids, np.maximum(up, down), size, text, np.where(up > down, more, less), unit="per MWh")


def next_period(series: Floats) -> Floats:
    """One period later; 0 after the last."""
    return np.concatenate([series[:, 1:], np.zeros((len(series), 1))], axis=1)
