"""Rows of the system reserves (families 2 and 3): of the commitment, and of a dispatch that is held to them."""

from __future__ import annotations

from clearing.case.arrays import Floats
from clearing.case.case import Case
from clearing.case.pumped_market import PumpedMarket
from clearing.formulation import pumped_hydro, reserves
from clearing.milp.columns import Columns
from clearing.milp.elastic import elastic
from clearing.milp.rows import RowBlock
from clearing.rules.rules import Penalties, Rules

Asked = tuple[Floats | None, Floats | None, Floats | None]
"""Positive least, positive greatest, negative least (T), MW; None = no row."""


def of_commitment(case: Case, rules: Rules, market: PumpedMarket, columns: Columns) -> list[RowBlock]:
    """Those that the case or the rule set asks for; soft."""
    asked = reserves.requirements(case, rules.reserves)
    return _rows(case, rules, asked, rules.clearing_penalties, market, columns)


def of_dispatch(
    case: Case, rules: Rules, penalties: Penalties, market: PumpedMarket, columns: Columns
) -> list[RowBlock]:
    """Those that the rules hold a dispatch to; soft, at the penalties of the run."""
    return _rows(case, rules, (*reserves.in_dispatch(case, rules.reserves), None), penalties, market, columns)


def _rows(
    case: Case, rules: Rules, asked: Asked, penalties: Penalties, market: PumpedMarket, columns: Columns
) -> list[RowBlock]:
    least, most, negative = asked
    steps, hours = penalties.system_reserve, case.horizon.hours
    blocks = []
    if least is not None:
        if case.pumped_hydro.id:
            minutes = rules.reserves.storage_minutes
            blocks.append(pumped_hydro.pumped_deliverable(case, market, minutes, columns))
        within, total = reserves.positive_least(case, rules.reserves, least - market.kept_mw, columns)
        blocks += [within, elastic(total, steps, hours, columns)]
    if most is not None:
        blocks.append(elastic(reserves.positive_greatest(case, most, columns), steps, hours, columns))
    if negative is not None:
        blocks.append(elastic(reserves.negative_least(case, negative, columns), steps, hours, columns))
    return blocks
