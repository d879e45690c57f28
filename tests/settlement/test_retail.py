"""Rows 29 and 31 to 33 of the Shandong parameters; every figure by hand, every form a reading."""

from __future__ import annotations

import pytest

from clearing.v1 import settlement_pb2 as pb2
from tests.settlement.months import MWH, RETAILER, USER, balances, items, settled, worked
from tests.settlement.test_clauses import YUAN
from tests.settlement.test_refused import faults


def retail() -> pb2.SettleRequest:
    """R sells packages of one kind to U, V and W, at 400, 410 and 500 for 300, 100 and 100 MWh: on average 422."""
    request = worked()
    people = request.participants
    for name, kind in (
        ("V", USER),
        ("W", USER),
        ("R", RETAILER),
    ):
        people.participant.append(name)
        people.kind.append(kind)
        people.node.append("B")
        people.capacity_kw.append(0)
        people.charge_class.append("")
    for column in (request.energy[0].ahead_tenth_kwh, request.energy[0].real_tenth_kwh):
        column.extend([0] * 6)
    request.retail.CopyFrom(
        pb2.RetailPackages(
            package=["a", "b", "c"], retailer=["R"] * 3, user=["U", "V", "W"], kind=["fixed"] * 3,
            price_milli=[400_000, 410_000, 500_000], agreed_tenth_kwh=[300 * MWH, 100 * MWH, 100 * MWH],
            used_tenth_kwh=[300 * MWH, 120 * MWH, 100 * MWH],
        )
    )  # fmt: skip
    request.rules.name = "shandong-trial"
    return request


def test_no_29_contracts_count_k1_times() -> None:
    """K1 = 1: 60 MWh a period. With 0.5, 30 MWh: G sells 60 MWh at 290, and 140 at 300 and 310."""
    request = worked()
    request.rules.name = "shandong-trial"
    assert items(settled(request), "G")["CONTRACT_PHYSICAL"] == 34_800 * YUAN
    reply = settled(request, contract_energy_factor="0.5")
    assert [items(reply, name)["CONTRACT_PHYSICAL"] for name in "GU"] == [17_400 * YUAN, -17_400 * YUAN]
    assert items(reply, "G")["DAY_AHEAD"] == 42_700 * YUAN


def test_no_31_a_package_dearer_than_its_kind_by_more_than_a_tenth_is_said() -> None:
    """1.1 · 422 = 464.2: the one at 500, and not where the rules have no such share."""
    reply = settled(retail())
    (found,) = (each for each in reply.findings if each.code == "RETAIL_PRICE_RISK")
    assert (found.path, found.subject, found.value, found.limit) == ("retail.price_milli[2]", "c", "500000", "≤ 464200")
    assert found.clause.endswith("no. 31")
    request = retail()
    request.retail.price_milli[2] = 449_000  # 1.1 · (400 · 300 + 410 · 100 + 449 · 100) / 500 = 452.98
    assert not settled(request).findings
    request.retail.kind[2] = "shared"  # alone of its kind
    request.retail.price_milli[2] = 900_000
    assert not settled(request).findings
    assert not settled(retail(), **{"retail.risk_share": "none"}).findings


def test_no_32_deviation_beyond_the_tolerance_at_a_share_of_the_price() -> None:
    """V uses 120 of 100 MWh: with 5 % free, 15 MWh at 20 % of 410 = 1,230."""
    request = retail()
    request.retail.assessment_millionths.extend([200_000] * 3)
    request.retail.tolerance_millionths.extend([50_000] * 3)
    reply = settled(request)
    assert [items(reply, name)["RETAIL"] for name in "UVW"] == [-120_000 * YUAN, -49_200 * YUAN, -50_000 * YUAN]
    assert items(reply, "R")["RETAIL"] == 219_200 * YUAN
    assert [items(reply, name).get("RETAIL_DEVIATION", 0) for name in "UVWR"] == [0, -1_230 * YUAN, 0, 1_230 * YUAN]
    assert "charges" not in balances(reply)
    request.retail.used_tenth_kwh[1] = 80 * MWH  # as far the other way
    assert items(settled(request), "V")["RETAIL_DEVIATION"] == -1_230 * YUAN


@pytest.mark.parametrize("share", [999, 999_001])
def test_no_32_a_share_outside_of_its_range_is_refused(share: int) -> None:
    request = retail()
    request.retail.assessment_millionths.extend([1_000, share, 999_000])
    assert faults(request) == {("OUT_OF_RANGE", "retail.assessment_millionths[1]")}


@pytest.mark.parametrize(
    ("remaining", "paid"), [(50_000, 10_000), (200_000, 40_000), (10_000_000, 2_000_000), (20_000_000, 2_000_000)]
)
def test_no_33_termination_is_a_share_of_what_is_left_between_c1_and_c2(remaining: int, paid: int) -> None:
    """b = 20 %, at least 10,000 and at most 2,000,000; who ends the package pays the other."""
    request = retail()
    request.retail.ended_by.extend(["", "V", "R"])
    request.retail.remaining_milli.extend([0, remaining * YUAN, 1_000_000 * YUAN])
    request.retail.termination_millionths.extend([0, 200_000, 200_000])
    reply = settled(request)
    found = [items(reply, name).get("RETAIL_TERMINATION", 0) for name in "UVWR"]
    assert found == [0, -paid * YUAN, 200_000 * YUAN, (paid - 200_000) * YUAN]


def test_no_33_terms_and_sides_that_cannot_be_are_refused() -> None:
    request = retail()
    request.retail.ended_by.extend(["", "V", ""])
    assert faults(request) == {("OUT_OF_RANGE", "retail.termination_millionths[1]")}  # b is required then
    request.retail.ended_by[1] = "W"
    request.retail.user[0] = "R"
    request.retail.kind.append("")
    assert faults(request) >= {("CONTRADICTION", "retail.ended_by[1]"), ("CONTRADICTION", "retail.user[0]")}


def test_charges_on_energy_used_reach_users_of_packages() -> None:
    request = retail()
    request.participants.charge_class[2] = "10 kV"
    request.charges.CopyFrom(
        pb2.SettlementCharges(charge=["t"], account=[30], basis=[2], rate=[100_000], charge_class=["10 kV"])  # type: ignore[list-item]
    )
    assert items(settled(request), "V")["TRANSMISSION"] == -12_000 * YUAN
