"""All explanations of a priced answer."""

from __future__ import annotations

from clearing.case.case import Case
from clearing.case.explanations import Explanations
from clearing.case.result import ClearingResult
from clearing.explain.broken import broken_limits
from clearing.explain.limits import limit_rents
from clearing.explain.off_line import off_parts
from clearing.explain.on_line import on_parts, on_spells
from clearing.explain.reliefs import reliefs
from clearing.explain.remedies import remedies
from clearing.explain.setting import setting
from clearing.explain.shortages import shortages
from clearing.grid.monitored import Grid
from clearing.rules.rules import Rules


def explain(case: Case, rules: Rules, grid: Grid, result: ClearingResult) -> Explanations | None:
    """Why units are on and off, what limits cost, what is broken and what would mend it; None without prices."""
    known = (result.schedule, result.flows, result.prices, result.multipliers)
    if any(part is None for part in known):
        return None
    table = setting(case, rules, grid, result)
    on = on_parts(table)
    broken = broken_limits(table, result)
    return Explanations(
        spells=on_spells(table, on),
        on=on,
        off=off_parts(table),
        limits=limit_rents(case, result),
        broken=broken,
        reliefs=reliefs(table, broken),
        shortages=shortages(table),
        remedies=remedies(table, broken),
    )
