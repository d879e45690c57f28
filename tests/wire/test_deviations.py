"""ChargeDeviations, message in and message out: both versions, owners apart, every fault at once."""

from __future__ import annotations

import pytest

from clearing import pipeline
from clearing.v1 import clearing_service_pb2 as service
from clearing.v1.price_limits_pb2 import DEVIATION_KIND_GUARANTEED, DEVIATION_KIND_MARKET, ClassCUnits, PlanDeviations
from clearing.wire.errors import InvalidRequest


def request(name: str) -> service.ChargeDeviationsRequest:
    """m sells 10 MWh more and 5 less than its contracts, g likewise; no auction price in the first period."""
    pb = service.ChargeDeviationsRequest(
        class_c=ClassCUnits(
            unit=["m", "g"], owner=["x", "y"], kind=[DEVIATION_KIND_MARKET, DEVIATION_KIND_GUARANTEED],
            actual_mwh=[110, 95, 110, 95], contract_mwh=[100, 100], approved_per_mwh=[390, 390],
            contract_mean_per_mwh=[410, 420, 410, 420], auction_per_mwh=[0, 370], period_without_auction=[0],
            auction_mean_per_mwh=380, periods=2,
        ),
        plans=PlanDeviations(
            unit=["m"], owner=["x"], plan_mw=[100, 100], actual_mw=[97, 103], agent_price_per_mwh=400,
            period_minutes=60, periods=2,
        ),
    )  # fmt: skip
    pb.rules.name = name
    return pb


def charged(name: str) -> dict[str, tuple[list[float], list[float]]]:
    raw = pipeline.charge_deviations(request(name).SerializeToString())
    owners = service.ChargeDeviationsResponse.FromString(raw).owners
    return {own.owner_id: (list(own.class_c_charge), list(own.article_61_charge)) for own in owners}


def test_both_versions_over_the_wire() -> None:
    """2024: 10 · 390, −5 · 420, and 6 MWh of 200 at 400; 2025-4: 10 · 380 (latest auction mean), no article 61."""
    assert charged("fujian-2024") == {"x": ([3900.0, -2100.0], [2400.0]), "y": ([3900.0, -1950.0], [])}
    assert charged("fujian-2025-4") == {"x": ([3800.0, -2100.0], [0.0]), "y": ([3900.0, -1950.0], [])}
    assert charged("generic") == {"x": ([0.0, 0.0], [0.0]), "y": ([0.0, 0.0], [])}


def test_every_fault_at_once() -> None:
    pb = request("fujian-2024")
    pb.class_c.actual_mwh[0] = -1.0
    pb.class_c.kind[1] = 9  # type: ignore[call-overload]
    pb.class_c.period_without_auction.append(7)
    pb.class_c.approved_per_mwh[0] = float("nan")
    pb.plans.period_minutes = 7
    pb.plans.exempt.extend([0, 2])
    with pytest.raises(InvalidRequest) as refused:
        pipeline.charge_deviations(pb.SerializeToString())
    assert {
        ("OUT_OF_RANGE", "class_c.actual_mwh[0]"), ("UNKNOWN_ENUM", "class_c.kind[1]"),
        ("OUT_OF_RANGE", "class_c.period_without_auction[1]"), ("OUT_OF_RANGE", "class_c.approved_per_mwh[0]"),
        ("OUT_OF_RANGE", "plans.period_minutes"), ("OUT_OF_RANGE", "plans.exempt[0]"),
    } <= {(f.code, f.path) for f in refused.value.findings}  # fmt: skip


def test_an_empty_request_charges_nothing() -> None:
    raw = pipeline.charge_deviations(service.ChargeDeviationsRequest().SerializeToString())
    assert not service.ChargeDeviationsResponse.FromString(raw).owners
