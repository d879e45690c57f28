"""Storage (family 16)."""

from __future__ import annotations

import numpy as np

from clearing.case.case import Case
from clearing.formulation.commitment import shifted
from clearing.milp.columns import Columns
from clearing.milp.rows import RowBlock, Term, row_block


def storage_energy(case: Case, columns: Columns) -> RowBlock:
    """energy_t − energy_{t−1} − dt·(η_c·charge_t − discharge_t/η_d) = 0, energy_0 the initial energy. Shape (G, T)."""
    storage, hours = case.storage, case.horizon.hours
    energy = columns["energy"]
    right = np.zeros(energy.shape)
    if energy.shape[1]:
        right[:, 0] = storage.initial_energy_mwh
    terms: list[Term] = [
        (energy, 1.0),
        (shifted(energy, 1), -1.0),
        (columns["charge"], -hours * storage.charge_efficiency[:, None]),
        (columns["discharge"], hours / storage.discharge_efficiency[:, None]),
    ]
    return row_block("storage_energy", energy.shape, right, right, terms)


def storage_modes(case: Case, columns: Columns) -> list[RowBlock]:
    """charge ≤ charge_max·(1 − discharging), discharge ≤ discharge_max·discharging. Shapes (G, T)."""
    storage, mode = case.storage, columns["discharging"]
    charge: list[Term] = [(columns["charge"], 1.0), (mode, storage.charge_max_mw)]
    discharge: list[Term] = [(columns["discharge"], 1.0), (mode, -storage.discharge_max_mw)]
    return [
        row_block("charge_mode", mode.shape, -np.inf, storage.charge_max_mw, charge),
        row_block("discharge_mode", mode.shape, -np.inf, 0.0, discharge),
    ]
