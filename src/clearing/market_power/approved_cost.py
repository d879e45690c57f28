"""Approved cost of coal-fired units: fuel curve, price of coal at its calorific value, auxiliary use.

    cost(x)     = (a·x² + b·x + c) · k                                     money an hour, x = gross MW, fuel in kg/h
    k           = price/1000 · 7000/q                                      money per kg of standard coal
    marginal(x) = (2·a·x + b) · k / (1 − auxiliary) + other                money per MWh that leaves the plant

Standard coal has 7000 kcal/kg; `price` is money per tonne of coal of q kcal/kg, delivered. A MWh sold needs
1/(1 − auxiliary) MWh at the generator. `other` is variable cost beside fuel. Source: cost annex of the Jiangsu spot
market rules (trial), whose example is the test of this file; fuel curves and auxiliary rates are approved by unit.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from clearing.case.arrays import Floats, freeze

STANDARD_COAL_KCAL_PER_KG = 7000.0
KG_PER_TONNE = 1000.0


@dataclass(frozen=True, slots=True)
class ApprovedCosts:
    """N units; raises ValueError where a figure cannot be one (auxiliary outside [0, 1), calorific value ≤ 0 …).

    fuel_quadratic (N)            kg of standard coal an hour per MW²
    fuel_linear (N)               kg/MWh
    fuel_constant (N)             kg/h
    coal_price_per_tonne (N)      of coal as delivered
    coal_kcal_per_kg (N)          its calorific value
    auxiliary_share (N)           of gross output, used in the plant
    other_per_mwh (N)             variable cost beside fuel, per MWh that leaves the plant; 0 where left out
    """

    fuel_quadratic: Floats
    fuel_linear: Floats
    fuel_constant: Floats
    coal_price_per_tonne: Floats
    coal_kcal_per_kg: Floats
    auxiliary_share: Floats
    other_per_mwh: Floats = field(default_factory=lambda: np.zeros(0))

    def __post_init__(self) -> None:
        if not len(self.other_per_mwh):
            object.__setattr__(self, "other_per_mwh", np.zeros(len(self.fuel_linear)))
        freeze(self)
        every = [getattr(self, name) for name in self.__slots__]
        if len({column.shape for column in every}) != 1 or not all(np.isfinite(column).all() for column in every):
            raise ValueError("every unit needs every figure, and each a finite one")
        if (self.coal_kcal_per_kg <= 0).any() or (self.coal_price_per_tonne < 0).any():
            raise ValueError("coal needs a calorific value above 0 and a price of at least 0")
        if ((self.auxiliary_share < 0) | (self.auxiliary_share >= 1)).any():
            raise ValueError("auxiliary use is a share in [0, 1)")

    @property
    def standard_coal_price_per_kg(self) -> Floats:
        """k (N): money per kg of standard coal."""
        return self.coal_price_per_tonne / KG_PER_TONNE * (STANDARD_COAL_KCAL_PER_KG / self.coal_kcal_per_kg)

    def fuel_cost_per_hour(self, gross_mw: Floats) -> Floats:
        """Money an hour at gross outputs (N, …)."""
        a, b, c, price = self._beside(gross_mw, "fuel_quadratic", "fuel_linear", "fuel_constant", "")
        return np.asarray((a * gross_mw**2 + b * gross_mw + c) * price)

    def marginal_per_mwh(self, gross_mw: Floats) -> Floats:
        """Cost of one more MWh sold at gross outputs (N, …)."""
        a, b, auxiliary, other, price = self._beside(
            gross_mw, "fuel_quadratic", "fuel_linear", "auxiliary_share", "other_per_mwh", ""
        )
        return np.asarray((2.0 * a * gross_mw + b) * price / (1.0 - auxiliary) + other)

    def block_per_mwh(self, points_mw: Floats) -> Floats:
        """Mean cost of a MWh sold between neighbouring gross outputs (N, K): what offer blocks (N, K − 1) may cost."""
        return self.marginal_per_mwh(0.5 * (points_mw[:, 1:] + points_mw[:, :-1]))  # exact: the slope is linear

    def _beside(self, shape_of: Floats, *names: str) -> list[Floats]:
        """Columns that broadcast over the trailing axes of an array; '' = price of standard coal."""
        columns = [getattr(self, name) if name else self.standard_coal_price_per_kg for name in names]
        return [column.reshape(-1, *(1,) * (np.ndim(shape_of) - 1)) for column in columns]
