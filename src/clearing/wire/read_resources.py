"""Proto → units, renewables, storage."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearing.case.arrays import Floats
from clearing.case.offers import Offers
from clearing.case.price_ineligible import NONE_INELIGIBLE, PriceIneligible
from clearing.case.resources import Renewables, Storage, StorageMode
from clearing.case.units import Fuel, StartCosts, StartState, Units
from clearing.v1 import bids_pb2, storage_pb2, units_pb2
from clearing.wire.fields import Index, Table, index_of
from clearing.wire.problems import Problems

_UNITS = frozenset(
    {
        "id", "plant", "owner", "bus", "fuel", "p_min_mw", "p_max_mw", "ramp_up_mw_per_minute",
        "ramp_down_mw_per_minute", "startup_limit_mw", "shutdown_limit_mw", "min_up_minutes", "min_down_minutes",
        "no_load_cost_per_hour", "stop_cost", "initial_on", "initial_minutes", "initial_mw", "on_min", "on_max",
        "fixed_unit", "fixed_period", "fixed_mw", "price_eligible", "offers", "start_costs", "mw_basis",
        "startup_curves", "shutdown_curves", "max_starts", "max_stops", "lead_reference_minute",
        "regulation_mw_per_minute", "auxiliary_rate", "heat_min_mw", "price_ineligible_unit",
        "price_ineligible_period",
    }
)  # fmt: skip
_START_COSTS = frozenset({"unit", "state", "after_minutes", "inclusive", "cost", "lead_minutes"})
_STORAGE = frozenset(
    {
        "id", "plant", "owner", "bus", "charge_max_mw", "discharge_max_mw", "charge_efficiency",
        "discharge_efficiency", "energy_min_mwh", "energy_max_mwh", "initial_energy_mwh", "final_energy_min_mwh",
        "final_energy_max_mwh", "charge_price_per_mwh", "discharge_price_per_mwh", "max_cycles",
        "charge_min_mw", "discharge_min_mw", "self_discharge_per_hour", "given_mode",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Names:
    """Rows by id of the tables that resources refer to."""

    owner: Index
    plant: Index
    bus: Index


def units(pb: units_pb2.Units, names: Names, periods: int, problems: Problems) -> Units:
    """Units with their offers and start costs, MW as the message states them (`wire.unit_basis` makes them net)."""
    path = "case.units"
    problems.only(pb, path, _UNITS)
    table = Table(pb, path, "id", periods, problems)
    fixed = Table(pb, path, "fixed_unit", periods, problems)
    ids = table.ids("id")
    row = index_of(ids)
    return Units(
        id=ids,
        plant=table.references("plant", names.plant, optional=True),
        owner=table.references("owner", names.owner, optional=True),
        bus=table.references("bus", names.bus),
        fuel=table.enum("fuel", Fuel, optional=True),
        p_min_mw=table.series("p_min_mw"),
        p_max_mw=table.series("p_max_mw"),
        ramp_up_mw_per_minute=table.floats("ramp_up_mw_per_minute", np.inf),
        ramp_down_mw_per_minute=table.floats("ramp_down_mw_per_minute", np.inf),
        startup_limit_mw=table.floats("startup_limit_mw", np.inf),
        shutdown_limit_mw=table.floats("shutdown_limit_mw", np.inf),
        min_up_minutes=table.whole("min_up_minutes", 0),
        min_down_minutes=table.whole("min_down_minutes", 0),
        no_load_cost_per_hour=table.floats("no_load_cost_per_hour", 0.0),
        stop_cost=table.floats("stop_cost", 0.0),
        initial_on=table.bools("initial_on"),
        initial_minutes=table.whole("initial_minutes"),
        initial_mw=table.floats("initial_mw"),
        on_min=table.flags("on_min", 0),
        on_max=table.flags("on_max", 1),
        fixed_unit=fixed.references("fixed_unit", row),
        fixed_period=fixed.periods_of("fixed_period"),
        fixed_mw=fixed.floats("fixed_mw"),
        price_eligible=table.bools("price_eligible", True),
        offers=offers(pb.offers, f"{path}.offers", row, periods, problems),
        start_costs=_start_costs(pb.start_costs, row, periods, problems),
    )


def price_ineligible(pb: units_pb2.Units, row: Index, periods: int, problems: Problems) -> PriceIneligible:
    """Cells of units that are held in the pricing run."""
    table = Table(pb, "case.units", "price_ineligible_unit", periods, problems)
    if not table.rows:
        return NONE_INELIGIBLE
    return PriceIneligible(table.references("price_ineligible_unit", row), table.periods_of("price_ineligible_period"))


def renewables(pb: units_pb2.Renewables, names: Names, periods: int, problems: Problems) -> Renewables:
    """Renewable sites with their offers."""
    path = "case.renewables"
    problems.only(pb, path)
    table = Table(pb, path, "id", periods, problems)
    ids = table.ids("id")
    return Renewables(
        id=ids,
        plant=table.references("plant", names.plant, optional=True),
        owner=table.references("owner", names.owner, optional=True),
        bus=table.references("bus", names.bus),
        fuel=table.enum("fuel", Fuel, optional=True),
        min_mw=table.series("min_mw", 0.0),
        forecast_mw=table.series("forecast_mw"),
        offers=offers(pb.offers, f"{path}.offers", index_of(ids), periods, problems),
    )


def storage(pb: storage_pb2.Storage, names: Names, periods: int, problems: Problems) -> Storage:
    """Storage units."""
    path = "case.storage"
    problems.only(pb, path, _STORAGE)
    table = Table(pb, path, "id", periods, problems)
    least = table.series("energy_min_mwh", 0.0)
    most = table.series("energy_max_mwh")
    return Storage(
        id=table.ids("id"),
        plant=table.references("plant", names.plant, optional=True),
        owner=table.references("owner", names.owner, optional=True),
        bus=table.references("bus", names.bus),
        charge_max_mw=table.series("charge_max_mw"),
        discharge_max_mw=table.series("discharge_max_mw"),
        charge_efficiency=table.series("charge_efficiency", 1.0),
        discharge_efficiency=table.series("discharge_efficiency", 1.0),
        energy_min_mwh=least,
        energy_max_mwh=most,
        initial_energy_mwh=table.floats("initial_energy_mwh"),
        final_energy_min_mwh=table.floats("final_energy_min_mwh", _last(least)),
        final_energy_max_mwh=table.floats("final_energy_max_mwh", _last(most)),
        charge_price_per_mwh=table.series("charge_price_per_mwh", 0.0),
        discharge_price_per_mwh=table.series("discharge_price_per_mwh", 0.0),
        charge_min_mw=table.series("charge_min_mw", 0.0),
        discharge_min_mw=table.series("discharge_min_mw", 0.0),
        self_discharge_per_hour=table.series("self_discharge_per_hour", 0.0),
        given_mode=table.enum_series("given_mode", StorageMode),
    )


def _last(series: Floats) -> Floats:
    """Values of the last period."""
    return np.asarray(series[:, -1]) if series.shape[1] else np.zeros(len(series))


def offers(pb: bids_pb2.Offers, path: str, row: Index, periods: int, problems: Problems) -> Offers:
    """Offer curves of the table whose rows `row` knows."""
    problems.only(pb, path)
    table = Table(pb, path, "resource", periods, problems)
    return Offers(
        resource=table.references("resource", row),
        width_mw=table.series("width_mw"),
        price_per_mwh=table.series("price_per_mwh"),
    )


def _start_costs(pb: units_pb2.StartCosts, row: Index, periods: int, problems: Problems) -> StartCosts:
    path = "case.units.start_costs"
    problems.only(pb, path, _START_COSTS)
    table = Table(pb, path, "unit", periods, problems)
    return StartCosts(
        unit=table.references("unit", row),
        state=table.enum("state", StartState, optional=True),
        after_minutes=table.whole("after_minutes"),
        inclusive=table.bools("inclusive", True),
        cost=table.floats("cost"),
    )
