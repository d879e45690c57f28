"""Clauses of a round, each by a change of the golden round whose effect is worked out beside it."""

from __future__ import annotations

import pytest

from clearing.v1 import substitution_pb2 as pb2
from tests.substitution import rounds

MARGINAL, HIGH_LOW, LOWEST, LISTING = range(1, 5)


def left(pb: pb2.ClearSubstitutionRequest) -> dict[str, tuple[str, str]]:
    """Offer left out → why, clause."""
    found = [f for f in rounds.judged(pb).findings if f.code == "OFFER_LEFT_OUT"]
    assert {f.subject for f in rounds.cleared(pb).findings if f.code == "OFFER_LEFT_OUT"} == {f.subject for f in found}
    return {f.subject: (f.value, f.clause) for f in found}


def free(method: int = LOWEST) -> pb2.ClearSubstitutionRequest:
    """The golden round without limits."""
    pb = rounds.golden(method)
    pb.round.ClearField("captive_limits")
    pb.round.areas.ClearField("most_kwh")
    return pb


def row(names: object, name: str) -> int:
    """Row of an id."""
    return list(names).index(name)  # type: ignore[call-overload, no-any-return]


def test_clause_2_4_1_full_purchase_is_not_in_the_round() -> None:
    pb = rounds.golden()
    pb.round.captives.admission.extend([1, 9, 1, 1, 1, 1])
    assert left(pb) == {f"brine-{k}": ("FULL_PURCHASE", "2.4.1") for k in (1, 2, 3)}
    assert "brine" not in rounds.of_parties(rounds.cleared(pb))


@pytest.mark.parametrize(("admission", "clause"), [(6, "2.2.2"), (7, "2.2.2"), (10, "2.2.3.1"), (11, "2.3.1")])
def test_clause_2_2_2_who_is_not_admitted_is_left_out(admission: int, clause: str) -> None:
    pb = rounds.golden()
    pb.round.captives.admission.extend([1, 1, 1, 1, 1, admission])
    assert {f"flux-{k}" for k in (1, 2, 3)} == set(left(pb))
    assert left(pb)["flux-1"][1] == clause
    pb = rounds.golden()
    pb.round.sites.admission.extend([1, 1, 1, 1, 1, 1, 1, 2])
    assert left(pb) == {f"k2-{k}": ("NO_LICENCE", "2.2.2") for k in (1, 2)}


def test_clause_2_4_2_1_forward_prices_are_own_price_less_base_and_variation() -> None:
    found = rounds.of_parties(rounds.cleared(rounds.golden(MARGINAL)))
    assert found["alum"][2] == 380_000 - 200_000 - 5_000
    assert found["h1"][2] == 510_000 - 200_000 - 5_000


def test_clause_2_4_2_2_transmission_prices_add_fee_and_funds_to_the_composite() -> None:
    """Composite of equal variations: Σ price · energy / Σ energy − 205; 250 for 6,004.699, 262 for 2,095.301 MWh."""
    pb = rounds.golden(MARGINAL, 2)
    composite = round((250_000 * 5_004_699 + 262_000 * 2_095_301) / 7_100_000) - 205_000
    assert rounds.of_parties(rounds.cleared(pb))["alum"][2] == composite + 120_000 + 27_000
    free_ = rounds.setting(rounds.golden(MARGINAL, 2), "round.transmission_fee", "not_charged")
    assert rounds.of_parties(rounds.cleared(free_))["alum"][2] == composite + 27_000
    lossy = rounds.setting(rounds.golden(MARGINAL, 2), "round.losses", "charged")
    assert rounds.of_parties(rounds.cleared(lossy))["alum"][2] == composite + 120_000 + 27_000 + 9_000


def test_clause_3_1_1_spinning_reserve_stays_within_thirty_percent_of_capacity() -> None:
    """0.3 · 750 kW · 744 h = 167,400 kWh < 200,000 a month; with 1,000 kW 223,200 are enough."""
    pb = rounds.golden()
    pb.round.captives.capacity_kw.extend([750, *[1_000] * 5])
    assert left(pb) == {"alum-2": ("SPINNING_SHARE", "3.1.1")}


def test_clause_3_1_2_1_at_most_three_offers_one_a_boundary() -> None:
    pb = rounds.golden()
    pb.round.captive_offers.boundary[1] = 2  # brine-1 (1.0) becomes a second one of boundary 2 beside brine-2 (0.5)
    assert left(pb) == {"brine-1": ("TOO_MANY", "3.1.2.1")}
    assert left(rounds.setting(pb, "round.offers_per", "boundary")) == {}


def test_clause_3_1_2_1_sites_have_three_offers_the_lowest_bid_goes() -> None:
    pb = rounds.golden()
    offers = pb.round.site_offers
    for number in (3, 4):
        offers.offer.append(f"h1-{number}")
        offers.site.append("h1")
        offers.variation_milli.append(3_000)
        offers.energy_kwh.append(10_000)
        offers.submitted_ms.append(60)
    assert left(pb) == {"h1-2": ("TOO_MANY", "3.1.2.1")}


def test_clause_3_1_2_1_months_add_up_to_the_energy() -> None:
    pb = rounds.golden()
    pb.round.captive_offers.month_kwh[0] += 1
    assert left(pb) == {"alum-1": ("MONTHS", "3.1.2.1")}


def test_clause_3_1_2_2_beyond_the_price_limit_an_offer_is_unqualified() -> None:
    pb = rounds.golden()
    pb.round.captive_variation_max_milli, pb.round.site_variation_min_milli = 8_000, 2_000
    assert left(pb) == {"flux-3": ("PRICE_LIMIT", "3.1.2.2")}
    pb.round.site_variation_min_milli = 2_001
    assert set(left(pb)) == {"flux-3", "h1-2"}


def test_clause_3_1_2_3_energy_and_price_come_in_steps() -> None:
    pb = rounds.golden()
    pb.round.captive_offers.energy_kwh[0], pb.round.captive_offers.month_kwh[0] = 300_001, 100_001
    pb.round.captive_offers.variation_milli[1] = 1_050
    pb.round.site_offers.energy_kwh[0] = 5_000
    assert left(pb) == {
        "alum-1": ("ENERGY_STEP", "3.1.2.3"), "brine-1": ("PRICE_STEP", "3.1.2.3"), "h1-1": ("ENERGY_STEP", "3.1.2.3")
    }  # fmt: skip


def test_clause_3_1_2_3_half_the_hours_cap_a_site() -> None:
    """h1: 10 MW · 500 h / 2 = 2,500 of 3,000 MWh offered; by forecast of 400 h 2,000."""
    north = rounds.cleared(rounds.golden()).sites[0]
    assert (north.offered_kwh[0], north.pre_kwh[0], north.held[0]) == (3_000_000, 2_500_000, 1)
    pb = rounds.setting(rounds.golden(), "round.hours", "forecast")
    pb.round.areas.forecast_hours_milli.extend([400_000] * 4)
    assert rounds.cleared(pb).sites[0].pre_kwh[0] == 2_000_000


def test_clause_5_4_3_half_the_capability_by_setting() -> None:
    pb = rounds.setting(rounds.golden(), "round.hours", "capability")
    pb.round.sites.capability_kwh.extend([4_400_000, *[-1] * 7])
    assert list(rounds.cleared(pb).sites[0].pre_kwh) == [2_200_000, 1_500_000]


def test_clause_5_4_5_the_last_submission_before_the_gate_counts() -> None:
    pb = rounds.golden()
    pb.round.captive_offers.submitted_ms[0] = 40  # alum-2 and alum-3 came later
    pb.round.site_offers.submitted_ms[2] = 101  # h2-1, its only one, after the gate
    assert left(pb) == {"alum-1": ("SUPERSEDED", "5.4.5"), "h2-1": ("AFTER_GATE", "5.4.5")}


def test_clause_3_1_3_2_a_listing_has_one_price() -> None:
    pb = rounds.golden(LISTING)
    pb.round.site_offers.variation_milli[0] = 900
    assert left(pb) == {"h1-1": ("NOT_LISTED_PRICE", "3.1.3.2")}
    assert {variation for _, variation, _ in rounds.of_parties(rounds.cleared(pb)).values()} == {1_000}


def test_clause_3_1_4_2_boundaries_one_and_two_first_then_three_by_price() -> None:
    """Target 9,000 − 5,400 = 3,600: 1,800 at 4.0, and of 2,400 at 6.0 the rest in proportion 900 : 1,500."""
    found = rounds.energy(rounds.cleared(free()))
    assert [found[f"{name}-3"] for name in ("alum", "carbide", "brine", "ester", "dye", "flux")] == [
        1_200_000, 600_000, 675_000, 1_125_000, 0, 0
    ]  # fmt: skip


def test_clause_3_1_4_2_all_of_one_and_two_may_exceed_the_target() -> None:
    pb = free()
    pb.round.target_kwh = 1_000_000
    assert list(rounds.cleared(pb).totals.boundary_kwh) == [3_000_000, 2_400_000, 0]


def test_clause_3_1_4_2_absolute_variation_by_setting() -> None:
    """flux-3 at −10 comes first by its sign, last by its absolute value."""
    pb = free()
    pb.round.captive_offers.variation_milli[17] = -10_000
    assert rounds.energy(rounds.cleared(pb))["flux-3"] == 600_000
    assert rounds.energy(rounds.cleared(rounds.setting(pb, "round.fill_key", "absolute")))["flux-3"] == 0


def test_clause_3_1_4_3_more_new_energy_than_captive_stands_until_it_is_cut_to_m() -> None:
    totals = rounds.cleared(free()).totals
    assert sum(totals.pre_area_kwh) == 11_700_000
    assert totals.energy_kwh == sum(totals.area_kwh) == 9_000_000


def short(*sites: str) -> pb2.ClearSubstitutionRequest:
    """Only the offers of these sites stand."""
    pb = free()
    pb.round.sites.admission.extend(1 if site in sites else 2 for site in pb.round.sites.site)
    return pb


def test_clause_3_1_4_3_less_new_energy_cuts_boundary_three() -> None:
    """4,000 + 1,050 + 1,350 = 6,400 MWh: 5,400 of boundaries 1 and 2, 1,000 of 3: alum and carbide share 2 : 1."""
    reply = rounds.cleared(rounds.setting(short("h1", "h2", "t2", "v1"), "round.uncrossed", "volumes_stand"))
    assert list(reply.totals.boundary_kwh) == [3_000_000, 2_400_000, 1_000_000]
    found = rounds.energy(reply)
    assert (found["alum-3"], found["carbide-3"], found["brine-3"]) == (666_667, 333_333, 0)
    assert set(reply.cuts.cause) == {pb2.SUBSTITUTION_CUT_CAUSE_NEW_ENERGY_SHORT}


def test_clause_3_1_4_3_or_the_round_is_held_again() -> None:
    reply = rounds.cleared(rounds.setting(short("h1", "h2", "t2", "v1"), "round.short", "hold_again"))
    assert reply.totals.standing == pb2.SUBSTITUTION_STANDING_HOLD_AGAIN
    assert (reply.totals.energy_kwh, reply.totals.short_kwh) == (0, 2_600_000)


def test_clause_3_1_4_3_less_than_boundaries_one_and_two() -> None:
    """4,000 MWh: hold again; by setting boundary 2 goes first, then 1 in proportion, so 1,000 stay."""
    pb = short("h1", "h2")
    assert rounds.cleared(pb).totals.standing == pb2.SUBSTITUTION_STANDING_HOLD_AGAIN
    assert "HOLD_AGAIN" in {f.code for f in rounds.cleared(pb).findings}
    rounds.setting(rounds.setting(pb, "round.short_of_boundaries", "cut"), "round.uncrossed", "volumes_stand")
    reply = rounds.cleared(pb)
    assert list(reply.totals.boundary_kwh) == [3_000_000, 1_000_000, 0]
    assert rounds.energy(reply)["alum-2"] == 250_000


def test_clause_3_1_4_6_limits_cut_boundary_three_alone() -> None:
    """A limit of 700 in the north's first month: 400 + 400 of boundaries 1 and 2 stay, all of boundary 3 goes."""
    pb = rounds.golden(LOWEST)
    pb.round.captive_limits.most_kwh[0] = 700_000
    reply = rounds.cleared(pb)
    assert [reply.captives[k].boundary_month_kwh[6] for k in range(3)] == [0, 0, 0]
    assert list(reply.totals.boundary_kwh[:2]) == [3_000_000, 2_400_000]
    assert [(f.code, f.clause) for f in reply.findings] == [("LIMIT_ABOVE_BOUNDARIES", "3.1.4.6")]


def test_clause_3_1_4_6_equal_variations_by_environmental_class() -> None:
    """325 MWh: brine's 225 at 6.0, then 100 of carbide (class 2) alone instead of alum and carbide in proportion."""
    pb = rounds.setting(rounds.golden(LOWEST), "round.cut_ties", "environmental_class")
    pb.round.captives.environmental_class.extend([1, 1, 2, 1, 1, 1])
    found = rounds.energy(rounds.cleared(pb))
    assert (found["alum-3"], found["carbide-3"], found["brine-3"]) == (1_200_000, 500_000, 450_000)


def test_clause_3_1_4_6_absolute_variation_cuts_first_by_setting() -> None:
    """carbide-3 at −7 is filled first and cut first by its absolute value."""
    pb = rounds.golden(LOWEST)
    pb.round.captive_offers.variation_milli[14] = -7_000
    plain, absolute = rounds.cleared(pb), rounds.cleared(rounds.setting(pb, "round.cut_key", "absolute"))
    assert rounds.energy(plain)["carbide-3"] == 600_000
    assert rounds.energy(absolute)["carbide-3"] == 300_000


def test_clause_3_1_4_6_w1_is_take_less_substitution() -> None:
    alum = rounds.cleared(rounds.golden(LOWEST)).captives[0]
    assert (alum.substitution_kwh, alum.purchase_kwh) == (2_033_333, 4_000_000 - 2_033_333)


def test_clause_3_1_4_7_what_a_limited_area_loses_the_others_gain_in_proportion() -> None:
    """Free: 0.4, 0.3, 0.15, 0.15 of 9,000, ws held at 2,550. With wn held the rest goes half and half."""
    assert list(rounds.cleared(free()).totals.area_kwh) == [3_685_714, 2_550_000, 1_382_143, 1_382_143]
    assert list(rounds.cleared(rounds.golden(LOWEST)).totals.area_kwh) == [3_376_109, 2_550_000, 1_361_946, 1_361_945]


def test_clause_3_1_4_7_thirty_percent_of_the_year_and_forty_five_of_the_period() -> None:
    """t2: 30 % of 3,500 = 1,050; v1: 45 % of 3,000 = 1,350, 30 % of 5,000 = 1,500."""
    found = {}
    for caps in ("both", "year", "period", "either"):
        reply = rounds.cleared(rounds.setting(rounds.golden(), "round.share_caps", caps))
        found[caps] = (reply.sites[1].most_kwh[1], reply.sites[2].most_kwh[0])
    assert found["both"] == (1_050_000, 1_350_000)
    assert found["year"] == (1_050_000, 1_500_000)
    assert found["period"] == (1_200_000, 1_350_000)
    assert found["either"] == (1_200_000, 1_500_000)


def test_clause_3_1_4_7_coefficients_and_pools() -> None:
    """Two pools: wind 60/85, PV 25/85 of 9,000 MWh; wind 2,550 held, PV 8 : … by 80 · 15 = 120 · 10."""
    reply = rounds.cleared(rounds.setting(free(), "allocation.pools", "fleets"))
    wind = round(9_000_000 * 60 / 85)
    assert sum(reply.totals.area_kwh[:2]) == wind
    assert abs(reply.totals.area_kwh[2] - reply.totals.area_kwh[3]) <= 1


def test_clause_3_1_4_8_inside_an_area_in_proportion_to_offers() -> None:
    """wn: 3,376,109 over 2,500 : 1,500."""
    north = rounds.cleared(rounds.golden(LOWEST)).sites[0]
    assert list(north.cleared_kwh) == [2_110_068, 1_266_041]


def test_clause_3_1_5_2_wind_and_pv_areas_are_apart() -> None:
    """Scores are of the own fleet: both fleets have a +20 and a −20 of capacity."""
    scores = rounds.cleared(rounds.golden()).totals.score_percent
    assert list(scores[0::3]) == [20, -20, -20, 20]


def test_clause_8_3_5_months_keep_both_margins() -> None:
    totals = rounds.cleared(rounds.golden(LOWEST)).totals
    cells = [list(totals.area_month_kwh[3 * k : 3 * k + 3]) for k in range(4)]
    assert [sum(cell) for cell in cells] == list(totals.area_kwh)
    assert [sum(column) for column in zip(*cells, strict=True)] == list(totals.month_kwh)
    assert cells[0][1] <= 1_100_000


def test_uncrossed_pairs_trade_where_the_setting_says_so() -> None:
    reply = rounds.cleared(rounds.setting(rounds.golden(HIGH_LOW), "round.uncrossed", "volumes_stand"))
    assert (reply.totals.energy_kwh, reply.totals.untraded_kwh) == (8_650_000, 0)
    assert rounds.cleared(rounds.golden(HIGH_LOW)).totals.untraded_kwh == 1_550_000


def test_offers_of_a_site_in_proportion_by_setting() -> None:
    """h1: 2,110.068 MWh are 2,000 at 5.0 and the rest at 2.0; in proportion 1,687.8 (2,000 of 2,500) and 422.2, so k2,
    703.4 at 11 turned into 523.8 at 11 and 209.5 at 3.5, pays less."""
    plain = rounds.of_parties(rounds.cleared(rounds.golden(LOWEST)))
    shared = rounds.of_parties(rounds.cleared(rounds.setting(rounds.golden(LOWEST), "round.site_offers", "pro_rata")))
    assert shared["k2"][1] < plain["k2"][1] == 8_250
    assert shared["k2"][0] == plain["k2"][0]


def test_a_month_scores_the_change_of_curtailment() -> None:
    pb = free()
    pb.round.period, pb.round.months = pb2.SUBSTITUTION_PERIOD_MONTH, 1
    offers = pb.round.captive_offers
    offers.month_kwh[:] = list(offers.energy_kwh)
    pb.round.areas.previous_peak_curtailed_kwh.extend([28_000_000, 2_000_000, 9_000_000, 750_000])
    assert list(rounds.cleared(pb).totals.score_percent)[2::3] == [20, -20, 20, -20]
