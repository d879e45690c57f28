"""The round of golden/README.md for each method and both price modes, to the last digit."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

import pytest

from clearing.v1 import substitution_pb2 as pb2
from tests.substitution import rounds
from tests.substitution.golden import reckoning

MARGINAL, HIGH_LOW, LOWEST, LISTING = range(1, 5)
FORWARD, TRANSMISSION = 1, 2
BY_HAND = {
    MARGINAL: reckoning.marginal,
    HIGH_LOW: reckoning.high_low,
    LOWEST: reckoning.lowest_price,
    LISTING: reckoning.listing,
}


@pytest.mark.parametrize("method", BY_HAND)
@pytest.mark.parametrize("mode", [FORWARD, TRANSMISSION])
def test_clause_2_4_2_prices_of_all_parties(method: int, mode: int) -> None:
    by_hand = BY_HAND[method]()
    price = reckoning.forward(by_hand) if mode == FORWARD else reckoning.transmission(by_hand)
    expected = {party: (*of, price[party]) for party, of in by_hand.items()}
    assert rounds.of_parties(rounds.cleared(rounds.golden(method, mode))) == expected


def test_the_worded_form_of_the_lowest_price() -> None:
    reply = rounds.cleared(rounds.setting(rounds.golden(LOWEST), "round.lowest_price", "worded"))
    expected = {party: (*of, reckoning.forward(reckoning.worded())[party]) for party, of in reckoning.worded().items()}
    assert rounds.of_parties(reply) == expected


def test_energy_of_areas_and_months_of_the_lowest_price() -> None:
    totals = rounds.cleared(rounds.golden(LOWEST)).totals
    assert list(totals.pre_boundary_kwh) == [3_000_000, 2_400_000, 3_600_000]
    assert list(totals.boundary_kwh) == [3_000_000, 2_400_000, 3_250_000]
    assert list(totals.month_kwh) == [3_113_334, 2_818_333, 2_718_333]
    assert list(totals.score_percent) == [20, -20, -20, -20, 20, 20, -20, 20, -20, 20, -20, 20]
    assert list(totals.coefficient) == [0.4, 0.3, 0.15, 0.15]
    assert list(totals.pre_area_kwh) == [4_000_000, 2_700_000, 2_400_000, 2_600_000]
    assert list(totals.area_kwh) == [3_376_109, 2_550_000, 1_361_946, 1_361_945]
    assert list(totals.area_most_kwh) == [3_376_109, 2_550_000, 2_250_000, 2_600_000]
    assert list(totals.area_held) == [pb2.SUBSTITUTION_HELD_NETWORK] + [pb2.SUBSTITUTION_HELD_OFFERS] * 3
    assert list(totals.area_held_month) == [1, -1, -1, -1]
    assert list(totals.ratio) == [0.084402725, 0.1275, 0.0907964, 0.1361945]
    exact = [Fraction(n * m, 8_650_000) for n in totals.area_kwh for m in totals.month_kwh]
    assert all(floor(x) <= kwh <= ceil(x) for kwh, x in zip(totals.area_month_kwh, exact, strict=True))
    assert [sum(totals.area_month_kwh[t::3]) for t in range(3)] == list(totals.month_kwh)
    assert [sum(totals.area_month_kwh[3 * a : 3 * a + 3]) for a in range(4)] == list(totals.area_kwh)


def test_every_cut_has_its_cause() -> None:
    cuts = rounds.cleared(rounds.golden(HIGH_LOW)).cuts
    limit, unmatched = pb2.SUBSTITUTION_CUT_CAUSE_LIMIT, pb2.SUBSTITUTION_CUT_CAUSE_UNMATCHED
    found = set(zip(cuts.offer, cuts.cause, cuts.limit, cuts.month, cuts.lost_kwh, strict=True))
    assert found == {
        ("alum-3", limit, 0, 0, 66_667), ("carbide-3", limit, 0, 0, 33_333), ("brine-3", limit, 0, 0, 225_000),
        ("ester-3", limit, 1, -1, 25_000), ("brine-3", unmatched, -1, -1, 450_000),
        ("ester-3", unmatched, -1, -1, 1_100_000),
    }  # fmt: skip


def test_the_listing_serves_earlier_cycles_first() -> None:
    reply = rounds.cleared(rounds.golden(LISTING))
    found = rounds.energy(reply)
    assert [found[f"{name}-3"] for name in ("alum", "brine", "carbide", "dye", "ester", "flux")] == [
        1_200_000, 345_000, 230_000, 900_000, 625_000, 250_000
    ]  # fmt: skip
    assert list(reply.totals.month_kwh) == [3_275_001, 2_858_333, 2_816_666]
    assert list(reply.totals.area_kwh) == [3_444_315, 2_550_000, 1_477_843, 1_477_842]


def test_months_of_an_offer_are_shared_by_largest_remainder() -> None:
    ester = rounds.cleared(rounds.golden(LOWEST)).captives[4]
    assert list(ester.boundary_month_kwh) == [100_000] * 3 + [200_000] * 3 + [513_334, 293_333, 293_333]
    assert (ester.substitution_kwh, ester.purchase_kwh) == (2_000_000, 1_000_000)


def test_what_the_rule_leaves_on_the_table() -> None:
    """Dearer offers than the pre-cleared ones could fill what limits cut: the form takes the whole target."""
    pb = rounds.golden(LOWEST)
    pb.compare = True
    optimum = rounds.cleared(pb).optimum
    assert (optimum.energy_kwh, optimum.left_kwh) == (9_000_000, 350_000)


def test_money_conserves_but_for_the_rounding_of_means() -> None:
    for method in BY_HAND:
        reply = rounds.cleared(rounds.golden(method))
        paid = sum(own.compensation_milli for own in reply.captives)
        got = sum(sum(own.compensation_milli) for own in reply.sites)
        assert reply.residual_milli == paid - got
        assert abs(reply.residual_milli) <= 0.001 * reply.totals.energy_kwh + 14
