"""Units as a message states them → net MW at the bus, with the least output that heat supply needs.

Gross MW of unit i become net by the factor 1 − auxiliary_rate_i; a price for a gross MWh becomes one for a net MWh by
division, so that costs stay. heat_min_mw stands in place of p_min_mw where it is above it (family 6).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.offers import Offers
from clearing.case.output_curves import OutputCurves
from clearing.case.reserve_kinds import ReserveKinds
from clearing.case.units import Units
from clearing.v1 import units_pb2
from clearing.wire.fields import Table
from clearing.wire.problems import Problems

_SIZES = (
    "p_min_mw", "p_max_mw", "ramp_up_mw_per_minute", "ramp_down_mw_per_minute", "startup_limit_mw",
    "shutdown_limit_mw", "initial_mw",
)  # fmt: skip
GROSS_NOTE = "MW of {count} units are stated gross; cleared net of their auxiliary use."
HEAT_NOTE = "Heat supply raises the least output of {count} units in {cells} unit-periods."


def net_share(pb: units_pb2.Units, table: Table, problems: Problems) -> Floats:
    """What of a stated MW reaches the bus (N): 1 where MW are net."""
    path = "case.units.auxiliary_rate"
    rate = table.floats("auxiliary_rate", 0.0)
    for row in np.flatnonzero(~((rate >= 0.0) & (rate < 1.0))).tolist():
        problems.error("OUT_OF_RANGE", f"{path}[{row}]", "Must lie in [0, 1).", value=rate[row], limit="[0, 1)")
    known = (units_pb2.MW_BASIS_UNSPECIFIED, units_pb2.MW_BASIS_NET, units_pb2.MW_BASIS_GROSS)
    if pb.mw_basis not in known:
        text = "The value is not allowed."
        problems.error("UNKNOWN_ENUM", "case.units.mw_basis", text, value=pb.mw_basis, limit="NET, GROSS")
    gross = pb.mw_basis == units_pb2.MW_BASIS_GROSS
    return np.where(gross & (rate > 0.0) & (rate < 1.0), 1.0 - rate, 1.0)


def net_units(units: Units, share: Floats) -> Units:
    """All MW of the table at the bus."""
    if np.all(share == 1.0):
        return units
    sized = {name: (getattr(units, name).T * share).T for name in _SIZES}
    offers = units.offers
    of = np.where(offers.resource >= 0, share[offers.resource], 1.0)[:, None]
    return replace(
        units,
        **sized,
        fixed_mw=units.fixed_mw * np.where(units.fixed_unit >= 0, share[units.fixed_unit], 1.0),
        offers=Offers(offers.resource, offers.width_mw * of, offers.price_per_mwh / of),
    )


def net_curves(curves: OutputCurves, share: Floats) -> OutputCurves:
    """The points of output curves at the bus."""
    if not len(curves.unit) or np.all(share == 1.0):
        return curves
    return replace(curves, mw=curves.mw * np.where(curves.unit >= 0, share[curves.unit], 1.0))


def net_kinds(kinds: ReserveKinds, share: Floats) -> ReserveKinds:
    """Regulation speeds at the bus."""
    if not len(kinds.speed_unit) or np.all(share == 1.0):
        return kinds
    return replace(kinds, speed_mw_per_minute=kinds.speed_mw_per_minute * share[kinds.speed_unit])


def with_heat(units: Units, heat_min_mw: Floats, problems: Problems) -> Units:
    """p_min_mw as high as heat supply needs (N, T); HEAT_MIN_ABOVE_P_MAX where the unit cannot give it."""
    stated = np.nan_to_num(heat_min_mw, nan=0.0)
    if not np.any(stated):
        return units
    for row in np.flatnonzero(~np.isfinite(heat_min_mw).all(axis=1) | (stated < 0.0).any(axis=1)).tolist():
        path = f"case.units.heat_min_mw[{row}]"
        problems.error("OUT_OF_RANGE", path, "Must be a number ≥ 0.", subject=units.id[row], limit="≥ 0")
    above = stated > units.p_max_mw + 1e-9
    for row in np.flatnonzero(above.any(axis=1)).tolist():
        period = int(np.flatnonzero(above[row])[0])
        problems.error(
            "HEAT_MIN_ABOVE_P_MAX", f"case.units.heat_min_mw[{row}]", "Heat supply needs more than p_max_mw.",
            subject=units.id[row], period=period, value=stated[row, period], limit=units.p_max_mw[row, period],
        )  # fmt: skip
    return replace(units, p_min_mw=np.maximum(units.p_min_mw, stated))


def notes(before: Units, share: Floats, after: Units) -> tuple[str, ...]:
    """One sentence each on what was converted, for the notes of the case."""
    found = []
    gross = int(np.sum(share != 1.0))
    if gross:
        found.append(GROSS_NOTE.format(count=gross))
    raised = after.p_min_mw > before.p_min_mw
    if raised.any():
        found.append(HEAT_NOTE.format(count=int(raised.any(axis=1).sum()), cells=int(raised.sum())))
    return tuple(found)
