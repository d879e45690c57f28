"""Security-constrained unit commitment: a table of contents. Network rows are added as they are found violated."""

from __future__ import annotations

from clearing.case.case import Case
from clearing.formulation import (
    balance,
    commitment,
    limits,
    min_up_down,
    ramps,
    reserves,
    segments,
    start_states,
    storage,
    variables,
)
from clearing.formulation.awards import awards as eligible_awards
from clearing.formulation.curves import cut_at
from clearing.formulation.injections import fixed_injection, injections
from clearing.formulation.model import Model
from clearing.formulation.unit_data import unit_data
from clearing.grid.islands import Islands
from clearing.milp.columns import Columns
from clearing.milp.elastic import elastic
from clearing.milp.problem import stack
from clearing.milp.rows import RowBlock
from clearing.rules.rules import Rules


def scuc(case: Case, rules: Rules, islands: Islands) -> Model:
    """min energy + no-load + start + stop + storage cost + clearing penalties, over commitment and dispatch."""
    data = unit_data(case)
    units, penalties = case.units, rules.clearing_penalties
    curve = cut_at(units.offers, units.p_min_mw, units.p_max_mw)
    renewable_curve = cut_at(case.renewables.offers, case.renewables.min_mw, case.renewables.forecast_mw)
    awards, arcs, sharing = eligible_awards(case), start_states.start_arcs(case), rules.reserves.ramp_sharing

    columns = Columns()
    variables.add_commitment(columns, case, data, curve, arcs)
    variables.add_output(columns, case, data, curve)
    variables.add_renewables(columns, case, renewable_curve)
    variables.add_awards(columns, case, awards)
    variables.add_storage(columns, case, None)
    variables.add_imbalance(columns, case, penalties.shortage, penalties.surplus, islands.count)
    terms, fixed = injections(case, renewable_curve, columns), fixed_injection(case)

    blocks = [
        commitment.commitment(data, columns),
        min_up_down.min_up(data, columns),
        min_up_down.min_down(data, columns),
        start_states.start_saving(case, data, arcs, columns),
        start_states.start_matching(case, arcs, columns),
        segments.output(curve, columns),
        *segments.segment_limits(curve, data, columns),
        *limits.headroom(case, data, awards, columns, sharing),
        limits.footroom(case, awards, columns),
        ramps.ramp_up(case, data, awards, columns, sharing),
        ramps.ramp_down(case, data, awards, columns, sharing),
        reserves.award_cap(case, awards, columns),
        elastic(reserves.product(case, awards, columns), penalties.product, case.horizon.hours, columns),
        *_system_reserves(case, rules, columns),
        storage.storage_energy(case, columns),
        *storage.storage_modes(case, columns),
        balance.balance(terms, fixed, islands, columns),
        balance.shed_total(case, islands, columns),
    ]
    problem = stack(columns, blocks)
    return Model(case, data, awards, curve, renewable_curve, islands, penalties, terms, fixed, problem)


def _system_reserves(case: Case, rules: Rules, columns: Columns) -> list[RowBlock]:
    """Families 2 and 3, where the case or the rule set asks for them; soft."""
    least, most, negative = reserves.requirements(case, rules.reserves)
    steps, hours = rules.clearing_penalties.system_reserve, case.horizon.hours
    blocks = []
    if least is not None:
        within, total = reserves.positive_least(case, rules.reserves, least, columns)
        blocks += [within, elastic(total, steps, hours, columns)]
    if most is not None:
        blocks.append(elastic(reserves.positive_greatest(case, most, columns), steps, hours, columns))
    if negative is not None:
        blocks.append(elastic(reserves.negative_least(case, negative, columns), steps, hours, columns))
    return blocks
