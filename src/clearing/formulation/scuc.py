"""Security-constrained unit commitment: a table of contents. Network rows are added as they are found violated."""

from __future__ import annotations

from clearing.case.case import Case
from clearing.formulation import commitment, min_up_down, reserves, segments, start_states, unit_groups, variables
from clearing.formulation.dispatch_part import dispatch_part
from clearing.formulation.model import Model
from clearing.grid.islands import Islands
from clearing.milp.columns import Columns
from clearing.milp.elastic import elastic
from clearing.milp.rows import RowBlock
from clearing.rules.rules import Rules


def scuc(case: Case, rules: Rules, islands: Islands) -> Model:
    """min energy + no-load + start + stop + storage cost + clearing penalties, over commitment and dispatch."""
    part = dispatch_part(case, islands, rules.clearing_penalties, rules.reserves.ramp_sharing)
    data, arcs = part.data, start_states.start_arcs(case)
    columns = Columns()
    variables.add_commitment(columns, case, data, part.unit_curve, arcs)
    part.add_columns(columns, None)
    decisions = [
        commitment.commitment(data, columns),
        min_up_down.min_up(data, columns),
        min_up_down.min_down(data, columns),
        start_states.start_saving(case, data, arcs, columns),
        start_states.start_matching(case, arcs, columns),
        *segments.segment_limits(part.unit_curve, data, columns),
        elastic(unit_groups.group_on(case, columns), rules.clearing_penalties.group_on, case.horizon.hours, columns),
    ]
    return part.model(columns, decisions, _system_reserves(case, rules, columns))


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
