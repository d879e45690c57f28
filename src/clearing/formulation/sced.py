"""Security-constrained economic dispatch at a given commitment: a table of contents."""

from __future__ import annotations

from clearing.case.arrays import Flags
from clearing.case.case import Case
from clearing.formulation import balance, limits, ramps, reserves, segments, storage, variables
from clearing.formulation.awards import awards as eligible_awards
from clearing.formulation.curves import cut_at
from clearing.formulation.injections import fixed_injection, injections
from clearing.formulation.model import Model
from clearing.formulation.unit_data import unit_data
from clearing.grid.islands import Islands
from clearing.milp.columns import Columns
from clearing.milp.elastic import elastic
from clearing.milp.problem import stack
from clearing.rules.rules import Penalties, Rules


def sced(case: Case, rules: Rules, penalties: Penalties, islands: Islands, on: Flags, mode: Flags | None) -> Model:
    """min energy + storage cost + penalties, with on (N, T) and storage mode (G, T) held: an LP.

    mode None: storage modes are decided too (a MIP in them alone).

    The pricing run is the same problem with the pricing penalties and some outputs frozen (formulation/pricing.py).
    """
    data = unit_data(case)
    units, sharing = case.units, rules.reserves.ramp_sharing
    curve = cut_at(units.offers, units.p_min_mw, units.p_max_mw)
    renewable_curve = cut_at(case.renewables.offers, case.renewables.min_mw, case.renewables.forecast_mw)
    awards = eligible_awards(case)

    columns = Columns()
    variables.add_given_commitment(columns, case, on)
    variables.add_output(columns, case, data, curve)
    variables.add_renewables(columns, case, renewable_curve)
    variables.add_awards(columns, case, awards)
    variables.add_storage(columns, case, mode)
    variables.add_imbalance(columns, case, penalties.shortage, penalties.surplus, islands.count)
    terms, fixed = injections(case, renewable_curve, columns), fixed_injection(case)

    blocks = [
        segments.output(curve, columns),
        *limits.headroom(case, data, awards, columns, sharing),
        limits.footroom(case, awards, columns),
        ramps.ramp_up(case, data, awards, columns, sharing),
        ramps.ramp_down(case, data, awards, columns, sharing),
        reserves.award_cap(case, awards, columns),
        elastic(reserves.product(case, awards, columns), penalties.product, case.horizon.hours, columns),
        storage.storage_energy(case, columns),
        *storage.storage_modes(case, columns),
        balance.balance(terms, fixed, islands, columns),
        balance.shed_total(case, islands, columns),
    ]
    problem = stack(columns, blocks)
    return Model(case, data, awards, curve, renewable_curve, islands, penalties, terms, fixed, problem)
