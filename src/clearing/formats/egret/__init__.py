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
    startup_curve, shutdown_curve      MW below p_min by period, the one next to the time on line first
    reserve_requirement                MW of spinning reserve; shares headroom and up-ramp with energy
    …_reserve_requirement, regulation_…, flexible_ramp_…   six more products, of system, areas and zones: `products.py`
                                       (what is required, what nests), `reserves.py` (what a unit can hold)
    reserve_shortfall_cost, …_penalty_price   demand curves of those requirements, money per MW and hour
    p_price                            of a load: it is bought as far as the price allows
    violation_penalty                  of lines, interfaces and constraints, money per MWh; where it is not stated
                                       `network.penalties`
    security_constraint                weighted sums of outputs: `constraints.py`
    storage, dc_branch                 `stores.py`
    contingency, planned_outage        `contingencies.py`
    reactance                          per unit on baseMVA; susceptance 1/(x·tap), resistance ignored

Refused, not dropped: fuel supply and fuel curves, limits of angles, ramps of storage that may bind, what is to happen
behind the horizon (`future_status`), and every field that is not known. Fields without effect on the
commitment (labels, voltages) are skipped.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np

from clearing.case import empty
from clearing.case.case import Case, Participants
from clearing.case.horizon import Horizon
from clearing.formats.egret import constraints, contingencies, output_curves, reserves, sites, stores, system, thermal
from clearing.formats.egret import network as net
from clearing.formats.egret.constraints import Named
from clearing.formats.egret.fields import text
from clearing.formats.findings import Problems
from clearing.formats.json_fields import JsonObject

NO_DATE = dt.date(2020, 1, 1)
KINDS = {"thermal": "thermal", "renewable": "renewable", "virtual": "renewable"}
"""Kinds of generators; Egret dispatches a virtual one as it does a renewable one."""


def read(path: Path) -> Case:
    """Read one instance; it has no date, so the operating day is 2020-01-01. Raises FormatError with all findings."""
    problems = Problems()
    source = system.open_source(path, problems)
    system.check_all_read(source)
    network = net.network(source)
    rows: dict[str, list[tuple[str, JsonObject]]] = {"thermal": [], "renewable": []}
    for name, row in source.in_service("generator"):
        kind = text(row, "generator_type")
        if kind in KINDS:
            rows[KINDS[kind]].append((name, row))
        elif kind:
            limit = ", ".join(KINDS)
            problems.add("UNKNOWN_WORD", f"{row.path}.generator_type", "No such kind.", value=kind, limit=limit)
    units, lowered = thermal.units(source, rows["thermal"], network.bus_id)
    sites_ = sites.renewables(source, rows["renewable"], network.bus_id)
    store, lossy = stores.storage(source, network.bus_id)
    firm, bids = sites.loads(source, network.bus_id)
    up, down = output_curves.curves(source, rows["thermal"])
    curved = tuple(units.id[i] for i in np.union1d(up.unit, down.unit).tolist())
    own = net.penalties(source)
    held = reserves.read(source, rows["thermal"], len(network.bus_id))
    case = Case(
        name=path.stem,
        horizon=Horizon(NO_DATE, source.period_minutes, source.periods),
        participants=Participants(),
        network=network,
        units=replace(units, on_min=np.maximum(units.on_min, held.must_run).astype(np.int8)),
        renewables=sites_,
        storage=store,
        ties=empty.no_ties(source.periods),
        loads=firm,
        demand_bids=bids,
        hvdc_lines=stores.lines(source, network.bus_id),
        startup_curves=up,
        shutdown_curves=down,
        reserves=held.reserves,
        reserve_sharing=held.reserve_sharing,
        reserve_demand=held.reserve_demand,
        reserve_offers=held.reserve_offers,
        reserve_kinds=held.reserve_kinds,
        award_terms=held.award_terms,
        regulation_bands=held.regulation_bands,
        flow_penalties=own,
        contingencies=contingencies.contingencies(source, network, own),
        linear_limits=constraints.linear_limits(source, Named(units.id, sites_.id, store.id, curved)),
        notes=(*lowered, *lossy, *system.notes(source)),
    )
    problems.stop()
    return case
