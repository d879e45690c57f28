"""The example of the Jiangsu cost annex, and what follows from the formula."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from clearing.market_power.approved_cost import ApprovedCosts

OUTPUT_MW = np.array([[1000.0, 800.0, 650.0, 500.0]])


def annex(**more: float) -> ApprovedCosts:
    """1000 MW; y = 0.0078x² + 240.67x + 24143 kg/h; coal of 5500 kcal/kg at 1040 a tonne; 5 % used in the plant."""
    figures = {
        "fuel_quadratic": 0.0078, "fuel_linear": 240.67, "fuel_constant": 24143.0, "coal_price_per_tonne": 1040.0,
        "coal_kcal_per_kg": 5500.0, "auxiliary_share": 0.05,
    }  # fmt: skip
    return ApprovedCosts(**{name: np.array([value]) for name, value in (figures | more).items()})


def test_the_figures_of_the_annex() -> None:
    """357.06, 352.71, 349.45 and 346.19 yuan/MWh at 1000, 800, 650 and 500 MW, to the printed digits."""
    assert np.round(annex().marginal_per_mwh(OUTPUT_MW), 2).tolist() == [[357.06, 352.71, 349.45, 346.19]]


def test_the_marginal_cost_is_the_slope_of_the_fuel_cost_per_mwh_sold() -> None:
    costs, step = annex(), 1e-3
    slope = (costs.fuel_cost_per_hour(OUTPUT_MW + step) - costs.fuel_cost_per_hour(OUTPUT_MW - step)) / (2 * step)
    np.testing.assert_allclose(costs.marginal_per_mwh(OUTPUT_MW), slope / 0.95, rtol=1e-7)


def test_blocks_add_up_to_the_fuel_they_burn() -> None:
    costs = annex()
    points = np.array([[400.0, 550.0, 800.0, 1000.0]])
    burnt = np.diff(costs.fuel_cost_per_hour(points))
    np.testing.assert_allclose(costs.block_per_mwh(points) * np.diff(points) * 0.95, burnt, rtol=1e-12)


def test_worse_coal_costs_more_by_its_calorific_value_and_other_costs_are_added() -> None:
    better, worse = annex().marginal_per_mwh(OUTPUT_MW), annex(coal_kcal_per_kg=5000.0).marginal_per_mwh(OUTPUT_MW)
    np.testing.assert_allclose(worse / better, 1.1)
    np.testing.assert_allclose(annex(other_per_mwh=12.5).marginal_per_mwh(OUTPUT_MW), better + 12.5)


def test_every_unit_by_its_own_figures() -> None:
    both = ApprovedCosts(*(np.repeat(getattr(annex(), name), 2) for name in annex().__slots__))
    both = replace(both, coal_price_per_tonne=np.array([1040.0, 520.0]))
    found = both.marginal_per_mwh(np.repeat(OUTPUT_MW, 2, axis=0))
    np.testing.assert_allclose(found[0], 2 * found[1])


@pytest.mark.parametrize(
    "wrong",
    [{"coal_kcal_per_kg": 0.0}, {"auxiliary_share": 1.0}, {"auxiliary_share": -0.1}, {"coal_price_per_tonne": -1.0},
     {"fuel_linear": np.nan}],
)  # fmt: skip
def test_figures_that_cannot_be_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"needs|share"):
        annex(**wrong)
