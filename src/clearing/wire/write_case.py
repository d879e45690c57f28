"""Case → proto; series that are constant over the horizon go out as one value a row."""

from __future__ import annotations

from typing import Any

import numpy as np

from clearing.case.arrays import Bools, Floats, Ids, Ints
from clearing.case.branch_windows import BranchLimits, BranchOutages
from clearing.case.case import Case
from clearing.case.horizon import Horizon
from clearing.case.offers import Offers
from clearing.case.units import StartCosts
from clearing.v1 import bids_pb2, case_pb2, network_pb2, reserves_pb2, storage_pb2, units_pb2
from clearing.wire import award_terms, contingencies, entry, hvdc, linear_limits, output_curves
from clearing.wire.columns import column, names, series
from clearing.wire.write_bids import bids
from clearing.wire.write_limits import limits
from clearing.wire.write_pumped import pumped_hydro
from clearing.wire.write_reserve_kinds import add_kinds
from clearing.wire.write_starts import add_starts


def case(table: Case) -> case_pb2.Case:
    """The whole case."""
    bus, periods = table.network.bus_id, table.horizon.periods
    pb = case_pb2.Case(
        name=table.name,
        horizon=horizon(table.horizon),
        participants=case_pb2.Participants(owner_id=table.participants.owner_id, plant_id=table.participants.plant_id),
        network=_network(table, periods),
        units=_units(table),
        renewables=_renewables(table),
        storage=_storage(table),
        ties=network_pb2.Ties(
            id=table.ties.id, bus=names(table.ties.bus, bus), import_mw=series(table.ties.import_mw, periods)
        ),
        loads=bids_pb2.Loads(id=table.loads.id, bus=names(table.loads.bus, bus), mw=series(table.loads.mw, periods)),
        reserves=_reserves(table),
        notes=table.notes,
    )
    limits(table, pb)
    bids(table, pb)
    hvdc.write(table, pb)
    linear_limits.write(table, pb)
    award_terms.write(table, pb)
    contingencies.write(table, pb)
    entry.write(table, pb)
    add_starts(pb, table)
    add_kinds(pb, table)
    pumped_hydro(table, pb)
    if table.commitment is not None:
        pb.commitment.use = case_pb2.CommitmentUse.ValueType(table.commitment.use)
        pb.commitment.on.extend(series(table.commitment.on, periods))
        pb.commitment.free_unit.extend(table.units.id[i] for i in table.commitment.free.tolist())
    return pb


def horizon(table: Horizon) -> case_pb2.Horizon:
    """The periods."""
    return case_pb2.Horizon(
        operating_day=table.operating_day.isoformat(),
        period_minutes=table.period_minutes,
        periods=table.periods,
        start_minute=table.start_minute,
    )


def _network(case_: Case, periods: int) -> network_pb2.Network:
    table, own = case_.network, case_.flow_penalties
    return network_pb2.Network(
        bus_id=table.bus_id,
        bus_zone=names(table.bus_zone, table.zone_id),
        bus_voltage_kv=column(table.bus_voltage_kv),
        zone_id=table.zone_id,
        branch_id=table.branch_id,
        branch_from=names(table.branch_from, table.bus_id),
        branch_to=names(table.branch_to, table.bus_id),
        branch_reactance_pu=column(table.branch_reactance_pu),
        branch_resistance_pu=column(table.branch_resistance_pu),
        branch_tap_ratio=column(table.branch_tap_ratio),
        branch_shift_degrees=column(table.branch_shift_degrees),
        branch_limit_mw=column(table.branch_limit_mw),
        branch_emergency_limit_mw=column(table.branch_emergency_limit_mw),
        branch_in_service=column(table.branch_in_service),
        interface_id=table.interface_id,
        interface_min_mw=series(table.interface_min_mw, periods),
        interface_max_mw=series(table.interface_max_mw, periods),
        term_interface=names(table.term_interface, table.interface_id),
        term_branch=names(table.term_branch, table.branch_id),
        term_coefficient=column(table.term_coefficient),
        penalty_branch=names(own.branch, table.branch_id),
        penalty_branch_price_per_mwh=column(own.branch_price_per_mwh),
        penalty_interface=names(own.interface, table.interface_id),
        penalty_interface_price_per_mwh=column(own.interface_price_per_mwh),
        branch_outages=_windows(table.branch_outages, table.branch_id),
        branch_limit_windows=_windows(table.branch_limit_windows, table.branch_id),
        bus_reference_weight=None if table.bus_reference_weight is None else column(table.bus_reference_weight),
        bus_loss_factor=None if table.bus_loss_factor is None else column(table.bus_loss_factor),
    )


def _windows(table: BranchOutages | BranchLimits, branch_id: Ids) -> network_pb2.BranchWindows | None:
    if not len(table.branch):
        return None
    pb = network_pb2.BranchWindows(
        branch=names(table.branch, branch_id),
        first_period=column(table.first_period),
        last_period=column(table.last_period),
    )
    if isinstance(table, BranchLimits):
        pb.limit_mw.extend(column(table.limit_mw))
        pb.emergency_limit_mw.extend(column(table.emergency_limit_mw))
    return pb


def _units(case_: Case) -> units_pb2.Units:
    table, periods = case_.units, case_.horizon.periods
    return units_pb2.Units(
        id=table.id,
        plant=names(table.plant, case_.participants.plant_id),
        owner=names(table.owner, case_.participants.owner_id),
        bus=names(table.bus, case_.network.bus_id),
        fuel=column(table.fuel),
        p_min_mw=series(table.p_min_mw, periods),
        p_max_mw=series(table.p_max_mw, periods),
        ramp_up_mw_per_minute=column(table.ramp_up_mw_per_minute),
        ramp_down_mw_per_minute=column(table.ramp_down_mw_per_minute),
        startup_limit_mw=column(table.startup_limit_mw),
        shutdown_limit_mw=column(table.shutdown_limit_mw),
        min_up_minutes=column(table.min_up_minutes),
        min_down_minutes=column(table.min_down_minutes),
        no_load_cost_per_hour=column(table.no_load_cost_per_hour),
        stop_cost=column(table.stop_cost),
        initial_on=column(table.initial_on),
        initial_minutes=column(table.initial_minutes),
        initial_mw=column(table.initial_mw),
        on_min=series(table.on_min, periods),
        on_max=series(table.on_max, periods),
        fixed_unit=names(table.fixed_unit, table.id),
        fixed_period=column(table.fixed_period),
        fixed_mw=column(table.fixed_mw),
        price_eligible=column(table.price_eligible),
        offers=_offers(table.offers, table.id, periods),
        start_costs=_start_costs(table.start_costs, table.id),
        startup_curves=output_curves.write(case_.startup_curves, table.id),
        shutdown_curves=output_curves.write(case_.shutdown_curves, table.id)
        if len(case_.shutdown_curves.unit)
        else None,
        price_ineligible_unit=names(case_.price_ineligible.unit, table.id),
        price_ineligible_period=column(case_.price_ineligible.period),
    )


def _start_costs(table: StartCosts, unit_id: Ids) -> units_pb2.StartCosts:
    return units_pb2.StartCosts(
        unit=names(table.unit, unit_id),
        state=column(table.state),
        after_minutes=column(table.after_minutes),
        inclusive=column(table.inclusive),
        cost=column(table.cost),
    )


def _offers(table: Offers, ids: Ids, periods: int) -> bids_pb2.Offers:
    return bids_pb2.Offers(
        resource=names(table.resource, ids),
        width_mw=series(table.width_mw, periods),
        price_per_mwh=series(table.price_per_mwh, periods),
    )


def _renewables(case_: Case) -> units_pb2.Renewables:
    table, periods = case_.renewables, case_.horizon.periods
    return units_pb2.Renewables(
        id=table.id,
        plant=names(table.plant, case_.participants.plant_id),
        owner=names(table.owner, case_.participants.owner_id),
        bus=names(table.bus, case_.network.bus_id),
        fuel=column(table.fuel),
        min_mw=series(table.min_mw, periods),
        forecast_mw=series(table.forecast_mw, periods),
        offers=_offers(table.offers, table.id, periods),
    )


def _storage(case_: Case) -> storage_pb2.Storage:
    table, periods = case_.storage, case_.horizon.periods
    return storage_pb2.Storage(
        id=table.id,
        plant=names(table.plant, case_.participants.plant_id),
        owner=names(table.owner, case_.participants.owner_id),
        bus=names(table.bus, case_.network.bus_id),
        charge_max_mw=series(table.charge_max_mw, periods),
        discharge_max_mw=series(table.discharge_max_mw, periods),
        charge_efficiency=series(table.charge_efficiency, periods),
        discharge_efficiency=series(table.discharge_efficiency, periods),
        energy_min_mwh=series(table.energy_min_mwh, periods),
        energy_max_mwh=series(table.energy_max_mwh, periods),
        initial_energy_mwh=column(table.initial_energy_mwh),
        final_energy_min_mwh=column(table.final_energy_min_mwh),
        final_energy_max_mwh=column(table.final_energy_max_mwh),
        charge_price_per_mwh=series(table.charge_price_per_mwh, periods),
        discharge_price_per_mwh=series(table.discharge_price_per_mwh, periods),
        charge_min_mw=_stated(table.charge_min_mw, periods),
        discharge_min_mw=_stated(table.discharge_min_mw, periods),
        self_discharge_per_hour=_stated(table.self_discharge_per_hour, periods),
        given_mode=_stated(table.given_mode, periods),
    )


def _stated(values: Floats | Ints, periods: int) -> list[Any]:
    """A series whose absence means 0."""
    return series(values, periods) if values.any() else []


def _reserves(case_: Case) -> reserves_pb2.Reserves:
    table, periods = case_.reserves, case_.horizon.periods
    every: Bools = np.asarray(table.covers_bus.all(axis=1))
    product, bus = np.nonzero(table.covers_bus & ~every[:, None])
    return reserves_pb2.Reserves(
        product_id=table.product_id,
        direction=column(table.direction),
        response_minutes=column(table.response_minutes),
        covers_every_bus=column(every),
        cover_product=names(product, table.product_id),
        cover_bus=names(bus, case_.network.bus_id),
        unit_max_mw=series(table.unit_max_mw, len(case_.units.id)),
        requirement_mw=series(table.requirement_mw, periods),
        positive_min_mw=_system(table.positive_min_mw, periods),
        positive_max_mw=_system(table.positive_max_mw, periods),
        negative_min_mw=_system(table.negative_min_mw, periods),
        shared_from=names(case_.reserve_sharing.shared_from, table.product_id),
        shared_to=names(case_.reserve_sharing.shared_to, table.product_id),
        step_product=names(case_.reserve_demand.step_product, table.product_id),
        step_mw=column(case_.reserve_demand.step_mw),
        step_price=column(case_.reserve_demand.step_price),
        offers=_reserve_offers(case_),
    )


def _reserve_offers(case_: Case) -> reserves_pb2.ReserveOffers | None:
    table, periods = case_.reserve_offers, case_.horizon.periods
    if not len(table.product):
        return None
    return reserves_pb2.ReserveOffers(
        product=names(table.product, case_.reserves.product_id),
        unit=names(table.unit, case_.units.id),
        width_mw=series(table.width_mw, periods),
        price_per_mw_hour=series(table.price_per_mw_hour, periods),
    )


def _system(values: Floats | None, periods: int) -> list[float]:
    return [] if values is None else series(values[None, :], periods)
