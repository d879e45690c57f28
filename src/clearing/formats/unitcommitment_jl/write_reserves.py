"""Reserve products as sections of UnitCommitment.jl."""

from __future__ import annotations

from typing import Any

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.case import Case
from clearing.case.reserve_kinds import ProductKind, kind_of
from clearing.case.reserves import Direction
from clearing.formats.unexpressed import Losses
from clearing.formats.unitcommitment_jl import reserves as keys
from clearing.formats.unitcommitment_jl.fields import compact

PATH = "case.reserves"
SYSTEM = ("positive_min_mw", "positive_max_mw", "negative_min_mw")


def section_names(case: Case) -> list[str]:
    """Section (Q) that a product becomes: its name, that of a pair `… up`, `… down` of flexible ramping, or none."""
    ids, direction = case.reserves.product_id, case.reserves.direction
    names = []
    for q, (name, kind) in enumerate(zip(ids, kind_of(case.reserve_kinds, len(ids)), strict=True)):
        if kind == ProductKind.SPINNING and direction[q] == Direction.UP:
            names.append(name)
            continue
        end = keys.UP if direction[q] == Direction.UP else keys.DOWN
        stem = name.removesuffix(end)
        paired = stem != name and {stem + keys.UP, stem + keys.DOWN} <= set(ids)
        names.append(stem if kind == ProductKind.FLEXIBLE_RAMPING and paired else "")
    return names


def reserves(case: Case, losses: Losses) -> dict[str, Any]:
    """Every section; the eligibility stands with the units."""
    table, hours = case.reserves, case.horizon.hours
    ids = table.product_id
    kinds, sections = kind_of(case.reserve_kinds, len(ids)), section_names(case)
    for name in SYSTEM:
        if getattr(table, name) is not None:
            losses.problem(f"{PATH}.{name}", "The format has no system reserves.")
    message = "The format has spinning reserve upward, and flexible ramping as a pair of products `… up`, `… down`."
    losses.rows(f"{PATH}.product_id", ids, np.array([not s for s in sections], dtype=np.bool_), message)
    _check(case, losses, sections)
    price = _price(case, losses)
    found: dict[str, Any] = {}
    for q, section in enumerate(sections):
        if not section:
            continue
        flexible = kinds[q] == ProductKind.FLEXIBLE_RAMPING
        row: dict[str, Any] = {
            "Type": keys.FLEXIRAMP if flexible else keys.SPINNING,
            keys.AMOUNT: compact(table.requirement_mw[q]),
        }
        if np.isfinite(price[q]):
            row[keys.PENALTY] = float(price[q]) * hours
        if section in found and row != found[section]:
            losses.problem(f"{PATH}.requirement_mw", "Both directions ask for the same there.", section)
        found[section] = row
    return found


def _check(case: Case, losses: Losses, sections: list[str]) -> None:
    table, units, ids = case.reserves, case.units, case.reserves.product_id
    if len(case.reserve_kinds.storage):
        losses.problem("case.reserve_kinds.storage", "Storage holds no reserve there.")
    if np.any(case.reserve_kinds.speed_requirement_mw_per_minute) or len(case.reserve_kinds.speed_unit):
        losses.problem("case.reserve_kinds.speed_requirement_mw_per_minute", "The format has no speed of regulation.")
    holds = (table.unit_max_mw > 0.0) & table.covers_bus[:, units.bus]
    capped = np.any(holds & np.isfinite(table.unit_max_mw), axis=1)
    losses.rows(f"{PATH}.unit_max_mw", ids, capped, "A unit that is eligible may hold any MW there.")
    ramps = np.isfinite(units.ramp_up_mw_per_minute)[None, :] | np.isfinite(units.ramp_down_mw_per_minute)[None, :]
    slow = np.isfinite(table.response_minutes) & np.any(holds & ramps, axis=1)
    losses.rows(f"{PATH}.response_minutes", ids, slow, "The format has no response time.")
    for section in sorted({s for s in sections if s}):
        pair = [q for q, s in enumerate(sections) if s == section]
        if any(not np.array_equal(holds[pair[0]], holds[q]) for q in pair):
            losses.problem(f"{PATH}.unit_max_mw", "The same units hold both directions there.", section)


def _price(case: Case, losses: Losses) -> Floats:
    """Price of a shortfall (Q), money an hour; NaN: the requirement must be met."""
    demand, ids = case.reserve_demand, case.reserves.product_id
    price = np.full(len(ids), np.nan)
    price[demand.step_product] = demand.step_price
    steps = np.bincount(demand.step_product, minlength=len(ids))[: len(ids)]
    losses.rows("case.reserve_demand.step_product", ids, steps > 1, "A shortfall has one price there.")
    return price
