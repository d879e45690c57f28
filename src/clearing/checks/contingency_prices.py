"""What limits after contingencies are in prices: multipliers times shift factors without what is lost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from clearing.case.arrays import Floats, Ints
from clearing.case.case import Case
from clearing.checks.contingencies import Contingent
from clearing.checks.electrical import Electrical, combined_sensitivities, without
from clearing.checks.hvdc import line_worth
from clearing.checks.outages import KINDS, rows_of


@dataclass(frozen=True, slots=True)
class Weighted:
    """Multipliers of pairs in prices: price (K, T) Σ value·G, size (K, T) Σ |value·G|; what of it is not felt by a unit
    (N, T), per MWh, and by a line (H, T), because the contingency loses it."""

    price: Floats
    size: Floats
    unit: Floats
    line: Floats


def weighted(
    case: Case, grid: Electrical, found: Contingent | None, terms: sparse.csr_array, values: dict[str, Floats]
) -> Weighted:
    """Σ value·G with the shift factors of the network without the branches that are lost."""
    shape = grid.island.shape
    total, size = np.zeros(shape), np.zeros(shape)
    unit = np.zeros((len(case.units.id), shape[1]))
    line = np.zeros((len(case.hvdc_lines.id), shape[1]))
    if found is None:
        return Weighted(total, size, unit, line)
    for kind in KINDS:
        after, value = found.after[kind.family], values[kind.family]
        priced = (value != 0.0).any(axis=1)
        for c in np.unique(after.contingency[priced]).tolist():
            mine = np.flatnonzero(priced & (after.contingency == c))
            for state in grid.states:
                own = value[np.ix_(mine, state.periods)]
                net = without(case.network, grid, state, found.lost.branch[c]) if (own != 0.0).any() else None
                if net is None:
                    continue
                pick = terms[after.row[mine]] if kind.interface else rows_of(after.row[mine], grid.live.shape[0])
                factor = combined_sensitivities(grid, net, pick, int(state.periods[0]))
                part = factor.T @ own
                total[:, state.periods] += part
                size[:, state.periods] += np.abs(factor).T @ np.abs(own)
                for i in found.lost.unit[c]:
                    unit[i, state.periods] += part[case.units.bus[i]]
                _line_part(case, found.lost.line[c], part, line, state.periods)
    return Weighted(total, size, unit, line)


def _line_part(case: Case, rows: Ints, part: Floats, line: Floats, periods: Ints) -> None:
    if len(rows):
        bus = np.zeros((len(case.network.bus_id), case.horizon.periods))
        bus[:, periods] = part
        line[rows] += line_worth(case, bus)[rows]
