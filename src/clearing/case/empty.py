"""Tables without rows, for cases that lack a kind of resource, and the one-bus network."""

from __future__ import annotations

import numpy as np

from clearing.case.network import Network
from clearing.case.offers import Offers
from clearing.case.reserves import Reserves
from clearing.case.resources import Loads, Renewables, Storage, Ties
from clearing.case.units import StartCosts, Units

SYSTEM_BUS = "system"


def _index() -> np.ndarray:
    return np.zeros(0, dtype=np.int64)


def _column() -> np.ndarray:
    return np.zeros(0)


def _series(periods: int) -> np.ndarray:
    return np.zeros((0, periods))


def copper_plate(periods: int) -> Network:
    """One bus named `system`, no branch, no interface."""
    return Network(
        bus_id=(SYSTEM_BUS,),
        bus_zone=np.full(1, -1, dtype=np.int64),
        bus_voltage_kv=np.zeros(1),
        zone_id=(),
        branch_id=(),
        branch_from=_index(),
        branch_to=_index(),
        branch_reactance_pu=_column(),
        branch_resistance_pu=_column(),
        branch_tap_ratio=_column(),
        branch_shift_degrees=_column(),
        branch_limit_mw=_column(),
        branch_emergency_limit_mw=_column(),
        branch_in_service=np.zeros(0, dtype=np.bool_),
        interface_id=(),
        interface_min_mw=_series(periods),
        interface_max_mw=_series(periods),
        term_interface=_index(),
        term_branch=_index(),
        term_coefficient=_column(),
    )


def no_offers(periods: int) -> Offers:
    """Curves without blocks."""
    return Offers(resource=_index(), width_mw=_series(periods), price_per_mwh=_series(periods))


def no_start_costs() -> StartCosts:
    """Every unit starts for nothing."""
    return StartCosts(
        unit=_index(), state=_index(), after_minutes=_index(), inclusive=np.zeros(0, dtype=np.bool_), cost=_column()
    )


def no_units(periods: int) -> Units:
    """No committed unit."""
    return Units(
        id=(),
        plant=_index(),
        owner=_index(),
        bus=_index(),
        fuel=_index(),
        p_min_mw=_series(periods),
        p_max_mw=_series(periods),
        ramp_up_mw_per_minute=_column(),
        ramp_down_mw_per_minute=_column(),
        startup_limit_mw=_column(),
        shutdown_limit_mw=_column(),
        min_up_minutes=_index(),
        min_down_minutes=_index(),
        no_load_cost_per_hour=_column(),
        stop_cost=_column(),
        initial_on=np.zeros(0, dtype=np.bool_),
        initial_minutes=_index(),
        initial_mw=_column(),
        on_min=np.zeros((0, periods), dtype=np.int8),
        on_max=np.zeros((0, periods), dtype=np.int8),
        fixed_unit=_index(),
        fixed_period=_index(),
        fixed_mw=_column(),
        price_eligible=np.zeros(0, dtype=np.bool_),
        offers=no_offers(periods),
        start_costs=no_start_costs(),
    )


def no_renewables(periods: int) -> Renewables:
    """No renewable site."""
    return Renewables(
        id=(),
        plant=_index(),
        owner=_index(),
        bus=_index(),
        fuel=_index(),
        min_mw=_series(periods),
        forecast_mw=_series(periods),
        offers=no_offers(periods),
    )


def no_storage(periods: int) -> Storage:
    """No storage unit."""
    return Storage(
        id=(),
        plant=_index(),
        owner=_index(),
        bus=_index(),
        charge_max_mw=_series(periods),
        discharge_max_mw=_series(periods),
        charge_efficiency=_column(),
        discharge_efficiency=_column(),
        energy_min_mwh=_column(),
        energy_max_mwh=_column(),
        initial_energy_mwh=_column(),
        final_energy_min_mwh=_column(),
        final_energy_max_mwh=_column(),
        charge_price_per_mwh=_series(periods),
        discharge_price_per_mwh=_series(periods),
    )


def no_ties(periods: int) -> Ties:
    """No tie line."""
    return Ties(id=(), bus=_index(), import_mw=_series(periods))


def no_loads(periods: int) -> Loads:
    """No load."""
    return Loads(id=(), bus=_index(), mw=_series(periods))


def no_reserves(buses: int, units: int, periods: int) -> Reserves:
    """No reserve product and no system reserve in the case (the rule set may still have one)."""
    return Reserves(
        product_id=(),
        direction=_index(),
        response_minutes=_column(),
        covers_bus=np.zeros((0, buses), dtype=np.bool_),
        unit_max_mw=np.zeros((0, units)),
        requirement_mw=_series(periods),
    )
