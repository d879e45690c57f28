"""Months under the secondary limit, message in and message out, against a plain reading of the rule."""

from __future__ import annotations

import numpy as np
import pytest

from clearing import pipeline
from clearing.v1 import clearing_service_pb2 as service
from clearing.v1.price_limits_pb2 import SOURCE_KIND_COAL, SOURCE_KIND_OTHER, DayResults, LimitPrices

T300, R300, R600, R1000, AUCTION, N = 400.0, 380.0, 370.0, 360.0, 375.0, 4
LIMITS = (1.05 * T300, max(R300, AUCTION), max((R300 + R600 + R1000) / 3.0, AUCTION))
"""420, then 380, then 375: the mean of the three is 370, below the auction."""


def request(rng: np.random.Generator, month: str, state: object) -> service.LimitPricesRequest:
    """A day of three sources in quarters; the third is out of scope and large."""
    energy, price = rng.uniform(0.0, 200.0, (3, 96)), rng.normal(390.0, 60.0, (3, 1)) + rng.normal(0.0, 80.0, (3, 96))
    energy[2] *= 50.0
    pb = service.LimitPricesRequest(
        day=DayResults(
            source=["a", "b", "c"], kind=[SOURCE_KIND_COAL, SOURCE_KIND_COAL, SOURCE_KIND_OTHER], owner=["x", "y", "z"],
            energy_mwh=energy.ravel(), price_per_mwh=price.ravel(), month=month, period_minutes=15, periods=96,
        ),
        prices=LimitPrices(test_300=T300, remeasured_300=R300, remeasured_600=R600, remeasured_1000=R1000,
                           auction_mean=AUCTION),
        state=state,
    )  # fmt: skip
    pb.rules.name = "fujian-2025-4"
    pb.rules.overrides.add(key="secondary_limit.days", value=str(N))
    return pb


@pytest.mark.parametrize("seed", range(6))
def test_clause_4_two_months_with_the_three_steps_of_beta(seed: int) -> None:
    """60 days: limit by step, step after N days above, all of it anew with the month; prices scaled, in their order."""
    rng, state, step, above, told = np.random.default_rng(seed), None, 0, 0, set()
    for day in range(60):
        month = f"2026-{5 + day // 30:02d}"
        if day == 30:
            step, above = 0, 0
        pb = request(rng, month, state)
        reply = service.LimitPricesResponse.FromString(pipeline.limit_prices(pb.SerializeToString()))
        energy = np.array(pb.day.energy_mwh).reshape(3, 96)
        price = np.round(np.array(pb.day.price_per_mwh).reshape(3, 96), 3)
        mean = (energy[:2] * price[:2]).sum() / energy[:2].sum()
        assert reply.limit_per_mwh == pytest.approx(LIMITS[step])
        assert reply.mean_per_mwh == pytest.approx(mean)
        assert reply.triggered == (mean > LIMITS[step])
        scaled = np.array([own.scaled_per_mwh for own in reply.owners])
        after = (energy[:2] * scaled[:2]).sum() / energy[:2].sum()
        assert after <= max(LIMITS[step], mean if mean <= LIMITS[step] else -np.inf) + 1e-9
        assert reply.scaled_mean_per_mwh == pytest.approx(after)
        order = np.argsort(price.ravel(), kind="stable")
        assert (np.diff(scaled.ravel()[order]) >= 0.0).all()
        if reply.triggered:
            assert after == pytest.approx(LIMITS[step], abs=2e-3)
        told.add(step)
        above += mean > LIMITS[step]
        if above >= N and step < 2:
            step, above = step + 1, 0
        assert (reply.state.month, reply.state.step, reply.state.days_above) == (month, step, above)
        state = reply.state
    assert told == {0, 1, 2}
