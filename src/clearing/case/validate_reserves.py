"""Reserve products and system reserves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from clearing.case.arrays import Bools, Floats
from clearing.case.award_terms import offline_stated
from clearing.case.case import Case
from clearing.case.finding import Finding, Severity
from clearing.case.firm_load import firm_load
from clearing.case.predicates import TOLERANCE, Field, flag
from clearing.case.pumped_market import pumped_market
from clearing.case.reserve_kinds import ProductKind, is_kind
from clearing.case.reserve_offers import offered_mw
from clearing.case.reserve_sharing import serves
from clearing.case.reserves import Direction
from clearing.rules.rules import Rules


def products(case: Case, rules: Rules) -> list[Finding]:
    """A product covers a bus, and the units there can give what it asks for (a shortfall is priced, so: warning)."""
    reserves = case.reserves
    ids = reserves.product_id
    most = _most_awards(case)
    beyond = reserves.requirement_mw > most + TOLERANCE
    nothing: Bools = ~np.any(reserves.covers_bus, axis=1, keepdims=True)
    return [
        *flag(
            "PRODUCT_COVERS_NO_BUS", Field("case.reserves.covers_bus", ids), nothing[:, 0], "no bus counts towards it"
        ),
        *flag(
            "REQUIREMENT_ABOVE_CAPABILITY",
            Field("case.reserves.requirement_mw", ids),
            beyond & ~nothing,
            "more than all units that count could give, were they on at the best output",
            reserves.requirement_mw,
            most,
            Severity.WARNING,
        ),
    ]


def _most_awards(case: Case) -> Floats:
    """(Q, T): sum of the greatest awards of the units that count, those of products that serve it too."""
    units, reserves = case.units, case.reserves
    award = np.zeros(reserves.unit_max_mw.shape)
    room = np.where(units.on_max == 1, units.p_max_mw - units.p_min_mw, 0.0).clip(min=0.0)
    most = np.zeros(reserves.requirement_mw.shape)
    for q, minutes in enumerate(reserves.response_minutes.tolist()):
        up = reserves.direction[q] == Direction.UP
        rate = units.ramp_up_mw_per_minute if up else units.ramp_down_mw_per_minute
        award[q] = np.where(reserves.covers_bus[q, units.bus], np.minimum(reserves.unit_max_mw[q], rate * minutes), 0.0)
    shape = (len(award), len(units.id), case.horizon.periods)
    standing = is_kind(case.reserve_kinds, len(award), ProductKind.NON_SPINNING)[:, None]
    offered = np.minimum(
        np.where(standing, reserves.unit_max_mw, award)[:, :, None], offered_mw(case.reserve_offers, shape)
    )
    said = np.nan_to_num(offline_stated(case.award_terms, len(award), len(units.id)))
    offered = np.maximum(offered, said[:, :, None])
    offered = np.where(reserves.covers_bus[:, units.bus][:, :, None], offered, 0.0)
    whole = np.where(units.on_max == 1, units.p_max_mw, 0.0)
    counts = serves(reserves, case.reserve_sharing, units.bus) > 0
    for q in range(len(most)):
        held = np.where(counts[q][:, :, None], offered, 0.0).sum(axis=0)
        off = (counts[q] & standing).any(axis=0)[:, None]
        most[q] = np.minimum(held, np.where(off, whole, room)).sum(axis=0)
    return most + _most_of_storage(case)


def _most_of_storage(case: Case) -> Floats:
    """(Q, T): the same of storage, from full charging to full discharging."""
    table, storage = case.reserve_kinds, case.storage
    counts = serves(case.reserves, case.reserve_sharing, storage.bus)
    held = np.zeros((len(case.reserves.product_id), *storage.charge_max_mw.shape))
    swing = storage.charge_max_mw + storage.discharge_max_mw
    held[table.storage_product, table.storage] = np.minimum(table.storage_max_mw[:, None], swing[table.storage])
    return np.asarray(np.einsum("qpg,pgt->qt", counts, held))


def system(case: Case, rules: Rules) -> list[Finding]:
    """System reserves: least ≤ greatest, and the whole fleet could hold the least."""
    least = _effective(case.reserves.positive_min_mw, rules.reserves.positive_min_mw, case)
    most = _effective(case.reserves.positive_max_mw, rules.reserves.positive_max_mw, case)
    path = "case.reserves.positive_min_mw"
    findings: list[Finding] = []
    if least is not None and most is not None:
        bad, message = least > most + TOLERANCE, "least positive reserve is above the greatest"
        findings += _whole("SYSTEM_RESERVE_MIN_ABOVE_MAX", path, bad, message, least, most, Severity.ERROR)
    if least is not None:
        room = _room(case, rules)
        bad, message = least > room + TOLERANCE, "more than the whole fleet leaves above the load"
        findings += _whole("SYSTEM_RESERVE_ABOVE_CAPABILITY", path, bad, message, least, room, Severity.WARNING)
    return findings


def _effective(given: Floats | None, rule: float | None, case: Case) -> Floats | None:
    if given is not None:
        return given
    return None if rule is None else np.full(case.horizon.periods, rule)


def _room(case: Case, rules: Rules) -> Floats:
    """(T): capacity of everything that may be on, less load and plus imports."""
    units = case.units
    capacity = np.where(units.on_max == 1, units.p_max_mw, 0.0).sum(axis=0)
    capacity = capacity + rules.reserves.renewable_share * case.renewables.forecast_mw.sum(axis=0)
    capacity = capacity + case.storage.discharge_max_mw.sum(axis=0)
    market = pumped_market(case, rules.pumped)
    capacity = capacity + market.generate_max_mw.sum(axis=0) + market.kept_mw
    room: Floats = capacity - firm_load(case)[1].sum(axis=0) + case.ties.import_mw.sum(axis=0)
    return room


def _whole(
    code: str, path: str, bad: Bools, message: str, values: Floats, limit: Floats, severity: Severity
) -> list[Finding]:
    """`flag` for a series of the whole system: one finding, at the column instead of a row."""
    found = flag(code, Field(path, ()), bad[None, :], message, values[None, :], limit[None, :], severity)
    return [replace(finding, path=path) for finding in found]
