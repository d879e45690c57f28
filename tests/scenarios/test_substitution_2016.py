"""The synthetic round of 2016: what its page says of it."""

from __future__ import annotations

from pathlib import Path

from clearing.v1 import substitution_pb2 as pb2
from scenarios.substitution_2016.make import make
from tests.substitution import rounds

PAGE = (Path(__file__).parents[2] / "scenarios" / "substitution_2016" / "README.md").read_text(encoding="utf-8")


def test_the_same_seed_gives_the_same_round() -> None:
    assert make() == make()
    assert make() != make(seed=2017)


def test_totals_are_those_of_the_page_and_plausible() -> None:
    """Published: about 6.0 TWh in 2016, 2.164 TWh by 29 June."""
    request = make()
    totals = rounds.cleared(request).totals
    half = sum(totals.month_kwh[:6])
    assert len(request.round.sites.site) == len(set(request.round.sites.owner)) == 180
    assert totals.standing == pb2.SUBSTITUTION_STANDING_CLEARED
    assert 5.4e9 < totals.energy_kwh < 6.6e9
    assert 0.8 * 2.164e9 < half < 1.2 * 2.164e9
    assert f"| {totals.energy_kwh / 1e9:.2f} | about 6.0 |" in PAGE
    assert f"| {half / 1e9:.2f} | 2.164" in PAGE
    assert f"| {totals.mean_variation_milli / 1000:.1f} |" in PAGE
    assert f"| {totals.untraded_kwh / 1e9:.2f} |" in PAGE
    assert 0.10 < min(totals.ratio) <= max(totals.ratio) < 0.20
