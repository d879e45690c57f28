"""The page of a round of substitution trading: its figures are those of the reply, whatever its parties are called."""

from __future__ import annotations

import json
from typing import Any

import pytest

from clearing.report.figures import substitution as figures
from clearing.report.substitution import render
from clearing.v1 import substitution_pb2 as pb2
from clearing.wire import plain
from tests.report.test_html import HOSTILE, Page
from tests.substitution import rounds as of_rounds

Tree = dict[str, Any]


def trees(pb: pb2.ClearSubstitutionRequest) -> tuple[Tree, Tree]:
    """A round and its reply as the page takes them."""
    return plain.tree(pb)["round"], plain.tree(of_rounds.cleared(pb))


def rounds() -> list[tuple[Tree, Tree]]:
    """Cleared by every method, compared, held again for lack of new energy, with offers left out."""
    made = [of_rounds.golden(method) for method in (1, 2, 3, 4)]
    made[1].compare = True
    made[3].round.listed_variation_milli = 3000
    late = of_rounds.golden()
    late.round.gate_ms = 1
    short = of_rounds.golden()
    del short.round.site_offers.energy_kwh[:]
    short.round.site_offers.energy_kwh.extend([0] * len(short.round.site_offers.offer))
    return [trees(pb) for pb in (*made, late, short)]


def test_tables_hold_what_the_golden_round_says_by_hand() -> None:
    asked, reply = trees(of_rounds.golden())
    page = render(asked, reply, (("Annexes", "annexes.html"),))
    text = Page(page).text
    assert 'href="annexes.html"' in page
    for figure in ("7,100.000", "5.263", "78.9 %", "2,454.699", "1,133.333", "417,097.598", "66.667", "1,550.000"):
        assert figure in text, figure
    assert "north: 1,600.000 MWh" in text
    assert "已出清" in text


def test_curves_are_the_offers_in_the_order_of_the_method() -> None:
    asked, reply = trees(of_rounds.golden())
    buys, sells = figures.offer_plot(asked, reply).traces
    total = sum(own["pre_kwh"][k] for own in reply["captives"] for k in range(len(own["pre_kwh"]))) / 1000
    assert buys["x"][-1] == pytest.approx(total)  # type: ignore[index]
    assert list(buys["y"]) == sorted(buys["y"], reverse=True)  # type: ignore[arg-type, type-var]
    assert list(sells["y"]) == sorted(sells["y"])  # type: ignore[arg-type, type-var]
    lowest = figures.offer_plot(*trees(of_rounds.golden(pb2.SUBSTITUTION_METHOD_LOWEST_PRICE))).traces[0]
    assert list(lowest["y"]) == sorted(lowest["y"])  # type: ignore[arg-type, type-var]


def test_months_and_areas_add_up_to_what_was_cleared() -> None:
    for asked, reply in rounds():
        energy = reply["totals"]["energy_kwh"] / 1000
        months, areas = figures.month_plot(asked, reply), figures.area_plot(reply)
        assert sum(sum(trace["y"]) for trace in months.traces) == pytest.approx(energy, abs=1e-2)  # type: ignore[arg-type]
        assert sum(areas.traces[2]["y"]) == pytest.approx(energy, abs=1e-2)  # type: ignore[arg-type]


def test_a_round_that_is_held_again_says_so_first() -> None:
    asked, reply = rounds()[-1]
    assert reply["totals"]["standing"] == "SUBSTITUTION_STANDING_HOLD_AGAIN"
    text = Page(render(asked, reply)).text
    assert "to be held again" in text
    assert "New energy is short" in text


def test_names_are_text_wherever_they_stand() -> None:
    pb = of_rounds.golden()
    for ids in (pb.round.captives.enterprise, pb.round.sites.site, pb.round.sites.owner, pb.round.areas.area):
        old = list(ids)
        for place, hostile in zip(range(len(old)), HOSTILE, strict=False):
            ids[place] = f"{hostile}{place}"
        new = dict(zip(old, ids, strict=True))
        for refers in (pb.round.captive_offers.enterprise, pb.round.site_offers.site, pb.round.sites.area):
            for place, name in enumerate(refers):
                refers[place] = new.get(name, name)
    page = render(*trees(pb))
    seen = Page(page)
    assert seen.tags["img"] == 0
    assert seen.unclosed == []
    assert len([1 for kind, _ in seen.scripts if kind == ""]) == 2
    for kind, text in seen.scripts:
        if kind == "application/json":
            json.loads(text)
