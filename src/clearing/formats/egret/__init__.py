"""Reader of Egret's JSON for unit commitment (`egret.data.model_data`), DC network or one bus.

Source of the meaning of every field: `egret/model_library/unit_commitment/params.py` and the model that
`create_tight_unit_commitment_model` builds.

    p_min, p_max, p_load               MW, one number or a time series (`data_type: time_series`)
    p_cost                             polynomial of degree 2, cut into two equal segments between p_min and p_max that
                                       are exact at their three points; or points (MW, cost an hour), interpolated
    ramp_up_60min, ramp_down_60min     MW an hour
    startup_capacity, shutdown_…       most MW in the first (last) hour on; absent: p_min + half an hour's ramp
    startup_cost                       [hours off, cost]: the step from these hours on (inclusive), initial hours count
    initial_status                     hours on, or minus hours off, before the first period
    min_up_time, min_down_time         hours
    must_run, fixed_commitment         windows; null is free
    reserve_requirement                MW of spinning reserve; shares headroom and up-ramp with energy, which is the
                                       ramp-sharing form `pglib` of the rule set
    reserve_shortfall_cost             the demand curve of that requirement, money per MW and hour
    reactance                          per unit on baseMVA; susceptance 1/(x·tap), resistance ignored

Refused, not dropped: other reserve products that are required, storage, DC lines, fuel supply and fuel curves, loads
with a price, security constraints, contingencies, penalties of single branches or interfaces, limits of angles,
start-up curves, and every field that is not known. Fields without effect on the commitment (labels, voltages, terms of
products that nothing requires) are skipped.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np

from clearing.case import empty
from clearing.case.case import Case, Participants
from clearing.case.horizon import Horizon
from clearing.formats.egret import constraints, reserves, sites, system, thermal
from clearing.formats.egret import network as net
from clearing.formats.egret.constraints import Named
from clearing.formats.egret.fields import text
from clearing.formats.findings import Problems
from clearing.formats.json_fields import JsonObject

NO_DATE = dt.date(2020, 1, 1)
KINDS = ("thermal", "renewable")


def read(path: Path) -> Case:
    """Read one instance; it has no date, so the operating day is 2020-01-01. Raises FormatError with all findings."""
    problems = Problems()
    source = system.open_source(path, problems)
    system.check_all_read(source)
    network = net.network(source)
    rows: dict[str, list[tuple[str, JsonObject]]] = {kind: [] for kind in KINDS}
    for name, row in source.in_service("generator"):
        kind = text(row, "generator_type")
        if kind in rows:
            rows[kind].append((name, row))
        elif kind:
            limit = ", ".join(KINDS)
            problems.add("UNKNOWN_WORD", f"{row.path}.generator_type", "No such kind.", value=kind, limit=limit)
    units, lowered = thermal.units(source, rows["thermal"], network.bus_id)
    sites_ = sites.renewables(source, rows["renewable"], network.bus_id)
    held = reserves.read(source, rows["thermal"], len(network.bus_id))
    case = Case(
        name=path.stem,
        horizon=Horizon(NO_DATE, source.period_minutes, source.periods),
        participants=Participants(),
        network=network,
        units=replace(units, on_min=np.maximum(units.on_min, held.must_run).astype(np.int8)),
        renewables=sites_,
        storage=empty.no_storage(source.periods),
        ties=empty.no_ties(source.periods),
        loads=sites.loads(source, network.bus_id),
        reserves=held.reserves,
        reserve_sharing=held.reserve_sharing,
        reserve_demand=held.reserve_demand,
        reserve_offers=held.reserve_offers,
        reserve_kinds=held.reserve_kinds,
        award_terms=held.award_terms,
        regulation_bands=held.regulation_bands,
        flow_penalties=net.penalties(source),
        linear_limits=constraints.linear_limits(source, Named(units.id, sites_.id, (), network.bus_id)),
        notes=(*lowered, *system.notes(source)),
    )
    problems.stop()
    return case
