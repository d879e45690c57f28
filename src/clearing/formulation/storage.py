"""Storage (family 16)."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.case import Case
from clearing.formulation.commitment import shifted
from clearing.formulation.modes import charge_most, discharge_most, three_modes
from clearing.milp.columns import ABSENT, Columns
from clearing.milp.rows import RowBlock, Term, row_block


def kept(case: Case) -> Floats:
    """Share of the energy (G, T) that is left after a period of self-discharge: (1 − share lost in an hour)^dt."""
    return np.asarray((1.0 - case.storage.self_discharge_per_hour) ** case.horizon.hours)


def storage_energy(case: Case, columns: Columns) -> RowBlock:
    """energy_t − kept_t·energy_{t−1} − dt·(η_ct·charge_t − discharge_t/η_dt) = 0, energy_0 the initial. (G, T)."""
    storage, hours = case.storage, case.horizon.hours
    energy = columns["energy"]
    right = np.zeros(energy.shape)
    if energy.shape[1]:
        right[:, 0] = kept(case)[:, 0] * storage.initial_energy_mwh
    terms: list[Term] = [
        (energy, 1.0),
        (shifted(energy, 1), -kept(case)),
        (columns["charge"], -hours * storage.charge_efficiency),
        (columns["discharge"], hours / storage.discharge_efficiency),
    ]
    return row_block("storage_energy", energy.shape, right, right, terms)


def storage_modes(case: Case, columns: Columns) -> list[RowBlock]:
    """charge ≤ charge_max·(1 − discharging), discharge ≤ discharge_max·discharging. Shapes (G, T).

    Units with a least MW stand still in neither mode: charge ≤ charge_max·charging in place of the first.
    """
    storage, mode, three = case.storage, columns["discharging"], three_modes(case.storage)
    most = charge_most(storage)
    own = np.full(mode.shape, ABSENT, dtype=np.int64)
    own[three] = columns["charging"]
    one_column: Floats = np.array(most)
    one_column[three] = 0.0
    charge: list[Term] = [(columns["charge"], 1.0), (mode, one_column), (own, -most)]
    discharge: list[Term] = [(columns["discharge"], 1.0), (mode, -discharge_most(storage))]
    return [
        row_block("charge_mode", mode.shape, -np.inf, one_column, charge),
        row_block("discharge_mode", mode.shape, -np.inf, 0.0, discharge),
    ]


def storage_least(case: Case, columns: Columns) -> list[RowBlock]:
    """charge ≥ charge_min·charging, discharge ≥ discharge_min·discharging, charging + discharging ≤ 1.

    Shapes (n, T), the units with a least MW.
    """
    storage, three = case.storage, three_modes(case.storage)
    back, out = columns["charging"], columns["discharging"][three]
    charge: list[Term] = [(columns["charge"][three], 1.0), (back, -storage.charge_min_mw[three])]
    discharge: list[Term] = [(columns["discharge"][three], 1.0), (out, -storage.discharge_min_mw[three])]
    return [
        row_block("charge_least", back.shape, 0.0, np.inf, charge),
        row_block("discharge_least", back.shape, 0.0, np.inf, discharge),
        row_block("one_mode", back.shape, -np.inf, 1.0, [(back, 1.0), (out, 1.0)]),
    ]
