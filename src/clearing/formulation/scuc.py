"""Security-constrained unit commitment: a table of contents. Network rows are added as they are found violated."""

from __future__ import annotations

from dataclasses import replace

from clearing.case.case import Case
from clearing.case.lead_times import first_start
from clearing.case.output_curves import rest_mw
from clearing.formulation import (
    commitment,
    min_up_down,
    output_curves,
    plant_spacing,
    plant_switching,
    pumped_hydro,
    regulation_bands,
    segments,
    start_leads,
    start_limits,
    start_states,
    system_reserves,
    unit_groups,
    variables,
)
from clearing.formulation.dispatch_part import dispatch_part
from clearing.formulation.losses import Tangents
from clearing.formulation.model import Model
from clearing.formulation.plant_data import plant_data
from clearing.formulation.unit_data import UnitData
from clearing.grid.islands import Islands
from clearing.milp.columns import Columns
from clearing.milp.elastic import elastic
from clearing.milp.rows import RowBlock
from clearing.rules.rules import Rules


def scuc(case: Case, rules: Rules, islands: Islands, tangents: Tangents = ()) -> Model:
    """min energy + no-load + start + stop + storage cost + clearing penalties, over commitment and dispatch."""
    part = dispatch_part(case, rules, islands, rules.clearing_penalties, tangents)
    part = replace(part, data=start_leads.with_first_starts(part.data, first_start(case, rules)))
    data, arcs = part.data, start_states.start_arcs(case)
    columns = Columns()
    variables.add_commitment(columns, case, data, part.unit_curve, arcs)
    part.add_columns(columns, None)
    decisions = [
        commitment.commitment(data, columns),
        min_up_down.min_up(data, columns),
        min_up_down.min_down(data, columns),
        start_leads.start_lead(data, columns),
        start_states.start_saving(case, data, arcs, columns),
        start_states.start_matching(case, arcs, columns),
        start_states.start_offline(case, arcs, columns),
        *segments.segment_limits(part.unit_curve, data, columns),
        elastic(unit_groups.group_on(case, columns), rules.clearing_penalties.group_on, case.horizon.hours, columns),
        *_starts(case, rules, data, columns),
        *pumped_hydro.mode_rows(case, part.market, rules.starts, columns),
        *regulation_bands.regulating_on(case, columns),
    ]
    curves = output_curves.curve_injections(case, arcs, columns)
    reserves = system_reserves.of_commitment(case, rules, part.market, columns)
    return part.model(columns, decisions, reserves, curves, rest_mw(case))


def _starts(case: Case, rules: Rules, data: UnitData, columns: Columns) -> list[RowBlock]:
    """Family 11; soft, at money a start or stop too many."""
    plants = plant_data(case, rules.starts)
    switches = plant_switching.switching_data(plants, data, case.horizon.period_minutes)
    stopped, switched, least_on = plant_switching.switching(switches, columns)
    blocks = [
        start_limits.unit_starts(case, plants, columns),
        start_limits.unit_stops(case, plants, columns),
        start_limits.plant_starts(plants, columns),
        start_limits.plant_stops(plants, columns),
        plant_spacing.start_spacing(case, plants, columns),
        plant_spacing.stop_spacing(case, plants, columns),
        least_on,
    ]
    return [stopped, switched] + [elastic(block, rules.starts.penalty, 1.0, columns) for block in blocks]
