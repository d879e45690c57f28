"""Malformed rounds are refused with all findings at once; what was sent is never lost in silence."""

from __future__ import annotations

import pytest

from clearing.v1 import substitution_pb2 as pb2
from clearing.wire.errors import InvalidRequest
from tests.substitution import rounds


def refused(pb: pb2.ClearSubstitutionRequest) -> set[tuple[str, str]]:
    """Codes and paths of a refusal, the same from both calls."""
    with pytest.raises(InvalidRequest) as caught:
        rounds.cleared(pb)
    judged = rounds.judged(pb)
    assert not judged.valid
    found = {(f.code, f.path) for f in caught.value.findings}
    assert found == {(f.code, f.path) for f in judged.findings}
    return found


def test_all_faults_at_once() -> None:
    pb = rounds.golden()
    asked = pb.round
    asked.first_month, asked.months, asked.target_kwh = "2016-13", 3, -1
    asked.method = 9  # type: ignore[assignment]
    asked.captives.enterprise[1] = "alum"
    asked.captive_offers.boundary[2] = 7  # type: ignore[call-overload]
    asked.captive_offers.energy_kwh[3] = -5
    asked.captive_limits.area[0] = "nowhere"
    asked.areas.fleet[0] = 3
    asked.sites.area[4] = "xx"
    asked.site_offers.site[0] = "h9"
    assert refused(pb) >= {
        ("BAD_DATE", "round.first_month"), ("OUT_OF_RANGE", "round.target_kwh"), ("UNKNOWN_ENUM", "round.method"),
        ("DUPLICATE_ID", "round.captives.enterprise[1]"), ("UNKNOWN_ENUM", "round.captive_offers.boundary[2]"),
        ("OUT_OF_RANGE", "round.captive_offers.energy_kwh[3]"), ("UNKNOWN_ID", "round.captive_limits.area[0]"),
        ("OUT_OF_RANGE", "round.areas.fleet[0]"), ("UNKNOWN_ID", "round.sites.area[4]"),
        ("UNKNOWN_ID", "round.site_offers.site[0]"),
    }  # fmt: skip


def test_a_finding_names_the_offer_its_value_and_its_limit() -> None:
    pb = rounds.golden()
    pb.round.captive_offers.variation_milli[4] = 2_000_000
    (found,) = rounds.judged(pb).findings
    assert (found.code, found.subject, found.value) == ("OUT_OF_RANGE", "ester-1", "2000000")
    assert found.limit == "-1000000 to 1000000"


@pytest.mark.parametrize(
    ("field", "value", "path"),
    [
        ("months", 2, "round.months"),
        ("gate_ms", 0, "round.gate_ms"),
        ("base_price_milli", -1, "round.base_price_milli"),
    ],
)
def test_numbers_of_the_announcement(field: str, value: int, path: str) -> None:
    pb = rounds.golden()
    setattr(pb.round, field, value)
    assert ("OUT_OF_RANGE", path) in refused(pb)


def test_a_price_range_upside_down() -> None:
    pb = rounds.golden()
    pb.round.site_variation_min_milli, pb.round.site_variation_max_milli = 10, 9
    assert refused(pb) == {("OUT_OF_RANGE", "round.site_variation_max_milli")}


def test_what_the_price_mode_and_the_rules_read_must_be_there() -> None:
    pb = rounds.golden(price_mode=2)
    pb.round.captives.ClearField("transmission_price_milli")
    pb.round.sites.ClearField("on_grid_price_milli")
    pb.round.areas.ClearField("hours_milli")
    assert refused(pb) == {
        ("REQUIRED", "round.captives.transmission_price_milli"), ("REQUIRED", "round.sites.on_grid_price_milli"),
        ("REQUIRED", "round.areas.hours_milli"),
    }  # fmt: skip


def test_energy_beyond_what_can_be_counted_exactly() -> None:
    pb = rounds.golden()
    offers = pb.round.site_offers
    for number in range(20):
        offers.offer.append(f"big-{number}")
        offers.site.append("h1")
        offers.variation_milli.append(0)
        offers.energy_kwh.append(10**11)
        offers.submitted_ms.append(1)
    assert refused(pb) == {("TOO_LARGE", "round.site_offers.energy_kwh")}


def test_a_round_too_large_to_be_compared_is_refused_before_it_is_cleared() -> None:
    pb = rounds.golden()
    offers = pb.round.captive_offers
    for number in range(4_000):
        offers.offer.append(f"more-{number}")
        offers.enterprise.append("alum")
        offers.boundary.append(3)
        offers.variation_milli.append(0)
        offers.energy_kwh.append(100_000)
        offers.month_kwh.extend([100_000, 0, 0])
        offers.submitted_ms.append(1)
    assert rounds.cleared(pb).totals.energy_kwh == 7_100_000
    pb.compare = True
    with pytest.raises(InvalidRequest) as caught:
        rounds.cleared(pb)
    assert [(f.code, f.path, f.value) for f in caught.value.findings] == [("TOO_LARGE", "compare", "12054")]


def test_an_empty_round_is_refused_and_a_round_without_offers_clears_nothing() -> None:
    assert {path for _, path in refused(pb2.ClearSubstitutionRequest())} >= {
        "round.captives", "round.areas", "round.sites", "round.first_month"
    }  # fmt: skip
    pb = rounds.golden()
    pb.round.ClearField("captive_offers")
    pb.round.ClearField("site_offers")
    reply = rounds.cleared(pb)
    assert (reply.totals.energy_kwh, list(reply.totals.area_kwh)) == (0, [0, 0, 0, 0])
    assert reply.totals.standing == pb2.SUBSTITUTION_STANDING_CLEARED


def test_nothing_is_lost() -> None:
    """Every offer stands in a confirmation; cleared, cut and not pre-cleared add up to what was offered."""
    pb = rounds.golden()
    reply = rounds.cleared(pb)
    assert {offer for own in reply.captives for offer in own.offer} == set(pb.round.captive_offers.offer)
    pre = {offer: kwh for own in reply.captives for offer, kwh in zip(own.offer, own.pre_kwh, strict=True)}
    lost = dict.fromkeys(pre, 0)
    for offer, kwh in zip(reply.cuts.offer, reply.cuts.lost_kwh, strict=True):
        lost[offer] += kwh
    found = rounds.energy(reply)
    assert all(pre[offer] == found[offer] + lost[offer] for offer in pre)
