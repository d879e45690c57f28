"""Properties of random rounds. `python -m tests.substitution.test_round_properties 2000` proves them on more."""

from __future__ import annotations

import sys
from dataclasses import replace
from random import Random

import numpy as np
import pytest

from clearing.case.arrays import Ints
from clearing.rules.load import load
from clearing.rules.substitution_allocation import AllocationRules, Pools
from clearing.rules.substitution_round import (
    CutTies,
    OffersPer,
    RoundRules,
    ShareCaps,
    Short,
    SiteOffers,
    SortKey,
    Uncrossed,
)  # fmt: skip
from clearing.substitution import round_clear
from clearing.substitution import round_tables as tables
from clearing.substitution.round_captive import BOUNDARIES, Cause
from clearing.substitution.round_clear import Cleared, clear
from clearing.substitution.round_lp import optimise
from clearing.substitution.round_offers import Left
from clearing.substitution.round_prices import price
from tests.substitution.drawn_rounds import Shuffled, drawn, shuffled

MARKET = load("xinjiang", "", {}).market
IN_A_TEST, OF_LP = 300, 60


def drawn_rules(rng: Random) -> tuple[RoundRules, AllocationRules]:
    """Settings at random."""
    rules = replace(
        MARKET.substitution_round, offers_per=rng.choice(list(OffersPer)), fill_key=rng.choice(list(SortKey)),
        cut_key=rng.choice(list(SortKey)), cut_ties=rng.choice(list(CutTies)), short=rng.choice(list(Short)),
        short_of_boundaries=rng.choice(list(Short)), share_caps=rng.choice(list(ShareCaps)),
        site_offers=rng.choice(list(SiteOffers)), uncrossed=rng.choice(list(Uncrossed)),
    )  # fmt: skip
    return rules, replace(MARKET.substitution_allocation, pools=rng.choice(list(Pools)))


def check(seed: int, lp: bool) -> None:
    """All properties of one round."""
    rng = Random(seed)
    round_, (rules, allocation) = drawn(rng), drawn_rules(rng)
    found = clear(round_, rules, allocation)
    conserves(round_, found, rules)
    keeps_limits(round_, found)
    cuts_boundary_three_alone(round_, found, rules)
    serves_in_order(round_, found, rules)
    keeps_order(round_, found, rules)
    shares_equally(round_, found)
    prices_between(round_, found)
    order_is_irrelevant(round_, found, rules, allocation, shuffled(round_, rng))
    if lp:
        optimum = optimise(round_, found)
        assert optimum.energy_kwh >= int(found.area_kwh.sum())


def order_is_irrelevant(
    round_: tables.Round, found: Cleared, rules: RoundRules, allocation: AllocationRules, again: Shuffled
) -> None:
    """Rows of every table in another order: the same energy, months and prices."""
    other = clear(again.round_, rules, allocation)
    assert (other.captive_month_kwh == found.captive_month_kwh[again.captive_offers]).all()
    assert (other.site_offer_kwh == found.site_offer_kwh[again.site_offers]).all()
    assert (other.area_month_kwh == found.area_month_kwh[again.areas]).all()
    assert (other.caps.held == found.caps.held[again.areas]).all()
    there, here = price(again.round_, other, rules), price(round_, found, rules)
    assert (there.site.price_milli == here.site.price_milli[again.sites]).all()
    assert (there.composite_milli, there.residual_milli) == (here.composite_milli, here.residual_milli)


def conserves(round_: tables.Round, found: Cleared, rules: RoundRules) -> None:
    """N = M, by areas, sites, offers, months and pairs; money but for means to the thousandth; nothing above offers."""
    total = int(found.captive_month_kwh.sum())
    sums = (found.area_kwh, found.area_month_kwh, found.site_kwh, found.site_offer_kwh, found.pairs.energy_kwh)
    assert {int(each.sum()) for each in sums} == {total}
    assert (found.area_month_kwh.sum(axis=0) == found.captive_month_kwh.sum(axis=0)).all()
    assert (found.area_month_kwh.sum(axis=1) == found.area_kwh).all()
    assert (found.area_month_kwh >= 0).all()
    assert (found.captive_month_kwh >= 0).all()
    assert (found.captive_month_kwh <= np.where(found.captive_left == Left.NOT, 1, 0)[:, None]
            * round_.captive_offers.month_kwh).all()  # fmt: skip
    lost = np.zeros_like(found.captive_pre_kwh)
    for cut in found.cuts:
        lost[cut.offers] += cut.lost_kwh
    if found.standing == 1:
        assert (found.captive_pre_kwh - lost == found.captive_month_kwh.sum(axis=1)).all()
    prices = price(round_, found, rules)
    assert abs(prices.residual_milli) <= total // 1000 + len(round_.sites.area) + len(round_.captives.area)


def keeps_limits(round_: tables.Round, found: Cleared) -> None:
    """Areas, months, sites, offers, captive limits."""
    limit = round_.areas.most_kwh
    assert ((limit == tables.ALL) | (found.area_month_kwh <= limit)).all()
    assert (found.site_kwh <= found.limits.most_kwh).all()
    assert (found.site_offer_kwh <= np.where(found.site_left == Left.NOT, round_.site_offers.energy_kwh, 0)).all()
    party, offers = round_.captives, round_.captive_offers
    for k in range(len(round_.limits.area)):
        area, fleet, month = (int(getattr(round_.limits, name)[k]) for name in ("area", "fleet", "month"))
        own = ((party.area[offers.party] == area) | (area == -1)) & (
            (party.fleet[offers.party] == fleet) | (fleet == -1)
        )
        energy = found.captive_month_kwh[own] if month == -1 else found.captive_month_kwh[own][:, month]
        assert k in found.above or energy.sum() <= round_.limits.most_kwh[k]


def cuts_boundary_three_alone(round_: tables.Round, found: Cleared, rules: RoundRules) -> None:
    """A limit cuts boundary 3; so does a lack of new energy, unless the settings say otherwise."""
    for cut in found.cuts:
        third = (round_.captive_offers.boundary[cut.offers] == BOUNDARIES).all()
        assert third or cut.cause is Cause.UNMATCHED or (
            cut.cause is Cause.NEW_ENERGY_SHORT and rules.short_of_boundaries is Short.CUT
        )  # fmt: skip
    kept = round_.captive_offers.boundary != BOUNDARIES
    assert (
        found.captive_pre_kwh[kept] == np.where(found.captive_left == 0, round_.captive_offers.energy_kwh, 0)[kept]
    ).all()


def serves_in_order(round_: tables.Round, found: Cleared, rules: RoundRules) -> None:
    """Boundary 3 pre-cleared: whoever has less is never served a greater share, equals to the unit."""
    offers = round_.captive_offers
    own = np.flatnonzero((offers.boundary == BOUNDARIES) & (found.captive_left == Left.NOT))
    key = order_key(round_, rules)
    got, offered = found.captive_pre_kwh, offers.energy_kwh
    for a in own.tolist():
        for b in own.tolist():
            if key[a] < key[b]:
                assert got[a] == offered[a] or got[b] == 0
            elif key[a] == key[b]:
                assert abs(int(got[a]) * int(offered[b]) - int(got[b]) * int(offered[a])) <= max(offered[a], offered[b])


def keeps_order(round_: tables.Round, found: Cleared, rules: RoundRules) -> None:
    """Inside an area, boundary 3 cleared: an offer earlier in the order is never served less. Where limits of single
    fleets or months cut, or pairs do not cross, the order is that of another group; ties by class have their own."""
    limits = round_.limits
    partial = (limits.fleet != tables.ALL) | (limits.month != tables.ALL)
    if rules.fill_key is not rules.cut_key or rules.cut_ties is not CutTies.PRO_RATA:
        return
    if any(cut.cause is Cause.UNMATCHED or (cut.cause is Cause.LIMIT and partial[cut.limit]) for cut in found.cuts):
        return
    offers = round_.captive_offers
    own = np.flatnonzero((offers.boundary == BOUNDARIES) & (found.captive_left == Left.NOT))
    key, area = order_key(round_, rules), round_.captives.area[offers.party]
    got = found.captive_month_kwh.sum(axis=1)
    for a in own.tolist():
        for b in own[(area[own] == area[a]) & (key[own] > key[a])].tolist():
            assert got[a] == offers.energy_kwh[a] or got[b] == 0


def order_key(round_: tables.Round, rules: RoundRules) -> Ints:
    """What the rule's own order goes by."""
    offers = round_.captive_offers
    if round_.terms.method is tables.Method.LISTING:
        return (offers.submitted_ms - round_.terms.opens_ms) // max(round_.terms.cycle_ms, 1)
    return offers.variation_milli if rules.fill_key is SortKey.SIGNED else np.abs(offers.variation_milli)


def shares_equally(round_: tables.Round, found: Cleared) -> None:
    """Sites of an area that nothing holds have one ratio to the unit; where all pairs cross and nobody was earlier."""
    if round_.terms.method is tables.Method.LISTING or found.untraded_kwh:
        return
    free = found.site_kwh < found.limits.most_kwh
    for a in np.flatnonzero(free).tolist():
        for b in np.flatnonzero(free & (round_.sites.area == round_.sites.area[a])).tolist():
            pre = found.limits.pre_kwh
            apart = abs(int(found.site_kwh[a]) * int(pre[b]) - int(found.site_kwh[b]) * int(pre[a]))
            assert apart <= max(int(pre[a]), int(pre[b]))


def prices_between(round_: tables.Round, found: Cleared) -> None:
    """Every pair that crosses pays no less than was asked and no more than was bid."""
    sell = round_.captive_offers.variation_milli[found.pairs.seller]
    buy = round_.site_offers.variation_milli[found.pairs.buyer]
    inside = (sell <= found.pair_milli) & (found.pair_milli <= buy)
    assert (inside | ~found.pairs.crossed).all()
    if round_.terms.method is tables.Method.MARGINAL and len(sell):
        assert len(set(found.pair_milli.tolist())) == 1


def test_properties_of_random_rounds() -> None:
    for seed in range(IN_A_TEST):
        check(seed, lp=seed < OF_LP)


def test_cuts_that_double_keep_the_properties(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(round_clear, "PATIENCE", 0)
    for seed in range(100):
        check(seed, lp=False)


if __name__ == "__main__":
    COUNT = int(sys.argv[1])
    for number in range(COUNT):
        check(number, lp=True)
    print(f"{COUNT} rounds hold")
