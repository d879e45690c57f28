from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from clearing.case.reserves import Direction
from clearing.report.about import SystemReserveRule
from clearing.report.balance import curtailed, supply
from clearing.report.figures.reserves import reserve_section, storage_help
from clearing.report.scale import scale
from clearing.report.topology import bus_load_mw, island_load_mwh, main_island
from clearing.report.zones import zone_prices
from tests import factory
from tests.report import example


def test_supply_less_sinks_is_the_load_of_a_balanced_schedule() -> None:
    case, result = example.two_units()
    assert result.schedule is not None
    layers = supply(case, result.schedule)
    assert [(layer.name, layer.role) for layer in layers] == [("Coal", "coal"), ("Gas", "gas")]
    np.testing.assert_allclose(sum(layer.mw for layer in layers), bus_load_mw(case).sum(axis=0))


def test_sinks_are_negative_and_every_resource_counts_once() -> None:
    case, result = example.province()
    schedule = result.schedule
    assert schedule is not None
    layers = {layer.role: layer.mw for layer in supply(case, schedule)}
    assert np.all(layers["charge"] <= 0)
    assert np.all(layers["export"] == -150)
    assert np.all(layers["import"] == 600)
    inside = schedule.dispatch_mw.sum(axis=0) + schedule.renewable_mw.sum(axis=0)
    inside = inside + (schedule.discharge_mw - schedule.charge_mw).sum(axis=0) + 450.0
    np.testing.assert_allclose(sum(layers.values()), inside)


def test_shed_load_and_surplus_are_layers() -> None:
    case, result = example.two_units()
    assert result.schedule is not None
    short = replace(result.schedule, shed_mw=np.full((1, 4), 3.0), surplus_mw=np.full((1, 4), 2.0))
    layers = {layer.role: layer.mw[0] for layer in supply(case, short)}
    assert (layers["shed"], layers["surplus"]) == (3.0, -2.0)


def test_curtailed_is_what_the_forecast_offered_and_nobody_used() -> None:
    case = factory.market(load=[5.0, 5.0], renewables=[{"id": "w", "forecast": [10.0, 4.0]}])
    schedule = replace(example.schedule_of(case, np.zeros((0, 2)), np.zeros((0, 2))), renewable_mw=np.array([[5.0, 4]]))
    assert curtailed(case, schedule).tolist() == [5.0, 0.0]


def test_the_island_with_the_greatest_load_is_the_main_one() -> None:
    case = factory.market(
        load={"a": [1.0], "b": [1.0], "c": [50.0], "d": [9.0], "e": [2.0]},
        branches=[
            {"id": "ad", "ends": ("d", "a")},
            {"id": "ce", "ends": ("c", "e")},
            {"id": "out", "ends": ("a", "b"), "on": False},
        ],
    )
    assert island_load_mwh(case).tolist() == [10.0, 1.0, 52.0]
    assert main_island(case) == 2


def test_parts_of_a_zone_add_up_to_its_load_weighted_price() -> None:
    case, result = example.province(units=8, per_zone=3, periods=4)
    assert result.prices is not None
    zones = zone_prices(case, result.prices)
    assert [z.name for z in zones] == list(case.network.zone_id)
    for z, zone in enumerate(zones):
        np.testing.assert_allclose(zone.price, result.prices.zone_price[z])
        np.testing.assert_allclose(zone.price, zone.energy + zone.congestion + zone.loss + zone.cap_adjustment)


def test_zone_without_load_is_a_plain_mean_and_loose_buses_are_shown() -> None:
    case = factory.market(load={"a": [0.0], "b": [0.0], "c": [5.0]}, zones={"a": "z", "b": "z"})
    _, result = example.two_units()
    prices = result.prices
    assert prices is not None
    bus = np.array([[10.0], [30.0], [7.0]])
    prices = replace(
        prices,
        bus_price=bus,
        bus_energy=bus.copy(),
        bus_congestion=bus * 0,
        bus_loss=bus * 0,
        bus_cap_adjustment=bus * 0,
    )
    assert [(z.name, z.price.tolist()) for z in zone_prices(case, prices)] == [
        ("z", [20.0]),
        ("Buses without a zone", [7.0]),
    ]


def test_reserve_panels_count_only_covered_units_and_name_the_tightest_margin() -> None:
    case = factory.market(
        load={"a": [10.0, 10.0], "b": [10.0, 10.0]},
        units=[{"id": "at-a", "bus": "a", "p_max": 30}, {"id": "at-b", "bus": "b", "p_max": 30}],
        products=[{"id": "up-a", "requirement": 6.0, "buses": ["a"], "direction": Direction.UP}],
        positive_min_mw=[10.0, 25.0],
    )
    schedule = example.schedule_of(case, np.ones((2, 2)), np.full((2, 2), 10.0))
    schedule = replace(schedule, reserve_mw=np.array([[[5.0, 6.0], [9.0, 9.0]]]))
    product, positive, headroom, negative = reserve_section(case, schedule, None, SystemReserveRule(None, 35.0)).small
    assert [t["y"] for t in product.traces] == [[5.0, 6.0], [1.0, 0.0], [6.0, 6.0, 6.0, 6.0]]
    assert positive.traces[0]["y"] == [40.0, 40.0]
    assert positive.note == "tightest margin 15.0 MW in 02:00"
    assert headroom.note == "tightest margin −5.0 MW in 01:00"
    assert negative.note == "no limit in the case or the rule set"


@pytest.mark.parametrize(("minutes", "held"), [(60.0, 9.0), (30.0, 18.0), (6.0, 20.0)])
def test_storage_helps_by_power_or_by_energy(minutes: float, held: float) -> None:
    row = {"id": "s", "power": 20.0, "energy": 40.0, "initial": 10.0, "eta": 0.9}
    case = factory.market(load=[5.0], storage=[row])
    schedule = replace(example.schedule_of(case, np.zeros((0, 1)), np.zeros((0, 1))), energy_mwh=np.array([[10.0]]))
    assert storage_help(case, schedule, minutes).tolist() == pytest.approx([held])


def test_a_spike_does_not_wash_out_the_rest_and_is_said() -> None:
    quiet = np.linspace(20.0, 40.0, 95)
    whole = scale(quiet)
    assert (whole.low, whole.high, whole.cut, whole.note) == (20.0, 40.0, False, "")
    spiked = scale(np.append(quiet, 1000.0))
    assert spiked.cut
    assert spiked.low == 20.0
    assert 40.0 < spiked.high < 80.0
    assert spiked.note.endswith("though values run to 1,000.00.")
    both = scale(np.concatenate([[-500.0], quiet, [1000.0]]))
    assert both.note.endswith("though values run to −500.00 and 1,000.00.")


def test_scale_of_a_constant_of_nothing_and_of_nan() -> None:
    assert not scale(np.full(96, 30.0)).cut
    assert not scale(np.array([])).cut
    assert scale(np.array([np.nan, 1.0, 2.0])).most == 2.0


def test_what_branches_lose_is_a_layer_where_the_rules_have_losses() -> None:
    case, result = example.two_units()
    assert result.schedule is not None
    more = replace(result.schedule, dispatch_mw=result.schedule.dispatch_mw + 1.0)
    layers = {layer.name: layer.mw[0] for layer in supply(case, more, lossy=True)}
    assert layers["Losses of branches"] == pytest.approx(-2.0)
    assert "Losses of branches" not in {layer.name for layer in supply(case, result.schedule, lossy=True)}
