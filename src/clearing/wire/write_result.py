"""Clearing result → proto: one message for everybody, one an owner, the rest for the operator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np

from clearing.case.arrays import Ids
from clearing.case.case import Case
from clearing.case.islands import island_ids
from clearing.case.result import Binding, ClearingResult, Costs, Violation
from clearing.case.schedule import Flows, Schedule
from clearing.rules.rules import Rules
from clearing.v1 import prices_pb2, schedule_pb2
from clearing.wire import digest as digests
from clearing.wire import price_sets, write_explanations, write_prices, write_report
from clearing.wire.columns import column, series
from clearing.wire.owners import Owner, owners, split
from clearing.wire.selection import select
from clearing.wire.totals import totals
from clearing.wire.write_case import horizon

SIDES = {"min": prices_pb2.LIMIT_SIDE_MIN, "max": prices_pb2.LIMIT_SIDE_MAX}


def result(
    case: Case,
    rules: Rules,
    table: ClearingResult,
    selection: schedule_pb2.OutputSelection | None = None,
    case_digest: str = "",
) -> schedule_pb2.Result:
    """The whole answer, or the parts that `selection` names, with its digest.

    case_digest   SHA-256 of the case as it came, '' = not known
    """
    public_bindings, own_bindings = split(table.bindings, lambda b: (b.family, b.subject), case)
    public_violations, own_violations = split(table.violations, lambda v: (v.family, v.subject), case)
    pb = schedule_pb2.Result(
        case_digest=case_digest,
        rules=write_report.rule_echo(rules),
        horizon=horizon(case.horizon),
        period_label=case.horizon.labels(),
        termination=write_report.termination(table.termination),
        notes=write_report.findings(table.notes),
        binding_periods=table.binding_periods,
    )
    if table.audit_passed is not None:
        pb.audit.CopyFrom(write_report.audit_report(table.audit_passed, table.audit))
    if table.schedule is not None:
        pb.public_result.CopyFrom(_public(case, table, table.schedule, public_bindings, public_violations))
        pb.system_schedule.CopyFrom(_system(case, table.schedule, table.flows))
        if table.payments is not None:
            pb.system_schedule.hvdc_rent.extend(column(table.payments.hvdc_rent))
        for owner in owners(case):
            own = pb.owner_results.add(owner_id=owner.id)
            _owner(own, owner, case, table, table.schedule)
            own.bindings.CopyFrom(_bindings(own_bindings.get(owner.id, ())))
            own.violations.CopyFrom(_violations(own_violations.get(owner.id, ())))
    if table.multipliers is not None:
        pb.certificate.CopyFrom(write_prices.certificate(table.multipliers, pb.termination.bound_kind))
    if table.bound_proof is not None:
        pb.bound_certificate.CopyFrom(write_prices.bound_certificate(table.bound_proof))
    pb.price_sets.extend(price_sets.written(case, one) for one in table.price_sets)
    if table.explanations is not None:
        pb.explanations.CopyFrom(write_explanations.explanations(case, table.explanations))
    pb.digest = "0" * 64  # its bytes count towards the size limit of the selection
    if selection is not None:
        select(pb, selection)
    pb.digest = digests.of_result(pb)
    return pb


def _public(
    case: Case,
    table: ClearingResult,
    schedule: Schedule,
    bindings: Sequence[Binding],
    violations: Sequence[Violation],
) -> schedule_pb2.PublicResult:
    pb = schedule_pb2.PublicResult(
        bindings=_bindings(bindings),
        violations=_violations(violations),
        totals=schedule_pb2.Totals(**asdict(totals(case, schedule))),
    )
    if table.prices is not None:
        pb.prices.CopyFrom(write_prices.prices(case, table.prices))
    if table.losses is not None:
        pb.losses.CopyFrom(write_prices.losses(case, table.losses))
    if table.settlement is not None:
        pb.settlement.CopyFrom(write_prices.settlement(case, table.settlement))
    if table.price_setters:
        pb.price_setters.CopyFrom(write_prices.price_setters(table.price_setters))
    if table.costs is not None:
        pb.totals.costs.CopyFrom(_costs(table.costs))
    if table.uplift is not None:
        pb.totals.make_whole = float(table.uplift.make_whole.sum())
    return pb


def _costs(table: Costs) -> schedule_pb2.Costs:
    return schedule_pb2.Costs(
        energy=table.energy,
        no_load=table.no_load,
        start=table.start,
        stop=table.stop,
        storage=table.storage,
        penalty=table.penalty,
        demand=table.demand,
        total=table.total,
        reserve=table.reserve,
    )


def _system(case: Case, schedule: Schedule, flows: Flows | None) -> schedule_pb2.SystemSchedule:
    periods = case.horizon.periods
    shed = np.flatnonzero(schedule.shed_mw.any(axis=1))
    surplus = np.flatnonzero(schedule.surplus_mw.any(axis=1))
    pb = schedule_pb2.SystemSchedule(
        tie_id=case.ties.id,
        tie_mw=series(case.ties.import_mw, periods),
        shed_bus=_pick(case.network.bus_id, shed),
        shed_mw=series(schedule.shed_mw[shed], periods),
        surplus_island=_pick(island_ids(case.network, case.horizon.periods), surplus),
        surplus_mw=series(schedule.surplus_mw[surplus], periods),
        hvdc_id=case.hvdc_lines.id,
        hvdc_mw=series(schedule.hvdc_mw, periods),
    )
    if flows is not None:
        pb.flows.CopyFrom(
            schedule_pb2.Flows(
                branch_id=case.network.branch_id,
                branch_mw=series(flows.branch_mw, periods),
                interface_id=case.network.interface_id,
                interface_mw=series(flows.interface_mw, periods),
            )
        )
    return pb


def _owner(pb: schedule_pb2.OwnerResult, owner: Owner, case: Case, table: ClearingResult, schedule: Schedule) -> None:
    periods = case.horizon.periods
    if owner.units.size:
        pb.units.CopyFrom(_units(owner, case, table, schedule))
    if owner.renewables.size:
        pb.renewables.id.extend(_pick(case.renewables.id, owner.renewables))
        pb.renewables.mw.extend(series(schedule.renewable_mw[owner.renewables], periods))
    if owner.storage.size:
        rows = owner.storage
        pb.storage.id.extend(_pick(case.storage.id, rows))
        pb.storage.charge_mw.extend(series(schedule.charge_mw[rows], periods))
        pb.storage.discharge_mw.extend(series(schedule.discharge_mw[rows], periods))
        pb.storage.energy_mwh.extend(series(schedule.energy_mwh[rows], periods))
        held = schedule.storage_reserve_mw[:, rows]
        product, store = np.nonzero(held.any(axis=2))
        pb.storage.award_storage.extend(_pick(case.storage.id, rows[store]))
        pb.storage.award_product.extend(_pick(case.reserves.product_id, product))
        pb.storage.award_mw.extend(series(held[product, store], periods))
    if owner.pumped.size:
        rows = owner.pumped
        pb.pumped_hydro.id.extend(_pick(case.pumped_hydro.id, rows))
        pb.pumped_hydro.mode.extend(series(schedule.pumped_mode[rows], periods))
        pb.pumped_hydro.pump_mw.extend(series(schedule.pump_mw[rows], periods))
        pb.pumped_hydro.generate_mw.extend(series(schedule.generate_mw[rows], periods))
    if owner.reservoirs.size:
        pb.pumped_hydro.reservoir_id.extend(_pick(case.pumped_hydro.reservoir_id, owner.reservoirs))
        pb.pumped_hydro.reservoir_mwh.extend(series(schedule.reservoir_mwh[owner.reservoirs], periods))
    if owner.demand_bids.size:
        pb.demand_bids.id.extend(_pick(case.demand_bids.id, owner.demand_bids))
        pb.demand_bids.mw.extend(series(schedule.demand_mw[owner.demand_bids], periods))
    if owner.virtual_plants.size:
        pb.virtual_plants.id.extend(_pick(case.virtual_plants.id, owner.virtual_plants))
        pb.virtual_plants.mw.extend(series(schedule.virtual_mw[owner.virtual_plants], periods))
    if table.payments is not None:
        bought, plants = table.payments, owner.virtual_plants
        pb.demand_bids.payment.extend(column(bought.demand_payment[owner.demand_bids]))
        pb.demand_bids.value.extend(column(bought.demand_value[owner.demand_bids]))
        pb.virtual_plants.price.extend(series(bought.virtual_price[plants], periods))
        pb.virtual_plants.revenue.extend(column(bought.virtual_revenue[plants]))
        if bought.storage_reserve_revenue.size:
            pb.storage.reserve_revenue.extend(column(bought.storage_reserve_revenue[owner.storage]))


def _units(owner: Owner, case: Case, table: ClearingResult, schedule: Schedule) -> schedule_pb2.UnitResults:
    rows, periods = owner.units, case.horizon.periods
    awards = schedule.reserve_mw[:, rows]
    product, unit = np.nonzero(awards.any(axis=2))
    pb = schedule_pb2.UnitResults(
        id=_pick(case.units.id, rows),
        on=series(schedule.on[rows], periods),
        start=series(schedule.start[rows], periods),
        stop=series(schedule.stop[rows], periods),
        dispatch_mw=series(schedule.dispatch_mw[rows], periods),
        award_unit=_pick(case.units.id, rows[unit]),
        award_product=_pick(case.reserves.product_id, product),
        award_mw=series(awards[product, unit], periods),
    )
    if schedule.curve_mw.any():  # in the message of every owner, or of none
        pb.curve_mw.extend(series(schedule.curve_mw[rows], periods))
    if schedule.regulating.any():
        pb.regulating.extend(series(schedule.regulating[rows], periods))
    if table.uplift is not None:
        pb.make_whole.extend(column(table.uplift.make_whole[rows]))
        pb.revenue.extend(column(table.uplift.revenue[rows]))
        pb.cost.extend(column(table.uplift.cost[rows]))
    return pb


def _bindings(rows: Sequence[Binding]) -> prices_pb2.BindingLimits:
    return prices_pb2.BindingLimits(
        family=[r.family for r in rows],
        subject=[r.subject for r in rows],
        period=[r.period for r in rows],
        side=[SIDES[r.side] for r in rows],
        limit_mw=[r.limit_mw for r in rows],
        shadow_price=[r.shadow_price for r in rows],
    )


def _violations(rows: Sequence[Violation]) -> prices_pb2.Violations:
    return prices_pb2.Violations(
        family=[r.family for r in rows],
        subject=[r.subject for r in rows],
        period=[r.period for r in rows],
        amount_mw=[r.amount_mw for r in rows],
        penalty=[r.penalty for r in rows],
    )


def _pick(ids: Ids, rows: np.ndarray) -> list[str]:
    return [ids[row] for row in rows.tolist()]
