"""Direct-current lines between two buses: scheduled, or dispatched within limits (family 19)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from clearing.case.arrays import Bools, Floats, Ids, Ints, freeze


@dataclass(frozen=True, slots=True)
class HvdcLines:
    """H lines, T periods; MW at from_bus, positive from → to.

    id, from_bus, to_bus (H)        bus indices, not the same; they may stand in different islands
    dispatchable (H)                True: min_mw ≤ flow ≤ max_mw; False: flow = scheduled_mw
    scheduled_mw (H, T)             not read where dispatchable
    min_mw, max_mw (H, T)           not read where scheduled
    ramp_mw_per_minute (H)          most change between two periods of the horizon where dispatchable; +inf = no limit
    loss_rate (H)                   share of what is sent that does not arrive, in [0, 1)

    A flow that is asked for (scheduled, or limits that exclude 0) is soft: it may come closer to 0 at a penalty, so
    that an end that cannot feed the line leaves a dispatch.
    """

    id: Ids
    from_bus: Ints
    to_bus: Ints
    dispatchable: Bools
    scheduled_mw: Floats
    min_mw: Floats
    max_mw: Floats
    ramp_mw_per_minute: Floats
    loss_rate: Floats

    def __post_init__(self) -> None:
        freeze(self)


_INDEX, _COLUMN, _SERIES = np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros((0, 0))
NO_HVDC = HvdcLines((), _INDEX, _INDEX, np.zeros(0, dtype=np.bool_), _SERIES, _SERIES, _SERIES, _COLUMN, _COLUMN)
"""No line, whatever the number of periods."""


def wanted(lines: HvdcLines) -> tuple[Floats, Floats]:
    """Least and greatest flow asked for, MW (H, T): the schedule of a scheduled line, else its limits."""
    own = lines.dispatchable[:, None]
    return np.where(own, lines.min_mw, lines.scheduled_mw), np.where(own, lines.max_mw, lines.scheduled_mw)


def attainable(lines: HvdcLines) -> tuple[Floats, Floats]:
    """Hard limits of the flow, MW (H, T): those asked for, widened to 0."""
    least, most = wanted(lines)
    return np.minimum(least, 0.0), np.maximum(most, 0.0)


def delivered(lines: HvdcLines) -> Floats:
    """MW into to_bus for a MW of flow (H, T): 1 − loss towards it, 1/(1 − loss) out of it.

    Validation sees to it that a line with losses flows one way only in a period.
    """
    rate = lines.loss_rate[:, None]
    return np.asarray(np.where(wanted(lines)[0] < 0.0, 1.0 / (1.0 - rate), 1.0 - rate))


def with_limits(lines: HvdcLines, least: Floats, most: Floats) -> HvdcLines:
    """The lines with other limits (H, T) asked for; their ramps stay those of dispatchable lines."""
    ramp = np.where(lines.dispatchable, lines.ramp_mw_per_minute, np.inf)
    free = np.ones(len(lines.id), dtype=np.bool_)
    return replace(lines, dispatchable=free, min_mw=least, max_mw=most, ramp_mw_per_minute=ramp)
