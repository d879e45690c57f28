"""Speed of regulation (family 5)."""

from __future__ import annotations

import numpy as np

from clearing.case.arrays import Floats, Ints
from clearing.case.case import Case
from clearing.case.reserve_kinds import ProductKind, is_kind, speed_requirement
from clearing.case.reserve_kinds import regulation_speed as own_speed
from clearing.case.schedule import Schedule
from clearing.formulation.awards import Awards, caps, ramp_rates
from clearing.milp.columns import Columns
from clearing.milp.rows import RowBlock, row_block


def speed_products(case: Case) -> Ints:
    """Products (n) that may ask for speed: regulation."""
    return np.flatnonzero(is_kind(case.reserve_kinds, len(case.reserves.product_id), ProductKind.REGULATION))


def required_speed(case: Case) -> Floats:
    """(Q, T), MW/min."""
    return speed_requirement(case.reserve_kinds, case.reserves.requirement_mw.shape)


def unit_speed(case: Case) -> Floats:
    """MW/min that a MW of an award of a unit brings (Q, N): s_i / cap_i; 0 where either is not limited.

    s_i is the unit's regulation speed, else its ramp rate; a unit awarded all it can hold moves with its full speed.
    """
    cap, speed = caps(case), own_speed(case.reserve_kinds, ramp_rates(case))
    known = np.isfinite(cap) & np.isfinite(speed) & (cap > 0.0)
    return np.where(known, np.where(known, speed, 0.0) / np.where(known, cap, 1.0), 0.0)


def storage_speed(case: Case) -> Floats:
    """MW/min that a MW of an award of storage brings (Q): 1 / response time; a reading: storage delivers evenly."""
    return 1.0 / case.reserves.response_minutes


def regulation_speed(case: Case, awards: Awards, columns: Columns) -> RowBlock:
    """Σ_i s_i/cap_i · award_qit + Σ_g award_qgt/response_q ≥ speed requirement_qt. Rows of `speed_products`, (n, T).

    Awards of the product itself only: a better product that serves it brings MW, not speed. The multiplier is the
    price of speed.
    """
    products, required = speed_products(case), required_speed(case)
    place = np.full(len(required), -1, dtype=np.int64)
    place[products] = np.arange(len(products))
    periods, scattered = required.shape[1], []
    of_unit, of_storage = unit_speed(case)[awards.product, awards.unit], storage_speed(case)[awards.storage_product]
    for name, product, speed in (
        ("award", awards.product, of_unit),
        ("award_storage", awards.storage_product, of_storage),
    ):
        kept = np.flatnonzero((place[product] >= 0) & (speed > 0.0))
        row = place[product[kept]][:, None] * periods + np.arange(periods)
        scattered.append((row, columns[name][kept], speed[kept, None]))
    shape = (len(products), periods)
    return row_block("regulation_speed", shape, required[products], np.inf, (), scattered)


def held_speed(case: Case, schedule: Schedule) -> Floats:
    """Speed that the awards of a schedule bring (Q, T), MW/min."""
    of_units = np.einsum("qi,qit->qt", unit_speed(case), schedule.reserve_mw)
    return np.asarray(of_units + storage_speed(case)[:, None] * schedule.storage_reserve_mw.sum(axis=1))
