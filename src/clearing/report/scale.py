"""Ranges of axes and colours that a few extreme prices cannot wash out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Floats
from clearing.report.values import amount

WIDE_TAILS = 3.0
MARGIN = 0.05


@dataclass(frozen=True, slots=True)
class Scale:
    """From low to high; least and most are what there is, and lie outside where `cut`."""

    low: float
    high: float
    least: float
    most: float

    @property
    def cut(self) -> bool:
        """Whether values lie outside the range."""
        return self.least < self.low or self.most > self.high

    @property
    def axis(self) -> list[float]:
        """Range of a value axis with a margin."""
        room = MARGIN * (self.high - self.low)
        return [self.low - room, self.high + room]

    @property
    def note(self) -> str:
        """What to say where values are cut, else nothing."""
        if not self.cut:
            return ""
        return f"Shown from {amount(self.low, 2)} to {amount(self.high, 2)}, though values run to {self._beyond()}."

    def _beyond(self) -> str:
        ends = [self.least] if self.least < self.low else []
        ends += [self.most] if self.most > self.high else []
        return " and ".join(amount(end, 2) for end in ends)


def scale(values: Floats) -> Scale:
    """The whole range, unless it is more than three times as wide as where most values lie.

    Most values: from the 10th percentile less, to the 90th plus, the distance between the two.
    """
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return Scale(0.0, 1.0, 0.0, 1.0)
    least, most = float(finite.min()), float(finite.max())
    p10, p90 = (float(v) for v in np.percentile(finite, (10, 90)))
    spread = max(p90 - p10, 0.05 * max(abs(p10), abs(p90)), 1e-6)
    low, high = max(least, p10 - spread), min(most, p90 + spread)
    if most - least <= WIDE_TAILS * (high - low):
        low, high = least, most
    return Scale(low, high, least, most)
