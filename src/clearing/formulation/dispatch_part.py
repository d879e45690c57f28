"""What SCUC, SCED and pricing run have in common: everything but the commitment itself. A table of contents."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Flags, Floats
from clearing.case.case import Case
from clearing.case.flow_penalties import own_steps
from clearing.case.linear_limits import limit_price
from clearing.case.pumped_market import PumpedMarket, pumped_market
from clearing.formulation import (
    balance,
    demand_bids,
    energy_limits,
    flexible_ramping,
    hvdc,
    limits,
    linear_limits,
    non_spinning,
    pumped_hydro,
    ramps,
    regulation,
    regulation_bands,
    reserve_offers,
    reserves,
    segments,
    storage,
    storage_awards,
    unit_groups,
    variables,
    virtual_plants,
)
from clearing.formulation.awards import Awards
from clearing.formulation.awards import awards as eligible_awards
from clearing.formulation.curves import Curve, cut_at
from clearing.formulation.injections import Injection, fixed_injection, injections
from clearing.formulation.losses import Tangents, add_losses, losses
from clearing.formulation.model import Model
from clearing.formulation.unit_data import UnitData, unit_data
from clearing.grid.islands import Islands
from clearing.milp.columns import Columns
from clearing.milp.elastic import elastic
from clearing.milp.problem import stack
from clearing.milp.rows import RowBlock
from clearing.rules.rules import Penalties, ReserveRules, Rules


@dataclass(frozen=True, slots=True)
class DispatchPart:
    """Tables derived from a case, and the columns and rows that every problem has."""

    case: Case
    islands: Islands
    penalties: Penalties
    rules: ReserveRules
    data: UnitData
    unit_curve: Curve
    renewable_curve: Curve
    awards: Awards
    market: PumpedMarket
    tangents: Tangents = ()

    def add_columns(self, columns: Columns, mode: Flags | None) -> None:
        """Columns behind those of the commitment; modes (M, T), as `modes` has them, are held where given."""
        case, penalties = self.case, self.penalties
        variables.add_output(columns, case, self.data, self.unit_curve)
        variables.add_renewables(columns, case, self.renewable_curve)
        variables.add_awards(columns, case, self.awards)
        reserve_offers.add_blocks(columns, case, self.awards)
        variables.add_storage(columns, case, mode)
        if case.pumped_hydro.id:
            pumped_hydro.add_pumped(columns, case, self.market, mode)
        if len(case.regulation_bands.unit):
            regulation_bands.add_regulating(columns, case, mode)
        if case.demand_bids.id:
            demand_bids.add_demand(columns, case)
        if case.virtual_plants.id:
            virtual_plants.add_virtual(columns, case)
        if case.hvdc_lines.id:
            hvdc.add_hvdc(columns, case)
        variables.add_imbalance(columns, case, penalties.shortage, penalties.surplus, self.islands.count)
        if self.tangents:
            add_losses(columns, case.network, self.tangents, self.islands)

    def model(
        self,
        columns: Columns,
        before: list[RowBlock],
        behind: list[RowBlock],
        curves: tuple[Injection, ...],
        curve_mw: Floats,
    ) -> Model:
        """The problem: rows of the commitment, the rows in common, further rows.

        curves, curve_mw (N, T): output below p_min that is decided, and that is given.
        """
        case, data, awards = self.case, self.data, self.awards
        terms, fixed = injections(case, self.renewable_curve, columns), fixed_injection(case)
        np.add.at(fixed, case.units.bus, curve_mw)
        terms = (*terms, *curves)
        of_bids: list[RowBlock] = []
        of_pumps: list[RowBlock] = []
        if case.pumped_hydro.id:
            of_pumps.append(pumped_hydro.reservoir_energy(case, self.market, columns))
            of_pumps += pumped_hydro.generation_limits(self.market, columns)
            terms = (*terms, *pumped_hydro.pumped_injection(case, self.market, columns))
        if case.demand_bids.id:
            of_bids.append(demand_bids.demand_output(case, columns))
            terms = (*terms, demand_bids.demand_injection(case, columns))
        if case.virtual_plants.id:
            of_bids += [virtual_plants.virtual_output(case, columns), virtual_plants.virtual_ramp(case, columns)]
            terms = (*terms, virtual_plants.virtual_injection(case, columns))
            np.add.at(fixed, *virtual_plants.least_injection(case))
        if case.hvdc_lines.id:
            of_bids.append(hvdc.hvdc_ramp(case, columns))
            of_bids.append(
                elastic(hvdc.hvdc_schedule(case, columns), self.penalties.joint_limit, case.horizon.hours, columns)
            )
            terms = (*terms, *hvdc.hvdc_injections(case, columns))
        product, joint = reserves.product(case, awards, columns), self.penalties.joint_limit
        speed, sharing = regulation.regulation_speed(case, awards, columns), self.rules.ramp_sharing
        blocks = [
            *before,
            segments.output(self.unit_curve, columns),
            *limits.headroom(case, data, awards, columns),
            limits.footroom(case, awards, columns),
            ramps.ramp_up(case, data, awards, columns),
            ramps.ramp_down(case, data, awards, columns),
            reserves.award_cap(case, awards, columns),
            *flexible_ramping.rows(case, data, awards, columns, sharing),
            non_spinning.offline(data, awards, columns),
            *non_spinning.offline_stated(case, awards, columns),
            *regulation_bands.band_cap(case, awards, columns),
            *storage_awards.rows(case, self.rules, awards, columns),
            reserve_offers.award_offer(case, awards, columns),
            reserves.carrying(
                case,
                elastic(product, reserves.product_steps(case, self.penalties.product), case.horizon.hours, columns),
                columns,
            ),
            elastic(speed, self.penalties.product, case.horizon.hours, columns),
            storage.storage_energy(case, columns),
            *storage.storage_modes(case, columns),
            *storage.storage_least(case, columns),
            *of_pumps,
            elastic(unit_groups.group_output(case, columns), joint, case.horizon.hours, columns),
            elastic(energy_limits.energy_window(case, columns), joint, 1.0, columns),
            elastic(energy_limits.storage_cycle(case, columns), joint, 1.0, columns),
            *of_bids,
            *self._linear(terms, fixed, columns),
            balance.balance(terms, fixed, self.islands, columns),
            balance.shed_total(case, self.islands, columns),
            *losses(self.tangents, terms, fixed, self.islands, columns),
            *behind,
        ]
        return Model(
            case, data, awards, self.unit_curve, self.renewable_curve, self.islands, self.penalties, terms, fixed,
            stack(columns, blocks), self.market, curve_mw,
        )  # fmt: skip

    def _linear(self, terms: tuple[Injection, ...], fixed: Floats, columns: Columns) -> list[RowBlock]:
        case, limits = self.case, self.case.linear_limits
        if not limits.id:
            return []
        rows = linear_limits.linear_limit(case, self.islands, terms, fixed, self.renewable_curve, columns)
        price = np.repeat(limit_price(limits), case.horizon.periods)
        return [elastic(rows, own_steps(price, self.penalties.joint_limit), case.horizon.hours, columns)]


def dispatch_part(
    case: Case, rules: Rules, islands: Islands, penalties: Penalties, tangents: Tangents = ()
) -> DispatchPart:
    """Derive the tables; tangents: bounds of the losses, () = without losses."""
    units, sites, data = case.units, case.renewables, unit_data(case)
    return DispatchPart(
        case=case,
        islands=islands,
        penalties=penalties,
        rules=rules.reserves,
        data=data,
        unit_curve=cut_at(units.offers, units.p_min_mw, units.p_max_mw),
        renewable_curve=cut_at(sites.offers, sites.min_mw, sites.forecast_mw),
        awards=eligible_awards(case, rules, data),
        market=pumped_market(case, rules.pumped),
        tangents=tangents,
    )
