"""Reserve that storage holds (family 5)."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats, Ints
from clearing.case.case import Case
from clearing.case.reserves import Direction
from clearing.formulation.awards import Awards
from clearing.milp.columns import Columns
from clearing.milp.rows import RowBlock, Scattered, Term, row_block
from clearing.rules.rules import ReserveRules


def holders(case: Case, awards: Awards, direction: Direction) -> Ints:
    """Storage (n) that may hold a product of a direction."""
    return np.unique(awards.storage[case.reserves.direction[awards.storage_product] == direction])


def rows(case: Case, rules: ReserveRules, awards: Awards, columns: Columns) -> list[RowBlock]:
    """All rows; none where no storage may hold anything."""
    if not len(awards.storage):
        return []
    return [
        storage_up(case, awards, columns),
        storage_down(case, awards, columns),
        storage_up_energy(case, rules, awards, columns),
        storage_down_energy(case, rules, awards, columns),
    ]


def storage_up(case: Case, awards: Awards, columns: Columns) -> RowBlock:
    """Σ_{up q} award_qgt + discharge_gt − charge_gt ≤ discharge_max_gt. Shape (n, T) of `holders`.

    A reading: storage turns from charging to discharging within any response time, so what it charges counts.
    """
    held = holders(case, awards, Direction.UP)
    most, terms = case.storage.discharge_max_mw[held], _power(held, 1.0, columns)
    return row_block(
        "storage_up", most.shape, -np.inf, most, terms, [_awards(case, awards, held, Direction.UP, columns)]
    )


def storage_down(case: Case, awards: Awards, columns: Columns) -> RowBlock:
    """Σ_{down q} award_qgt + charge_gt − discharge_gt ≤ charge_max_gt. Shape (n, T) of `holders`."""
    held = holders(case, awards, Direction.DOWN)
    most, terms = case.storage.charge_max_mw[held], _power(held, -1.0, columns)
    return row_block(
        "storage_down", most.shape, -np.inf, most, terms, [_awards(case, awards, held, Direction.DOWN, columns)]
    )


def storage_up_energy(case: Case, rules: ReserveRules, awards: Awards, columns: Columns) -> RowBlock:
    """Σ_{up q} award_qgt ≤ (energy_gt − energy_min_gt)·η_dt / duration: stored energy lasts for the duration."""
    held, storage = holders(case, awards, Direction.UP), case.storage
    share = storage.discharge_efficiency[held] / (rules.storage_minutes / 60.0)
    upper = -share * storage.energy_min_mwh[held]
    terms: list[Term] = [(columns["energy"][held], -share)]
    scattered = [_awards(case, awards, held, Direction.UP, columns)]
    return row_block("storage_up_energy", upper.shape, -np.inf, upper, terms, scattered)


def storage_down_energy(case: Case, rules: ReserveRules, awards: Awards, columns: Columns) -> RowBlock:
    """Σ_{down q} award_qgt ≤ (energy_max_gt − energy_gt) / (η_ct · duration): there is room to store it."""
    held, storage = holders(case, awards, Direction.DOWN), case.storage
    share = 1.0 / (storage.charge_efficiency[held] * rules.storage_minutes / 60.0)
    upper = share * storage.energy_max_mwh[held]
    terms: list[Term] = [(columns["energy"][held], share)]
    scattered = [_awards(case, awards, held, Direction.DOWN, columns)]
    return row_block("storage_down_energy", upper.shape, -np.inf, upper, terms, scattered)


def _power(held: Ints, sign: float, columns: Columns) -> list[Term]:
    return [(columns["discharge"][held], sign), (columns["charge"][held], -sign)]


def _awards(case: Case, awards: Awards, held: Ints, direction: Direction, columns: Columns) -> Scattered:
    """Awards of a direction as terms of rows shaped (n, T)."""
    place = np.full(len(case.storage.id), -1, dtype=np.int64)
    place[held] = np.arange(len(held))
    kept = np.flatnonzero(case.reserves.direction[awards.storage_product] == direction)
    periods = case.horizon.periods
    row = place[awards.storage[kept]][:, None] * periods + np.arange(periods)
    one: Floats = np.ones((len(kept), 1))
    return row, columns["award_storage"][kept], one
