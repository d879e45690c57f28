"""Approved cost: coal by its index, gas by LNG, regasification and pipe, blocks of offers, class test prices."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from clearing.market_power.costs import GasPrice, block_costs, filled, index_price, no_costs
from clearing.rules.load import load
from clearing.v1 import market_power_pb2
from clearing.wire import read_costs
from tests.factory import market

RULES = load("shandong-trial").market.approved_cost


def test_no_15_coal_is_the_mean_of_two_weeks_of_the_index_times_1_1() -> None:
    """Seven days at 700 and seven at 720: 710 · 1.1 = 781."""
    days = np.array([700.0] * 7 + [720.0] * 7)
    assert index_price(days, RULES.coal_index_factor) == pytest.approx(781.0)


def test_no_15_gas_by_lng_regasification_and_pipe_at_4_9_kwh() -> None:
    """4500 a tonne at 1400 Nm³ are 3.2143; with 0.3 and 0.2 that is 3.7143 a Nm³, 758.02 a MWh at 4.9 kWh."""
    price = GasPrice(4500.0, 1400.0, 0.3, 0.2)
    assert price.per_nm3 == pytest.approx(3.714286, abs=1e-6)
    kwh, none = np.array([RULES.gas_9f_kwh_per_nm3]), np.zeros(1)
    np.testing.assert_allclose(price.per_mwh(kwh, none), [758.0175], atol=1e-4)
    np.testing.assert_allclose(price.per_mwh(kwh, np.array([0.02])), [758.0175 / 0.98], atol=1e-3)


def test_costs_of_the_annex_over_the_wire_block_by_block() -> None:
    """The unit of the Jiangsu annex, 5 % auxiliary: blocks of 0 to 1000, 1300, 1600 and 2000 MW gross, by period, have
    their middles at 500, 650, 800 and 1000 MW."""
    case = market([100.0] * 4, units=[{"id": "u", "p_max": 1900, "price": 400.0}])
    width = np.array([[1000.0, 1300.0, 1600.0, 2000.0]]) * 0.95
    case = replace(case, units=replace(case.units, offers=replace(case.units.offers, width_mw=width)))
    coal = market_power_pb2.CoalCosts(
        unit=["u"], fuel_quadratic=[0.0078], fuel_linear=[240.67], coal_price_per_tonne=[1040.0],
        coal_kcal_per_kg=[5500.0], auxiliary_share=[0.05],
    )  # fmt: skip
    costs, findings = read_costs.read(market_power_pb2.ApprovedCosts(coal=coal), case, RULES)
    assert findings == []
    assert costs is not None
    of_units, _, _ = block_costs(case, costs)
    assert np.round(of_units, 2).tolist() == [[346.19, 349.45, 352.71, 357.06]]


def test_coal_by_its_index_over_the_wire() -> None:
    case = market([100.0], units=[{"id": "u", "p_max": 100, "price": 1}])
    coal = market_power_pb2.CoalCosts(
        unit=["u"], fuel_quadratic=[0.0], fuel_linear=[300.0], coal_kcal_per_kg=[7000.0], auxiliary_share=[0.0],
        index_per_tonne=[700.0] * 7 + [720.0] * 7,
    )  # fmt: skip
    costs, _ = read_costs.read(market_power_pb2.ApprovedCosts(coal=coal), case, RULES)
    assert costs is not None
    assert block_costs(case, costs)[0][0, 0] == pytest.approx(300 * 0.781)  # 300 kg a MWh at 0.781 a kg
    both = market_power_pb2.ApprovedCosts(coal=coal)
    both.coal.coal_price_per_tonne.append(800.0)
    _, findings = read_costs.read(both, case, RULES)
    assert [f.code for f in findings] == ["CONTRADICTION"]


def test_blocks_fill_from_the_lowest_and_an_end_belongs_to_its_block() -> None:
    case = market([10.0], units=[{"id": "u", "p_max": 100, "blocks": [(40, 10), (60, 20)]}])
    for output, taken in ((0.0, [0, 0]), (40.0, [40, 0]), (41.0, [40, 1]), (100.0, [40, 60])):
        assert filled(case.units.offers, np.array([[output]]))[:, 0].tolist() == taken


def test_a_resource_without_cost_is_not_tested() -> None:
    case = market([10.0], units=[{"id": "u", "p_max": 100, "price": 1}])
    assert np.isnan(block_costs(case, no_costs(case))[0]).all()
    known = replace(no_costs(case), unit_per_mwh=np.array([5.0]))
    assert block_costs(case, known)[0].tolist() == [[5.0]]
